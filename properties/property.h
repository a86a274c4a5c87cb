// Licensed under the Apache License, Version 2.0.
//
// What must hold. A property has an id, a claim in one sentence and a *sometimes* twin: what must have been seen in some
// run, or else holding proves nothing. It watches events, reads the stores of the world at completed checkpoints and at
// the end, and returns a verdict as data. It shares no code with the engine's recovery path and never believes what the
// engine says of itself.
#ifndef WEIR_PROPERTIES_PROPERTY_H_
#define WEIR_PROPERTIES_PROPERTY_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/base/ids.h"
#include "runtime/base/stable_hash.h"
#include "runtime/base/time.h"
#include "runtime/env/clock.h"
#include "runtime/env/events.h"
#include "runtime/env/executor.h"
#include "runtime/env/log_records.h"

namespace weir::properties {

// The shape of the job under test, as plain data.
struct OperatorShape {
  std::string id;  // 32 hex digits
  std::string uid;
  std::string name;
  bool is_source = false;
  std::string source_topic;
  bool is_keyed = false;
  enum class Sink : uint8_t { kNone, kPlain, kTransactional } sink = Sink::kNone;
  std::string sink_topic;
};
struct VertexShape {
  std::string name;
  uint32_t parallelism = 1;
  std::vector<OperatorShape> chain;
  std::vector<uint32_t> inputs;   // edges
  std::vector<uint32_t> outputs;  // edges
};
struct EdgeShape {
  uint32_t from = 0;  // vertex
  uint32_t to = 0;
  enum class Partitioner : uint8_t {
    kForward,
    kHash,
    kRebalance,
    kBroadcast
  } partitioner = Partitioner::kForward;
};
struct JobShape {
  std::string job_id;
  std::string checkpoint_dir;
  bool checkpointing = false;
  bool exactly_once = true;
  bool ledger = true;        // operators keep a witness at all
  bool ledger_sets = false;  // the witness carries full identity sets
  bool lockstep = false;     // keyed state is held by two backends, and their answers are compared
  std::vector<VertexShape> vertices;
  std::vector<EdgeShape> edges;
};

// What came out of keeping keyed state in two backends at once.
struct BackendAnswers {
  uint64_t compared = 0;  // that were equal
  std::string message;    // of the first difference; "" if there is none
  std::string operator_uid;
  std::string state;
};

// What several properties of one run work out together, so that none does it twice (Outside::Shared).
class SharedReading {
 public:
  virtual ~SharedReading() = default;
};

// What lies outside of the engine, read by the oracle directly, at any moment.
class Outside {
 public:
  virtual ~Outside() = default;
  // The reading of that type of this run: made at the first call, alive as long as this object. `Reading` derives from
  // SharedReading and has a `static constexpr absl::string_view kName` of its own.
  template <typename Reading>
  Reading& Shared() const {
    std::unique_ptr<SharedReading>& slot = shared_[std::string(Reading::kName)];
    if (slot == nullptr) slot = std::make_unique<Reading>();
    return static_cast<Reading&>(*slot);
  }

  // Source topics: how many splits, how many records each, and the records of each as they were written, by the offsets that
  // the engine sees (the plan's edits are made).
  virtual uint32_t Splits(absl::string_view topic) const = 0;
  virtual uint64_t SplitEnd(absl::string_view topic, uint32_t split) const = 0;
  virtual const std::vector<absl::string_view>& SourceRecords(absl::string_view topic,
                                                              uint32_t split) const = 0;
  // One of them for people: text, whatever the bytes are.
  virtual std::string DescribeSourceRecord(absl::string_view topic, uint32_t split, uint64_t offset) const {
    return std::string(SourceRecords(topic, split)[offset]);
  }
  // What a read-committed reader of a sink topic sees, ordered by partition and offset. Valid until the run goes on.
  virtual LogRecordsView Committed(absl::string_view topic) const = 0;
  // Object store: nullopt if there is no such object. Valid until the run goes on.
  virtual std::optional<absl::string_view> Object(absl::string_view key) const = 0;
  virtual std::vector<std::string> Objects(absl::string_view prefix) const = 0;
  // What the replicated register holds of the job, "" if nothing.
  virtual std::string JobRecord() const = 0;
  // The external database of the scenario that has one: key -> value.
  virtual std::map<std::string, std::string> Database() const = 0;
  // What the wall clock of a node shows now.
  virtual WallTime WallClock(NodeId node) const = 0;
  // Where JobShape::lockstep.
  virtual BackendAnswers Backends() const { return {}; }
  // Copies of that broadcast state were found to differ, though all had applied the same elements: whose fault that is, in
  // words. Tells it by running the user's function alone, without any engine. "" if nobody can say.
  virtual std::string BlameForCopies(absl::string_view /*operator_id*/, absl::string_view /*state*/) const {
    return "";
  }

