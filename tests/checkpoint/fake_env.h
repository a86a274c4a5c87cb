// Licensed under the Apache License, Version 2.0.
//
// A world of one process for unit tests: a clock that moves by hand, an object store and a register that answer after
// 1 ms and fail as scripted, a tracer that remembers. Transport, disk and log are not there.
#ifndef WEIR_TESTS_CHECKPOINT_FAKE_ENV_H_
#define WEIR_TESTS_CHECKPOINT_FAKE_ENV_H_

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/env/env.h"

namespace weir {

class FakeClock : public Clock {
 public:
  Instant Now() const override { return now; }
  WallTime WallNow() const override { return {now.nanos() / 1'000'000}; }
  Instant now;
};

class FakeExecutor : public Executor {
 public:
  explicit FakeExecutor(FakeClock& clock) : clock_(clock) {}

  ActorId AddActor(const Actor*) override { return ActorId(++actors_); }
  void RemoveActor(ActorId actor) override {
    for (auto it = queue_.begin(); it != queue_.end();)
      it = it->second.actor == actor ? queue_.erase(it) : std::next(it);
  }
  void Post(ActorId actor, Task task) override { After(actor, Duration(), std::move(task)); }
  TimerId After(ActorId actor, Duration delay, Task task) override {
    queue_.emplace(std::pair(clock_.now + delay, ++sequence_), Item{actor, std::move(task)});
    return TimerId(sequence_);
  }
  void Cancel(TimerId timer) override {
    for (auto it = queue_.begin(); it != queue_.end(); ++it) {
      if (it->first.second != timer.value) continue;
      queue_.erase(it);
      return;
    }
  }
  void Charge(Duration) override {}
  void Exit(const absl::Status&) override { WEIR_CHECK(false, "exit"); }

  // Runs everything that is due until `by` has passed.
  void RunFor(Duration by) {
    const Instant end = clock_.now + by;
    while (!queue_.empty() && queue_.begin()->first.first <= end) {
      clock_.now = queue_.begin()->first.first;
      Task task = std::move(queue_.begin()->second.task);
      queue_.erase(queue_.begin());
      task();
    }
    clock_.now = end;
  }
  size_t size() const { return queue_.size(); }

 private:
  struct Item {
    ActorId actor;
    Task task;
  };
  FakeClock& clock_;
  uint32_t actors_ = 0;
  uint64_t sequence_ = 0;
  std::map<std::pair<Instant, uint64_t>, Item> queue_;
};

// What becomes of a request.
enum class Fate {
  kAnswered,
  kRefused,       // not applied, kUnavailable
  kResponseLost,  // applied, kUnavailable
  kLate,          // kUnavailable, applied 20 ms later
};

// Fates for the requests to come, in order; kAnswered when none is left.
class Fates {
 public:
  std::deque<Fate> script;
  Fate Next() {
    if (script.empty()) return Fate::kAnswered;
    const Fate fate = script.front();
    script.pop_front();
    return fate;
  }
};

class FakeRegister : public Register {
 public:
  explicit FakeRegister(FakeExecutor& executor) : executor_(executor) {}

  void Read(ActorId actor, std::string key, Got got) override {
    const Fate fate = fates.Next();
    executor_.After(actor, kLatency, [this, key, fate, got = std::move(got)]() mutable {
      fate == Fate::kAnswered ? got(values[key]) : got(absl::UnavailableError("register"));
    });
  }
  void CompareAndSet(ActorId actor, std::string key, uint64_t expected, std::string value, Got got) override {
    ++swaps;
    const Fate fate = fates.Next();
    if (fate == Fate::kLate) {
      executor_.After(ActorId(), Duration::Millis(20),
                      [this, key, expected, value] { (void)Apply(key, expected, value); });
    }
    executor_.After(actor, kLatency, [this, key, expected, value, fate, got = std::move(got)]() mutable {
      if (fate == Fate::kAnswered) return got(Apply(key, expected, value));
      if (fate == Fate::kResponseLost) (void)Apply(key, expected, value);
      got(absl::UnavailableError("register"));
    });
  }

  static constexpr Duration kLatency = Duration::Millis(1);
  Fates fates;
  std::map<std::string, Versioned> values;
  int swaps = 0;

 private:
  absl::StatusOr<Versioned> Apply(const std::string& key, uint64_t expected, const std::string& value) {
    Versioned& current = values[key];
    if (current.version != expected) return absl::AbortedError("version");
    current = {current.version + 1, value};
    return current;
  }
  FakeExecutor& executor_;
};

class FakeStore : public DurableStore {
 public:
  explicit FakeStore(FakeExecutor& executor) : executor_(executor) {}

