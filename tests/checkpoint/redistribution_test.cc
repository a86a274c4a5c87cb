#include "runtime/checkpoint/redistribution.h"

#include <catch2/catch.hpp>

namespace weir {
namespace {

using Mode = OperatorStateMode;

OperatorHandle Handle(std::string file, std::vector<OperatorStateOffsets> states) {
  return OperatorHandle::Partitionable(std::move(states), StreamHandle::RelativeFile(std::move(file), 100));
}

// "0:list[1 2] 1:list[3]": for each handle the file, and its states with their offsets.
std::string Show(const std::vector<OperatorHandle>& handles) {
  std::string text;
  for (const OperatorHandle& handle : handles) {
    for (const OperatorStateOffsets& state : handle.states) {
      absl::StrAppend(&text, text.empty() ? "" : " ", handle.stream.path, ":", state.name, "[");
      for (size_t i = 0; i < state.offsets.size(); ++i)
        absl::StrAppend(&text, i == 0 ? "" : " ", state.offsets[i]);
      absl::StrAppend(&text, "]");
    }
  }
  return text;
}

std::vector<std::string> ShowAll(const std::vector<std::vector<OperatorHandle>>& subtasks) {
  std::vector<std::string> result;
  for (const auto& handles : subtasks) result.push_back(Show(handles));
  return result;
}

using Strings = std::vector<std::string>;

TEST_CASE("redistribution: split state is dealt in contiguous blocks, the extra ones to the first subtasks") {
  const std::vector<OperatorHandle> old = {Handle("0", {{"list", Mode::kSplitDistribute, {1, 2, 3}}}),
                                           Handle("1", {{"list", Mode::kSplitDistribute, {4, 5}}})};
  CHECK(ShowAll(RedistributeOperatorState(old, 3)) ==
        Strings{"0:list[1 2]", "0:list[3] 1:list[4]", "1:list[5]"});
  CHECK(ShowAll(RedistributeOperatorState(old, 1)) == Strings{"0:list[1 2 3] 1:list[4 5]"});
  CHECK(ShowAll(RedistributeOperatorState(old, 7)) ==
        Strings{"0:list[1]", "0:list[2]", "0:list[3]", "1:list[4]", "1:list[5]", "", ""});
}

TEST_CASE("redistribution: the next state begins where the extra elements of the one before ended") {
  const std::vector<OperatorHandle> old = {Handle("0", {{"b", Mode::kSplitDistribute, {1, 2, 3, 4}},
                                                        {"a", Mode::kSplitDistribute, {5, 6, 7, 8, 9}}}),
                                           Handle("1", {})};
  // "a" first: five elements, two extra, to subtasks 0 and 1. Then "b": its extra one goes to subtask 2.
  CHECK(ShowAll(RedistributeOperatorState(old, 3)) ==
        Strings{"0:a[5 6] 0:b[3]", "0:a[7 8] 0:b[4]", "0:a[9] 0:b[1 2]"});
}

TEST_CASE("redistribution: equal parallelism leaves even a skewed list where it is") {
  const std::vector<OperatorHandle> old = {Handle("0", {{"list", Mode::kSplitDistribute, {1, 2, 3}}}),
                                           OperatorHandle(), Handle("2", {{"b", Mode::kBroadcast, {9}}})};
  CHECK(ShowAll(RedistributeOperatorState(old, 3)) == Strings{"0:list[1 2 3]", "", "2:b[9]"});
}

TEST_CASE("redistribution: union state goes to every subtask, at any parallelism") {
  const std::vector<OperatorHandle> old = {
      Handle("0", {{"u", Mode::kUnion, {1}}, {"l", Mode::kSplitDistribute, {2}}}),
      Handle("1", {{"u", Mode::kUnion, {3}}})};
  CHECK(ShowAll(RedistributeOperatorState(old, 2)) == Strings{"0:l[2] 0:u[1] 1:u[3]", "0:u[1] 1:u[3]"});
  CHECK(ShowAll(RedistributeOperatorState(old, 3)) ==
        Strings{"0:l[2] 0:u[1] 1:u[3]", "0:u[1] 1:u[3]", "0:u[1] 1:u[3]"});
}

TEST_CASE(
    "redistribution: the ledger's entries are dealt once each beside the state, also from the second rescale "
    "on") {
  // A source that was rescaled before: subtask 0 holds two entries, one of them of a subtask that is no more.
  const std::vector<OperatorHandle> old = {
      Handle("0",
             {{"_weir_witness", Mode::kSplitDistribute, {1, 2}}, {"offsets", Mode::kSplitDistribute, {3}}}),
      Handle("1", {{"_weir_witness", Mode::kSplitDistribute, {4}}, {"sinks", Mode::kUnion, {5}}})};
  CHECK(ShowAll(RedistributeOperatorState(old, 1)) ==
        Strings{"0:_weir_witness[1 2] 0:offsets[3] 1:_weir_witness[4] 1:sinks[5]"});
  CHECK(ShowAll(RedistributeOperatorState(old, 4)) ==
        Strings{"0:_weir_witness[1] 1:sinks[5]", "0:_weir_witness[2] 1:sinks[5]",
                "1:_weir_witness[4] 1:sinks[5]", "0:offsets[3] 1:sinks[5]"});
}

TEST_CASE("redistribution: broadcast copies are taken in turn from the subtasks that had one") {
  const std::vector<OperatorHandle> old = {Handle("0", {{"b", Mode::kBroadcast, {1}}}), OperatorHandle(),
                                           Handle("2", {{"b", Mode::kBroadcast, {3}}})};
  CHECK(ShowAll(RedistributeOperatorState(old, 4)) == Strings{"0:b[1]", "2:b[3]", "0:b[1]", "2:b[3]"});
}

KeyedHandle Keyed(uint32_t subtask, uint32_t max_parallelism, uint32_t parallelism) {
  const KeyGroupRange range = RangeFor(subtask, max_parallelism, parallelism);
  std::vector<int64_t> offsets;
  for (uint32_t group = range.first; group <= range.last; ++group) offsets.push_back(1000 + group);
  return KeyedHandle::Checkpoint(range, offsets, StreamHandle::RelativeFile(absl::StrCat("k", subtask), 9),
                                 "id");
}

TEST_CASE("redistribution: keyed state is cut to the new ranges, and every key group has one owner") {
  for (uint32_t from = 1; from <= 5; ++from) {
    for (uint32_t to = 1; to <= 5; ++to) {
      CAPTURE(from, to);
      std::vector<KeyedHandle> old;
      for (uint32_t i = 0; i < from; ++i) old.push_back(Keyed(i, 11, from));
      const auto dealt = RedistributeKeyedState(old, to, 11);
      REQUIRE(dealt.ok());
      for (uint32_t subtask = 0; subtask < to; ++subtask) {
        const KeyGroupRange range = RangeFor(subtask, 11, to);
        std::vector<uint32_t> groups;
        for (const KeyedHandle& handle : (*dealt)[subtask]) {
          for (size_t i = 0; i < handle.offsets.size(); ++i) {
            groups.push_back(static_cast<uint32_t>(handle.first_key_group) + static_cast<uint32_t>(i));
            CHECK(handle.offsets[i] == 1000 + groups.back());
          }
        }
        std::vector<uint32_t> expected;
        for (uint32_t group = range.first; group <= range.last; ++group) expected.push_back(group);
        CHECK(groups == expected);
      }
    }
  }
}

TEST_CASE("redistribution: keyed state without offsets stays in place, or is refused") {
  KeyedHandle handle = Keyed(0, 128, 1);
  handle.kind = KeyedHandle::Kind::kChangelog;
  CHECK(RedistributeKeyedState({handle}, 1, 128)->at(0) == std::vector<KeyedHandle>{handle});
  CHECK(absl::IsUnimplemented(RedistributeKeyedState({handle}, 2, 128).status()));
}

TEST_CASE("redistribution: the files of a database go whole to everybody who needs a part of it") {
  std::vector<KeyedHandle> old;
  for (uint32_t i = 0; i < 2; ++i) {
    old.push_back(KeyedHandle::Native(RangeFor(i, 128, 2), 7, "backend", StreamHandle::File("meta", 1)));
    old.back().shared.push_back({"000012.sst", StreamHandle::File(absl::StrCat("shared/", i), 10)});
  }
  using Parts = std::vector<KeyedHandle>;
  CHECK(RedistributeKeyedState(old, 1, 128).value() == std::vector<Parts>{old});
  // 0..42, 43..85, 86..127 of 0..63, 64..127
  CHECK(RedistributeKeyedState(old, 3, 128).value() == std::vector<Parts>{{old[0]}, old, {old[1]}});
}

TEST_CASE("redistribution: an operator's kinds of state meet in one entry for each old subtask") {
  OperatorState state;
  state.parallelism = 2;
  state.max_parallelism = 4;
  for (int32_t i = 0; i < 2; ++i) {
    SubtaskState& subtask = state.subtasks.emplace_back();
    subtask.index = i;
    subtask.managed_operator = Handle(absl::StrCat(i), {{"list", Mode::kSplitDistribute, {i}}});
    subtask.managed_keyed = Keyed(static_cast<uint32_t>(i), 4, 2);
  }
  const auto same = Redistribute(state, 2);
  REQUIRE(same.ok());
  CHECK(same->at(0) == std::vector<SubtaskState>{state.subtasks[0]});
  CHECK(same->at(1) == std::vector<SubtaskState>{state.subtasks[1]});
  const auto one = Redistribute(state, 1);
  REQUIRE(one.ok());
  REQUIRE(one->at(0).size() == 2);
  CHECK(one->at(0)[0].managed_keyed == state.subtasks[0].managed_keyed);
  CHECK(one->at(0)[1].managed_keyed == state.subtasks[1].managed_keyed);
  CHECK(one->at(0)[1].index == 0);
}

TEST_CASE(
    "redistribution: in-flight data stays with its subtask or is refused, and wrong indices are damage") {
  OperatorState state;
  state.parallelism = 2;
  state.subtasks.emplace_back().index = 1;
  state.subtasks[0].input_channels.emplace_back();
  CHECK(Redistribute(state, 2)->at(1).at(0).input_channels.size() == 1);
  CHECK(absl::IsUnimplemented(Redistribute(state, 3).status()));
  state.subtasks[0].index = 2;
  CHECK(absl::IsDataLoss(Redistribute(state, 2).status()));
}

TEST_CASE("redistribution: relative files become whole keys, other handles stay") {
  SubtaskState state;
  state.managed_operator = Handle("a", {});
  state.managed_keyed = Keyed(0, 4, 2);
  state.raw_operator = OperatorHandle::Partitionable({}, StreamHandle::Inline("i", "bytes"));
  ResolveRelativeFiles(&state, "checkpoints/job/chk-3");
  CHECK(state.managed_operator.stream == StreamHandle::File("checkpoints/job/chk-3/a", 100));
  CHECK(state.managed_keyed.stream == StreamHandle::File("checkpoints/job/chk-3/k0", 9));
  CHECK(state.raw_operator.stream == StreamHandle::Inline("i", "bytes"));
}

}  // namespace
}  // namespace weir
