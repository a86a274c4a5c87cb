#include "runtime/format/metadata.h"

#include <catch2/catch.hpp>
#include <set>

#include "runtime/types/operator_id.h"
#include "tests/types/fixtures.h"

namespace {

using weir::CheckpointMetadata;
using weir::KeyedHandle;
using weir::OperatorHandle;
using weir::OperatorState;
using weir::StreamHandle;
using weir::SubtaskState;

TEST_CASE("metadata: each real file is written again byte for byte", "[format][fixtures]") {
  WEIR_NEEDS_FIXTURES();
  std::map<int, int> files;
  int keyed_handles = 0;
  int uids = 0;
  for (const auto& path : weir::test::FixturesNamed("_metadata")) {
    INFO(path);
    const std::string bytes = weir::test::ReadFile(path);
    const auto read = weir::ReadMetadata(bytes);
    REQUIRE(read.status() == absl::OkStatus());
    ++files[read->version];
    const auto written = weir::WriteMetadataVersion(read->metadata, read->version);
    REQUIRE(written.status() == absl::OkStatus());
    CHECK(*written == bytes);
    CHECK(read->metadata.properties.has_value() == (read->version >= 4));
    CHECK(read->metadata.properties_tail.empty());
    for (const OperatorState& state : read->metadata.operators) {
      if (!state.uid.empty() && ++uids > 0) CHECK(state.id == weir::OperatorIdFromUid(state.uid));
      for (const SubtaskState& subtask : state.subtasks) {
        if (subtask.managed_keyed.is_null()) continue;
        ++keyed_handles;
        CHECK(subtask.managed_keyed.range() == weir::RangeFor(static_cast<uint32_t>(subtask.index),
                                                              static_cast<uint32_t>(state.max_parallelism),
                                                              static_cast<uint32_t>(state.parallelism)));
      }
    }
  }
  CHECK(files.size() == 5);  // versions 2 to 6
  CHECK(keyed_handles >= 400);
  CHECK(uids >= 50);
}

TEST_CASE("metadata: every cut of a real file is found to be damaged", "[format][fixtures]") {
  WEIR_NEEDS_FIXTURES();
  for (const auto& path : weir::test::FixturesNamed("_metadata")) {
    const std::string bytes = weir::test::ReadFile(path);
    if (bytes.size() > 20000) continue;
    INFO(path);
    const size_t step = 97;
    for (size_t size = 8; size < bytes.size(); size += step) {
      const auto read = weir::ReadMetadata(absl::string_view(bytes).substr(0, size));
      // A cut within the properties leaves a tail that is not understood, but kept.
      if (read.ok()) {
        CHECK(!read->metadata.properties_tail.empty());
      } else {
        CHECK(read.status().code() == absl::StatusCode::kDataLoss);
      }
    }
  }
}

CheckpointMetadata Sample() {
  CheckpointMetadata metadata;
  metadata.checkpoint_id = 7;
  metadata.properties = weir::CheckpointProperties::ForCheckpoint(weir::CheckpointRetention::kNeverRetain);
  OperatorState& state = metadata.operators.emplace_back();
  state.name = "totals";
  state.uid = "totals";
  state.id = weir::OperatorIdFromUid("totals");
  state.parallelism = 2;
  state.max_parallelism = 4;
  SubtaskState& subtask = state.subtasks.emplace_back();
  subtask.index = 1;
  subtask.managed_keyed =
      KeyedHandle::Savepoint({2, 3}, {100, 0}, StreamHandle::RelativeFile("state-1", 321));
  subtask.managed_operator =
      OperatorHandle::Partitionable({{"offsets", weir::OperatorStateMode::kSplitDistribute, {10, 20}},
                                     {"rules", weir::OperatorStateMode::kBroadcast, {30}}},
                                    StreamHandle::Inline("name", "bytes"));
  return metadata;
}

TEST_CASE("metadata: what is written reads back as the same value (every version)", "[format]") {
  CheckpointMetadata metadata = Sample();
  metadata.master_states.push_back({3, "hook", "state"});
  SubtaskState finished;
  finished.index = 0;
  finished.is_finished = true;
  metadata.operators[0].subtasks.insert(metadata.operators[0].subtasks.begin(), finished);
  metadata.operators[0].coordinator = StreamHandle::Inline("coordinator", "xyz");
  OperatorState done;
  done.id = weir::OperatorIdFromUid("done");
  done.is_fully_finished = true;
  metadata.operators.push_back(done);
  for (const int version : {3, 4, 5, 6}) {
    INFO(version);
    CheckpointMetadata expected = metadata;
    if (version < 5) expected.operators[0].name = expected.operators[0].uid = "";
    if (version < 4) expected.properties.reset();
    const auto bytes = weir::WriteMetadataVersion(expected, version);
    REQUIRE(bytes.status() == absl::OkStatus());
    const auto back = weir::ReadMetadata(*bytes);
    REQUIRE(back.status() == absl::OkStatus());
    CHECK(back->version == version);
    CHECK(back->metadata == expected);
  }
  CHECK_FALSE(weir::WriteMetadataVersion(metadata, 2).ok());  // has finished subtasks
}

TEST_CASE("metadata: handles of every kind survive (those without a real file too)", "[format]") {
  CheckpointMetadata metadata = Sample();
  const auto stream = StreamHandle::File("s3://bucket/file", 5);
  StreamHandle segment;
  segment.kind = StreamHandle::Kind::kSegment;
  segment.path = "merged";
  segment.start = 4;
  segment.size = 9;
  segment.scope = 1;
  segment.logical_id = "logical";
  StreamHandle empty;
  empty.kind = StreamHandle::Kind::kEmptySegment;
  StreamHandle wrapped;
  wrapped.kind = StreamHandle::Kind::kKeyGroups;
  wrapped.offsets = {1, 2};
  wrapped.inner = {segment};
  for (const int kind : {3, 5, 7, 8, 9, 10, 11, 12, 13, 14}) {
    KeyedHandle handle;
    handle.kind = static_cast<KeyedHandle::Kind>(kind);
    handle.first_key_group = 2;
    const bool is_old = kind == 5 || kind == 8 || kind == 10;
    const bool has_id = kind != 3 && kind != 5 && kind != 7;
    if (has_id) handle.id = "id";
    if (handle.has_offsets()) {
      handle.offsets = {9, 0};
      handle.stream = wrapped;
    } else {
      handle.range_size = 2;
    }
    if (kind == 5 || kind == 11) {
      handle.checkpoint_id = 3;
      handle.backend_id = "uuid";
      handle.stream = stream;
      handle.shared = {{"1.sst", stream}, {"2.sst", empty}};
      handle.exclusive = {{"CURRENT", segment}};
      if (kind == 11) handle.checkpointed_size = 77;
    }
    if (kind == 8 || kind == 14) {
      handle.checkpointed_size = 77;
      handle.materialized = {KeyedHandle::Savepoint({2, 3}, {1, 2}, stream)};
      handle.log = {KeyedHandle{}};
      handle.materialization_id = 4;
      if (kind == 14) handle.checkpoint_id = 6;
    }
    if (kind == 9) {
      handle.from = 1;
      handle.to = 2;
      handle.changes = {{-1, "meta"}, {2, ""}};
    }
    if (kind == 10 || kind == 13) {
      handle.files = {{12, stream}};
      handle.size = 1;
      handle.checkpointed_size = 2;
      if (!is_old) handle.storage_id = "filesystem";
    }
    metadata.operators[0].subtasks[0].managed_keyed = handle;
    weir::OperatorHandle merged;
    merged.kind = OperatorHandle::Kind::kMerged;
    merged.task_owned_directory = "task";
    merged.shared_directory = "shared";
    merged.is_empty = true;
    merged.stream = segment;
    metadata.operators[0].subtasks[0].raw_operator = merged;
    weir::ChannelHandle input{weir::ChannelHandle::Kind::kInput, 1, 0, 2, {0, 8}, 16, stream, ""};
    weir::ChannelHandle merged_input{
        weir::ChannelHandle::Kind::kMergedInput, 1, 0, 0, {}, 16, stream, "opaque"};
    weir::ChannelHandle result{weir::ChannelHandle::Kind::kResult, 1, 0, 2, {0}, 16, stream, ""};
    metadata.operators[0].subtasks[0].input_channels = {input, merged_input};
    metadata.operators[0].subtasks[0].result_subpartitions = {result};
    INFO(kind);
    const auto bytes = weir::WriteMetadataVersion(metadata, 6);
    REQUIRE(bytes.status() == absl::OkStatus());
    const auto back = weir::ReadMetadata(*bytes);
    REQUIRE(back.status() == absl::OkStatus());
    CHECK(back->metadata == metadata);
  }
}

TEST_CASE("metadata: the target release selects the version", "[format]") {
  for (const auto& [target, version] : {std::pair(weir::FlinkVersion::k1_20, 4),
                                        {weir::FlinkVersion::k2_0, 5},
                                        {weir::FlinkVersion::k2_3, 6}}) {
    CHECK(weir::ReadMetadata(weir::WriteMetadata(Sample(), target).value()).value().version == version);
    CHECK(weir::ParseFlinkVersion(weir::FlinkVersionName(target)).value() == target);
  }
  CHECK_FALSE(weir::ParseFlinkVersion("1.19").ok());
}

TEST_CASE("metadata: a value that cannot be is not written, and says why", "[format]") {
  const auto wrong = [](auto change) {
    CheckpointMetadata metadata = Sample();
    change(metadata);
    const auto status = weir::WriteMetadata(metadata).status();
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  const std::string id = "operator " + weir::OperatorIdFromUid("totals").ToHex();
  CHECK(wrong([](auto& m) { m.checkpoint_id = -1; }) == "checkpoint id -1");
  CHECK(wrong([](auto& m) { m.properties.reset(); }) == "metadata version 4 needs checkpoint properties");
  CHECK(wrong([](auto& m) { m.operators[0].subtasks[0].index = 2; }) == id + ": subtask 2 of 2");
  CHECK(wrong([](auto& m) { m.operators[0].max_parallelism = 1; }) == id + ": parallelism 2 of at most 1");
  CHECK(wrong([](auto& m) { m.operators.push_back(m.operators[0]); }) == id + " twice");
  CHECK(wrong([](auto& m) { m.operators[0].subtasks.push_back(m.operators[0].subtasks[0]); }) ==
        id + ": subtask 1 twice");
  CHECK(wrong([](auto& m) { m.operators[0].coordinator = StreamHandle::File("x", 1); }) ==
        id + ": coordinator state that is not inline");
  CHECK(wrong([](auto& m) {
          m.operators[0].subtasks[0].managed_operator.states[0].name = std::string(70000, 'x');
        }).rfind(id + ": subtask 1: name is not UTF-8 or longer than 65535 bytes", 0) == 0);
}

TEST_CASE("metadata: what is no metadata is refused", "[format]") {
  CHECK(weir::ReadMetadata("").status().message() == "not a _metadata file: wrong magic number");
  CHECK(weir::ReadMetadata("hello, world").status().code() == absl::StatusCode::kInvalidArgument);
  std::string bytes = weir::WriteMetadata(Sample()).value();
  bytes[7] = 7;
  CHECK(weir::ReadMetadata(bytes).status().message() == "metadata version 7 is not supported, only 2 to 6");
  bytes[7] = 3;
  CHECK(weir::ReadMetadata(bytes).status().code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("checkpoint properties: every combination is written, and recognised", "[format]") {
  using weir::CheckpointProperties;
  using weir::CheckpointRetention;
  std::set<std::string> tails;
  for (const auto retention : {CheckpointRetention::kNeverRetain, CheckpointRetention::kRetainOnFailure,
                               CheckpointRetention::kRetainOnCancellation}) {
    for (const auto type : {weir::SnapshotType::kCheckpoint, weir::SnapshotType::kFullCheckpoint}) {
      CheckpointProperties properties = CheckpointProperties::ForCheckpoint(retention);
      properties.type = type;
      const std::string tail = weir::WriteCheckpointProperties(properties);
      CHECK(tails.insert(tail).second);
      CHECK(weir::ReadCheckpointProperties(tail) == properties);
    }
  }
  for (const auto type : {weir::SnapshotType::kSavepoint, weir::SnapshotType::kSuspendSavepoint,
                          weir::SnapshotType::kTerminateSavepoint}) {
    for (const bool forced : {false, true}) {
      for (const bool is_native : {false, true}) {
        CheckpointProperties properties = CheckpointProperties::ForSavepoint(forced, type);
        properties.is_native = is_native;
        const std::string tail = weir::WriteCheckpointProperties(properties);
        CHECK(tails.insert(tail).second);
        CHECK(weir::ReadCheckpointProperties(tail) == properties);
      }
    }
  }
  CHECK_FALSE(weir::ReadCheckpointProperties("").has_value());
  CHECK_FALSE(weir::ReadCheckpointProperties(*tails.begin() + "x").has_value());
}

TEST_CASE("keyed handle: a cut keeps the offsets of its key groups", "[format]") {
  const KeyedHandle handle = KeyedHandle::Savepoint({2, 5}, {20, 30, 40, 50}, StreamHandle::File("f", 9));
  CHECK(handle.Intersect({4, 9}) == KeyedHandle::Savepoint({4, 5}, {40, 50}, StreamHandle::File("f", 9)));
  CHECK(handle.Intersect({0, 127}) == handle);
  CHECK(handle.Intersect({6, 9}).is_null());
}

}  // namespace
