#include "runtime/checkpoint/completed_checkpoint_store.h"

#include <catch2/catch.hpp>

#include "tests/checkpoint/fake_env.h"

namespace weir {
namespace {

constexpr ActorId kActor{1};

CheckpointPointer Pointer(uint64_t id) {
  return {CheckpointId(id), CheckpointPath("checkpoints", "job", CheckpointId(id))};
}

struct Leader {
  Leader(FakeEnv& env, uint64_t epoch, uint32_t num_retained = 1, ActorId actor = kActor)
      : store({"job", epoch, num_retained, Duration::Millis(10)}, actor, env.executor, env.registry) {
    store.TakeOver([this](const absl::Status& status) { taken_over = status; });
  }
  void Allocate() {
    store.AllocateCheckpoint([this](absl::StatusOr<CheckpointId> id) {
      id.ok() ? ids.push_back(id->value) : errors.push_back(id.status());
    });
  }
  void BeginAttempt() {
    store.BeginAttempt(0, [this](absl::StatusOr<Attempt> attempt) {
      attempt.ok() ? attempts.push_back(attempt->value) : errors.push_back(attempt.status());
    });
  }
  void Add(uint64_t id) {
    store.Add(Pointer(id), [this](absl::StatusOr<std::vector<CheckpointPointer>> result) {
      if (!result.ok()) return errors.push_back(result.status());
      ++added;
      for (const CheckpointPointer& pointer : *result) dropped.push_back(pointer.id.value);
    });
  }

