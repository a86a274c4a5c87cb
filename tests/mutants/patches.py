"""Reading and applying the patches of this folder."""
import glob
import os
import re
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


class Patch:
    """One mutant: `id`, `path`, and the sources that its diff changes (relative to the root)."""

    def __init__(self, path):
        self.path = path
        self.id = os.path.basename(path)[: -len(".patch")]
        with open(path, encoding="utf-8") as file:
            self.text = file.read()
        self.sources = sorted(set(re.findall(r"^\+\+\+ b/(\S+)", self.text, re.MULTILINE)))

    def apply_to(self, tree):
        """Applies to a copy of the sources; raises with what `patch` said. Nothing may be off by a line."""
        done = subprocess.run(["git", "apply", "--whitespace=nowarn", self.path], cwd=tree, capture_output=True,
                              text=True, env={**os.environ, "GIT_DIR": os.devnull, "GIT_CEILING_DIRECTORIES": tree})
        if done.returncode != 0:
            raise ValueError(f"{self.id}: {done.stderr.strip()}")


def load(folder=HERE):
    return [Patch(path) for path in sorted(glob.glob(os.path.join(folder, "*.patch")))]


def copy_sources(patch, tree, root=ROOT):
    """Copies what the patch changes into `tree`."""
    for source in patch.sources:
        target = os.path.join(tree, source)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(os.path.join(root, source), "rb") as before, open(target, "wb") as after:
            after.write(before.read())
