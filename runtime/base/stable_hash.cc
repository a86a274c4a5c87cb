#include "runtime/base/stable_hash.h"

#include <xxhash.h>
#if defined(__x86_64__)
// The widest vectors that this processor has: the values are the same.
#include <xxh_x86dispatch.h>
#endif

#include "absl/strings/str_format.h"
#include "runtime/base/check.h"

namespace weir {

std::string Hash128::ToHex() const { return absl::StrFormat("%016x%016x", high, low); }

uint64_t StableHash64(absl::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

StableHasher64::StableHasher64() : state_(XXH3_createState()) {
  WEIR_CHECK(state_ != nullptr, "out of memory");
  (void)XXH3_64bits_reset(static_cast<XXH3_state_t*>(state_));
}

StableHasher64::~StableHasher64() { (void)XXH3_freeState(static_cast<XXH3_state_t*>(state_)); }

void StableHasher64::Add(absl::string_view bytes) {
  (void)XXH3_64bits_update(static_cast<XXH3_state_t*>(state_), bytes.data(), bytes.size());
}

uint64_t StableHasher64::hash() const { return XXH3_64bits_digest(static_cast<XXH3_state_t*>(state_)); }

Hash128 StableHash128(absl::string_view bytes, uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
  return {hash.high64, hash.low64};
}

}  // namespace weir
