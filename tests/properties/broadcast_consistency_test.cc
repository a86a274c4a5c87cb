// broadcast-state-consistent on checkpoints written by hand.
#include "properties/broadcast_consistency.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "tests/properties/synthetic.h"

namespace weir::properties {
namespace {

constexpr uint64_t kRecords = 4;  // of each split

JobShape BroadcastJob() {
  JobShape job = SumJob();
  job.edges[0].partitioner = EdgeShape::Partitioner::kBroadcast;
  return job;
}

// A run of which a test says what each checkpoint holds.
class Run {
 public:
  explicit Run(JobShape job, BroadcastConsistencyOptions options = {})
      : job_(std::move(job)), property_(MakeBroadcastStateConsistent(std::move(options))()) {
    AddTransactions(kRecords, &outside);
    property_->Begin(job_, outside);
  }
  // Everything emitted was applied by three subtasks, which hold the same.
  SumState Correct() const {
    SumState state = SumState::Correct(job_, {kRecords, kRecords});
    std::vector<Hash128> all;
    for (const auto& parsed : state.parsed) all.insert(all.end(), parsed.begin(), parsed.end());
    state.summed = {all, all, all};
    state.forwarded.resize(3);
    state.sunk.resize(3);
    state.limits.assign(3, {{"food", 100}, {"rent", 900}});
    return state;
  }
  void Complete(uint64_t checkpoint, const SumState& state) {
    WriteCheckpoint(job_, checkpoint, state, &outside);
    Tell(events::CheckpointCompleted(checkpoint, 1));
  }
  void Tell(const Event& event) { properties::Tell(*property_, event); }
  Verdict End(bool drained = true, uint64_t final_checkpoint = 1) {
    RunEnd end;
    end.drained = drained;
    end.final_checkpoint = final_checkpoint;
    return property_->End(end);
  }
  bool witnessed() const { return property_->Witnessed(); }

  FakeOutside outside;

