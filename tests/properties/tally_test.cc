#include "properties/tally.h"

#include "properties/sink_balance.h"

namespace weir::properties {
namespace {

Hash128 Id(uint64_t n) { return {Mix(n, 1), Mix(n, 2)}; }

Tally Full(std::initializer_list<uint64_t> numbers) {
  Tally tally;
  for (const uint64_t n : numbers) tally.Add(Id(n));
  return tally;
}
Tally Sums(std::initializer_list<uint64_t> numbers) {
  Tally tally = Full(numbers);
  tally.identities.clear();
  return tally;
}

}  // namespace

TEST_CASE("tally: equal multisets show no difference, whatever the order", "[properties][tally]") {
  CHECK(Compare(Full({1, 2, 3}), Full({3, 1, 2})).is_none());
  CHECK(Compare(Sums({1, 2, 3}), Sums({3, 1, 2})).is_none());
  CHECK(Compare(Sums({}), Full({})).is_none());
}

TEST_CASE("tally: with identities the difference is exact", "[properties][tally]") {
  const Difference difference = Compare(Full({1, 2, 2, 3}), Full({2, 3, 3, 4}));
  CHECK(difference.is_exact);
  CHECK(difference.lost == 2);  // 1, and one of the 2s
  CHECK(difference.surplus == 2);
}

TEST_CASE("tally: without identities counts give a bound", "[properties][tally]") {
  const Difference lost = Compare(Sums({1, 2, 3}), Sums({1, 2}));
  CHECK_FALSE(lost.is_exact);
  CHECK(lost.lost == 1);
  CHECK(lost.surplus == 0);
  const Difference replaced = Compare(Sums({1, 2}), Sums({1, 3}));
  CHECK(replaced.lost == 1);
  CHECK(replaced.surplus == 1);
}

TEST_CASE("tally: adding a tally without identities loses those of the sum", "[properties][tally]") {
  Tally tally = Full({1});
  tally += Sums({2});
  CHECK(tally.count == 2);
  CHECK_FALSE(tally.is_full());
  CHECK(tally.SameAs(Full({1, 2})));
}

TEST_CASE("tally: repeated identities are listed as often as they are too many", "[properties][tally]") {
  CHECK(Repeated(Full({1, 2, 1, 1, 3})) == std::vector<Hash128>{Id(1), Id(1)});
  CHECK(Repeated(Full({1, 2})).empty());
}

TEST_CASE("sink balance: repetition is told from loss without the sink's identities", "[properties][tally]") {
  const SinkBalance repeated = BalanceTransactional(Sums({1, 2}), Sums({1, 2}), Full({1, 2, 2}));
  CHECK(repeated.difference.surplus == 1);
  CHECK(repeated.difference.lost == 0);
  CHECK(repeated.difference.is_exact);
  const SinkBalance both = BalanceTransactional(Sums({1, 2, 3}), Sums({1, 2, 3}), Full({1, 2, 2}));
  CHECK(both.difference.lost == 1);
}

TEST_CASE("sink balance: a record committed twice on the way to the sink is no fault of the sink",
          "[properties][tally]") {
  CHECK(BalanceTransactional(Sums({1, 1, 2}), Sums({1, 1, 2}), Full({1, 2, 1})).difference.is_none());
}

}  // namespace weir::properties
