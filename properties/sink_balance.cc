#include "properties/sink_balance.h"

#include <algorithm>

#include "runtime/base/check.h"

namespace weir::properties {
namespace {

Tally Without(const Tally& tally, const std::vector<Hash128>& sorted) {
  std::vector<Hash128> identities = tally.identities;
  std::sort(identities.begin(), identities.end());
  Tally rest;
  size_t next = 0;
  for (const Hash128& identity : identities) {
    if (next < sorted.size() && sorted[next] == identity) {
      ++next;
    } else {
      rest.Add(identity);
    }
  }
  return rest;
}

// Only a surplus of repeated identities stands between the two: told without the identities of `expected`.
bool IsRepetitionOf(const Tally& expected, const Tally& committed, const std::vector<Hash128>& repeated) {
  return !repeated.empty() && Without(committed, repeated).SameAs(expected);
}

Difference SurplusOf(std::vector<Hash128> identities) {
  Difference difference;
  difference.surplus = identities.size();
  difference.surplus_identities = std::move(identities);
  return difference;
}

SinkBalance Unsure() {
  SinkBalance balance;
  balance.difference.is_exact = false;
  balance.is_unsure = true;
  return balance;
}

}  // namespace

SinkBalance BalanceTransactional(const Tally& known, const Tally& last, const Tally& committed) {
  WEIR_CHECK(committed.is_full());
  if (committed.SameAs(last) || committed.SameAs(known)) return {};
  if (known.SameAs(last)) {
    const std::vector<Hash128> repeated = Repeated(committed);
    if (IsRepetitionOf(last, committed, repeated)) return {SurplusOf(repeated), false};
    return {Compare(last, committed), false};
  }
  SinkBalance balance;
  if (known.is_full() && last.is_full()) {
    const Difference lower = Compare(known, committed);
    const Difference upper = Compare(last, committed);
    balance.difference.lost = lower.lost;
    balance.difference.lost_identities = lower.lost_identities;
    balance.difference.surplus = upper.surplus;
    balance.difference.surplus_identities = upper.surplus_identities;
    return balance;
  }
  balance.difference.is_exact = false;
  if (committed.count < known.count) balance.difference.lost = known.count - committed.count;
  if (committed.count > last.count) balance.difference.surplus = committed.count - last.count;
  return balance.difference.is_none() ? Unsure() : balance;
}

SinkBalance BalancePlain(const Tally& due, const Tally& committed) {
  WEIR_CHECK(committed.is_full());
  if (committed.SameAs(due)) return {};
  const std::vector<Hash128> repeated = Repeated(committed);
  if (IsRepetitionOf(due, committed, repeated)) return {SurplusOf(repeated), false};
  // As many, but others: then some of `due` cannot be among them.
  if (due.is_full() || committed.count <= due.count) return {Compare(due, committed), false};
  return Unsure();
}

}  // namespace weir::properties
