#include "runtime/format/state_handle.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"

namespace weir {

int64_t StreamHandle::byte_size() const {
  if (kind == Kind::kInline) return static_cast<int64_t>(bytes.size());
  if (kind == Kind::kKeyGroups && !inner.empty()) return inner[0].byte_size();
  return size;
}

std::string StreamHandle::Place() const {
  return kind == Kind::kInline ? absl::StrCat("state ", path, " in _metadata")
                               : absl::StrCat("state file ", path);
}

StreamHandle StreamHandle::Inline(std::string name, std::string bytes) {
  StreamHandle handle;
  handle.kind = Kind::kInline;
  handle.path = std::move(name);
  handle.bytes = std::move(bytes);
  return handle;
}

StreamHandle StreamHandle::File(std::string uri, int64_t size) {
  StreamHandle handle;
  handle.kind = Kind::kFile;
  handle.path = std::move(uri);
  handle.size = size;
  return handle;
}

StreamHandle StreamHandle::RelativeFile(std::string path, int64_t size) {
  StreamHandle handle = File(std::move(path), size);
  handle.kind = Kind::kRelativeFile;
  return handle;
}

bool KeyedHandle::has_offsets() const {
  return kind == Kind::kKeyGroups || kind == Kind::kKeyGroupsSavepoint || kind == Kind::kKeyGroupsWithId;
}

KeyGroupRange KeyedHandle::range() const {
  const int64_t size_of_range = has_offsets() ? static_cast<int64_t>(offsets.size()) : range_size;
  if (is_null() || size_of_range <= 0) return KeyGroupRange{};
  return {static_cast<uint32_t>(first_key_group), static_cast<uint32_t>(first_key_group + size_of_range - 1)};
}

KeyedHandle KeyedHandle::Intersect(KeyGroupRange wanted) const {
  WEIR_CHECK(has_offsets(), "handle of kind ", static_cast<int>(kind));
  const KeyGroupRange both = range().Intersect(wanted);
  if (both.empty()) return KeyedHandle{};
  KeyedHandle cut = *this;
  const auto begin = offsets.begin() + (both.first - static_cast<uint32_t>(first_key_group));
  cut.offsets.assign(begin, begin + both.size());
  cut.first_key_group = static_cast<int32_t>(both.first);
  return cut;
}

KeyedHandle KeyedHandle::Savepoint(KeyGroupRange range, std::vector<int64_t> offsets, StreamHandle stream) {
  WEIR_CHECK(offsets.size() == range.size(), offsets.size(), " offsets for ", range.size(), " key groups");
  KeyedHandle handle;
  handle.kind = Kind::kKeyGroupsSavepoint;
  handle.first_key_group = static_cast<int32_t>(range.first);
  handle.offsets = std::move(offsets);
  handle.stream = std::move(stream);
  return handle;
}

KeyedHandle KeyedHandle::Checkpoint(KeyGroupRange range, std::vector<int64_t> offsets, StreamHandle stream,
                                    std::string id) {
  KeyedHandle handle = Savepoint(range, std::move(offsets), std::move(stream));
  handle.kind = Kind::kKeyGroupsWithId;
  handle.id = std::move(id);
  return handle;
}

KeyedHandle KeyedHandle::Native(KeyGroupRange range, int64_t checkpoint_id, std::string backend_id,
                                StreamHandle meta) {
  KeyedHandle handle;
  handle.kind = Kind::kRocks;
  handle.first_key_group = static_cast<int32_t>(range.first);
  handle.range_size = static_cast<int32_t>(range.size());
  handle.checkpoint_id = checkpoint_id;
  handle.id = absl::StrCat(backend_id, "-", checkpoint_id);
  handle.backend_id = std::move(backend_id);
  handle.stream = std::move(meta);
  return handle;
}

OperatorHandle OperatorHandle::Partitionable(std::vector<OperatorStateOffsets> states, StreamHandle stream) {
  OperatorHandle handle;
  handle.kind = Kind::kPartitionable;
  handle.states = std::move(states);
  handle.stream = std::move(stream);
  return handle;
}

}  // namespace weir
