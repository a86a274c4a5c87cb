"""Runs campaigns of a built `weir` and reads their reports: shared by matrix, hygiene, soak and benchmarks."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PRESETS = ("release", "debug", "clang", "asan-ubsan")


class Failed(Exception):
    """A campaign that did not end with status 0, or whose digest is not the expected one."""


def program(preset):
    return os.path.join(ROOT, "build", preset, "weir")


# What a campaign is asked for besides scenarios and seeds, so that every backend is seen: as drawn, then each run on
# RocksDB, of which a few show as much.
BACKENDS = (("as drawn", (), 1), ("rocksdb", ("--backend", "rocksdb"), 4))  # name, options, part of the seeds


def descendants(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = [int(c) for c in file.read().split()]
    except OSError:
        return []
    return children + [d for c in children for d in descendants(c)]


class Memory:
    """The largest value of one field (VmHWM, Private_Dirty) that any process of a campaign shows, in KiB."""

    def __init__(self, field):
        self.pattern = re.compile(rf"^{field}:\s+(\d+) kB", re.MULTILINE)
        self.file = "status" if field.startswith("Vm") else "smaps_rollup"
        self.peak_kib = 0

    def sample(self, pid):
        for process in [pid, *descendants(pid)]:
            try:
                with open(f"/proc/{process}/{self.file}", encoding="ascii") as file:
                    found = self.pattern.search(file.read())
            except OSError:  # it has just ended
                continue
            self.peak_kib = max(self.peak_kib, int(found.group(1)) if found else 0)

    def watch(self, process, ended):
        while not ended.wait(0.02):
            self.sample(process.pid)


def campaign(weir, scenarios, seeds, jobs=1, first=1, options=(), environment=None, before=(), memory=None):
    """The report.json of one campaign. `before` are words before the program (setarch -R, say); `memory` watches it."""
    out = tempfile.mkdtemp(prefix="weir-campaign-")
    command = [*before, weir, "campaign", *scenarios, "--seeds", str(seeds), "--first-seed", str(first), "--jobs",
               str(jobs), "--out", out, "--no-shrink", "--quiet", *options]
    ended = threading.Event()
    try:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   env={**os.environ, **(environment or {})})
        if memory is not None:
            threading.Thread(target=memory.watch, args=(process, ended), daemon=True).start()
        printed, _ = process.communicate()
        if process.returncode != 0:
            raise Failed(f"status {process.returncode}: {' '.join(command)}\n{printed[-8000:]}")
        with open(os.path.join(out, "report.json"), encoding="utf-8") as file:
            return json.load(file)
    finally:
        ended.set()
        shutil.rmtree(out, ignore_errors=True)


def expect_equal(name, left, right, seeds):
    """`left` and `right` are functions (scenarios, seeds, first) -> report. Raises with the first scenario and seed on
    which the two differ."""
    a, b = left(["all"], seeds, 1), right(["all"], seeds, 1)
    if a["digest"] == b["digest"]:
        return a["digest"]
    for scenario in a["scenarios"]:
        if left([scenario], seeds, 1)["digest"] == right([scenario], seeds, 1)["digest"]:
            continue
        for seed in range(1, seeds + 1):
            if left([scenario], 1, seed)["digest"] != right([scenario], 1, seed)["digest"]:
                raise Failed(f"{name}: seed {seed} of {scenario} differs (weir replay {scenario} --seed {seed})")
        raise Failed(f"{name}: {scenario} differs, but no seed alone: a run depends on the runs before it")
    raise Failed(f"{name}: {a['digest']} and {b['digest']}, but no scenario alone differs")
