#!/usr/bin/env python3
"""headers.py [ROOT]: licence line and guard of each header, and how long a file may be."""
import re
import sys

import source

LICENCE = "// Licensed under the Apache License, Version 2.0."
LINES_MAX = {".h": 300, ".cc": 800}


def guard_of(path):
    return "WEIR_" + re.sub(r"[^A-Z0-9]", "_", path.upper()) + "_"


def check_file(path, text, exceptions):
    findings = []
    lines = text.splitlines()
    ending = path[path.rindex("."):]
    if len(lines) > LINES_MAX[ending] and not exceptions.allows(path, "lines"):
        findings.append(f"{path}: lines: {len(lines)}, more than {LINES_MAX[ending]}: split it by what changes together")
    if ending != ".h":
        return findings
    if not lines or lines[0] != LICENCE:
        findings.append(f"{path}:1: licence: the first line must be {LICENCE}")
    guard = guard_of(path)
    code = [line.strip() for line in source.strip(text).splitlines() if line.strip()]
    if code[:2] != [f"#ifndef {guard}", f"#define {guard}"] or not lines[-1].startswith(f"#endif  // {guard}"):
        findings.append(f"{path}: guard: must be {guard}, before all code and on the last line")
    return findings


def check(root):
    exceptions = source.Exceptions.of(root)
    findings = []
    for path in source.files(root):
        findings += check_file(path, source.read(root, path), exceptions)
    return findings + exceptions.unused({"lines"})


if __name__ == "__main__":
    sys.exit(source.finish("headers", check(source.root_argument())))
