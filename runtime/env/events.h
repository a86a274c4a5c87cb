// Licensed under the Apache License, Version 2.0.
//
// The catalogue: everything that can be emitted, aimed at, judged or counted, each with a stable name, typed fields
// and a one-line meaning. The engine emits these, the simulation digests them, faults trigger on them, properties
// judge by them, reports print them. Nobody matches strings: a name is looked up once, when a plan is read.
//
// An entry is X(Name, "stable.name", Scope, Aim, "field field ...", "meaning").
//   fields   at most five unsigned integers, in this order. "node" is not among them: the tracer knows who emits.
//            vertex + subtask + attempt name one execution of a subtask; operators are named by the low half of
//            their id as `operator_`.
//            A choice of the world (Tracer::Choose) ends with a field "choice", which the world fills in; nothing is
//            emitted where nobody chose.
//   Scope    where a plan counts occurrences of it: kRun, kAttempt (field "attempt") or kCheckpoint (field
//            "checkpoint").
//   Aim      kFault: emitted through Tracer::Reach, so a fault may act at that very point (the emitter handles a
//            status); kNote: nothing can happen there.
#ifndef WEIR_RUNTIME_ENV_EVENTS_H_
#define WEIR_RUNTIME_ENV_EVENTS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace weir {

enum class Scope : uint8_t { kRun, kAttempt, kCheckpoint };
enum class Aim : uint8_t { kNote, kFault };

