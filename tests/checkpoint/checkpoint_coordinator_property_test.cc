#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <set>

#include "tests/check_property.h"
#include "tests/checkpoint/coordinator_harness.h"

namespace weir {
namespace {

// A list model of the job: which checkpoints may complete, judged from the outside by what was sent. It runs beside the
// coordinator through random acknowledgements, declines, failovers and failing services.
struct Model {
  std::map<uint64_t, uint32_t> attempt_of;               // triggered checkpoints
  std::map<uint64_t, std::set<SubtaskId>> acknowledged;  // in time, by the right attempt
};

void CheckInvariants(const CoordinatorHarness& h, const Model& model) {
  const JobRecord stored = h.Stored();
  RC_ASSERT(stored.retained.size() <= 2u);
  for (const CheckpointPointer& pointer : stored.retained) {
    // Whatever the register names is whole: every subtask acknowledged it in time, and every file is there.
    RC_ASSERT(model.acknowledged.at(pointer.id.value).size() == 4u);
    RC_ASSERT(h.FilesOf(pointer.id.value) == 5u);
    RC_ASSERT(std::count(h.gateway.aborted.begin(), h.gateway.aborted.end(), pointer.id.value) == 0);
  }
  for (uint64_t id : h.gateway.completed) RC_ASSERT(model.acknowledged.at(id).size() == 4u);
  RC_ASSERT(std::is_sorted(h.gateway.completed.begin(), h.gateway.completed.end()));
  for (uint64_t id : h.gateway.aborted) {
    RC_ASSERT(std::count(h.gateway.completed.begin(), h.gateway.completed.end(), id) == 0);
  }
}

TEST_CASE(
    "coordinator: agrees with a list model under random acknowledgements, declines, failovers and outages") {
  CheckProperty("coordinator/model", [] {
    CoordinatorHarness h(
        [](auto& options) {
          options.max_concurrent = *rc::gen::inRange<uint32_t>(1, 4);
          options.timeout = Duration::Millis(*rc::gen::inRange(50, 400));
          options.min_pause = Duration::Millis(*rc::gen::element(0, 0, 30, 150));
          options.tolerable_failures = 1000;
        },
        2);
    Model model;
    uint32_t attempt = 1;
    h.Start(attempt);
    // Always at full size: a short run completes nothing.
    const auto steps = *rc::gen::resize(
        rc::kNominalSize, rc::gen::container<std::vector<std::pair<int, int>>>(
                              300, rc::gen::pair(rc::gen::inRange(0, 16), rc::gen::inRange(0, 1000))));
    for (const auto& [choice, detail] : steps) {
      for (uint64_t id : h.gateway.triggered) model.attempt_of.emplace(id, attempt);
      const SubtaskId subtask = Subtasks()[static_cast<size_t>(detail % 4)];
      const std::vector<CheckpointId> pending = h.coordinator->PendingIds();
      const uint64_t newest = h.gateway.triggered.empty() ? 0 : h.gateway.triggered.back();
      if (choice <= 4 && !pending.empty()) {
        const uint64_t id = pending[static_cast<size_t>(detail / 4) % pending.size()].value;
        if (model.attempt_of.at(id) != attempt) continue;
        h.Acknowledge(id, subtask, attempt);
        model.acknowledged[id].insert(subtask);
      } else if (choice == 5 && !pending.empty()) {
        const uint64_t id = pending.front().value;
        if (model.attempt_of.at(id) != attempt) continue;
        h.AcknowledgeAll(id);
        for (SubtaskId each : Subtasks()) model.acknowledged[id].insert(each);
      } else if (choice == 6 && newest > 0) {
        // Repeated, late, or of an execution of the past: never counts towards a pending checkpoint it does not fit.
        const uint64_t id = static_cast<uint64_t>(detail) % newest + 1;
        const bool is_pending = std::count(pending.begin(), pending.end(), CheckpointId(id)) != 0;
        if (is_pending) {
          h.Acknowledge(id, subtask, attempt + 1);
        } else {
          const uint64_t last = h.Stored().retained.empty() ? 0 : h.Stored().retained.back().id.value;
          // Its file is there again, but for a retained one it is the same file.
          if (id <= last || h.FilesOf(id) == 0)
            h.coordinator->Acknowledge(subtask, Attempt(attempt), CheckpointId(id), {});
        }
      } else if (choice == 8 && newest > 0 && detail % 3 == 0) {
        h.coordinator->Decline(Attempt(attempt), CheckpointId(newest),
                               absl::ResourceExhaustedError("too large"));
      } else if (choice == 9 && detail % 3 == 0) {
        h.coordinator->Stop();
        h.Start(++attempt);
      } else if (choice == 10) {
        h.world.registry.fates.script.push_back(static_cast<Fate>(detail % 4));
      } else if (choice == 11) {
        h.world.store.fates.script.push_back(static_cast<Fate>(detail % 4));
      } else {
        h.RunFor(detail % (choice <= 13 ? 4 : 60));
      }
      CheckInvariants(h, model);
    }
    // Outages end: a checkpoint that everybody acknowledges completes, and only retained folders are left.
    h.world.registry.fates.script.clear();
    h.world.store.fates.script.clear();
    h.coordinator->Stop();
    h.RunFor(500);
    h.Start(++attempt);
    const uint64_t last = h.NextTriggered();
    for (SubtaskId subtask : Subtasks()) {
      h.Acknowledge(last, subtask, attempt);
      model.acknowledged[last].insert(subtask);
    }
    h.RunFor(50);
    h.coordinator->Stop();
    h.RunFor(500);
    CheckInvariants(h, model);
    RC_ASSERT(h.Stored().retained.back().id == CheckpointId(last));
    RC_ASSERT(h.gateway.completed.back() == last);
    h.coordinator->DiscardOrphans();
    h.RunFor(1000);
    for (uint64_t id = 1; id <= last; ++id) {
      bool is_retained = false;
      for (const CheckpointPointer& pointer : h.Stored().retained) is_retained |= pointer.id.value == id;
      RC_ASSERT(h.FilesOf(id) == (is_retained ? 5u : 0u));
    }
  });
}

}  // namespace
}  // namespace weir
