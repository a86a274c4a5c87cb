#!/usr/bin/env python3
"""Runs the benchmarks and prints their table: see README.md."""
import argparse
import collections
import glob
import os
import re
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(ROOT, "tests", "matrix"))
import campaigns  # noqa: E402

CAMPAIGNS = 3  # of each scenario, one after the other: the median counts
PENDING = (10, 1000, 100000)

# (what, start of the case) -> (at most | at least, value): section 7 of the architecture.
TARGETS = {
    ("scheduler hold", "10 pending"): ("<=", 25), ("scheduler hold", "1000 pending"): ("<=", 35),
    ("scheduler hold", "100000 pending"): ("<=", 55),
    ("scheduler: ns-3 Map / ours", "10 pending"): (">=", 4), ("scheduler: ns-3 Map / ours", "1000 pending"): (">=", 4.5),
    ("scheduler: ns-3 Map / ours", "100000 pending"): (">=", 10),
    ("scheduler: ns-3 PriorityQueue / ours", "10 pending"): (">=", 2.5),
    ("scheduler: ns-3 PriorityQueue / ours", "1000 pending"): (">=", 3),
    ("scheduler: ns-3 PriorityQueue / ours", "100000 pending"): (">=", 3),
    ("scheduler: SimGrid timers / ours", ""): (">=", 9),
    ("digest", "no payload"): ("<=", 3),
    ("engine", "record granularity, ledger off"): (">=", 1e6), ("engine", "32 KB buffers, ledger off"): (">=", 6e6),
    ("rocksdb in the world", "open and close, empty, 2 families"): ("<=", 150),
    ("campaign seeds", "c1 on RocksDB"): (">=", 7), ("campaign memory", "c1 on RocksDB"): ("<=", 32),
    ("campaign seeds", "c1 on the heap"): (">=", 100), ("campaign memory", ""): ("<=", 8),
}
PEERS = (
    ("ns-3 Map", lambda n: ["ns3_hold", "hold", "Map", n, "2000000", "0"]),
    ("ns-3 PriorityQueue", lambda n: ["ns3_hold", "hold", "PriorityQueue", n, "2000000", "0"]),
    ("SimGrid timers", lambda n: ["simgrid", "hold_timer", n, "500000", "0", "LV08", "--cfg=contexts/factory:raw",
                                  "--cfg=contexts/stack-size:32", "--cfg=contexts/guard-size:0"]),
)


class Figures:
    """(what, case, unit) -> measured values, in the order in which they first appeared."""

    def __init__(self):
        self.values = collections.OrderedDict()

    def add(self, what, case, unit, value):
        self.values.setdefault((what, case, unit), []).append(float(value))

    def median(self, what, start):
        return next((statistics.median(v) for (w, c, _), v in self.values.items() if w == what and c.startswith(start)), None)

    def rows(self):
        for (what, case, unit), values in self.values.items():
            median = statistics.median(values)
            sign, bound = next((t for (w, start), t in TARGETS.items() if w == what and case.startswith(start)), ("", None))
            met = "" if bound is None else "yes" if (median <= bound if sign == "<=" else median >= bound) else "**no**"
            yield what, case, f"{shown(median)} {unit}", "" if bound is None else f"{sign} {shown(bound)}", met


