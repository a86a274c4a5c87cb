#include "runtime/types/key_hash.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "runtime/types/operator_id.h"

namespace {

using weir::KeyGroup;
using weir::KeyGroupOf;
using weir::MurmurHash;
using weir::TypeOf;

struct UserKey {
  int32_t b = 0;
  std::string a;
};
WEIR_FIELDS(UserKey, b, a);
WEIR_KEY(UserKey, kObjectsHash);
struct RecordKey {
  int32_t b = 0;
  std::string a;
};
WEIR_FIELDS(RecordKey, b, a);
WEIR_KEY(RecordKey, kRecord);

TEST_CASE("key hash: murmur and key group of integers", "[types]") {
  struct Vector {
    int32_t key;
    int32_t murmur;
    uint16_t group;
  };
  constexpr Vector kVectors[] = {
      {0, 593689054, 94},
      {1, 68075478, 86},
      {2, 1085422463, 127},
      {3, 847579505, 113},
      {42, 1134849565, 29},
      {-1, 1982413648, 80},
      {std::numeric_limits<int32_t>::max(), 1653689534, 62},
      {std::numeric_limits<int32_t>::min(), 1718298732, 108},
  };
  for (const Vector& vector : kVectors) {
    CHECK(MurmurHash(vector.key) == vector.murmur);
    CHECK(KeyGroupOf(vector.key, 128) == KeyGroup(vector.group));
  }
}

TEST_CASE("key hash: strings hash as Java's do", "[types]") {
  const auto hash = [](const std::string& text) { return TypeOf<std::string>::Hash(text); };
  CHECK(hash("") == 0);
  CHECK(hash("a") == 97);
  CHECK(hash("hello") == 99162322);
  CHECK(hash("key-1") == 101943363);
  CHECK(hash("\xF0\x9F\x98\x80") == 0xD83D * 31 + 0xDE00);
  CHECK(MurmurHash(97) == 1455541201);
  CHECK(KeyGroupOf(std::string(), 128).value == 94);
  CHECK(KeyGroupOf(std::string("a"), 128).value == 81);
  CHECK(KeyGroupOf(std::string("hello"), 128).value == 35);
  CHECK(KeyGroupOf(std::string("key-1"), 128).value == 54);
}

TEST_CASE("key hash: longs, booleans, floating point, tuples and structs", "[types]") {
  CHECK(KeyGroupOf(int64_t{1}, 128).value == 86);
  CHECK(KeyGroupOf(int64_t{-1}, 128).value == 94);
  CHECK(KeyGroupOf(int64_t{1} << 32, 128).value == 86);
  CHECK(TypeOf<int64_t>::Hash(123456789012345) == -2045923535);
  CHECK(KeyGroupOf(int64_t{123456789012345}, 128).value == 61);
  CHECK(TypeOf<bool>::Hash(true) == 1231);
  CHECK(TypeOf<bool>::Hash(false) == 1237);
  CHECK(TypeOf<int8_t>::Hash(-3) == -3);
  CHECK(TypeOf<double>::Hash(1.0) == 1072693248);
  CHECK(TypeOf<double>::Hash(std::nan("")) == 2146959360);
  CHECK(TypeOf<float>::Hash(1.0f) == 1065353216);
  CHECK(TypeOf<std::tuple<int64_t>>::Hash({7}) == 7);
  CHECK(TypeOf<std::pair<int32_t, std::string>>::Hash({2, "a"}) == 2 * 31 + 97);
  CHECK(TypeOf<UserKey>::Hash({2, "a"}) == (31 + 2) * 31 + 97);
  CHECK(TypeOf<RecordKey>::Hash({2, "a"}) == 2 * 31 + 97);
  const UserKey key{2, "a"};
  CHECK(TypeOf<UserKey>::Serializer().Hash(&key) == (31 + 2) * 31 + 97);
}

TEST_CASE("key hash: the fixture's keys 0..3 with 4 key groups", "[types]") {
  CHECK(KeyGroupOf(int64_t{3}, 4).value == 1);
  CHECK(KeyGroupOf(int64_t{0}, 4).value == 2);
  CHECK(KeyGroupOf(int64_t{1}, 4).value == 2);
  CHECK(KeyGroupOf(int64_t{2}, 4).value == 3);
}

TEST_CASE("key groups: ranges cover all key groups and agree with the owner of each", "[types]") {
  for (const uint32_t max : {1u, 2u, 7u, 128u, 129u, 1000u, 32768u}) {
    for (const uint32_t parallelism : {1u, 2u, 3u, 5u, 100u, 127u, 128u}) {
      if (parallelism > max) continue;
      uint32_t next = 0;
      for (uint32_t subtask = 0; subtask < parallelism; ++subtask) {
        const weir::KeyGroupRange range = weir::RangeFor(subtask, max, parallelism);
        REQUIRE(range.first == next);
        REQUIRE_FALSE(range.empty());
        REQUIRE(weir::SubtaskFor(KeyGroup(static_cast<uint16_t>(range.first)), max, parallelism) == subtask);
        REQUIRE(weir::SubtaskFor(KeyGroup(static_cast<uint16_t>(range.last)), max, parallelism) == subtask);
        next = range.last + 1;
      }
      REQUIRE(next == max);
    }
  }
  CHECK(weir::KeyGroupRange{0, 5}.Intersect({4, 9}) == weir::KeyGroupRange{4, 5});
  CHECK(weir::KeyGroupRange{0, 3}.Intersect({4, 9}).empty());
}

TEST_CASE("key groups: default max parallelism and its bounds", "[types]") {
  CHECK(weir::DefaultMaxParallelism(1) == 128);
  CHECK(weir::DefaultMaxParallelism(85) == 128);
  CHECK(weir::DefaultMaxParallelism(86) == 256);
  CHECK(weir::DefaultMaxParallelism(128) == 256);
  CHECK(weir::DefaultMaxParallelism(30000) == 32768);
  CHECK(weir::CheckParallelism(4, 128).ok());
  CHECK(weir::CheckParallelism(4, 32768).ok());
  CHECK(weir::CheckParallelism(0, 128).message() == "parallelism is 0, must be at least 1");
  CHECK(weir::CheckParallelism(-3, 128).code() == absl::StatusCode::kInvalidArgument);
  CHECK(weir::CheckParallelism(1, 32769).message() == "max parallelism is 32769, must be from 1 to 32768");
  CHECK(weir::CheckParallelism(8, 4).message() == "parallelism 8 is above max parallelism 4");
}

TEST_CASE("operator id: murmur3_128 of the uid", "[types]") {
  CHECK(weir::OperatorIdFromUid("source").ToHex() == "e5a72f353fc1e6bbf3bd96a41384998c");
  CHECK(weir::OperatorIdFromUid("my-sink").ToHex() == "08d61ee4306bec6e8142e563f528e3bd");
  CHECK(weir::OperatorIdFromUid("uid-1").ToHex() == "c49f9afd6c708fcc3cdcba1bd00469ba");
  CHECK(weir::OperatorIdFromHex("E5a72f353fc1e6bbf3bd96a41384998c").value() ==
        weir::OperatorIdFromUid("source"));
  CHECK(weir::OperatorIdFromHex("e5a7").status().code() == absl::StatusCode::kInvalidArgument);
  CHECK_FALSE(weir::OperatorIdFromHex("g5a72f353fc1e6bbf3bd96a41384998c").ok());
}

TEST_CASE("operator id: without uid it follows from the place in the graph", "[types]") {
  const auto ids = [](std::vector<weir::IdNode> nodes) {
    std::vector<std::string> hex;
    const auto assigned = weir::AssignOperatorIds(nodes);
    REQUIRE(assigned.ok());
    for (const weir::OperatorId& id : *assigned) hex.push_back(id.ToHex());
    return hex;
  };
  CHECK(ids({{"", {}}}) == std::vector<std::string>{"bc764cd8ddf7a0cff126f51c16239658"});
  CHECK(ids({{"", {}}, {"", {{0, false}}}}) ==
        std::vector<std::string>{"bc764cd8ddf7a0cff126f51c16239658", "0a448493b4782967b150582570326227"});
  CHECK(ids({{"", {}}, {"", {{0, true}}}}) ==
        std::vector<std::string>{"cbc357ccb763df2852fee8c4fc7d55f2", "7df19f87deec5680128845fd9a6ca18d"});
  CHECK(ids({{"source", {}}, {"", {{0, false}}}})[0] == "e5a72f353fc1e6bbf3bd96a41384998c");
}

TEST_CASE("operator id: a uid used twice is refused, and so is a cycle without uid", "[types]") {
  const auto status = weir::AssignOperatorIds({{{"same", {}}, {"same", {{0, false}}}}}).status();
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(status.message() == "operators 0 and 1 have the same id " + weir::OperatorIdFromUid("same").ToHex() +
                                " (uid \"same\"): uids must be unique");
  CHECK(weir::AssignOperatorIds({{{"", {{1, false}}}, {"", {{0, false}}}}}).status().message() ==
        "operator 0 lies on a cycle and has no uid");
}

}  // namespace
