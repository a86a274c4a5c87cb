// Unions, connected streams, side outputs and broadcast state, run on subtasks.
#include <catch2/catch.hpp>

#include "runtime/api/api.h"
#include "runtime/format/operator_state.h"
#include "runtime/format/witness.h"
#include "runtime/state/operator_state_backend.h"
#include "tests/task/mini_cluster.h"

namespace weir {

struct Click {
  int64_t user = 0;
  int64_t amount = 0;
};
WEIR_FIELDS(Click, user, amount);
struct Rule {
  int64_t id = 0;
  int64_t limit = 0;
};
WEIR_FIELDS(Rule, id, limit);

namespace {

constexpr MapStateDescriptor<int64_t, Rule> kRules{"rules"};
constexpr MapStateDescriptor<std::string, int64_t> kCounts{"counts"};
constexpr ValueStateDescriptor<int64_t> kClicks{"clicks"};
constexpr OutputTag<int64_t> kSeen{"seen"};
constexpr uint64_t kClickCount = 150;  // of each split
constexpr uint64_t kRuleCount = 20;

template <typename T>
void AddTopic(LogState& log, const std::string& name, uint64_t end, T (*make)(uint32_t, uint64_t)) {
  log.AddSourceTopic(
      name, 2,
      [end, make](uint32_t split, uint64_t offset, LogRecordsWriter* to) {
        ByteWriter bytes;
        if (offset >= end || !TypeOf<T>::Write(bytes, make(split, offset))) return false;
        if (to != nullptr) to->Add({bytes.bytes()});
        return true;
      },
      Duration::Millis(3));
}

template <typename T>
std::vector<T> Committed(const LogState& log, const std::string& topic) {
  std::vector<T> values;
  for (uint32_t partition = 0; partition < 2; ++partition) {
    for (const LogRecord& stored : log.CommittedRecords(topic, partition)) {
      ByteReader reader(stored.value);
      TypeOf<T>::Read(reader, values.emplace_back());
    }
  }
  std::sort(values.begin(), values.end());
  return values;
}

struct World {
  explicit World(std::function<void(StreamExecutionEnvironment&)> build, int64_t parallelism = 2)
      : cluster({}, [build = std::move(build), parallelism] {
          StreamExecutionEnvironment env;
          env.SetParallelism(parallelism).EnableCheckpointing(absl::Milliseconds(100));
          env.SetBufferTimeout(absl::Milliseconds(2));
          build(env);
          auto graph = env.BuildJobGraph();
          INFO(graph.status().ToString());
          REQUIRE(graph.ok());
          return *std::move(graph);
        }) {
    LogState& log = cluster.services().log();
    AddTopic<Click>(log, "clicks", kClickCount, [](uint32_t split, uint64_t offset) {
      return Click{static_cast<int64_t>(offset % 7), static_cast<int64_t>(offset + split)};
    });
    AddTopic<Rule>(log, "rules", kRuleCount, [](uint32_t split, uint64_t offset) {
      return Rule{static_cast<int64_t>(offset * 2 + split), static_cast<int64_t>(offset)};
    });
    for (const char* topic : {"out", "side"}) log.AddTopic(topic, 2);
  }
  // Whether some failure says this.
  bool FailedWith(absl::string_view what) {
    cluster.Start();
    cluster.RunFor(Duration::Seconds(1));
    INFO((cluster.failures().empty() ? "no failure" : cluster.failures()[0]));
    return !cluster.failures().empty() && cluster.failures()[0].find(std::string(what)) != std::string::npos;
  }
  MiniCluster cluster;
};

// Counts the clicks of each user, and says which rules came.
class Evaluator : public KeyedBroadcastProcessFunction<int64_t, Click, Rule, int64_t> {
 public:
  void Open(RuntimeContext& context) { clicks_ = context.GetState(kClicks); }
  void ProcessElement(const Click& click, ReadOnlyContext& context, Collector<int64_t>& out) {
    CHECK(context.current_key() == click.user);
    clicks_.Mutate([](int64_t& n) { ++n; });
    int64_t known = 0;
    for (const auto& [id, rule] : context.GetBroadcastState(kRules)) {
      CHECK(id == rule.id);
      ++known;
    }
    CHECK(known == static_cast<int64_t>(context.GetBroadcastState(kRules).size()));
    out.Collect(click.user * 1000 + *clicks_.Find());
  }
  void ProcessBroadcastElement(const Rule& rule, BroadcastContext& context, Collector<int64_t>&) {
    context.GetBroadcastState(kRules).Put(rule.id, rule);
    context.GetBroadcastState(kCounts).Put("rules",
                                           static_cast<int64_t>(context.GetBroadcastState(kRules).size()));
    context.Output(kSeen, rule.id);
  }

