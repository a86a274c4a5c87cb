// links: weir::job weir::api weir::services weir::sim
//
// Records a second through the whole engine in a simulated cluster: source -> map -> running sum by key -> transactional
// sink, four operators at parallelism 4, a job manager and two task managers, checkpoints on, no faults. Digest on, as
// always. "record granularity": every record is a buffer of its own; "32 KB buffers": Flink's defaults.
//
// "engine" reads and writes a log that costs next to nothing, inside the task manager; "engine and log" the simulated
// one, with its messages.
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/api/api.h"
#include "runtime/base/check.h"
#include "runtime/job/cluster.h"
#include "sim/service_clients.h"
#include "sim/services/cluster_services.h"
#include "sim/services/log_client.h"
#include "sim/services/object_store_client.h"
#include "sim/services/register_client.h"
#include "sim/world.h"

namespace weir {
namespace {

using Item = std::pair<int64_t, int32_t>;  // key, value

constexpr uint32_t kParallelism = 4;
constexpr int64_t kKeys = 1000;
constexpr double kSecondsMin = 0.4;
constexpr ValueStateDescriptor<int64_t> kSum{"sum"};

class RunningSum : public KeyedProcessFunction<int64_t, Item, Item> {
 public:
  void Open(RuntimeContext& context) { sum_ = context.GetState(kSum); }
  void ProcessElement(const Item& item, Context&, Collector<Item>& out) {
    int64_t sum = 0;
    sum_.Mutate([&](int64_t& value) { sum = value += item.second; });
    out.Collect({item.first, static_cast<int32_t>(sum)});
  }

 private:
  ValueState<int64_t> sum_;
};

JobGraph Build(bool by_record, const std::string& ledger) {
  Configuration options;
  options.Set("parallelism.default", std::to_string(kParallelism));
  options.Set("execution.checkpointing.interval", "1 s");
  options.Set("taskmanager.memory.segment-size", by_record ? "1" : "32 kb");
  options.Set("taskmanager.network.memory.buffers-per-channel", by_record ? "64" : "2");
  options.Set("weir.task.slice-records", "200");
  options.Set("weir.task.record-cost", "1 us");
  options.Set("weir.source.fetch-records", "1000");
  options.Set("weir.sink.batch-records", "1000");
  options.Set("weir.ledger", ledger);
  StreamExecutionEnvironment env(options);
  env.AddSource(LogSource<Item>("items"))
      .Uid("items")
      .Map([](const Item& item) {
        return Item{item.first, item.second + 1};
      })
      .Uid("map")
      .KeyBy([](const Item& item) { return item.first; })
      .Process<RunningSum>()
      .Uid("sum")
      .AddSink(TransactionalSink<Item>("sums"))
      .Uid("sums");
  auto graph = env.BuildJobGraph("bench");
  WEIR_CHECK(graph.ok(), graph.status().ToString());
  return *std::move(graph);
}

void AddRecordAt(uint32_t split, uint64_t offset, LogRecordsWriter& records) {
  const uint64_t bits = Mix(split, offset);
  const bool written = TypeOf<Item>::Write(
      records.Begin(), {static_cast<int64_t>(bits % kKeys), static_cast<int32_t>(bits & 255)});
  WEIR_CHECK(written);
  records.End({});
}

// Answers after 200 us of simulated time; makes records when they are asked for, and forgets those that it is given.
class LogAtHand : public Log {
 public:
  LogAtHand(Executor& executor, uint64_t end) : executor_(executor), end_(end) {}

  void Partitions(ActorId actor, std::string, Count count) override {
    Answer(actor, [count = std::move(count)]() mutable { count(kParallelism); });
  }
  void Fetch(ActorId actor, std::string, uint32_t partition, uint64_t offset, uint32_t max,
             Fetched fetched) override {
    LogBatch batch;
    batch.next_offset = std::min(end_, offset + max);
    LogRecordsWriter records;
    for (; offset < batch.next_offset; ++offset) AddRecordAt(partition, offset, records);
    batch.records = records.Take();
    batch.at_end = offset == end_;
    Answer(actor,
           [batch = std::move(batch), fetched = std::move(fetched)]() mutable { fetched(std::move(batch)); });
  }
  void Append(ActorId actor, std::string, uint32_t, LogRecords, Done done) override {
    AnswerOk(actor, std::move(done));
  }
  void AppendInTransaction(ActorId actor, std::string, uint64_t, std::string, uint32_t, LogRecords,
                           Done done) override {
    AnswerOk(actor, std::move(done));
  }
  void Commit(ActorId actor, std::string, Done done) override { AnswerOk(actor, std::move(done)); }
  void Abort(ActorId actor, std::string, Done done) override { AnswerOk(actor, std::move(done)); }
  void OpenTransactions(ActorId actor, std::string, Names names) override {
    Answer(actor, [names = std::move(names)]() mutable { names(std::vector<std::string>()); });
  }

