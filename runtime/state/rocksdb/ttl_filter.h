// Licensed under the Apache License, Version 2.0.
//
// Drops what has expired, by its bytes: out of files when they are compacted, and out of snapshots. A value or map entry
// goes whole; of a list what is alive is kept. Time is the node's wall clock at that moment.
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_TTL_FILTER_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_TTL_FILTER_H_

#include <rocksdb/compaction_filter.h>

#include <optional>
#include <string>

#include "runtime/state/state_store.h"

namespace weir {

// What is alive at `now` of the value of one entry: all of it, nothing ("") or, of a list, a part, which is put into
// *part. Bytes that cannot be read are kept: whoever reads them says so.
absl::string_view LivePart(const StateSpec& spec, const TtlPolicy& policy, int64_t now,
                           absl::string_view value, std::string* part);

class TtlFilter final : public rocksdb::CompactionFilter {
 public:
  // Until both were told it keeps everything.
  void Describe(const StateSpec& spec) { spec_ = spec; }
  void Enable(const TtlPolicy& policy) { policy_ = policy; }
  const std::optional<TtlPolicy>& policy() const { return policy_; }

  Decision FilterV2(int level, const rocksdb::Slice& key, ValueType type, const rocksdb::Slice& value,
                    std::string* new_value, std::string* skip_until) const override;
  const char* Name() const override { return "weir.ttl"; }

 private:
  std::optional<StateSpec> spec_;
  std::optional<TtlPolicy> policy_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_TTL_FILTER_H_