// clang-format off
#define WEIR_EVENTS(X)                                                                                                  \
  /* The world */                                                                                                       \
  X(ProcessStarted, "process.started", kRun, kNote, "node incarnation", "a process began on a node")                    \
  X(ProcessCrashed, "process.crashed", kRun, kNote, "node incarnation", "a process died; its memory is gone")           \
  X(ProcessExited, "process.exited", kRun, kNote, "node incarnation", "a process ended itself after a fatal error")     \
  X(ProcessPaused, "process.paused", kRun, kNote, "node incarnation", "a process stopped running, connections open")    \
  X(ProcessResumed, "process.resumed", kRun, kNote, "node incarnation", "a paused process runs again")                  \
  X(EventDispatched, "event.dispatched", kRun, kNote, "node actor kind", "the scheduler ran one event")                 \
  X(MessageSent, "message.sent", kRun, kNote, "to connection number hash", "a message left its process")                \
  X(MessageDelivered, "message.delivered", kRun, kNote, "from connection number", "a message reached a live process")   \
  X(MessageDropped, "message.dropped", kRun, kNote, "to connection number", "a message met a dead peer or connection")  \
  X(ConnectionOpened, "connection.opened", kRun, kNote, "to port connection", "a connection was established")           \
  X(ConnectionClosed, "connection.closed", kRun, kNote, "peer connection", "one end learnt that a connection is gone")  \
  X(LinkChanged, "link.changed", kRun, kNote, "from to state", "a link was cut (1), healed (0), slowed (2) or reset (3)") \
  X(DiskWritten, "disk.written", kRun, kFault, "file offset bytes hash", "bytes were written to a local file")             \
  X(DiskSynced, "disk.synced", kRun, kFault, "file bytes", "a local file was made durable; file 0: all names")          \
  X(DiskRead, "disk.read", kRun, kFault, "file offset bytes", "bytes of a local file were read")                        \
  X(DiskLinked, "disk.linked", kRun, kFault, "from to", "a local file was given a second name")                         \
  X(DiskRenamed, "disk.renamed", kRun, kFault, "from to", "a local file was renamed")                                   \
  X(DiskDeleted, "disk.deleted", kRun, kFault, "file", "a local file was deleted")                                      \
  X(DiskTorn, "disk.torn", kRun, kNote, "file kept lost", "a crash kept some unsynced sectors of a file and lost others") \
  X(StorePut, "store.put", kRun, kFault, "object bytes", "the object store applied a put")                              \
  X(StoreGet, "store.get", kRun, kFault, "object bytes", "the object store answered a get")                             \
  X(StoreDelete, "store.delete", kRun, kFault, "object", "the object store applied a delete")                           \
  X(StoreRefused, "store.refused", kRun, kNote, "object", "the object store was unavailable")                           \
  X(StoreResponseLost, "store.response-lost", kRun, kNote, "object", "an applied request was answered with an error")   \
  X(RegisterSwapped, "register.swapped", kRun, kFault, "key version", "the register applied a compare-and-set")         \
  X(RegisterRefused, "register.refused", kRun, kNote, "key version", "a compare-and-set met another version")           \
  X(RegisterUnavailable, "register.unavailable", kRun, kNote, "key", "the register was unavailable")                    \
  X(RegisterResponseLost, "register.response-lost", kRun, kNote, "key", "an applied swap was answered with an error")   \
  X(LogAppended, "log.appended", kRun, kFault, "topic partition offset records transaction", "records were appended to the log; in a transaction the offset counts within it") \
  X(LogCommitted, "log.committed", kRun, kFault, "transaction", "a transaction became visible")                         \
  X(LogAborted, "log.aborted", kRun, kFault, "transaction", "a transaction was thrown away")                            \
  X(LogUnavailable, "log.unavailable", kRun, kNote, "subject", "the log was unavailable")                               \
  X(LogResponseLost, "log.response-lost", kRun, kNote, "subject", "an applied request was answered with an error")      \
  X(DatabaseWritten, "database.written", kRun, kFault, "key", "the external database applied a write")                  \
  X(DatabaseUnavailable, "database.unavailable", kRun, kNote, "key", "the external database was unavailable")           \
  X(DatabaseResponseLost, "database.response-lost", kRun, kNote, "key", "an applied write was answered with an error")  \
  X(FaultFired, "fault.fired", kRun, kNote, "fault", "the injector carried out fault number `fault` of the plan")       \
  X(PhaseLiveness, "phase.liveness", kRun, kNote, "", "faults ended; from here the engine must make progress")          \
  /* Job control */                                                                                                     \
  X(LeaderElected, "job-manager.elected", kRun, kFault, "epoch", "a job manager took over leadership")                  \
  X(TaskManagerRegistered, "task-manager.registered", kRun, kFault, "task_manager slots", "the job manager accepted a task manager") \
  X(TaskManagerLost, "task-manager.lost", kRun, kFault, "task_manager", "its heartbeats timed out or its connection broke") \
  X(HeartbeatSent, "heartbeat.sent", kRun, kNote, "to", "a heartbeat left")                                             \
  X(JobScheduled, "job.scheduled", kAttempt, kFault, "attempt parallelism", "an attempt of the job began to deploy")    \
  X(VertexScheduled, "vertex.scheduled", kAttempt, kNote, "vertex parallelism attempt", "so many subtasks of a vertex are being deployed") \
  X(ParallelismChosen, "job.parallelism-chosen", kAttempt, kNote, "attempt parallelism limit", "a new attempt goes on with another parallelism") \
  X(JobRunning, "job.running", kAttempt, kFault, "attempt", "every subtask of the attempt runs")                        \
  X(JobRestarting, "job.restarting", kAttempt, kFault, "attempt cause", "an attempt failed; the restart delay began")   \
  X(JobFailed, "job.failed", kRun, kNote, "attempt", "the restart strategy is exhausted")                               \
  X(SubtaskDeployed, "subtask.deployed", kAttempt, kFault, "vertex subtask attempt", "a task manager received a subtask") \
  X(SubtaskRunning, "subtask.running", kAttempt, kFault, "vertex subtask attempt", "a subtask was restored and opened") \
  X(SubtaskFailed, "subtask.failed", kAttempt, kNote, "vertex subtask attempt", "a subtask failed")                     \
  X(SubtaskCancelled, "subtask.cancelled", kAttempt, kNote, "vertex subtask attempt", "a subtask was told to stop")     \
  /* Checkpoints, in the order of their life */                                                                         \
  X(CheckpointTriggered, "checkpoint.triggered", kCheckpoint, kFault, "checkpoint attempt", "the coordinator told the sources to begin") \
  X(BarrierInjected, "checkpoint.barrier-injected", kCheckpoint, kFault, "checkpoint vertex subtask attempt", "a source put the barrier into its outputs") \
  X(BarrierReceived, "checkpoint.barrier-received", kCheckpoint, kFault, "checkpoint vertex subtask attempt channel", "a subtask met the barrier on one channel") \
  X(BarrierAligned, "checkpoint.aligned", kCheckpoint, kFault, "checkpoint vertex subtask attempt", "the barrier was met on every channel") \
  X(BarrierForwarded, "checkpoint.barrier-forwarded", kCheckpoint, kFault, "checkpoint vertex subtask attempt", "the barrier was sent downstream") \
  X(SnapshotTaken, "checkpoint.snapshot-taken", kCheckpoint, kFault, "checkpoint vertex subtask attempt", "the synchronous part of the snapshot is done") \
  X(UploadStarted, "checkpoint.upload-started", kCheckpoint, kFault, "checkpoint vertex subtask attempt bytes", "state files left for the object store") \
  X(UploadFinished, "checkpoint.upload-finished", kCheckpoint, kFault, "checkpoint vertex subtask attempt", "all state files of a subtask are stored") \
  X(CheckpointAcknowledged, "checkpoint.acknowledged", kCheckpoint, kFault, "checkpoint vertex subtask attempt", "a subtask sent its acknowledgement") \
  X(CheckpointDeclined, "checkpoint.declined", kCheckpoint, kNote, "checkpoint vertex subtask attempt", "a subtask refused or failed its part") \
  X(AcknowledgeReceived, "checkpoint.acknowledge-received", kCheckpoint, kFault, "checkpoint vertex subtask attempt", "the coordinator counted an acknowledgement") \
  X(AcknowledgeLate, "checkpoint.acknowledge-late", kCheckpoint, kNote, "checkpoint vertex subtask attempt", "an acknowledgement of a checkpoint that is no longer pending") \
  X(MetadataWriting, "checkpoint.metadata-writing", kCheckpoint, kFault, "checkpoint", "every part is there; _metadata is being written") \
  X(MetadataWritten, "checkpoint.metadata-written", kCheckpoint, kFault, "checkpoint bytes", "_metadata is in the object store") \
  X(PointerStored, "checkpoint.pointer-stored", kCheckpoint, kFault, "checkpoint", "the register names this checkpoint")  \
  X(CheckpointCompleted, "checkpoint.completed", kCheckpoint, kFault, "checkpoint attempt", "the checkpoint can be recovered from") \
  X(CheckpointAborted, "checkpoint.aborted", kCheckpoint, kNote, "checkpoint reason", "the checkpoint was given up; see AbortReason") \
  X(CheckpointSubsumed, "checkpoint.subsumed", kCheckpoint, kNote, "checkpoint", "a newer one replaced it; its files may go") \
  X(NotifyCompleteSent, "checkpoint.notify-sent", kCheckpoint, kFault, "checkpoint", "subtasks are being told of the completion") \
  X(NotifyCompleteReceived, "checkpoint.notify-received", kCheckpoint, kFault, "checkpoint vertex subtask attempt", "a subtask learnt of the completion") \
  X(NotifyCompleteHandled, "checkpoint.notify-handled", kCheckpoint, kNote, "checkpoint vertex subtask attempt", "its operators have committed what was theirs to commit") \
  X(NotifyAbortedReceived, "checkpoint.abort-received", kCheckpoint, kNote, "checkpoint vertex subtask attempt", "a subtask learnt of the abort") \
  /* Recovery */                                                                                                        \
  X(RecoveryChosen, "recovery.chosen", kAttempt, kFault, "attempt checkpoint", "the checkpoint to recover from; 0 is none") \
  X(StateRestored, "recovery.state-restored", kAttempt, kFault, "vertex subtask attempt checkpoint bytes", "a subtask read its state back") \
  X(SplitRewound, "recovery.split-rewound", kAttempt, kNote, "split offset vertex subtask attempt", "a source goes on from this offset") \
  /* Records */                                                                                                         \
  X(RecordEmitted, "record.emitted", kRun, kFault, "split offset vertex subtask attempt", "a source emitted one record") \
  X(RecordReceived, "record.received", kAttempt, kFault, "vertex subtask attempt", "an operator is about to process one record") \
  X(BufferSent, "buffer.sent", kAttempt, kNote, "vertex subtask attempt channel bytes", "a network buffer left a subtask") \
  X(OutputBlocked, "output.blocked", kAttempt, kNote, "vertex subtask attempt", "no credit: the subtask stops reading")   \
  X(OutputUnblocked, "output.unblocked", kAttempt, kNote, "vertex subtask attempt", "credit came back")                   \
  X(WatermarkAdvanced, "watermark.advanced", kAttempt, kNote, "vertex subtask attempt millis", "an operator's watermark moved") \
  X(SplitAtEnd, "source.at-end", kAttempt, kNote, "split vertex subtask attempt", "a source read the last record of a split") \
  /* Keyed state on disk; `database` hashes what the owner called it, `job` counts its jobs */                          \
  X(StateFlushStarted, "state.flush-started", kRun, kFault, "database job", "keyed state begins to be written from memory to a table") \
  X(StateFlushFinished, "state.flush-finished", kRun, kFault, "database job bytes", "such a job ended, having written so many bytes") \
  X(StateCompactionStarted, "state.compaction-started", kRun, kFault, "database job", "tables of keyed state begin to be merged") \
  X(StateCompactionFinished, "state.compaction-finished", kRun, kFault, "database job bytes", "such a job ended, having written so many bytes") \
  X(StateBackendsDiffered, "state.backends-differed", kAttempt, kNote, "vertex subtask attempt access", "in lockstep, another backend gave another answer; in this subtask no more is compared") \
  /* Timers; the lowest bit of `timer` is 1 for processing time */                                                      \
  X(TimerRegistered, "timer.registered", kAttempt, kNote, "vertex subtask attempt timer at", "a function asked for a timer; it may have it already") \
  X(TimerDeleted, "timer.deleted", kAttempt, kNote, "vertex subtask attempt timer at", "a function took a timer back")     \
  X(TimerFired, "timer.fired", kAttempt, kFault, "vertex subtask attempt timer at", "a timer is about to call its function") \
  /* Sinks */                                                                                                           \
  X(TransactionBegun, "sink.transaction-begun", kRun, kNote, "transaction vertex subtask attempt", "a sink opened a transaction") \
  X(TransactionPreCommitted, "sink.pre-committed", kCheckpoint, kFault, "checkpoint transaction vertex subtask attempt", "a sink flushed a transaction for a checkpoint") \
  X(TransactionCommitting, "sink.committing", kCheckpoint, kFault, "checkpoint transaction vertex subtask attempt", "a sink asks for the commit") \
  X(TransactionCommitted, "sink.committed", kCheckpoint, kFault, "checkpoint transaction vertex subtask attempt", "a sink knows that its commit was applied") \
  X(TransactionRecovered, "sink.recovered", kAttempt, kFault, "transaction vertex subtask attempt", "a restored sink commits again what was pending") \
  X(ExternalWritten, "external.written", kRun, kFault, "key vertex subtask attempt", "a function wrote to a store outside the checkpointed state") \
  /* Choices of the world */                                                                                            \
  X(BroadcastOrderChosen, "broadcast.order-chosen", kAttempt, kNote, "vertex subtask attempt choice", "how a subtask orders broadcast elements: as they come (0), legally (1), adversarially (2)") \
  X(BroadcastWindowChosen, "broadcast.window-chosen", kAttempt, kNote, "vertex subtask attempt choice", "how many elements it holds back for that, less the least number") \
  X(BroadcastElementChosen, "broadcast.element-chosen", kAttempt, kNote, "vertex subtask attempt number choice", "which of those on offer it takes as its number-th")
