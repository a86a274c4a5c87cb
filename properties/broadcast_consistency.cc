#include "properties/broadcast_consistency.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "properties/checkpoint_books.h"
#include "properties/record_names.h"
#include "properties/tally.h"

namespace weir::properties {
namespace {

std::string Elements(uint64_t count) {
  return absl::StrCat(count, count == 1 ? " broadcast element" : " broadcast elements");
}

// What one checkpoint says of one operator.
struct Receivers {
  uint32_t vertex = 0;
  const OperatorShape* op = nullptr;
  std::vector<uint32_t> edges;                                      // those that broadcast to it
  std::vector<std::map<uint32_t, Tally>> applied;                   // by subtask: edge -> records
  std::map<uint32_t, Tally> emitted;                                // by edge
  std::map<std::string, std::map<uint32_t, BroadcastCopy>> copies;  // state -> subtask -> copy

  Tally Applied(uint32_t subtask) const { return SumOf(applied[subtask]); }
  Tally Emitted() const { return SumOf(emitted); }
  bool SameApplied(uint32_t a, uint32_t b) const { return Same(applied[a], applied[b]); }
  bool IsComplete(uint32_t subtask) const { return Same(applied[subtask], emitted); }

 private:
  static Tally SumOf(const std::map<uint32_t, Tally>& by_edge) {
    Tally sum;
    for (const auto& [edge, tally] : by_edge) sum += tally;
    return sum;
  }
  static bool Same(const std::map<uint32_t, Tally>& a, const std::map<uint32_t, Tally>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
      return x.first == y.first && x.second.SameAs(y.second);
    });
  }
};

struct BrokenCopy {
  std::string kind;
  const OperatorShape* op = nullptr;
  std::string message;
  std::string state;                // copies-differ
  std::vector<Hash128> difference;  // lags, incomplete: records that one side has and the other has not
};

class BroadcastStateConsistent : public Property {
 public:
  explicit BroadcastStateConsistent(BroadcastConsistencyOptions options) : options_(std::move(options)) {}

  absl::string_view id() const override { return "broadcast-state-consistent"; }
  absl::string_view claim() const override {
    return "all subtasks of an operator have applied the same broadcast elements, and hold the same "
           "broadcast state";
  }
  absl::string_view sometimes() const override {
    return "a subtask handled broadcast elements in another order than they came, and a checkpoint after "
           "that held "
           "copies of the state";
  }
  bool AppliesTo(const JobShape& job) const override {
    return job.checkpointing && job.ledger && HasBroadcast(job);
  }

  void Begin(const JobShape& job, const Outside& outside) override {
    job_ = &job;
    outside_ = &outside;
  }
  bool Watches(EventId id) const override {
    return id == EventId::kBroadcastElementChosen || id == EventId::kCheckpointCompleted ||
           id == EventId::kRecoveryChosen;
  }
  void OnEvent(Instant, NodeId, const Event& event) override {
    switch (event.id) {
      case EventId::kBroadcastElementChosen:
        if (Field(event, "choice") > 0) reordered_.insert(Field(event, "vertex"));
        break;
      case EventId::kCheckpointCompleted:
      case EventId::kRecoveryChosen:
        // Who recovers from a checkpoint says so even if whoever completed it died before it could.
        if (Field(event, "checkpoint") != 0) Read(Field(event, "checkpoint"));
        break;
      default:
        break;
    }
  }
  bool Witnessed() const override { return witnessed_; }

