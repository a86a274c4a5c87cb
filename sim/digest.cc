#include "sim/digest.h"

#include <algorithm>
#include <cstring>

#include "runtime/base/check.h"

namespace weir::sim {
namespace {

constexpr size_t kHeaderBytes = 16;  // of a block: the digest before it
constexpr bool kIsLittleEndian = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
static_assert(kIsLittleEndian, "records are written as they lie in memory");

template <typename T>
T Get(const char*& at) {
  T value{};
  std::memcpy(&value, at, sizeof value);
  at += sizeof value;
  return value;
}

void DecodeRecords(absl::string_view bytes, std::vector<TraceRecord>* records) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at < end) {
    TraceRecord record;
    const uint16_t id = Get<uint16_t>(at);
    WEIR_CHECK(id < kEventCount, "event ", id);
    record.event.id = static_cast<EventId>(id);
    const bool is_wide = Get<uint16_t>(at) != 0;
    record.node = NodeId(Get<uint32_t>(at));
    record.instant = Instant::FromNanos(Get<int64_t>(at));
    for (size_t i = 0; i < kEventFieldCounts[id]; ++i) {
      record.event.fields[i] = is_wide ? Get<uint64_t>(at) : Get<uint32_t>(at);
    }
    records->push_back(record);
  }
}

bool IsSame(const TraceRecord& a, const TraceRecord& b) {
  return a.instant == b.instant && a.node == b.node && a.event.id == b.event.id &&
         a.event.fields == b.event.fields;
}

}  // namespace

Digest::Digest(bool keep) : used_(kHeaderBytes), keep_(keep) {}

void Digest::EndBlock() {
  const Hash128 hash = StableHash128(absl::string_view(block_.data(), used_));
  checkpoints_.push_back(hash);
  if (keep_) {
    kept_.push_back({std::string(block_.data() + kHeaderBytes, used_ - kHeaderBytes), block_first_});
  }
  block_first_ = count_;
  std::memcpy(block_.data(), &hash.high, 8);
  std::memcpy(block_.data() + 8, &hash.low, 8);
  used_ = kHeaderBytes;
}

Hash128 Digest::Value() const { return StableHash128(absl::string_view(block_.data(), used_)); }

std::vector<TraceRecord> Digest::Decode() const {
  std::vector<TraceRecord> records;
  for (size_t block = 0; block <= checkpoints_.size(); ++block) {
    uint64_t first = 0;
    const std::vector<TraceRecord> some = DecodeBlock(block, &first);
    records.insert(records.end(), some.begin(), some.end());
  }
  return records;
}

std::vector<TraceRecord> Digest::DecodeBlock(size_t block, uint64_t* first) const {
  WEIR_CHECK(keep_, "this trace was not kept");
  WEIR_CHECK(block <= kept_.size(), "block ", block, " of ", kept_.size());
  std::vector<TraceRecord> records;
  if (block < kept_.size()) {
    *first = kept_[block].first;
    DecodeRecords(kept_[block].bytes, &records);
  } else {
    *first = block_first_;
    DecodeRecords(absl::string_view(block_.data() + kHeaderBytes, used_ - kHeaderBytes), &records);
  }
  return records;
}

std::optional<Divergence> FindDivergence(const Digest& left, const Digest& right) {
  // Digests are chained, so from the first difference on all checkpoints differ.
  const std::vector<Hash128>& a = left.checkpoints();
  const std::vector<Hash128>& b = right.checkpoints();
  const size_t common = std::min(a.size(), b.size());
  size_t low = 0;
  for (size_t high = common; low < high;) {
    const size_t middle = low + (high - low) / 2;
    if (a[middle] == b[middle]) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == common && a.size() == b.size() && left.Value() == right.Value()) return std::nullopt;
  Divergence divergence;
  const std::vector<TraceRecord> lefts = left.DecodeBlock(low, &divergence.index);
  const std::vector<TraceRecord> rights = right.DecodeBlock(low, &divergence.index);
  size_t i = 0;
  while (i < lefts.size() && i < rights.size() && IsSame(lefts[i], rights[i])) ++i;
  WEIR_CHECK(i < lefts.size() || i < rights.size(), "block ", low, " differs in no record");
  divergence.index += i;
  if (i < lefts.size()) divergence.left = lefts[i];
  if (i < rights.size()) divergence.right = rights[i];
  return divergence;
}

}  // namespace weir::sim
