#include "scenarios/sim_cluster.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "runtime/api/api.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/base/user_code.h"
#include "runtime/checkpoint/job_record.h"
#include "runtime/job/cluster.h"
#include "scenarios/commutativity.h"
#include "scenarios/draws.h"

namespace weir::scenarios {
namespace {

sim::WorldOptions WorldOptionsOf(const faults::Plan& plan, bool keep_trace) {
  sim::WorldOptions options;
  options.seed = plan.seed;
  options.schedule = plan.schedule;
  options.keep_trace = keep_trace;
  const Duration latency = plan.options.GetDuration(kLinkLatencyOption, Duration::Micros(500)).value();
  options.link.latency_max = std::max(latency, options.link.latency_min);
  options.link.latency_tail = std::max(options.link.latency_tail, latency * 4);
  options.loopback.latency_min = Duration::Micros(5);
  options.loopback.latency_max = Duration::Micros(50);
  options.loopback.tail_permille = 0;
  options.event_budget = static_cast<uint64_t>(
      plan.options.GetInt(kEventBudgetOption, static_cast<int64_t>(options.event_budget)).value());
  return options;
}

sim::ClusterServicesOptions ServicesOptionsOf(const Scenario& scenario) {
  sim::ClusterServicesOptions options;
  options.has_database = scenario.uses_database();
  return options;
}

properties::OperatorShape ShapeOf(const OperatorNode& node) {
  properties::OperatorShape shape;
  shape.id = node.id.ToHex();
  shape.uid = node.uid;
  shape.name = node.name;
  shape.is_source = node.is_source;
  shape.source_topic = node.source_topic;
  shape.is_keyed = node.is_keyed;
  using Sink = properties::OperatorShape::Sink;
  shape.sink = node.sink == SinkGuarantee::kTransactional ? Sink::kTransactional
               : node.sink == SinkGuarantee::kPlain       ? Sink::kPlain
                                                          : Sink::kNone;
  shape.sink_topic = node.sink_topic;
  return shape;
}

}  // namespace

absl::StatusOr<JobGraph> BuildGraph(const Scenario& scenario, const Configuration& options) {
  absl::StatusOr<JobGraph> graph;
  const absl::Status thrown = CallUserCode([&] {
    StreamExecutionEnvironment environment(options);
    scenario.build()(environment);
    graph = environment.BuildJobGraph(scenario.name());
    return absl::OkStatus();
  });
  if (!thrown.ok())
    return WithContext(thrown, absl::StrCat("the job of ", scenario.name(), " could not be built"));
  if (graph.ok()) WEIR_RETURN_IF_ERROR(graph->Validate());
  return graph;
}

properties::JobShape ShapeOf(const JobGraph& graph) {
  properties::JobShape shape;
  shape.job_id = std::string(kJobId);
  shape.checkpoint_dir = graph.config.checkpoint_dir;
  shape.checkpointing = graph.config.checkpointing;
  shape.exactly_once = graph.config.checkpointing && graph.config.mode == CheckpointingMode::kExactlyOnce;
  shape.ledger = graph.config.ledger != LedgerMode::kOff;
  shape.lockstep = graph.config.lockstep;
  shape.ledger_sets = graph.config.ledger == LedgerMode::kSets;
  for (const JobVertex& vertex : graph.vertices) {
    properties::VertexShape v;
    v.name = vertex.name;
    v.parallelism = vertex.parallelism;
    for (const OperatorNode& node : vertex.chain) v.chain.push_back(ShapeOf(node));
    v.inputs = vertex.inputs;
    v.outputs = vertex.outputs;
    shape.vertices.push_back(std::move(v));
  }
  for (const JobEdge& edge : graph.edges) {
    properties::EdgeShape e;
    e.from = edge.from.value;
    e.to = edge.to.value;
    e.partitioner = static_cast<properties::EdgeShape::Partitioner>(edge.partitioner);
    shape.edges.push_back(e);
  }
  return shape;
}

SimCluster::SimCluster(const Scenario& scenario, const faults::Plan& plan, const JobGraph& graph,
                       const Workload& workload, bool keep_trace)
    : scenario_(scenario), graph_(graph), options_(plan.options), workload_(workload) {
  world_ = std::make_unique<sim::World>(WorldOptionsOf(plan, keep_trace));
  services_ = std::make_unique<sim::ClusterServices>(*world_, ServicesOptionsOf(scenario));
  nodes_["object-store"] = services_->store_node();
  nodes_["register"] = services_->register_node();
  nodes_["log"] = services_->log_node();
  if (scenario.uses_database()) {
    nodes_["database"] = services_->database_node();
    options_.Set(kDatabaseNodeOption, absl::StrCat(services_->database_node().value));
  }
  for (uint32_t i = 0; i < scenario.cluster().job_managers; ++i) {
    job_managers_.push_back(world_->AddNode(absl::StrCat("job-manager-", i)));
    nodes_[world_->NodeName(job_managers_.back())] = job_managers_.back();
  }
  for (uint32_t i = 0; i < scenario.cluster().task_managers; ++i) {
    task_managers_.push_back(world_->AddNode(absl::StrCat("task-manager-", i)));
    nodes_[world_->NodeName(task_managers_.back())] = task_managers_.back();
  }
  AddTopics(graph);
}

SimCluster::~SimCluster() = default;

void SimCluster::AddTopics(const JobGraph& graph) {
  for (const std::string& topic : workload_.Topics()) {
    // Asked for each record: a split is looked up once.
    std::vector<const std::vector<absl::string_view>*> splits(workload_.Splits(topic));
    const auto source = [this, topic, splits](uint32_t split, uint64_t offset, LogRecordsWriter* to) mutable {
      if (splits[split] == nullptr) splits[split] = &workload_.Records(topic, split);
      const std::vector<absl::string_view>& records = *splits[split];
      if (offset >= records.size()) return false;
      if (to != nullptr) to->Add({records[offset]});
      return true;
    };
    services_->log().AddSourceTopic(topic, workload_.Splits(topic), source, workload_.Interval(topic));
    if (workload_.FirstSplits(topic) == workload_.Splits(topic)) continue;
    services_->log().AddPartitionsLater(topic, workload_.FirstSplits(topic), workload_.Complete(topic));
  }
  for (const JobVertex& vertex : graph.vertices) {
    for (const OperatorNode& node : vertex.chain) {
      if (!node.sink_topic.empty()) services_->log().AddTopic(node.sink_topic, vertex.parallelism);
    }
  }
}

void SimCluster::Start() {
  services_->Start();
  const JobGraphFactory graph = [this] {
    absl::StatusOr<JobGraph> built = BuildGraph(scenario_, options_);
    WEIR_CHECK(built.ok(), "the job graph was checked before: ", built.status().message());
    built->config.lockstep_report = &lockstep_;
    return *std::move(built);
  };
  for (NodeId node : job_managers_) {
    world_->Start(node, [graph](Env& env) {
      JobManagerOptions options;
      options.job_id = std::string(kJobId);
      options.graph = graph;
      return MakeJobManager(env, std::move(options));
    });
  }
  for (NodeId node : task_managers_) {
    world_->Start(node, [this, graph](Env& env) {
      TaskManagerOptions options;
      options.job_managers = job_managers_;
      options.slots = scenario_.cluster().slots_per_task_manager;
      options.graph = graph;
      return MakeTaskManager(env, std::move(options));
    });
  }
}

void SimCluster::SetStoreUnavailable(bool unavailable) {
  services_->store_faults().MakeUnavailable(unavailable ? Instant::Max() : Instant());
}

void SimCluster::SetStoreSlowdown(uint32_t factor) { services_->store_faults().MakeSlow(factor, Duration()); }

void SimCluster::LoseStoreResponses(uint32_t count) { services_->store_faults().LoseResponses(count); }

uint64_t SimCluster::SplitEnd(absl::string_view topic, uint32_t split) const {
  return workload_.SplitEnd(topic, split);
}

const std::vector<absl::string_view>& SimCluster::SourceRecords(absl::string_view topic,
                                                                uint32_t split) const {
  return workload_.Records(topic, split);
}

std::string SimCluster::DescribeSourceRecord(absl::string_view topic, uint32_t split, uint64_t offset) const {
  return workload_.Describe(topic, split, offset);
}

LogRecordsView SimCluster::Committed(absl::string_view topic) const {
  LogRecordsView records;
  const LogState& log = services_->log();
  const uint32_t partitions = log.Partitions(topic).value_or(0);
  for (uint32_t partition = 0; partition < partitions; ++partition) {
    records.Add(log.CommittedRecords(topic, partition));
  }
  return records;
}

std::optional<absl::string_view> SimCluster::Object(absl::string_view key) const {
  const Blob* blob = services_->store().Find(key);
  if (blob == nullptr) return std::nullopt;
  return blob->bytes;
}

std::vector<std::string> SimCluster::Objects(absl::string_view prefix) const {
  return services_->store().Keys(prefix);
}

std::string SimCluster::JobRecord() const { return services_->registry().Find(JobRecordKey(kJobId)).value; }

std::map<std::string, std::string> SimCluster::Database() const {
  if (!scenario_.uses_database()) return {};
  return {services_->database().values.begin(), services_->database().values.end()};
}

properties::BackendAnswers SimCluster::Backends() const {
  properties::BackendAnswers answers;
  answers.compared = lockstep_.compared;
  if (!lockstep_.first.has_value()) return answers;
  answers.message = lockstep_.first->message;
  answers.operator_uid = lockstep_.first->operator_uid;
  answers.state = lockstep_.first->state;
  return answers;
}

std::string SimCluster::BlameForCopies(absl::string_view operator_id, absl::string_view state) const {
  return ExplainDifferingCopies(graph_, *this, operator_id, state);
}

}  // namespace weir::scenarios
