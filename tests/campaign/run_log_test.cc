#include "campaign/run_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "campaign/files.h"
#include "tests/campaign/fake_target.h"

namespace weir::campaign {
namespace {

RunRecord Record(uint64_t seed) {
  RunRecord record;
  record.scenario = "fake";
  record.seed = seed;
  record.options_hash = 5;
  record.digest = StableHash128("x", seed);
  record.properties.push_back({"even", properties::Outcome::kViolated, true, true, "seed 9 is odd"});
  record.faults_fired["pause"] = 3;
  record.fault_fired = {true, false, true};
  record.totals.events = seed * 100;
  record.signature = "even/sink/lost/upload";
  record.message = "lost";
  return record;
}

void Write(const std::string& path, uint64_t records) {
  absl::StatusOr<std::unique_ptr<RunLog>> log = RunLog::Create(path, "spec\n");
  REQUIRE(log.ok());
  for (uint64_t seed = 1; seed <= records; ++seed) REQUIRE((*log)->Append(Record(seed)).ok());
}

TEST_CASE("run record: survives its encoding", "[campaign]") {
  const RunRecord record = Record(9);
  const absl::StatusOr<RunRecord> read = RunRecord::Decode(record.Encode());
  REQUIRE(read.ok());
  CHECK(read->Encode() == record.Encode());
  CHECK(read->fault_fired == record.fault_fired);
  CHECK(read->properties[0].expected_broken);
  CHECK(read->properties[0].remark == "seed 9 is odd");
  const std::string bytes = record.Encode();
  for (size_t i = 0; i < bytes.size(); ++i) CHECK(!RunRecord::Decode(bytes.substr(0, i)).ok());
}

TEST_CASE("runs.bin: what was appended is there again", "[campaign]") {
  TemporaryFolder folder;
  const std::string path = folder.path() + "/runs.bin";
  Write(path, 3);
  absl::StatusOr<std::unique_ptr<RunLog>> log = RunLog::Open(path, "spec\n");
  REQUIRE(log.ok());
  CHECK((*log)->TakeRecords().size() == 3);
  REQUIRE((*log)->Append(Record(4)).ok());
  REQUIRE((*log)->AppendClaim("fake", "even", "seeds are even").ok());
  log->reset();
  log = RunLog::Open(path, "spec\n");
  REQUIRE(log.ok());
  CHECK((*log)->TakeRecords().size() == 4);
  CHECK((*log)->claims().at({"fake", "even"}) == "seeds are even");
}

TEST_CASE("runs.bin: cut at any byte, whole entries are kept and the rest is cut off", "[campaign]") {
  TemporaryFolder folder;
  const std::string path = folder.path() + "/runs.bin";
  Write(path, 2);
  const std::string whole = *ReadFile(path);
  size_t last = 0;
  for (size_t size = 0; size <= whole.size(); ++size) {
    REQUIRE(WriteFileAtomically(path, whole.substr(0, size)).ok());
    absl::StatusOr<std::unique_ptr<RunLog>> log = RunLog::Open(path, "spec\n");
    INFO(size);
    REQUIRE(log.status() == absl::OkStatus());
    const size_t records = (*log)->TakeRecords().size();
    CHECK(records >= last);
    last = records;
    REQUIRE((*log)->Append(Record(7)).ok());
    log->reset();
    log = RunLog::Open(path, "spec\n");
    REQUIRE(log.ok());
    CHECK((*log)->TakeRecords().size() == records + 1);
  }
  CHECK(last == 2);
}

TEST_CASE("runs.bin: damage inside is refused", "[campaign]") {
  TemporaryFolder folder;
  const std::string path = folder.path() + "/runs.bin";
  Write(path, 2);
  std::string bytes = *ReadFile(path);
  bytes[bytes.size() - 3] = static_cast<char>(bytes[bytes.size() - 3] ^ 1);
  REQUIRE(WriteFileAtomically(path, bytes).ok());
  CHECK(RunLog::Open(path, "spec\n").status().code() == absl::StatusCode::kDataLoss);
  REQUIRE(WriteFileAtomically(path, "something else").ok());
  CHECK(RunLog::Open(path, "spec\n").status().code() == absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace weir::campaign
