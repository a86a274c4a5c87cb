#!/usr/bin/env python3
"""commands_test.py WEIR SOURCES: what the commands promise, on real runs."""
import json
import os
import signal
import subprocess
import time
import unittest

import weir_program
from weir_program import SAMPLE, SOURCES, WeirTest, main


class List(WeirTest):
    def test_each_has_a_line(self):
        text = self.weir("list", "scenarios").out
        for name in ("account-totals", "count-window-average", "word-count", "external-database",
                     "session-timers", "ttl-cache", "fraud-patterns", "enrichment", "side-outputs",
                     "order-dependent-rules", "versioned-rules"):
            self.assertIn(name, text)
        self.assertIn("crash.task-manager", self.weir("list", "faults").out)
        for name in ("exactly-once", "broadcast-state-consistent", "backends-agree"):
            self.assertIn(name, self.weir("list", "properties").out)
        self.assertIn("heap", self.weir("list", "backends").out)

    def test_json(self):
        everything = json.loads(self.weir("list", "--json").out)
        self.assertEqual(list(everything), ["scenarios", "faults", "properties", "backends"])
        self.assertTrue(all(row["name"] and row["meaning"] for rows in everything.values() for row in rows))

    # A full disk behind a redirection must not look like a success.
    def test_results_that_cannot_be_written(self):
        for words in (["list", "scenarios"], ["list", "--json"], ["--help"], ["--version"], ["campaign", "--help"],
                      ["campaign", "word-count", "--seeds", "1", "--quiet"], ["replay", "word-count", "--seed", "1"],
                      ["mutants", "--list"]):
            with open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([weir_program.WEIR, *words], cwd=self.folder, stdout=full, stderr=subprocess.PIPE, text=True,
                                      check=False)
            self.assertEqual(done.returncode, 3, words)
            self.assertEqual(done.stderr, "weir: the results could not be written to standard output\n", words)

    def test_help(self):
        self.assertEqual(self.weir("--help").status, 0)
        for command in ("list", "campaign", "replay", "shrink", "mutants"):
            ended = self.weir(command, "--help")
            self.assertEqual(ended.status, 0)
            self.assertIn("Example:", ended.out)


