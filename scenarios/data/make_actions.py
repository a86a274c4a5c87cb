#!/usr/bin/env python3
"""Writes actions.jsonl: what the customers of a shop did on one day, the same bytes every time.

    ./make_actions.py > actions.jsonl

A customer goes on from what they did last; now and then somebody takes over an account (patterns.jsonl knows the signs).
"""
import json

LINES = 1500
USERS = 90
NEXT = {  # what follows, with weights
    "log-out": [("log-in", 1)],
    "log-in": [("browse", 8), ("fill-basket", 2), ("log-out", 1)],
    "browse": [("browse", 5), ("fill-basket", 4), ("log-out", 2)],
    "fill-basket": [("browse", 4), ("pay", 4), ("fill-basket", 2), ("log-out", 1)],
    "pay": [("log-out", 5), ("browse", 3), ("refund", 1)],
    "refund": [("log-out", 2), ("browse", 1)],
    "log-in-failed": [("log-in-failed", 3), ("log-in", 2)],
    "change-password": [("change-address", 3), ("log-out", 2)],
    "change-address": [("pay", 3), ("fill-basket", 2)],
}
TAKEN_OVER = ["log-in-failed", "change-password", "refund"]


class Draw:
    """A 64-bit linear congruential generator: no library whose sequence may change."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound


def main():
    draw = Draw(20240527)
    last = {}
    second = 0
    for _ in range(LINES):
        user = 1001 + min(draw.below(USERS), draw.below(USERS))
        if draw.below(25) == 0:
            name = TAKEN_OVER[draw.below(len(TAKEN_OVER))]
        else:
            deck = [name for name, weight in NEXT[last.get(user, "log-out")] for _ in range(weight)]
            name = deck[draw.below(len(deck))]
        last[user] = name
        second += draw.below(110)
        time = "2024-05-27T%02d:%02d:%02dZ" % (second // 3600 % 24, second // 60 % 60, second % 60)
        print(json.dumps({"user_id": user, "name": name, "time": time}, separators=(",", ":")))


if __name__ == "__main__":
    main()
