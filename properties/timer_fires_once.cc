#include "properties/timer_fires_once.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "properties/record_names.h"
#include "properties/timer_book.h"
#include "properties/wall_clocks.h"

namespace weir::properties {
namespace {

class TimerFiresOnce : public Property {
 public:
  absl::string_view id() const override { return "timer-fires-once"; }
  absl::string_view claim() const override {
    return "every timer fires once for each registration that survives, and none before or without one";
  }
  absl::string_view sometimes() const override { return "a timer fired that a recovery had restored"; }
  bool AppliesTo(const JobShape& job) const override { return job.checkpointing && job.exactly_once; }

  void Begin(const JobShape& job, const Outside& outside) override {
    job_ = &job;
    clocks_.emplace(outside);
  }

  bool Watches(EventId id) const override {
    switch (id) {
      case EventId::kRecoveryChosen:
      case EventId::kJobRunning:
      case EventId::kSubtaskDeployed:
      case EventId::kFaultFired:
      case EventId::kTimerRegistered:
      case EventId::kTimerDeleted:
      case EventId::kTimerFired:
      case EventId::kWatermarkAdvanced:
      case EventId::kRecordReceived:
      case EventId::kBarrierReceived:
      case EventId::kNotifyCompleteReceived:
      case EventId::kSnapshotTaken:
        return true;
      default:
        return false;
    }
  }
  void OnEvent(Instant now, NodeId node, const Event& event) override {
    if (verdict_.outcome != Outcome::kHeld) return;
    const auto& f = event.fields;
    switch (event.id) {
      case EventId::kRecoveryChosen:
        return BeginAttempt(f[0], f[1]);
      case EventId::kJobRunning:
        for (TimerBook& book : BooksOf(f[0])) book.OnAllRunning();
        if (f[0] == current_) running_since_ = now;
        return;
      case EventId::kSubtaskDeployed:
        if (f[2] == current_) clocks_->OnDeployed({f[0], f[1]}, node, now);
        return BookOf(f[0], f[2]).OnDeployed(f[1]);
      case EventId::kFaultFired:
        return clocks_->Look(now);
      case EventId::kTimerRegistered:
        if (f[2] == current_ && TimerOf(event).is_processing_time()) {
          clocks_->OnRegistered({f[0], f[1]}, TimerOf(event).at, now);
        }
        return BookOf(f[0], f[2]).OnRegistered(f[1], TimerOf(event));
      case EventId::kTimerDeleted:
        return BookOf(f[0], f[2]).OnDeleted(f[1], TimerOf(event));
      case EventId::kTimerFired:
        return Report(f[0], f[2], BookOf(f[0], f[2]).OnFired(f[1], TimerOf(event)));
      case EventId::kWatermarkAdvanced:
        if (!MayHaveTimers(f[0])) return;
        return Report(f[0], f[2], BookOf(f[0], f[2]).OnWatermark(f[1], static_cast<int64_t>(f[3])));
      case EventId::kRecordReceived:
        return GoesOn(f[0], f[1], f[2]);
      case EventId::kBarrierReceived:
      case EventId::kNotifyCompleteReceived:
        return GoesOn(f[1], f[2], f[3]);
      case EventId::kSnapshotTaken:
        GoesOn(f[1], f[2], f[3]);
        made_by_[f[0]] = f[3];
        if (MayHaveTimers(f[1])) BookOf(f[1], f[3]).OnSnapshot(f[2], f[0]);
        return;
      default:
        return;
    }
  }

  Verdict End(const RunEnd& end) override {
    if (verdict_.outcome == Outcome::kHeld && end.drained) JudgeOverdue(end);
    return verdict_;
  }

  bool Witnessed() const override {
    for (const auto& [attempt, books] : attempts_) {
      for (const TimerBook& book : books) {
        if (book.saw_restored_fire()) return true;
      }
    }
    return false;
  }

 private:
  using Books = std::vector<TimerBook>;  // by vertex

