#include "scenarios/run.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "faults/budget.h"
#include "faults/fault_kinds.h"
#include "faults/injector.h"
#include "runtime/base/check.h"
#include "runtime/base/user_code.h"
#include "scenarios/draws.h"
#include "scenarios/promises.h"
#include "scenarios/run_monitor.h"
#include "scenarios/sim_cluster.h"
#include "scenarios/timing.h"
#include "scenarios/workload.h"

namespace weir::scenarios {
namespace {

// Tells properties of the events that they watch, before the injector may act on them.
class Watch : public sim::Observer {
 public:
  explicit Watch(const sim::World& world) : world_(world) {}
  void Add(properties::Property& property) {
    for (uint16_t i = 0; i < kEventCount; ++i) {
      if (property.Watches(static_cast<EventId>(i))) watching_[i].push_back(&property);
    }
  }
  bool Watches(EventId id) const override { return !watching_[static_cast<size_t>(id)].empty(); }
  absl::Status OnEvent(NodeId node, const Event& event) override {
    const Instant now = world_.now();
    for (properties::Property* property : watching_[static_cast<size_t>(event.id)]) {
      property->OnEvent(now, node, event);
    }
    return absl::OkStatus();
  }

 private:
  const sim::World& world_;
  std::array<std::vector<properties::Property*>, kEventCount> watching_;
};

uint64_t CountSplits(const JobGraph& graph, const Workload& workload) {
  uint64_t splits = 0;
  for (const JobVertex& vertex : graph.vertices) {
    for (const OperatorNode& node : vertex.chain) {
      if (node.is_source) splits += workload.Splits(node.source_topic);
    }
  }
  return splits;
}

// A job without checkpoints is given so long to settle after its last record was read.
constexpr Duration kSettling = Duration::Seconds(5);

class OneRun {
 public:
  OneRun(const Scenario& scenario, const RunSpec& spec, const faults::Plan& plan, JobGraph graph,
         bool keep_trace)
      : scenario_(scenario),
        plan_(plan),
        graph_(std::move(graph)),
        shape_(ShapeOf(graph_)),
        workload_(scenario, spec.inputs, plan),
        cluster_(scenario, plan, graph_, workload_, keep_trace),
        judges_(MakeJudges(scenario, spec, shape_).value()),
        watch_(cluster_.world()),
        monitor_(cluster_.world(), CountSplits(graph_, workload_), graph_.config.checkpointing),
        injector_(plan, cluster_) {}

  // `progress`, if not null, receives the number of events now and then.
  // So does `coverage` every event.
  RunResult Execute(volatile uint64_t* progress, faults::Coverage* coverage) {
    sim::World& world = cluster_.world();
    for (const Judge& judge : judges_) {
      judge.property->Begin(shape_, cluster_);
      watch_.Add(*judge.property);
    }
    world.AddObserver(&watch_);
    world.AddObserver(&monitor_);
    if (coverage != nullptr) world.AddObserver(coverage);
    injector_.Start();
    world.OnProcessEnd([this](NodeId node, const absl::Status&) { injector_.OnProcessEnd(node); });
    cluster_.Start();
    const Timing timing = TimingOf();
    const Instant deadline =
        plan_.liveness_at + LivenessBound(timing, plan_.schedule, scenario_.uses_database());
    const auto done = [&] {
      if (progress != nullptr) *progress = world.events();
      return Done();
    };
    return Judged(world.RunUntil(done, deadline));
  }

  bool needs_sets() const { return needs_sets_; }
  const sim::Digest& digest() { return cluster_.world().digest(); }

 private:
  Timing TimingOf() const { return {graph_.config, plan_.options, workload_.TotalRecords()}; }

  bool Done() {
    if (monitor_.drained() || monitor_.job_failed()) return true;
    return !graph_.config.checkpointing && monitor_.all_read() &&
           cluster_.world().now() >= *monitor_.all_read() + kSettling;
  }

  bool WithinBudget() const {
    faults::Budget budget;
    for (const auto& [name, node] : cluster_.nodes()) {
      if (name.rfind("job-manager-", 0) == 0) {
        budget.job_managers.push_back(name);
      } else if (name.rfind("task-manager-", 0) == 0) {
        budget.task_managers.push_back(name);
      } else {
        budget.services.push_back(name);
      }
    }
    budget.slots_per_task_manager = scenario_.cluster().slots_per_task_manager;
    for (const JobVertex& vertex : graph_.vertices) {
      budget.slots_needed = std::max(budget.slots_needed, vertex.parallelism);
    }
    budget.slots_usable = std::max(budget.slots_needed, graph_.RescaleLimit());
    return faults::CheckBudget(plan_, budget).ok();
  }

