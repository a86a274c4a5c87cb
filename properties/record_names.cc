#include "properties/record_names.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "runtime/format/witness.h"

namespace weir::properties {
namespace {

constexpr size_t kValueBytesShown = 80;
// Of the operators between source and hop, at most one is taken to emit several records for one, and so many at most.
constexpr uint32_t kOrdinalsTried = 256;
// Hashes computed before the search gives up: about a second.
constexpr uint64_t kStepsMax = 50'000'000;

class Search {
 public:
  Search(const JobShape& job, const Outside& outside, const std::vector<Hash128>& wanted)
      : job_(job), outside_(outside), open_(wanted.begin(), wanted.end()) {}

  void Run(uint32_t ordinals) {
    ordinals_ = ordinals;
    for (uint32_t v = 0; v < job_.vertices.size(); ++v) {
      for (size_t i = 0; i < job_.vertices[v].chain.size(); ++i) {
        const OperatorShape& op = job_.vertices[v].chain[i];
        if (op.is_source) RunSource(v, i, op);
      }
    }
  }

  bool is_done() const { return open_.empty() || steps_ >= kStepsMax; }
  std::map<Hash128, std::string> Take() {
    for (const Hash128& identity : open_) {
      names_[identity] = absl::StrCat("the record with identity ", identity.ToHex());
    }
    return std::move(names_);
  }

 private:
  void RunSource(uint32_t vertex, size_t place, const OperatorShape& source) {
    for (uint32_t split = 0; split < outside_.Splits(source.source_topic); ++split) {
      const uint64_t end = outside_.SplitEnd(source.source_topic, split);
      for (uint64_t offset = 0; offset < end && !is_done(); ++offset) {
        source_ = &source;
        split_ = split;
        offset_ = offset;
        Follow(SourceIdentity(NameOf(source), split, offset), vertex, place + 1, false);
      }
    }
  }

  // `identity` arrives at place `place` of the vertex's chain.
  void Follow(const Hash128& identity, uint32_t vertex, size_t place, bool fanned_out) {
    Check(identity);
    if (is_done()) return;
    const VertexShape& shape = job_.vertices[vertex];
    if (place == shape.chain.size()) {
      for (const uint32_t edge : shape.outputs) Follow(identity, job_.edges[edge].to, 0, fanned_out);
      return;
    }
    const OperatorShape& op = shape.chain[place];
    if (op.sink != OperatorShape::Sink::kNone) return;
    const uint32_t ordinals = fanned_out ? 1 : ordinals_;
    for (uint32_t ordinal = 0; ordinal < ordinals && !is_done(); ++ordinal) {
      Follow(DerivedIdentity(identity, NameOf(op), ordinal), vertex, place + 1, fanned_out || ordinal > 0);
    }
  }

  void Check(const Hash128& identity) {
    ++steps_;
    const auto found = open_.find(identity);
    if (found == open_.end()) return;
    std::string value = outside_.DescribeSourceRecord(source_->source_topic, split_, offset_);
    if (value.size() > kValueBytesShown) {
      value.resize(kValueBytesShown);
      value.append("...");
    }
    names_[identity] =
        absl::StrCat("record ", offset_, " of split ", split_, " of ", source_->source_topic, ": ", value);
    open_.erase(found);
  }

  const JobShape& job_;
  const Outside& outside_;
  std::set<Hash128> open_;
  std::map<Hash128, std::string> names_;
  uint32_t ordinals_ = 1;
  uint64_t steps_ = 0;
  // The source record that is being followed.
  const OperatorShape* source_ = nullptr;
  uint32_t split_ = 0;
  uint64_t offset_ = 0;
};

}  // namespace

const std::string& NameOf(const OperatorShape& op) { return op.uid.empty() ? op.id : op.uid; }

std::map<Hash128, std::string> NameRecords(const JobShape& job, const Outside& outside,
                                           const std::vector<Hash128>& wanted) {
  Search search(job, outside, wanted);
  for (uint32_t ordinals = 1; ordinals <= kOrdinalsTried && !search.is_done(); ordinals *= 16)
    search.Run(ordinals);
  return search.Take();
}

}  // namespace weir::properties
