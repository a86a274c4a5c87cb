#include "properties/checkpoint_files.h"

#include "absl/strings/match.h"
#include "properties/retained_checkpoints.h"
#include "runtime/base/codec.h"
#include "tests/properties/synthetic.h"

namespace weir::properties {
namespace {

// The run of a job that takes checkpoints and drops old ones, event by event. Seconds.
class Story {
 public:
  Story() { property_->Begin(job_, outside_); }
  Story(const Story&) = delete;
  Story& operator=(const Story&) = delete;

  static std::string Folder(uint64_t checkpoint) {
    return absl::StrCat(CheckpointsFolder(SumJob()), "chk-", checkpoint);
  }

  // Its files are in the store, and nobody has named it yet.
  Story& Put(uint64_t checkpoint) {
    WriteCheckpoint(job_, checkpoint, SumState::Correct(job_, {checkpoint, checkpoint}), &outside_);
    for (const std::string& key : outside_.Objects(Folder(checkpoint)))
      Tell(events::StorePut(StableHash64(key), 1));
    return *this;
  }
  // The register names these and no others.
  Story& Name(const std::vector<uint64_t>& checkpoints) {
    ByteWriter record;
    record.U8(2);
    for (int i = 0; i < 2; ++i) record.U64(1);
    for (int i = 0; i < 2; ++i) record.U32(1);
    record.U64(1);
    record.Bool(false);
    record.U32(static_cast<uint32_t>(checkpoints.size()));
    for (const uint64_t checkpoint : checkpoints) {
      record.U64(checkpoint);
      record.Bytes(Folder(checkpoint));
    }
    Tell(events::RegisterSwapped(1, 1));
    outside_.job_record = record.Take();
    return Tell(events::MessageSent(0, 0, 0, 0));
  }
  Story& Delete(uint64_t checkpoint) {
    for (const std::string& key : outside_.Objects(Folder(checkpoint))) DeleteFile(key);
    return *this;
  }
  Story& DeleteFile(const std::string& key) {
    Tell(events::StoreDelete(StableHash64(key)));
    outside_.objects.erase(key);
    return Tell(events::MessageSent(0, 0, 0, 0));
  }
  // Overwrites a file of it that is not _metadata.
  Story& Overwrite(uint64_t checkpoint, const std::function<void(std::string*)>& change) {
    for (const std::string& key : outside_.Objects(Folder(checkpoint))) {
      if (absl::EndsWith(key, "/_metadata")) continue;
      Tell(events::StorePut(StableHash64(key), 1));
      change(&outside_.objects.find(key)->second);
      return Tell(events::MessageSent(0, 0, 0, 0));
    }
    return *this;
  }
  Story& Wait(int64_t seconds) {
    now_ = now_ + Duration::Seconds(seconds);
    return *this;
  }
  Story& Tell(const Event& event) {
    properties::Tell(*property_, event, now_);
    return *this;
  }
  Verdict Judge() {
    RunEnd end;
    end.at = now_;
    return property_->End(end);
  }
  // "" if it held.
  std::string Kind() { return Judge().signature.kind; }
  bool Witnessed() const { return property_->Witnessed(); }
  FakeOutside& outside() { return outside_; }