  static PendingTimer TimerOf(const Event& event) {
    return {static_cast<int64_t>(event.fields[4]), event.fields[3]};
  }
  bool MayHaveTimers(uint64_t vertex) const { return job_->vertices[vertex].chain.front().is_keyed; }

  Books& BooksOf(uint64_t attempt) {
    if (newest_ != nullptr && newest_attempt_ == attempt) return *newest_;
    const auto [found, is_new] = attempts_.try_emplace(attempt);
    if (is_new) found->second.assign(job_->vertices.size(), TimerBook(TimerBook::Timers()));
    newest_attempt_ = attempt;
    return *(newest_ = &found->second);
  }
  TimerBook& BookOf(uint64_t vertex, uint64_t attempt) { return BooksOf(attempt)[vertex]; }

  // Timers of processing time that have not fired, though they were due long ago.
  void JudgeOverdue(const RunEnd& end) {
    clocks_->Look(end.at);
    const Instant by = end.at - end.reaction_max;
    if (!running_since_ || by < *running_since_ || by < end.calm_since) return;
    Books& books = BooksOf(current_);
    for (size_t v = 0; v < books.size() && verdict_.outcome == Outcome::kHeld; ++v) {
      std::vector<int64_t> due;
      for (size_t s = 0; s < books[v].subtask_count(); ++s) due.push_back(clocks_->DueBy({v, s}, by));
      Report(v, current_, books[v].OnEnd(due));
    }
  }

  void BeginAttempt(uint64_t attempt, uint64_t checkpoint) {
    if (attempt > current_) {
      current_ = attempt;
      running_since_.reset();
      clocks_->Clear();
    }
    Books& books = BooksOf(attempt);
    if (checkpoint == 0) return;
    const auto maker = made_by_.find(checkpoint);
    if (maker == made_by_.end()) {
      verdict_.outcome = Outcome::kNotJudged;
      verdict_.message = absl::StrCat("which timers were pending in checkpoint ", checkpoint,
                                      " is not known: nobody saw it being made");
      return;
    }
    const Books& before = attempts_.at(maker->second);
    for (size_t v = 0; v < books.size(); ++v) books[v] = TimerBook(before[v].PendingAt(checkpoint));
  }

  void GoesOn(uint64_t vertex, uint64_t subtask, uint64_t attempt) {
    if (!MayHaveTimers(vertex)) return;
    Report(vertex, attempt, BookOf(vertex, attempt).OnSomethingElse(subtask));
  }

  void Report(uint64_t vertex, uint64_t attempt, const TimerBook::Found& found) {
    if (!found.has_value()) return;
    const std::string& uid = NameOf(job_->vertices[vertex].chain.front());
    const bool is_processing = found->timer.is_processing_time();
    const std::string timer =
        absl::StrCat("the ", is_processing ? "processing" : "event", "-time timer at ", found->timer.at);
    verdict_.outcome = Outcome::kViolated;
    verdict_.signature = {"timer-fires-once", uid, found->is_lost ? "lost" : "fired-twice", ""};
    if (!found->is_lost) {
      verdict_.message =
          absl::StrCat(uid, ": ", timer, " fired on subtask ", found->subtask, " in attempt ", attempt,
                       ", and was not pending: it had fired before, or nobody had asked for it");
      return;
    }
    verdict_.message = absl::StrCat(uid, ": ", timer, " was pending and has not fired, although subtask ",
                                    found->subtask, " is past ", found->passed, " in attempt ", attempt);
  }

  const JobShape* job_ = nullptr;
  std::optional<WallClocks> clocks_;  // of the current attempt
  uint64_t current_ = 0;              // the attempt that was chosen last
  std::optional<Instant> running_since_;
  std::map<uint64_t, Books> attempts_;
  uint64_t newest_attempt_ = 0;  // looked up last
  Books* newest_ = nullptr;
  std::map<uint64_t, uint64_t> made_by_;  // checkpoint -> attempt
  Verdict verdict_;
};

}  // namespace

std::unique_ptr<Property> MakeTimerFiresOnce() { return std::make_unique<TimerFiresOnce>(); }

}  // namespace weir::properties
