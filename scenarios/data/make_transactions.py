#!/usr/bin/env python3
"""Writes transactions.jsonl: a month of card and bank transactions of some households, the same bytes every time.

    ./make_transactions.py > transactions.jsonl
"""
import json

LINES = 4000
ACCOUNTS = 180
KINDS = [  # name, least and greatest amount in cents, weight
    ("groceries", -14000, -350, 30),
    ("restaurant", -9000, -700, 14),
    ("transport", -4500, -120, 16),
    ("utilities", -22000, -2500, 4),
    ("rent", -165000, -48000, 2),
    ("books", -6000, -500, 5),
    ("refund", 400, 12000, 4),
    ("transfer-out", -90000, -1000, 7),
    ("transfer-in", 1000, 90000, 7),
    ("salary", 140000, 520000, 3),
    ("interest", 1, 1800, 2),
    ("cash", -40000, -1000, 6),
]


class Draw:
    """A 64-bit linear congruential generator: no library whose sequence may change."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound

    def between(self, low, high):
        return low + self.below(high - low + 1)


def main():
    draw = Draw(20240301)
    deck = [kind for kind in KINDS for _ in range(kind[3])]
    second = 0
    for number in range(1, LINES + 1):
        # A few households are busy, many are quiet: the lesser of three draws.
        account = min(draw.below(ACCOUNTS) for _ in range(3))
        kind, low, high, _ = deck[draw.below(len(deck))]
        second += draw.between(0, 1340)
        day, rest = divmod(second, 86400)
        time = "2024-03-%02dT%02d:%02d:%02dZ" % (1 + day % 31, rest // 3600, rest // 60 % 60, rest % 60)
        line = {"id": number, "account": "H%03d-%d" % (account // 3, account % 3), "amount": draw.between(low, high),
                "kind": kind, "time": time}
        print(json.dumps(line, separators=(",", ":")))


if __name__ == "__main__":
    main()