  CompletedCheckpointStore store;
  absl::Status taken_over = absl::UnavailableError("not yet");
  std::vector<uint64_t> ids, attempts, dropped;
  std::vector<absl::Status> errors;
  int added = 0;
};

TEST_CASE("job record: what is written is read") {
  JobRecord record;
  record.epoch = 3;
  record.write = 77;
  record.attempt = Attempt(5);
  record.parallelism = 4;
  record.last_checkpoint = CheckpointId(12);
  record.retained = {Pointer(4), Pointer(11)};
  record.failed = true;
  CHECK(JobRecord::Decode(record.Encode()).value() == record);
  CHECK(JobRecord::Decode("").value() == JobRecord());
}

TEST_CASE("job record: damage is told, whatever is cut off or turned around") {
  JobRecord record;
  record.last_checkpoint = CheckpointId(12);
  record.retained = {Pointer(4), Pointer(11)};
  const std::string bytes = record.Encode();
  for (size_t size = 1; size < bytes.size(); ++size) {
    CHECK(JobRecord::Decode(bytes.substr(0, size)).status().code() == absl::StatusCode::kDataLoss);
  }
  CHECK(JobRecord::Decode(bytes + "x").status().code() == absl::StatusCode::kDataLoss);
  record.retained = {Pointer(11), Pointer(4)};
  CHECK(JobRecord::Decode(record.Encode()).status().code() == absl::StatusCode::kDataLoss);
  record.retained = {Pointer(13)};
  CHECK(JobRecord::Decode(record.Encode()).status().code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("job record: keys in the object store name their checkpoint") {
  const std::string prefix = CheckpointsPrefix("dir", "job");
  CHECK(CheckpointOfKey(prefix, MetadataPath(CheckpointPath("dir", "job", CheckpointId(17)))) ==
        CheckpointId(17));
  CHECK(CheckpointOfKey(prefix, "dir/job/chk-3/1-0-2-state") == CheckpointId(3));
  CHECK(CheckpointOfKey(prefix, "dir/job/chk-/x") == CheckpointId());
  CHECK(CheckpointOfKey(prefix, "dir/job/chk-3") == CheckpointId());
  CHECK(CheckpointOfKey(prefix, "dir/job/shared/3") == CheckpointId());
}

TEST_CASE("checkpoint store: ids, attempts and pointers survive the leader") {
  FakeEnv env;
  Leader first(env, 1);
  first.BeginAttempt();
  first.Allocate();
  first.Allocate();
  first.Add(2);
  env.executor.RunFor(Duration::Millis(20));
  CHECK(first.taken_over.ok());
  CHECK(first.ids == std::vector<uint64_t>{1, 2});
  CHECK(first.added == 1);

  Leader second(env, 2);
  second.BeginAttempt();
  second.Allocate();
  env.executor.RunFor(Duration::Millis(20));
  CHECK(second.attempts == std::vector<uint64_t>{2});
  CHECK(second.ids == std::vector<uint64_t>{3});
  CHECK(second.store.record().retained == std::vector<CheckpointPointer>{Pointer(2)});
}

TEST_CASE("checkpoint store: a leader of the past can change nothing") {
  FakeEnv env;
  Leader first(env, 1);
  first.Allocate();
  env.executor.RunFor(Duration::Millis(20));
  Leader second(env, 2);
  env.executor.RunFor(Duration::Millis(20));
  int superseded = 0;
  first.store.OnSuperseded(
      [&](const absl::Status& status) { superseded += absl::IsAborted(status) ? 1 : 100; });
  const Versioned before = env.registry.values["job/checkpoints"];
  first.Add(1);
  first.Allocate();
  env.executor.RunFor(Duration::Millis(50));
  CHECK(first.errors.size() == 2);
  CHECK(absl::IsAborted(first.errors[0]));
  CHECK(first.store.is_superseded());
  CHECK(superseded == 1);
  CHECK(env.registry.values["job/checkpoints"].version == before.version);
  CHECK(env.registry.values["job/checkpoints"].value == before.value);
}

TEST_CASE("checkpoint store: an older leader cannot take over from a newer one") {
  FakeEnv env;
  Leader second(env, 2);
  env.executor.RunFor(Duration::Millis(20));
  Leader first(env, 1);
  env.executor.RunFor(Duration::Millis(20));
  CHECK(absl::IsAborted(first.taken_over));
}

TEST_CASE("checkpoint store: a lost answer is looked up, not guessed (applied)") {
  FakeEnv env;
  Leader leader(env, 1);
  leader.Allocate();
  env.executor.RunFor(Duration::Millis(20));
  env.registry.fates.script = {Fate::kResponseLost};
  leader.Add(1);
  env.executor.RunFor(Duration::Millis(100));
  CHECK(leader.added == 1);
  CHECK(leader.errors.empty());
  CHECK(leader.store.record().retained.size() == 1);
}

TEST_CASE("checkpoint store: a lost request is made again (not applied), also when reading fails meanwhile") {
  FakeEnv env;
  Leader leader(env, 1);
  leader.Allocate();
  env.executor.RunFor(Duration::Millis(20));
  env.registry.fates.script = {Fate::kRefused, Fate::kRefused, Fate::kRefused, Fate::kAnswered,
                               Fate::kRefused};
  leader.Add(1);
  leader.Allocate();
  env.executor.RunFor(Duration::Millis(200));
  CHECK(leader.added == 1);
  CHECK(leader.ids == std::vector<uint64_t>{1, 2});
}

TEST_CASE("checkpoint store: a request that is applied late does no harm and is not applied twice") {
  FakeEnv env;
  Leader leader(env, 1);
  env.executor.RunFor(Duration::Millis(20));
  env.registry.fates.script = {Fate::kLate};
  leader.Allocate();
  leader.Allocate();
  env.executor.RunFor(Duration::Millis(200));
  CHECK(leader.ids == std::vector<uint64_t>{1, 2});
  CHECK(leader.store.record().last_checkpoint == CheckpointId(2));
}

TEST_CASE("checkpoint store: a late write of the old leader is picked up or shut out by the new one") {
  FakeEnv env;
  Leader first(env, 1, 1, ActorId(7));
  first.Allocate();
  env.executor.RunFor(Duration::Millis(20));
  env.registry.fates.script = {Fate::kLate};
  first.Add(1);
  env.executor.RunFor(Duration());       // the request leaves
  env.executor.RemoveActor(ActorId(7));  // and the leader dies
  Leader second(env, 2);
  SECTION("it comes before the takeover") {
    env.registry.fates.script = {Fate::kRefused, Fate::kRefused, Fate::kRefused};
    env.executor.RunFor(Duration::Millis(200));
    CHECK(second.taken_over.ok());
    CHECK(second.store.record().retained.size() == 1);
  }
  SECTION("it comes after the takeover") {
    env.executor.RunFor(Duration::Millis(200));
    CHECK(second.taken_over.ok());
    CHECK(second.store.record().retained.empty());
    CHECK(JobRecord::Decode(env.registry.values["job/checkpoints"].value)->retained.empty());
  }
}

TEST_CASE("checkpoint store: retains the newest ones and names what it drops") {
  FakeEnv env;
  Leader leader(env, 1, 2);
  for (int i = 0; i < 4; ++i) leader.Allocate();
  for (uint64_t id = 1; id <= 4; ++id) leader.Add(id);
  leader.Add(3);
  env.executor.RunFor(Duration::Millis(50));
  CHECK(leader.dropped == std::vector<uint64_t>{1, 2});
  CHECK(leader.store.record().retained == std::vector<CheckpointPointer>{Pointer(3), Pointer(4)});
  REQUIRE(leader.errors.size() == 1);
  CHECK(absl::IsFailedPrecondition(leader.errors[0]));
}

TEST_CASE("checkpoint store: a damaged record is an error, not a fresh start") {
  FakeEnv env;
  env.registry.values["job/checkpoints"] = {4, "rubbish"};
  Leader leader(env, 1);
  env.executor.RunFor(Duration::Millis(50));
  CHECK(leader.taken_over.code() == absl::StatusCode::kDataLoss);
  CHECK(env.registry.values["job/checkpoints"].value == "rubbish");
}

}  // namespace
}  // namespace weir
