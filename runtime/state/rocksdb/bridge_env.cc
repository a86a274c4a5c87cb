#include "runtime/state/rocksdb/bridge_env.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "runtime/base/stable_hash.h"

namespace weir {

BridgeEnv::BridgeEnv(EnvGate& gate, std::shared_ptr<BridgeFileSystem> files, std::string identity)
    : RocksEnv(files, std::make_shared<BridgeClock>(gate)),
      gate_(gate),
      files_(std::move(files)),
      identity_(std::move(identity)),
      key_(StableHash64(identity_)) {}

// Flushes have a thread pool of their own in RocksDB, so the pool tells which job this is.
bool BridgeEnv::HasFlush() const {
  return std::any_of(jobs_.begin(), jobs_.end(), [](const Job& job) { return job.priority == HIGH; });
}

bool BridgeEnv::RunOne(Pick pick) {
  auto next = jobs_.begin();
  if (pick == Pick::kFlush) {
    next = std::find_if(jobs_.begin(), jobs_.end(), [](const Job& job) { return job.priority == HIGH; });
  }
  if (next == jobs_.end()) return false;
  const bool is_flush = next->priority == HIGH;
  const uint64_t number = ++run_;
  const absl::Status start = gate_.Do([&](weir::Env& world) {
    return world.tracer.Reach(is_flush ? events::StateFlushStarted(key_, number)
                                       : events::StateCompactionStarted(key_, number));
  });
  const Job job = *next;
  jobs_.erase(next);
  const uint64_t before = files_->written();
  // Also in a dead process: RocksDB counts its jobs.
  const absl::Status lasting = gate_.fault();
  if (!start.ok()) gate_.SetFault(start);
  job.function(job.argument);
  const uint64_t bytes = files_->written() - before;
  gate_.SetFault(lasting);
  const absl::Status finish = gate_.Do([&](weir::Env& world) {
    return world.tracer.Reach(is_flush ? events::StateFlushFinished(key_, number, bytes)
                                       : events::StateCompactionFinished(key_, number, bytes));
  });
  // RocksDB believes that the job succeeded: what is to fail here fails whatever comes next, for good.
  if (!finish.ok() && !absl::IsAborted(finish)) gate_.SetFault(finish);
  return true;
}

void BridgeEnv::Schedule(void (*function)(void*), void* argument, Priority priority, void* tag,
                         void (*unschedule)(void*)) {
  ++scheduled_;
  jobs_.push_back({function, argument, priority, tag, unschedule});
}

int BridgeEnv::UnSchedule(void* tag, Priority priority) {
  const auto is_meant = [&](const Job& job) { return job.tag == tag && job.priority == priority; };
  std::deque<Job> kept;
  std::deque<Job> dropped;
  for (const Job& job : jobs_) (is_meant(job) ? dropped : kept).push_back(job);
  jobs_ = std::move(kept);
  for (const Job& job : dropped) {
    if (job.unschedule != nullptr) job.unschedule(job.argument);
  }
  return static_cast<int>(dropped.size());
}

void BridgeEnv::StartThread(void (*)(void*), void*) {
  gate_.FailCheck(absl::StrCat("RocksDB asked for a thread in database ", identity_));
}

unsigned int BridgeEnv::GetThreadPoolQueueLen(Priority priority) const {
  return static_cast<unsigned int>(
      std::count_if(jobs_.begin(), jobs_.end(), [&](const Job& job) { return job.priority == priority; }));
}

rocksdb::Status BridgeEnv::GetHostName(char* name, uint64_t length) {
  absl::SNPrintF(name, length, "weir");
  return rocksdb::Status::OK();
}

std::string BridgeEnv::GenerateUniqueId() {
  const Hash128 hash = StableHash128(identity_, ++unique_ids_);
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", hash.high >> 32, hash.high >> 16 & 0xffff,
                         hash.high & 0xffff, hash.low >> 48, hash.low & 0xffffffffffff);
}

}  // namespace weir
