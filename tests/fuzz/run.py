#!/usr/bin/env python3
"""run.py --build | FUZZER [--runs N]: builds the fuzzers of this folder, or runs one of them a bounded number of times.

The tree is build/fuzz. A fuzzer starts from seeds made anew, with a fixed seed; what breaks it is left in
build/fuzz/findings, and `build/fuzz/tests/fuzz/fuzz_NAME FILE` shows it again. Exit code 77: clang or its fuzzer runtime
is missing."""
import argparse
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "fuzz"
SKIPPED = 77


def has_runtime():
    clang = shutil.which("clang++")
    if clang is None:
        return False
    found = subprocess.run([clang, "-fsanitize=fuzzer", "-x", "c++", "-", "-o", "/dev/null"], capture_output=True, text=True,
                           input='extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }')
    return found.returncode == 0


def build():
    subprocess.run(["cmake", "--preset", "fuzz"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", str(BUILD), "-j", "2", "--target", "fuzzers"], cwd=ROOT, check=True)
    seeds = BUILD / "seeds"
    shutil.rmtree(seeds, ignore_errors=True)
    subprocess.run([BUILD / "tests/fuzz/fuzz_seeds", seeds], check=True)


def run(fuzzer, runs):
    findings = BUILD / "findings"
    findings.mkdir(exist_ok=True)
    corpus = BUILD / "seeds" / fuzzer
    command = [BUILD / "tests/fuzz" / f"fuzz_{fuzzer}", f"-runs={runs}", "-seed=1", "-timeout=20", "-rss_limit_mb=2048",
               "-max_len=16384", "-verbosity=0", "-print_final_stats=1", f"-artifact_prefix={findings}/{fuzzer}-"]
    return subprocess.run(command + ([corpus] if corpus.exists() else [])).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fuzzer", nargs="?")
    parser.add_argument("--build", action="store_true")
    parser.add_argument("--runs", type=int, default=20000)
    arguments = parser.parse_args()
    if not has_runtime():
        print("SKIPPED: no clang++ with -fsanitize=fuzzer (Debian: clang, libclang-rt-14-dev)")
        return SKIPPED
    if arguments.build:
        build()
    return run(arguments.fuzzer, arguments.runs) if arguments.fuzzer else 0


if __name__ == "__main__":
    sys.exit(main())
