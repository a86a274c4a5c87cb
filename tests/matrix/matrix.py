#!/usr/bin/env python3
"""The same seeds on every build: one digest.

  matrix.py build PRESET                          configures and builds `weir` of another preset
  matrix.py reference FILE SEEDS                  the digest of Release with one worker, written to FILE
  matrix.py compare FILE SEEDS PRESET JOBS        another build or number of workers against it
  matrix.py hold SEEDS BACKEND                    every scenario in Release: every promise holds
"""
import os
import subprocess
import sys

import campaigns


def build(preset):
    for command in (["cmake", "--preset", preset], ["cmake", "--build", f"build/{preset}", "-j", "2", "--target", "weir"]):
        done = subprocess.run(command, cwd=campaigns.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise campaigns.Failed(f"{' '.join(command)}\n{done.stdout[-8000:]}")


def runner(preset, jobs, options):
    return lambda scenarios, seeds, first: campaigns.campaign(campaigns.program(preset), scenarios, seeds, jobs, first,
                                                              options)


def reference(path, seeds):
    with open(path, "w", encoding="utf-8") as file:
        for name, options, part in campaigns.BACKENDS:
            report = runner("release", 1, options)(["all"], seeds // part, 1)
            file.write(f"{seeds // part} {report['digest']}\n")
            print(f"release, {name}, --jobs 1: {report['digest']} over {report['seeds']['run']} runs")


def compare(path, seeds, preset, jobs):
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    for (name, options, part), expected in zip(campaigns.BACKENDS, lines):
        count = seeds // part
        report = runner(preset, jobs, options)(["all"], count, 1)
        who = f"{preset}, {name}, --jobs {jobs}"
        print(f"{who}: {report['digest']} over {report['seeds']['run']} runs")
        if f"{count} {report['digest']}" != expected:
            campaigns.expect_equal(who, runner("release", 1, options), runner(preset, jobs, options), count)
            raise campaigns.Failed(f"{who}: not the reference digest of this campaign, {expected}")


def hold(seeds, backend):
    report = campaigns.campaign(campaigns.program("release"), ["all"], seeds, jobs=os.cpu_count(),
                                options=["--backend", backend])
    if report["verdict"] != "held" or report["seeds"]["run"] != seeds * len(report["scenarios"]):
        raise campaigns.Failed(f"verdict {report['verdict']} over {report['seeds']['run']} runs of {report['scenarios']}")
    print(f"{report['seeds']['run']} runs of {', '.join(report['scenarios'])}: every promise held")


def main(words):
    command, arguments = words[0], words[1:]
    try:
        if command == "build":
            build(*arguments)
        elif command == "reference":
            reference(arguments[0], int(arguments[1]))
        elif command == "compare":
            compare(arguments[0], int(arguments[1]), arguments[2], int(arguments[3]))
        else:
            hold(int(arguments[0]), arguments[1])
    except campaigns.Failed as failed:
        print(failed)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