  Verdict End(const RunEnd& end) override {
    Verdict verdict;
    if (!HasBroadcast(*job_) || !job_->ledger || judged_ == 0) {
      verdict.outcome = Outcome::kNotJudged;
      verdict.message = !HasBroadcast(*job_) ? "nothing is broadcast in this job"
                        : !job_->ledger      ? "the ledger is off: nobody knows what each subtask has applied"
                                             : "no checkpoint was completed that could be read";
      return verdict;
    }
    const auto last = incomplete_.find(end.final_checkpoint);
    if (!broken_ && end.drained && last != incomplete_.end()) broken_ = last->second;
    if (!broken_) return verdict;
    verdict.outcome = Outcome::kViolated;
    verdict.message = broken_->message;
    verdict.signature = {std::string(id()), NameOf(*broken_->op), broken_->kind, ""};
    if (broken_->state.empty()) {
      verdict.needs_sets = !job_->ledger_sets;
      if (!broken_->difference.empty()) {
        const Hash128& one = broken_->difference.front();
        absl::StrAppend(&verdict.message, "; first: ", NameRecords(*job_, *outside_, {one}).at(one));
      }
      return verdict;
    }
    const std::string blame = outside_->BlameForCopies(broken_->op->id, broken_->state);
    if (!blame.empty()) absl::StrAppend(&verdict.message, "; ", blame);
    return verdict;
  }

 private:
  static bool IsBroadcast(const EdgeShape& edge) {
    return edge.partitioner == EdgeShape::Partitioner::kBroadcast;
  }
  static bool HasBroadcast(const JobShape& job) {
    return std::any_of(job.edges.begin(), job.edges.end(), IsBroadcast);
  }

  void Read(uint64_t checkpoint) {
    if (!job_->ledger || !read_.insert(checkpoint).second) return;
    const absl::StatusOr<CheckpointBooks>& books =
        outside_->Shared<SharedBooks>().Read(*job_, *outside_, checkpoint);
    if (!books.ok()) return;  // the ledger's finding
    ++judged_;
    for (uint32_t v = 0; v < job_->vertices.size(); ++v) {
      const Receivers receivers = ReceiversIn(v, *books);
      if (receivers.edges.empty()) continue;
      witnessed_ |= reordered_.count(v) > 0 && receivers.applied.size() > 1 && HoldsSomething(receivers);
      if (job_->exactly_once) {
        JudgeApplied(checkpoint, receivers);
        JudgeComplete(checkpoint, receivers);
      }
      if (options_.updates_commute) JudgeCopies(checkpoint, receivers);
    }
  }

  Receivers ReceiversIn(uint32_t vertex, const CheckpointBooks& books) const {
    Receivers receivers;
    receivers.vertex = vertex;
    receivers.op = &job_->vertices[vertex].chain.front();
    for (const uint32_t edge : job_->vertices[vertex].inputs) {
      if (IsBroadcast(job_->edges[edge])) receivers.edges.push_back(edge);
    }
    const auto parallelism = books.parallelism.find(receivers.op->id);
    if (receivers.edges.empty() || parallelism == books.parallelism.end()) return receivers;
    receivers.applied.resize(parallelism->second);
    for (const uint32_t edge : receivers.edges) {
      receivers.emitted[edge];
      for (std::map<uint32_t, Tally>& of_subtask : receivers.applied) of_subtask[edge];
    }
    for (const CheckpointBooks::Entry& entry : books.entries) {
      const auto emitted = receivers.emitted.find(entry.witness.edge);
      if (emitted == receivers.emitted.end()) continue;
      const Tally tally{entry.witness.count, entry.witness.sum, entry.witness.identities};
      if (entry.witness.role == WitnessRole::kEmitted) emitted->second += tally;
      if (entry.witness.role != WitnessRole::kApplied || entry.subtask >= receivers.applied.size()) continue;
      receivers.applied[entry.subtask][entry.witness.edge] += tally;
    }
    for (const CheckpointBooks::Copy& copy : books.copies) {
      if (copy.operator_id == receivers.op->id && IsCompared(copy.copy.meta.name))
        receivers.copies[copy.copy.meta.name][copy.subtask] = copy.copy;
    }
    return receivers;
  }
  bool IsCompared(const std::string& state) const {
    return options_.states.empty() ||
           std::find(options_.states.begin(), options_.states.end(), state) != options_.states.end();
  }
  static bool HoldsSomething(const Receivers& receivers) {
    for (const auto& [state, copies] : receivers.copies) {
      for (const auto& [subtask, copy] : copies) {
        if (!copy.entries.empty()) return true;
      }
    }
    return false;
  }