 private:
  mutable std::map<std::string, std::unique_ptr<SharedReading>> shared_;
};

enum class Outcome : uint8_t { kHeld, kViolated, kNotJudged };

// Groups equal failures: shrinking and de-duplication keep it. "exactly-once/sum/duplicated/crash.task-manager@upload".
struct Signature {
  std::string property;
  std::string where;  // uid of the operator or sink, or ""
  std::string kind;   // lost | duplicated | differs | stuck | orphan | ...
  std::string phase;  // of the nearest fault, filled in by the runner
  std::string ToString() const { return property + "/" + where + "/" + kind + "/" + phase; }
};

struct Verdict {
  Outcome outcome = Outcome::kHeld;
  std::string
      message;  // one sentence, for kViolated and kNotJudged; names record and hop where they are known
  Signature signature;      // kViolated
  bool needs_sets = false;  // judged again with full identity sets, it would name the records
};

// How a run ended, as the runner saw it.
struct RunEnd {
  bool drained = false;     // a checkpoint after the last record is complete and its commits are acknowledged
  bool job_failed = false;  // the restart strategy was exhausted
  bool within_budget = true;  // the plan stays within what the engine promised to survive
  std::string
      stopped_because;  // "" if drained; else deadline, nothing left to do, event budget, failed check
  Instant at;
  std::vector<Wait> waits;  // what everybody was waiting for
  std::string
      last_failure;  // how the last attempt that failed did so; "" if none did, or nobody lives to tell
  uint64_t final_checkpoint = 0;  // the one that made it drained
  Instant calm_since;             // no fault has struck or gone on since
  Duration reaction_max;          // a subtask that nothing disturbs does what is due within this time
  Duration recovery_max;          // what a fault can still do to the job shows within this time after it
};

class Property {
 public:
  virtual ~Property() = default;
  virtual absl::string_view id() const = 0;
  virtual absl::string_view claim() const = 0;      // one sentence
  virtual absl::string_view sometimes() const = 0;  // what must have been seen, one sentence
  // False: this property is not promised in the job's mode (judging rule 7); --properties judges it all the same.
  virtual bool AppliesTo(const JobShape& job) const = 0;

  // False: the job has nothing that the claim is about, and not even --properties judges it.
  virtual bool IsAbout(const JobShape&) const { return true; }

  // A run begins. Called before any event; `outside` and `job` outlive the run.
  virtual void Begin(const JobShape& job, const Outside& outside) = 0;
  // Asked once for each kind of event, after Begin: OnEvent is called for those it says yes to. Most events are of records and
  // messages, which most properties do not look at.
  virtual bool Watches(EventId) const { return false; }
  // Every such event, with its emitter's instant. Must not act on the world.
  virtual void OnEvent(Instant, NodeId, const Event&) {}
  // The verdict, once, after the last event.
  virtual Verdict End(const RunEnd& end) = 0;
  // Whether the *sometimes* twin was seen in this run. Asked after End.
  virtual bool Witnessed() const = 0;
};

using PropertyFactory = std::function<std::unique_ptr<Property>()>;

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_PROPERTY_H_
