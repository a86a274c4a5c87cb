#!/usr/bin/env python3
"""What `./dev versions` makes of results, and of a mirror that is not there. Needs no network."""
import contextlib
import io
import os
import sys
import tempfile
import unittest
from unittest import mock

import debian
import versions


class Fake:
    def __init__(self, number):
        self.number = number


OLD, NEW = Fake("6.11.4"), Fake("10.2.0")
BOTH = (OLD, NEW)
REFUSED = (False, "states list, map, text: Corruption; 000034.sst is state file shared/000034.sst")


class Findings(unittest.TestCase):
    def setUp(self):
        self.tests = {(v, name): ("3 cases passed", True) for v in BOTH for name in versions.TESTS}
        self.ours = {(w, r): (True, "") for w in BOTH for r in BOTH}
        self.theirs = dict(self.ours)
        self.theirs[NEW, OLD] = REFUSED

    def found(self):
        return versions.findings(BOTH, self.tests, self.ours, self.theirs)

    def test_as_it_must_be(self):
        self.assertEqual(self.found(), [])

    def test_a_test_fails(self):
        self.tests[NEW, "test_state"] = ("FAILED", False)
        self.assertEqual(self.found(), ["test_state with 10.2.0: FAILED"])

    def test_our_options_are_refused(self):
        self.ours[NEW, OLD] = REFUSED
        self.assertIn("10.2.0 in 6.11.4, our options", self.found()[0])

    def test_a_newer_version_refuses_an_older(self):
        self.theirs[OLD, NEW] = REFUSED
        self.assertIn("6.11.4 in 10.2.0, their options", self.found()[0])

    def test_a_refusal_that_names_no_file(self):
        self.theirs[NEW, OLD] = (False, "states list, map, text: Corruption")
        self.assertIn("does not name states and file", self.found()[0])

    def test_nothing_is_refused(self):
        self.theirs[NEW, OLD] = (True, "")
        self.assertIn("not tested", self.found()[0])


class NoNetwork(unittest.TestCase):
    def test_one_sentence_and_status_2(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(versions, "FOLDER", folder), \
                mock.patch.object(debian, "mirror", lambda: "http://127.0.0.1:1/debian"), \
                mock.patch.object(sys, "argv", ["versions.py"]), contextlib.redirect_stderr(io.StringIO()) as said:
            self.assertEqual(versions.main(), 2)
            self.assertEqual(said.getvalue().count("\n"), 1)
            self.assertRegex(said.getvalue(), r"^dev versions: no packages of bullseye are here, and the mirror "
                             r"http://127\.0\.0\.1:1/debian could not be reached")
            self.assertFalse(os.path.exists(os.path.join(folder, "bullseye", "fetched")))


if __name__ == "__main__":
    unittest.main()