// clang-format on

enum class EventId : uint16_t {
#define WEIR_EVENT_ENUMERATOR(name, ...) k##name,
  WEIR_EVENTS(WEIR_EVENT_ENUMERATOR)
#undef WEIR_EVENT_ENUMERATOR
};
#define WEIR_EVENT_COUNT_ONE(...) +1
inline constexpr uint16_t kEventCount = 0 WEIR_EVENTS(WEIR_EVENT_COUNT_ONE);
#undef WEIR_EVENT_COUNT_ONE

inline constexpr int kEventFieldsMax = 5;

// One occurrence. Unused fields are zero.
struct Event {
  EventId id{};
  std::array<uint64_t, kEventFieldsMax> fields{};
};

struct EventInfo {
  absl::string_view name;  // "checkpoint.completed"
  Scope scope = Scope::kRun;
  Aim aim = Aim::kNote;
  std::array<absl::string_view, kEventFieldsMax> fields{};  // names; empty past the last
  absl::string_view meaning;
};

const EventInfo& Info(EventId id);
std::optional<EventId> FindEvent(absl::string_view name);
// The index of a field by name, or -1.
int FieldIndex(EventId id, absl::string_view field);
// The value of a field by name. REQUIRES: the event has it.
uint64_t Field(const Event& event, absl::string_view field);
// "checkpoint.completed checkpoint=3 attempt=1": for people.
std::string ToString(const Event& event);

