#include "tests/properties/synthetic.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "properties/checkpoint_books.h"
#include "runtime/base/check.h"
#include "runtime/format/keyed_state.h"
#include "runtime/format/metadata.h"
#include "runtime/format/operator_state.h"
#include "runtime/format/split_offsets.h"
#include "runtime/types/key_hash.h"
#include "runtime/types/operator_id.h"
#include "runtime/types/type_of.h"

namespace weir::properties {
namespace {

constexpr uint32_t kMaxParallelism = 128;

std::string AsBytes(const std::string& value) {
  ByteWriter out;
  out.Bytes(value);
  return out.Take();
}

WitnessEntry Entry(const JobShape& job, WitnessRole role, uint32_t edge, uint32_t slot,
                   const std::vector<Hash128>& identities) {
  WitnessEntry entry;
  entry.role = role;
  entry.edge = edge;
  entry.slot = slot;
  entry.count = identities.size();
  for (const Hash128& identity : identities) entry.sum += identity;
  if (job.ledger_sets) entry.identities = identities;
  return entry;
}

class CheckpointWriter {
 public:
  CheckpointWriter(const JobShape& job, uint64_t checkpoint, FakeOutside* outside)
      : job_(job), folder_(CheckpointFolder(job, checkpoint)), outside_(outside) {
    metadata_.checkpoint_id = static_cast<int64_t>(checkpoint);
    metadata_.properties = CheckpointProperties::ForCheckpoint(CheckpointRetention::kNeverRetain);
  }

  // One operator with list state: per subtask its witness and, for a source, where its splits stand.
  void AddListOperator(const std::string& uid, const std::vector<std::vector<WitnessEntry>>& witness,
                       const std::vector<std::vector<SplitOffset>>& offsets = {}) {
    OperatorState state = Begin(uid, witness.size());
    for (size_t i = 0; i < witness.size(); ++i) {
      OperatorStateContent content;
      content.lists.push_back(List(kWitnessState, {AsBytes(EncodeWitness(witness[i]))}));
      if (!offsets.empty()) {
        std::vector<std::string> elements;
        for (const SplitOffset& offset : offsets[i]) elements.push_back(AsBytes(EncodeSplitOffset(offset)));
        content.lists.push_back(List(kSplitOffsetsState, elements));
      }
      absl::StatusOr<OperatorStateStream> stream = WriteOperatorState(content);
      WEIR_CHECK(stream.ok());
      SubtaskState subtask;
      subtask.index = static_cast<int32_t>(i);
      subtask.managed_operator.kind = OperatorHandle::Kind::kPartitionable;
      subtask.managed_operator.states = stream->states;
      subtask.managed_operator.stream = Put(uid, i, stream->bytes);
      state.subtasks.push_back(subtask);
    }
    metadata_.operators.push_back(std::move(state));
  }

  // One keyed operator: the witness of a subtask lies under the first key group of its range.
  // `copies`: by subtask, its entry for a broadcast input; `limits`: its copy of that state.
  void AddKeyedOperator(const std::string& uid, const std::vector<std::vector<WitnessEntry>>& witness,
                        const std::vector<WitnessEntry>& copies = {},
                        const std::vector<std::map<std::string, int64_t>>& limits = {}) {
    OperatorState state = Begin(uid, witness.size());
    KeyedStateHeader header;
    header.key = TypeOf<std::string>::Serializer().Snapshot();
    const SerializerSnapshot number = TypeOf<int64_t>::Serializer().Snapshot();
    header.states.push_back(StateMeta::Keyed("total", KeyedStateType::kValue, number));
    header.states.push_back(
        StateMeta::Keyed(std::string(kWitnessState), KeyedStateType::kValue, BytesSnapshot()));
    const uint32_t parallelism = static_cast<uint32_t>(witness.size());
    for (uint32_t i = 0; i < parallelism; ++i) {
      const KeyGroupRange range = RangeFor(i, kMaxParallelism, parallelism);
      absl::StatusOr<KeyedStateWriter> writer = KeyedStateWriter::Create(header, range, kMaxParallelism);
      WEIR_CHECK(writer.ok());
      const KeyGroup group(static_cast<uint16_t>(range.first));
      writer->BeginKeyGroup(group);
      ByteWriter key;
      AppendCompositeKey(key, CompositeKeyLayout::For(kMaxParallelism, -1), group, "k");
      writer->Add(0, key.bytes(), std::string(8, '\1'));
      writer->Add(1, key.bytes(), AsBytes(EncodeWitness(witness[i])));
      const KeyedStateStream stream = writer->Finish();
      SubtaskState subtask;
      subtask.index = static_cast<int32_t>(i);
      subtask.managed_keyed = KeyedHandle::Checkpoint(range, stream.offsets, Put(uid, i, stream.bytes),
                                                      "00000000-0000-0000-0000-000000000000");
      if (!copies.empty()) AddCopy(uid, i, copies[i], i < limits.size() ? &limits[i] : nullptr, &subtask);
      state.subtasks.push_back(subtask);
    }
    metadata_.operators.push_back(std::move(state));
  }

