// Licensed under the Apache License, Version 2.0.
//
// Gives each key of a subtask a small dense number, so that the tables of all its states are arrays. A key is its
// serialised bytes. A key that was removed keeps its number, for those who still hold it, until the number is recycled.
#ifndef WEIR_RUNTIME_STATE_KEY_INDEX_H_
#define WEIR_RUNTIME_STATE_KEY_INDEX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "runtime/base/ids.h"

namespace weir {

inline constexpr uint32_t kNoKey = ~0u;

class KeyIndex {
 public:
  // The number of a key, or kNoKey.
  uint32_t Find(absl::string_view key) const;
  // Finds or adds.
  uint32_t Intern(absl::string_view key, KeyGroup key_group);
  // The key is not found any more; its number keeps it until it is recycled. REQUIRES: no uses.
  void Remove(uint32_t number);
  void Recycle(uint32_t number);

  absl::string_view key(uint32_t number) const { return keys_[number].bytes; }
  KeyGroup key_group(uint32_t number) const { return keys_[number].key_group; }
  // How many states hold a value for this key: counted by the backend.
  uint32_t& uses(uint32_t number) { return keys_[number].uses; }
  size_t size() const { return keys_.size() - free_.size() - removed_; }
  uint32_t capacity() const { return static_cast<uint32_t>(keys_.size()); }  // above every number

  // The numbers that have a key, removed ones too, by key group, then by key bytes. A removed key may stand beside its
  // successor.
  const std::vector<uint32_t>& Sorted();

 private:
  struct Key {
    std::string bytes;
    uint64_t hash = 0;
    KeyGroup key_group;
    uint32_t uses = 0;
    bool in_use = false;
  };
  size_t Home(uint64_t hash) const { return hash & (slots_.size() - 1); }
  bool Precedes(uint32_t a, uint32_t b) const;
  void Grow();

  std::vector<Key> keys_;
  std::vector<uint32_t> free_;
  size_t removed_ = 0;            // numbers that keep a removed key
  std::vector<uint32_t> slots_;   // open addressing, linear probing; kNoKey: empty
  std::vector<uint32_t> sorted_;  // valid unless must_sort_; without fresh_
  std::vector<uint32_t> fresh_;   // added since
  bool must_sort_ = false;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_KEY_INDEX_H_
