#!/usr/bin/env python3
"""Every patch has a whole header, applies to the sources as they are, and changes only the product."""
import re
import sys
import tempfile
import unittest

import patches

FIELDS = {"id": r"[a-z0-9-]+", "bug": r".{10,}", "depth": r"shallow|medium|deep", "property": r"[a-z0-9-]+",
          "scenario": r"[a-z0-9-]+", "options": r".*", "seeds": r"[1-9][0-9]*"}
OPTIONAL = ("options", "seeds")
PRODUCT = ("runtime/", "sim/", "faults/", "properties/", "scenarios/")


def problems(patch):
    """What is wrong with the header or the reach of a patch."""
    header = dict(re.findall(r"^# (\w+):[ ]*(.*?)[ ]*$", patch.text.split("\ndiff --git")[0], re.MULTILINE))
    found = [f"no '# {f}:' line" for f in FIELDS if f not in header and f not in OPTIONAL]
    found += [f"'# {f}:' makes no sense" for f, v in header.items() if not re.fullmatch(FIELDS.get(f, "(?!)"), v)]
    if header.get("id") != patch.id:
        found.append("the id is not the name of the file")
    found += [f"changes {s}, which is no part of what runs" for s in patch.sources if not s.startswith(PRODUCT)]
    return found if patch.sources else found + ["changes nothing"]


class Mutants(unittest.TestCase):
    def test_every_patch_applies_and_says_what_it_is(self):
        for patch in patches.load():
            with self.subTest(patch.id), tempfile.TemporaryDirectory() as tree:
                self.assertEqual(problems(patch), [])
                patches.copy_sources(patch, tree)
                patch.apply_to(tree)

    def test_a_patch_that_does_not_apply_is_found(self):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as tree:
            path = folder + "/stale.patch"
            with open(path, "w", encoding="utf-8") as file:
                file.write("# id: other\ndiff --git a/sim/world.h b/sim/world.h\n--- a/sim/world.h\n+++ b/sim/world.h\n"
                           "@@ -1,1 +1,1 @@\n-no such line\n+x\n")
            stale = patches.Patch(path)
            self.assertEqual(len(problems(stale)), 5)
            patches.copy_sources(stale, tree)
            with self.assertRaises(ValueError):
                stale.apply_to(tree)


if __name__ == "__main__":
    sys.exit(unittest.main())
