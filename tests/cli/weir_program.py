"""Runs `weir` in an empty folder and says what it did: shared by the tests of this folder."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

WEIR = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 2 else ""
SOURCES = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else ""
SAMPLE = os.path.join(SOURCES, "scenarios", "data", "transactions.jsonl")


class Ended:
    """A program that ran to its end."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def line(self, name):
        """What stands after "NAME: " in the output."""
        for line in self.out.splitlines():
            if line.startswith(name + ": "):
                return line[len(name) + 2:]
        return None


class WeirTest(unittest.TestCase):
    """Each test has a folder of its own, where the program runs."""

    def setUp(self):
        self.folder_ = tempfile.TemporaryDirectory(prefix="weir-cli-")
        self.folder = self.folder_.name

    def tearDown(self):
        self.folder_.cleanup()

    def weir(self, *words):
        done = subprocess.run([WEIR, *words], cwd=self.folder, capture_output=True, text=True, check=False)
        return Ended(done.returncode, done.stdout, done.stderr)

    def write(self, name, content):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(content)
        return name

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()

    def report(self, folder="weir-report"):
        return json.loads(self.read(os.path.join(folder, "report.json")))

    def refused(self, words, *parts):
        """Status 2, one sentence that holds all of `parts`, nothing on standard output, nothing written."""
        before = sorted(os.listdir(self.folder))
        ended = self.weir(*words)
        self.assertEqual(ended.status, 2, ended.err)
        self.assertEqual(ended.out, "")
        self.assertTrue(ended.err.startswith("weir: "), ended.err)
        self.assertEqual(len(ended.err.splitlines()), 1, ended.err)
        for part in parts:
            self.assertIn(part, ended.err)
        self.assertEqual(sorted(os.listdir(self.folder)), before)


def main():
    unittest.main(verbosity=2)
