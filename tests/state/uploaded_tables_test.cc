#include "runtime/state/rocksdb/uploaded_tables.h"

#include <catch2/catch.hpp>

namespace weir {
namespace {

StreamHandle At(const std::string& key) { return StreamHandle::File(key, 1); }

TEST_CASE("uploaded tables: only those of the newest checkpoint that is known to be complete",
          "[state][rocksdb]") {
  UploadedTables tables;
  CHECK(tables.Find("a") == nullptr);
  tables.Add(CheckpointId(1), {{"a", At("1/a")}});
  CHECK(tables.Find("a") == nullptr);
  tables.OnComplete(CheckpointId(1));
  REQUIRE(tables.Find("a") != nullptr);
  CHECK(*tables.Find("a") == At("1/a"));
  CHECK(tables.Find("b") == nullptr);
}

TEST_CASE("uploaded tables: one that was given up counts for nothing", "[state][rocksdb]") {
  UploadedTables tables;
  tables.Add(CheckpointId(1), {{"a", At("1/a")}});
  tables.OnAborted(CheckpointId(1));
  tables.OnComplete(CheckpointId(1));
  CHECK(tables.Find("a") == nullptr);
}

TEST_CASE("uploaded tables: a later checkpoint that stored a table anew may be the one that is left",
          "[state][rocksdb]") {
  UploadedTables tables;
  tables.Add(CheckpointId(1), {{"a", At("1/a")}});
  // Taken before anybody heard that 1 is complete.
  tables.Add(CheckpointId(2), {{"a", At("2/a")}});
  tables.OnComplete(CheckpointId(1));
  CHECK(tables.Find("a") == nullptr);
  SECTION("it is given up") {
    tables.OnAborted(CheckpointId(2));
    CHECK(*tables.Find("a") == At("1/a"));
  }
  SECTION("it is complete") {
    tables.OnComplete(CheckpointId(2));
    CHECK(*tables.Find("a") == At("2/a"));
  }
}

TEST_CASE("uploaded tables: notices may be lost, late, or of checkpoints that nobody knows",
          "[state][rocksdb]") {
  UploadedTables tables;
  tables.Add(CheckpointId(3), {{"a", At("3/a")}});
  tables.OnComplete(CheckpointId(3));
  tables.OnComplete(CheckpointId(7));  // a savepoint
  CHECK(tables.Find("a") != nullptr);
  tables.OnComplete(CheckpointId(2));
  tables.OnAborted(CheckpointId(3));  // came late: it is complete
  CHECK(tables.Find("a") != nullptr);
  tables.Add(CheckpointId(8), {{"a", At("3/a")}, {"b", StreamHandle()}});
  tables.OnComplete(CheckpointId(8));
  CHECK(*tables.Find("a") == At("3/a"));
  CHECK(tables.Find("b") == nullptr);  // lies in the handle
}

}  // namespace
}  // namespace weir
