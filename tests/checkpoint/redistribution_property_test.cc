#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "runtime/checkpoint/redistribution.h"
#include "tests/check_property.h"

namespace weir {
namespace {

// Offsets are unique over all subtasks, so that elements can be told apart.
std::vector<OperatorHandle> Generate(uint32_t parallelism, const std::vector<std::string>& names) {
  std::vector<OperatorHandle> handles;
  int64_t next = 1;
  for (uint32_t subtask = 0; subtask < parallelism; ++subtask) {
    std::vector<OperatorStateOffsets> states;
    for (const std::string& name : names) {
      std::vector<int64_t> offsets(*rc::gen::inRange<size_t>(0, 8));
      for (int64_t& offset : offsets) offset = next++;
      states.push_back({name, OperatorStateMode::kSplitDistribute, offsets});
    }
    handles.push_back(
        OperatorHandle::Partitionable(states, StreamHandle::RelativeFile(absl::StrCat(subtask), 1)));
  }
  return handles;
}

std::vector<int64_t> Elements(const std::vector<OperatorHandle>& handles, const std::string& name) {
  std::vector<int64_t> result;
  for (const OperatorHandle& handle : handles) {
    for (const OperatorStateOffsets& state : handle.states) {
      if (state.name == name) result.insert(result.end(), state.offsets.begin(), state.offsets.end());
    }
  }
  return result;
}

TEST_CASE("redistribution: keeps every element once, in contiguous ordered blocks of nearly equal size") {
  CheckProperty("redistribution/split", [] {
    const uint32_t from = *rc::gen::inRange<uint32_t>(1, 6);
    const uint32_t to = *rc::gen::inRange<uint32_t>(1, 9);
    RC_PRE(from != to);
    const std::vector<std::string> names = {"a", "b", "c"};
    const std::vector<OperatorHandle> old = Generate(from, names);
    const auto dealt = RedistributeOperatorState(old, to);
    RC_ASSERT(dealt.size() == to);
    size_t start = 0;
    for (const std::string& name : names) {
      const std::vector<int64_t> all = Elements(old, name);
      // From `start` on, around the ring, the blocks join up to the old order.
      std::vector<int64_t> joined;
      size_t extras = 0;
      for (uint32_t i = 0; i < to; ++i) {
        const std::vector<int64_t> block = Elements(dealt[(start + i) % to], name);
        RC_ASSERT(block.size() == all.size() / to || block.size() == all.size() / to + 1);
        extras += block.size() > all.size() / to ? 1 : 0;
        joined.insert(joined.end(), block.begin(), block.end());
      }
      RC_ASSERT(joined == all);
      start = (start + extras) % to;
    }
  });
}

TEST_CASE("redistribution: nothing moves when the parallelism stays") {
  CheckProperty("redistribution/in-place", [] {
    const uint32_t parallelism = *rc::gen::inRange<uint32_t>(1, 6);
    const std::vector<OperatorHandle> old = Generate(parallelism, {"a", "b"});
    const auto dealt = RedistributeOperatorState(old, parallelism);
    for (uint32_t i = 0; i < parallelism; ++i) RC_ASSERT(dealt[i] == std::vector<OperatorHandle>{old[i]});
  });
}

}  // namespace
}  // namespace weir
