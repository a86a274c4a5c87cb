#include "runtime/state/lockstep/comparison.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/state/lockstep/answer_form.h"

namespace weir {

Comparison::Comparison(KeyedStateBackend& outer, LockstepSide& leader, LockstepSide& follower,
                       LockstepPlace place, LockstepReport& report, OnDifference on_difference)
    : outer_(outer),
      leader_(leader),
      follower_(follower),
      place_(std::move(place)),
      report_(report),
      on_difference_(std::move(on_difference)) {}

bool Comparison::Follows() {
  ++access_;
  if (leader_.backend->failed()) {
    outer_.SetError(leader_.backend->error());
    is_on_ = false;
  }
  if (is_on_ && follower_.node != nullptr) follower_.node->RunDue();
  return is_on_;
}

bool Comparison::HasAnswered(absl::string_view state, absl::string_view operation,
                             absl::FunctionRef<std::string()> of) {
  if (!follower_.backend->failed()) return true;
  const absl::Status& error = follower_.backend->error();
  if (!absl::IsInvalidArgument(error)) {
    Differ(state, operation, of(), "without an error",
           absl::StrCat("with the error \"", error.message(), "\""));
  }
  is_on_ = false;
  return false;
}

void Comparison::Differ(absl::string_view state, absl::string_view operation, const std::string& of,
                        const std::string& leader, const std::string& follower, const std::string& history) {
  is_on_ = false;
  on_difference_(access_);
  if (report_.first.has_value()) return;
  std::string message = absl::StrCat(place_.operator_uid, ": ", operation);
  if (!state.empty()) absl::StrAppend(&message, " of state ", state);
  if (!of.empty()) absl::StrAppend(&message, " for ", of);
  absl::StrAppend(&message, ": ", leader_.name, " answers ", leader, ", ", follower_.name, " answers ",
                  follower, " (", place_.subtask, ", access ", access_);
  if (!history.empty()) absl::StrAppend(&message, "; ", history);
  report_.first = {place_.operator_uid, std::string(state), absl::StrCat(message, ")")};
}

std::string Comparison::KeyText(absl::string_view key, const TypeSerializer* name_space,
                                absl::string_view name_space_bytes) const {
  std::string text = absl::StrCat("key ", TextOfBytes(outer_.key_type(), key));
  if (name_space != nullptr)
    absl::StrAppend(&text, " in namespace ", TextOfBytes(*name_space, name_space_bytes));
  return text;
}

std::string Comparison::CurrentKey(const TypeSerializer* name_space,
                                   absl::string_view name_space_bytes) const {
  return KeyText(outer_.current_key(), name_space, name_space_bytes);
}

}  // namespace weir
