// Licensed under the Apache License, Version 2.0.
//
// From a key to the subtask that owns it, exactly as Flink has it: hashCode -> murmur -> key group
// -> subtask. The number of key groups is the operator's max parallelism and is frozen by its first
// snapshot; these functions are part of the persistent format and never change.
#ifndef WEIR_RUNTIME_TYPES_KEY_HASH_H_
#define WEIR_RUNTIME_TYPES_KEY_HASH_H_

#include <algorithm>
#include <compare>
#include <cstdint>

#include "absl/status/status.h"
#include "runtime/base/ids.h"
#include "runtime/types/type_of.h"

namespace weir {

inline constexpr uint32_t kMaxParallelismLowerDefault = 128;
inline constexpr uint32_t kMaxParallelismUpperBound = 32768;  // inclusive

// Flink's murmur of one int: never negative.
constexpr int32_t MurmurHash(int32_t code) {
  uint32_t h = static_cast<uint32_t>(code) * 0xCC9E2D51u;
  h = ((h << 15) | (h >> 17)) * 0x1B873593u;
  h = ((h << 13) | (h >> 19)) * 5 + 0xE6546B64u;
  h ^= 4;
  h ^= h >> 16;
  h *= 0x85EBCA6Bu;
  h ^= h >> 13;
  h *= 0xC2B2AE35u;
  h ^= h >> 16;
  if (h == 0x80000000u) return 0;
  return static_cast<int32_t>((h & 0x80000000u) != 0 ? 0u - h : h);
}

// REQUIRES (here and below): 0 < parallelism <= max_parallelism <= kMaxParallelismUpperBound; see
// CheckParallelism.
constexpr KeyGroup KeyGroupFor(int32_t java_hash, uint32_t max_parallelism) {
  const uint32_t hash = static_cast<uint32_t>(MurmurHash(java_hash));
  // Every record waits for this twice, and nearly every maximum is a power of two.
  const bool is_power_of_two = (max_parallelism & (max_parallelism - 1)) == 0;
  return KeyGroup(
      static_cast<uint16_t>(is_power_of_two ? hash & (max_parallelism - 1) : hash % max_parallelism));
}

template <typename Key>
KeyGroup KeyGroupOf(const Key& key, uint32_t max_parallelism) {
  static_assert(
      TypeOf<Key>::kMayBeKey,
      "this type cannot be a key: keys are signed numbers, bool, std::string, dates and times, pairs and "
      "tuples of such, and structs with WEIR_FIELDS and WEIR_KEY (enums have no stable hash in Java)");
  return KeyGroupFor(TypeOf<Key>::Hash(key), max_parallelism);
}

constexpr uint32_t SubtaskFor(KeyGroup key_group, uint32_t max_parallelism, uint32_t parallelism) {
  return key_group.value * parallelism / max_parallelism;
}

// The key groups first..last, both included. Empty if last < first.
struct KeyGroupRange {
  uint32_t first = 1;
  uint32_t last = 0;
  constexpr auto operator<=>(const KeyGroupRange&) const = default;
  constexpr bool empty() const { return last < first; }
  constexpr uint32_t size() const { return empty() ? 0 : last - first + 1; }
  constexpr bool Contains(KeyGroup g) const { return first <= g.value && g.value <= last; }
  constexpr KeyGroupRange Intersect(KeyGroupRange other) const {
    const KeyGroupRange both{std::max(first, other.first), std::min(last, other.last)};
    return empty() || other.empty() || both.empty() ? KeyGroupRange{} : both;
  }
};

// What `subtask` owns. REQUIRES: subtask < parallelism.
constexpr KeyGroupRange RangeFor(uint32_t subtask, uint32_t max_parallelism, uint32_t parallelism) {
  return {(subtask * max_parallelism + parallelism - 1) / parallelism,
          ((subtask + 1) * max_parallelism - 1) / parallelism};
}

// What Flink takes when the user sets none: 1.5 times the parallelism as a power of two, within 128
// .. 32768.
uint32_t DefaultMaxParallelism(uint32_t parallelism);

// kInvalidArgument, saying which bound is broken, unless 0 < parallelism <= max_parallelism <=
// 32768.
absl::Status CheckParallelism(int64_t parallelism, int64_t max_parallelism);

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_KEY_HASH_H_