  void Finish() {
    absl::StatusOr<std::string> bytes = WriteMetadata(metadata_);
    WEIR_CHECK(bytes.ok(), bytes.status().ToString());
    outside_->objects[absl::StrCat(folder_, "/_metadata")] = *bytes;
  }

 private:
  void AddCopy(const std::string& uid, uint32_t index, const WitnessEntry& copy,
               const std::map<std::string, int64_t>* limits, SubtaskState* subtask) {
    ByteWriter edge;
    edge.U32(copy.edge);
    OperatorStateContent content;
    if (limits != nullptr) {
      OperatorBroadcastState& state = content.broadcasts.emplace_back();
      state.meta = StateMeta::Broadcast("limits", TypeOf<std::string>::Serializer().Snapshot(),
                                        TypeOf<int64_t>::Serializer().Snapshot());
      for (const auto& [name, limit] : *limits) {
        ByteWriter key;
        ByteWriter value;
        WEIR_CHECK(TypeOf<std::string>::Write(key, name) && TypeOf<int64_t>::Write(value, limit));
        state.entries.emplace_back(key.Take(), value.Take());
      }
    }
    content.broadcasts.push_back(
        {StateMeta::Broadcast(std::string(kBroadcastWitnessState), TypeOf<int32_t>::Serializer().Snapshot(),
                              BytesSnapshot()),
         {{edge.Take(), AsBytes(EncodeWitness({copy}))}}});
    absl::StatusOr<OperatorStateStream> stream = WriteOperatorState(content);
    WEIR_CHECK(stream.ok());
    subtask->managed_operator =
        OperatorHandle::Partitionable(stream->states, Put(uid + "-operator", index, stream->bytes));
  }
  static SerializerSnapshot BytesSnapshot() { return TypeOf<Bytes>::Serializer().Snapshot(); }
  static OperatorListState List(absl::string_view name, std::vector<std::string> elements) {
    return {StateMeta::OperatorList(std::string(name), OperatorStateMode::kSplitDistribute, BytesSnapshot()),
            std::move(elements)};
  }
  OperatorState Begin(const std::string& uid, size_t parallelism) const {
    OperatorState state;
    state.id = OperatorIdFromUid(uid);
    state.parallelism = static_cast<int32_t>(parallelism);
    state.max_parallelism = kMaxParallelism;
    return state;
  }
  StreamHandle Put(const std::string& uid, size_t subtask, const std::string& bytes) {
    const std::string name = absl::StrCat(uid, "-", subtask);
    outside_->objects[absl::StrCat(folder_, "/", name)] = bytes;
    return StreamHandle::RelativeFile(name, static_cast<int64_t>(bytes.size()));
  }

