#include "runtime/types/key_hash.h"

#include "absl/strings/str_cat.h"

namespace weir {

uint32_t DefaultMaxParallelism(uint32_t parallelism) {
  const uint64_t wanted = static_cast<uint64_t>(parallelism) + parallelism / 2;
  uint64_t power = kMaxParallelismLowerDefault;
  while (power < wanted && power < kMaxParallelismUpperBound) power *= 2;
  return static_cast<uint32_t>(power);
}

absl::Status CheckParallelism(int64_t parallelism, int64_t max_parallelism) {
  if (parallelism <= 0) {
    return absl::InvalidArgumentError(absl::StrCat("parallelism is ", parallelism, ", must be at least 1"));
  }
  if (max_parallelism <= 0 || max_parallelism > kMaxParallelismUpperBound) {
    return absl::InvalidArgumentError(absl::StrCat("max parallelism is ", max_parallelism,
                                                   ", must be from 1 to ", kMaxParallelismUpperBound));
  }
  if (parallelism > max_parallelism) {
    return absl::InvalidArgumentError(
        absl::StrCat("parallelism ", parallelism, " is above max parallelism ", max_parallelism));
  }
  return absl::OkStatus();
}

}  // namespace weir
