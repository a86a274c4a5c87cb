// A job that goes on with another parallelism after a failure, from its state.
#include <catch2/catch.hpp>

#include "tests/job/cluster.h"

namespace weir {
namespace {

// The subtasks of the keyed vertex fail once, at the n-th completed checkpoint; the attempt after that has `parallelism`.
struct Step {
  uint64_t completed = 0;
  uint32_t parallelism = 0;
};

class Rescaling {
 public:
  Rescaling(Cluster& cluster, std::vector<Step> steps) : steps_(std::move(steps)) {
    cluster.on_event = [this, &cluster](NodeId, const Event& event) -> absl::Status {
      if (event.id == EventId::kVertexScheduled) {
        parallelisms_[Field(event, "attempt")] = Field(event, "parallelism");
      }
      if (event.id != EventId::kRecordReceived || next_ == steps_.size()) return absl::OkStatus();
      if (cluster.count(EventId::kCheckpointCompleted) < steps_[next_].completed) return absl::OkStatus();
      wanted_ = steps_[next_++].parallelism;
      return absl::UnavailableError("injected");
    };
    cluster.on_choose = [this](const Event& event, uint32_t count) -> uint32_t {
      CHECK(event.id == EventId::kParallelismChosen);
      return wanted_ < count ? wanted_ : 0;
    };
  }
  // Of the last vertex, by attempt.
  const std::map<uint64_t, uint64_t>& parallelisms() const { return parallelisms_; }

 private:
  std::vector<Step> steps_;
  size_t next_ = 0;
  uint32_t wanted_ = 0;
  std::map<uint64_t, uint64_t> parallelisms_;
};

using Attempts = std::map<uint64_t, uint64_t>;

Cluster::Options SixSlots(uint64_t seed) {
  Cluster::Options options;
  options.seed = seed;
  options.task_managers = 3;
  options.slots = 2;
  return options;
}

TEST_CASE("rescale: up, down and back, each from a checkpoint, exactly once") {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    Cluster cluster(SixSlots(seed));
    Rescaling rescaling(cluster, {{2, 5}, {4, 1}, {6, 3}, {8, 2}});
    const bool drained = cluster.RunUntilDrained();
    INFO("seed " << seed << "\n" << cluster.Explain());
    REQUIRE(drained);
    CHECK(rescaling.parallelisms() == Attempts{{1, 2}, {2, 5}, {3, 1}, {4, 3}, {5, 2}});
    CHECK(cluster.Record().parallelism == 2);
  }
}

TEST_CASE("rescale: nobody is asked before the first attempt, and 0 keeps what there is") {
  Cluster cluster(SixSlots(31));
  Rescaling rescaling(cluster, {{2, 0}});
  uint64_t asked = 0;
  cluster.on_choose = [&asked](const Event& event, uint32_t count) {
    ++asked;
    CHECK(Field(event, "parallelism") == 2);
    CHECK(count == 7);  // as many as there are slots, or to keep it
    return 0u;
  };
  const bool drained = cluster.RunUntilDrained();
  INFO(cluster.Explain());
  REQUIRE(drained);
  CHECK(asked == 1);
  CHECK(rescaling.parallelisms() == Attempts{{1, 2}, {2, 2}});
  CHECK(cluster.count(EventId::kParallelismChosen) == 0);
  CHECK(cluster.Record().parallelism == 0);
}

TEST_CASE("rescale: the number of key groups stays, and bounds the parallelism") {
  Cluster::Options options = SixSlots(41);
  options.settings = {{"pipeline.max-parallelism", "3"}};
  Cluster cluster(options);
  Rescaling rescaling(cluster, {{2, 3}});
  uint32_t most = 0;
  const auto choose = std::exchange(cluster.on_choose, nullptr);
  cluster.on_choose = [&](const Event& event, uint32_t count) {
    most = count - 1;
    return choose(event, count);
  };
  const bool drained = cluster.RunUntilDrained();
  INFO(cluster.Explain());
  REQUIRE(drained);
  CHECK(most == 3);
  CHECK(rescaling.parallelisms() == Attempts{{1, 2}, {2, 3}});
}

TEST_CASE("rescale: another leader goes on with the parallelism, wherever the one before died") {
  uint64_t seed = 50;
  for (const EventId id : {EventId::kParallelismChosen, EventId::kRegisterSwapped, EventId::kRecoveryChosen,
                           EventId::kJobScheduled, EventId::kJobRunning, EventId::kCheckpointCompleted}) {
    Cluster::Options options = SixSlots(++seed);
    options.job_managers = 2;
    Cluster cluster(options);
    bool has_chosen = false, is_armed = true;
    NodeId leader;
    cluster.on_event = [&](NodeId node, const Event& event) -> absl::Status {
      if (event.id == EventId::kLeaderElected) leader = node;
      if (event.id == EventId::kParallelismChosen) has_chosen = true;
      if (event.id == EventId::kRecordReceived && !has_chosen &&
          cluster.count(EventId::kCheckpointCompleted) >= 2) {
        return absl::UnavailableError("injected");
      }
      if (event.id != id || !has_chosen || !is_armed) return absl::OkStatus();
      is_armed = false;
      cluster.world().Crash(leader, sim::CrashMode::kReset);
      return node == leader ? absl::AbortedError("crashed") : absl::OkStatus();
    };
    cluster.on_choose = [&](const Event&, uint32_t) { return has_chosen ? 0u : 4u; };
    const bool drained = cluster.RunUntilDrained();
    INFO("crash at " << Info(id).name << "\n" << cluster.Explain());
    REQUIRE(drained);
    REQUIRE(!is_armed);
    // Chosen and not stored: then it never was.
    if (id != EventId::kParallelismChosen)
      CHECK(Field(cluster.last(EventId::kVertexScheduled), "parallelism") == 4);
  }
}

TEST_CASE("rescale: whoever dies while it goes on, nothing is lost and nothing comes twice") {
  uint64_t seed = 70;
  for (const EventId id :
       {EventId::kSubtaskDeployed, EventId::kStateRestored, EventId::kSubtaskRunning,
        EventId::kTransactionRecovered, EventId::kTransactionCommitting, EventId::kTransactionCommitted,
        EventId::kCheckpointTriggered, EventId::kNotifyCompleteSent}) {
    for (const uint32_t to : {1u, 5u}) {
      Cluster cluster(SixSlots(++seed));
      Rescaling rescaling(cluster, {{2, to}, {4, 3}});
      const auto rescale = cluster.on_event;
      uint64_t seen = 0;
      cluster.on_event = [&](NodeId node, const Event& event) -> absl::Status {
        if (absl::Status status = rescale(node, event); !status.ok()) return status;
        if (event.id != id || cluster.count(EventId::kJobScheduled) < 2 || ++seen != 1)
          return absl::OkStatus();
        cluster.world().Crash(node, sim::CrashMode::kReset);
        return absl::AbortedError("crashed");
      };
      const bool drained = cluster.RunUntilDrained();
      INFO("crash at " << Info(id).name << " to " << to << "\n" << cluster.Explain());
      REQUIRE(drained);
    }
  }
}

}  // namespace
}  // namespace weir
