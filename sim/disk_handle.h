// Licensed under the Apache License, Version 2.0.
//
// What one process incarnation holds of its node's disk: LocalStore with costs, fault points and a fence. Each fault
// point lies before its effect.
#ifndef WEIR_SIM_DISK_HANDLE_H_
#define WEIR_SIM_DISK_HANDLE_H_

#include <string>
#include <vector>

#include "runtime/env/local_store.h"
#include "sim/sim_disk.h"

namespace weir::sim {

class SimProcess;

class DiskHandle : public LocalStore {
 public:
  // Both outlive the handle.
  DiskHandle(SimDisk& disk, SimProcess& process) : disk_(disk), process_(process) {}

  // From every call: kAborted once fenced; kUnavailable while the disk fails; kInvalidArgument for a path that is empty,
  // begins or ends with '/', or has a part "." or "..".
  absl::Status Append(absl::string_view path, absl::string_view bytes) override;
  absl::Status Write(absl::string_view path, absl::string_view bytes) override;
  absl::StatusOr<std::string> Read(absl::string_view path) override;
  absl::StatusOr<std::string> ReadAt(absl::string_view path, uint64_t offset, uint64_t length) override;
  absl::StatusOr<uint64_t> Size(absl::string_view path) override;
  absl::Status Sync(absl::string_view path) override;
  absl::Status SyncNames() override;
  absl::Status Rename(absl::string_view from, absl::string_view to) override;
  absl::Status Link(absl::string_view from, absl::string_view to) override;
  absl::Status Delete(absl::string_view path) override;
  absl::StatusOr<std::vector<std::string>> List(absl::string_view prefix) override;

 private:
  absl::Status Begin(Duration cost);
  absl::Status BeginOn(absl::string_view path, Duration cost);
  absl::Status BeginOnFile(absl::string_view path, Duration cost);
  absl::Status Put(absl::string_view path, absl::string_view bytes, bool replaces);

  SimDisk& disk_;
  SimProcess& process_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_DISK_HANDLE_H_
