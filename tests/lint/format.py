#!/usr/bin/env python3
"""format.py [--fix] [ROOT]: every source is as clang-format 14 writes it; --fix (`./dev format`) makes it so."""
import concurrent.futures
import os
import shutil
import subprocess
import sys

import source

PROGRAM = shutil.which("clang-format-14") or shutil.which("clang-format")


def formatted(root, path):
    return subprocess.run([PROGRAM, f"--assume-filename={path}"], cwd=root, input=source.read(root, path),
                          capture_output=True, text=True, check=True).stdout


def first_difference(before, after):
    pairs = zip(before.splitlines() + [None], after.splitlines() + [None])
    return next((number for number, (b, a) in enumerate(pairs, 1) if b != a), 1)


def check(root, fix):
    paths = source.files(root)
    findings = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, after in zip(paths, pool.map(lambda p: formatted(root, p), paths)):
            before = source.read(root, path)
            if before == after:
                continue
            findings.append(f"{path}:{first_difference(before, after)}: format: "
                            + ("rewritten" if fix else "not as clang-format writes it; ./dev format does"))
            if fix:
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(after)
    return findings


def main():
    arguments = [a for a in sys.argv[1:] if a != "--fix"]
    fix = "--fix" in sys.argv
    if PROGRAM is None:
        print("format: no clang-format; ./dev setup installs it")
        return 1
    status = source.finish("format", check(os.path.abspath(arguments[0] if arguments else "."), fix))
    return 0 if fix else status


if __name__ == "__main__":
    sys.exit(main())
