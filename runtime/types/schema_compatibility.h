// Licensed under the Apache License, Version 2.0.
//
// What becomes of state whose serializer has changed: Flink's verdicts, from the snapshot that lies
// in the state and the one that the program would write now. Backends ask Resolve, then CheckRole,
// and rewrite the values (migration.h) unless they are compatible as they are.
//
//   struct     same class, or incompatible; a field added or removed: after migration; another type
//              of a field: that type's verdict; other subclasses: after reconfiguration
//   enum       same class, or incompatible; constants added or moved: after reconfiguration; one
//              removed or renamed: incompatible
//   composite  same class, number of parts, tuple class and padding, or incompatible; another row
//              kind or null mask: after migration; else the worst of the parts
//   simple     the same, or incompatible
//   ttl        a time to live set or dropped: incompatible, as before Flink 2.0; after migration where
//              the new serializer is TtlAware
// Versions of one snapshot class are compatible. What is not understood is compatible with itself.
#ifndef WEIR_RUNTIME_TYPES_SCHEMA_COMPATIBILITY_H_
#define WEIR_RUNTIME_TYPES_SCHEMA_COMPATIBILITY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "runtime/types/serializer_snapshot.h"

namespace weir {

// From good to bad.
enum class SchemaVerdict : uint8_t {
  kCompatibleAsIs,        // the bytes are what the program writes
  kAfterReconfiguration,  // Flink keeps the bytes and adapts the serializer; here indices of enums are
                          // rewritten
  kAfterMigration,        // the bytes must be rewritten
  kIncompatible,
};
absl::string_view SchemaVerdictName(SchemaVerdict verdict);  // "compatible after migration"

struct Compatibility {
  SchemaVerdict verdict = SchemaVerdict::kCompatibleAsIs;
  // Why it is no better: "field balance: Long became String". "" if as is.
  std::string reason;
};

Compatibility Resolve(const SerializerSnapshot& before, const SerializerSnapshot& now);

// What a serializer is for decides which verdicts are good enough.
enum class SerializerRole : uint8_t {
  kKey,              // as is or after reconfiguration: key groups and lookups depend on the bytes
  kNamespace,        // the same
  kTimer,            // the same
  kUserKey,          // of a map state: all but incompatible, where the state lies on the heap
  kUserKeyOnDisk,    // as is or after reconfiguration: only values are rewritten
  kValue,            // and so on: all but incompatible
  kOperatorElement,  // of a list or union state
  kBroadcastKey,
  kBroadcastValue,
};

// OK, or kFailedPrecondition: "the new key serializer Tuple1<Long> must be compatible with the
// previous Tuple1<Int>, but is incompatible: field f0: Int became Long".
absl::Status CheckRole(SerializerRole role, const SerializerSnapshot& before, const SerializerSnapshot& now);

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_SCHEMA_COMPATIBILITY_H_
