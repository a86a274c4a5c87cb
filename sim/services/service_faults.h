// Licensed under the Apache License, Version 2.0.
//
// What can be wrong with one service, set from outside of it by whoever injects faults. Fault
// model:
//   unavailable      requests are refused with kUnavailable, unapplied
//   slow             latency and transfer take longer
//   lost response    a request that changes something is applied, and answered with kUnavailable
// Silence (no answer at all) is the network's to make. A service never answers wrongly and never
// forgets.
#ifndef WEIR_SIM_SERVICES_SERVICE_FAULTS_H_
#define WEIR_SIM_SERVICES_SERVICE_FAULTS_H_

#include <cstdint>

#include "runtime/base/time.h"
#include "runtime/env/random.h"

namespace weir::sim {

class ServiceFaults {
 public:
  // Refuses everything until then; Instant::Max() until Heal, Instant() ends it.
  void MakeUnavailable(Instant until) { unavailable_until_ = until; }
  // Every latency and transfer time becomes factor * time + extra; (1, 0) ends it.
  void MakeSlow(uint32_t factor, Duration extra);
  // Loses the responses of the next `count` requests that change something.
  void LoseResponses(uint64_t count) { lose_next_ = count; }
  // Besides, loses them by a draw, in so many cases of so many; numerator 0 ends it.
  void LoseResponsesByRatio(uint64_t numerator, uint64_t denominator);
  // Ends everything: the liveness phase.
  void Heal() { *this = ServiceFaults(); }

  // --- Asked by the service.
  bool IsUnavailable(Instant now) const { return now < unavailable_until_; }
  Duration Stretch(Duration time) const { return time * factor_ + extra_; }
  // Whether the response of this request is lost; uses up one of LoseResponses. `key` and
  // `occurrence` name the request, for the draw.
  bool TakesResponse(const Random& random, uint64_t key, uint64_t occurrence);

 private:
  Instant unavailable_until_;
  uint32_t factor_ = 1;
  Duration extra_;
  uint64_t lose_next_ = 0;
  uint64_t lose_numerator_ = 0;
  uint64_t lose_denominator_ = 1;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVICES_SERVICE_FAULTS_H_
