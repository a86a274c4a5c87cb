// Licensed under the Apache License, Version 2.0.
//
// Hashes that are the same in every process, on every build and for ever: XXH3 (library xxhash). Used for digests,
// keyed draws, record identities and file checksums. Never absl::Hash or std::hash, whose values differ from run to
// run. Flink's own hashes (murmur, key groups) live in runtime/types.
#ifndef WEIR_RUNTIME_BASE_STABLE_HASH_H_
#define WEIR_RUNTIME_BASE_STABLE_HASH_H_

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace weir {

// 128 bits, which add up lane by lane without regard to order: how the delivery ledger sums record identities.
struct Hash128 {
  uint64_t high = 0;
  uint64_t low = 0;
  constexpr auto operator<=>(const Hash128&) const = default;
  // Addition modulo 2^64 in each half: commutative and associative, so a sum does not depend on order.
  constexpr Hash128& operator+=(const Hash128& o) { return high += o.high, low += o.low, *this; }
  constexpr Hash128& operator-=(const Hash128& o) { return high -= o.high, low -= o.low, *this; }
  std::string ToHex() const;  // 32 hex digits, high half first
};

uint64_t StableHash64(absl::string_view bytes, uint64_t seed = 0);
Hash128 StableHash128(absl::string_view bytes, uint64_t seed = 0);

// StableHash64 of bytes that come in parts.
class StableHasher64 {
 public:
  StableHasher64();
  ~StableHasher64();
  StableHasher64(StableHasher64&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  StableHasher64& operator=(StableHasher64&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  void Add(absl::string_view bytes);
  // Of what was added so far.
  uint64_t hash() const;

 private:
  void* state_;
};

// A strong mix of integers, for keys that are numbers already: cheaper than hashing their bytes.
constexpr uint64_t Mix(uint64_t a, uint64_t b) {
  const unsigned __int128 product =
      static_cast<unsigned __int128>(a ^ 0x9E3779B97F4A7C15ull) * (b ^ 0xD1B54A32D192ED03ull);
  uint64_t x = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  x ^= x >> 32;
  x *= 0xD6E8FEB86659FD93ull;
  return x ^ (x >> 32);
}

}  // namespace weir

#endif  // WEIR_RUNTIME_BASE_STABLE_HASH_H_
