// Licensed under the Apache License, Version 2.0.
//
// The canonical keyed-state stream: what Flink writes for savepoints since 1.13 whatever the
// backend, and Weir for its checkpoints too. A header (key serializer and registered states), then
// the key groups one after another, each a run of entries per state. Written uncompressed.
#ifndef WEIR_RUNTIME_FORMAT_KEYED_STATE_H_
#define WEIR_RUNTIME_FORMAT_KEYED_STATE_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "runtime/base/codec.h"
#include "runtime/format/composite_key.h"
#include "runtime/format/state_meta.h"

namespace weir {

struct KeyedStateHeader {
  bool is_compressed = false;
  SerializerSnapshot key;
  std::vector<StateMeta> states;  // id of a state = index here; at most 32767
  bool operator==(const KeyedStateHeader&) const = default;
};

absl::Status WriteKeyedStateHeader(const KeyedStateHeader& header, ByteWriter& writer);
// Leaves `reader` at the first byte behind the header.
absl::StatusOr<KeyedStateHeader> ReadKeyedStateHeader(ByteReader& reader);

struct KeyedStateStream {
  std::string bytes;
  KeyGroupRange range;
  std::vector<int64_t> offsets;  // of each key group of `range` in `bytes`; 0: empty
};

// Writes one stream: key groups in ascending order, in each of them the entries of one state after the
// other's, and Finish once at the end. Order of states and of entries is the caller's: sort by state id
// and key, so that equal state gives equal bytes.
class KeyedStateWriter {
 public:
  // kInvalidArgument if the header cannot be written.
  static absl::StatusOr<KeyedStateWriter> Create(const KeyedStateHeader& header, KeyGroupRange range,
                                                 uint32_t max_parallelism);
  // REQUIRES: within the range and above the one before. A key group without entries may be left
  // out.
  void BeginKeyGroup(KeyGroup key_group);
  // `key`: composite key bytes, key-group prefix included. `value`: as the state's type lays it
  // out.
  void Add(size_t state_id, absl::string_view key, absl::string_view value);
  KeyedStateStream Finish();

 private:
  KeyedStateWriter() = default;
  void EndKeyGroup();
  uint8_t MarkedFirstByte() const;

  // Constant after Create.
  KeyGroupRange range_;
  int prefix_bytes_ = 1;
  size_t state_count_ = 0;
  // Mutable.
  ByteWriter writer_;
  std::vector<int64_t> offsets_;
  int64_t key_group_ = -1;
  int64_t state_id_ = -1;   // of the entry before, -1 at the start of a key group
  size_t last_key_at_ = 0;  // where that entry's key begins: its top bit marks the end of a run
};

// An entry of the stream; the views are valid during the visit only.
struct KeyedStateEntry {
  KeyGroup key_group;
  size_t state_id = 0;
  absl::string_view key;  // composite, prefix included
  absl::string_view value;
};
using KeyedStateVisitor = absl::FunctionRef<absl::Status(const KeyedStateEntry&)>;

class KeyedStateReader {
 public:
  // `bytes` must outlive the reader. `range` and `offsets` are those of the handle. kDataLoss for a
  // damaged header or offsets out of range, kUnimplemented for compressed state or an unknown
  // serializer.
  static absl::StatusOr<KeyedStateReader> Open(absl::string_view bytes, KeyGroupRange range,
                                               absl::Span<const int64_t> offsets, uint32_t max_parallelism);
  const KeyedStateHeader& header() const { return header_; }

  // Visits every entry of the key groups in `wanted`, in file order. Stops at the visitor's first
  // error. kDataLoss says the state, the key group and the offset.
  absl::Status Visit(KeyGroupRange wanted, KeyedStateVisitor visitor) const;
  absl::Status VisitAll(KeyedStateVisitor visitor) const { return Visit(range_, visitor); }

 private:
  KeyedStateReader() = default;
  // An entry as it lies in the stream. `key` without the mark: in `unmarked`, if there was one.
  struct RawEntry {
    absl::string_view key;
    absl::string_view value;
    bool is_last_of_run = false;
    std::string unmarked;
  };
  absl::Status ReadEntry(ByteReader& reader, KeyGroup key_group, RawEntry* entry) const;
  absl::Status VisitKeyGroup(KeyGroup key_group, int64_t offset, KeyedStateVisitor visitor) const;

  absl::string_view bytes_;
  KeyGroupRange range_;
  std::vector<int64_t> offsets_;
  int prefix_bytes_ = 1;
  size_t header_end_ = 0;
  KeyedStateHeader header_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_FORMAT_KEYED_STATE_H_
