#include "sim/services/service_faults.h"

#include "runtime/base/check.h"

namespace weir::sim {

void ServiceFaults::MakeSlow(uint32_t factor, Duration extra) {
  WEIR_CHECK(factor >= 1 && extra >= Duration());
  factor_ = factor;
  extra_ = extra;
}

void ServiceFaults::LoseResponsesByRatio(uint64_t numerator, uint64_t denominator) {
  WEIR_CHECK(denominator > 0);
  lose_numerator_ = numerator;
  lose_denominator_ = denominator;
}

bool ServiceFaults::TakesResponse(const Random& random, uint64_t key, uint64_t occurrence) {
  if (lose_next_ > 0) {
    --lose_next_;
    return true;
  }
  if (lose_numerator_ == 0) return false;
  return random.DrawRatio(DrawSite::kResponseLost, key, occurrence, lose_numerator_, lose_denominator_);
}

}  // namespace weir::sim
