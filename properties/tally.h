// Licensed under the Apache License, Version 2.0.
//
// A multiset of record identities, by count and sum, and in full where the identities are known. Two tallies with equal
// counts and sums are taken as equal: the sums are 128 bits of strong hashes.
#ifndef WEIR_PROPERTIES_TALLY_H_
#define WEIR_PROPERTIES_TALLY_H_

#include <cstdint>
#include <vector>

#include "runtime/base/stable_hash.h"

namespace weir::properties {

struct Tally {
  uint64_t count = 0;
  Hash128 sum;
  std::vector<Hash128> identities;  // in any order; `count` many, or none: not known

  bool is_full() const { return identities.size() == count; }
  void Add(const Hash128& identity);
  // The union of the two multisets. It is full only if both were.
  Tally& operator+=(const Tally& other);
  bool SameAs(const Tally& other) const { return count == other.count && sum == other.sum; }
};

// How `observed` differs from `expected`.
struct Difference {
  uint64_t lost = 0;     // at least so many are in `expected` only
  uint64_t surplus = 0;  // at least so many are in `observed` only
  bool is_exact = true;  // false: told from counts and sums alone, so that a loss may hide behind a surplus
  std::vector<Hash128> lost_identities;     // sorted; only if is_exact
  std::vector<Hash128> surplus_identities;  // sorted; only if is_exact

  bool is_none() const { return lost == 0 && surplus == 0; }
};
Difference Compare(const Tally& expected, const Tally& observed);

// The identities that stand more than once in `tally`, each as often as it is too many, sorted. REQUIRES: is_full().
std::vector<Hash128> Repeated(const Tally& tally);

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_TALLY_H_