 private:
  ValueState<int64_t> clicks_;
};

// What writes cannot be written beside the main stream.
template <typename Context>
concept MayPut = requires(Context& context) {
  context.GetBroadcastState(kRules).Put(int64_t{1}, Rule());
};
static_assert(MayPut<Evaluator::Context> && MayPut<BroadcastContext>);
static_assert(!MayPut<Evaluator::ReadOnlyContext> && !MayPut<ReadOnlyBroadcastContext>);
template <typename Context>
concept MayApply = requires(Context& context) {
  context.ApplyToKeyedState(kClicks, [](const int64_t&, ValueState<int64_t>&) {});
};
static_assert(MayApply<Evaluator::Context> && !MayApply<BroadcastContext>);

void BuildEvaluator(StreamExecutionEnvironment& env) {
  auto rules = env.AddSource(LogSource<Rule>("rules")).Uid("rules").Broadcast(kRules, kCounts);
  auto matches = env.AddSource(LogSource<Click>("clicks"))
                     .Uid("clicks")
                     .KeyBy(&Click::user)
                     .Connect(rules)
                     .Process<Evaluator>()
                     .Uid("evaluator");
  matches.AddSink(TransactionalSink<int64_t>("out")).Uid("out");
  matches.GetSideOutput(kSeen).AddSink(TransactionalSink<int64_t>("side")).Uid("side");
}

std::vector<int64_t> ExpectedCounts() {
  std::vector<int64_t> expected;
  std::map<int64_t, int64_t> clicks;
  for (uint64_t i = 0; i < 2 * kClickCount; ++i) {
    const auto user = static_cast<int64_t>(i / 2 % 7);
    expected.push_back(user * 1000 + ++clicks[user]);
  }
  std::sort(expected.begin(), expected.end());
  return expected;
}

// Every rule once for each subtask.
std::vector<int64_t> ExpectedRules(int64_t parallelism) {
  std::vector<int64_t> expected;
  for (int64_t id = 0; id < static_cast<int64_t>(2 * kRuleCount); ++id) {
    expected.insert(expected.end(), static_cast<size_t>(parallelism), id);
  }
  return expected;
}

TEST_CASE("broadcast: every subtask has every rule, keyed state goes on beside it, also after a crash",
          "[task]") {
  World world(BuildEvaluator);
  world.cluster.Start();
  world.cluster.RunFor(Duration::Millis(330));
  world.cluster.CrashNode(1);
  REQUIRE(world.cluster.RunUntilDrained(Duration::Seconds(30)));
  CHECK(world.cluster.attempt() == 2);
  const LogState& log = world.cluster.services().log();
  CHECK(Committed<int64_t>(log, "out") == ExpectedCounts());
  CHECK(Committed<int64_t>(log, "side") == ExpectedRules(2));

  // Both copies in the last checkpoint are the same bytes.
  std::set<std::string> copies;
  size_t count = 0;
  for (const auto& [subtask, snapshots] : world.cluster.checkpoint()) {
    for (const OperatorSnapshot& snapshot : snapshots) {
      const OperatorHandle& handle = snapshot.state.managed_operator;
      const bool has = std::any_of(handle.states.begin(), handle.states.end(),
                                   [](const OperatorStateOffsets& s) { return s.name == "rules"; });
      if (!has) continue;
      ++count;
      OperatorStateBackend backend;
      REQUIRE(backend.Restore(handle, world.cluster.BytesOf(handle.stream), nullptr).ok());
      auto rules = backend.RegisterBroadcast<int64_t, Rule>("rules");
      REQUIRE(rules.ok());
      CHECK((*rules)->size() == 2 * kRuleCount);
      copies.insert(backend.Snapshot({})->stream.bytes);
    }
  }
  CHECK(count == 2);
  CHECK(copies.size() == 1);
}

std::vector<WitnessEntry> EntriesIn(const std::string& element) {
  ByteReader reader(element);
  auto entries = DecodeWitness(reader.Bytes());
  REQUIRE(entries.ok());
  return *std::move(entries);
}

TEST_CASE("broadcast: what was emitted once is applied once by each subtask, in every checkpoint", "[task]") {
  World world(BuildEvaluator, 3);
  world.cluster.Start();
  uint64_t last = 0;
  uint64_t checked = 0;
  for (int step = 0; step < 30; ++step) {
    world.cluster.RunFor(Duration::Millis(41));
    if (step == 9) world.cluster.CrashNode(0);
    if (world.cluster.completed() == last) continue;
    last = world.cluster.completed();
    uint64_t emitted = 0;
    std::vector<uint64_t> applied;
    const JobGraph& graph = world.cluster.graph();
    const auto edge = std::find_if(graph.edges.begin(), graph.edges.end(),
                                   [](const JobEdge& e) { return e.partitioner == Partitioner::kBroadcast; });
    REQUIRE(edge != graph.edges.end());
    CHECK(edge->input == 1);
    for (const auto& [subtask, snapshots] : world.cluster.checkpoint()) {
      for (const OperatorSnapshot& snapshot : snapshots) {
        const OperatorHandle& handle = snapshot.state.managed_operator;
        if (handle.is_null()) continue;
        OperatorStateBackend backend;
        OperatorWitness witness;
        REQUIRE(backend.Restore(handle, world.cluster.BytesOf(handle.stream), &witness).ok());
        for (const std::string& element : witness.elements) {
          for (const WitnessEntry& entry : EntriesIn(element)) {
            if (entry.edge == edge->index && entry.role == WitnessRole::kEmitted) emitted += entry.count;
          }
        }
        for (const auto& [key, value] : witness.broadcast) {
          for (const WitnessEntry& entry : EntriesIn(value)) applied.push_back(entry.count);
        }
      }
    }
    ++checked;
    CHECK(applied == std::vector<uint64_t>(3, emitted));
  }
  CHECK(checked > 4);
}

// The rules in the order in which each subtask of the first attempt met them.
using Orders = std::map<uint32_t, std::vector<int64_t>>;
class Listener : public BroadcastProcessFunction<Click, Rule, int64_t> {
 public:
  explicit Listener(Orders* orders) : orders_(orders) {}
  void Open(RuntimeContext& context) { order_ = &(*orders_)[context.subtask_index()]; }
  void ProcessElement(const Click&, ReadOnlyBroadcastContext&, Collector<int64_t>&) {}
  void ProcessBroadcastElement(const Rule& rule, BroadcastContext& context, Collector<int64_t>&) {
    context.GetBroadcastState(kRules).Put(rule.id, rule);
    order_->push_back(rule.id);
  }

