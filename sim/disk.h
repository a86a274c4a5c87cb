// Licensed under the Apache License, Version 2.0.
//
// The disk of a node, which survives its processes. Fault model: at a crash each unsynced 512-byte sector of a file
// survives or not by a draw of its own (not only a prefix), lost sectors inside the file read as zeroes; unsynced
// names (create, rename, delete) survive one by one; the disk may be full, slow, fail requests, or return only the first
// half of what is read. Synced bytes are never lost or altered unless FlipBit or FlipAnyBit says so.
#ifndef WEIR_SIM_DISK_H_
#define WEIR_SIM_DISK_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "runtime/base/time.h"

namespace weir::sim {

struct DiskOptions {
  Duration append_cost = Duration::Micros(2);  // per call
  Duration sync_cost = Duration::Micros(200);  // per call
  uint64_t bytes_per_second = 1'000'000'000;
  uint64_t capacity = 1'000'000'000;
};

class Disk {
 public:
  virtual ~Disk() = default;
  // Faults; each stays until ended.
  virtual void SetCapacity(uint64_t bytes) = 0;
  virtual void SetSlowdown(uint32_t factor) = 0;  // multiplies every cost; 1 ends it
  virtual void SetFailing(bool failing) = 0;      // every call: kUnavailable "disk error"
  virtual void SetShortReads(bool is_short) = 0;  // every read: the first half of the bytes
  // Flips one stored bit, synced or not. False if there is no such file or byte.
  virtual bool FlipBit(absl::string_view path, uint64_t offset, uint32_t bit) = 0;
  // The same with bit `position`, modulo their number, of all files in the order of their names. False if there is none.
  virtual bool FlipAnyBit(uint64_t position) = 0;
  virtual uint64_t used() const = 0;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_DISK_H_
