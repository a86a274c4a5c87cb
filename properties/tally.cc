#include "properties/tally.h"

#include <algorithm>
#include <iterator>

#include "runtime/base/check.h"

namespace weir::properties {
namespace {

std::vector<Hash128> Sorted(std::vector<Hash128> identities) {
  std::sort(identities.begin(), identities.end());
  return identities;
}

}  // namespace

void Tally::Add(const Hash128& identity) {
  WEIR_CHECK(is_full(), "a tally of ", count, " records with ", identities.size(),
             " identities cannot take one more");
  ++count;
  sum += identity;
  identities.push_back(identity);
}

Tally& Tally::operator+=(const Tally& other) {
  const bool full = is_full() && other.is_full();
  count += other.count;
  sum += other.sum;
  if (full) {
    identities.insert(identities.end(), other.identities.begin(), other.identities.end());
  } else {
    identities.clear();
  }
  return *this;
}

Difference Compare(const Tally& expected, const Tally& observed) {
  Difference difference;
  if (expected.SameAs(observed)) return difference;
  difference.is_exact = expected.is_full() && observed.is_full();
  if (!difference.is_exact) {
    if (expected.count >= observed.count)
      difference.lost = std::max<uint64_t>(1, expected.count - observed.count);
    if (observed.count >= expected.count)
      difference.surplus = std::max<uint64_t>(1, observed.count - expected.count);
    return difference;
  }
  const std::vector<Hash128> left = Sorted(expected.identities);
  const std::vector<Hash128> right = Sorted(observed.identities);
  std::set_difference(left.begin(), left.end(), right.begin(), right.end(),
                      std::back_inserter(difference.lost_identities));
  std::set_difference(right.begin(), right.end(), left.begin(), left.end(),
                      std::back_inserter(difference.surplus_identities));
  difference.lost = difference.lost_identities.size();
  difference.surplus = difference.surplus_identities.size();
  return difference;
}

std::vector<Hash128> Repeated(const Tally& tally) {
  WEIR_CHECK(tally.is_full());
  std::vector<Hash128> repeated;
  const std::vector<Hash128> sorted = Sorted(tally.identities);
  for (size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i] == sorted[i - 1]) repeated.push_back(sorted[i]);
  }
  return repeated;
}

}  // namespace weir::properties
