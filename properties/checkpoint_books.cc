#include "properties/checkpoint_books.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "properties/retained_checkpoints.h"
#include "runtime/base/codec.h"
#include "runtime/base/stable_hash.h"
#include "runtime/base/status.h"
#include "runtime/format/keyed_state.h"
#include "runtime/format/native_meta.h"
#include "runtime/format/operator_state.h"

namespace weir::properties {
namespace {

// Collects from one checkpoint, file by file.
class BooksReader {
 public:
  BooksReader(const Outside& outside, std::string folder) : outside_(outside), folder_(std::move(folder)) {}

  absl::Status ReadAll() {
    const std::string path = absl::StrCat(folder_, "/_metadata");
    WEIR_ASSIGN_OR_RETURN(const absl::string_view bytes, Fetch(path));
    const absl::StatusOr<VersionedMetadata>& metadata = outside_.Shared<SharedMetadata>().Read(path, bytes);
    if (!metadata.ok()) return metadata.status();
    for (const OperatorState& state : metadata->metadata.operators) {
      const auto known =
          books_.parallelism.insert_or_assign(state.id.ToHex(), static_cast<uint32_t>(state.parallelism))
              .first;
      operator_id_ = known->first;
      for (const SubtaskState& subtask : state.subtasks) {
        subtask_ = static_cast<uint32_t>(subtask.index);
        WEIR_RETURN_IF_ERROR(ReadKeyed(subtask.managed_keyed, static_cast<uint32_t>(state.max_parallelism)));
        WEIR_RETURN_IF_ERROR(ReadOperator(subtask.managed_operator));
      }
    }
    return absl::OkStatus();
  }

  // Besides: the elements of this list.
  void Visit(absl::string_view operator_id, absl::string_view state,
             absl::FunctionRef<absl::Status(ByteReader&)> visit) {
    visited_operator_ = std::string(operator_id);
    visited_state_ = std::string(state);
    visit_.emplace(visit);
  }

  CheckpointBooks Take() { return std::move(books_); }

 private:
  absl::StatusOr<absl::string_view> Fetch(const std::string& path) const {
    const std::optional<absl::string_view> bytes = outside_.Object(path);
    if (!bytes) return absl::NotFoundError(absl::StrCat(path, " is not in the store"));
    return *bytes;
  }

  absl::StatusOr<absl::string_view> FetchHandle(const StreamHandle& handle) const {
    switch (handle.kind) {
      case StreamHandle::Kind::kInline:
        return absl::string_view(handle.bytes);
      case StreamHandle::Kind::kRelativeFile:
        return Fetch(absl::StrCat(folder_, "/", handle.path));
      case StreamHandle::Kind::kFile:
        return Fetch(handle.path);
      default:
        return absl::DataLossError(
            absl::StrCat("a handle of kind ", static_cast<int>(handle.kind), " in ", folder_));
    }
  }

  absl::Status InFile(const absl::Status& status, const StreamHandle& handle) const {
    if (status.ok()) return status;
    return absl::DataLossError(absl::StrCat(folder_, "/", handle.path, ": ", status.message()));
  }

  absl::Status ReadKeyed(const KeyedHandle& handle, uint32_t max_parallelism) {
    if (handle.is_null()) return absl::OkStatus();
    WEIR_ASSIGN_OR_RETURN(const absl::string_view bytes, FetchHandle(handle.stream));
    if (handle.is_native()) return InFile(ReadNative(handle, bytes), handle.stream);
    return InFile(ReadKeyedStream(handle, bytes, max_parallelism), handle.stream);
  }

  // A checkpoint that names a file which is not there, or not whole, cannot be recovered from.
  absl::Status ReadNative(const KeyedHandle& handle, absl::string_view bytes) {
    WEIR_ASSIGN_OR_RETURN(const NativeMeta meta, ReadNativeMeta(bytes));
    std::map<std::string, NativeMeta::File> arrived;
    for (const auto* list : {&handle.shared, &handle.exclusive}) {
      for (const NamedStream& named : *list) {
        WEIR_ASSIGN_OR_RETURN(const absl::string_view content, FetchHandle(named.stream));
        arrived[named.local_name] = {named.local_name, content.size(), StableHash64(content)};
      }
    }
    for (const NativeMeta::File& file : meta.files) {
      if (arrived[file.name] == file) continue;
      return absl::DataLossError(
          absl::StrCat("file ", file.name, " of the database is not what was written"));
    }
    for (const auto& [group, entries] : meta.witness) WEIR_RETURN_IF_ERROR(AddWitnessEntries(entries));
    return absl::OkStatus();
  }

  absl::Status ReadKeyedStream(const KeyedHandle& handle, absl::string_view bytes, uint32_t max_parallelism) {
    WEIR_ASSIGN_OR_RETURN(const KeyedStateReader reader,
                          KeyedStateReader::Open(bytes, handle.range(), handle.offsets, max_parallelism));
    const std::vector<StateMeta>& states = reader.header().states;
    const auto is_witness = [](const StateMeta& state) { return state.name == kWitnessState; };
    const auto witness =
        static_cast<size_t>(std::find_if(states.begin(), states.end(), is_witness) - states.begin());
    return reader.VisitAll([&](const KeyedStateEntry& entry) {
      if (entry.state_id != witness) return absl::OkStatus();
      ByteReader value(entry.value);
      return AddWitness(value);
    });
  }

