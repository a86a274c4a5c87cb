#include "properties/ledger.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "properties/record_names.h"
#include "properties/sink_balance.h"

namespace weir::properties {
namespace {

constexpr size_t kRecordsNamed = 3;

Tally TallyOf(const WitnessEntry& entry) { return {entry.count, entry.sum, entry.identities}; }

// Whether they are those of the tally, by count and sum: no identity has to be kept for that.
bool IsSumOf(const LogRecordsView& records, const Tally& tally) {
  Hash128 sum;
  for (const LogRecord& record : records) sum += record.identity;
  return records.size() == tally.count && sum == tally.sum;
}

Tally FullTallyOf(const LogRecordsView& records) {
  Tally tally;
  tally.identities.reserve(records.size());
  for (const LogRecord& record : records) tally.Add(record.identity);
  return tally;
}

std::string Records(uint64_t count) { return absl::StrCat(count, count == 1 ? " record" : " records"); }

}  // namespace

bool Ledger::Begin(const JobShape& job, const Outside& outside) {
  if (job_ != nullptr) return false;
  job_ = &job;
  outside_ = &outside;
  for (uint32_t v = 0; v < job.vertices.size(); ++v) {
    for (const OperatorShape& op : job.vertices[v].chain) {
      if (op.sink == OperatorShape::Sink::kTransactional)
        commits_[v].parallelism = job.vertices[v].parallelism;
    }
  }
  return true;
}

bool Ledger::Watches(EventId id) {
  return ReplayWatch::Watches(id) || id == EventId::kCheckpointCompleted || id == EventId::kRecoveryChosen ||
         id == EventId::kVertexScheduled || id == EventId::kNotifyCompleteHandled;
}

void Ledger::OnEvent(const Event& event) {
  switch (event.id) {
    case EventId::kRecordEmitted:
      replay_watch_.OnEvent(event);
      break;
    case EventId::kCheckpointCompleted:
      ReadCheckpoint(Field(event, "checkpoint"));
      break;
    case EventId::kRecoveryChosen:
      // A coordinator may die between storing the pointer and saying so; who recovers from a checkpoint says it too.
      if (Field(event, "checkpoint") != 0) ReadCheckpoint(Field(event, "checkpoint"));
      break;
    case EventId::kVertexScheduled: {
      const auto vertex = commits_.find(Field(event, "vertex"));
      if (vertex == commits_.end()) break;
      vertex->second.Rescale(static_cast<uint32_t>(Field(event, "parallelism")), Field(event, "attempt"));
      break;
    }
    case EventId::kNotifyCompleteHandled: {
      const auto vertex = commits_.find(Field(event, "vertex"));
      if (vertex == commits_.end() || Field(event, "attempt") < vertex->second.since_attempt) break;
      uint64_t& handled = vertex->second.handled[Field(event, "subtask")];
      handled = std::max(handled, Field(event, "checkpoint"));
      break;
    }
    default:
      break;
  }
}

void Ledger::ReadCheckpoint(uint64_t checkpoint) {
  if (!job_->ledger || !read_.insert(checkpoint).second) return;
  const absl::StatusOr<CheckpointBooks>& books =
      outside_->Shared<SharedBooks>().Read(*job_, *outside_, checkpoint);
  if (!books.ok()) {
    Finding finding;
    finding.checkpoint = checkpoint;
    finding.hop = "files";
    finding.unreadable = std::string(books.status().message());
    Report(std::move(finding));
    return;
  }
  BalanceSources(checkpoint, *books);
  BalanceEdges(checkpoint, *books);
  CollectSinks(checkpoint, *books);
}

Tally Ledger::Prefix(const OperatorShape& source, uint32_t split, uint64_t offset) {
  Tally tally;
  if (job_->ledger_sets) {
    for (uint64_t i = 0; i < offset; ++i) tally.Add(SourceIdentity(NameOf(source), split, i));
    return tally;
  }
  std::vector<Hash128>& sums = prefixes_[{source.id, split}];
  if (sums.empty()) {
    sums.reserve(outside_->SplitEnd(source.source_topic, split) + 1);
    sums.emplace_back();
  }
  while (sums.size() <= offset) {
    Hash128 next = sums.back();
    next += SourceIdentity(NameOf(source), split, sums.size() - 1);
    sums.push_back(next);
  }
  tally.count = offset;
  tally.sum = sums[offset];
  return tally;
}

void Ledger::BalanceSources(uint64_t checkpoint, const CheckpointBooks& books) {
  for (const VertexShape& vertex : job_->vertices) {
    for (const OperatorShape& source : vertex.chain) {
      if (!source.is_source) continue;
      for (uint32_t split = 0; split < outside_->Splits(source.source_topic); ++split) {
        uint64_t offset = 0;
        for (const CheckpointBooks::Offset& entry : books.offsets) {
          if (entry.operator_id == source.id && entry.offset.split == split)
            offset = std::max(offset, entry.offset.offset);
        }
        stand_[{source.id, split}] = offset;
        Tally read;
        for (const CheckpointBooks::Entry& entry : books.entries) {
          const WitnessEntry& witness = entry.witness;
          if (witness.role == WitnessRole::kSource && witness.slot == split &&
              entry.operator_id == source.id) {
            read += TallyOf(witness);
          }
        }
        Finding finding;
        finding.side = Finding::Side::kSource;
        finding.where = NameOf(source);
        finding.hop = absl::StrCat("source ", source.source_topic, ", split ", split);
        finding.checkpoint = checkpoint;
        finding.expected = offset;
        // An offset beyond the end of the split is no way to ask for more identities than there are records.
        const uint64_t end = outside_->SplitEnd(source.source_topic, split);
        finding.difference = Compare(Prefix(source, split, std::min(offset, end)), read);
        finding.difference.lost += offset - std::min(offset, end);
        Report(std::move(finding));
      }
    }
  }
}

void Ledger::BalanceEdges(uint64_t checkpoint, const CheckpointBooks& books) {
  std::vector<Sides> edges(job_->edges.size());
  for (const CheckpointBooks::Entry& entry : books.entries) {
    const WitnessEntry& witness = entry.witness;
    if (witness.edge >= edges.size()) continue;
    Sides& sides = edges[witness.edge];
    if (witness.role == WitnessRole::kEmitted) sides.emitted += TallyOf(witness);
    if (witness.role != WitnessRole::kApplied) continue;
    sides.applied += TallyOf(witness);
    sides.applied_by_subtask[entry.subtask] += TallyOf(witness);
  }
  for (uint32_t edge = 0; edge < edges.size(); ++edge) {
    const auto consumers = books.parallelism.find(job_->vertices[job_->edges[edge].to].chain.front().id);
    edges[edge].consumers = consumers == books.parallelism.end()
                                ? job_->vertices[job_->edges[edge].to].parallelism
                                : consumers->second;
    BalanceEdge(checkpoint, edge, edges[edge]);
  }
}

void Ledger::BalanceEdge(uint64_t checkpoint, uint32_t edge, const Sides& sides) {
  const VertexShape& from = job_->vertices[job_->edges[edge].from];
  const VertexShape& to = job_->vertices[job_->edges[edge].to];
  Finding finding;
  finding.side = Finding::Side::kEdge;
  finding.where = NameOf(to.chain.front());
  finding.hop = absl::StrCat(from.name, " -> ", to.name);
  finding.checkpoint = checkpoint;
  finding.expected = sides.emitted.count;
  finding.may_be_overshoot = !job_->exactly_once;
  if (job_->edges[edge].partitioner != EdgeShape::Partitioner::kBroadcast) {
    finding.difference = Compare(sides.emitted, sides.applied);
    return Report(std::move(finding));
  }
  for (uint32_t subtask = 0; subtask < sides.consumers; ++subtask) {
    const auto applied = sides.applied_by_subtask.find(subtask);
    Finding copy = finding;
    copy.hop = absl::StrCat(from.name, " -> ", to.name, "[", subtask, "]");
    copy.difference =
        Compare(sides.emitted, applied == sides.applied_by_subtask.end() ? Tally() : applied->second);
    Report(std::move(copy));
  }
}

void Ledger::CollectSinks(uint64_t checkpoint, const CheckpointBooks& books) {
  std::map<std::string, Tally>& reached = sinks_[checkpoint];
  for (const VertexShape& vertex : job_->vertices) {
    for (size_t place = 0; place < vertex.chain.size(); ++place) {
      const OperatorShape& sink = vertex.chain[place];
      if (sink.sink == OperatorShape::Sink::kNone) continue;
      Tally& tally = reached[sink.sink_topic];
      for (const CheckpointBooks::Entry& entry : books.entries) {
        // The head of a vertex keeps what came over its edges, a sink behind it what came to it inside the chain.
        if ((entry.witness.edge == kNoEdge) != (place > 0)) continue;
        if (entry.witness.role != WitnessRole::kApplied || entry.operator_id != sink.id) continue;
        tally += TallyOf(entry.witness);
      }
    }
  }
}

void Ledger::Settle(const RunEnd& end) {
  if (settled_ || !job_->ledger) return;
  settled_ = true;
  if (end.drained) {
    for (Finding& finding : findings_) {
      if (finding.checkpoint >= end.final_checkpoint) finding.may_be_overshoot = false;
    }
    CheckEnds(end);
  }
  std::set<std::string> topics;
  for (const VertexShape& vertex : job_->vertices) {
    for (const OperatorShape& op : vertex.chain) {
      if (op.sink != OperatorShape::Sink::kNone && topics.insert(op.sink_topic).second) {
        BalanceSink(op.sink_topic, op, end);
      }
    }
  }
  for (const Finding& finding : findings_) {
    const bool edge = finding.side == Finding::Side::kEdge || finding.side == Finding::Side::kSource;
    saw_duplicate_ |= edge && finding.difference.surplus > 0 && !finding.may_be_overshoot;
  }
}

void Ledger::CheckEnds(const RunEnd& end) {
  for (const VertexShape& vertex : job_->vertices) {
    for (const OperatorShape& source : vertex.chain) {
      if (!source.is_source) continue;
      for (uint32_t split = 0; split < outside_->Splits(source.source_topic); ++split) {
        Finding finding;
        finding.side = Finding::Side::kSource;
        finding.where = NameOf(source);
        finding.hop = absl::StrCat("source ", source.source_topic, ", split ", split);
        finding.checkpoint = end.final_checkpoint;
        finding.expected = outside_->SplitEnd(source.source_topic, split);
        for (uint64_t offset = stand_[{source.id, split}]; offset < finding.expected; ++offset) {
          ++finding.difference.lost;
          finding.difference.lost_identities.push_back(SourceIdentity(NameOf(source), split, offset));
        }
        Report(std::move(finding));
      }
    }
  }
}

uint64_t Ledger::CommitsKnown() const {
  std::optional<uint64_t> known;
  for (const auto& [vertex, commits] : commits_) {
    const uint64_t of_vertex = commits.Known();
    known = std::min(known.value_or(of_vertex), of_vertex);
  }
  return known.value_or(0);
}

uint64_t Ledger::Commits::Known() const {
  std::optional<uint64_t> least;
  for (uint64_t subtask = 0; subtask < parallelism; ++subtask) {
    const auto found = handled.find(subtask);
    const uint64_t newest = found == handled.end() ? 0 : found->second;
    least = std::min(least.value_or(newest), newest);
  }
  return std::max(before, least.value_or(0));
}

void Ledger::Commits::Rescale(uint32_t to, uint64_t attempt) {
  // A leader that was replaced may still deploy what it had begun.
  if (to == parallelism || attempt < since_attempt) return;
  before = Known();
  parallelism = to;
  since_attempt = attempt;
  handled.clear();
}

Tally Ledger::ReachedBy(uint64_t checkpoint, const std::string& topic) const {
  const auto books = sinks_.find(checkpoint);
  if (books == sinks_.end()) return {};
  const auto tally = books->second.find(topic);
  return tally == books->second.end() ? Tally() : tally->second;
}

void Ledger::BalanceSink(const std::string& topic, const OperatorShape& sink, const RunEnd& end) {
  const uint64_t last = read_.empty() ? 0 : *read_.rbegin();
  // Books that could not be read leave nothing to compare with; that is a finding already.
  if (last != 0 && sinks_.count(last) == 0) return;
  const LogRecordsView records = outside_->Committed(topic);
  const Tally due = ReachedBy(last, topic);
  Finding finding;
  finding.where = NameOf(sink);
  finding.hop = absl::StrCat("sink ", topic);
  finding.checkpoint = last;
  finding.expected = due.count;
  SinkBalance balance;
  if (sink.sink == OperatorShape::Sink::kPlain) {
    finding.side = Finding::Side::kPlainSink;
    const Tally committed = FullTallyOf(records);
    balance = BalancePlain(due, committed);
    saw_duplicate_ |= !Repeated(committed).empty();
  } else if (!IsSumOf(records, due)) {
    finding.side = Finding::Side::kTransactionalSink;
    // A drained job may emit all the same: its timers go on, and a checkpoint that has their records may be complete
    // without its commits being known.
    const uint64_t known = std::max(CommitsKnown(), end.final_checkpoint);
    const bool is_all_known = end.drained && end.final_checkpoint == 0;
    balance = BalanceTransactional(is_all_known ? due : ReachedBy(known, topic), due, FullTallyOf(records));
    saw_duplicate_ |= balance.difference.surplus > 0;
  }
  finding.difference = std::move(balance.difference);
  finding.is_unsure = balance.is_unsure;
  Report(std::move(finding));
}

void Ledger::Report(Finding finding) {
  if (!finding.difference.is_none() || finding.is_unsure || !finding.unreadable.empty()) {
    findings_.push_back(std::move(finding));
  }
}

std::string Ledger::Describe(const Finding& finding) const {
  if (!finding.unreadable.empty()) {
    return absl::StrCat("checkpoint ", finding.checkpoint,
                        " is complete but cannot be read: ", finding.unreadable);
  }
  const Difference& difference = finding.difference;
  std::vector<std::string> parts;
  const absl::string_view about = difference.is_exact ? "" : "at least ";
  if (difference.lost > 0) parts.push_back(absl::StrCat(about, Records(difference.lost), " lost"));
  if (difference.surplus > 0)
    parts.push_back(absl::StrCat(about, Records(difference.surplus), " duplicated"));
  std::string text = absl::StrCat(finding.where, ": ", absl::StrJoin(parts, ", "), " of ", finding.expected,
                                  " on the hop ", finding.hop, " (checkpoint ", finding.checkpoint, ")");
  std::vector<Hash128> wanted;
  const auto take = [&](const std::vector<Hash128>& from) {
    std::vector<Hash128> some(from.begin(),
                              from.begin() + static_cast<int64_t>(std::min(from.size(), kRecordsNamed)));
    wanted.insert(wanted.end(), some.begin(), some.end());
    return some;
  };
  const std::vector<Hash128> lost = take(difference.lost_identities);
  const std::vector<Hash128> duplicated = take(difference.surplus_identities);
  if (wanted.empty()) return text;
  const std::map<Hash128, std::string> names = NameRecords(*job_, *outside_, wanted);
  for (const Hash128& identity : lost) absl::StrAppend(&text, "; lost: ", names.at(identity));
  for (const Hash128& identity : duplicated) absl::StrAppend(&text, "; duplicated: ", names.at(identity));
  return text;
}

}  // namespace weir::properties
