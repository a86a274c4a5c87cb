// Licensed under the Apache License, Version 2.0.
//
// The meta stream of a native RocksDB snapshot. In Flink's it is the header of a keyed stream and nothing else, and that
// is all that Flink reads. Ours has more behind it: what each file of the database was when it was made, so that a damaged
// one is seen, and at the very end the ledger's values by key group, which are not billed.
#ifndef WEIR_RUNTIME_FORMAT_NATIVE_META_H_
#define WEIR_RUNTIME_FORMAT_NATIVE_META_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/format/keyed_state.h"

namespace weir {

struct NativeMeta {
  struct File {
    std::string name;  // local
    uint64_t size = 0;
    uint64_t hash = 0;  // StableHash64 of the content
    bool operator==(const File&) const = default;
  };
  KeyedStateHeader header;
  std::vector<File> files;  // sorted by name; empty if Flink wrote it
  std::vector<std::pair<KeyGroup, std::string>> witness;
  bool operator==(const NativeMeta&) const = default;
};

struct NativeMetaBytes {
  std::string bytes;
  uint64_t unbilled = 0;  // at the end of it
};

// kInvalidArgument: the header cannot be written.
absl::StatusOr<NativeMetaBytes> WriteNativeMeta(const NativeMeta& meta);
// kDataLoss, kUnimplemented (as ReadKeyedStateHeader).
absl::StatusOr<NativeMeta> ReadNativeMeta(absl::string_view bytes);

}  // namespace weir

#endif  // WEIR_RUNTIME_FORMAT_NATIVE_META_H_
