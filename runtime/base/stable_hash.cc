#include "runtime/base/stable_hash.h"

#include <xxhash.h>
#if defined(__x86_64__)
// The widest vectors that this processor has: the values are the same.
#include <xxh_x86dispatch.h>
#endif

#include "absl/strings/str_format.h"

namespace weir {

std::string Hash128::ToHex() const { return absl::StrFormat("%016x%016x", high, low); }

uint64_t StableHash64(absl::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Hash128 StableHash128(absl::string_view bytes, uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
  return {hash.high64, hash.low64};
}

}  // namespace weir