  absl::Status ReadOperator(const OperatorHandle& handle) {
    if (handle.kind == OperatorHandle::Kind::kNull) return absl::OkStatus();
    WEIR_ASSIGN_OR_RETURN(const absl::string_view bytes, FetchHandle(handle.stream));
    return InFile(ReadOperatorStream(handle, bytes), handle.stream);
  }

  absl::Status ReadOperatorStream(const OperatorHandle& handle, absl::string_view bytes) {
    const OperatorStateReader& reader = operator_state_;
    WEIR_RETURN_IF_ERROR(operator_state_.Reopen(bytes));
    for (const OperatorStateOffsets& state : handle.states) {
      if (state.mode == OperatorStateMode::kBroadcast) {
        WEIR_RETURN_IF_ERROR(state.name == kBroadcastWitnessState ? AddCopies(reader, state)
                                                                  : AddBroadcastState(reader, state));
        continue;
      }
      if (visit_ && operator_id_ == visited_operator_ && state.name == visited_state_) {
        for (const int64_t offset : state.offsets) {
          WEIR_ASSIGN_OR_RETURN(ByteReader element, reader.At(offset));
          WEIR_RETURN_IF_ERROR((*visit_)(element));
        }
      }
      const bool is_witness = state.name == kWitnessState;
      if (!is_witness && state.name != kSplitOffsetsState) continue;
      for (const int64_t offset : state.offsets) {
        WEIR_ASSIGN_OR_RETURN(ByteReader element, reader.At(offset));
        WEIR_RETURN_IF_ERROR(is_witness ? AddWitness(element) : AddOffset(element));
      }
    }
    return absl::OkStatus();
  }

  // The subtask's own copies of what broadcast edges owe it: edge -> entries.
  absl::Status AddCopies(const OperatorStateReader& reader, const OperatorStateOffsets& state) {
    for (const int64_t offset : state.offsets) {
      WEIR_ASSIGN_OR_RETURN(ByteReader copy, reader.At(offset));
      for (int32_t left = copy.I32(); left > 0; --left) {
        (void)copy.U32();
        WEIR_RETURN_IF_ERROR(AddWitness(copy));
      }
      WEIR_RETURN_IF_ERROR(copy.status());
    }
    return absl::OkStatus();
  }

  absl::Status AddBroadcastState(const OperatorStateReader& reader, const OperatorStateOffsets& state) {
    absl::StatusOr<BroadcastCopy> copy = ReadBroadcastCopy(reader, state);
    if (absl::IsUnimplemented(copy.status())) return absl::OkStatus();
    if (!copy.ok()) return copy.status();
    books_.copies.push_back({operator_id_, subtask_, *std::move(copy)});
    return absl::OkStatus();
  }

  absl::Status AddWitness(ByteReader& value) {
    const absl::string_view bytes = value.Bytes();
    WEIR_RETURN_IF_ERROR(value.status());
    return AddWitnessEntries(bytes);
  }

  absl::Status AddWitnessEntries(absl::string_view bytes) {
    return VisitWitness(bytes, [this](WitnessEntry entry) {
      books_.entries.push_back({operator_id_, subtask_, std::move(entry)});
    });
  }

  absl::Status AddOffset(ByteReader& value) {
    const absl::string_view bytes = value.Bytes();
    WEIR_RETURN_IF_ERROR(value.status());
    WEIR_ASSIGN_OR_RETURN(const SplitOffset offset, DecodeSplitOffset(bytes));
    books_.offsets.push_back({operator_id_, subtask_, offset});
    return absl::OkStatus();
  }

  const Outside& outside_;
  const std::string folder_;
  absl::string_view operator_id_;  // in the books
  uint32_t subtask_ = 0;
  CheckpointBooks books_;
  OperatorStateReader operator_state_;  // of the subtask at hand
  std::string visited_operator_;
  std::string visited_state_;
  std::optional<absl::FunctionRef<absl::Status(ByteReader&)>> visit_;
};

}  // namespace

std::string CheckpointFolder(const JobShape& job, uint64_t checkpoint) {
  return absl::StrCat(job.checkpoint_dir, "/", job.job_id, "/chk-", checkpoint);
}

absl::StatusOr<CheckpointBooks> ReadCheckpointBooks(const JobShape& job, const Outside& outside,
                                                    uint64_t checkpoint) {
  BooksReader reader(outside, CheckpointFolder(job, checkpoint));
  WEIR_RETURN_IF_ERROR(reader.ReadAll());
  return reader.Take();
}

const absl::StatusOr<CheckpointBooks>& SharedBooks::Read(const JobShape& job, const Outside& outside,
                                                         uint64_t checkpoint) {
  if (checkpoint != checkpoint_) {
    checkpoint_ = checkpoint;
    books_ = ReadCheckpointBooks(job, outside, checkpoint);
  }
  return books_;
}

absl::Status VisitOperatorList(const JobShape& job, const Outside& outside, uint64_t checkpoint,
                               absl::string_view operator_id, absl::string_view state,
                               absl::FunctionRef<absl::Status(ByteReader&)> visit) {
  BooksReader reader(outside, CheckpointFolder(job, checkpoint));
  reader.Visit(operator_id, state, visit);
  return reader.ReadAll();
}

}  // namespace weir::properties
