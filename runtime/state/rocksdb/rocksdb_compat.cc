#include "runtime/state/rocksdb/rocksdb_compat.h"

#include <cstdint>
#include <functional>

#include "runtime/base/stable_hash.h"
#include "runtime/state/rocksdb/interpose/wait_hook.h"

// Exported by the library; their headers are not installed.
namespace rocksdb {

class SyncPoint {
 public:
  static SyncPoint* GetInstance();
  void SetCallBack(const std::string& point, const std::function<void(void*)>& callback);
  void EnableProcessing();
  void DisableProcessing();
};

class Random {
 public:
  static Random* GetTLSInstance();
  uint32_t seed;
};

class MergeOperators {
 public:
  static std::shared_ptr<MergeOperator> CreateStringAppendTESTOperator();
};

}  // namespace rocksdb

namespace weir {
namespace {

constexpr size_t kSessionDigits = 20;
constexpr size_t kLowDigits = 12;
// The generator's values lie in [1, 2^31 - 2].
constexpr uint32_t kRandomMax = 2'147'483'646;

bool SetCallBacks() {
  rocksdb::SyncPoint* points = rocksdb::SyncPoint::GetInstance();
  points->SetCallBack("DBImpl::SetDbSessionId", [](void* name) {
    if (const WaitHandler* current = WaitScope::current(); current != nullptr) {
      *static_cast<std::string*>(name) = current->SessionId();
    }
  });
  points->SetCallBack("DBImpl::StartPeriodicTaskScheduler:DisableScheduler", [](void* is_disabled) {
    if (WaitScope::current() != nullptr) *static_cast<bool*>(is_disabled) = true;
  });
  return true;
}

std::string InBase36(uint64_t value, size_t digits) {
  std::string text(digits, '0');
  for (size_t i = digits; i-- > 0; value /= 36) text[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[value % 36];
  return text;
}

}  // namespace

DeterministicOpening::DeterministicOpening(uint32_t seed) {
  static const bool is_set = SetCallBacks();
  (void)is_set;
  rocksdb::SyncPoint::GetInstance()->EnableProcessing();
  rocksdb::Random::GetTLSInstance()->seed = seed % kRandomMax + 1;
}

// Only opening asks; every other call would pay for the points.
DeterministicOpening::~DeterministicOpening() { rocksdb::SyncPoint::GetInstance()->DisableProcessing(); }

std::string SessionIdOf(const std::string& identity) {
  const Hash128 hash = StableHash128(identity);
  return InBase36(hash.high, kSessionDigits - kLowDigits) + InBase36(hash.low, kLowDigits);
}

std::shared_ptr<rocksdb::MergeOperator> MakeAppendOperator() {
  return rocksdb::MergeOperators::CreateStringAppendTESTOperator();
}

}  // namespace weir
