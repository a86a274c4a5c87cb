// Licensed under the Apache License, Version 2.0.
//
// Draws that have no position: a pure function of (seed, site, key, occurrence), where `site` says what is drawn and
// the key means something (a link and connection and message number; a subtask and attempt). So one more message, or
// one fault less, re-deals nothing else. Integers only.
#ifndef WEIR_RUNTIME_ENV_RANDOM_H_
#define WEIR_RUNTIME_ENV_RANDOM_H_

#include <cstdint>

#include "runtime/base/stable_hash.h"

namespace weir {

// Where draws are made. Append only; values are part of what a seed means.
enum class DrawSite : uint32_t {
  kLinkLatency = 1,
  kScheduleDelay = 2,
  kConnectionReset = 3,
  kDiskSector = 4,
  kDiskName = 5,
  kStoreLatency = 6,
  kStartDelay = 7,
  kCrashSilent = 8,
  kClockSkew = 9,
  kRegisterLatency = 10,
  kLogLatency = 11,
  kDatabaseLatency = 12,
  kResponseLost = 13,
  kStateJobDelay = 14,
  kCheckpointInitialDelay = 20,
  kServiceTime = 21,
  kBroadcastWindow = 22,
  kBroadcastElement = 23,
  kPlan = 40,
  kWorkload = 41,
  kOption = 42,
  kUser = 100,  // user functions draw at kUser + n
};

class Random {
 public:
  explicit Random(uint64_t seed = 0) : seed_(seed) {}
  virtual ~Random() = default;

  uint64_t seed() const { return seed_; }
  // Uniform in [0, bound); 0 if bound is 0. An override of the plan may replace the value (the world's doing).
  virtual uint64_t Draw(DrawSite site, uint64_t key, uint64_t occurrence, uint64_t bound) const {
    const uint64_t bits = Mix(Mix(seed_, static_cast<uint64_t>(site)), Mix(key, occurrence));
    return static_cast<uint64_t>((static_cast<unsigned __int128>(bits) * bound) >> 64);
  }
  // Uniform in [low, high]. REQUIRES: low <= high.
  uint64_t DrawBetween(DrawSite site, uint64_t key, uint64_t occurrence, uint64_t low, uint64_t high) const {
    return low + Draw(site, key, occurrence, high - low + 1);
  }
  // True in `numerator` of `denominator` cases.
  bool DrawRatio(DrawSite site, uint64_t key, uint64_t occurrence, uint64_t numerator,
                 uint64_t denominator) const {
    return Draw(site, key, occurrence, denominator) < numerator;
  }

 private:
  uint64_t seed_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_ENV_RANDOM_H_
