// Licensed under the Apache License, Version 2.0.
//
// What a run did, in 128 bits: every event of the catalogue, with its instant and its emitter, encoded field by field
// into blocks of about 4 KiB (they end with a record), each block hashed (XXH3-128) together with the digest so far. The
// digests at the block ends are the checkpoints by which two runs are compared: the first differing block holds the
// first differing event.
//
// A record: u16 event, u16 1 if its fields take eight bytes and 0 if four, u32 node, u64 instant, the fields that the
// catalogue names; little-endian.
#ifndef WEIR_SIM_DIGEST_H_
#define WEIR_SIM_DIGEST_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/ids.h"
#include "runtime/base/stable_hash.h"
#include "runtime/base/time.h"
#include "runtime/env/events.h"

namespace weir::sim {

// How many fields each event has.
inline constexpr std::array<uint8_t, kEventCount> kEventFieldCounts{{
#define WEIR_FIELD_COUNT(name, text, scope, aim, fields, meaning) CountWords(fields),
    WEIR_EVENTS(WEIR_FIELD_COUNT)
#undef WEIR_FIELD_COUNT
}};

// One event as it was recorded.
struct TraceRecord {
  Instant instant;
  NodeId node;
  Event event;
};

class Digest {
 public:
  // With `keep` every block is kept, not only its hash.
  explicit Digest(bool keep = false);

  // Defined here, since every event of every run passes through it.
  void Add(Instant instant, NodeId node, const Event& event) {
    static_assert(kEventFieldsMax == 5);
    const std::array<uint64_t, kEventFieldsMax>& fields = event.fields;
    const uint64_t is_wide = ((fields[0] | fields[1] | fields[2] | fields[3] | fields[4]) >> 32) != 0 ? 1 : 0;
    const size_t count = kEventFieldCounts[static_cast<size_t>(event.id)];
    char* const at = block_.data() + used_;
    Put<uint64_t>(at, static_cast<uint64_t>(event.id) | is_wide << 16 | uint64_t{node.value} << 32);
    Put<int64_t>(at + 8, instant.nanos());
    // All five are written, without asking; those that the event does not have are overwritten by the next record.
    if (is_wide != 0) {
      std::memcpy(at + 16, fields.data(), sizeof fields);
      used_ += 16 + count * 8;
    } else {
      Put<uint64_t>(at + 16, fields[0] | fields[1] << 32);
      Put<uint64_t>(at + 24, fields[2] | fields[3] << 32);
      Put<uint32_t>(at + 32, static_cast<uint32_t>(fields[4]));
      used_ += 16 + count * 4;
    }
    ++count_;
    if (__builtin_expect(used_ >= kBlockBytes, 0)) EndBlock();
  }

  // The digest of everything so far. Does not disturb what follows.
  Hash128 Value() const;
  // Digest at the end of each full block.
  const std::vector<Hash128>& checkpoints() const { return checkpoints_; }
  uint64_t count() const { return count_; }
  bool keeps() const { return keep_; }
  // Every record, in order. REQUIRES: constructed with keep.
  std::vector<TraceRecord> Decode() const;
  // Records of block `block` and where in the whole they begin; the last block is the one that is not full yet.
  // REQUIRES: constructed with keep; block <= checkpoints().size().
  std::vector<TraceRecord> DecodeBlock(size_t block, uint64_t* first) const;

 private:
  static constexpr size_t kBlockBytes = 4096;
  static constexpr size_t kRecordMax = 16 + 8 * kEventFieldsMax;
  struct KeptBlock {
    std::string bytes;
    uint64_t first = 0;
  };
  template <typename T>
  static void Put(char* at, T value) {
    std::memcpy(at, &value, sizeof value);
  }
  void EndBlock();

  // Each record waits for the place where the last one ended: that load and store is what Add costs. The two counters
  // lie apart, or the compiler joins them in one vector register, through which the wait is longer.
  size_t used_ = 0;                                     // of block_
  std::array<char, kBlockBytes + kRecordMax> block_{};  // begins with the digest of what went before
  uint64_t count_ = 0;
  const bool keep_;
  uint64_t block_first_ = 0;  // number of the block's first record
  std::vector<Hash128> checkpoints_;
  std::vector<KeptBlock> kept_;
};

// Where two runs part: the index of the first differing event and both versions (absent if that run ended before it).
struct Divergence {
  uint64_t index = 0;
  std::optional<TraceRecord> left;
  std::optional<TraceRecord> right;
};
// nullopt if the runs are equal. REQUIRES: both kept their traces.
std::optional<Divergence> FindDivergence(const Digest& left, const Digest& right);

}  // namespace weir::sim

#endif  // WEIR_SIM_DIGEST_H_