  void Put(ActorId actor, std::string key, const Blob& blob, PutMode mode, Done done) override {
    Run(actor, std::move(done), [this, key, blob, mode]() -> absl::Status {
      if (mode == PutMode::kIfAbsent && blobs.count(key) != 0) return absl::AlreadyExistsError(key);
      blobs[key] = blob;
      return absl::OkStatus();
    });
  }
  void Get(ActorId actor, std::string key, Got got) override {
    const Fate fate = fates.Next();
    executor_.After(actor, Duration::Millis(1), [this, key, fate, got = std::move(got)]() mutable {
      if (fate != Fate::kAnswered) return got(absl::UnavailableError("store"));
      const auto found = blobs.find(key);
      found == blobs.end() ? got(absl::NotFoundError(key)) : got(found->second);
    });
  }
  void Delete(ActorId actor, std::string key, Done done) override {
    Run(actor, std::move(done), [this, key]() -> absl::Status {
      blobs.erase(key);
      if (on_delete) on_delete(key);
      return absl::OkStatus();
    });
  }
  void List(ActorId actor, std::string prefix, Listed listed) override {
    const Fate fate = fates.Next();
    executor_.After(actor, Duration::Millis(1), [this, prefix, fate, listed = std::move(listed)]() mutable {
      if (fate != Fate::kAnswered) return listed(absl::UnavailableError("store"));
      std::vector<std::string> keys;
      for (const auto& [key, blob] : blobs) {
        if (key.compare(0, prefix.size(), prefix) == 0) keys.push_back(key);
      }
      listed(keys);
    });
  }

  Fates fates;
  std::map<std::string, Blob> blobs;
  std::function<void(const std::string&)> on_delete;

 private:
  void Run(ActorId actor, Done done, std::function<absl::Status()> apply) {
    const Fate fate = fates.Next();
    if (fate == Fate::kLate) executor_.After(ActorId(), Duration::Millis(20), [apply] { (void)apply(); });
    executor_.After(actor, Duration::Millis(1), [fate, apply, done = std::move(done)]() mutable {
      absl::Status status = absl::UnavailableError("store");
      if (fate == Fate::kAnswered) status = apply();
      if (fate == Fate::kResponseLost) (void)apply();
      done(status);
    });
  }
  FakeExecutor& executor_;
};

class FakeTracer : public Tracer {
 public:
  absl::Status Reach(const Event& event) override {
    events.push_back(event);
    return on_reach ? on_reach(event) : absl::OkStatus();
  }
  void Note(const Event& event) override { events.push_back(event); }
  uint32_t Choose(const Event&, uint32_t) override { return 0; }

  uint64_t Count(EventId id) const {
    uint64_t count = 0;
    for (const Event& event : events) count += event.id == id ? 1 : 0;
    return count;
  }
  // The first field of each event of this kind.
  std::vector<uint64_t> Fields(EventId id) const {
    std::vector<uint64_t> fields;
    for (const Event& event : events) {
      if (event.id == id) fields.push_back(event.fields[0]);
    }
    return fields;
  }
  std::vector<Event> events;
  std::function<absl::Status(const Event&)> on_reach;
};

class NoTransport : public Transport {
 public:
  void Listen(ActorId, PortId, Acceptor) override { WEIR_CHECK(false); }
  ConnectionId Connect(ActorId, NodeId, PortId, ConnectionHandler*) override {
    WEIR_CHECK(false);
    return {};
  }
  void Send(ConnectionId, Message) override { WEIR_CHECK(false); }
  void Close(ConnectionId) override { WEIR_CHECK(false); }
  NodeId node() const override { return NodeId(0); }
};

class NoDisk : public LocalStore {
 public:
  absl::Status Append(absl::string_view, absl::string_view) override { return None(); }
  absl::Status Write(absl::string_view, absl::string_view) override { return None(); }
  absl::StatusOr<std::string> Read(absl::string_view) override { return None(); }
  absl::StatusOr<std::string> ReadAt(absl::string_view, uint64_t, uint64_t) override { return None(); }
  absl::StatusOr<uint64_t> Size(absl::string_view) override { return None(); }
  absl::Status Sync(absl::string_view) override { return None(); }
  absl::Status SyncNames() override { return None(); }
  absl::Status Rename(absl::string_view, absl::string_view) override { return None(); }
  absl::Status Link(absl::string_view, absl::string_view) override { return None(); }
  absl::Status Delete(absl::string_view) override { return None(); }
  absl::StatusOr<std::vector<std::string>> List(absl::string_view) override { return None(); }

 private:
  static absl::Status None() { return absl::UnimplementedError("no disk"); }
};

class NoLog : public Log {
 public:
  void Partitions(ActorId, std::string, Count) override { WEIR_CHECK(false); }
  void Fetch(ActorId, std::string, uint32_t, uint64_t, uint32_t, Fetched) override { WEIR_CHECK(false); }
  void Append(ActorId, std::string, uint32_t, LogRecords, Done) override { WEIR_CHECK(false); }
  void AppendInTransaction(ActorId, std::string, uint64_t, std::string, uint32_t, LogRecords, Done) override {
    WEIR_CHECK(false);
  }
  void Commit(ActorId, std::string, Done) override { WEIR_CHECK(false); }
  void Abort(ActorId, std::string, Done) override { WEIR_CHECK(false); }
  void OpenTransactions(ActorId, std::string, Names) override { WEIR_CHECK(false); }
};

struct FakeEnv {
  explicit FakeEnv(LocalStore* with_disk = nullptr)
      : env{clock,    executor, transport, store, with_disk != nullptr ? *with_disk : disk,
            registry, log,      random,    tracer} {}
  FakeClock clock;
  FakeExecutor executor{clock};
  NoTransport transport;
  FakeStore store{executor};
  NoDisk disk;
  FakeRegister registry{executor};
  NoLog log;
  Random random{1};
  FakeTracer tracer;
  Env env;
};

}  // namespace weir

#endif  // WEIR_TESTS_CHECKPOINT_FAKE_ENV_H_
