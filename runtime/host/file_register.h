// Licensed under the Apache License, Version 2.0.
//
// Register as one file for each key in one folder, which several processes of a machine may share:
// every request holds a lock on the folder (flock), so they are linearizable; a swap writes a
// temporary file and renames it.
#ifndef WEIR_RUNTIME_HOST_FILE_REGISTER_H_
#define WEIR_RUNTIME_HOST_FILE_REGISTER_H_

#include <string>

#include "runtime/env/executor.h"
#include "runtime/env/register.h"

namespace weir::host {

class FileRegister : public Register {
 public:
  // `folder` is created if there is none.
  FileRegister(Executor& executor, std::string folder);

  void Read(ActorId actor, std::string key, Got got) override;
  void CompareAndSet(ActorId actor, std::string key, uint64_t expected, std::string value, Got got) override;

 private:
  absl::StatusOr<Versioned> ReadNow(absl::string_view key) const;
  absl::StatusOr<Versioned> SwapNow(absl::string_view key, uint64_t expected, std::string value);

  Executor& executor_;
  const std::string folder_;
};

}  // namespace weir::host

#endif  // WEIR_RUNTIME_HOST_FILE_REGISTER_H_
