#!/usr/bin/env python3
"""test_names.py [ROOT]: names of test cases by which ctest runs something else than the test.

ctest finds a case by its name, through a CMake list and a filter of Catch2. A `;` cuts the name in two, of which neither
is a case; the other characters are read as parts of a filter.
"""
import re
import sys

import source

_CASE = re.compile(r'\b(?:TEMPLATE_)?TEST_CASE\w*\s*\(\s*(?:[\w:]+\s*,\s*)?((?:"(?:\\.|[^"\\\n])*"\s*)+)')
_PIECE = re.compile(r'"((?:\\.|[^"\\\n])*)"')
_BAD = re.compile(r'[];\\[*~]')


def check_file(path, text):
    code = source.strip(text, strings=False)
    findings = []
    for case in _CASE.finditer(code):
        name = "".join(_PIECE.findall(case.group(1)))
        if _BAD.search(name):
            findings.append(f"{path}:{source.line_of(code, case.start())}: test name: '{_BAD.search(name).group()}' in "
                            f"\"{name}\": ctest cannot run it; use a comma or words")
    return findings


def check(root):
    return [f for path in source.files(root, ("tests",)) for f in check_file(path, source.read(root, path))]


if __name__ == "__main__":
    sys.exit(source.finish("test names", check(source.root_argument())))