class Campaign(WeirTest):
    def test_report(self):
        ended = self.weir("campaign", "account-totals", "--seeds", "30", "--first-seed", "5", "--jobs", "2",
                          "--set", "parallelism.default=2")
        self.assertEqual(ended.status, 0, ended.out + ended.err)
        report = self.report()
        self.assertEqual(report["verdict"], "held")
        self.assertEqual(report["scenarios"], ["account-totals"])
        self.assertEqual(report["seeds"], {"requested": 30, "run": 30, "first": 5})
        self.assertEqual(report["options"], {"parallelism.default": "2"})
        self.assertEqual(report["failures"], [])
        rows = {row["id"]: row for row in report["properties"]}
        self.assertEqual(rows["exactly-once"]["expected"], "held")
        self.assertEqual(rows["exactly-once"]["held"], 30)
        self.assertEqual(rows["exactly-once"]["violated"], 0)
        self.assertGreater(report["totals"]["records"], 0)
        self.assertGreater(report["totals"]["checkpoints_completed"], 0)
        self.assertGreater(sum(report["faults"].values()), 0)
        self.assertRegex(report["digest"], "^[0-9a-f]{32}$")
        for words in ("HELD", "exactly-once", "weir-report/report.json", report["digest"]):
            self.assertIn(words, ended.out)

    def digest(self, *words, out="r"):
        ended = self.weir("campaign", *words, "--out", out, "--quiet", "--no-shrink")
        self.assertIn(ended.status, (0, 1), ended.err)
        self.assertEqual(ended.err, "")
        return self.report(out)["digest"]

    def test_jobs_do_not_matter(self):
        words = ("account-totals", "word-count", "--seeds", "20")
        self.assertEqual(self.digest(*words, "--jobs", "1"), self.digest(*words, "--jobs", "2"))
        self.assertNotEqual(self.digest(*words), self.digest(*words, "--faults", "none"))

    def test_input_file(self):
        words = ("account-totals", "--seeds", "5")
        plain = self.digest(*words, "--input", f"transactions={SAMPLE}")
        self.assertNotEqual(plain, self.digest(*words))
        # The content counts, not the name.
        with open(SAMPLE, encoding="utf-8") as file:
            self.write("copy.jsonl", file.read())
        self.assertEqual(plain, self.digest(*words, "--input", "transactions=copy.jsonl"))

    def test_configuration_file(self):
        self.write("flat.yaml", "parallelism.default: 2\nexecution.checkpointing.mode: AT_LEAST_ONCE\n")
        self.write("nested.yaml", "parallelism:\n  default: 2\nexecution:\n  checkpointing: {mode: at-least-once}\n")
        words = ("account-totals", "--seeds", "5")
        flat = self.digest(*words, "--config", "flat.yaml")
        self.assertEqual(flat, self.digest(*words, "--config", "nested.yaml"))
        self.assertEqual(flat, self.digest(*words, "--mode", "at-least-once", "--set", "parallelism.default=2"))
        self.assertNotEqual(flat, self.digest(*words, "--config", "flat.yaml", "--set", "parallelism.default=1"))

    def test_resume_after_a_kill(self):
        words = ("account-totals", "--seeds", "150", "--jobs", "2")
        whole = self.digest(*words, out="whole")
        process = subprocess.Popen([weir_program.WEIR, "campaign", *words, "--out", "cut", "--quiet"],
                                   cwd=self.folder, stdout=subprocess.DEVNULL)
        runs = os.path.join(self.folder, "cut", "runs.bin")
        while process.poll() is None and (not os.path.exists(runs) or os.path.getsize(runs) < 5000):
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        self.assertEqual(process.wait(), -signal.SIGKILL)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "cut", "report.json")))
        self.assertEqual(self.digest(*words, "--resume", out="cut"), whole)
        self.refused(["campaign", "word-count", "--seeds", "150", "--resume", "--out", "cut"],
                     "runs of another campaign")

    def test_vacuous(self):
        # One subtask, no faults: nothing is ever replayed.
        words = ("campaign", "account-totals", "--seeds", "60", "--faults", "none", "--properties", "exactly-once")
        ended = self.weir(*words)
        self.assertEqual(ended.status, 0)
        self.assertIn("proves nothing", ended.out)
        self.assertEqual(self.report()["verdict"], "held")
        self.assertTrue(self.report()["properties"][0]["vacuous"])
        self.assertEqual(self.weir(*words, "--strict").status, 1)
        self.assertEqual(self.report()["verdict"], "vacuous")

    def test_a_run_that_is_cut_short_is_undecided(self):
        words = ("account-totals", "--properties", "exactly-once", "--set", "weir.run.event-budget=2000")
        ended = self.weir("replay", *words, "--seed", "1")
        self.assertEqual(ended.status, 3, ended.out)
        self.assertIn("account-totals, seed 1: error", ended.out)
        self.assertEqual(ended.line("  exactly-once"), "not judged")
        self.assertIn("the event budget of 2000 is spent at ", ended.out)
        ended = self.weir("campaign", *words, "--seeds", "3")
        self.assertEqual(ended.status, 3, ended.out)
        self.assertIn("ERROR: account-totals, 3 runs", ended.out)
        self.assertIn("3 runs are undecided: account-totals, seed 1: the event budget", ended.out)
        report = self.report()
        self.assertEqual((report["verdict"], report["undecided"], report["failures"]), ("error", 3, []))
        self.assertEqual((report["properties"][0]["held"], report["properties"][0]["not_judged"]), (0, 3))
        ended = self.weir("shrink", *words, "--seed", "1")
        self.assertEqual(ended.status, 3, ended.out)
        self.assertIn("the event budget of 2000 is spent", ended.err)


class Reasons(WeirTest):
    """A user whose job cannot run must read why, wherever they look."""

    WORDS = ("account-totals", "--backend", "memory", "--set", "weir.memory.max-state-size=512b",
             "--set", "execution.checkpointing.tolerable-failed-checkpoints=0")
    WHY = "more than the 512 that the job manager's memory takes of one state"

    def test_of_a_job_that_never_ends(self):
        ended = self.weir("campaign", *self.WORDS, "--faults", "none", "--seeds", "2", "--no-shrink")
        self.assertEqual(ended.status, 1)
        failure = self.report()["failures"][0]
        self.assertEqual(failure["property"], "progress")
        for text in (ended.out, failure["message"],
                     self.weir("replay", "--plan", "weir-report/" + failure["plan"]).out):
            self.assertIn("operator sum", text)
            self.assertIn(self.WHY, text)

    def test_of_a_job_that_fails_without_a_fault(self):
        words = (*self.WORDS, "--set", "restart-strategy.fixed-delay.attempts=2", "--faults", "none")
        ended = self.weir("replay", *words, "--seed", "1")
        self.assertEqual(ended.status, 1)
        self.assertIn("signature: progress//failed/", ended.out)
        self.assertRegex(ended.out, f"the job failed, and no fault had struck: attempt 3 failed: .*{self.WHY}")

    def test_of_a_job_that_fails_amid_faults(self):
        words = (*self.WORDS, "--set", "restart-strategy.fixed-delay.attempts=0", "--faults", "pause",
                 "--properties", "progress")
        ended = self.weir("campaign", *words, "--seeds", "20", "--no-shrink")
        row = next(row for row in self.report()["properties"] if row["id"] == "progress")
        self.assertGreater(row["not_judged"], 0)
        example = row["not_judged_example"]
        self.assertIn(self.WHY, example["message"])
        self.assertIn(example["message"], ended.out)
        self.assertIn(example["message"], self.weir("replay", *words, "--seed", str(example["seed"])).out)


