#!/usr/bin/env python3
"""corpus_test.py WEIR: every plan of the corpus holds."""
import glob
import os
import subprocess
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))


def main(weir):
    plans = sorted(glob.glob(os.path.join(FOLDER, "*.json")))
    with open(os.path.join(FOLDER, "README.md"), encoding="utf-8") as file:
        index = file.read()
    failed = not plans
    for plan in plans:
        name = os.path.splitext(os.path.basename(plan))[0]
        if f"`{name}`" not in index:
            print(f"{name}: README.md does not say what went wrong")
            failed = True
        ended = subprocess.run([weir, "replay", "--plan", plan], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        print(f"{name}: status {ended.returncode}")
        if ended.returncode != 0:
            print(ended.stdout[-8000:])
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
