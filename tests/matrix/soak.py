#!/usr/bin/env python3
"""soak.py [--seeds N]: the matrix, the hygiene list and the campaigns for longer; the result is docs/soak.md.

The presets must be built (`./dev soak` does). Everything runs even if something fails; the status tells.
"""
import argparse
import os
import platform
import subprocess
import sys
import time

import campaigns

sys.path.insert(0, os.path.join(campaigns.ROOT, "tests", "hygiene"))
import hygiene  # noqa: E402

DOCUMENT = os.path.join(campaigns.ROOT, "docs", "soak.md")
HEAD = """# Soak

The last result of `./dev soak{arguments}`: every scenario on every build, much longer than the tests do. Equal digests mean
that each run took the same course, event by event.

- Sources: {commit}
- Machine: {machine}
- Result: **{result}**

| what | runs | result | seconds |
|---|---:|---|---:|
"""


class Soak:
    def __init__(self):
        self.rows = []
        self.failures = []

    def step(self, what, action):
        """Runs `action` () -> (runs, result) and notes how it ended."""
        print(f"soak: {what} ...", file=sys.stderr, flush=True)
        started = time.monotonic()
        try:
            runs, result = action()
        except campaigns.Failed as failed:
            runs, result = "", "**failed**"
            self.failures.append((what, str(failed)))
            print(failed, file=sys.stderr)
        self.rows.append(f"| {what} | {runs} | {result} | {time.monotonic() - started:.0f} |")


def strict(seeds, backend):
    report = campaigns.campaign(campaigns.program("release"), ["all"], seeds, jobs=2,
                                options=["--strict", "--backend", backend])
    return report["seeds"]["run"], f"{report['verdict']}, `{report['digest']}`"


def equal(preset, jobs, seeds, backend):
    name, options, part = backend
    count = max(seeds // part, 1)

    def runner(which, workers):
        return lambda scenarios, runs, first: campaigns.campaign(campaigns.program(which), scenarios, runs, workers, first,
                                                                 options)
    digest = campaigns.expect_equal(f"{preset}, {name}, --jobs {jobs}", runner("release", 2), runner(preset, jobs), count)
    return f"{count} each", f"`{digest}`"


def hygienic(check, seeds):
    hygiene.CHECKS[check](campaigns.program("release"), seeds)
    return f"{seeds} each", "as it must be"


def commit():
    describe = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=campaigns.ROOT, capture_output=True, text=True)
    return describe.stdout.strip() or "not a git checkout"


def main():
    parser = argparse.ArgumentParser(prog="./dev soak", description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=2000, help="per scenario (default 2000)")
    seeds = parser.parse_args().seeds
    soak = Soak()
    for backend in ("heap", "memory", "rocksdb"):
        soak.step(f"release, every scenario, `--strict --backend {backend}`", lambda b=backend: strict(seeds, b))
    for preset in campaigns.PRESETS:
        for jobs in (1, 2):
            for backend in campaigns.BACKENDS:
                soak.step(f"{preset}, {backend[0]}, `--jobs {jobs}`, against release",
                          lambda p=preset, j=jobs, b=backend: equal(p, j, max(seeds // 4, 1), b))
    for check, count in (("memory-patterns", seeds // 4), ("addresses", seeds // 4), ("environment", seeds // 4),
                         ("resident-memory", seeds * 10)):
        soak.step(f"release, {check}", lambda c=check, n=count: hygienic(c, max(n, 1)))
    head = HEAD.format(arguments="" if seeds == 2000 else f" --seeds {seeds}", commit=commit(),
                       machine=f"{os.cpu_count()} x {platform.machine()}, {platform.system()}",
                       result=f"{len(soak.failures)} of {len(soak.rows)} failed" if soak.failures else "all as it must be")
    tail = "".join(f"\n## {what}\n\n```\n{text}\n```\n" for what, text in soak.failures)
    with open(DOCUMENT, "w", encoding="utf-8") as file:
        file.write(head + "\n".join(soak.rows) + "\n" + tail)
    print(f"soak: {len(soak.rows) - len(soak.failures)} of {len(soak.rows)} as they must be; docs/soak.md")
    return 1 if soak.failures else 0


if __name__ == "__main__":
    sys.exit(main())