  // Against the one that has applied most.
  void JudgeApplied(uint64_t checkpoint, const Receivers& receivers) {
    uint32_t most = 0;
    for (uint32_t s = 1; s < receivers.applied.size(); ++s) {
      if (receivers.Applied(s).count > receivers.Applied(most).count) most = s;
    }
    for (uint32_t s = 0; s < receivers.applied.size(); ++s) {
      if (receivers.SameApplied(s, most)) continue;
      const uint64_t count = receivers.Applied(s).count;
      const uint64_t count_of_most = receivers.Applied(most).count;
      BrokenCopy broken{"lags", receivers.op, "", "", {}};
      broken.message = absl::StrCat(NameOf(*receivers.op), ": subtask ", s, " has applied ", Elements(count),
                                    ", and subtask ", most, " has applied ",
                                    count == count_of_most ? "as many others" : absl::StrCat(count_of_most),
                                    " (checkpoint ", checkpoint, ")");
      NameDifference(receivers.Applied(most), receivers.Applied(s), &broken);
      return Keep(std::move(broken));
    }
  }

  void JudgeComplete(uint64_t checkpoint, const Receivers& receivers) {
    for (uint32_t s = 0; s < receivers.applied.size(); ++s) {
      if (receivers.IsComplete(s)) continue;
      BrokenCopy broken{"incomplete", receivers.op, "", "", {}};
      broken.message =
          absl::StrCat(NameOf(*receivers.op), ": everything was read, and subtask ", s, " has applied ",
                       receivers.Applied(s).count, " of the ", Elements(receivers.Emitted().count),
                       " that were emitted (checkpoint ", checkpoint, ")");
      NameDifference(receivers.Emitted(), receivers.Applied(s), &broken);
      incomplete_.emplace(checkpoint, std::move(broken));
      return;
    }
  }

  static void NameDifference(const Tally& expected, const Tally& observed, BrokenCopy* broken) {
    const Difference difference = Compare(expected, observed);
    broken->difference = difference.lost_identities;
    broken->difference.insert(broken->difference.end(), difference.surplus_identities.begin(),
                              difference.surplus_identities.end());
  }

  // Each against the first that has applied the same.
  void JudgeCopies(uint64_t checkpoint, const Receivers& receivers) {
    const BroadcastCopy none;
    for (uint32_t s = 1; s < receivers.applied.size(); ++s) {
      uint32_t first = 0;
      while (!receivers.SameApplied(first, s)) ++first;
      if (first == s) continue;
      for (const auto& [state, copies] : receivers.copies) {
        const auto copy_of = [&copies = copies, &none](uint32_t subtask) -> const BroadcastCopy& {
          const auto found = copies.find(subtask);
          return found == copies.end() ? none : found->second;
        };
        const std::optional<CopyDifference> difference = FirstDifference(copy_of(first), copy_of(s));
        if (!difference) continue;
        BrokenCopy broken{"copies-differ", receivers.op, "", state, {}};
        broken.message =
            absl::StrCat(NameOf(*receivers.op), ": subtasks ", first, " and ", s, " have applied the same ",
                         Elements(receivers.Applied(s).count), ", and their copies of ", state,
                         " differ (checkpoint ", checkpoint, "): under ", difference->key, ", subtask ",
                         first, " has ", difference->first, ", subtask ", s, " has ", difference->second);
        return Keep(std::move(broken));
      }
    }
  }

  void Keep(BrokenCopy broken) {
    if (!broken_) broken_ = std::move(broken);
  }

  const BroadcastConsistencyOptions options_;
  const JobShape* job_ = nullptr;
  const Outside* outside_ = nullptr;
  std::set<uint64_t> read_;
  uint64_t judged_ = 0;
  std::set<uint64_t> reordered_;               // vertices
  std::optional<BrokenCopy> broken_;           // the first
  std::map<uint64_t, BrokenCopy> incomplete_;  // by checkpoint: only the last of a drained run counts
  bool witnessed_ = false;
};

}  // namespace

PropertyFactory MakeBroadcastStateConsistent(BroadcastConsistencyOptions options) {
  return [options = std::move(options)] { return std::make_unique<BroadcastStateConsistent>(options); };
}

}  // namespace weir::properties