 private:
  Orders* orders_;
  std::vector<int64_t>* order_ = nullptr;
};

TEST_CASE(
    "broadcast order: legal keeps what one producer sent in order, adversarial does not, and nothing is held "
    "back",
    "[task]") {
  const uint32_t order = GENERATE(0u, 1u, 2u);
  Orders orders;
  World world([&orders](StreamExecutionEnvironment& env) {
    env.SetBufferTimeout(absl::Milliseconds(40));  // several rules in a buffer
    auto rules = env.AddSource(LogSource<Rule>("rules")).Uid("rules").Broadcast(kRules);
    env.AddSource(LogSource<Click>("clicks")).Uid("clicks").Connect(rules).Process<Listener>(&orders);
  });
  const Random random(5);
  world.cluster.on_choose = [&](const Event& event, uint32_t count) -> std::optional<uint32_t> {
    if (order == 0) return std::nullopt;
    if (event.id == EventId::kBroadcastOrderChosen) return order;
    if (event.id == EventId::kBroadcastWindowChosen) return count / 2;
    return static_cast<uint32_t>(
        random.Draw(DrawSite::kUser, Field(event, "subtask"), Field(event, "number"), count));
  };
  world.cluster.Start();
  REQUIRE(world.cluster.RunUntilDrained(Duration::Seconds(30)));
  CHECK(world.cluster.failures().empty());
  CHECK(world.cluster.count(EventId::kBroadcastOrderChosen) == (order == 0 ? 0 : 2));
  CHECK((world.cluster.count(EventId::kBroadcastElementChosen) > 0) == (order != 0));
  bool is_in_order = true;
  for (uint32_t subtask = 0; subtask < 2; ++subtask) {
    const std::vector<int64_t>& seen = orders[subtask];
    CHECK(seen.size() == 2 * kRuleCount);
    for (const int64_t producer : {0, 1}) {
      std::vector<int64_t> of_producer;
      std::copy_if(seen.begin(), seen.end(), std::back_inserter(of_producer),
                   [&](int64_t id) { return id % 2 == producer; });
      is_in_order &= std::is_sorted(of_producer.begin(), of_producer.end());
    }
  }
  CHECK(is_in_order == (order != 2));
}

// Without keys: sums of amounts that the rules let through are not looked at, only that both inputs arrive.
class Plain : public BroadcastProcessFunction<Click, Rule, int64_t> {
 public:
  void ProcessElement(const Click& click, ReadOnlyBroadcastContext&, Collector<int64_t>& out) {
    out.Collect(click.user);
  }
  absl::Status ProcessBroadcastElement(const Rule& rule, BroadcastContext& context, Collector<int64_t>& out) {
    context.GetBroadcastState(kRules).Put(rule.id, rule);
    out.Collect(100 + rule.id);
    return absl::OkStatus();
  }
};

TEST_CASE("broadcast: on a stream without keys", "[task]") {
  World world([](StreamExecutionEnvironment& env) {
    auto rules = env.AddSource(LogSource<Rule>("rules")).Uid("rules").Broadcast(kRules);
    env.AddSource(LogSource<Click>("clicks"))
        .Uid("clicks")
        .Connect(rules)
        .Process(Plain())
        .AddSink(TransactionalSink<int64_t>("out"));
  });
  world.cluster.Start();
  REQUIRE(world.cluster.RunUntilDrained(Duration::Seconds(30)));
  CHECK(world.cluster.failures().empty());
  CHECK(Committed<int64_t>(world.cluster.services().log(), "out").size() ==
        2 * kClickCount + 2 * 2 * kRuleCount);
}

class AsksForMore : public Evaluator {
 public:
  void ProcessBroadcastElement(const Rule& rule, BroadcastContext& context, Collector<int64_t>&) {
    context.GetBroadcastState(MapStateDescriptor<int64_t, Rule>("rulez")).Put(rule.id, rule);
  }
};
class TouchesKeyedState : public KeyedBroadcastProcessFunction<int64_t, Click, Rule, int64_t> {
 public:
  void Open(RuntimeContext& context) { clicks_ = context.GetState(kClicks); }
  void ProcessElement(const Click&, ReadOnlyContext&, Collector<int64_t>&) { clicks_.Update(1); }
  void ProcessBroadcastElement(const Rule&, Context&, Collector<int64_t>&) { clicks_.Update(2); }

