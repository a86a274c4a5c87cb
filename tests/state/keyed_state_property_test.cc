// Every kind of keyed state and timers against a sequential model, through snapshots that are written while the state
// goes on changing, restores and rescales.
#include "tests/state/keyed_model.h"

namespace weir {
namespace {

// A snapshot under way: what the state was when it was taken.
struct UnderWay {
  Model model;
  std::vector<std::unique_ptr<KeyedSnapshotWriter>> writers;
};

std::unique_ptr<Subject> Restored(BackendKind kind, UnderWay under_way, uint32_t parallelism) {
  auto subject = std::make_unique<Subject>(kind, parallelism);
  for (auto& writer : under_way.writers) {
    absl::StatusOr<bool> done = false;
    while (done.ok() && !*done) done = writer->Write(1);
    RC_ASSERT(done.ok());
    subject->Restore(writer->Take());
  }
  subject->Register();
  return subject;
}

// 13 is "clear much", 14 and 15 take a snapshot, 16 writes a step of the oldest, 17 recovers from the oldest, 18 merges
// namespaces.
// Each restore may be by another backend than the snapshot: `next` says which.
void CheckStateEqualsModel(const std::string& id, BackendKind first, BackendKind next, int runs) {
  CheckProperty(
      id,
      [&] {
        const auto ops = *rc::gen::container<std::vector<Op>>(400, rc::gen::arbitrary<Op>());
        Model model;
        auto subject = std::make_unique<Subject>(first, 3);
        subject->Register();
        std::vector<UnderWay> under_way;
        for (const Op& op : ops) {
          if (op.kind < 14 || op.kind == 18) {
            Apply(op, *subject, model);
          } else if (op.kind <= 15) {
            if (under_way.size() < 3) under_way.push_back({model, subject->Snapshot()});
          } else if (!under_way.empty() && op.kind == 16) {
            for (auto& writer : under_way.front().writers) RC_ASSERT(writer->Write(1).ok());
            for (auto& part : subject->parts_) RC_ASSERT(!part->backend->failed());
            // Its bytes are dropped half way: an aborted checkpoint.
            under_way.erase(under_way.begin());
          } else if (!under_way.empty()) {
            UnderWay oldest = std::move(under_way.front());
            const Model expected = oldest.model;
            auto restored = Restored(next, std::move(oldest), static_cast<uint32_t>(op.value % 4) + 1);
            CheckSame(*restored, expected);
            under_way.clear();  // their backends die with the attempt
            subject = std::move(restored);
            model = expected;
          }
        }
        for (auto& part : subject->parts_) RC_ASSERT(!part->backend->failed());
        CheckSame(*subject, model);
        while (!under_way.empty()) {
          UnderWay oldest = std::move(under_way.front());
          under_way.erase(under_way.begin());
          const Model expected = oldest.model;
          auto restored = Restored(next, std::move(oldest), 2);
          CheckSame(*restored, expected);
          DrainTimers(*restored, expected);
        }
        DrainTimers(*subject, model);
      },
      runs);
}

TEST_CASE("state-equals-model: heap backend, through snapshots under way, restores and rescales", "[state]") {
  CheckStateEqualsModel(
      "state-equals-model: heap backend, through snapshots under way, restores and rescales",
      BackendKind::kHeap, BackendKind::kHeap, 1000);
}

TEST_CASE("state-equals-model: rocksdb backend, through snapshots under way, restores and rescales",
          "[state][rocksdb]") {
  CheckStateEqualsModel(
      "state-equals-model: rocksdb backend, through snapshots under way, restores and rescales",
      BackendKind::kRocksdb, BackendKind::kRocksdb, 100);
}

TEST_CASE("backends-agree: in lockstep, through snapshots under way, restores and rescales",
          "[state][lockstep][rocksdb]") {
  CheckStateEqualsModel("backends-agree: heap leads", BackendKind::kHeapAndRocksdb,
                        BackendKind::kHeapAndRocksdb, 50);
  CheckStateEqualsModel("backends-agree: rocksdb leads", BackendKind::kRocksdbAndHeap,
                        BackendKind::kRocksdbAndHeap, 50);
  CheckStateEqualsModel("backends-agree: heap leads, then rocksdb", BackendKind::kHeapAndRocksdb,
                        BackendKind::kRocksdbAndHeap, 30);
}

TEST_CASE("state-equals-model: from one backend to the other", "[state][rocksdb]") {
  CheckStateEqualsModel("state-equals-model: from heap to rocksdb", BackendKind::kHeap, BackendKind::kRocksdb,
                        50);
  CheckStateEqualsModel("state-equals-model: from rocksdb to heap", BackendKind::kRocksdb, BackendKind::kHeap,
                        50);
}

}  // namespace
}  // namespace weir
