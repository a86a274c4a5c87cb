#include "runtime/task/broadcast_reorderer.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace weir {
namespace {

using Strings = std::vector<std::string>;

BroadcastReorderer Filled(BroadcastOrder order) {
  BroadcastReorderer pool(order, 5);
  for (const char* value : {"a1", "a2", "b1", "a3", "b2"}) {
    pool.Add({value[0] == 'a' ? 4u : 7u, {}, value});
  }
  return pool;
}

TEST_CASE("broadcast reorderer: legal offers the oldest element of each channel", "[task]") {
  BroadcastReorderer pool = Filled(BroadcastOrder::kLegal);
  CHECK(pool.is_full());
  REQUIRE(pool.Offer(std::nullopt) == 2);
  CHECK(pool.Take(1).value == "b1");
  CHECK_FALSE(pool.is_full());
  REQUIRE(pool.Offer(std::nullopt) == 2);
  CHECK(pool.Take(1).value == "b2");
  REQUIRE(pool.Offer(std::nullopt) == 1);  // only channel 4 is left
  CHECK(pool.Take(0).value == "a1");
  CHECK(pool.taken() == 3);
}

TEST_CASE("broadcast reorderer: adversarial offers everything", "[task]") {
  BroadcastReorderer pool = Filled(BroadcastOrder::kAdversarial);
  REQUIRE(pool.Offer(std::nullopt) == 5);
  CHECK(pool.Take(3).value == "a3");
  REQUIRE(pool.Offer(4) == 2);
  CHECK(pool.Take(1).value == "a2");
  REQUIRE(pool.Offer(7) == 2);
  CHECK(pool.Take(0).value == "b1");
}

TEST_CASE("broadcast reorderer: a channel can be emptied alone", "[task]") {
  BroadcastReorderer pool = Filled(BroadcastOrder::kLegal);
  Strings out;
  while (pool.Has(4)) {
    REQUIRE(pool.Offer(4) == 1);
    out.push_back(pool.Take(0).value);
  }
  CHECK(out == Strings{"a1", "a2", "a3"});
  CHECK(pool.Offer(4) == 0);
  CHECK(pool.Has(7));
  CHECK_FALSE(pool.empty());
}

TEST_CASE("broadcast reorderer: every legal interleaving keeps each channel in order, and can be had",
          "[task]") {
  // Every sequence of choices: each picks a digit.
  std::vector<Strings> seen;
  for (uint32_t choices = 0; choices < 32; ++choices) {
    BroadcastReorderer pool = Filled(BroadcastOrder::kLegal);
    Strings out;
    for (uint32_t i = 0; !pool.empty(); ++i) {
      out.push_back(pool.Take(std::min(choices >> i & 1, pool.Offer(std::nullopt) - 1)).value);
    }
    for (const char channel : {'a', 'b'}) {
      Strings of_channel;
      std::copy_if(out.begin(), out.end(), std::back_inserter(of_channel),
                   [&](const std::string& value) { return value[0] == channel; });
      CHECK(std::is_sorted(of_channel.begin(), of_channel.end()));
    }
    seen.push_back(out);
  }
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  CHECK(seen.size() == 10);  // 5 over 2
}

}  // namespace
}  // namespace weir
