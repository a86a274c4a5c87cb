#include "runtime/job/job_manager.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace weir {

JobManager::JobManager(Env& env, JobManagerOptions options)
    : env_(env), options_(std::move(options)), actor_(env.executor.AddActor(this)) {
  const JobConfig config = options_.graph().config;
  LeaderElection::Options election;
  election.job_id = options_.job_id;
  election.renewal = config.heartbeat_interval;
  election.lease = config.heartbeat_timeout;
  election.retry_delay = config.retry_delay;
  LeaderElection::Listener& listener = *this;
  election_ = std::make_unique<LeaderElection>(election, env_, actor_, listener);
  env_.transport.Listen(actor_, kJobManagerPort, [this](ConnectionId connection, NodeId peer) {
    return master_ ? master_->Accept(connection, peer) : nullptr;
  });
  election_->Start();
}

void JobManager::OnElected(uint64_t epoch) {
  const absl::Status reached = env_.tracer.Reach(events::LeaderElected(epoch));
  if (absl::IsAborted(reached)) return;
  ++term_;
  master_ = std::make_unique<JobMaster>(options_.job_id, epoch, options_.graph(), env_,
                                        [this](const absl::Status& reason) { election_->StepDown(reason); });
  if (!reached.ok()) return election_->StepDown(reached);
  master_->Start();
}

void JobManager::OnDeposed(const absl::Status&) {
  // The master may be on the stack, and an election may be over before this runs.
  env_.executor.Post(actor_, [this, term = term_] {
    if (term != term_ || !master_) return;
    master_->Stop();
    master_.reset();
  });
}

std::string JobManager::Describe() const { return absl::StrCat("job manager, ", election_->Describe()); }

void JobManager::AppendWaits(std::vector<Wait>* waits) const {
  if (!election_->is_leading()) waits->push_back({"job manager", "leadership", "register"});
}

}  // namespace weir
