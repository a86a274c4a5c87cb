#include "runtime/state/rocksdb/job_runner.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/stable_hash.h"
#include "runtime/state/rocksdb/database.h"

namespace weir {
namespace {

// Long enough that records come between a flush's begin and its end under most schedules.
constexpr Duration kDelayMax = Duration::Millis(2);

}  // namespace

JobRunner::JobRunner(Env& env, std::string identity)
    : env_(env),
      identity_(std::move(identity)),
      key_(StableHash64(identity_)),
      actor_(env.executor.AddActor(this)) {}

absl::AnyInvocable<void()> JobRunner::OnJob() {
  return [this] {
    if (database_ == nullptr) {
      ++waiting_;
    } else {
      Post();
    }
  };
}

void JobRunner::Serve(RocksDatabase* database) {
  WEIR_CHECK(database_ == nullptr && database != nullptr);
  database_ = database;
  for (; waiting_ > 0; --waiting_) Post();
}

void JobRunner::Stop() {
  if (actor_.value != 0) env_.executor.RemoveActor(actor_);
  actor_ = ActorId();
  database_ = nullptr;
}

void JobRunner::Post() {
  const uint64_t delay = env_.random.Draw(DrawSite::kStateJobDelay, key_, posted_++,
                                          static_cast<uint64_t>(kDelayMax.nanos()) + 1);
  // Dropped with the actor, by Stop or with the process.
  env_.executor.After(actor_, Duration::Nanos(static_cast<int64_t>(delay)), [this] { database_->RunJob(); });
}

std::string JobRunner::Describe() const {
  return absl::StrCat("state jobs of ", identity_, ": ", database_ == nullptr ? 0 : database_->jobs(),
                      " queued");
}

}  // namespace weir