 private:
  ValueState<int64_t> clicks_;
};

class ChangesWhatItVisits : public KeyedBroadcastProcessFunction<int64_t, Click, Rule, int64_t> {
 public:
  void Open(RuntimeContext& context) {
    by_click_ = context.GetState(MapStateDescriptor<int64_t, int64_t>("by-click"));
  }
  void ProcessElement(const Click&, ReadOnlyContext&, Collector<int64_t>&) {
    by_click_.Put(1, 1);
    by_click_.ForEach([this](int64_t click, int64_t) { by_click_.Remove(click); });
  }
  void ProcessBroadcastElement(const Rule&, Context&, Collector<int64_t>&) {}

 private:
  MapState<int64_t, int64_t> by_click_;
};

template <typename F>
void BuildWith(StreamExecutionEnvironment& env) {
  auto rules = env.AddSource(LogSource<Rule>("rules")).Uid("rules").Broadcast(kRules, kCounts);
  env.AddSource(LogSource<Click>("clicks"))
      .Uid("clicks")
      .KeyBy(&Click::user)
      .Connect(rules)
      .template Process<F>();
}

TEST_CASE("broadcast: what was not declared, or has no key, fails the task with a sentence", "[task]") {
  CHECK(World(BuildWith<AsksForMore>)
            .FailedWith(
                "broadcast state rulez (int64 to struct Rule) was not declared: the stream was broadcast "
                "with rules (int64 to struct Rule), counts (string to int64)"));
  CHECK(World(BuildWith<TouchesKeyedState>).FailedWith("no key is set"));
}

TEST_CASE("map state: a visitor that changes its own map fails the task, by the names of operator and state",
          "[task]") {
  World world(BuildWith<ChangesWhatItVisits>);
  CHECK(world.FailedWith("state by-click: accessed by the very function that it was lent to"));
  CHECK(world.cluster.failures()[0].find("operator broadcast-process (uid ") != std::string::npos);
}

class Join : public KeyedCoProcessFunction<int64_t, Click, Rule, int64_t> {
 public:
  void Open(RuntimeContext& context) { clicks_ = context.GetState(kClicks); }
  void ProcessElement1(const Click&, Context& context, Collector<int64_t>& out) {
    clicks_.Mutate([](int64_t& n) { ++n; });
    out.Collect(context.current_key() * 1000 + *clicks_.Find());
  }
  void ProcessElement2(const Rule& rule, Context& context, Collector<int64_t>&) {
    CHECK(context.current_key() == rule.id % 7);
    clicks_.Mutate([](int64_t& n) { ++n; });
  }