 private:
  JobShape job_;
  std::unique_ptr<Property> property_;
};

void CheckViolated(const Verdict& verdict, const std::string& kind, const std::vector<std::string>& words) {
  CHECK(verdict.outcome == Outcome::kViolated);
  CHECK(verdict.signature.ToString() == "broadcast-state-consistent/sum/" + kind + "/");
  INFO(verdict.message);
  for (const std::string& word : words) {
    INFO(word);
    CHECK(absl::StrContains(verdict.message, word));
  }
}

TEST_CASE("broadcast consistency: equal copies of everything hold", "[properties][broadcast]") {
  Run run(BroadcastJob());
  SumState early = run.Correct();
  for (auto& applied : early.summed) applied.pop_back();
  early.parsed[1].pop_back();
  run.Complete(1, early);
  run.Complete(2, run.Correct());
  CHECK(run.End(true, 2).outcome == Outcome::kHeld);
}

TEST_CASE("broadcast consistency: equal elements and different states are seen, key by key",
          "[properties][broadcast]") {
  const bool exactly_once = GENERATE(true, false);
  JobShape job = BroadcastJob();
  job.exactly_once = exactly_once;
  Run run(job);
  run.outside.blame = "the function, not the engine, is at fault";
  SumState state = run.Correct();
  run.Complete(1, state);
  SECTION("another value") {
    state.limits[2]["rent"] = 800;
    run.Complete(2, state);
    run.Complete(3, run.Correct());  // that it heals does not help
    CheckViolated(
        run.End(true, 3), "copies-differ",
        {"sum: subtasks 0 and 2", "the same 8 broadcast elements", "limits", "checkpoint 2", "under \"rent\"",
         "subtask 0 has 900, subtask 2 has 800", "; the function, not the engine, is at fault"});
  }
  SECTION("a key more") {
    state.limits[1]["a"] = 1;
    run.Complete(2, state);
    CheckViolated(run.End(true, 2), "copies-differ", {"under \"a\", subtask 0 has nothing, subtask 1 has 1"});
  }
  SECTION("no copy at all") {
    state.limits.resize(1);
    run.Complete(2, state);
    CheckViolated(run.End(true, 2), "copies-differ",
                  {"under \"food\", subtask 0 has 100, subtask 1 has nothing"});
  }
  SECTION("only whoever recovers says that the checkpoint was completed") {
    state.limits[2].clear();
    WriteCheckpoint(job, 2, state, &run.outside);
    run.Tell(events::RecoveryChosen(2, 2));
    CheckViolated(run.End(false, 0), "copies-differ", {"checkpoint 2"});
  }
}

TEST_CASE("broadcast consistency: what was not declared is not compared", "[properties][broadcast]") {
  BroadcastConsistencyOptions options;
  SECTION("another state") { options.states = {"patterns"}; }
  SECTION("an update that depends on the order") { options.updates_commute = false; }
  Run run(BroadcastJob(), options);
  SumState state = run.Correct();
  state.limits[2]["rent"] = 800;
  run.Complete(1, state);
  CHECK(run.End().outcome == Outcome::kHeld);
}

TEST_CASE("broadcast consistency: a subtask that lags is named, in exactly-once mode",
          "[properties][broadcast]") {
  JobShape job = BroadcastJob();
  SECTION("exactly-once") {
    job.ledger_sets = GENERATE(false, true);
    Run run(job);
    SumState state = run.Correct();
    state.summed[1].pop_back();
    state.limits[1].clear();
    run.Complete(1, state);
    run.Complete(2, run.Correct());
    const Verdict verdict = run.End(true, 2);
    CheckViolated(verdict, "lags",
                  {"sum: subtask 1 has applied 7", "subtask 0 has applied 8", "checkpoint 1"});
    CHECK(verdict.needs_sets == !job.ledger_sets);
    CHECK(absl::StrContains(verdict.message, "record 3 of split 1 of transactions: s1r3") == job.ledger_sets);
  }
  SECTION("as many others") {
    Run run(job);
    SumState state = run.Correct();
    state.summed[2].back() = state.summed[2].front();
    run.Complete(1, state);
    CheckViolated(run.End(), "lags", {"subtask 2 has applied 8", "as many others"});
  }
  SECTION("at-least-once: who has applied something else may hold something else") {
    job.exactly_once = false;
    Run run(job);
    SumState state = run.Correct();
    state.summed[1].pop_back();
    state.limits[1].clear();
    run.Complete(1, state);
    CHECK(run.End().outcome == Outcome::kHeld);
  }
}

TEST_CASE("broadcast consistency: after the last record all of it was applied", "[properties][broadcast]") {
  Run run(BroadcastJob());
  SumState state = run.Correct();
  for (auto& applied : state.summed) applied.pop_back();
  run.Complete(1, state);
  SECTION("drained") {
    CheckViolated(run.End(true, 1), "incomplete", {"subtask 0 has applied 7 of the 8", "checkpoint 1"});
  }
  SECTION("not drained") { CHECK(run.End(false, 0).outcome == Outcome::kHeld); }
}

TEST_CASE("broadcast consistency: the twin wants another order, and then copies that hold something",
          "[properties][broadcast]") {
  Run run(BroadcastJob());
  SumState empty = run.Correct();
  empty.limits.assign(3, {});
  SECTION("none") { run.Complete(1, run.Correct()); }
  SECTION("the first on offer") {
    run.Tell(events::BroadcastElementChosen(1, 0, 1, 0, 0));
    run.Complete(1, run.Correct());
  }
  SECTION("of another operator") {
    run.Tell(events::BroadcastElementChosen(2, 0, 1, 0, 1));
    run.Complete(1, run.Correct());
  }
  SECTION("nothing held") {
    run.Tell(events::BroadcastElementChosen(1, 0, 1, 0, 1));
    run.Complete(1, empty);
  }
  SECTION("too late") {
    run.Complete(1, run.Correct());
    run.Tell(events::BroadcastElementChosen(1, 0, 1, 0, 1));
  }
  CHECK_FALSE(run.witnessed());
  run.Tell(events::BroadcastElementChosen(1, 0, 1, 0, 1));
  run.Complete(9, run.Correct());
  CHECK(run.witnessed());
}

TEST_CASE("broadcast consistency: what cannot be judged is not called held", "[properties][broadcast]") {
  JobShape job = BroadcastJob();
  SECTION("no checkpoint") {}
  SECTION("nothing is broadcast") { job = SumJob(); }
  SECTION("no ledger") { job.ledger = false; }
  CHECK(MakeBroadcastStateConsistent({})()->AppliesTo(job) ==
        (job.ledger && job.edges[0].partitioner == EdgeShape::Partitioner::kBroadcast));
  Run run(job);
  const Verdict verdict = run.End(false, 0);
  CHECK(verdict.outcome == Outcome::kNotJudged);
  CHECK_FALSE(verdict.message.empty());
}

}  // namespace
}  // namespace weir::properties
