// Licensed under the Apache License, Version 2.0.
//
// RocksDB's clock: that of the process, with what its handler has charged. A sleep is a charge; where charges do not move
// the clock (a fenced process, the real host) the sleep is added here, so that a loop that sleeps until a moment ends.
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_BRIDGE_CLOCK_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_BRIDGE_CLOCK_H_

#include <string>

#include "runtime/state/rocksdb/env_gate.h"
#include "runtime/state/rocksdb/rocksdb_compat.h"

namespace weir {

class BridgeClock final : public RocksClock {
 public:
  // `gate` outlives it.
  explicit BridgeClock(EnvGate& gate) : gate_(gate) {}

  const char* Name() const override { return "WeirClock"; }
  uint64_t NowMicros() override { return Nanos() / 1'000; }
  uint64_t NowNanos() override { return Nanos(); }
  void SleepForMicroseconds(int micros) override {
    const uint64_t end = Nanos() + static_cast<uint64_t>(micros) * 1'000;
    (void)gate_.Do([micros](Env& env) {
      env.executor.Charge(Duration::Micros(micros));
      return absl::OkStatus();
    });
    if (const uint64_t now = Nanos(); now < end) slept_ += end - now;
  }
  rocksdb::Status GetCurrentTime(int64_t* seconds) override {
    (void)gate_.Do([this](Env& env) {
      wall_ = env.clock.WallNow();
      return absl::OkStatus();
    });
    *seconds = wall_.millis / 1'000;
    return rocksdb::Status::OK();
  }
  std::string TimeToString(uint64_t seconds) override { return std::to_string(seconds); }

 private:
  uint64_t Nanos() {
    (void)gate_.Do([this](Env& env) {
      now_ = env.clock.Now();
      return absl::OkStatus();
    });
    return static_cast<uint64_t>(now_.nanos()) + slept_;
  }

  EnvGate& gate_;
  Instant now_;  // the last one that could be read
  WallTime wall_;
  uint64_t slept_ = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_BRIDGE_CLOCK_H_