 private:
  void Answer(ActorId actor, Task task) { executor_.After(actor, Duration::Micros(200), std::move(task)); }
  void AnswerOk(ActorId actor, Done done) {
    Answer(actor, [done = std::move(done)]() mutable { done(absl::OkStatus()); });
  }
  Executor& executor_;
  const uint64_t end_;
};

class BenchClients : public sim::ServiceClients {
 public:
  BenchClients(const sim::ClientParts& parts, const sim::ClusterServices& services, std::unique_ptr<Log> log)
      : store_({"object store", services.store_node(), sim::kObjectStorePort, Duration::Seconds(60)},
               parts.clock, parts.executor, parts.transport),
        register_({"register", services.register_node(), sim::kRegisterPort, Duration::Seconds(60)},
                  parts.clock, parts.executor, parts.transport),
        log_(std::move(log)) {}
  DurableStore& store() override { return store_; }
  Register& registry() override { return register_; }
  Log& log() override { return *log_; }

 private:
  sim::ObjectStoreClient store_;
  sim::RegisterClient register_;
  std::unique_ptr<Log> log_;
};

// Done when a checkpoint that was triggered after the last record is complete.
class Finish : public sim::Observer {
 public:
  absl::Status OnEvent(NodeId, const Event& event) override {
    if (event.id == EventId::kSplitAtEnd) ++ended_;
    if (event.id == EventId::kCheckpointTriggered && ended_ == kParallelism) late_.insert(event.fields[0]);
    if (event.id == EventId::kCheckpointCompleted && late_.count(event.fields[0]) != 0) done_ = true;
    return absl::OkStatus();
  }
  bool done() const { return done_; }

 private:
  uint32_t ended_ = 0;
  std::set<uint64_t> late_;
  bool done_ = false;
};

double UserSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec) * 1e-6;
}

struct Result {
  double seconds = 0;
  uint64_t events = 0;
};

Result RunOnce(bool by_record, const std::string& ledger, bool at_hand, uint64_t records) {
  const double begin = UserSeconds();
  sim::World world{sim::WorldOptions()};
  sim::ClusterServicesOptions service_options;
  service_options.client_timeout = Duration::Seconds(60);
  sim::ClusterServices services(world, service_options);
  const uint64_t end = records / kParallelism;
  services.log().AddSourceTopic("items", kParallelism,
                                [end](uint32_t split, uint64_t offset, LogRecordsWriter* items) {
                                  if (offset >= end) return false;
                                  if (items != nullptr) AddRecordAt(split, offset, *items);
                                  return true;
                                });
  services.log().AddTopic("sums", kParallelism);
  services.Start();
  if (at_hand) {
    world.SetClientFactory([&](const sim::ClientParts& parts) -> std::unique_ptr<sim::ServiceClients> {
      return std::make_unique<BenchClients>(parts, services,
                                            std::make_unique<LogAtHand>(parts.executor, end));
    });
  }
  const JobGraphFactory graph = [&] { return Build(by_record, ledger); };
  const NodeId manager = world.AddNode("jm");
  world.Start(manager, [&](Env& env) {
    JobManagerOptions options;
    options.graph = graph;
    return MakeJobManager(env, options);
  });
  for (int i = 0; i < 2; ++i) {
    world.Start(world.AddNode("tm" + std::to_string(i)), [&](Env& env) {
      TaskManagerOptions options;
      options.job_managers = {manager};
      options.slots = kParallelism;
      options.graph = graph;
      return MakeTaskManager(env, options);
    });
  }
  Finish finish;
  world.AddObserver(&finish);
  const absl::Status ended = world.RunUntil([&] { return finish.done(); }, Instant::Max());
  WEIR_CHECK(ended.ok(), ended.ToString(), " ", world.failure().value_or(""), "\n", world.Describe());
  return {UserSeconds() - begin, world.events()};
}

void Measure(bool by_record, const std::string& ledger, bool at_hand, uint64_t records) {
  double seconds = 0;
  uint64_t done = 0;
  uint64_t events = 0;
  while (seconds < kSecondsMin) {
    const Result result = RunOnce(by_record, ledger, at_hand, records);
    seconds += result.seconds;
    events += result.events;
    done += records;
  }
  const char* const what = at_hand ? "engine" : "engine and log";
  const char* const how = by_record ? "record granularity" : "32 KB buffers";
  const char* const on = ledger == "off" ? "off" : "on";
  std::printf("bench\t%s\t%s, ledger %s\t%.0f\trecords/s\n", what, how, on,
              static_cast<double>(done) / seconds);
  std::printf("%s, %s, ledger %s: %.2f events a record\n", what, how, on,
              static_cast<double>(events) / static_cast<double>(done));
}

}  // namespace
}  // namespace weir

// engine_bench [RECORDS [record | buffer [off | sums]]]
int main(int argc, char** argv) {
  const uint64_t records = argc > 1 ? std::stoull(argv[1]) : 400'000;
  const std::string granularity = argc > 2 ? argv[2] : "";
  const std::string ledgers = argc > 3 ? argv[3] : "";
  for (const bool at_hand : {true, false}) {
    for (const bool by_record : {true, false}) {
      if (!granularity.empty() && (granularity == "record") != by_record) continue;
      for (const char* ledger : {"off", "sums"}) {
        if (!ledgers.empty() && (ledgers != ledger || !at_hand)) continue;
        weir::Measure(by_record, ledger, at_hand, records);
      }
    }
  }
  return 0;
}
