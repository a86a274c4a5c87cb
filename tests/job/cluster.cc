#include "tests/job/cluster.h"

#include "absl/strings/str_cat.h"

namespace weir {
namespace {

Configuration Settings(const Cluster::Options& options) {
  Configuration settings;
  settings.Set("parallelism.default", "2");
  settings.Set("execution.checkpointing.interval", "100 ms");
  settings.Set("execution.checkpointing.timeout", "2 s");
  settings.Set("execution.checkpointing.tolerable-failed-checkpoints", "5");
  settings.Set("restart-strategy.fixed-delay.delay", "100 ms");
  settings.Set("heartbeat.interval", "100 ms");
  settings.Set("heartbeat.timeout", "500 ms");
  settings.Set("weir.retry-delay", "50 ms");
  settings.Set("taskmanager.network.partition-request-timeout", "2 s");
  for (const auto& [key, value] : options.settings) settings.Set(key, value);
  return settings;
}

}  // namespace

Cluster::Cluster(Options options) : options_(std::move(options)) {
  job_.options = Settings(options_);
  job_.records = 300;
  job_.interval = Duration::Millis(5);
  sim::WorldOptions world;
  world.seed = options_.seed;
  world_ = std::make_unique<sim::World>(world);
  world_->AddObserver(this);
  sim::ClusterServicesOptions services;
  services.client_timeout = Duration::Millis(300);
  services_ = std::make_unique<sim::ClusterServices>(*world_, services);
  job_.AddTopics(services_->log());
  services_->Start();
  for (uint32_t i = 0; i < options_.job_managers; ++i)
    job_managers_.push_back(world_->AddNode(absl::StrCat("jm", i)));
  for (uint32_t i = 0; i < options_.task_managers; ++i) {
    task_managers_.push_back(world_->AddNode(absl::StrCat("tm", i)));
  }
  world_->OnProcessEnd([this](NodeId node, const absl::Status&) {
    if (options_.restart_after == Duration()) return;
    world_->At(world_->now() + options_.restart_after, [this, node] {
      if (!world_->IsAlive(node)) world_->Restart(node);
    });
  });
  const JobGraphFactory graph = [this] { return job_.Build(); };
  for (NodeId node : job_managers_) {
    world_->Start(node, [graph](Env& env) { return MakeJobManager(env, {std::string(kJobId), graph}); });
  }
  for (NodeId node : task_managers_) {
    world_->Start(node, [this, graph](Env& env) {
      return MakeTaskManager(env, {job_managers_, options_.slots, graph});
    });
  }
}

absl::Status Cluster::OnEvent(NodeId node, const Event& event) {
  ++counts_[static_cast<size_t>(event.id)];
  last_[static_cast<size_t>(event.id)] = event;
  Check(event);
  return on_event ? on_event(node, event) : absl::OkStatus();
}

// What must hold at any event, whatever breaks.
void Cluster::Check(const Event& event) {
  const auto broken = [this, &event](absl::string_view rule) {
    if (broken_.empty()) broken_ = absl::StrCat(rule, ": ", ToString(event));
  };
  switch (event.id) {
    case EventId::kRecoveryChosen: {
      if (Field(event, "attempt") <= attempt_) broken("attempts grow");
      attempt_ = Field(event, "attempt");
      const uint64_t newest = completed_.empty() ? 0 : *completed_.rbegin();
      // One may be stored without its leader having lived to say so, but never an older one than was announced.
      if (Field(event, "checkpoint") < newest) broken("recovery takes the newest checkpoint");
      break;
    }
    case EventId::kCheckpointTriggered:
      if (Field(event, "attempt") != attempt_) broken("checkpoints are of the current attempt");
      break;
    case EventId::kCheckpointCompleted:
      if (!completed_.insert(Field(event, "checkpoint")).second) broken("a checkpoint completes once");
      if (*completed_.rbegin() != Field(event, "checkpoint")) broken("checkpoints complete in order");
      break;
    case EventId::kNotifyCompleteSent:
      if (completed_.count(Field(event, "checkpoint")) == 0)
        broken("only completed checkpoints are announced");
      break;
    default:
      break;
  }
}

std::string Cluster::Difference() {
  if (!broken_.empty()) return broken_;
  if (world_->failure()) return absl::StrCat("failed check: ", *world_->failure());
  const AccountJob::Output output = job_.Read(services_->log());
  const AccountJob::Output expected = job_.Expected();
  if (output.duplicates > 0) return absl::StrCat(output.duplicates, " duplicates");
  if (output.records != expected.records)
    return absl::StrCat(output.records, " of ", expected.records, " records");
  return output.last_totals == expected.last_totals ? "" : "totals differ";
}

bool Cluster::RunUntilDrained(Duration limit) {
  const Instant end = world_->now() + limit;
  // A transaction commits as a whole, so it is enough to look now and then.
  while (world_->now() < end) {
    RunFor(Duration::Millis(100));
    const std::string difference = Difference();
    if (difference.empty()) break;
    if (!broken_.empty() || world_->failure()) return false;
  }
  RunFor(Duration::Seconds(2));  // nothing more may come
  return Difference().empty();
}

bool Cluster::RunUntil(const std::function<bool()>& done, Duration limit) {
  return world_->RunUntil(done, world_->now() + limit).ok();
}

void Cluster::RunFor(Duration time) {
  (void)world_->RunUntil([] { return false; }, world_->now() + time);
}

JobRecord Cluster::Record() const {
  return JobRecord::Decode(services_->registry().Find(JobRecordKey(kJobId)).value).value();
}

void Cluster::CrashAt(EventId id, uint64_t nth) {
  on_event = [this, id, nth, seen = uint64_t{0}](NodeId node, const Event& event) mutable {
    if (event.id != id || ++seen != nth) return absl::OkStatus();
    world_->Crash(node, sim::CrashMode::kReset);
    return absl::AbortedError("crashed");
  };
}

std::string Cluster::Explain() {
  std::string text = absl::StrCat(Difference(), "\n", world_->Describe());
  for (const Wait& wait : world_->Waits()) {
    absl::StrAppend(&text, "\n", wait.who, " waits for ", wait.what, " of ", wait.whom);
  }
  return text;
}

}  // namespace weir
