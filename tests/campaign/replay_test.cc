#include "campaign/replay.h"

#include <catch2/catch.hpp>

#include "sim/digest.h"

namespace weir::campaign {
namespace {

// A target whose every run, or only its first, reaches `checkpoint` 3 at its second event; the others reach 4.
Target Checkpoints(bool always_equal) {
  Target target;
  target.run = [always_equal, runs = 0](const faults::Plan&, const scenarios::RunHooks& hooks) mutable {
    sim::Digest digest(true);
    digest.Add(Instant(), NodeId(1), events::CheckpointTriggered(1, 1));
    digest.Add(Instant(), NodeId(1), events::CheckpointTriggered(always_equal || runs++ == 0 ? 3 : 4, 1));
    hooks.with_trace(digest);
    return scenarios::RunResult();
  };
  return target;
}

}  // namespace

TEST_CASE("replay: the first event in which two runs of a plan differ is named in both versions",
          "[campaign]") {
  const std::string said = FirstDifference(Checkpoints(false), faults::Plan());
  CHECK(said.find("part at event 1") != std::string::npos);
  CHECK(said.find("checkpoint=3") != std::string::npos);
  CHECK(said.find("checkpoint=4") != std::string::npos);
}

TEST_CASE("replay: equal runs blame the recording", "[campaign]") {
  CHECK(FirstDifference(Checkpoints(true), faults::Plan()).find("are equal here") != std::string::npos);
}

}  // namespace weir::campaign
