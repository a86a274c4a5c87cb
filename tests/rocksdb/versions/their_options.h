// Licensed under the Apache License, Version 2.0.
//
// The files of a snapshot as a RocksDB writes them that nobody told how: its own default options, as a job of another
// engine may have them.
#ifndef WEIR_TESTS_ROCKSDB_VERSIONS_THEIR_OPTIONS_H_
#define WEIR_TESTS_ROCKSDB_VERSIONS_THEIR_OPTIONS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace weir {

// By local name, without anything that is no part of a checkpoint.
using DatabaseFiles = std::map<std::string, std::string>;

// Writes `files` into `folder` of this machine (which is emptied first), opens them with default options, writes
// every table anew, and returns what is there then.
absl::StatusOr<DatabaseFiles> WithTheirOptions(const std::string& folder, const DatabaseFiles& files);

// "9.10.0": the RocksDB that this program was compiled for.
std::string RocksVersion();

}  // namespace weir

#endif  // WEIR_TESTS_ROCKSDB_VERSIONS_THEIR_OPTIONS_H_
