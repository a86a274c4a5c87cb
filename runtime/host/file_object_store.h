// Licensed under the Apache License, Version 2.0.
//
// DurableStore as one file for each object in one flat folder, which several processes of a machine
// may share. A put writes a temporary file, makes it durable, and gives it its name in one step:
// rename(2) to overwrite, link(2) to create only if absent. Keys are percent-escaped into file
// names; a key whose name is too long for the file system is kInvalidArgument.
#ifndef WEIR_RUNTIME_HOST_FILE_OBJECT_STORE_H_
#define WEIR_RUNTIME_HOST_FILE_OBJECT_STORE_H_

#include <string>

#include "runtime/env/durable_store.h"
#include "runtime/env/executor.h"

namespace weir::host {

class FileObjectStore : public DurableStore {
 public:
  // `folder` is created if there is none.
  FileObjectStore(Executor& executor, std::string folder);

  void Put(ActorId actor, std::string key, const Blob& blob, PutMode mode, Done done) override;
  void Get(ActorId actor, std::string key, Got got) override;
  void Delete(ActorId actor, std::string key, Done done) override;
  void List(ActorId actor, std::string prefix, Listed listed) override;

 private:
  std::string PathOf(absl::string_view key) const;
  absl::Status PutNow(absl::string_view key, const Blob& blob, PutMode mode);
  absl::StatusOr<Blob> GetNow(absl::string_view key) const;
  absl::StatusOr<std::vector<std::string>> ListNow(absl::string_view prefix) const;

  Executor& executor_;
  const std::string folder_;
  uint64_t last_temporary_ = 0;
};

}  // namespace weir::host

#endif  // WEIR_RUNTIME_HOST_FILE_OBJECT_STORE_H_
