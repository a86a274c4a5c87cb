// Licensed under the Apache License, Version 2.0.
//
// The disk of one node (fault model: disk.h; what a crash leaves: runtime/env/local_store.h). The living process sees
// every operation at once; but each one happens at an instant, and of those that lie after a crash nothing remains.
//
// A file is an inode that only grows: Write gives the file a new inode. What may still be lost is marks in the inode
// (sizes, with the instant from which they held) and a journal of changed names. Sync makes the bytes of an inode and its
// taking the place of an older one durable; SyncNames makes names durable.
//
// `now` below is the world's: whatever happened at or before it cannot be undone by a crash that is yet to come.
#ifndef WEIR_SIM_SIM_DISK_H_
#define WEIR_SIM_SIM_DISK_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/env/random.h"
#include "sim/disk.h"

namespace weir::sim {

// A file of which a crash lost unsynced sectors.
struct TornFile {
  uint64_t file = 0;  // StableHash64 of the path
  uint64_t kept = 0;
  uint64_t lost = 0;
};

class SimDisk : public Disk {
 public:
  // `key` names the disk in draws.
  SimDisk(const DiskOptions& options, uint64_t key) : options_(options), key_(key) {}

  void SetCapacity(uint64_t bytes) override { options_.capacity = bytes; }
  void SetSlowdown(uint32_t factor) override { slowdown_ = factor; }
  void SetFailing(bool failing) override { is_failing_ = failing; }
  void SetShortReads(bool is_short) override { has_short_reads_ = is_short; }
  bool FlipBit(absl::string_view path, uint64_t offset, uint32_t bit) override;
  bool FlipAnyBit(uint64_t position) override;
  uint64_t used() const override { return used_; }

  bool is_failing() const { return is_failing_; }
  // How many of `bytes` a read returns.
  uint64_t Readable(uint64_t bytes) const { return has_short_reads_ ? bytes / 2 : bytes; }
  // What calls cost; `bytes` are moved.
  Duration AccessCost(size_t bytes) const;
  Duration SyncCost() const { return options_.sync_cost * slowdown_; }

  bool Exists(absl::string_view path) const { return names_.find(path) != names_.end(); }
  // 0 if there is no such file.
  uint64_t SizeOf(absl::string_view path) const;
  // How many of `bytes` more fit, if `replaced` bytes go.
  size_t Room(size_t bytes, uint64_t replaced) const;

  // Operations at `at` >= now. REQUIRES: the file exists, except for Append and Write.
  void Append(absl::string_view path, absl::string_view bytes, Instant at, Instant now);
  void Write(absl::string_view path, absl::string_view bytes, Instant at, Instant now);
  const std::string& Read(absl::string_view path) const;
  void Sync(absl::string_view path, Instant at, Instant now);
  void SyncNames(Instant at, Instant now);
  // REQUIRES: there is no `to`, and neither name is written to again.
  void Link(absl::string_view from, absl::string_view to, Instant at, Instant now);
  void Rename(absl::string_view from, absl::string_view to, Instant at, Instant now);
  void Delete(absl::string_view path, Instant at, Instant now);
  std::vector<std::string> List(absl::string_view prefix) const;

  // The process ended at `at`; afterwards everything that is left is durable.
  std::vector<TornFile> Crash(Instant at, uint32_t incarnation, const Random& random);

 private:
  using InodeId = uint64_t;
  using Names = std::map<std::string, InodeId, std::less<>>;
  struct Mark {
    Instant at;
    uint64_t size = 0;
  };
  struct Inode {
    InodeId file = 0;    // the first inode of this file
    uint32_t links = 0;  // of names_
    std::string content;
    uint64_t written = 0;       // so many bytes are on the medium if the process dies now
    uint64_t durable = 0;       // so many bytes survive for certain
    bool is_synced = false;     // ever
    std::vector<Mark> appends;  // not yet in `written`
    std::vector<Mark> syncs;    // not yet in `durable`
  };
  struct NameChange {
    enum class Kind { kLink, kUnlink, kRename, kReplace, kBarrier };
    Kind kind{};
    Instant at;
    std::string name;
    std::string to;
    InodeId inode = 0;
  };

  Inode& InodeOf(absl::string_view path);
  InodeId NewInode(InodeId file);
  void Unlink(InodeId id);
  void Settle(Inode& inode, Instant until);
  void SettleNames(Instant until);
  void Apply(const NameChange& change, Names* names) const;
  bool Survives(const NameChange& change, uint64_t key, const Random& random,
                std::map<uint64_t, uint64_t>* occurrences) const;
  TornFile Tear(const std::string& path, Inode& inode, uint64_t key, const Random& random) const;
  void DropUnnamed();

  DiskOptions options_;
  const uint64_t key_;
  uint32_t slowdown_ = 1;
  bool is_failing_ = false;
  bool has_short_reads_ = false;
  uint64_t used_ = 0;
  InodeId last_inode_ = 0;
  std::map<InodeId, Inode> inodes_;
  Names names_;  // as the process sees them
  Names durable_names_;
  std::vector<NameChange> journal_;  // from durable_names_ to names_
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_DISK_H_