 private:
  ValueState<int64_t> clicks_;
};
struct Both : CoMapFunction<Click, Rule, int64_t> {
  int64_t Map1(const Click& click) { return click.user; }
  absl::StatusOr<int64_t> Map2(const Rule& rule) { return 100 + rule.id; }
};
struct Doubled : CoFlatMapFunction<int64_t, int64_t, int64_t> {
  void FlatMap1(const int64_t& n, Collector<int64_t>& out) { out.Collect(n); }
  void FlatMap2(const int64_t& n, Collector<int64_t>& out) {
    out.Collect(n);
    out.Collect(n);
  }
};

TEST_CASE("connected streams: two keyed inputs share the state of a key", "[task]") {
  World world([](StreamExecutionEnvironment& env) {
    env.AddSource(LogSource<Click>("clicks"))
        .Uid("clicks")
        .Connect(env.AddSource(LogSource<Rule>("rules")).Uid("rules"))
        .KeyBy(&Click::user, [](const Rule& rule) { return rule.id % 7; })
        .Process<Join>()
        .AddSink(TransactionalSink<int64_t>("out"));
  });
  world.cluster.Start();
  world.cluster.RunFor(Duration::Millis(300));
  world.cluster.CrashNode(0);
  REQUIRE(world.cluster.RunUntilDrained(Duration::Seconds(30)));
  const std::vector<int64_t> out = Committed<int64_t>(world.cluster.services().log(), "out");
  CHECK(out.size() == 2 * kClickCount);
  // Both inputs counted: the last click of user 0 came after all rules.
  const auto last = std::find_if(out.rbegin(), out.rend(), [](int64_t n) { return n < 1000; });
  CHECK(*last == 2 * 22 + 6);
}

TEST_CASE("union: what goes in comes out, whatever its way", "[task]") {
  World world([](StreamExecutionEnvironment& env) {
    auto clicks = env.AddSource(LogSource<Click>("clicks")).Uid("clicks");
    auto rules = env.AddSource(LogSource<Rule>("rules")).Uid("rules");
    auto both = clicks.Connect(rules).Map(Both());
    auto users = clicks.Map([](const Click& click) { return click.user; });
    both.Rebalance()
        .Union(users, users)
        .Connect(rules.Map([](const Rule& rule) { return rule.id; }))
        .FlatMap(Doubled())
        .AddSink(TransactionalSink<int64_t>("out"));
  });
  world.cluster.Start();
  REQUIRE(world.cluster.RunUntilDrained(Duration::Seconds(30)));
  CHECK(Committed<int64_t>(world.cluster.services().log(), "out").size() ==
        3 * 2 * kClickCount + 3 * 2 * kRuleCount);
}

// Keeps what comes in operator state until there are five, and notes the order of the calls.
class Buffering {
 public:
  explicit Buffering(std::vector<std::string>* calls) : calls_(calls) {}
  void SetRuntimeContext(RuntimeContext& context) {
    Note(context.is_restored() ? "runtime again" : "runtime");
  }
  absl::Status InitializeState(FunctionInitializationContext& context) {
    Note("initialize");
    CHECK(context.is_restored() == context.restored_checkpoint_id().has_value());
    list_ = context.operator_state().GetListState(ListStateDescriptor<int64_t>("buffered"));
    auto restored = list_.Get();
    if (restored.ok()) buffered_ = *restored;
    return restored.status();
  }
  void Open(RuntimeContext&) { Note("open"); }
  void FlatMap(const Click& click, Collector<int64_t>& out) {
    Note("record");
    buffered_.push_back(click.user);
    if (buffered_.size() < 5) return;
    for (const int64_t user : buffered_) out.Collect(user);
    buffered_.clear();
  }
  absl::Status SnapshotState(FunctionSnapshotContext& context) {
    CHECK(context.checkpoint_id().value > 0);
    Note("snapshot");
    return list_.Update(buffered_);
  }

