#!/usr/bin/env python3
"""bad_input_test.py WEIR SOURCES: whatever is wrong with a command line or an input ends with status 2, one sentence that
names it and what would be right, and nothing written."""
import json

from weir_program import SAMPLE, WeirTest, main

GOOD_LINE = open(SAMPLE, encoding="utf-8").readline()


class Words(WeirTest):
    def test_no_command(self):
        self.refused([], "a command is wanted")

    def test_unknown_command(self):
        self.refused(["campain"], "unknown command 'campain'", "did you mean 'campaign'?")

    def test_commands_of_later_steps(self):
        for command in ("upgrade", "state", "merge", "run", "savepoint", "cancel", "stop", "query", "cluster"):
            self.refused([command, "x"], f"command '{command}' is not yet available")

    def test_options_of_later_steps(self):
        self.refused(["campaign", "account-totals", "--shard", "1/2"], "option '--shard' is not yet available")
        self.refused(["replay", "account-totals", "--seed", "1", "--story"], "'--story' is not yet available")
        self.refused(["replay", "account-totals", "--seed", "1", "--trace", "t"], "'--trace' is not yet available")

    def test_unknown_scenario(self):
        self.refused(["campaign", "account-total"], "unknown scenario 'account-total'", "did you mean 'account-totals'?")
        self.refused(["replay", "word-cuont", "--seed", "1"], "did you mean 'word-count'?")

    def test_no_scenario(self):
        self.refused(["campaign"], "the name of a scenario is wanted")
        self.refused(["replay"], "--plan FILE")
        self.refused(["shrink", "word-count"], "--seed S is wanted")

    def test_scenarios_twice(self):
        self.refused(["campaign", "word-count", "word-count"], "twice")
        self.refused(["campaign", "word-count", "all"], "'all' stands alone")

    def test_unknown_option(self):
        self.refused(["campaign", "word-count", "--seedz", "5"], "unknown option '--seedz'", "did you mean '--seeds'?")
        self.refused(["list", "--jsn"], "did you mean '--json'?")

    def test_option_without_value(self):
        self.refused(["campaign", "word-count", "--seeds"], "option '--seeds' wants a value")
        self.refused(["campaign", "word-count", "--seeds", ""], "option '--seeds' wants a value")
        self.refused(["campaign", "word-count", "--strict=1"], "option '--strict' takes no value")

    def test_numbers(self):
        for value in ("0", "-3", "ten", "1.5"):
            self.refused(["campaign", "word-count", "--seeds", value], "--seeds: a whole number from 1 on is wanted")
        self.refused(["campaign", "word-count", "--jobs", "0"], "--jobs: a whole number from 1 on is wanted, not '0'")
        self.refused(["replay", "word-count", "--seed", "x"], "--seed: a whole number from 0 on is wanted, not 'x'")
        self.refused(["campaign", "word-count", "--for", "20"], "--for: a time with its unit is wanted", "not '20'")

    def test_lists(self):
        self.refused(["list", "fault"], "unknown list 'fault'", "did you mean 'faults'?")

    def test_resume_of_nothing(self):
        self.refused(["campaign", "word-count", "--resume", "--out", "x"], "nothing to resume", "x/runs.bin")

    def test_mutants(self):
        self.refused(["mutants", "--only", "no-such-mutant"], "unknown mutant 'no-such-mutant'")


