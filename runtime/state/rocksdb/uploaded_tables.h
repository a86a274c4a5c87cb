// Licensed under the Apache License, Version 2.0.
//
// Which tables of the database are in the object store already, and so need only be named by the next checkpoint. Pure.
//
// A table may be named as it lies in the store for checkpoint b if b is the newest whose completion this task was told
// of, and if every later checkpoint that was taken since names the same file for it. The first, since nobody keeps the
// files of any other. The second, since one of those may be complete without our having heard, and then b's files are
// kept no longer: if that checkpoint has uploaded the table once more, only that copy is left.
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_UPLOADED_TABLES_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_UPLOADED_TABLES_H_

#include <map>
#include <string>

#include "runtime/base/ids.h"
#include "runtime/format/state_handle.h"

namespace weir {

class UploadedTables {
 public:
  using Handles =
      std::map<std::string, StreamHandle>;  // by name of the table; null: not in a file of its own

  // Null: it must be uploaded.
  const StreamHandle* Find(const std::string& table) const;
  // What a checkpoint names, also what it is still uploading.
  void Add(CheckpointId checkpoint, Handles tables) { taken_[checkpoint] = std::move(tables); }
  // One that is not known here (a savepoint, one of an earlier attempt) changes nothing.
  void OnComplete(CheckpointId checkpoint);
  void OnAborted(CheckpointId checkpoint);

 private:
  std::map<CheckpointId, Handles> taken_;  // the newest complete one, and all later ones
  CheckpointId complete_;                  // 0: none
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_UPLOADED_TABLES_H_
