#include "runtime/checkpoint/inline_state.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace weir {
namespace {

constexpr size_t kDigits = 16;

uint64_t UnbilledOfStream(const StreamHandle& stream) {
  if (stream.kind != StreamHandle::Kind::kInline || stream.path.size() < kDigits + 1) return 0;
  const absl::string_view tail = absl::string_view(stream.path).substr(stream.path.size() - kDigits - 1);
  uint64_t unbilled = 0;
  if (tail[0] != '~' || !absl::SimpleHexAtoi(tail.substr(1), &unbilled)) return 0;
  return std::min<uint64_t>(unbilled, stream.bytes.size());
}

}  // namespace

StreamHandle InlineState(absl::string_view name, std::string bytes, uint64_t unbilled) {
  return StreamHandle::Inline(absl::StrCat(name, "~", absl::Hex(unbilled, absl::kZeroPad16)),
                              std::move(bytes));
}

uint64_t UnbilledOf(const SubtaskState& state) {
  return UnbilledOfStream(state.managed_keyed.stream) + UnbilledOfStream(state.managed_operator.stream);
}

uint64_t UnbilledOf(const std::vector<OperatorSnapshot>& snapshots) {
  uint64_t sum = 0;
  for (const OperatorSnapshot& snapshot : snapshots) sum += UnbilledOf(snapshot.state);
  return sum;
}

uint64_t UnbilledOf(const CheckpointMetadata& metadata) {
  uint64_t sum = 0;
  for (const OperatorState& state : metadata.operators) {
    for (const SubtaskState& subtask : state.subtasks) sum += UnbilledOf(subtask);
  }
  return sum;
}

}  // namespace weir