 private:
  const JobShape job_ = SumJob();
  FakeOutside outside_;
  std::unique_ptr<Property> property_ = MakeCheckpointFilesSafe();
  Instant now_;
};

TEST_CASE("checkpoint-files-safe: old files go after newer ones are named", "[properties][files]") {
  Story story;
  story.Put(1).Name({1}).Put(2).Name({1, 2}).Put(3).Name({2, 3}).Delete(1).Wait(60);
  CHECK(story.Kind().empty());
  CHECK(story.Witnessed());
}

TEST_CASE("checkpoint-files-safe: nothing was put to the test without a deletion", "[properties][files]") {
  Story story;
  story.Put(1).Name({1});
  CHECK(story.Kind().empty());
  CHECK_FALSE(story.Witnessed());
}

TEST_CASE("checkpoint-files-safe: a file that goes while its checkpoint is named", "[properties][files]") {
  Story story;
  story.Put(1).Name({1}).Put(2).Delete(1).Name({2}).Wait(60);
  const Verdict verdict = story.Judge();
  CHECK(verdict.signature.kind == "missing");
  CHECK(verdict.message.find("which checkpoint 1 refers to, is not in the object store") !=
        std::string::npos);
}

TEST_CASE("checkpoint-files-safe: a checkpoint is named before its files are there", "[properties][files]") {
  Story story;
  CHECK(story.Name({1}).Put(1).Kind() == "missing");
}

TEST_CASE("checkpoint-files-safe: a file that changes", "[properties][files]") {
  Story shorter;
  CHECK(shorter.Put(1).Name({1}).Overwrite(1, [](std::string* bytes) { bytes->pop_back(); }).Kind() ==
        "changed");
  Story flipped;
  CHECK(flipped.Put(1).Name({1}).Overwrite(1, [](std::string* bytes) { bytes->back() ^= 1; }).Kind() ==
        "changed");
  Story same;
  CHECK(same.Put(1).Name({1}).Overwrite(1, [](std::string*) {}).Kind().empty());
}

TEST_CASE("checkpoint-files-safe: a change that no event told of is seen at the end", "[properties][files]") {
  Story story;
  story.Put(1).Name({1});
  story.outside().objects.erase(absl::StrCat(Story::Folder(1), "/_metadata"));
  CHECK(story.Kind() == "missing");
}

TEST_CASE("checkpoint-files-safe: what stays", "[properties][files]") {
  SECTION("files of a checkpoint that was dropped") {
    Story story;
    CHECK(story.Put(1).Name({1}).Put(2).Name({2}).Wait(6).Kind() == "orphan");
  }
  SECTION("files of a checkpoint that was never named") {
    Story story;
    CHECK(story.Put(1).Name({1}).Put(2).Wait(6).Kind() == "orphan");
  }
  SECTION("not yet long enough") {
    Story story;
    CHECK(story.Put(1).Name({1}).Put(2).Name({2}).Wait(4).Kind().empty());
  }
  SECTION("the store refused when it was to be deleted") {
    Story story;
    CHECK(story.Put(1)
              .Name({1})
              .Put(2)
              .Name({2})
              .Wait(1)
              .Tell(events::StoreRefused(7))
              .Wait(60)
              .Kind()
              .empty());
  }
  SECTION("a disturbance that was over before, or came later") {
    Story story;
    story.Put(1)
        .Name({1})
        .Tell(events::FaultFired(0))
        .Wait(1)
        .Put(2)
        .Name({2})
        .Wait(6)
        .Tell(events::FaultFired(1));
    CHECK(story.Wait(60).Kind() == "orphan");
  }
  SECTION("its sender died before it arrived") {
    Story story;
    story.Put(1)
        .Name({1})
        .Tell(events::CheckpointTriggered(2, 1))
        .Wait(1)
        .Tell(events::JobRestarting(1, 0))
        .Wait(1);
    CHECK(story.Put(2).Wait(60).Kind().empty());
  }
  SECTION("a disturbance from before its checkpoint was triggered") {
    Story story;
    story.Put(1)
        .Name({1})
        .Tell(events::JobRestarting(1, 0))
        .Wait(1)
        .Tell(events::CheckpointTriggered(2, 1))
        .Wait(1);
    CHECK(story.Put(2).Wait(60).Kind() == "orphan");
  }
  SECTION("a put that was made twice arrives again after the deletion") {
    Story story;
    story.Tell(events::CheckpointTriggered(1, 1)).Put(1).Tell(events::FaultFired(0)).Name({1}).Wait(9);
    CHECK(story.Put(2).Name({2}).Delete(1).Wait(1).Put(1).Wait(60).Kind().empty());
  }
  SECTION("its attempt ended before it was named") {
    Story story;
    CHECK(story.Put(1).Name({1}).Put(2).Wait(20).Tell(events::JobRestarting(1, 0)).Wait(60).Kind().empty());
  }
}

TEST_CASE("checkpoint-files-safe: a job record that is none", "[properties][files]") {
  Story story;
  story.outside().job_record = "\x02 no record";
  CHECK(story.Tell(events::RegisterSwapped(1, 1)).Kind() == "unreadable");
}

}  // namespace
}  // namespace weir::properties
