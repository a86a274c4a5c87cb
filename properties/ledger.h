// Licensed under the Apache License, Version 2.0.
//
// The double-entry delivery ledger: for every completed checkpoint, what each operator says to have applied must be what
// the one before it says to have emitted, sources must agree with the log, and sinks with what a read-committed reader
// sees. Reads the files of the checkpoint and the outside world; events only tell it when. exactly-once and at-least-once
// are two judgements of one reading.
//
// A *hop* is one comparison of two sides:
//   source s             expected: the log's records over [0, offset in the checkpoint), per split
//                        observed: the source's own entry for that split
//   edge "a -> b"        expected: what a's subtasks emitted (for a broadcast: to each subtask of b)
//                        observed: what b's subtasks applied
//   sink, at the end     expected: what reached the sink by the last completed checkpoint
//                        observed: the topic's read-committed view
// In exactly-once mode a checkpoint is a consistent cut, so every difference is a broken promise. In at-least-once mode
// a snapshot may hold records from behind its barrier: there only the final checkpoint, after which nothing was under
// way, tells a duplicate from that; a loss is one at any checkpoint.
#ifndef WEIR_PROPERTIES_LEDGER_H_
#define WEIR_PROPERTIES_LEDGER_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "properties/checkpoint_books.h"
#include "properties/property.h"
#include "properties/replay_watch.h"
#include "properties/tally.h"

namespace weir::properties {

// What one hop showed: a difference, or a file that is not there.
struct Finding {
  enum class Side : uint8_t { kFiles, kSource, kEdge, kPlainSink, kTransactionalSink };
  Side side = Side::kFiles;
  std::string where;  // uid of the operator on the observed side
  std::string hop;    // "source transactions", "parse -> sum", "sink totals"
  uint64_t checkpoint = 0;
  uint64_t expected = 0;  // records
  Difference difference;
  bool may_be_overshoot = false;  // at-least-once mode, not the final checkpoint: its surplus proves nothing
  bool is_unsure = false;         // counts and sums do not tell whether there is a difference at all
  std::string unreadable;         // kFiles: what is missing or damaged; recovery would lose that state
};

class Ledger : public SharedReading {
 public:
  static constexpr absl::string_view kName = "ledger";

  static bool Watches(EventId id);
  // Begin and Settle may be called by every property that reads this ledger. Begin returns whether it was the first call:
  // that caller tells the ledger of events, and no other.
  bool Begin(const JobShape& job, const Outside& outside);
  void OnEvent(const Event& event);
  void Settle(const RunEnd& end);

  // After Settle: in the order of checkpoints, then from the sources to the sinks.
  const std::vector<Finding>& findings() const { return findings_; }
  bool replayed() const { return replay_watch_.replayed(); }
  // A record was applied or committed more than once, legally or not.
  bool saw_duplicate() const { return saw_duplicate_; }
  uint64_t checkpoints_read() const { return read_.size(); }

  // "sum: 1 record lost, 2 duplicated on the hop parse -> sum (checkpoint 5); lost: record 17 of split 1 of ...".
  std::string Describe(const Finding& finding) const;

 private:
  struct Sides {  // of one edge
    Tally emitted;
    Tally applied;
    std::map<uint32_t, Tally> applied_by_subtask;  // broadcast edges only
    uint32_t consumers = 0;                        // how many subtasks the checkpoint has of that end
  };
  // Of a transactional sink's vertex: the newest checkpoint whose notice each subtask has handled. Subtasks are those of
  // one parallelism, from the attempt on that took it on; what was known before that stays known.
  struct Commits {
    uint32_t parallelism = 0;
    uint64_t since_attempt = 0;
    uint64_t before = 0;
    std::map<uint64_t, uint64_t> handled;

    uint64_t Known() const;
    void Rescale(uint32_t to, uint64_t attempt);
  };

  void ReadCheckpoint(uint64_t checkpoint);
  void BalanceSources(uint64_t checkpoint, const CheckpointBooks& books);
  void BalanceEdges(uint64_t checkpoint, const CheckpointBooks& books);
  void BalanceEdge(uint64_t checkpoint, uint32_t edge, const Sides& sides);
  void CollectSinks(uint64_t checkpoint, const CheckpointBooks& books);
  void CheckEnds(const RunEnd& end);
  void BalanceSink(const std::string& topic, const OperatorShape& sink, const RunEnd& end);
  void Report(Finding finding);
  // What reached the sinks of `topic` by checkpoint n; empty for 0.
  Tally ReachedBy(uint64_t checkpoint, const std::string& topic) const;
  // The newest checkpoint of which all transactional sinks have handled the notice; 0: none.
  uint64_t CommitsKnown() const;
  // Sum of the identities of [0, offset) of a split.
  Tally Prefix(const OperatorShape& source, uint32_t split, uint64_t offset);

  const JobShape* job_ = nullptr;
  const Outside* outside_ = nullptr;
  ReplayWatch replay_watch_;
  std::set<uint64_t> read_;
  std::map<uint64_t, std::map<std::string, Tally>> sinks_;  // checkpoint -> topic -> what reached it
  std::map<std::pair<std::string, uint32_t>, uint64_t>
      stand_;                            // (source, split) -> offset in the newest checkpoint
  std::map<uint64_t, Commits> commits_;  // by vertex
  std::map<std::pair<std::string, uint32_t>, std::vector<Hash128>> prefixes_;  // sums; [i] is over [0, i)
  std::vector<Finding> findings_;
  bool saw_duplicate_ = false;
  bool settled_ = false;
};

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_LEDGER_H_
