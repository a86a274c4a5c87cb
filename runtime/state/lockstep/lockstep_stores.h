// Licensed under the Apache License, Version 2.0.
//
// Stores and queues of timers in lockstep: each call goes to the leader's and then to the follower's, and what both answer
// is compared. What is returned is the leader's, with its lifetime; values that are handed over are copied for the
// follower.
//
// Free, and so not compared, of a state with a time to live: whether a map is empty, since that counts what has expired.
#ifndef WEIR_RUNTIME_STATE_LOCKSTEP_LOCKSTEP_STORES_H_
#define WEIR_RUNTIME_STATE_LOCKSTEP_LOCKSTEP_STORES_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/state/lockstep/answer_form.h"
#include "runtime/state/lockstep/comparison.h"

namespace weir {

// What every kind of store has.
class LockstepState {
 public:
  // `comparison` outlives it.
  LockstepState(Comparison& comparison, const StateSpec& spec) : comparison_(comparison), form_(spec) {}
  virtual ~LockstepState() = default;
  LockstepState(const LockstepState&) = delete;
  LockstepState& operator=(const LockstepState&) = delete;

  const AnswerForm& form() const { return form_; }
  // With the interface of its kind.
  virtual StateStore& store() = 0;

 protected:
  // "key 17", with the namespace.
  std::string Of() const { return comparison_.CurrentKey(form_.spec().name_space, namespace_); }
  bool HasAnswered(absl::string_view operation);
  // Both have done `operation`, which answers nothing: what the next read says may be its fault.
  void Wrote(absl::string_view operation);
  void Merged(absl::string_view target, absl::Span<const std::string> sources);
  // Two values, or whole lists.
  void Compare(absl::string_view operation, const void* leader, const void* follower,
               absl::string_view user_key = {});
  void CompareTexts(absl::string_view operation, absl::string_view leader, absl::string_view follower);
  std::string History() const;

  Comparison& comparison_;
  AnswerForm form_;
  std::string namespace_ = std::string(kVoidNamespaceBytes);

 private:
  using KeyAndNamespace = std::pair<std::string, std::string>;
  std::map<KeyAndNamespace, std::pair<absl::string_view, uint64_t>> last_writes_;  // operation, access
};

// What StateStore asks of all of them.
template <typename Store>
class LockstepStore : public Store, public LockstepState {
 public:
  // The two outlive it. `follower` may be null where nothing is compared any more.
  LockstepStore(Comparison& comparison, const StateSpec& spec, Store& leader, Store* follower)
      : LockstepState(comparison, spec), leader_(leader), follower_(follower) {}

  void Clear() override {
    leader_.Clear();
    if (!comparison_.Follows()) return;
    follower_->Clear();
    Wrote("clear");
  }
  void SetNamespace(absl::string_view name_space) override {
    namespace_.assign(name_space.data(), name_space.size());
    leader_.SetNamespace(name_space);
    if (comparison_.is_on()) follower_->SetNamespace(name_space);
  }
  void EnableTtl(const TtlPolicy& policy) override {
    const TtlPolicy watched = form_.EnableTtl(policy);
    leader_.EnableTtl(watched);
    if (comparison_.is_on()) follower_->EnableTtl(watched);
  }
  void Fail(const absl::Status& cause) override {
    leader_.Fail(cause);
    comparison_.Follows();
  }
  void Sweep(uint32_t entries) override {
    leader_.Sweep(entries);
    if (!comparison_.Follows()) return;
    follower_->Sweep(entries);
    HasAnswered("sweep");
  }
  // Each backend merges in its own way; `fold` is called for both.
  void MergeNamespaces(absl::string_view target, absl::Span<const std::string> sources,
                       StateStore::Fold fold) override {
    leader_.MergeNamespaces(target, sources, fold);
    if (!comparison_.Follows()) return;
    follower_->MergeNamespaces(target, sources, fold);
    Merged(target, sources);
  }
  StateStore& store() override { return *this; }

 protected:
  Store& leader_;
  Store* const follower_;
};

class LockstepValueStore final : public LockstepStore<ValueStore> {
 public:
  LockstepValueStore(Comparison& comparison, const StateSpec& spec, ValueStore& leader, ValueStore* follower)
      : LockstepStore(comparison, spec, leader, follower), copy_(*spec.value) {}
  const void* Find() override;
  void Put(void* value) override;
  void* Edit() override;
  void Edited() override;

 private:
  ErasedValue copy_;
  void* leader_edits_ = nullptr;  // what Edit gave
  void* follower_edits_ = nullptr;
};

class LockstepListStore final : public LockstepStore<ListStore> {
 public:
  LockstepListStore(Comparison& comparison, const StateSpec& spec, ListStore& leader, ListStore* follower)
      : LockstepStore(comparison, spec, leader, follower), copy_(*spec.list) {}
  const void* Find() override;
  void Add(const void* element) override;
  void Put(void* list) override;

 private:
  ErasedValue copy_;
};

class LockstepMapStore final : public LockstepStore<MapStore> {
 public:
  LockstepMapStore(Comparison& comparison, const StateSpec& spec, MapStore& leader, MapStore* follower)
      : LockstepStore(comparison, spec, leader, follower), copy_(*spec.value) {}
  const void* Find(absl::string_view user_key) override;
  void Put(absl::string_view user_key, void* value) override;
  void Remove(absl::string_view user_key) override;
  bool IsEmpty() override;
  void Visit(Visitor visitor) override;

 private:
  struct MapEntry {
    std::string user_key;
    std::string value;
    int64_t timestamp = 0;
    bool operator==(const MapEntry&) const = default;
  };
  // False: it cannot be serialised.
  bool Keep(absl::string_view user_key, const void* value, std::vector<MapEntry>& entries) const;

  ErasedValue copy_;
};

class LockstepTimerQueue final : public TimerQueue {
 public:
  // As a LockstepStore. `name_space` null: the void namespace.
  LockstepTimerQueue(Comparison& comparison, std::string name, const TypeSerializer* name_space,
                     TimerQueue& leader, TimerQueue* follower);
  bool Add(Timer timer) override;
  bool Remove(const Timer& timer) override;
  const Timer* Head() override;
  void Pop() override;
  size_t size() const override;

  const TypeSerializer* name_space() const { return name_space_; }

 private:
  std::string TextOf(const Timer* timer) const;
  void Compare(absl::string_view operation, const Timer& timer, bool leader, bool follower);

  Comparison& comparison_;
  const std::string name_;
  const TypeSerializer* const name_space_;
  TimerQueue& leader_;
  TimerQueue* const follower_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_LOCKSTEP_LOCKSTEP_STORES_H_
