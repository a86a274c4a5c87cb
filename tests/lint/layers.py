#!/usr/bin/env python3
"""layers.py [ROOT]: who may include whom. docs/architecture.md explains the layers; this is the table.

Each layer names the layers directly below it; it may include those and whatever they may include. A source in a folder
that no layer claims is an error, and so is an include of our own that is not spelled from the root.
"""
import os
import sys

import source

BELOW = {
    "runtime/base": (),
    "runtime/env": ("runtime/base",),
    "runtime/types": ("runtime/base",),
    "runtime/format": ("runtime/types",),
    "runtime/stream": ("runtime/env", "runtime/format"),
    "runtime/state": ("runtime/stream",),
    "runtime/checkpoint": ("runtime/state",),
    "runtime/savepoint": ("runtime/checkpoint",),
    "runtime/operators": ("runtime/savepoint",),
    "runtime/task": ("runtime/operators",),
    "runtime/api": ("runtime/task",),
    "runtime/job": ("runtime/task",),
    "runtime/query": ("runtime/api", "runtime/job"),
    "runtime/host": ("runtime/env",),
    "sim": ("runtime/env",),
    "faults": ("sim",),
    "properties": ("faults", "runtime/format"),
    "scenarios": ("properties", "runtime/query"),
    "campaign": ("scenarios",),
    "reports": ("campaign",),
    "cli": ("reports", "runtime/host"),
    "tests": ("cli",),
    "bench": ("cli",),
}
# Folders that belong to the layer of the folder above them.
PARTS = ("runtime/state/heap", "runtime/state/rocksdb", "runtime/state/rocksdb/interpose", "runtime/state/lockstep", "sim/services", "scenarios/reference", "cli/main", "tests/*")


def layer_of(path):
    """The layer of a source by its folder, or None if nothing claims the folder."""
    folder = os.path.dirname(path)
    if folder in BELOW:
        return folder
    if folder in PARTS or (folder.startswith("tests/") and "tests/*" in PARTS):
        while folder not in BELOW:
            folder = os.path.dirname(folder)
        return folder
    return None


def closure(below):
    """Layer -> every layer it may include, itself among them."""
    reach = {}

    def visit(layer):
        if layer not in reach:
            reach[layer] = {layer}.union(*(visit(b) for b in below[layer]))
        return reach[layer]

    for layer in below:
        visit(layer)
    return reach


def check(root):
    reach = closure(BELOW)
    findings = []
    for path in source.files(root):
        layer = layer_of(path)
        if layer is None:
            findings.append(f"{path}: no layer has this folder; enter it in tests/lint/layers.py")
            continue
        for line, name, quoted in source.includes(source.read(root, path)):
            if name.split("/")[0] not in source.FOLDERS:
                if quoted and "/" not in name:
                    findings.append(f'{path}:{line}: "{name}": spell our own includes from the root')
                continue
            target = layer_of(name)
            if target is None or not os.path.exists(os.path.join(root, name)):
                findings.append(f'{path}:{line}: "{name}" does not exist')
            elif target not in reach[layer]:
                findings.append(f'{path}:{line}: {layer} must not include {target} ("{name}")')
    return findings


if __name__ == "__main__":
    sys.exit(source.finish("layers", check(source.root_argument())))
