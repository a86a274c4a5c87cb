#!/usr/bin/env python3
"""versions.py [--jobs N]: the RocksDB backend with the RocksDB of each Debian release; the result is docs/versions.md.

For each release: its packages are unpacked below build/versions, the backend and its tests are built with them, and run.
Then each version opens what the others wrote. Status: 0 as it must be, 1 not, 2 a package could not be had.
"""
import argparse
import os
import re
import subprocess
import sys
import time

import debian

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(ROOT, "build", "versions")
DOCUMENT = os.path.join(ROOT, "docs", "versions.md")
SUITES = (("bullseye", "Debian 11"), ("bookworm", "Debian 12"), ("trixie", "Debian 13"))
TESTS = ("test_rocksdb", "test_state")
PROGRAM = "rocksdb_versions"
HEAD = """# RocksDB's versions

The last result of `./dev versions`: the RocksDB backend built with the RocksDB of each Debian release, and each version
opening what the others wrote. The packages are unpacked below `build/versions`; nothing is installed. What differs between
the versions is in `runtime/state/rocksdb/rocksdb_compat.h`.

Result: **{result}**

## Tests

| RocksDB | of | {tests} |
|---|---|{rules}|
"""
OURS = """
## With our options

A database is written by one version (row), restored by another (column), compared state by state, and goes on there; then the
writer restores what came of it. Our tables have format version 5 and CRC32c, which all of them read.

"""
THEIRS = """
## With their own options

The same, but every table was written anew with the default options of the writer, as a database of another engine may be. An
older version refuses what a newer one writes by default: the restore fails, and the message names the states and the file; the
task puts the operator in front (`tests/job/foreign_database_test.cc`). Nothing is changed by the attempt.

"""


class Failure(Exception):
    pass


def run(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)


def packages_of(suite):
    """RocksDB; where this system's libraries are too old for it, also those that it needs."""
    library = next(p for p in suite.depends("librocksdb-dev") if re.fullmatch(r"librocksdb[\d.]+", p))
    needed = suite.depends(library) if suite.has_newer_libc() else []
    return ["librocksdb-dev", library, *needed]


class Version:
    """One RocksDB: its packages, its build, its programs."""

    def __init__(self, suite, release):
        self.release = release
        self.suite = debian.Suite(suite, os.path.join(FOLDER, suite))
        self.build_folder = os.path.join(FOLDER, suite, "build")
        self.number = "?"

    def fetch(self):
        os.makedirs(self.suite.folder, exist_ok=True)
        self.suite.fetch(packages_of)
        with open(os.path.join(self.suite.root, "usr/include/rocksdb/version.h"), encoding="utf-8") as file:
            self.number = ".".join(re.findall(r"#define ROCKSDB_(?:MAJOR|MINOR|PATCH) (\d+)", file.read()))

    def build(self, jobs):
        log("building with RocksDB", self.number)
        for command in (("cmake", "-S", ROOT, "-B", self.build_folder, "-G", "Ninja", "-DWEIR_BENCH=OFF",
                         f"-DCMAKE_MODULE_PATH={HERE}", f"-DWEIR_ROCKSDB_ROOT={self.suite.root}"),
                        ("cmake", "--build", self.build_folder, "-j", str(jobs), "--target", *TESTS, PROGRAM)):
            done = run(*command)
            if done.returncode != 0:
                raise Failure(f"it does not build with RocksDB {self.number}:\n{done.stdout[-6000:]}")

    def program(self, name):
        below = {"test_rocksdb": "tests/rocksdb", "test_state": "tests/state", PROGRAM: "tests/rocksdb/versions"}[name]
        return os.path.join(self.build_folder, below, name)

    def test(self, name):
        """What the test program says at its end, and whether it is content."""
        begin = time.monotonic()
        done = run(self.program(name), cwd=self.build_folder)
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        if done.returncode != 0:
            log(f"{name} with RocksDB {self.number}:\n{done.stdout[-6000:]}")
            failed = re.search(r"(\d+) failed", done.stdout)
            return f"FAILED: {failed.group() if failed else f'status {done.returncode}'}", False
        cases = re.search(r"(\d+) assertions? in (\d+) test cases?", lines[-1])
        if not cases or int(cases.group(2)) == 0:
            return "FAILED: no test ran", False
        return f"{cases.group(2)} cases passed ({time.monotonic() - begin:.0f} s)", True

    def call(self, *arguments):
        """(is it so, what it says)."""
        done = run(self.program(PROGRAM), *arguments)
        if done.returncode not in (0, 1):
            return False, f"status {done.returncode}: {done.stdout.strip()}"
        return done.returncode == 0, done.stdout.strip().split(": ", 1)[-1]