  properties::RunEnd EndOf(const absl::Status& ended) {
    sim::World& world = cluster_.world();
    properties::RunEnd end;
    end.job_failed = monitor_.job_failed();
    end.drained = ended.ok() && !end.job_failed;
    end.within_budget = WithinBudget();
    if (!end.drained) end.stopped_because = end.job_failed ? "the job failed" : std::string(ended.message());
    end.at = world.now();
    end.final_checkpoint = monitor_.final_checkpoint();
    end.calm_since = injector_.calm_since();
    end.reaction_max = ReactionMax(TimingOf(), plan_.schedule);
    end.recovery_max = RecoveryMax(TimingOf());
    if (!end.drained && !world.failure()) {
      end.waits = world.Waits();
      end.last_failure = absl::StrJoin(world.LastFailures(), "; ");
    }
    return end;
  }

  RunResult Judged(const absl::Status& ended) {
    sim::World& world = cluster_.world();
    const properties::RunEnd end = EndOf(ended);
    // What has held so far proves nothing of the rest.
    const bool is_cut = absl::IsResourceExhausted(ended);
    RunResult result;
    if (is_cut) {
      result.undecided = absl::StrCat(ended.message(), " at ", FormatInstant(end.at),
                                      ", before the run was decided (", kEventBudgetOption, ")");
    }
    for (const Judge& judge : judges_) {
      PropertyResult property;
      property.id = std::string(judge.property->id());
      property.claim = std::string(judge.property->claim());
      property.expected_broken = judge.expected_broken;
      const absl::Status judged = CallUserCode([&] {
        property.verdict = judge.property->End(end);
        property.witnessed = judge.property->Witnessed();
        return absl::OkStatus();
      });
      if (!judged.ok()) throw RunAborted(absl::StrCat("promise ", property.id, ": ", judged.message()));
      if (is_cut && property.verdict.outcome == properties::Outcome::kHeld) {
        property.verdict.outcome = properties::Outcome::kNotJudged;
        property.verdict.message = std::string(ended.message());
      }
      property.verdict.signature.phase = injector_.NearestFault();
      needs_sets_ |= property.verdict.needs_sets;
      result.properties.push_back(std::move(property));
    }
    result.fault_fired.assign(plan_.faults.size(), false);
    for (const faults::Firing& firing : injector_.fired()) {
      result.fault_fired[firing.fault] = true;
      if (!firing.effective) continue;
      ++result.faults_fired[std::string(faults::Info(plan_.faults[firing.fault].action.kind).name)];
    }
    result.totals = monitor_.totals();
    result.totals.events = world.events();
    result.totals.simulated = world.now() - Instant();
    result.digest = world.digest().Value();
    result.failure = world.failure().value_or("");
    return result;
  }

  const Scenario& scenario_;
  const faults::Plan& plan_;
  const JobGraph graph_;
  const properties::JobShape shape_;
  const Workload workload_;
  SimCluster cluster_;
  std::vector<Judge> judges_;
  Watch watch_;
  RunMonitor monitor_;
  faults::Injector injector_;
  bool needs_sets_ = false;
};

void NameFirstViolation(RunResult& result) {
  if (!result.failure.empty()) {
    result.message = result.failure;
    result.signature = "no-failed-check//failed//";
    return;
  }
  for (const PropertyResult& property : result.properties) {
    if (property.verdict.outcome != properties::Outcome::kViolated || property.expected_broken) continue;
    result.message = property.verdict.message;
    result.signature = property.verdict.signature.ToString();
    return;
  }
}

RunResult RunAndJudge(const Scenario& scenario, const RunSpec& spec, const faults::Plan& plan,
                      const RunHooks& hooks) {
  absl::StatusOr<JobGraph> graph = BuildGraph(scenario, plan.options);
  RunResult result;
  if (!graph.ok()) {
    result.failure = std::string(graph.status().message());
    return result;
  }
  bool needs_sets = false;
  {
    OneRun run(scenario, spec, plan, *std::move(graph), static_cast<bool>(hooks.with_trace));
    result = run.Execute(hooks.progress, hooks.coverage);
    needs_sets = run.needs_sets() && plan.options.Get("weir.ledger") != "sets";
    if (hooks.with_trace) hooks.with_trace(run.digest());
  }
  if (needs_sets) {
    // The same run with full identity sets: they are not billed, so nothing else changes, and now records have names.
    faults::Plan with_sets = plan;
    with_sets.options.Set("weir.ledger", "sets");
    OneRun again(scenario, spec, with_sets, BuildGraph(scenario, with_sets.options).value(), false);
    result.properties = again.Execute(hooks.progress, nullptr).properties;
  }
  return result;
}

}  // namespace

bool RunResult::Violated() const {
  if (!failure.empty()) return true;
  return std::any_of(properties.begin(), properties.end(), [](const PropertyResult& property) {
    return property.verdict.outcome == properties::Outcome::kViolated && !property.expected_broken;
  });
}

RunResult Run(const Scenario& scenario, const RunSpec& spec, const faults::Plan& plan,
              const RunHooks& hooks) {
  RunResult result;
  try {
    result = RunAndJudge(scenario, spec, plan, hooks);
  } catch (const RunAborted& aborted) {
    result.failure = aborted.message();
  } catch (...) {
    result.failure = std::string(StatusOfException().message());
  }
  NameFirstViolation(result);
  return result;
}

}  // namespace weir::scenarios
