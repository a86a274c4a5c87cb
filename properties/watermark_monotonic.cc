#include "properties/watermark_monotonic.h"

#include <array>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "properties/record_names.h"

namespace weir::properties {
namespace {

class WatermarkMonotonic : public Property {
 public:
  absl::string_view id() const override { return "watermark-monotonic"; }
  absl::string_view claim() const override {
    return "the watermarks that one execution of a subtask handles only grow";
  }
  absl::string_view sometimes() const override { return "a watermark advanced after a recovery"; }
  bool AppliesTo(const JobShape&) const override { return true; }

  void Begin(const JobShape& job, const Outside&) override { job_ = &job; }

  bool Watches(EventId id) const override {
    return id == EventId::kRecoveryChosen || id == EventId::kWatermarkAdvanced;
  }
  void OnEvent(Instant, NodeId, const Event& event) override {
    if (event.id == EventId::kRecoveryChosen && event.fields[1] != 0) recovered_.insert(event.fields[0]);
    if (event.id != EventId::kWatermarkAdvanced || verdict_.outcome == Outcome::kViolated) return;
    const auto& [vertex, subtask, attempt, millis, unused] = event.fields;
    witnessed_ |= recovered_.count(attempt) != 0;
    const auto watermark = static_cast<int64_t>(millis);
    const auto [last, is_first] = last_.try_emplace({attempt, vertex, subtask}, watermark);
    if (!is_first && watermark <= last->second) return Violate(event.fields, last->second);
    last->second = watermark;
  }

  Verdict End(const RunEnd&) override { return verdict_; }
  bool Witnessed() const override { return witnessed_; }

 private:
  void Violate(const std::array<uint64_t, kEventFieldsMax>& fields, int64_t before) {
    const std::string& uid = NameOf(job_->vertices[fields[0]].chain.front());
    verdict_.outcome = Outcome::kViolated;
    verdict_.message = absl::StrCat(uid, ": the watermark of subtask ", fields[1], " went from ", before,
                                    " to ", static_cast<int64_t>(fields[3]), " in attempt ", fields[2]);
    verdict_.signature = {"watermark-monotonic", uid, "went-back", ""};
  }

  const JobShape* job_ = nullptr;
  std::set<uint64_t> recovered_;                     // attempts
  std::map<std::array<uint64_t, 3>, int64_t> last_;  // (attempt, vertex, subtask) -> watermark
  bool witnessed_ = false;
  Verdict verdict_;
};

}  // namespace

std::unique_ptr<Property> MakeWatermarkMonotonic() { return std::make_unique<WatermarkMonotonic>(); }

}  // namespace weir::properties