class RunOptions(WeirTest):
    def campaign(self, *words):
        return ["campaign", "account-totals", "--seeds", "1", *words]

    def test_fault(self):
        self.refused(self.campaign("--faults", "net.dely"), "unknown fault 'net.dely'", "did you mean 'net.delay'?")
        self.refused(self.campaign("--faults", "pause:3"), "'pause' takes no parameter")
        self.refused(self.campaign("--faults", "net.delay:soon"), "whole number", "not 'soon'")
        self.refused(self.campaign("--faults", "crash,,net"), "an empty element")
        self.refused(self.campaign("--faults", "rescale:0"), "faults: rescale: a job on", "cannot have parallelism 0")
        self.refused(self.campaign("--faults", "crash,rescale:99999"), "cannot have parallelism 99999")
        self.refused(self.campaign("--faults", ""), "option '--faults' wants a value")

    def test_property(self):
        self.refused(self.campaign("--properties", "exactly-one"), "'exactly-one'", "did you mean 'exactly-once'?")
        self.refused(self.campaign("--properties", "+exactly-one"), "did you mean 'exactly-once'?")
        self.refused(self.campaign("--properties", "progress,"), "an empty name")

    def test_option_key(self):
        self.refused(self.campaign("--set", "parallelism.defalt=2"), "unknown option 'parallelism.defalt'",
                     "did you mean 'parallelism.default'?")
        self.refused(self.campaign("--set", "parallelism.default"), "KEY=VALUE is wanted")

    def test_parallelism(self):
        for value in ("0", "-1", "many"):
            self.refused(self.campaign("--set", f"parallelism.default={value}"), "parallelism.default", value)
        self.refused(self.campaign("--set", "parallelism.default=500"), "slots")
        self.refused(self.campaign("--set", "parallelism.default=4", "--set", "pipeline.max-parallelism=2"),
                     "pipeline.max-parallelism: 2", "at least parallelism.default, 4")

    def test_values(self):
        self.refused(self.campaign("--set", "execution.checkpointing.interval=soon"),
                     "execution.checkpointing.interval", "soon")
        self.refused(self.campaign("--mode", "exact-once"), "unknown mode 'exact-once'", "did you mean 'exactly-once'?")
        self.refused(self.campaign("--backend", "hep"), "unknown backend 'hep'", "did you mean 'heap'?")
        self.refused(self.campaign("--backend", "rocksbd"), "unknown backend 'rocksbd'", "did you mean 'rocksdb'?")
        self.refused(self.campaign("--set", "state.backend.rocksdb.writebuffer.size=1b"),
                     "state.backend.rocksdb.writebuffer.size", "from 1024")

    def test_time_to_live(self):
        for value in ("0", "0 ms", "1 us", "999 us"):
            self.refused(["campaign", "ttl-cache", "--seeds", "1", "--set", f"scenario.ttl={value}"],
                         "option scenario.ttl: ", "is not at least 1 ms")
        good = self.weir("campaign", "ttl-cache", "--seeds", "1", "--set", "scenario.ttl=1 ms")
        self.assertEqual(good.status, 0, good.err)

    def test_short_option_beside_another_value(self):
        self.refused(self.campaign("--backend", "heap", "--set", "state.backend=memory"), "--backend heap: ",
                     "--set gives state.backend as jobmanager, which is something else")
        self.refused(self.campaign("--set", "state.backend=hashmap", "--backend", "rocksdb"), "--backend rocksdb: ")
        self.refused(self.campaign("--mode", "exactly-once", "--set", "execution.checkpointing.mode=AT_LEAST_ONCE"),
                     "--mode exactly-once: ", "at-least-once, which is something else")
        good = self.weir(*self.campaign("--backend", "heap", "--set", "state.backend=filesystem", "--mode",
                                        "exactly-once", "--set", "execution.checkpointing.mode=EXACTLY_ONCE"))
        self.assertEqual(good.status, 0, good.err)
        # The command line wins over a file.
        self.write("memory.yaml", "state.backend: memory\n")
        good = self.weir(*self.campaign("--config", "memory.yaml", "--backend", "heap"))
        self.assertEqual(good.status, 0, good.err)

    def test_configuration_file(self):
        self.refused(self.campaign("--config", "none.yaml"), "cannot open 'none.yaml'")
        self.write("a.yaml", "parallelism:\n  defalt: 2\n")
        self.refused(self.campaign("--config", "a.yaml"), "a.yaml", "parallelism.defalt", "did you mean")
        self.write("b.yaml", "parallelism: [\n")
        self.refused(self.campaign("--config", "b.yaml"), "b.yaml, line 2")
        self.write("c.yaml", "parallelism.default: [1, 2]\n")
        self.refused(self.campaign("--config", "c.yaml"), "c.yaml, line 1", "wants one value")
        self.refused(self.campaign("--config", "/dev/zero"), "'/dev/zero' is a device, where a file is wanted")

    def test_output_folder(self):
        self.write("file", "")
        self.refused(self.campaign("--out", "file"), "cannot make the folder 'file'")


class Inputs(WeirTest):
    def campaign(self, *words):
        return ["campaign", "account-totals", "--seeds", "1", *words]

    def file(self, content):
        self.write("t.jsonl", content)
        return self.campaign("--input", "transactions=t.jsonl")

    def test_names(self):
        self.refused(self.campaign("--input", "transaction=t.jsonl"), "unknown input 'transaction'",
                     "did you mean 'transactions'?")
        self.refused(self.campaign("--input", "transactions"), "NAME=FILE is wanted")

    def test_missing_file(self):
        self.refused(self.campaign("--input", "transactions=none.jsonl"), "none.jsonl")

    def test_folder(self):
        self.refused(self.campaign("--input", "transactions=."), ".: a folder, where a file is wanted")

    def test_device_without_end(self):
        self.refused(self.campaign("--input", "transactions=/dev/zero"), "/dev/zero: a device")

    def test_empty_file(self):
        self.refused(self.file(""), "t.jsonl", "holds no record")

    def test_malformed_line(self):
        self.refused(self.file(GOOD_LINE + '{"account": "a", "amount" 3}\n'), "t.jsonl:2: ", "column")

    def test_wrong_type(self):
        record = json.loads(GOOD_LINE)
        record["amount"] = "much"
        self.refused(self.file(GOOD_LINE * 2 + json.dumps(record) + "\n"), "t.jsonl:3: ", "amount")

    def test_missing_field(self):
        record = json.loads(GOOD_LINE)
        del record["account"]
        self.refused(self.file(json.dumps(record) + "\n"), "t.jsonl:1: ", "account")

    def test_csv(self):
        self.write("t.csv", "account,amount\n007,5\n\"a,b\",-3\n")
        good = self.weir(*self.campaign("--input", "transactions=t.csv"))
        self.assertEqual(good.status, 0, good.err)
        self.write("t.csv", "account,amount\n007,5\n8,much\n")
        self.refused(self.campaign("--input", "transactions=t.csv"), "t.csv:3: ", "amount", "much")
        self.write("t.csv", "account,sum\n007,5\n")
        self.refused(self.campaign("--input", "transactions=t.csv"), "t.csv:1: ", "amount")

    def test_huge_line(self):
        record = json.loads(GOOD_LINE)
        record["account"] = "a" * (2 << 20)
        self.refused(self.file(json.dumps(record) + "\n"), "t.jsonl:1: ", "bytes")


