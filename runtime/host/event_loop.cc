#include "runtime/host/event_loop.h"

#include <poll.h>

#include <algorithm>
#include <vector>

#include "runtime/base/check.h"

namespace weir::host {

ActorId EventLoop::AddActor(const Actor*) {
  const ActorId actor(++last_actor_);
  actors_.insert(actor);
  return actor;
}

// Its tasks are dropped when their turn comes.
void EventLoop::RemoveActor(ActorId actor) { actors_.erase(actor); }

void EventLoop::Post(ActorId actor, Task task) {
  if (actors_.count(actor) > 0) tasks_.emplace_back(actor, std::move(task));
}

TimerId EventLoop::After(ActorId actor, Duration delay, Task task) {
  const TimerId timer(++last_timer_);
  const Instant due = clock_.Now() + std::max(delay, Duration());
  timers_.emplace(std::make_pair(due, timer), Timer{actor, std::move(task)});
  timer_dues_.emplace(timer, due);
  return timer;
}

void EventLoop::Cancel(TimerId timer) {
  const auto found = timer_dues_.find(timer);
  if (found == timer_dues_.end()) return;
  timers_.erase({found->second, timer});
  timer_dues_.erase(found);
}

void EventLoop::Exit(const absl::Status& reason) {
  if (!exit_reason_.has_value()) exit_reason_ = reason;
}

void EventLoop::Watch(int fd, absl::AnyInvocable<void(bool readable, bool writable)> ready) {
  const bool is_new = watched_.emplace(fd, Watched{std::move(ready), false}).second;
  WEIR_CHECK(is_new, "descriptor ", fd, " is watched already");
}

void EventLoop::WantWrite(int fd, bool wants_write) {
  const auto found = watched_.find(fd);
  WEIR_CHECK(found != watched_.end(), "descriptor ", fd, " is not watched");
  found->second.wants_write = wants_write;
}

void EventLoop::Unwatch(int fd) { watched_.erase(fd); }

bool EventLoop::RunOnce(Duration wait_max) {
  if (exit_reason_.has_value()) return false;
  PostDueTimers();
  Duration wait = tasks_.empty() ? wait_max : Duration();
  if (!timers_.empty()) wait = std::min(wait, timers_.begin()->first.first - clock_.Now());
  Poll(std::max(wait, Duration()));
  PostDueTimers();
  RunTasks();
  return !exit_reason_.has_value();
}

absl::Status EventLoop::Run() {
  while (RunOnce(Duration::Seconds(60))) {
  }
  return *exit_reason_;
}

void EventLoop::PostDueTimers() {
  const Instant now = clock_.Now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    auto node = timers_.extract(timers_.begin());
    const TimerId id = node.key().second;
    // Until it runs it can still be cancelled.
    Post(node.mapped().actor, [this, id, task = std::move(node.mapped().task)]() mutable {
      if (timer_dues_.erase(id) > 0) task();
    });
  }
}

// Only what is queued now: tasks that these post wait for the next turn, after the sockets.
void EventLoop::RunTasks() {
  for (size_t left = tasks_.size(); left > 0 && !exit_reason_.has_value(); --left) {
    auto [actor, task] = std::move(tasks_.front());
    tasks_.pop_front();
    if (actors_.count(actor) > 0) task();
  }
}

void EventLoop::Poll(Duration wait_max) {
  std::vector<pollfd> fds;
  for (const auto& [fd, watched] : watched_) {
    const int events = POLLIN | (watched.wants_write ? POLLOUT : 0);
    fds.push_back({fd, static_cast<short>(events), 0});
  }
  // Rounded up, so that a timer is due when poll returns.
  const int64_t millis = std::min<int64_t>((wait_max.nanos() + 999'999) / 1'000'000, 60'000);
  if (poll(fds.data(), fds.size(), static_cast<int>(millis)) <= 0) return;
  for (const pollfd& polled : fds) {
    if (polled.revents == 0) continue;
    const auto found = watched_.find(polled.fd);
    if (found == watched_.end()) continue;  // unwatched by an earlier one
    const bool failed = (polled.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
    // Out of the map while it runs: it may unwatch itself.
    auto ready = std::move(found->second.ready);
    ready(failed || (polled.revents & POLLIN) != 0, failed || (polled.revents & POLLOUT) != 0);
    const auto still = watched_.find(polled.fd);
    if (still != watched_.end() && !still->second.ready) still->second.ready = std::move(ready);
  }
}

}  // namespace weir::host
