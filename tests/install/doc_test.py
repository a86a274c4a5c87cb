#!/usr/bin/env python3
"""docs/your-own-job.md shows the program that the install test builds, word for word."""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def main():
    document = read("docs/your-own-job.md")
    blocks = dict(re.findall(r"```(\w+)\n(.*?)```", document, re.DOTALL))
    status = 0
    if blocks.get("cpp") != read("tests/install/user/my_jobs.cc"):
        print("docs/your-own-job.md: its program is not tests/install/user/my_jobs.cc; copy that file")
        status = 1
    if blocks.get("cmake", "?").strip() not in read("tests/install/user/CMakeLists.txt"):
        print("docs/your-own-job.md: its target is not in tests/install/user/CMakeLists.txt; copy it")
        status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
