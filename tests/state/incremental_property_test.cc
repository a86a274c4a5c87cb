// Chains of incremental checkpoints against a sequential model: several under way at once, some given up, some complete
// of which not every backend hears, files deleted as soon as no retained checkpoint names them, and restores at any
// parallelism from what is left.
#include "tests/state/keyed_model.h"
#include "tests/state/stored_snapshot.h"

namespace weir {
namespace {

struct UnderWay {
  CheckpointId id;
  Model model;
  std::vector<std::unique_ptr<KeyedSnapshotWriter>> writers;  // by subtask
};

// What the job manager keeps: one complete checkpoint.
struct Retained {
  CheckpointId id;
  Model model;
  std::vector<KeyedHandle> handles;  // by subtask
};

class Chain {
 public:
  explicit Chain(BackendKind kind) : kind_(kind) { Begin(3); }

  Subject& subject() { return *subject_; }
  Model model;

  void Snapshot() {
    if (under_way_.size() >= 3) return;
    UnderWay& taken = under_way_.emplace_back();
    taken.id = CheckpointId(++last_id_);
    taken.model = model;
    for (size_t i = 0; i < subject_->parts_.size(); ++i) {
      CheckpointRequest request;
      request.checkpoint = taken.id;
      request.shared_prefix = absl::StrCat("shared/", taken.id.value, "-", attempt_, "-", i);
      request.inline_max = last_id_ % 5 == 0 ? 100'000 : 0;
      taken.writers.push_back(subject_->parts_[i]->backend->SnapshotForCheckpoint(request, nullptr));
    }
  }
  // The oldest one is given up; `is_told`: of the backends, each second hears of it.
  void GiveUp(bool is_told) {
    if (under_way_.empty()) return;
    const CheckpointId id = under_way_.front().id;
    under_way_.erase(under_way_.begin());
    for (size_t i = 0; is_told && i < subject_->parts_.size(); i += 2) {
      subject_->parts_[i]->backend->NotifyCheckpointAborted(id);
    }
  }
  // One of those under way is complete; what is older is given up.
  void Complete(size_t which, bool all_are_told) {
    if (under_way_.empty()) return;
    which %= under_way_.size();
    UnderWay done = std::move(under_way_[which]);
    under_way_.erase(under_way_.begin(), under_way_.begin() + static_cast<std::ptrdiff_t>(which) + 1);
    Retained next{done.id, std::move(done.model), {}};
    for (size_t i = 0; i < done.writers.size(); ++i) {
      absl::StatusOr<bool> written = false;
      while (written.ok() && !*written) written = done.writers[i]->Write(1);
      RC_ASSERT(written.ok());
      next.handles.push_back(store_.Put(done.writers[i]->Take(), done.id,
                                        absl::StrCat("chk-", done.id.value, "/", attempt_, "-", i)));
    }
    done.writers.clear();
    retained_ = std::move(next);
    for (size_t i = 0; i < subject_->parts_.size(); ++i) {
      if (all_are_told || i % 2 == 0) subject_->parts_[i]->backend->NotifyCheckpointComplete(done.id);
    }
    DeleteUnnamed();
  }
  void Restore(uint32_t parallelism) {
    if (!retained_.has_value()) return;
    under_way_.clear();
    Begin(parallelism);
    CheckSame(*subject_, retained_->model);
    model = retained_->model;
  }
  void CheckEnd() {
    for (auto& part : subject_->parts_) RC_ASSERT(!part->backend->failed());
    CheckSame(*subject_, model);
    under_way_.clear();
    if (!retained_.has_value()) return;
    Restore(2);
    DrainTimers(*subject_, model);
  }

 private:
  void Begin(uint32_t parallelism) {
    ++attempt_;
    subject_ = std::make_unique<Subject>(kind_, parallelism);
    if (retained_.has_value()) {
      for (auto& part : subject_->parts_) {
        for (const KeyedHandle& handle : retained_->handles) {
          const absl::Status status = store_.RestoreInto(*part->backend, handle);
          if (!status.ok()) RC_FAIL(std::string(status.message()));
        }
      }
    }
    subject_->Register();
  }
  void DeleteUnnamed() {
    std::set<std::string> named;
    for (const KeyedHandle& handle : retained_->handles) named.merge(StoredFiles::KeysOf(handle));
    for (auto it = store_.files.begin(); it != store_.files.end();) {
      it = named.count(it->first) == 0 ? store_.files.erase(it) : std::next(it);
    }
  }

  const BackendKind kind_;
  uint64_t last_id_ = 0;
  uint32_t attempt_ = 0;
  StoredFiles store_;
  std::optional<Retained> retained_;
  std::unique_ptr<Subject> subject_;
  std::vector<UnderWay> under_way_;  // before their backends go
};

// 14 takes a snapshot, 15 gives up the oldest, 16 completes one, 17 recovers.
void CheckChains(const std::string& id, BackendKind kind, int runs) {
  CheckProperty(
      id,
      [&] {
        const auto ops = *rc::gen::container<std::vector<Op>>(300, rc::gen::arbitrary<Op>());
        Chain chain(kind);
        for (const Op& op : ops) {
          if (op.kind < 14 || op.kind == 18) {
            Apply(op, chain.subject(), chain.model);
          } else if (op.kind == 14) {
            chain.Snapshot();
          } else if (op.kind == 15) {
            op.value % 4 == 0 ? chain.GiveUp(op.value % 8 == 0) : chain.Snapshot();
          } else if (op.kind == 16) {
            chain.Complete(static_cast<size_t>(op.value), op.value % 3 != 0);
          } else if (op.value % 3 == 0) {
            chain.Restore(static_cast<uint32_t>(op.value % 4) + 1);
          }
        }
        chain.CheckEnd();
      },
      runs);
}

TEST_CASE("state-equals-model: incremental checkpoints, in chains, with files deleted", "[state][rocksdb]") {
  CheckChains("state-equals-model: incremental checkpoints, in chains, with files deleted",
              BackendKind::kRocksdbIncremental, 200);
}

TEST_CASE("backends-agree: incremental checkpoints, in chains, with files deleted",
          "[state][lockstep][rocksdb]") {
  CheckChains("backends-agree: incremental checkpoints, in chains, with files deleted",
              BackendKind::kRocksdbIncrementalAndHeap, 40);
}

}  // namespace
}  // namespace weir