def shown(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def run(command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(command)} ended with status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def run_programs(figures, build, only, repeat):
    for source in sorted(glob.glob(os.path.join(HERE, "*.cc"))):
        name = os.path.basename(source)[:-3]
        program = os.path.join(build, "bench", name)
        if only not in (None, name) or not os.path.exists(program):
            continue
        for turn in range(repeat):
            print(f"bench: {name} {turn + 1}/{repeat}", file=sys.stderr)
            for line in run([program]).splitlines():
                fields = line.split("\t")
                if fields[0] == "bench" and len(fields) == 5:
                    figures.add(fields[1], fields[2], fields[4], fields[3])
                elif turn == 0:
                    print(line)


def run_peers(figures, peers, build, repeat):
    """The peers' nanoseconds an event, and how many times ours that is."""
    out = os.path.join(build, "peers")
    done = subprocess.run(["sh", os.path.join(peers, "build.sh"), out], capture_output=True, text=True)
    if not all(os.path.exists(os.path.join(out, p)) for p in ("ns3_hold", "simgrid")):
        sys.exit(f"bench: {peers}/build.sh did not build ns3_hold and simgrid\n{done.stdout}{done.stderr}")
    for name, command in PEERS:
        for pending in PENDING:
            program, *arguments = command(str(pending))
            for turn in range(repeat):
                print(f"bench: {name}, {pending} pending {turn + 1}/{repeat}", file=sys.stderr)
                line = next(l for l in run([os.path.join(out, program), *arguments]).splitlines() if l.startswith("R\t"))
                figures.add(f"peer: {name} hold", f"{pending} pending", "ns/event", line.split("\t")[6])
    for name, _ in PEERS:
        for pending in PENDING:
            ours = figures.median("scheduler hold", f"{pending} pending, digest on")
            if ours:
                theirs = figures.median(f"peer: {name} hold", f"{pending} pending")
                figures.add(f"scheduler: {name} / ours", f"{pending} pending", "times", theirs / ours)


def run_campaigns(figures, build, seeds):
    """Seeds a second of one worker, and the largest worker's private memory, for each scenario. The memory is watched in a
    campaign of its own: who reads a process's pages fifty times a second slows it by a twentieth."""
    weir = os.path.join(build, "weir")
    if not os.path.exists(weir):
        return
    names = [line.split()[0] for line in run([weir, "list", "scenarios"]).splitlines() if line.strip()]
    cases = [(name, name, ()) for name in names if name != "c1"]
    cases.append(("c1 on the heap", "c1", ("--backend", "heap")))
    cases.append(("c1 on RocksDB", "c1", ("--backend", "rocksdb")))
    for case, name, options in cases:
        print(f"bench: {seeds} seeds of {case}", file=sys.stderr)
        memory = campaigns.Memory("Private_Dirty")
        try:
            for _ in range(CAMPAIGNS):
                wall = campaigns.campaign(weir, [name], seeds, options=options)["totals"]["wall_seconds"]
                figures.add("campaign seeds", case, "seeds/s", seeds / wall)
            campaigns.campaign(weir, [name], seeds, options=options, memory=memory)
        except campaigns.Failed as failed:
            sys.exit(f"bench: {failed}")
        figures.add("campaign memory", case, "MiB Private_Dirty", memory.peak_kib / 1024)


def table(figures):
    lines = ["| what | case | measured | target | met |", "|---|---|---:|---:|---|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in figures.rows()])


def write(text):
    path = os.path.join(ROOT, "docs", "benchmarks.md")
    with open(path, encoding="utf-8") as file:
        before = file.read()
    after = re.sub(r"(?s)(<!-- measured -->\n).*?(<!-- end -->)", lambda m: m.group(1) + text + "\n" + m.group(2), before)
    with open(path, "w", encoding="utf-8") as file:
        file.write(after)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description="Runs the benchmarks and prints their table.")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--peers", metavar="DIR", help="run the kernels of this directory beside ours")
    parser.add_argument("--only", metavar="NAME", help="one program of bench/")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=300, help="of each campaign (default 300)")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    arguments = parser.parse_args()
    build = os.path.abspath(arguments.build)
    figures = Figures()
    run_programs(figures, build, arguments.only, arguments.repeat)
    peers = "peers: skipped (no directory)"
    if arguments.peers:
        run_peers(figures, arguments.peers, build, arguments.repeat)
        peers = "peers: measured in the same session"
    if arguments.only is None:
        run_campaigns(figures, build, arguments.seeds)
    text = f"{table(figures)}\n\n{os.cpu_count()} cores, medians of {arguments.repeat}; {peers}"
    print(text)
    if arguments.write:
        write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