 private:
  void Note(const std::string& call) {
    if (calls_->empty() || calls_->back() != call) calls_->push_back(call);
  }
  std::vector<std::string>* calls_;
  OperatorList<int64_t> list_;
  std::vector<int64_t> buffered_;
};
// The same, the old way.
struct OldBuffering {
  std::vector<int64_t> buffered;
  bool is_open = false;
  bool was_restored = false;
  std::vector<int64_t> SnapshotState(CheckpointId) { return buffered; }
  void RestoreState(const std::vector<int64_t>& list) {
    CHECK_FALSE(is_open);
    buffered = list;
  }
  void Open(RuntimeContext&) { is_open = true; }
  void FlatMap(const Click& click, Collector<int64_t>& out) {
    buffered.push_back(click.user);
    if (buffered.size() < 5) return;
    for (const int64_t user : buffered) out.Collect(user);
    buffered.clear();
  }
};

TEST_CASE(
    "operator state of functions: what waits in a buffer survives a crash, and calls come in Flink's order",
    "[task]") {
  std::vector<std::string> calls;
  const bool is_old = GENERATE(false, true);
  World world(
      [&calls, is_old](StreamExecutionEnvironment& env) {
        auto clicks = env.AddSource(LogSource<Click>("clicks")).Uid("clicks").Rebalance();
        auto buffered = is_old ? clicks.FlatMap<OldBuffering>() : clicks.FlatMap<Buffering>(&calls);
        buffered.AddSink(TransactionalSink<int64_t>("out"));
      },
      1);
  world.cluster.Start();
  world.cluster.RunFor(Duration::Millis(337));
  world.cluster.CrashNode(1);
  REQUIRE(world.cluster.RunUntilDrained(Duration::Seconds(30)));
  CHECK(Committed<int64_t>(world.cluster.services().log(), "out").size() == 2 * kClickCount);
  if (is_old) return;
  const std::vector<std::string> begin(calls.begin(), calls.begin() + 5);
  CHECK(begin == std::vector<std::string>{"runtime", "initialize", "open", "record", "snapshot"});
  const auto again = std::find(calls.begin(), calls.end(), "runtime again");
  REQUIRE(calls.end() - again > 4);
  CHECK(std::vector<std::string>(again, again + 4) ==
        std::vector<std::string>{"runtime again", "initialize", "open", "record"});
}

struct FailsInSnapshot : Buffering {
  using Buffering::Buffering;
  absl::Status SnapshotState(FunctionSnapshotContext&) {
    return absl::FailedPreconditionError("the user's snapshot failed");
  }
};
struct AsksForTwoModes {
  void InitializeState(FunctionInitializationContext& context) {
    (void)context.operator_state().GetListState(ListStateDescriptor<int64_t>("l"));
    (void)context.operator_state().GetUnionListState(ListStateDescriptor<int64_t>("l"));
  }
  void SnapshotState(FunctionSnapshotContext&) {}
  bool Filter(const Click&) { return true; }
};

TEST_CASE("operator state of functions: a failing snapshot and a name with two modes fail the task",
          "[task]") {
  std::vector<std::string> calls;
  CHECK(
      World([&calls](StreamExecutionEnvironment& env) {
        env.AddSource(LogSource<Click>("clicks")).Uid("clicks").FlatMap<FailsInSnapshot>(&calls).Uid("fails");
      }).FailedWith("operator fails (uid fails) of clicks -> fails[0]: the user's snapshot failed"));
  CHECK(World([](StreamExecutionEnvironment& env) {
          env.AddSource(LogSource<Click>("clicks"))
              .Uid("clicks")
              .Filter<AsksForTwoModes>(AsksForTwoModes())
              .Uid("two");
        }).FailedWith("operator state l is a split list and is now asked for as a union list"));
}

struct Late : ProcessFunction<Click, int64_t> {
  void ProcessElement(const Click& click, Context& context, Collector<int64_t>& out) {
    context.Output(kSeen, click.user);
    out.Collect(click.amount);
  }
};

TEST_CASE("side output: read as another type it fails the task, and nobody reading it is fine", "[task]") {
  CHECK(World([](StreamExecutionEnvironment& env) {
          auto processed = env.AddSource(LogSource<Click>("clicks")).Uid("clicks").Process<Late>();
          processed.GetSideOutput(OutputTag<std::string>("seen")).AddSink([](const std::string&) {});
        }).FailedWith("side output seen is read as string, but what is emitted is int64"));
  World world([](StreamExecutionEnvironment& env) {
    env.AddSource(LogSource<Click>("clicks"))
        .Uid("clicks")
        .Process<Late>()
        .AddSink(TransactionalSink<int64_t>("out"));
  });
  world.cluster.Start();
  REQUIRE(world.cluster.RunUntilDrained(Duration::Seconds(30)));
  CHECK(Committed<int64_t>(world.cluster.services().log(), "out").size() == 2 * kClickCount);
}

}  // namespace
}  // namespace weir
