#include "runtime/state/rocksdb/rocks_timer_queue.h"

#include <iterator>
#include <utility>

#include "runtime/base/status.h"

namespace weir {

RocksTimerQueue::RocksTimerQueue(ColumnFamily& family, const Layout& layout, OnError on_error)
    : family_(family), layout_(layout), on_error_(std::move(on_error)), groups_(layout.range.size()) {}

std::string RocksTimerQueue::PrefixOf(KeyGroup group) const {
  ByteWriter prefix;
  AppendKeyGroup(prefix, layout_.max_parallelism, group);
  return prefix.Take();
}

std::string RocksTimerQueue::KeyOf(const Timer& timer) const {
  ByteWriter key;
  AppendKeyGroup(key, layout_.max_parallelism, timer.key_group);
  AppendTimerElement(key, timer);
  return key.Take();
}

absl::Status RocksTimerQueue::Load(bool checks_all) {
  heads_.clear();
  for (uint32_t i = 0; i < layout_.range.size(); ++i) {
    const KeyGroup key_group(static_cast<uint16_t>(layout_.range.first + i));
    groups_[i] = Group();
    WEIR_RETURN_IF_ERROR(Fill(groups_[i], key_group, PrefixOf(key_group)));
    if (!groups_[i].first.empty()) heads_.insert(*groups_[i].first.begin());
  }
  if (!checks_all) return absl::OkStatus();
  FamilyIterator entries = family_.IterateAll();
  for (; entries.Valid(); entries.Next()) {
    ByteReader reader(entries.key());
    const KeyGroup group = ReadKeyGroup(reader, layout_.max_parallelism);
    WEIR_RETURN_IF_ERROR(ParseTimerElement(reader.Rest(), group, *layout_.key, layout_.name_space).status());
  }
  return entries.status();
}

absl::Status RocksTimerQueue::Fill(Group& group, KeyGroup key_group, const std::string& from) {
  const std::string prefix = PrefixOf(key_group);
  FamilyIterator entries = family_.IteratePrefix(prefix);
  // Deleted timers before it would only be passed over.
  if (from != prefix) entries.Seek(from);
  for (; entries.Valid() && group.first.size() < kCachedMax; entries.Next()) {
    WEIR_ASSIGN_OR_RETURN(Timer timer, ParseTimerElement(entries.key().substr(prefix.size()), key_group,
                                                         *layout_.key, layout_.name_space));
    group.first.insert(group.first.end(), std::move(timer));
  }
  WEIR_RETURN_IF_ERROR(entries.status());
  group.is_whole = !entries.Valid();
  return absl::OkStatus();
}

bool RocksTimerQueue::Covers(const Group& group, const Timer& timer) {
  return group.is_whole || timer < *group.first.rbegin();
}

bool RocksTimerQueue::Exists(const Group& group, const Timer& timer, const std::string& key) {
  if (group.first.count(timer) != 0) return true;
  if (Covers(group, timer)) return false;
  std::string value;
  const absl::StatusOr<bool> found = family_.Get(key, &value);
  if (!found.ok()) on_error_(found.status());
  return found.ok() && *found;
}

bool RocksTimerQueue::Add(Timer timer) {
  Group& group = GroupOf(timer);
  const std::string key = KeyOf(timer);
  if (Exists(group, timer, key)) return false;
  if (absl::Status status = family_.Put(key, {}); !status.ok()) on_error_(status);
  if (!Covers(group, timer)) return true;
  if (group.first.empty() || timer < *group.first.begin()) {
    if (!group.first.empty()) heads_.erase(*group.first.begin());
    heads_.insert(timer);
  }
  group.first.insert(std::move(timer));
  if (group.first.size() > kCachedMax) {
    group.first.erase(std::prev(group.first.end()));
    group.is_whole = false;
  }
  return true;
}

void RocksTimerQueue::Erase(Group& group, const Timer& timer, const std::string& key) {
  if (absl::Status status = family_.Delete(key); !status.ok()) on_error_(status);
  const auto at = group.first.find(timer);
  if (at == group.first.end()) return;
  const bool was_head = at == group.first.begin();
  if (was_head) heads_.erase(*at);
  group.first.erase(at);
  if (group.first.empty() && !group.is_whole) {
    // All others lie behind the one that was the last of the cached.
    if (absl::Status status = Fill(group, timer.key_group, key); !status.ok()) {
      group.is_whole = true;
      on_error_(status);
    }
  }
  if (was_head && !group.first.empty()) heads_.insert(*group.first.begin());
}

bool RocksTimerQueue::Remove(const Timer& timer) {
  Group& group = GroupOf(timer);
  const std::string key = KeyOf(timer);
  if (!Exists(group, timer, key)) return false;
  Erase(group, timer, key);
  return true;
}

const Timer* RocksTimerQueue::Head() { return heads_.empty() ? nullptr : &*heads_.begin(); }

void RocksTimerQueue::Pop() {
  const Timer timer = *heads_.begin();
  Erase(GroupOf(timer), timer, KeyOf(timer));
}

size_t RocksTimerQueue::size() const {
  size_t count = 0;
  for (uint32_t i = 0; i < layout_.range.size(); ++i) {
    const Group& group = groups_[i];
    if (group.is_whole) {
      count += group.first.size();
      continue;
    }
    const KeyGroup key_group(static_cast<uint16_t>(layout_.range.first + i));
    for (FamilyIterator entries = family_.IteratePrefix(PrefixOf(key_group)); entries.Valid(); entries.Next())
      ++count;
  }
  return count;
}

}  // namespace weir