class Faults(WeirTest):
    def test_one_that_never_strikes_is_told(self):
        ended = self.weir("campaign", "account-totals", "--seeds", "20", "--faults", "pause,broadcast")
        self.assertEqual(ended.status, 0)
        self.assertIn("warning: of --faults, broadcast struck in no run", ended.out)
        self.assertEqual(self.report()["faults_idle"], ["broadcast"])

    def test_one_without_effect_is_told(self):
        for seed in range(1, 200):
            ended = self.weir("replay", "account-totals", "--faults", "crash,pause", "--seed", str(seed))
            if "without effect" in ended.out:
                self.assertRegex(ended.out, r"faults: .* \(\d+ of \d+ in the plan came to strike, \d+ without effect\)")
                return
        self.fail("every fault had an effect")


class Lockstep(WeirTest):
    def test_switched_on_for_any_scenario(self):
        for backend in ("heap", "rocksdb"):
            ended = self.weir("campaign", "session-timers", "enrichment", "--backend", backend, "--seeds", "5",
                              "--properties", "+backends-agree", "--quiet")
            self.assertEqual(ended.status, 0, ended.out + ended.err)
            rows = [row for row in self.report()["properties"] if row["id"] == "backends-agree"]
            # Without keyed state there is nothing to agree on.
            self.assertEqual([(row["scenario"], row["held"], row["witnessed"]) for row in rows],
                             [("session-timers", 5, 5)])

    def test_a_plan_keeps_it(self):
        # Broken in at-least-once mode, so that there is a plan to look at.
        ended = self.weir("campaign", "account-totals", "--mode", "at-least-once", "--properties",
                          "exactly-once,backends-agree", "--seeds", "60", "--quiet", "--no-shrink")
        self.assertEqual(ended.status, 1, ended.err)
        failure = self.report()["failures"][0]
        plan = os.path.join("weir-report", failure["plan"])
        with open(os.path.join(self.folder, plan), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["options"]["weir.state.lockstep"], "true")
        again = self.weir("replay", "--plan", plan)
        self.assertEqual(again.line("digest"), failure["digest"])
        self.assertIn("backends-agree: held", again.out)

    def test_bad_values(self):
        self.refused(["campaign", "account-totals", "--set", "weir.state.lockstep=perhaps"], "weir.state.lockstep")


