#include <vector>

#include "tests/env/worlds.h"

namespace weir::contract {
namespace {

using Keys = std::vector<std::string>;

class Bystander : public Actor {
 public:
  std::string Describe() const override { return "bystander"; }
};

absl::Status Put(ContractWorld& world, uint32_t node, std::string key, Blob blob,
                 PutMode mode = PutMode::kOverwrite) {
  return world.Ask<absl::Status>(node, [&](auto answer) {
    world.env(node).store.Put(world.actor(node), key, blob, mode, std::move(answer));
  });
}

absl::StatusOr<Blob> Get(ContractWorld& world, uint32_t node, std::string key) {
  return world.Ask<absl::StatusOr<Blob>>(
      node, [&](auto answer) { world.env(node).store.Get(world.actor(node), key, std::move(answer)); });
}

absl::Status Delete(ContractWorld& world, uint32_t node, std::string key) {
  return world.Ask<absl::Status>(
      node, [&](auto answer) { world.env(node).store.Delete(world.actor(node), key, std::move(answer)); });
}

absl::StatusOr<Keys> List(ContractWorld& world, uint32_t node, std::string prefix) {
  return world.Ask<absl::StatusOr<Keys>>(
      node, [&](auto answer) { world.env(node).store.List(world.actor(node), prefix, std::move(answer)); });
}

TEMPLATE_TEST_CASE("DurableStore: what was put is read by every process", "[env]", WEIR_WORLDS) {
  TestType world;
  const std::string bytes("with \0 zero and \xff, and a witness", 33);
  REQUIRE(Put(world, 0, "chk-1/state", {bytes, 9}).ok());
  REQUIRE(Put(world, 0, "empty", {"", 0}).ok());
  for (const uint32_t node : {0u, 1u}) {
    const absl::StatusOr<Blob> blob = Get(world, node, "chk-1/state");
    REQUIRE(blob.ok());
    CHECK(blob->bytes == bytes);
    CHECK(blob->unbilled == 9);
    const absl::StatusOr<Blob> empty = Get(world, node, "empty");
    REQUIRE(empty.ok());
    CHECK(empty->bytes.empty());
    CHECK(absl::IsNotFound(Get(world, node, "chk-1/other").status()));
  }
}

TEMPLATE_TEST_CASE("DurableStore: a put replaces, a put-if-absent does not", "[env]", WEIR_WORLDS) {
  TestType world;
  CHECK(Put(world, 0, "key", {"one", 0}, PutMode::kIfAbsent).ok());
  CHECK(absl::IsAlreadyExists(Put(world, 1, "key", {"two", 0}, PutMode::kIfAbsent)));
  CHECK(Get(world, 0, "key")->bytes == "one");
  CHECK(Put(world, 1, "key", {"three", 0}).ok());
  CHECK(Get(world, 0, "key")->bytes == "three");
}

TEMPLATE_TEST_CASE("DurableStore: of many at once, one put-if-absent wins", "[env]", WEIR_WORLDS) {
  TestType world;
  std::vector<absl::Status> answers;
  for (uint32_t i = 0; i < 10; ++i) {
    const uint32_t node = i % 2;
    world.Do(node, [&world, &answers, node, i] {
      world.env(node).store.Put(world.actor(node), "lock", {std::to_string(i), 0}, PutMode::kIfAbsent,
                                [&answers](const absl::Status& status) { answers.push_back(status); });
    });
  }
  REQUIRE(world.RunUntil([&] { return answers.size() == 10; }));
  int winners = 0;
  for (const absl::Status& status : answers) {
    winners += status.ok();
    CHECK((status.ok() || absl::IsAlreadyExists(status)));
  }
  CHECK(winners == 1);
}

TEMPLATE_TEST_CASE("DurableStore: deleting what is not there is fine", "[env]", WEIR_WORLDS) {
  TestType world;
  REQUIRE(Put(world, 0, "key", {"one", 0}).ok());
  CHECK(Delete(world, 0, "key").ok());
  CHECK(absl::IsNotFound(Get(world, 1, "key").status()));
  CHECK(Delete(world, 0, "key").ok());
  CHECK(Put(world, 0, "key", {"again", 0}, PutMode::kIfAbsent).ok());
}

TEMPLATE_TEST_CASE("DurableStore: keys are listed by prefix, sorted, whatever their bytes", "[env]",
                   WEIR_WORLDS) {
  TestType world;
  for (const char* key : {"job/chk-2/b", "job/chk-10/a", "job/chk-2/a", "job", "other", "job/chk-2/ %41.x"}) {
    REQUIRE(Put(world, 0, key, {"x", 0}).ok());
  }
  const absl::StatusOr<Keys> some = List(world, 1, "job/chk-2/");
  REQUIRE(some.ok());
  CHECK(*some == Keys{"job/chk-2/ %41.x", "job/chk-2/a", "job/chk-2/b"});
  const absl::StatusOr<Keys> all = List(world, 1, "");
  REQUIRE(all.ok());
  CHECK(*all == Keys{"job", "job/chk-10/a", "job/chk-2/ %41.x", "job/chk-2/a", "job/chk-2/b", "other"});
  CHECK(List(world, 0, "none")->empty());
}

TEMPLATE_TEST_CASE("DurableStore: what is not what was put is data loss", "[env]", WEIR_WORLDS) {
  TestType world;
  const std::string bytes = "the state of a job";
  for (const std::string& damaged :
       {std::string("The state of a job"), std::string("the state"), std::string(), bytes + "s"}) {
    REQUIRE(Put(world, 0, "key", {bytes, 0}).ok());
    world.DamageObject("key", damaged);
    const absl::Status status = Get(world, 1, "key").status();
    CHECK(absl::IsDataLoss(status));
    CHECK(status.message() == "object key is damaged: its checksum differs");
  }
  REQUIRE(Put(world, 0, "key", {bytes, 0}).ok());
  CHECK(Get(world, 1, "key")->bytes == bytes);
}

TEMPLATE_TEST_CASE("DurableStore: a removed actor is not called back", "[env]", WEIR_WORLDS) {
  TestType world;
  const Bystander bystander;
  int called = 0;
  world.Do(0, [&] {
    const ActorId gone = world.env(0).executor.AddActor(&bystander);
    world.env(0).store.Put(gone, "key", {"value", 0}, PutMode::kOverwrite,
                           [&](const absl::Status&) { ++called; });
    world.env(0).executor.RemoveActor(gone);
  });
  world.RunFor(Duration::Millis(100));
  CHECK(called == 0);
  CHECK(Get(world, 0, "key").ok());  // the request was under way all the same
}

TEMPLATE_TEST_CASE("LocalStore: files are appended to, replaced, renamed, deleted and listed", "[env]",
                   WEIR_WORLDS) {
  TestType world;
  world.Do(0, [&] {
    LocalStore& disk = world.env(0).disk;
    CHECK(disk.Append("db/a/1.log", "one").ok());
    CHECK(disk.Append("db/a/1.log", "two").ok());
    CHECK(disk.Read("db/a/1.log").value() == "onetwo");
    CHECK(disk.Write("db/b", "long content").ok());
    CHECK(disk.Write("db/b", "short").ok());
    CHECK(disk.Read("db/b").value() == "short");
    CHECK(disk.Sync("db/b").ok());
    CHECK(disk.Sync("db/a/1.log").ok());
    CHECK(disk.SyncNames().ok());
    CHECK(disk.List("db/").value() == Keys{"db/a/1.log", "db/b"});
    CHECK(disk.Rename("db/b", "db/a/1.log").ok());
    CHECK(disk.Read("db/a/1.log").value() == "short");
    CHECK(absl::IsNotFound(disk.Read("db/b").status()));
    CHECK(disk.Rename("db/a/1.log", "elsewhere/c").ok());
    CHECK(disk.SyncNames().ok());
    CHECK(disk.List("").value() == Keys{"elsewhere/c"});
    CHECK(disk.List("d").value().empty());
    CHECK(disk.Delete("elsewhere/c").ok());
    CHECK(absl::IsNotFound(disk.Read("elsewhere/c").status()));
    CHECK(disk.SyncNames().ok());
  });
}

TEMPLATE_TEST_CASE("LocalStore: parts and sizes of files", "[env]", WEIR_WORLDS) {
  TestType world;
  const std::string big(200'000, 'b');
  world.Do(0, [&] {
    LocalStore& disk = world.env(0).disk;
    REQUIRE(disk.Append("file", "0123456789").ok());
    REQUIRE(disk.Write("empty", "").ok());
    REQUIRE(disk.Write("big", big + "end").ok());
    CHECK(disk.Size("file").value() == 10);
    CHECK(disk.Size("empty").value() == 0);
    CHECK(disk.ReadAt("file", 0, 10).value() == "0123456789");
    CHECK(disk.ReadAt("file", 3, 4).value() == "3456");
    CHECK(disk.ReadAt("file", 3, 0).value().empty());
    CHECK(disk.ReadAt("file", 8, 100).value() == "89");
    CHECK(disk.ReadAt("file", 10, 1).value().empty());
    CHECK(disk.ReadAt("file", 1'000, 1).value().empty());
    CHECK(disk.ReadAt("file", 0, ~uint64_t{0}).value() == "0123456789");
    CHECK(disk.ReadAt("file", 9, ~uint64_t{0}).value() == "9");
    CHECK(disk.ReadAt("empty", 0, 1).value().empty());
    CHECK(disk.ReadAt("big", 1, 199'999 + 2).value() == big.substr(1) + "en");
  });
}

TEMPLATE_TEST_CASE("LocalStore: a linked file has two names until one is deleted or renamed over", "[env]",
                   WEIR_WORLDS) {
  TestType world;
  world.Do(0, [&] {
    LocalStore& disk = world.env(0).disk;
    REQUIRE(disk.Write("db/1.sst", "table").ok());
    REQUIRE(disk.Write("db/2.sst", "other").ok());
    CHECK(disk.Link("db/1.sst", "chk/deep/1.sst").ok());
    CHECK(absl::IsAlreadyExists(disk.Link("db/1.sst", "db/2.sst")));
    CHECK(absl::IsAlreadyExists(disk.Link("db/1.sst", "db/1.sst")));
    CHECK(disk.SyncNames().ok());
    CHECK(disk.List("").value() == Keys{"chk/deep/1.sst", "db/1.sst", "db/2.sst"});
    CHECK(disk.Read("chk/deep/1.sst").value() == "table");
    CHECK(disk.Delete("db/1.sst").ok());
    CHECK(disk.Read("chk/deep/1.sst").value() == "table");
    CHECK(disk.Size("chk/deep/1.sst").value() == 5);
    CHECK(disk.Write("db/1.sst", "another").ok());  // a file of its own
    CHECK(disk.Read("chk/deep/1.sst").value() == "table");
    CHECK(disk.Rename("db/2.sst", "chk/deep/1.sst").ok());
    CHECK(disk.Read("chk/deep/1.sst").value() == "other");
  });
}

TEMPLATE_TEST_CASE("LocalStore: what is missing is kNotFound", "[env]", WEIR_WORLDS) {
  TestType world;
  world.Do(0, [&] {
    LocalStore& disk = world.env(0).disk;
    CHECK(absl::IsNotFound(disk.Read("none").status()));
    CHECK(absl::IsNotFound(disk.ReadAt("none", 0, 1).status()));
    CHECK(absl::IsNotFound(disk.Size("none").status()));
    CHECK(absl::IsNotFound(disk.Link("none", "other")));
    CHECK(absl::IsNotFound(disk.Sync("none")));
    CHECK(absl::IsNotFound(disk.Rename("none", "other")));
    CHECK(absl::IsNotFound(disk.Delete("none")));
    CHECK(disk.List("").value().empty());
  });
}

TEMPLATE_TEST_CASE("LocalStore: bytes are kept as they are, and nodes do not share a disk", "[env]",
                   WEIR_WORLDS) {
  TestType world;
  const std::string bytes("\0\xff\n\r", 4);
  world.Do(0, [&] {
    CHECK(world.env(0).disk.Write("file", bytes).ok());
    CHECK(world.env(0).disk.Write("empty", "").ok());
    CHECK(world.env(0).disk.Read("file").value() == bytes);
    CHECK(world.env(0).disk.Read("empty").value().empty());
  });
  world.Do(1, [&] { CHECK(absl::IsNotFound(world.env(1).disk.Read("file").status())); });
}

}  // namespace
}  // namespace weir::contract
