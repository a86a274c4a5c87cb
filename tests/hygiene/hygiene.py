#!/usr/bin/env python3
"""What the surroundings must not change: hygiene.py CHECK WEIR SEEDS.

  memory-patterns   freed and fresh memory filled with patterns, no thread cache, one arena
  addresses         without address randomisation
  environment       a large environment, another time zone, another language
  resident-memory   a worker holds no more memory after many runs than after few
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))
import campaigns  # noqa: E402

GROWTH_MAX_KIB = 4096  # over as many runs as were asked for


def variant(weir, options, **how):
    return lambda scenarios, seeds, first: campaigns.campaign(weir, scenarios, seeds, 1, first, options, **how)


def same(name, weir, seeds, **how):
    for backend, options, part in campaigns.BACKENDS:
        who = f"{name}, {backend}"
        digest = campaigns.expect_equal(who, variant(weir, options), variant(weir, options, **how), max(seeds // part, 1))
        print(f"{who}: {digest}")


def memory_patterns(weir, seeds):
    for name, environment in (
            ("MALLOC_PERTURB_", {"MALLOC_PERTURB_": "165"}),
            ("no thread cache", {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}),
            ("mmap for everything large", {"GLIBC_TUNABLES": "glibc.malloc.mmap_threshold=4096"})):
        same(name, weir, seeds, environment=environment)


def addresses(weir, seeds):
    same("no address randomisation", weir, seeds, before=("setarch", "-R"))


def environment(weir, seeds):
    same("a large environment", weir, seeds, environment={"WEIR_PADDING": "x" * 100_000})
    same("another place", weir, seeds, environment={"TZ": "Pacific/Kiritimati", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"})


def peak_kib(weir, seeds):
    memory = campaigns.Memory("VmHWM")
    campaigns.campaign(weir, ["account-totals"], seeds, memory=memory)
    return memory.peak_kib


def resident_memory(weir, seeds):
    few = max(seeds // 10, 20)
    small, large = peak_kib(weir, few), peak_kib(weir, seeds)
    print(f"account-totals: {small} KiB after {few} runs, {large} KiB after {seeds}")
    if small == 0 or large - small > GROWTH_MAX_KIB:
        raise campaigns.Failed(f"grows by {large - small} KiB over {seeds - few} runs")


CHECKS = {"memory-patterns": memory_patterns, "addresses": addresses, "environment": environment,
          "resident-memory": resident_memory}


def main():
    check, weir, seeds = sys.argv[1], os.path.abspath(sys.argv[2]), int(sys.argv[3])
    try:
        CHECKS[check](weir, seeds)
    except campaigns.Failed as failed:
        print(failed)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
