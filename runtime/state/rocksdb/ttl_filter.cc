#include "runtime/state/rocksdb/ttl_filter.h"

#include <rocksdb/slice.h>

namespace weir {
namespace {

constexpr uint8_t kListDelimiter = ',';
constexpr size_t kMapFlag = 1;  // the null flag in front of a map's value

// A value with a time to live begins with its timestamp.
bool IsExpired(const TtlPolicy& policy, absl::string_view value, int64_t now) {
  ByteReader reader(value);
  const int64_t timestamp = reader.I64();
  return reader.ok() && policy.IsExpiredAt(timestamp, now);
}

absl::string_view LiveElements(const StateSpec& spec, const TtlPolicy& policy, int64_t now,
                               absl::string_view value, std::string* part) {
  part->clear();
  bool is_whole = true;
  ErasedValue element(*spec.value);
  ByteReader reader(value);
  while (reader.remaining() > 0) {
    const size_t begin = reader.offset();
    spec.value->Deserialize(reader, element.get());
    if (!reader.ok()) return value;
    const absl::string_view bytes = value.substr(begin, reader.offset() - begin);
    if (reader.remaining() > 0 && reader.U8() != kListDelimiter) return value;
    if (IsExpired(policy, bytes, now)) {
      is_whole = false;
      continue;
    }
    if (!part->empty()) part->push_back(static_cast<char>(kListDelimiter));
    part->append(bytes.data(), bytes.size());
  }
  return is_whole ? value : absl::string_view(*part);
}

}  // namespace

absl::string_view LivePart(const StateSpec& spec, const TtlPolicy& policy, int64_t now,
                           absl::string_view value, std::string* part) {
  if (spec.type == KeyedStateType::kList) return LiveElements(spec, policy, now, value, part);
  const size_t flag = spec.type == KeyedStateType::kMap ? kMapFlag : 0;
  if (value.size() < flag) return value;
  return IsExpired(policy, value.substr(flag), now) ? absl::string_view() : value;
}

rocksdb::CompactionFilter::Decision TtlFilter::FilterV2(int /*level*/, const rocksdb::Slice& /*key*/,
                                                        ValueType /*type*/, const rocksdb::Slice& value,
                                                        std::string* new_value,
                                                        std::string* /*skip_until*/) const {
  if (!spec_.has_value() || !policy_.has_value() || !policy_->cleans_files) return Decision::kKeep;
  const absl::string_view whole(value.data(), value.size());
  const absl::string_view live = LivePart(*spec_, *policy_, policy_->Now(), whole, new_value);
  if (live.size() == whole.size()) return Decision::kKeep;
  return live.empty() ? Decision::kRemove : Decision::kChangeValue;
}

}  // namespace weir
