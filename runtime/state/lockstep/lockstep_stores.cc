#include "runtime/state/lockstep/lockstep_stores.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"

namespace weir {

// --- All stores

bool LockstepState::HasAnswered(absl::string_view operation) {
  return comparison_.HasAnswered(form_.spec().name, operation, [this] { return Of(); });
}

void LockstepState::Wrote(absl::string_view operation) {
  if (!HasAnswered(operation)) return;
  last_writes_[{comparison_.current_key(), namespace_}] = {operation, comparison_.access()};
}

void LockstepState::Merged(absl::string_view target, absl::Span<const std::string> sources) {
  if (!HasAnswered("merge")) return;
  for (const std::string& source : sources)
    last_writes_[{comparison_.current_key(), source}] = {"merge", comparison_.access()};
  last_writes_[{comparison_.current_key(), std::string(target)}] = {"merge", comparison_.access()};
}

std::string LockstepState::History() const {
  const auto found = last_writes_.find({comparison_.current_key(), namespace_});
  if (found == last_writes_.end()) return "not written in this attempt";
  return absl::StrCat("written last by ", found->second.first, ", access ", found->second.second);
}

void LockstepState::Compare(absl::string_view operation, const void* leader, const void* follower,
                            absl::string_view user_key) {
  if (!HasAnswered(operation)) return;
  const std::optional<std::string> ours = form_.Bytes(leader);
  const std::optional<std::string> theirs = form_.Bytes(follower);
  if (!ours.has_value()) return;  // the next snapshot fails
  if (ours == theirs) return comparison_.Agree();
  std::string of = Of();
  if (form_.spec().type == KeyedStateType::kMap)
    absl::StrAppend(&of, " at ", TextOfBytes(*form_.spec().user_key, user_key));
  comparison_.Differ(form_.spec().name, operation, of, form_.Text(leader), form_.Text(follower), History());
}

void LockstepState::CompareTexts(absl::string_view operation, absl::string_view leader,
                                 absl::string_view follower) {
  if (leader == follower) return comparison_.Agree();
  comparison_.Differ(form_.spec().name, operation, Of(), std::string(leader), std::string(follower),
                     History());
}

// --- Values

const void* LockstepValueStore::Find() {
  const void* const found = leader_.Find();
  if (comparison_.Follows()) Compare("find", found, follower_->Find());
  return found;
}

void LockstepValueStore::Put(void* value) {
  if (comparison_.is_on()) form_.spec().value->Copy(value, copy_.get());
  leader_.Put(value);
  if (!comparison_.Follows()) return;
  follower_->Put(copy_.get());
  Wrote("put");
}

void* LockstepValueStore::Edit() {
  leader_edits_ = leader_.Edit();
  if (!comparison_.Follows()) return leader_edits_;
  follower_edits_ = follower_->Edit();
  Compare("edit", leader_edits_, follower_edits_);
  return leader_edits_;
}

void LockstepValueStore::Edited() {
  if (comparison_.is_on()) form_.spec().value->Copy(leader_edits_, copy_.get());
  leader_.Edited();
  if (!comparison_.Follows()) return;
  if (follower_edits_ != nullptr) {
    form_.spec().value->Move(copy_.get(), follower_edits_);
    follower_->Edited();
  } else {
    // It has dropped what the leader still had, and was free to.
    follower_->Put(copy_.get());
  }
  Wrote("edited");
}

// --- Lists

const void* LockstepListStore::Find() {
  const void* const found = leader_.Find();
  if (comparison_.Follows()) Compare("find", found, follower_->Find());
  return found;
}

void LockstepListStore::Add(const void* element) {
  leader_.Add(element);
  if (!comparison_.Follows()) return;
  follower_->Add(element);
  Wrote("add");
}

void LockstepListStore::Put(void* list) {
  if (comparison_.is_on()) form_.spec().list->Copy(list, copy_.get());
  leader_.Put(list);
  if (!comparison_.Follows()) return;
  follower_->Put(copy_.get());
  Wrote("put");
}

// --- Maps

const void* LockstepMapStore::Find(absl::string_view user_key) {
  const void* const found = leader_.Find(user_key);
  if (comparison_.Follows()) Compare("find", found, follower_->Find(user_key), user_key);
  return found;
}

void LockstepMapStore::Put(absl::string_view user_key, void* value) {
  if (comparison_.is_on()) form_.spec().value->Copy(value, copy_.get());
  leader_.Put(user_key, value);
  if (!comparison_.Follows()) return;
  follower_->Put(user_key, copy_.get());
  Wrote("put");
}

void LockstepMapStore::Remove(absl::string_view user_key) {
  leader_.Remove(user_key);
  if (!comparison_.Follows()) return;
  follower_->Remove(user_key);
  Wrote("remove");
}

bool LockstepMapStore::IsEmpty() {
  const bool is_empty = leader_.IsEmpty();
  if (!comparison_.Follows()) return is_empty;
  const bool follower_is_empty = follower_->IsEmpty();
  if (!HasAnswered("is-empty") || form_.has_ttl()) return is_empty;
  CompareTexts("is-empty", is_empty ? "yes" : "no", follower_is_empty ? "yes" : "no");
  return is_empty;
}

void LockstepMapStore::Visit(Visitor visitor) {
  if (!comparison_.is_on()) {
    leader_.Visit(visitor);
    comparison_.Follows();
    return;
  }
  std::vector<MapEntry> ours;
  std::vector<MapEntry> theirs;
  bool is_writable = true;
  leader_.Visit([&](absl::string_view user_key, const void* value) {
    is_writable &= Keep(user_key, value, ours);
    visitor(user_key, value);
  });
  if (!comparison_.Follows()) return;
  follower_->Visit(
      [&](absl::string_view user_key, const void* value) { is_writable &= Keep(user_key, value, theirs); });
  if (!HasAnswered("visit") || !is_writable) return;
  // Time may have passed while the leader read.
  const auto is_gone = [this](const MapEntry& entry) { return !form_.IsAlive(entry.timestamp); };
  std::erase_if(ours, is_gone);
  std::erase_if(theirs, is_gone);
  if (ours == theirs) return comparison_.Agree();
  const auto [mine, other] = std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end());
  const auto text = [&](const std::vector<MapEntry>& entries, std::vector<MapEntry>::const_iterator at) {
    if (at == entries.end()) return absl::StrCat("no more than ", entries.size(), " entries");
    return absl::StrCat("entry ", at - entries.begin() + 1, " of ", entries.size(), ": ",
                        TextOfBytes(*form_.spec().user_key, at->user_key), " -> ",
                        TextOfBytes(*form_.spec().value, at->value));
  };
  comparison_.Differ(form_.spec().name, "visit", Of(), text(ours, mine), text(theirs, other), History());
}