  const JobShape& job_;
  const std::string folder_;
  FakeOutside* outside_;
  CheckpointMetadata metadata_;
};

OperatorShape Operator(const std::string& uid) {
  OperatorShape op;
  op.id = OperatorIdFromUid(uid).ToHex();
  op.uid = uid;
  op.name = uid;
  return op;
}

}  // namespace

uint32_t FakeOutside::Splits(absl::string_view topic) const {
  return static_cast<uint32_t>(topics.find(topic)->second.size());
}
uint64_t FakeOutside::SplitEnd(absl::string_view topic, uint32_t split) const {
  return topics.find(topic)->second[split].size();
}
const std::vector<absl::string_view>& FakeOutside::SourceRecords(absl::string_view topic,
                                                                 uint32_t split) const {
  const std::vector<std::string>& records = topics.find(topic)->second[split];
  return views_[{std::string(topic), split}] = {records.begin(), records.end()};
}
LogRecordsView FakeOutside::Committed(absl::string_view topic) const {
  LogRecordsView view;
  const auto found = committed.find(topic);
  if (found == committed.end()) return view;
  LogRecordsWriter writer;
  for (const LogRecord& record : found->second) writer.Add(record);
  view.Add(records_[std::string(topic)] = writer.Take());
  return view;
}
std::optional<absl::string_view> FakeOutside::Object(absl::string_view key) const {
  const auto found = objects.find(key);
  if (found == objects.end()) return std::nullopt;
  return found->second;
}
std::vector<std::string> FakeOutside::Objects(absl::string_view prefix) const {
  std::vector<std::string> keys;
  for (const auto& [key, bytes] : objects) {
    if (absl::StartsWith(key, prefix)) keys.push_back(key);
  }
  return keys;
}

JobShape SumJob(OperatorShape::Sink sink) {
  JobShape job;
  job.job_id = "00000000000000000000000000000001";
  job.checkpoint_dir = "checkpoints";
  job.checkpointing = true;
  OperatorShape source = Operator("source");
  source.is_source = true;
  source.source_topic = "transactions";
  OperatorShape sum = Operator("sum");
  sum.is_keyed = true;
  OperatorShape totals = Operator("totals");
  totals.sink = sink;
  totals.sink_topic = "totals";
  job.vertices.push_back({"source -> parse", 2, {source, Operator("parse")}, {}, {0}});
  job.vertices.push_back({"sum", 2, {sum}, {0}, {1}});
  job.vertices.push_back({"totals", 2, {totals}, {1}, {}});
  job.edges.push_back({0, 1, EdgeShape::Partitioner::kHash});
  job.edges.push_back({1, 2, EdgeShape::Partitioner::kForward});
  return job;
}

Hash128 ParsedIdentity(uint32_t split, uint64_t offset) {
  return DerivedIdentity(SourceIdentity("source", split, offset), "parse", 0);
}
Hash128 SummedIdentity(uint32_t split, uint64_t offset) {
  return DerivedIdentity(ParsedIdentity(split, offset), "sum", 0);
}

SumState SumState::Correct(const JobShape& job, std::vector<uint64_t> offsets) {
  SumState state;
  const uint32_t parallelism = job.vertices[1].parallelism;
  state.offsets = std::move(offsets);
  state.read.resize(state.offsets.size());
  state.parsed.resize(state.offsets.size());
  state.summed.resize(parallelism);
  state.forwarded.resize(parallelism);
  state.sunk.resize(parallelism);
  for (uint32_t split = 0; split < state.offsets.size(); ++split) {
    for (uint64_t offset = 0; offset < state.offsets[split]; ++offset) {
      const size_t owner = offset % parallelism;
      state.read[split].push_back(SourceIdentity("source", split, offset));
      state.parsed[split].push_back(ParsedIdentity(split, offset));
      state.summed[owner].push_back(ParsedIdentity(split, offset));
      state.forwarded[owner].push_back(SummedIdentity(split, offset));
      state.sunk[owner].push_back(SummedIdentity(split, offset));
    }
  }
  return state;
}

void WriteCheckpoint(const JobShape& job, uint64_t checkpoint, const SumState& state, FakeOutside* outside) {
  std::vector<std::vector<WitnessEntry>> source;
  std::vector<std::vector<SplitOffset>> offsets;
  for (uint32_t i = 0; i < state.offsets.size(); ++i) {
    source.push_back({Entry(job, WitnessRole::kSource, kNoEdge, i, state.read[i]),
                      Entry(job, WitnessRole::kEmitted, 0, i, state.parsed[i])});
    offsets.push_back({{i, state.offsets[i]}});
  }
  std::vector<std::vector<WitnessEntry>> sum;
  std::vector<WitnessEntry> copies;
  std::vector<std::vector<WitnessEntry>> sink;
  for (uint32_t i = 0; i < state.summed.size(); ++i) {
    const WitnessEntry applied = Entry(job, WitnessRole::kApplied, 0, i, state.summed[i]);
    sum.push_back({Entry(job, WitnessRole::kEmitted, 1, i, state.forwarded[i])});
    if (job.edges[0].partitioner == EdgeShape::Partitioner::kBroadcast) {
      copies.push_back(applied);
    } else {
      sum.back().push_back(applied);
    }
    sink.push_back({Entry(job, WitnessRole::kApplied, 1, i, state.sunk[i])});
  }
  CheckpointWriter writer(job, checkpoint, outside);
  writer.AddListOperator("source", source, offsets);
  writer.AddKeyedOperator("sum", sum, copies, state.limits);
  writer.AddListOperator("totals", sink);
  writer.Finish();
}

void Commit(const std::vector<std::vector<Hash128>>& identities, FakeOutside* outside) {
  for (const std::vector<Hash128>& partition : identities) {
    for (const Hash128& identity : partition) outside->committed["totals"].push_back({"", identity});
  }
}

void AddTransactions(uint64_t records, FakeOutside* outside) {
  for (uint32_t split = 0; split < 2; ++split) {
    std::vector<std::string>& lines = outside->topics["transactions"].emplace_back();
    for (uint64_t offset = 0; offset < records; ++offset)
      lines.push_back(absl::StrCat("s", split, "r", offset));
  }
}

}  // namespace weir::properties
