#include "properties/checkpoint_files.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "properties/retained_checkpoints.h"

namespace weir::properties {
namespace {

// Deleting a folder takes a round trip to the object store for each of its files.
constexpr Duration kGrace = Duration::Seconds(5);

// After one of these the engine may have lost what it knew, or could not do what it wanted to.
bool IsDisturbance(EventId id) {
  switch (id) {
    case EventId::kFaultFired:
    case EventId::kProcessCrashed:
    case EventId::kProcessExited:
    case EventId::kProcessPaused:
    case EventId::kProcessResumed:
    case EventId::kLinkChanged:
    case EventId::kConnectionClosed:
    case EventId::kMessageDropped:
    case EventId::kStoreRefused:
    case EventId::kStoreResponseLost:
    case EventId::kLeaderElected:
    case EventId::kJobRestarting:
    case EventId::kPhaseLiveness:
      return true;
    default:
      return false;
  }
}

class CheckpointFilesSafe : public Property {
 public:
  absl::string_view id() const override { return "checkpoint-files-safe"; }
  absl::string_view claim() const override {
    return "every file of a retained checkpoint stays in the object store as it was, and no other file does";
  }
  absl::string_view sometimes() const override {
    return "a file was deleted that a checkpoint had referred to, while another checkpoint was retained";
  }
  bool AppliesTo(const JobShape& job) const override { return job.checkpointing; }

  void Begin(const JobShape& job, const Outside& outside) override {
    job_ = &job;
    outside_ = &outside;
  }

  bool Watches(EventId id) const override {
    switch (id) {
      case EventId::kMessageSent:
      case EventId::kMessageDelivered:
      case EventId::kRegisterSwapped:
      case EventId::kCheckpointTriggered:
      case EventId::kStorePut:
      case EventId::kStoreDelete:
        return true;
      default:
        return IsDisturbance(id);
    }
  }
  void OnEvent(Instant at, NodeId, const Event& event) override {
    if (verdict_.outcome != Outcome::kHeld) return;
    now_ = at;
    switch (event.id) {
      // An event tells of a change before it is made. When the answer leaves, it is.
      case EventId::kMessageSent:
      case EventId::kMessageDelivered:
        if (is_register_touched_) ReadRegister();
        if (!touched_.empty()) CheckTouched();
        return;
      case EventId::kRegisterSwapped:
        is_register_touched_ = true;
        return;
      case EventId::kCheckpointTriggered:
        triggered_at_.try_emplace(event.fields[0], at);
        return;
      case EventId::kStorePut:
      case EventId::kStoreDelete:
        touched_.insert(event.fields[0]);
        if (event.id == EventId::kStorePut) put_at_[event.fields[0]] = at;
        return;
      default:
        if (IsDisturbance(event.id)) disturbed_.push_back(at);
    }
  }

  Verdict End(const RunEnd& end) override {
    if (verdict_.outcome != Outcome::kHeld) return verdict_;
    now_ = end.at;
    ReadRegister();
    for (auto& [key, file] : files_) {
      if (verdict_.outcome == Outcome::kHeld && file.IsNeeded()) Check(key, file);
    }
    if (verdict_.outcome == Outcome::kHeld) CheckLeftovers();
    return verdict_;
  }

  bool Witnessed() const override { return witnessed_; }

 private:
  struct File {
    uint64_t size = 0;
    std::optional<uint64_t> hash;    // of its content when it was first referred to
    std::set<uint64_t> checkpoints;  // retained ones that refer to it
    Instant useless_since;
    bool IsNeeded() const { return !checkpoints.empty(); }
  };

  void ReadRegister() {
    is_register_touched_ = false;
    const absl::StatusOr<std::vector<RetainedCheckpoint>> named = ReadRetained(outside_->JobRecord());
    if (!named.ok()) return Violate("unreadable", absl::StrCat("the job record: ", named.status().message()));
    std::set<uint64_t> ids;
    for (const RetainedCheckpoint& checkpoint : *named) {
      ids.insert(checkpoint.id);
      if (retained_.count(checkpoint.id) == 0) Retain(checkpoint);
    }
    for (const uint64_t id : retained_) {
      if (ids.count(id) == 0) Drop(id);
    }
    retained_ = std::move(ids);
  }

