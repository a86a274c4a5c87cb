#include "runtime/state/rocksdb/rocksdb_compat.h"

#include <cstdint>
#include <functional>
#include <utility>

#include "runtime/base/stable_hash.h"
#include "runtime/state/rocksdb/interpose/wait_hook.h"

// Exported by the library; their headers are not installed.
namespace rocksdb {

#if ROCKSDB_MAJOR >= 7
class SyncPoint {
 public:
  static SyncPoint* GetInstance();
  void SetCallBack(const std::string& point, const std::function<void(void*)>& callback);
  void EnableProcessing();
  void DisableProcessing();
};
#endif

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

#if ROCKSDB_MAJOR >= 7
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

void AnswerPoints(bool answer) {
  static const bool are_set = SetCallBacks();
  (void)are_set;
  rocksdb::SyncPoint* points = rocksdb::SyncPoint::GetInstance();
  answer ? points->EnableProcessing() : points->DisableProcessing();
}
#else
void AnswerPoints(bool) {}
#endif

std::string InBase36(uint64_t value, size_t digits) {
  std::string text(digits, '0');
  for (size_t i = digits; i-- > 0; value /= 36) text[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[value % 36];
  return text;
}

}  // namespace

RocksEnv::~RocksEnv() = default;

#if ROCKSDB_MAJOR >= 7
RocksEnv::RocksEnv(const std::shared_ptr<rocksdb::FileSystem>& files,
                   const std::shared_ptr<RocksClock>& clock)
    : rocksdb::EnvWrapper(rocksdb::NewCompositeEnv(files)), clock_(clock) {
  file_system_ = files;
  system_clock_ = clock;
}

void SwitchOffThreadsAndNames(rocksdb::DBOptions* options) {
  options->db_host_id = "";
  options->max_bgerror_resume_count = 0;
}
#else
RocksEnv::RocksEnv(const std::shared_ptr<rocksdb::FileSystem>& files,
                   const std::shared_ptr<RocksClock>& clock)
    : RocksEnv(rocksdb::NewCompositeEnv(files), clock) {
  file_system_ = files;
}

RocksEnv::RocksEnv(std::unique_ptr<rocksdb::Env> target, const std::shared_ptr<RocksClock>& clock)
    : rocksdb::EnvWrapper(target.get()), target_(std::move(target)), clock_(clock) {}

void SwitchOffThreadsAndNames(rocksdb::DBOptions*) {}
#endif

DeterministicOpening::DeterministicOpening(uint32_t seed) {
  AnswerPoints(true);
  rocksdb::Random::GetTLSInstance()->seed = seed % kRandomMax + 1;
}

// Only opening asks; every other call would pay for the points.
DeterministicOpening::~DeterministicOpening() { AnswerPoints(false); }

std::string SessionIdOf(const std::string& identity) {
  const Hash128 hash = StableHash128(identity);
  return InBase36(hash.high, kSessionDigits - kLowDigits) + InBase36(hash.low, kLowDigits);
}

std::shared_ptr<rocksdb::MergeOperator> MakeAppendOperator() {
  return rocksdb::MergeOperators::CreateStringAppendTESTOperator();
}

}  // namespace weir
