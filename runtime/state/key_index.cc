#include "runtime/state/key_index.h"

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/base/stable_hash.h"

namespace weir {

uint32_t KeyIndex::Find(absl::string_view key) const {
  if (slots_.empty()) return kNoKey;
  const uint64_t hash = StableHash64(key);
  for (size_t slot = Home(hash); slots_[slot] != kNoKey; slot = (slot + 1) & (slots_.size() - 1)) {
    const Key& candidate = keys_[slots_[slot]];
    if (candidate.hash == hash && candidate.bytes == key) return slots_[slot];
  }
  return kNoKey;
}

uint32_t KeyIndex::Intern(absl::string_view key, KeyGroup key_group) {
  const uint32_t found = Find(key);
  if (found != kNoKey) return found;
  if ((size() + 1) * 2 > slots_.size()) Grow();
  uint32_t number = static_cast<uint32_t>(keys_.size());
  if (free_.empty()) {
    keys_.emplace_back();
  } else {
    number = free_.back();
    free_.pop_back();
  }
  const uint64_t hash = StableHash64(key);
  keys_[number] = Key{std::string(key), hash, key_group, 0, true};
  size_t slot = Home(hash);
  while (slots_[slot] != kNoKey) slot = (slot + 1) & (slots_.size() - 1);
  slots_[slot] = number;
  fresh_.push_back(number);
  return number;
}

void KeyIndex::Remove(uint32_t number) {
  WEIR_CHECK(keys_[number].in_use && keys_[number].uses == 0);
  const size_t mask = slots_.size() - 1;
  size_t hole = Home(keys_[number].hash);
  while (slots_[hole] != number) hole = (hole + 1) & mask;
  // Entries behind the hole move up unless they sit between their home and the hole already.
  for (size_t next = (hole + 1) & mask; slots_[next] != kNoKey; next = (next + 1) & mask) {
    const size_t home = Home(keys_[slots_[next]].hash);
    if (((next - home) & mask) < ((next - hole) & mask)) continue;
    slots_[hole] = slots_[next];
    hole = next;
  }
  slots_[hole] = kNoKey;
  ++removed_;
}

void KeyIndex::Recycle(uint32_t number) {
  WEIR_CHECK(keys_[number].in_use && removed_ > 0);
  keys_[number] = Key();
  free_.push_back(number);
  --removed_;
  must_sort_ = true;
}

void KeyIndex::Grow() {
  std::vector<uint32_t> numbers;
  for (uint32_t slot : slots_) {
    if (slot != kNoKey) numbers.push_back(slot);
  }
  slots_.assign(std::max<size_t>(16, slots_.size() * 2), kNoKey);
  for (uint32_t number : numbers) {
    size_t slot = Home(keys_[number].hash);
    while (slots_[slot] != kNoKey) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = number;
  }
}

bool KeyIndex::Precedes(uint32_t a, uint32_t b) const {
  if (keys_[a].key_group != keys_[b].key_group) return keys_[a].key_group < keys_[b].key_group;
  return keys_[a].bytes < keys_[b].bytes;
}

const std::vector<uint32_t>& KeyIndex::Sorted() {
  const auto precedes = [this](uint32_t a, uint32_t b) { return Precedes(a, b); };
  if (must_sort_) {
    sorted_.clear();
    fresh_.clear();
    for (uint32_t number = 0; number < keys_.size(); ++number) {
      if (keys_[number].in_use) fresh_.push_back(number);
    }
    must_sort_ = false;
  }
  std::sort(fresh_.begin(), fresh_.end(), precedes);
  const auto middle = static_cast<std::ptrdiff_t>(sorted_.size());
  sorted_.insert(sorted_.end(), fresh_.begin(), fresh_.end());
  std::inplace_merge(sorted_.begin(), sorted_.begin() + middle, sorted_.end(), precedes);
  fresh_.clear();
  return sorted_;
}

}  // namespace weir