class Failures(WeirTest):
    """At-least-once mode breaks exactly-once: a failure of the job, not of Weir."""

    def find(self, *words):
        return self.weir("campaign", "account-totals", "--mode", "at-least-once", "--properties",
                         "exactly-once,at-least-once", "--seeds", "60", "--quiet", *words)

    def test_duplicates(self):
        ended = self.find("--no-shrink")
        self.assertEqual(ended.status, 1, ended.err)
        report = self.report()
        rows = {row["id"]: row for row in report["properties"]}
        self.assertGreater(rows["exactly-once"]["violated"], 0)
        self.assertEqual(rows["at-least-once"]["violated"], 0)
        self.assertGreater(rows["at-least-once"]["witnessed"], 0)
        failure = report["failures"][0]
        self.assertEqual(failure["property"], "exactly-once")
        self.assertIn("duplicated", failure["signature"])

        plan = os.path.join("weir-report", failure["plan"])
        self.assertIn(f"replay --plan {plan}", ended.out)
        first, second = self.weir("replay", "--plan", plan), self.weir("replay", "--plan", plan)
        self.assertEqual(first.status, 1, first.err)
        self.assertEqual(first.out, second.out)
        self.assertEqual(first.line("digest"), failure["digest"])
        self.assertEqual(first.line("recorded"), "the recorded digest, verdict and signature again")
        by_seed = self.weir("replay", "account-totals", "--seed", str(failure["seed"]), "--mode", "at-least-once",
                            "--properties", "exactly-once,at-least-once")
        self.assertEqual(by_seed.line("digest"), failure["digest"])

    def test_as_the_readme_shows_it(self):
        with open(os.path.join(SOURCES, "README.md"), encoding="utf-8") as file:
            lines = [line.partition("#")[0].split()[1:] for line in file if line.startswith("    weir ")]
        lines = [words for words in lines if "at-least-once" in words or "--plan" in words]
        self.assertEqual([words[0] for words in lines], ["campaign", "replay", "shrink"])
        for words in lines:
            ended = self.weir(*words)
            self.assertEqual(ended.status, 1, f"{words}: {ended.err}")

    def test_shrinking(self):
        self.assertEqual(self.find("--fail-fast", "--no-shrink").status, 1)
        failure = self.report()["failures"][-1]
        plan = os.path.join("weir-report", failure["plan"])
        ended = self.weir("shrink", "--plan", plan, "--out", "small.json", "--runs", "150", "--quiet")
        self.assertEqual(ended.status, 1, ended.err)
        before, after = json.loads(self.read(plan)), json.loads(self.read("small.json"))
        self.assertTrue(len(after["faults"]) < len(before["faults"]) or after["kept"])
        self.assertEqual(after["expect"]["signature"].rsplit("/", 1)[0], failure["signature"].rsplit("/", 1)[0])
        again = self.weir("replay", "--plan", "small.json")
        self.assertEqual(again.status, 1)
        self.assertEqual(again.line("digest"), after["expect"]["digest"])

    def test_a_recorded_digest_of_the_same_sources_must_come_again(self):
        self.assertEqual(self.find("--fail-fast", "--no-shrink").status, 1)
        path = os.path.join("weir-report", self.report()["failures"][-1]["plan"])
        plan = json.loads(self.read(path))
        plan["expect"]["digest"] = "0" * 32
        self.write("other.json", json.dumps(plan))
        ended = self.weir("replay", "--plan", "other.json")
        self.assertEqual(ended.status, 3, ended.out)
        plan["expect"]["source"] = "f" * 32
        self.write("other.json", json.dumps(plan))
        ended = self.weir("replay", "--plan", "other.json")
        self.assertEqual(ended.status, 1, ended.out)
        self.assertIn("recorded by other sources", ended.out)

    def test_an_edited_plan_is_not_the_recorded_one(self):
        self.assertEqual(self.find("--fail-fast", "--no-shrink").status, 1)
        path = os.path.join("weir-report", self.report()["failures"][-1]["plan"])
        plan = json.loads(self.read(path))
        self.assertEqual(self.weir("replay", "--plan", self.write("same.json", json.dumps(plan))).status, 1)
        plan["scenario"] = "word-count"
        self.refused(["replay", "--plan", self.write("other.json", json.dumps(plan))],
                     "other.json: /expect: the plan was edited after this was recorded", "take 'expect' out")
        del plan["expect"]
        ended = self.weir("replay", "--plan", self.write("other.json", json.dumps(plan)))
        self.assertIn(ended.status, (0, 1), ended.err)

    def test_what_is_violated_is_not_vacuous(self):
        ended = self.weir("replay", "account-totals", "--seed", "1", "--set", "weir.run.event-budget=2000")
        self.assertEqual(ended.status, 1, ended.err)
        self.assertEqual(ended.line("  progress"), "violated")
        self.assertIn("the event budget of 2000 is spent", ended.out)

    def test_nothing_to_shrink(self):
        ended = self.weir("shrink", "account-totals", "--seed", "1", "--faults", "none")
        self.assertEqual(ended.status, 0, ended.err)
        self.assertIn("nothing to shrink", ended.out)
        self.assertEqual(os.listdir(self.folder), [])

    def test_fail_fast(self):
        self.assertEqual(self.find("--fail-fast", "--no-shrink", "--jobs", "1", "--out", "one").status, 1)
        self.assertEqual(self.find("--fail-fast", "--no-shrink", "--jobs", "3", "--out", "three").status, 1)
        one, three = self.report("one"), self.report("three")
        self.assertEqual(one["digest"], three["digest"])
        self.assertEqual(len(one["failures"]), 1)
        self.assertEqual(one["failures"][0]["seed"], one["seeds"]["run"])


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
