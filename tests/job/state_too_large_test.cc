// State that the job manager's memory does not take fails the checkpoint, not the task: the coordinator counts it like any
// other failure, and the reason names operator, state and both sizes. It was operator state that failed the task, since
// that is placed in the same handler in which it is copied.
#include <catch2/catch.hpp>

#include "runtime/checkpoint/abort_reason.h"
#include "tests/job/cluster.h"

namespace weir {
namespace {

Cluster::Options Limited(const std::string& limit, const std::string& tolerable) {
  Cluster::Options options;
  options.settings = {{"state.backend", "jobmanager"},
                      {"weir.memory.max-state-size", limit},
                      {"execution.checkpointing.tolerable-failed-checkpoints", tolerable},
                      {"restart-strategy.fixed-delay.attempts", "1"}};
  return options;
}

TEST_CASE(
    "state too large: the checkpoint is declined, and with nothing tolerated the job fails with the reason",
    "[job]") {
  // Of all states that of the sums grows largest.
  const auto [limit, state] =
      GENERATE(table<std::string, std::string>({{"20", "operator states "}, {"400", "keyed states "}}));
  INFO(limit);
  Cluster cluster(Limited(limit, "0"));
  REQUIRE(cluster.RunUntil([&] { return cluster.count(EventId::kJobFailed) == 1; }));
  const std::string says = cluster.world().Describe();
  INFO(says);
  CHECK(cluster.count(EventId::kCheckpointDeclined) >= 2);
  CHECK(cluster.count(EventId::kJobRestarting) == 1);
  CHECK(cluster.last(EventId::kCheckpointAborted).fields[1] == static_cast<uint64_t>(AbortReason::kDeclined));
  CHECK_THAT(says, Catch::Contains("more than 0 checkpoints failed in a row") &&
                       Catch::Contains(": declined: ") && Catch::Contains("operator ") &&
                       Catch::Contains(state) && Catch::Contains(" bytes are more than the " + limit));
}

TEST_CASE("state too large: a job that tolerates failed checkpoints goes on", "[job]") {
  const std::string limit = GENERATE("20", "400");
  INFO(limit);
  Cluster cluster(Limited(limit, "1000000"));
  REQUIRE(cluster.RunUntil([&] { return cluster.count(EventId::kCheckpointAborted) >= 5; }));
  CHECK(cluster.count(EventId::kCheckpointDeclined) >= 5);
  CHECK(cluster.count(EventId::kJobRestarting) == 0);
  CHECK(cluster.count(EventId::kJobRunning) == 1);
}

}  // namespace
}  // namespace weir