def exchange(versions, options):
    """{(writer, reader): (is it read, what was said)}; with our options the way back is part of it."""
    cells = {}
    for writer in versions:
        folder = os.path.join(FOLDER, "databases", options, writer.number)
        wrote, text = writer.call("write", folder, options)
        for reader in versions:
            if not wrote:
                cells[writer, reader] = False, text
                continue
            again = os.path.join(folder, "goes-on-in-" + reader.number)
            subprocess.run(["rm", "-rf", again], check=True)
            cells[writer, reader] = reader.call("read", folder, again)
            if cells[writer, reader][0] and options == "ours":
                came_back, text = writer.call("read", again)
                if not came_back:
                    cells[writer, reader] = False, f"on the way back: {text}"
        # What was refused is as it was.
        if wrote and not writer.call("read", folder)[0]:
            cells[writer, writer] = False, "after the others had it, the writer cannot read it any more"
    return cells


def table(versions, cells, words):
    lines = ["| written by | " + " | ".join("read by " + v.number for v in versions) + " |", "|---" * (len(versions) + 1) + "|"]
    for writer in versions:
        lines.append(f"| {writer.number} | " + " | ".join(words[cells[writer, v][0]] for v in versions) + " |")
    return "\n".join(lines) + "\n"


def refusals(versions, cells):
    said = [f"- {w.number} in {r.number}: `{cells[w, r][1]}`\n" for w in versions for r in versions if not cells[w, r][0]]
    return "\n" + "".join(said) if said else ""


def order(version):
    return [int(part) for part in version.number.split(".")]


def findings(versions, tests, ours, theirs):
    """One sentence for each thing that is not as it must be."""
    found = [f"{name} with {v.number}: {tests[v, name][0]}" for v in versions for name in TESTS if not tests[v, name][1]]
    found += [f"{w.number} in {r.number}, our options: {text}" for (w, r), (fine, text) in ours.items() if not fine]
    for (writer, reader), (fine, text) in theirs.items():
        pair = f"{writer.number} in {reader.number}, their options: "
        if not fine and order(reader) >= order(writer):
            found.append(pair + text)
        if not fine and not re.search(r"states list, map, text: .*\.sst is state file ", text):
            found.append(pair + "the message does not name states and file: " + text)
    if all(fine for fine, _ in theirs.values()):
        found.append("no version refuses the defaults of a newer one: the options of ours are not needed, or not tested")
    return found


def log(*words):
    print(*words, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description="The RocksDB backend with the RocksDB of each Debian release.")
    parser.add_argument("--jobs", type=int, default=2, help="compilers at once")
    arguments = parser.parse_args()
    versions = [Version(suite, release) for suite, release in SUITES]
    try:
        for version in versions:
            version.fetch()
        for version in versions:
            version.build(arguments.jobs)
    except debian.Unavailable as missing:
        log(f"dev versions: {missing}")
        return 2
    except Failure as failure:
        log(f"dev versions: {failure}")
        return 1
    tests = {(v, name): v.test(name) for v in versions for name in TESTS}
    ours, theirs = exchange(versions, "ours"), exchange(versions, "theirs")
    found = findings(versions, tests, ours, theirs)
    text = HEAD.format(result="as it must be" if not found else "NOT as it must be",
                       tests=" | ".join(f"`{name}`" for name in TESTS), rules="|".join("---" for _ in TESTS))
    for v in versions:
        text += f"| {v.number} | {v.release} | " + " | ".join(tests[v, name][0] for name in TESTS) + " |\n"
    text += OURS + table(versions, ours, {True: "ok, and back", False: "**fails**"}) + refusals(versions, ours)
    text += THEIRS + table(versions, theirs, {True: "ok", False: "refused"}) + refusals(versions, theirs)
    with open(DOCUMENT, "w", encoding="utf-8") as file:
        file.write(text)
    print(text, end="")
    for finding in found:
        log("not as it must be:", finding)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
