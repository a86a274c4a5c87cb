// What is decided before a run: the checks of a specification, and the plan of a seed.
#include <algorithm>
#include <map>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "faults/budget.h"
#include "faults/fault_kinds.h"
#include "faults/generator.h"
#include "runtime/base/check.h"
#include "runtime/base/nearest_name.h"
#include "runtime/base/status.h"
#include "scenarios/draws.h"
#include "scenarios/promises.h"
#include "scenarios/run.h"
#include "scenarios/sim_cluster.h"
#include "scenarios/timing.h"
#include "scenarios/workload.h"

namespace weir::scenarios {
namespace {

// The scenario's options under those of the command line.
Configuration FixedOptions(const Scenario& scenario, const RunSpec& spec) {
  Configuration options = spec.options;
  for (const auto& [key, value] : scenario.options().values()) options.SetDefault(key, value);
  if (AsksForLockstep(spec)) options.SetDefault("weir.state.lockstep", "true");
  return options;
}

// Every option of a seed's run.
Configuration OptionsOf(const Scenario& scenario, const RunSpec& spec, const Random& random) {
  Configuration options = DrawOptions(FixedOptions(scenario, spec), scenario.cluster(), random);
  for (const auto& [key, values] : scenario.drawn_options()) {
    options.SetDefault(key, values[random.Draw(DrawSite::kOption, StableHash64(key), 0, values.size())]);
  }
  return options;
}

absl::StatusOr<faults::FaultSpec> FaultsOf(const Scenario& scenario, const RunSpec& spec) {
  return faults::FaultSpec::Parse(spec.faults.empty() ? scenario.faults() : spec.faults);
}

absl::Status CheckRunnerOptions(const Configuration& options) {
  for (absl::string_view key : {kFaultySpanOption, kWorkloadSpanOption, kLinkLatencyOption}) {
    WEIR_RETURN_IF_ERROR(options.GetDuration(key, Duration()).status());
  }
  WEIR_ASSIGN_OR_RETURN(const Duration ttl, options.GetDuration(kTimeToLiveOption, Duration::Millis(1)));
  if (ttl < Duration::Millis(1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("option ", kTimeToLiveOption, ": ", DurationToOption(ttl), " is not at least 1 ms"));
  }
  for (absl::string_view key : {kWorkloadRecordsOption, kEventBudgetOption}) {
    WEIR_ASSIGN_OR_RETURN(const int64_t number, options.GetInt(key, 1));
    if (number < 1) {
      return absl::InvalidArgumentError(absl::StrCat("option ", key, ": ", number, " is not at least 1"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSlots(const Scenario& scenario, const JobGraph& graph) {
  const uint32_t slots = scenario.cluster().task_managers * scenario.cluster().slots_per_task_manager;
  for (const JobVertex& vertex : graph.vertices) {
    if (vertex.parallelism <= slots) continue;
    return absl::InvalidArgumentError(absl::StrCat("option parallelism.default: ", vertex.parallelism,
                                                   " for ", vertex.name, " is more than the ", slots,
                                                   " slots of ", scenario.name()));
  }
  return absl::OkStatus();
}

// Every source reads an input of the scenario, and every sink has a topic of its own: what lies there is balanced against
// what that sink was given.
absl::Status CheckTopics(const Scenario& scenario, const JobGraph& graph) {
  std::vector<absl::string_view> inputs;
  for (const Input& input : scenario.inputs()) {
    if (absl::c_linear_search(inputs, input.name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("input ", input.name, " of ", scenario.name(), " is added twice"));
    }
    inputs.push_back(input.name);
  }
  std::map<absl::string_view, absl::string_view> sinks;  // topic -> operator
  for (const JobVertex& vertex : graph.vertices) {
    for (const OperatorNode& node : vertex.chain) {
      const auto wrong = [&](absl::string_view what) {
        return absl::InvalidArgumentError(absl::StrCat(node.is_source ? "source " : "sink ", node.name,
                                                       " of ", scenario.name(), ": ", what));
      };
      if (node.is_source && !absl::c_linear_search(inputs, node.source_topic)) {
        return wrong(UnknownName("input of the scenario", node.source_topic, inputs));
      }
      if (node.sink == SinkGuarantee::kNone) continue;
      if (node.sink_topic.empty()) return wrong("its topic has no name");
      if (absl::c_linear_search(inputs, node.sink_topic)) {
        return wrong(
            absl::StrCat("its topic ", node.sink_topic, " is an input of the scenario; name another"));
      }
      const auto [other, is_new] = sinks.emplace(node.sink_topic, node.name);
      if (!is_new) {
        return wrong(absl::StrCat("its topic ", node.sink_topic, " is that of sink ", other->second,
                                  "; give each its own, or unite the streams before one sink"));
      }
    }
  }
  return absl::OkStatus();
}

constexpr uint64_t kRecordsMax = 1'000'000'000;  // no run ends with more; a negative number is one

// The first record of each input that no file gives.
absl::Status CheckGenerators(const Scenario& scenario, const RunSpec& spec) {
  for (const Input& input : scenario.inputs()) {
    if (spec.inputs.records.count(input.name) != 0) continue;
    if (input.records > kRecordsMax) {
      return absl::InvalidArgumentError(
          absl::StrCat("input ", input.name, ": ", input.records, " records are more than ", kRecordsMax));
    }
    WEIR_RETURN_IF_ERROR(Workload::CheckGenerator(input));
  }
  return absl::OkStatus();
}

faults::GeneratorInput GeneratorInputOf(const Scenario& scenario, const JobGraph& graph,
                                        const Workload& workload, const faults::Plan& plan) {
  faults::GeneratorInput input;
  const ClusterShape& cluster = scenario.cluster();
  for (uint32_t i = 0; i < cluster.job_managers; ++i)
    input.job_managers.push_back(absl::StrCat("job-manager-", i));
  for (uint32_t i = 0; i < cluster.task_managers; ++i) {
    input.task_managers.push_back(absl::StrCat("task-manager-", i));
  }
  input.services = {"object-store", "register", "log"};
  input.slots_per_task_manager = cluster.slots_per_task_manager;
  input.slots_needed = 1;
  input.parallelism = graph.config.parallelism;
  input.parallelism_max = graph.RescaleLimit();
  for (uint32_t v = 0; v < graph.vertices.size(); ++v) {
    const JobVertex& vertex = graph.vertices[v];
    input.slots_needed = std::max(input.slots_needed, vertex.parallelism);
    faults::GeneratorInput::Vertex described;
    described.parallelism = vertex.parallelism;
    for (const OperatorNode& node : vertex.chain) {
      described.is_source |= node.is_source;
      input.has_state_on_disk |= node.is_keyed && graph.config.backend == KeyedBackend::kRocksdb;
      described.is_transactional_sink |= node.sink == SinkGuarantee::kTransactional;
      if (!node.is_source) continue;
      for (uint32_t s = 0; s < workload.Splits(node.source_topic); ++s) {
        input.splits.push_back({v, s, workload.SplitEnd(node.source_topic, s)});
      }
    }
    input.vertices.push_back(described);
  }
  input.has_broadcast = std::any_of(graph.edges.begin(), graph.edges.end(), [](const JobEdge& edge) {
    return edge.partitioner == Partitioner::kBroadcast;
  });
  input.checkpointing = graph.config.checkpointing;
  input.heartbeat_timeout = graph.config.heartbeat_timeout;
  input.restart_delay = graph.config.restart_delay;
  input.checkpoint_interval = graph.config.checkpoint_interval;
  input.checkpoint_timeout = graph.config.checkpoint_timeout;
  input.work = plan.options.GetDuration(kWorkloadSpanOption, Duration::Seconds(1)).value();
  input.faulty_phase = plan.liveness_at - Instant();
  return input;
}

}  // namespace

absl::Status CheckSpec(const Scenario& scenario, const RunSpec& spec) {
  const Configuration fixed = FixedOptions(scenario, spec);
  WEIR_RETURN_IF_ERROR(CheckRunnerOptions(fixed));
  WEIR_ASSIGN_OR_RETURN(const faults::FaultSpec faults, FaultsOf(scenario, spec));
  const auto rescale = faults.kinds.find(faults::FaultKind::kRescale);
  if (rescale != faults.kinds.end() && rescale->second) {
    const ClusterShape& cluster = scenario.cluster();
    WEIR_RETURN_IF_ERROR(faults::CheckParallelism(
        *rescale->second, uint64_t{cluster.task_managers} * cluster.slots_per_task_manager,
        "faults: rescale"));
  }
  // What is drawn depends on the seed, what is wrong does not: any seed will do.
  const Configuration options = OptionsOf(scenario, spec, Random(1));
  WEIR_ASSIGN_OR_RETURN(const JobGraph graph, BuildGraph(scenario, options));
  WEIR_RETURN_IF_ERROR(CheckSlots(scenario, graph));
  WEIR_RETURN_IF_ERROR(CheckTopics(scenario, graph));
  WEIR_RETURN_IF_ERROR(CheckGenerators(scenario, spec));
  return MakeJudges(scenario, spec, ShapeOf(graph)).status();
}

faults::Plan GeneratePlan(const Scenario& scenario, const RunSpec& spec, uint64_t seed) {
  const Random random(seed);
  faults::Plan plan;
  plan.scenario = scenario.name();
  plan.seed = seed;
  plan.workload_seed = Mix(seed, StableHash64("workload")) >> 11;  // JSON readers keep 53 bits
  plan.options = OptionsOf(scenario, spec, random);
  plan.inputs = spec.inputs.paths;
  plan.input_hashes = spec.inputs.hashes;
  plan.liveness_at = Instant() + plan.options.GetDuration(kFaultySpanOption, Duration::Seconds(10)).value();
  const absl::StatusOr<JobGraph> graph = BuildGraph(scenario, plan.options);
  if (!graph.ok()) return plan;  // a job that cannot be built with these very options: the run says why
  const Workload workload(scenario, spec.inputs, plan);
  plan.schedule = DrawSchedule(SlackMax({graph->config, plan.options, workload.TotalRecords()}), random);
  faults::GeneratorInput input = GeneratorInputOf(scenario, *graph, workload, plan);
  input.allowed = *FaultsOf(scenario, spec);
  input.faults_min = scenario.faults_min();
  input.preferred = scenario.preferred_fault();
  plan.faults = faults::GenerateFaults(input, random);
  return plan;
}

}  // namespace weir::scenarios
