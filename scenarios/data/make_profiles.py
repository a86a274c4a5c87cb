#!/usr/bin/env python3
"""Writes profiles.jsonl: who holds the accounts of transactions.jsonl, but for some of whom nothing is known.

    ./make_profiles.py > profiles.jsonl
"""
import json

SEGMENTS = ["private", "private", "private", "student", "business", "premium"]


def main():
    for account in range(0, 180):
        household, member = divmod(account, 3)
        if household % 12 == 11:
            continue
        line = {"account": "H%03d-%d" % (household, member), "segment": SEGMENTS[(household * 7 + member) % len(SEGMENTS)]}
        print(json.dumps(line, separators=(",", ":")))


if __name__ == "__main__":
    main()
