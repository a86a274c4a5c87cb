// A checkpoint's file is damaged between its completion and the restore after a crash: the job fails, and the message
// names operator, state and file; nothing is restored from it, and no other file is touched.
#include <algorithm>
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "tests/job/cluster.h"

namespace weir {
namespace {

class Damaged {
 public:
  // Runs until a checkpoint is complete.
  explicit Damaged(uint64_t seed) : cluster_(OptionsOf(seed)) {
    REQUIRE(cluster_.RunUntil([&] { return cluster_.count(EventId::kNotifyCompleteSent) >= 3; }));
    checkpoint_ = cluster_.Record().retained.back().path + "/";
  }
  // The file of the newest checkpoint whose name ends so; the first one, or the last.
  std::string First(absl::string_view suffix) const { return FilesWith(suffix).front(); }
  std::string Last(absl::string_view suffix) const { return FilesWith(suffix).back(); }
  const std::string& BytesOf(const std::string& file) { return disk().Find(file)->bytes; }
  sim::ObjectStoreDisk& disk() { return cluster_.services().store(); }

  // All task managers die; runs until the job has failed, and returns what its leader says.
  std::string Fail() {
    const std::map<std::string, std::string> before = Content();
    const size_t taken = cluster_.count(EventId::kCheckpointCompleted);
    for (uint32_t i = 0; i < 2; ++i) {
      cluster_.world().Crash(cluster_.task_manager(i), sim::CrashMode::kReset);
    }
    REQUIRE(cluster_.RunUntil([&] { return cluster_.count(EventId::kJobFailed) == 1; }));
    CHECK(cluster_.count(EventId::kJobRunning) == 1);
    CHECK(cluster_.count(EventId::kCheckpointCompleted) == taken);
    CHECK(Content() == before);
    return cluster_.world().Describe();
  }

 private:
  static Cluster::Options OptionsOf(uint64_t seed) {
    Cluster::Options options;
    options.seed = seed;
    options.settings = {{"state.storage.fs.memory-threshold", "0"},
                        {"restart-strategy.fixed-delay.attempts", "2"}};
    return options;
  }
  std::vector<std::string> FilesWith(absl::string_view suffix) const {
    std::vector<std::string> files;
    for (const std::string& file : cluster_.services().store().Keys(checkpoint_)) {
      if (absl::EndsWith(file, suffix)) files.push_back(file);
    }
    REQUIRE(files.size() >= 2);
    return files;
  }
  std::map<std::string, std::string> Content() {
    std::map<std::string, std::string> content;
    for (const std::string& file : disk().Keys(checkpoint_)) content[file] = BytesOf(file);
    return content;
  }

  mutable Cluster cluster_;
  std::string checkpoint_;
};

// What may become of a file.
std::string Damage(absl::string_view how, Damaged& job, const std::string& file, const std::string& other) {
  std::string bytes = job.BytesOf(file);
  if (how == "bit of a value") {
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  } else if (how == "cut") {
    bytes.resize(bytes.size() / 2);
  } else {
    bytes = job.BytesOf(other);
  }
  REQUIRE(bytes != job.BytesOf(file));
  return bytes;
}

TEST_CASE("damaged state: the store's checksum finds it, and operator, state and file are named", "[job]") {
  const std::string how = GENERATE("bit of a value", "cut", "another file's bytes");
  INFO(how);
  Damaged job(1);
  SECTION("keyed state") {
    const std::string file = job.First("-keyed");
    job.disk().Damage(file, Damage(how, job, file, job.Last("-keyed")));
    const std::string message = job.Fail();
    INFO(message);
    CHECK(absl::StrContains(message, "operator total (uid total) of "));
    CHECK(absl::StrContains(message, "keyed state in state file " + file + ": object "));
    CHECK(absl::StrContains(message, "is damaged"));
  }
  SECTION("operator state") {
    const std::string file = job.First("-operator");
    job.disk().Damage(file, Damage(how, job, file, job.Last("-operator")));
    const std::string message = job.Fail();
    INFO(message);
    CHECK(absl::StrContains(message, "operator payments (uid payments) of "));
    CHECK(absl::StrContains(
        message, "operator states source-splits, _weir_witness in state file " + file + ": object "));
    CHECK(absl::StrContains(message, "is damaged"));
  }
}

TEST_CASE("damaged state: where the store has no checksum, the length and the layout tell", "[job]") {
  Damaged job(2);
  const std::string file = job.First("-keyed");
  std::string bytes = job.BytesOf(file);
  std::string what;
  SECTION("cut") {
    bytes.resize(bytes.size() - 1);
    what = "keyed state in state file " + file + ": it has ";
  }
  SECTION("a bit of a length") {
    // The first entry of the first key group: u16 state, u32 length of the key.
    const size_t key = bytes.find(std::string("\0\0\0\0\0\x0a", 6));
    REQUIRE(key != std::string::npos);
    bytes[key + 2] = '\x40';
    what = "keyed state in state file " + file + ": state total: key group ";
  }
  job.disk().Set(file, {bytes, 0});
  const std::string message = job.Fail();
  INFO(message);
  CHECK(absl::StrContains(message, "operator total (uid total) of "));
  CHECK(absl::StrContains(message, what));
}

}  // namespace
}  // namespace weir
