#include "sim/sim_disk.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "runtime/base/check.h"

namespace weir::sim {
namespace {

constexpr uint64_t kSectorBytes = 512;
// Each crash keeps so many of four unsynced sectors of a file, drawn from 0 to 4: all and nothing are common.
constexpr uint64_t kKeepOf = 4;

}  // namespace

bool SimDisk::FlipBit(absl::string_view path, uint64_t offset, uint32_t bit) {
  const auto found = names_.find(path);
  if (found == names_.end()) return false;
  std::string& content = inodes_.at(found->second).content;
  if (offset >= content.size()) return false;
  content[offset] = static_cast<char>(content[offset] ^ (1 << (bit % 8)));
  return true;
}

bool SimDisk::FlipAnyBit(uint64_t position) {
  uint64_t bytes = 0;
  for (const auto& [path, inode] : names_) bytes += inodes_.at(inode).content.size();
  if (bytes == 0) return false;
  uint64_t offset = position / 8 % bytes;
  for (const auto& [path, inode] : names_) {
    const uint64_t size = inodes_.at(inode).content.size();
    if (offset < size) return FlipBit(path, offset, static_cast<uint32_t>(position % 8));
    offset -= size;
  }
  return false;
}

Duration SimDisk::AccessCost(size_t bytes) const {
  const uint64_t transfer = bytes * 1'000'000'000 / options_.bytes_per_second;
  return (options_.append_cost + Duration::Nanos(static_cast<int64_t>(transfer))) * slowdown_;
}

uint64_t SimDisk::SizeOf(absl::string_view path) const {
  const auto found = names_.find(path);
  return found == names_.end() ? 0 : inodes_.at(found->second).content.size();
}

size_t SimDisk::Room(size_t bytes, uint64_t replaced) const {
  const uint64_t other = used_ - replaced;
  const uint64_t room = options_.capacity > other ? options_.capacity - other : 0;
  return static_cast<size_t>(std::min<uint64_t>(bytes, room));
}

SimDisk::Inode& SimDisk::InodeOf(absl::string_view path) {
  const auto found = names_.find(path);
  WEIR_CHECK(found != names_.end(), "no file ", path);
  return inodes_.at(found->second);
}

SimDisk::InodeId SimDisk::NewInode(InodeId file) {
  const InodeId id = ++last_inode_;
  Inode& inode = inodes_[id];
  inode.file = file == 0 ? id : file;
  inode.links = 1;
  return id;
}

// A name that the process saw is gone.
void SimDisk::Unlink(InodeId id) {
  Inode& inode = inodes_.at(id);
  WEIR_CHECK(inode.links > 0);
  if (--inode.links == 0) used_ -= inode.content.size();
}

// What happened by `until` is no longer in doubt.
void SimDisk::Settle(Inode& inode, Instant until) {
  const auto settle = [until](std::vector<Mark>& marks, uint64_t* size) {
    size_t done = 0;
    while (done < marks.size() && marks[done].at <= until) *size = std::max(*size, marks[done++].size);
    marks.erase(marks.begin(), marks.begin() + static_cast<std::ptrdiff_t>(done));
    return done != 0;
  };
  (void)settle(inode.appends, &inode.written);
  if (settle(inode.syncs, &inode.durable)) inode.is_synced = true;
}

void SimDisk::Append(absl::string_view path, absl::string_view bytes, Instant at, Instant now) {
  if (!Exists(path)) {
    const InodeId id = NewInode(0);
    names_.emplace(path, id);
    journal_.push_back({NameChange::Kind::kLink, at, std::string(path), {}, id});
  }
  Inode& inode = InodeOf(path);
  WEIR_CHECK(inode.links == 1, path, " has two names and is written to");
  Settle(inode, now);
  inode.content.append(bytes.data(), bytes.size());
  inode.appends.push_back({at, inode.content.size()});
  used_ += bytes.size();
}

void SimDisk::Write(absl::string_view path, absl::string_view bytes, Instant at, Instant now) {
  if (!Exists(path)) return Append(path, bytes, at, now);
  InodeId& name = names_.find(path)->second;
  WEIR_CHECK(inodes_.at(name).links == 1, path, " has two names and is written to");
  Unlink(name);
  const InodeId id = NewInode(inodes_.at(name).file);
  name = id;
  journal_.push_back({NameChange::Kind::kReplace, at, std::string(path), {}, id});
  Append(path, bytes, at, now);
}

const std::string& SimDisk::Read(absl::string_view path) const {
  const auto found = names_.find(path);
  WEIR_CHECK(found != names_.end(), "no file ", path);
  return inodes_.at(found->second).content;
}

void SimDisk::Sync(absl::string_view path, Instant at, Instant now) {
  Inode& inode = InodeOf(path);
  Settle(inode, now);
  inode.syncs.push_back({at, inode.content.size()});
}

void SimDisk::SyncNames(Instant at, Instant now) {
  journal_.push_back({NameChange::Kind::kBarrier, at, {}, {}, 0});
  SettleNames(now);
}

void SimDisk::Rename(absl::string_view from, absl::string_view to, Instant at, Instant now) {
  SettleNames(now);
  journal_.push_back({NameChange::Kind::kRename, at, std::string(from), std::string(to), 0});
  const auto found = names_.find(from);
  WEIR_CHECK(found != names_.end(), "no file ", from);
  if (from == to) return;
  const InodeId id = found->second;
  names_.erase(found);
  if (const auto replaced = names_.find(to); replaced != names_.end()) Unlink(replaced->second);
  names_[std::string(to)] = id;
}

void SimDisk::Link(absl::string_view from, absl::string_view to, Instant at, Instant now) {
  SettleNames(now);
  WEIR_CHECK(!Exists(to), to, " exists");
  const auto found = names_.find(from);
  WEIR_CHECK(found != names_.end(), "no file ", from);
  const InodeId id = found->second;
  ++inodes_.at(id).links;
  journal_.push_back({NameChange::Kind::kLink, at, std::string(to), {}, id});
  names_.emplace(to, id);
}

void SimDisk::Delete(absl::string_view path, Instant at, Instant now) {
  SettleNames(now);
  journal_.push_back({NameChange::Kind::kUnlink, at, std::string(path), {}, 0});
  const auto found = names_.find(path);
  WEIR_CHECK(found != names_.end(), "no file ", path);
  Unlink(found->second);
  names_.erase(found);
}

std::vector<std::string> SimDisk::List(absl::string_view prefix) const {
  std::vector<std::string> paths;
  for (auto it = names_.lower_bound(prefix); it != names_.end(); ++it) {
    if (!absl::StartsWith(it->first, prefix)) break;
    paths.push_back(it->first);
  }
  return paths;
}

// --- Names

void SimDisk::Apply(const NameChange& change, Names* names) const {
  switch (change.kind) {
    case NameChange::Kind::kLink:
      (*names)[change.name] = change.inode;
      return;
    case NameChange::Kind::kUnlink:
      names->erase(change.name);
      return;
    case NameChange::Kind::kRename: {
      const auto found = names->find(change.name);
      if (found == names->end() || change.name == change.to) return;
      const InodeId id = found->second;
      names->erase(found);
      (*names)[change.to] = id;
      return;
    }
    case NameChange::Kind::kReplace: {
      // Whatever the file is called, and whichever of its older contents is there.
      const InodeId file = inodes_.at(change.inode).file;
      for (auto& [name, id] : *names) {
        if (inodes_.at(id).file == file) id = change.inode;
      }
      return;
    }
    case NameChange::Kind::kBarrier:
      return;
  }
}

// Moves what is certain from the journal into durable_names_: what lies before a barrier, but for new contents that
// were not synced.
void SimDisk::SettleNames(Instant until) {
  size_t barrier = 0;  // one past it
  for (size_t i = 0; i < journal_.size(); ++i) {
    if (journal_[i].kind == NameChange::Kind::kBarrier && journal_[i].at <= until) barrier = i + 1;
  }
  if (barrier == 0) return;
  std::vector<NameChange> rest;
  for (size_t i = 0; i < journal_.size(); ++i) {
    NameChange& change = journal_[i];
    bool is_certain = i < barrier;
    if (is_certain && change.kind == NameChange::Kind::kReplace) {
      Inode& inode = inodes_.at(change.inode);
      Settle(inode, until);
      is_certain = inode.is_synced;
    }
    if (is_certain) {
      Apply(change, &durable_names_);
      if (change.kind != NameChange::Kind::kReplace) continue;
      // Older contents of this file, never synced, must not come back over it.
      const InodeId file = inodes_.at(change.inode).file;
      std::erase_if(rest, [&](const NameChange& older) {
        return older.kind == NameChange::Kind::kReplace && inodes_.at(older.inode).file == file;
      });
    } else {
      rest.push_back(std::move(change));
    }
  }
  journal_ = std::move(rest);
  DropUnnamed();
}

void SimDisk::DropUnnamed() {
  std::set<InodeId> named;
  for (const auto& [name, id] : names_) named.insert(id);
  for (const auto& [name, id] : durable_names_) named.insert(id);
  for (const NameChange& change : journal_) named.insert(change.inode);
  for (auto it = inodes_.begin(); it != inodes_.end();) {
    it = named.count(it->first) != 0 ? std::next(it) : inodes_.erase(it);
  }
}

// --- Crash

std::vector<TornFile> SimDisk::Crash(Instant at, uint32_t incarnation, const Random& random) {
  const uint64_t key = Mix(key_, incarnation);
  // What happens after `at` never does.
  for (auto& [id, inode] : inodes_) {
    Settle(inode, at);
    inode.content.resize(inode.written);
    inode.appends.clear();
    inode.syncs.clear();
  }
  SettleNames(at);
  std::map<uint64_t, uint64_t> occurrences;
  for (const NameChange& change : journal_) {
    if (change.at <= at && Survives(change, key, random, &occurrences)) Apply(change, &durable_names_);
  }
  journal_.clear();
  names_ = durable_names_;
  DropUnnamed();
  std::vector<TornFile> torn;
  used_ = 0;
  for (auto& [id, inode] : inodes_) inode.links = 0;
  for (const auto& [name, id] : names_) {
    Inode& inode = inodes_.at(id);
    if (inode.links++ != 0) continue;
    const TornFile file = Tear(name, inode, key, random);
    if (file.lost != 0) torn.push_back(file);
    inode.written = inode.durable = inode.content.size();
    inode.is_synced = true;
    used_ += inode.content.size();
  }
  return torn;
}

bool SimDisk::Survives(const NameChange& change, uint64_t key, const Random& random,
                       std::map<uint64_t, uint64_t>* occurrences) const {
  if (change.kind == NameChange::Kind::kReplace && inodes_.at(change.inode).is_synced) return true;
  const uint64_t name = Mix(Mix(key, StableHash64(change.name)), static_cast<uint64_t>(change.kind));
  return random.DrawRatio(DrawSite::kDiskName, name, (*occurrences)[name]++, 1, 2);
}

TornFile SimDisk::Tear(const std::string& path, Inode& inode, uint64_t key, const Random& random) const {
  TornFile torn;
  torn.file = StableHash64(path);
  const uint64_t size = inode.content.size();
  if (inode.durable == size) return torn;
  const uint64_t draws = Mix(key, torn.file);
  const uint64_t keep = random.Draw(DrawSite::kDiskSector, draws, ~uint64_t{0}, kKeepOf + 1);
  uint64_t end = inode.durable;  // of what is left
  for (uint64_t sector = inode.durable / kSectorBytes; sector * kSectorBytes < size; ++sector) {
    const uint64_t first = std::max(inode.durable, sector * kSectorBytes);
    const uint64_t last = std::min(size, (sector + 1) * kSectorBytes);
    if (random.DrawRatio(DrawSite::kDiskSector, draws, sector, keep, kKeepOf)) {
      ++torn.kept;
      end = last;
    } else {
      ++torn.lost;
      std::fill(inode.content.begin() + static_cast<std::ptrdiff_t>(first),
                inode.content.begin() + static_cast<std::ptrdiff_t>(last), '\0');
    }
  }
  // The size may have reached the medium without the bytes.
  const bool is_size_kept = random.DrawRatio(DrawSite::kDiskSector, draws, ~uint64_t{0} - 1, 1, 4);
  if (!is_size_kept) inode.content.resize(end);
  return torn;
}

}  // namespace weir::sim