constexpr int CountWords(absl::string_view words) {
  int count = 0;
  bool in_word = false;
  for (char c : words) {
    if (c != ' ' && !in_word) ++count;
    in_word = c != ' ';
  }
  return count;
}

// events::CheckpointCompleted(checkpoint, attempt): one constructor an entry, its arguments in the order of the fields.
namespace events {
#define WEIR_EVENT_CONSTRUCTOR(name, text, scope, aim, field_names, meaning)                         \
  template <typename... Fields>                                                                      \
  inline Event name(Fields... values) {                                                              \
    static_assert(sizeof...(values) == CountWords(field_names), "fields of " text ": " field_names); \
    return Event{EventId::k##name, {static_cast<uint64_t>(values)...}};                              \
  }
WEIR_EVENTS(WEIR_EVENT_CONSTRUCTOR)
#undef WEIR_EVENT_CONSTRUCTOR
}  // namespace events

// The phases of a checkpoint, for triggers of the form "while checkpoint 5 is in phase upload": a phase begins, for a
// checkpoint, at the first `begin` and ends at the first `end`.
struct CheckpointPhase {
  absl::string_view name;
  EventId begin;
  EventId end;
};
inline constexpr std::array<CheckpointPhase, 6> kCheckpointPhases{{
    {"trigger", EventId::kCheckpointTriggered, EventId::kBarrierInjected},
    {"align", EventId::kBarrierReceived, EventId::kBarrierAligned},
    {"upload", EventId::kUploadStarted, EventId::kUploadFinished},
    {"acknowledge", EventId::kCheckpointAcknowledged, EventId::kMetadataWriting},
    {"complete", EventId::kMetadataWriting, EventId::kCheckpointCompleted},
    {"notify", EventId::kNotifyCompleteSent, EventId::kNotifyCompleteHandled},
}};

}  // namespace weir

#endif  // WEIR_RUNTIME_ENV_EVENTS_H_