  void Retain(const RetainedCheckpoint& checkpoint) {
    const absl::StatusOr<std::vector<ReferredFile>> files = FilesOf(checkpoint, *outside_);
    if (!files.ok()) {
      return Violate("missing", absl::StrCat("checkpoint ", checkpoint.id, " is retained, but ",
                                             files.status().message()));
    }
    for (const ReferredFile& referred : *files) {
      const auto [known, is_new] = files_.try_emplace(referred.key);
      File& file = known->second;
      if (is_new) {
        file.size = referred.size;
        keys_[StableHash64(referred.key)] = referred.key;
      } else if (file.size != referred.size) {
        return Violate("changed",
                       absl::StrCat("checkpoint ", checkpoint.id, " says that ", referred.key, " has ",
                                    referred.size, " bytes, an older one said ", file.size));
      }
      file.checkpoints.insert(checkpoint.id);
      Check(referred.key, file);
    }
  }

  void Drop(uint64_t id) {
    for (auto& [key, file] : files_) {
      if (file.checkpoints.erase(id) != 0 && !file.IsNeeded()) file.useless_since = now_;
    }
  }

  void CheckTouched() {
    for (const uint64_t object : std::exchange(touched_, {})) {
      const auto key = keys_.find(object);
      if (key == keys_.end()) continue;
      File& file = files_.at(key->second);
      if (file.IsNeeded()) {
        Check(key->second, file);
      } else if (!retained_.empty() && !outside_->Object(key->second)) {
        witnessed_ = true;
      }
    }
  }

  void Check(const std::string& key, File& file) {
    if (verdict_.outcome != Outcome::kHeld) return;
    const std::optional<absl::string_view> content = outside_->Object(key);
    const uint64_t hash = content ? StableHash64(*content) : 0;
    if (content && content->size() == file.size && file.hash.value_or(hash) == hash) {
      file.hash = hash;
      return;
    }
    const std::string about =
        absl::StrCat(key, ", which checkpoint ", *file.checkpoints.rbegin(), " refers to,");
    if (!content) return Violate("missing", absl::StrCat(about, " is not in the object store"));
    if (content->size() != file.size) {
      return Violate("changed",
                     absl::StrCat(about, " has ", content->size(), " bytes instead of ", file.size));
    }
    Violate("changed", absl::StrCat(about, " has other content than before"));
  }

  void CheckLeftovers() {
    for (const std::string& key : outside_->Objects(CheckpointsFolder(*job_))) {
      const auto known = files_.find(key);
      if (known != files_.end() && known->second.IsNeeded()) continue;
      // One that came back after it had been deleted was never named: a request that was made twice.
      const bool was_named = known != files_.end() && PutAt(key) <= known->second.useless_since;
      const Instant since = was_named ? known->second.useless_since : PutAt(key);
      if (since + kGrace > now_) continue;
      // A file that no checkpoint came to name may be a put that was under way for long: nothing may have happened since
      // its checkpoint began.
      const bool is_excused = was_named ? IsDisturbedBetween(since, since + kGrace)
                                        : IsDisturbedBetween(std::min(since, TriggeredAt(key)), now_);
      if (is_excused) continue;
      return Violate("orphan",
                     absl::StrCat(key, " is referred to by no retained checkpoint since ",
                                  FormatInstant(since), ", and is still there at ", FormatInstant(now_)));
    }
  }

  Instant PutAt(const std::string& key) const {
    const auto found = put_at_.find(StableHash64(key));
    return found == put_at_.end() ? Instant() : found->second;
  }

  // When the checkpoint began that made the file; now_ if its name does not say which that is.
  Instant TriggeredAt(const std::string& key) const {
    const auto found = triggered_at_.find(MakerOf(*job_, key));
    return found == triggered_at_.end() ? now_ : found->second;
  }

  bool IsDisturbedBetween(Instant from, Instant to) const {
    const auto first = std::lower_bound(disturbed_.begin(), disturbed_.end(), from);
    return first != disturbed_.end() && *first <= to;
  }

  void Violate(absl::string_view kind, std::string message) {
    if (verdict_.outcome != Outcome::kHeld) return;
    verdict_.outcome = Outcome::kViolated;
    verdict_.message = std::move(message);
    verdict_.signature = {"checkpoint-files-safe", "", std::string(kind), ""};
  }

  const JobShape* job_ = nullptr;
  const Outside* outside_ = nullptr;
  Instant now_;
  bool is_register_touched_ = true;
  std::set<uint64_t> touched_;                // objects, as events name them
  std::map<uint64_t, Instant> triggered_at_;  // checkpoint -> when it was first
  std::map<uint64_t, Instant> put_at_;        // object -> last put
  std::map<uint64_t, std::string> keys_;      // object -> key, of files_
  std::map<std::string, File> files_;         // ever referred to
  std::set<uint64_t> retained_;
  std::vector<Instant> disturbed_;  // ascending
  bool witnessed_ = false;
  Verdict verdict_;
};

}  // namespace

std::unique_ptr<Property> MakeCheckpointFilesSafe() { return std::make_unique<CheckpointFilesSafe>(); }

}  // namespace weir::properties
