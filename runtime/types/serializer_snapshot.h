// Licensed under the Apache License, Version 2.0.
//
// SerializerSnapshot: what Flink writes about a serializer beside the state, as a tree.
// TypeSerializer::Snapshot() makes one from a C++ type; the readers of keyed and operator state
// find them in real files. Reading is narrow: the families below; any other class is
// kUnimplemented, naming it, because its payload has no length and so hides whatever follows.
#ifndef WEIR_RUNTIME_TYPES_SERIALIZER_SNAPSHOT_H_
#define WEIR_RUNTIME_TYPES_SERIALIZER_SNAPSHOT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/base/codec.h"

namespace weir {

enum class SnapshotFamily : uint8_t {
  kSimple,     // base types, windows, void namespace, Java serialisation: no payload
  kComposite,  // Tuple, List, Map, Set, Nullable, Timer, ...: outer bytes and nested snapshots
  kPojo,       // structs
  kEnum,       // a class and its constants
  kTtlAware,   // since 2.0 around the serializer of a value: whether it has a time to live
  kOpaque,     // bytes of unknown meaning, within a frame of known length
};

struct SerializerSnapshot;

// An entry of a Pojo's map: a field, or a subclass.
struct NamedSnapshot {
  std::string name;
  std::optional<std::string>
      key;  // the key frame as it lies in the file; of a field: declaring class and name
  std::vector<SerializerSnapshot> value;  // one; none if Flink could not load it
  bool operator==(const NamedSnapshot&) const = default;
};

struct SerializerSnapshot {
  std::string class_name;  // of the *snapshot* class
  int32_t version = 0;
  SnapshotFamily family = SnapshotFamily::kSimple;
  std::string type_name;      // kPojo, kEnum, Tuple, GenericArray: the Java class
  int32_t outer_version = 0;  // kComposite
  int32_t outer_value = 0;    // Nullable: length of the padding; Row, LinkedList, TtlAware: a boolean
  std::string legacy_name;    // kSimple, version 2: one ignored string
  std::vector<SerializerSnapshot> nested;  // kComposite, in order; kTtlAware: one
  std::vector<NamedSnapshot> fields;       // kPojo
  std::vector<NamedSnapshot> registered_subclasses;
  std::vector<NamedSnapshot> other_subclasses;
  std::vector<std::string> constants;  // kEnum: ordinal = index here
  std::string opaque;                  // kOpaque

  bool operator==(const SerializerSnapshot&) const = default;
};

// Snapshots that are no C++ type's: of the void namespace, and of Java serialisation.
SerializerSnapshot VoidNamespaceSnapshot();
SerializerSnapshot JavaSerializerSnapshot();

// Appends the leading int 2, class name, version and payload. kInvalidArgument if a name is too
// long for the format.
absl::Status WriteSerializerSnapshot(const SerializerSnapshot& snapshot, ByteWriter& writer);
// kDataLoss with offset for bad bytes, kUnimplemented for a class that is not known; `reader` is
// then of no further use.
absl::StatusOr<SerializerSnapshot> ReadSerializerSnapshot(ByteReader& reader);

// The length that Flink declares for values of this serializer, -1 if variable or not known.
int FixedLengthOf(const SerializerSnapshot& snapshot);
// "Tuple2<Long, String>", "Pojo:com.acme.Account{id:Long, name:String}": for people.
std::string DescribeSnapshot(const SerializerSnapshot& snapshot);

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_SERIALIZER_SNAPSHOT_H_
