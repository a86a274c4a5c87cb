// Licensed under the Apache License, Version 2.0.
//
// What a state handle (value_state.h, list_state.h, ...) talks to: one registered state of one subtask, whatever the
// backend. Access means the backend's current key and the store's current namespace. Values are passed by address, as
// the serializers of the state say; what is returned stays valid until the next access of the same store.
//
//   ValueStore   VALUE, REDUCING (T) and AGGREGATING (the accumulator)
//   ListStore    LIST: a std::vector<T>, never empty
//   MapStore     MAP: values by their user key's bytes, in the order of these bytes
//
// Without a current key nothing is found and nothing is stored, and the backend remembers the error.
//
// A handle without a store has no backend to tell: it throws StateNotObtained, which fails the task like any exception of
// the user's code.
#ifndef WEIR_RUNTIME_STATE_STATE_STORE_H_
#define WEIR_RUNTIME_STATE_STATE_STORE_H_

#include <cstdint>
#include <stdexcept>
#include <string>

#include "absl/base/attributes.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "runtime/env/clock.h"
#include "runtime/format/composite_key.h"
#include "runtime/format/state_meta.h"

namespace weir {

// A state as it is asked for.
struct StateSpec {
  std::string name;
  KeyedStateType type = KeyedStateType::kValue;
  const TypeSerializer* value = nullptr;       // of the value, element, accumulator or map value
  const TypeSerializer* list = nullptr;        // kList: of the whole list
  const TypeSerializer* user_key = nullptr;    // kMap
  const TypeSerializer* name_space = nullptr;  // null: the void namespace

  // Of a value, or of the whole list or map.
  SerializerSnapshot ValueSnapshot() const;
  StateMeta ToMeta() const;
};

// How the values of a state with a time to live expire (ttl.h). They are TtlValue<T>: `timestamp_of` reads theirs.
struct TtlPolicy {
  int64_t ttl_millis = 0;
  int64_t (*timestamp_of)(const void* value) = nullptr;
  const Clock* clock = nullptr;
  bool cleans_snapshots = false;  // expired values are left out of snapshots
  uint32_t swept_entries = 0;     // looked at for each access; 0: no incremental clean-up
  bool sweeps_every_record = false;
  bool cleans_files = false;  // expired values are left out of compacted files

  bool IsExpired(const void* value, int64_t now) const { return IsExpiredAt(timestamp_of(value), now); }
  bool IsExpiredAt(int64_t timestamp, int64_t now) const;
  int64_t Now() const { return clock->WallNow().millis; }
};

// A handle was accessed that GetState never gave, or gave for a state that it refused (then that is what counts: the
// backend remembers it).
class StateNotObtained : public std::logic_error {
 public:
  // `kind`: "ValueState"; `how`: "GetState(descriptor) in Open".
  StateNotObtained(absl::string_view kind, absl::string_view how);
};
[[noreturn]] void ThrowStateNotObtained(absl::string_view kind, absl::string_view how);

class StateStore {
 public:
  // Lives while a user's function works inside of the state: visits it, changes a value in place. What the function was
  // given would be gone with any other access, on one backend or another.
  class Loan {
   public:
    explicit Loan(StateStore& store) : store_(store) { store_.is_lent_ = true; }
    ~Loan() { store_.is_lent_ = false; }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

   private:
    StateStore& store_;
  };
  // For handles, before each access: false, and an error of the backend, during a loan.
  bool MayAccess() { return __builtin_expect(!is_lent_, 1) || RefuseLoan(); }

  virtual ~StateStore() = default;
  virtual void Clear() = 0;
  // From now on access means this namespace, as its serialised bytes.
  virtual void SetNamespace(absl::string_view name_space) = 0;
  // Before the first access.
  virtual void EnableTtl(const TtlPolicy& policy) = 0;
  // What a handle found wrong: the backend remembers it.
  virtual void Fail(const absl::Status& cause) = 0;
  // Looks at the next entries in turn, over all keys, and drops what has expired in them.
  virtual void Sweep(uint32_t entries) = 0;

  // Takes away what the current key has in `sources`, folds it together in their order, and folds that into what it has
  // in `target`, last; where it has nothing there, that is it. Namespaces are serialised bytes; `target` may be one of the
  // sources. What access means stays as it was.
  using Fold = absl::FunctionRef<void(void* into, const void* other)>;
  virtual void MergeNamespaces(absl::string_view target, absl::Span<const std::string> sources,
                               Fold fold) = 0;

 private:
  bool RefuseLoan();

  bool is_lent_ = false;
};

// For handles, before each access: whether it may go on, as MayAccess. Throws StateNotObtained if there is no store.
template <typename Store>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline bool MayAccess(Store* store, const char* kind) {
  if (__builtin_expect(store == nullptr, 0)) ThrowStateNotObtained(kind, "GetState(descriptor) in Open");
  return store->MayAccess();
}

class ValueStore : public StateStore {
 public:
  virtual const void* Find() = 0;
  // Moves from *value.
  virtual void Put(void* value) = 0;
  // The stored value, to be changed in place and then told to Edited(); null if there is none.
  virtual void* Edit() = 0;
  virtual void Edited() = 0;
};

class ListStore : public StateStore {
 public:
  virtual const void* Find() = 0;
  // Copies *element behind the others.
  virtual void Add(const void* element) = 0;
  // Moves from *list; an empty one clears.
  virtual void Put(void* list) = 0;
};

class MapStore : public StateStore {
 public:
  using Visitor = absl::FunctionRef<void(absl::string_view user_key, const void* value)>;
  virtual const void* Find(absl::string_view user_key) = 0;
  // Moves from *value.
  virtual void Put(absl::string_view user_key, void* value) = 0;
  // No effect if there is none. The last one takes the whole entry with it.
  virtual void Remove(absl::string_view user_key) = 0;
  virtual bool IsEmpty() = 0;
  // The visitor must not access the state.
  virtual void Visit(Visitor visitor) = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_STATE_STORE_H_