bool LockstepMapStore::Keep(absl::string_view user_key, const void* value,
                            std::vector<MapEntry>& entries) const {
  ByteWriter bytes;
  if (!form_.spec().value->Serialize(value, bytes)) return false;
  entries.push_back({std::string(user_key), bytes.Take(), form_.Timestamp(value)});
  return true;
}

// --- Timers

LockstepTimerQueue::LockstepTimerQueue(Comparison& comparison, std::string name,
                                       const TypeSerializer* name_space, TimerQueue& leader,
                                       TimerQueue* follower)
    : comparison_(comparison),
      name_(std::move(name)),
      name_space_(name_space),
      leader_(leader),
      follower_(follower) {}

std::string LockstepTimerQueue::TextOf(const Timer* timer) const {
  if (timer == nullptr) return "no timer";
  return absl::StrCat("the timer at ", timer->timestamp, " of ",
                      comparison_.KeyText(timer->key, name_space_, timer->name_space));
}

void LockstepTimerQueue::Compare(absl::string_view operation, const Timer& timer, bool leader,
                                 bool follower) {
  if (!comparison_.HasAnswered(name_, operation, [&] { return TextOf(&timer); })) return;
  if (leader == follower) return comparison_.Agree();
  const auto text = [](bool answer) { return answer ? "true" : "false"; };
  comparison_.Differ(name_, operation, TextOf(&timer), text(leader), text(follower));
}

bool LockstepTimerQueue::Add(Timer timer) {
  const bool is_new = leader_.Add(timer);
  if (comparison_.Follows()) Compare("add", timer, is_new, follower_->Add(timer));
  return is_new;
}

bool LockstepTimerQueue::Remove(const Timer& timer) {
  // It may be the head of a queue, and gone with it.
  const Timer copy = timer;  // NOLINT(performance-unnecessary-copy-initialization)
  const bool was_there = leader_.Remove(timer);
  if (comparison_.Follows()) Compare("remove", copy, was_there, follower_->Remove(copy));
  return was_there;
}

const Timer* LockstepTimerQueue::Head() {
  const Timer* const head = leader_.Head();
  if (!comparison_.Follows()) return head;
  const Timer* const other = follower_->Head();
  if (!comparison_.HasAnswered(name_, "head", [] { return ""; })) return head;
  if (head == nullptr ? other == nullptr : other != nullptr && *head == *other) {
    comparison_.Agree();
  } else {
    comparison_.Differ(name_, "head", "", TextOf(head), TextOf(other));
  }
  return head;
}

void LockstepTimerQueue::Pop() {
  leader_.Pop();
  if (!comparison_.Follows()) return;
  if (follower_->Head() != nullptr) follower_->Pop();
  comparison_.HasAnswered(name_, "pop", [] { return ""; });
}

size_t LockstepTimerQueue::size() const {
  const size_t size = leader_.size();
  if (!comparison_.Follows()) return size;
  const size_t other = follower_->size();
  if (!comparison_.HasAnswered(name_, "size", [] { return ""; })) return size;
  if (size == other) {
    comparison_.Agree();
  } else {
    comparison_.Differ(name_, "size", "", absl::StrCat(size), absl::StrCat(other));
  }
  return size;
}

}  // namespace weir