class Plans(WeirTest):
    def setUp(self):
        super().setUp()
        self.plan = {
            "schema": 1, "scenario": "account-totals", "seed": 1, "workload_seed": 1,
            "options": {"parallelism.default": "2", "execution.checkpointing.interval": "100 ms"}, "inputs": {},
            "properties": [], "kept": [], "schedule": {"strategy": "fifo", "slack_ns": 0}, "overrides": [],
            "faults": [{"trigger": {"at_ns": 1000, "delay_ns": 0},
                        "action": {"kind": "crash.task-manager", "node": "task-manager-0", "parameter": 1000000,
                                   "silent": False}}],
            "liveness_at_ns": 2000000000}

    def replay(self, plan, *words):
        self.write("plan.json", plan if isinstance(plan, str) else json.dumps(plan, indent=2))
        return ["replay", "--plan", "plan.json", *words]

    def test_good(self):
        ended = self.weir(*self.replay(self.plan))
        self.assertEqual(ended.status, 0, ended.err)

    def test_missing(self):
        self.refused(["replay", "--plan", "none.json"], "cannot open 'none.json'")
        self.refused(["replay", "--plan", "/dev/zero"], "'/dev/zero' is a device, where a file is wanted")

    def test_damaged(self):
        text = json.dumps(self.plan, indent=2)
        self.refused(self.replay(text[:200]), "plan.json: line", "column", "the file ends too early")
        self.refused(self.replay(text.replace('"seed": 1,', '"seed": 1')), "plan.json: line", "this is no JSON")
        self.refused(self.replay(text.replace('"seed": 1,', '"seed": "1",')), "/seed: a whole number is wanted")
        self.refused(self.replay(text.replace("crash.task-manager", "crash.task-manger")),
                     "/faults/0/action/kind", "did you mean 'crash.task-manager'?")
        self.refused(self.replay("\0\1\2"), "plan.json: line 1, column 1")

    def test_wrong_schema(self):
        self.plan["schema"] = 7
        self.refused(self.replay(self.plan), "/schema: this program reads schema 1, not 7")

    def test_of_another_scenario(self):
        self.refused(self.replay(self.plan, "word-count"), "this is a plan of 'account-totals', not of 'word-count'")
        self.plan["scenario"] = "my-totals"
        self.refused(self.replay(self.plan), "unknown scenario 'my-totals'")

    def test_of_another_input(self):
        self.write("t.jsonl", GOOD_LINE * 3)
        self.plan["inputs"] = {"transactions": {"file": "t.jsonl", "hash": "0" * 32}}
        self.refused(self.replay(self.plan), "t.jsonl is not the file that the plan was made with")
        self.plan["inputs"] = {"payments": {"file": "t.jsonl", "hash": "0" * 32}}
        self.refused(self.replay(self.plan), "unknown input 'payments'")

    def test_of_another_cluster(self):
        self.plan["faults"][0]["action"]["node"] = "task-manager-77"
        self.refused(self.replay(self.plan), "/faults/0/action/node: unknown node 'task-manager-77'")

    def test_of_other_options(self):
        self.plan["options"]["parallelism.defalt"] = "3"
        self.refused(self.replay(self.plan), "plan.json", "unknown option 'parallelism.defalt'")
        del self.plan["options"]["parallelism.defalt"]
        self.plan["options"]["parallelism.default"] = "-3"
        self.refused(self.replay(self.plan), "plan.json", "parallelism.default: -3")

    def test_of_records_that_are_not_there(self):
        self.plan["kept"] = [{"topic": "transactions", "split": 99, "ranges": []}]
        self.refused(self.replay(self.plan), "/kept/0", "no split 99")
        self.plan["kept"] = [{"topic": "transactions", "split": 0, "ranges": [[0, 1 << 40]]}]
        self.refused(self.replay(self.plan), "/kept/0", "records")

    def test_options_beside_a_plan(self):
        self.refused(self.replay(self.plan, "--faults", "none"), "--faults does not go with --plan")
        self.refused(self.replay(self.plan, "--seed", "3"), "--seed does not go with --plan")


if __name__ == "__main__":
    main()
