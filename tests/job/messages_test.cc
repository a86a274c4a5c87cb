#include "runtime/job/messages.h"

#include <catch2/catch.hpp>

namespace weir {
namespace {

OperatorSnapshot Snapshot(uint8_t id, uint32_t index) {
  OperatorSnapshot snapshot;
  snapshot.operator_id.bytes[3] = id;
  snapshot.state.index = static_cast<int32_t>(index);
  snapshot.state.managed_operator =
      OperatorHandle::Partitionable({{"list", OperatorStateMode::kSplitDistribute, {1, 2, 3}}},
                                    StreamHandle::File("checkpoints/j/chk-1/f", 12));
  snapshot.state.managed_keyed =
      KeyedHandle::Checkpoint({4, 6}, {0, 9, 8}, StreamHandle::RelativeFile("k", 33), "handle");
  return snapshot;
}

MessageBody RoundTrip(MessageBody body) {
  const absl::StatusOr<std::string> bytes = ControlMessage{42, std::move(body)}.Encode();
  REQUIRE(bytes.ok());
  absl::StatusOr<ControlMessage> decoded = ControlMessage::Decode(*bytes);
  REQUIRE(decoded.ok());
  CHECK(decoded->epoch == 42);
  // Nothing shorter and nothing longer is a message.
  for (size_t size = 0; size < bytes->size(); ++size)
    CHECK_FALSE(ControlMessage::Decode(bytes->substr(0, size)).ok());
  CHECK_FALSE(ControlMessage::Decode(*bytes + "x").ok());
  return std::move(decoded->body);
}

template <typename M>
M Through(M message) {
  MessageBody body = RoundTrip(std::move(message));
  REQUIRE(std::holds_alternative<M>(body));
  return std::get<M>(std::move(body));
}

constexpr SubtaskId kSubtask{VertexId(3), 2};

TEST_CASE("messages: registration and heartbeats") {
  const auto message = Through(RegisterTaskManager{4, 77});
  CHECK(message.slots == 4);
  CHECK(message.newest_epoch == 77);
  Through(RegistrationAccepted());
  Through(Heartbeat());
}

TEST_CASE("messages: what subtasks report") {
  const auto running = Through(SubtaskRunning{kSubtask, Attempt(5)});
  CHECK(running.subtask == kSubtask);
  CHECK(running.attempt == Attempt(5));
  const auto failed = Through(SubtaskFailed{kSubtask, Attempt(5), absl::DataLossError("torn")});
  CHECK(failed.cause == absl::DataLossError("torn"));
  CHECK(Through(TasksCancelled{Attempt(6)}).attempt == Attempt(6));
  const auto decline = Through(Decline{kSubtask, Attempt(5), CheckpointId(8), absl::AbortedError("no")});
  CHECK(decline.checkpoint == CheckpointId(8));
  CHECK(decline.cause == absl::AbortedError("no"));
}

TEST_CASE("messages: an acknowledgement carries handles of every operator") {
  const std::vector<OperatorSnapshot> snapshots = {Snapshot(1, 2), Snapshot(2, 2)};
  const auto message = Through(Acknowledge{kSubtask, Attempt(5), CheckpointId(8), snapshots});
  CHECK(message.snapshots == snapshots);
  CHECK(Through(Acknowledge{kSubtask, Attempt(5), CheckpointId(8), {}}).snapshots.empty());
}

TEST_CASE("messages: a deployment carries several shares of one operator") {
  DeployTask deploy;
  deploy.parallelism = {4, 1};
  deploy.max_parallelism = {128, 7};
  deploy.task.job_id = "j";
  deploy.task.subtask = kSubtask;
  deploy.task.attempt = Attempt(9);
  deploy.task.producers = {{NodeId(1), NodeId(2)}, {}};
  deploy.task.checkpoints_path = "checkpoints/j";
  deploy.task.restored = CheckpointId(3);
  deploy.task.restored_state = {Snapshot(1, 2), Snapshot(1, 2), Snapshot(2, 2)};
  const auto message = Through(deploy);
  CHECK(message.parallelism == deploy.parallelism);
  CHECK(message.max_parallelism == deploy.max_parallelism);
  CHECK(message.task.job_id == "j");
  CHECK(message.task.producers == deploy.task.producers);
  CHECK(message.task.checkpoints_path == "checkpoints/j");
  CHECK(message.task.restored == deploy.task.restored);
  CHECK(message.task.restored_state == deploy.task.restored_state);
}

TEST_CASE("messages: what the leader asks for") {
  CHECK(Through(CancelTasks{Attempt(2)}).attempt == Attempt(2));
  CHECK(Through(TriggerCheckpoint{Attempt(2), CheckpointId(3)}).checkpoint == CheckpointId(3));
  CHECK(Through(NotifyComplete{Attempt(2), CheckpointId(4)}).checkpoint == CheckpointId(4));
  CHECK(Through(NotifyAborted{Attempt(2), CheckpointId(5)}).checkpoint == CheckpointId(5));
}

TEST_CASE("messages: handles that no file can hold are refused") {
  OperatorSnapshot snapshot = Snapshot(1, 0);
  snapshot.state.managed_keyed.id = std::string(70'000, 'x');
  const auto bytes =
      ControlMessage{1, Acknowledge{kSubtask, Attempt(1), CheckpointId(1), {snapshot}}}.Encode();
  CHECK(absl::IsInvalidArgument(bytes.status()));
}

TEST_CASE("messages: an unknown kind or status code is no message") {
  CHECK_FALSE(ControlMessage::Decode(std::string(1, '\x60') + std::string(8, '\0')).ok());
  std::string bytes =
      *ControlMessage{1, SubtaskFailed{kSubtask, Attempt(5), absl::DataLossError("")}}.Encode();
  bytes[bytes.size() - 5] = '\x63';
  CHECK(absl::IsDataLoss(ControlMessage::Decode(bytes).status()));
}

}  // namespace
}  // namespace weir
