#include "properties/timer_book.h"

#include <algorithm>

namespace weir::properties {
namespace {

size_t DomainOf(const PendingTimer& timer) { return timer.is_processing_time() ? 1 : 0; }

}  // namespace

TimerBook::TimerBook(const Timers& restored) {
  for (const PendingTimer& timer : restored) restored_[DomainOf(timer)].insert(timer);
}

TimerBook::Subtask& TimerBook::Of(uint64_t subtask) {
  if (subtask >= subtasks_.size()) subtasks_.resize(subtask + 1);
  return subtasks_[subtask];
}

void TimerBook::OnRegistered(uint64_t subtask, const PendingTimer& timer) {
  Of(subtask).pending[DomainOf(timer)].insert(timer);
}

bool TimerBook::Remove(uint64_t subtask, const PendingTimer& timer) {
  const size_t domain = DomainOf(timer);
  const bool was_own = Of(subtask).pending[domain].erase(timer) != 0;
  if (restored_[domain].erase(timer) == 0) return was_own;
  for (auto& [number, checkpoint] : checkpoints_) {
    if (checkpoint.parts.count(subtask) != 0) checkpoint.kept.insert(timer);
  }
  return true;
}

void TimerBook::OnDeleted(uint64_t subtask, const PendingTimer& timer) { Remove(subtask, timer); }

TimerBook::Found TimerBook::OnFired(uint64_t subtask, const PendingTimer& timer) {
  const size_t domain = DomainOf(timer);
  if (domain == 1) {
    if (Found found = OnSomethingElse(subtask)) return found;
  }
  const bool was_restored = restored_[domain].count(timer) != 0;
  if (!Remove(subtask, timer)) return Finding{false, timer, subtask, 0};
  saw_restored_fire_ |= was_restored;
  // Those of the same instant have an order of their own, so only earlier ones are passed.
  return timer.at == kNever ? std::nullopt : Pass(subtask, domain, timer.at - 1);
}

TimerBook::Found TimerBook::OnWatermark(uint64_t subtask, int64_t watermark) {
  Found found = OnSomethingElse(subtask);
  Of(subtask).round = watermark;
  return found;
}

TimerBook::Found TimerBook::OnSomethingElse(uint64_t subtask) {
  Subtask& s = Of(subtask);
  if (!s.round.has_value()) return std::nullopt;
  const int64_t watermark = *s.round;
  s.round.reset();
  return Pass(subtask, 0, watermark);
}

TimerBook::Found TimerBook::Pass(uint64_t subtask, size_t domain, int64_t until) {
  Subtask& s = Of(subtask);
  const Timers& own = s.pending[domain];
  if (!own.empty() && own.begin()->at <= until) return Finding{true, *own.begin(), subtask, until};
  s.passed[domain] = std::max(s.passed[domain], until);
  if (restored_[domain].empty() || !all_running_) return std::nullopt;
  int64_t passed_by_all = s.passed[domain];
  for (const Subtask& other : subtasks_) passed_by_all = std::min(passed_by_all, other.passed[domain]);
  const PendingTimer& first = *restored_[domain].begin();
  if (passed_by_all == kNever || first.at > passed_by_all) return std::nullopt;
  return Finding{true, first, subtask, passed_by_all};
}

TimerBook::Found TimerBook::OnEnd(const std::vector<int64_t>& due) const {
  for (size_t subtask = 0; subtask < subtasks_.size(); ++subtask) {
    const Timers& own = subtasks_[subtask].pending[1];
    if (!own.empty() && own.begin()->at <= due[subtask])
      return Finding{true, *own.begin(), subtask, due[subtask]};
  }
  const Timers& restored = restored_[1];
  if (restored.empty() || due.empty()) return std::nullopt;
  const auto first_due = std::min_element(due.begin(), due.end());
  if (restored.begin()->at > *first_due) return std::nullopt;
  return Finding{true, *restored.begin(), static_cast<uint64_t>(first_due - due.begin()), *first_due};
}

void TimerBook::OnSnapshot(uint64_t subtask, uint64_t checkpoint) {
  std::vector<PendingTimer>& part = checkpoints_[checkpoint].parts[subtask];
  part.clear();
  for (const Timers& pending : Of(subtask).pending) part.insert(part.end(), pending.begin(), pending.end());
}

TimerBook::Timers TimerBook::PendingAt(uint64_t checkpoint) const {
  Timers pending;
  for (const Timers& restored : restored_) pending.insert(restored.begin(), restored.end());
  const auto found = checkpoints_.find(checkpoint);
  if (found == checkpoints_.end()) return pending;
  pending.insert(found->second.kept.begin(), found->second.kept.end());
  for (const auto& [subtask, part] : found->second.parts) pending.insert(part.begin(), part.end());
  return pending;
}

}  // namespace weir::properties
