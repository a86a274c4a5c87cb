// Licensed under the Apache License, Version 2.0.
//
// A heap backend that does one thing wrong, for those who must notice. `wrong` is spelled "<kind> <operation>", such as
// "map visit"; "" is a right one.
#ifndef WEIR_TESTS_STATE_WRONG_BACKEND_H_
#define WEIR_TESTS_STATE_WRONG_BACKEND_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "runtime/state/heap_keyed_backend.h"

namespace weir {

template <typename Store>
class WrongStore : public Store {
 public:
  WrongStore(std::string kind, std::string wrong, Store& right)
      : kind_(std::move(kind)), wrong_(std::move(wrong)), right_(right) {}
  void Clear() override {
    if (!Is("clear")) right_.Clear();
  }
  void SetNamespace(absl::string_view name_space) override {
    if (!Is("namespace")) right_.SetNamespace(name_space);
  }
  void EnableTtl(const TtlPolicy& policy) override { right_.EnableTtl(policy); }
  void Fail(const absl::Status& cause) override { right_.Fail(cause); }
  void Sweep(uint32_t entries) override { Is("sweep") ? right_.Clear() : right_.Sweep(entries); }
  void MergeNamespaces(absl::string_view target, absl::Span<const std::string> sources,
                       StateStore::Fold fold) override {
    if (!Is("merge")) right_.MergeNamespaces(target, sources, fold);
  }

 protected:
  bool Is(absl::string_view operation) const { return wrong_ == absl::StrCat(kind_, " ", operation); }
  const std::string kind_;
  const std::string wrong_;
  Store& right_;
};

struct WrongValueStore final : WrongStore<ValueStore> {
  using WrongStore::WrongStore;
  const void* Find() override { return Is("find") ? nullptr : right_.Find(); }
  void Put(void* value) override {
    if (!Is("put")) right_.Put(value);
  }
  void* Edit() override { return Is("edit") ? nullptr : right_.Edit(); }
  void Edited() override { Is("edited") ? right_.Clear() : right_.Edited(); }
};

struct WrongListStore final : WrongStore<ListStore> {
  using WrongStore::WrongStore;
  const void* Find() override { return Is("find") ? nullptr : right_.Find(); }
  void Add(const void* element) override {
    right_.Add(element);
    if (Is("add")) right_.Add(element);
  }
  void Put(void* list) override {
    if (!Is("put")) right_.Put(list);
  }
};

struct WrongMapStore final : WrongStore<MapStore> {
  using WrongStore::WrongStore;
  const void* Find(absl::string_view user_key) override {
    return Is("find") ? nullptr : right_.Find(user_key);
  }
  void Put(absl::string_view user_key, void* value) override {
    if (!Is("put")) right_.Put(user_key, value);
  }
  void Remove(absl::string_view user_key) override {
    if (!Is("remove")) right_.Remove(user_key);
  }
  bool IsEmpty() override { return right_.IsEmpty() != Is("is-empty"); }
  void Visit(Visitor visitor) override {
    std::vector<std::pair<std::string, const void*>> entries;
    right_.Visit([&](absl::string_view key, const void* value) { entries.emplace_back(key, value); });
    if (Is("visit") && !entries.empty()) entries.pop_back();
    if (Is("order") && entries.size() > 1) std::swap(entries[0], entries[1]);
    for (const auto& [key, value] : entries) visitor(key, value);
  }
};

class WrongTimerQueue final : public TimerQueue {
 public:
  WrongTimerQueue(std::string wrong, TimerQueue& right) : wrong_(std::move(wrong)), right_(right) {}
  bool Add(Timer timer) override { return right_.Add(std::move(timer)) && wrong_ != "timers add"; }
  bool Remove(const Timer& timer) override { return right_.Remove(timer) && wrong_ != "timers remove"; }
  const Timer* Head() override { return wrong_ == "timers head" ? nullptr : right_.Head(); }
  void Pop() override {
    if (wrong_ != "timers pop") right_.Pop();
  }
  size_t size() const override { return right_.size() + (wrong_ == "timers size" ? 1 : 0); }

 private:
  const std::string wrong_;
  TimerQueue& right_;
};

class WrongBackend final : public KeyedStateBackend {
 public:
  WrongBackend(const TypeSerializer& key_type, KeyGroupRange range, uint32_t max_parallelism,
               std::string wrong)
      : KeyedStateBackend(key_type, range, max_parallelism),
        wrong_(std::move(wrong)),
        right_(key_type, range, max_parallelism) {}

  absl::StatusOr<ValueStore*> RegisterValue(const StateSpec& spec) override {
    if (wrong_ == "value register") return absl::FailedPreconditionError("not today");
    return values_
        .emplace_back(std::make_unique<WrongValueStore>("value", wrong_, *right_.RegisterValue(spec).value()))
        .get();
  }
  absl::StatusOr<ListStore*> RegisterList(const StateSpec& spec) override {
    return lists_
        .emplace_back(std::make_unique<WrongListStore>("list", wrong_, *right_.RegisterList(spec).value()))
        .get();
  }
  absl::StatusOr<MapStore*> RegisterMap(const StateSpec& spec) override {
    return maps_
        .emplace_back(std::make_unique<WrongMapStore>("map", wrong_, *right_.RegisterMap(spec).value()))
        .get();
  }
  absl::StatusOr<TimerQueue*> RegisterTimers(const std::string& name,
                                             const TypeSerializer* name_space) override {
    return queues_
        .emplace_back(
            std::make_unique<WrongTimerQueue>(wrong_, *right_.RegisterTimers(name, name_space).value()))
        .get();
  }
  std::vector<KeyRef> KeysOf(absl::string_view state, absl::string_view name_space) override {
    std::vector<KeyRef> keys = right_.KeysOf(state, name_space);
    if (wrong_ == "backend keys" && !keys.empty()) keys.pop_back();
    return keys;
  }
  size_t entry_count() const override { return right_.entry_count() + (wrong_ == "backend count" ? 1 : 0); }
  std::unique_ptr<KeyedSnapshotWriter> Snapshot(const WitnessOf& witness) override {
    if (wrong_ == "backend snapshot" && !lists_.empty()) lists_.front()->Clear();
    return right_.Snapshot(witness);
  }
  absl::Status Restore(const KeyedHandle& handle, absl::string_view bytes,
                       const RestoreWitness& witness) override {
    if (wrong_ == "backend restore") return absl::DataLossError("unreadable");
    return right_.Restore(handle, bytes, witness);
  }

 protected:
  void OnKeyLeft() override { right_.ClearCurrentKey(); }
  void OnKeyEntered() override { right_.SetCurrentKey(current_key(), current_key_group()); }

 private:
  const std::string wrong_;
  HeapKeyedBackend right_;
  std::vector<std::unique_ptr<WrongValueStore>> values_;
  std::vector<std::unique_ptr<WrongListStore>> lists_;
  std::vector<std::unique_ptr<WrongMapStore>> maps_;
  std::vector<std::unique_ptr<WrongTimerQueue>> queues_;
};

}  // namespace weir

#endif  // WEIR_TESTS_STATE_WRONG_BACKEND_H_
