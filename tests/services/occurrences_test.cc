#include "sim/services/occurrences.h"

#include <catch2/catch.hpp>
#include <map>

#include "runtime/base/stable_hash.h"

namespace weir::sim {
namespace {

TEST_CASE("Occurrences: counts as a map does, also keys that meet in one slot", "[services]") {
  Occurrences occurrences;
  std::map<uint64_t, uint64_t> expected;
  for (uint64_t i = 0; i < 20'000; ++i) {
    // Every third key ends in zeros, and zero is a key.
    const uint64_t key = i % 3 == 0 ? (i % 300) << 40 : Mix(i % 5'000, 7);
    REQUIRE(occurrences.Next(key) == expected[key]++);
  }
}

}  // namespace
}  // namespace weir::sim
