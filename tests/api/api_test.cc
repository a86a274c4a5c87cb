#include "runtime/api/api.h"

#include <catch2/catch.hpp>

#include "runtime/types/operator_id.h"

namespace weir {

struct Event1 {
  int64_t user = 0;
  std::string name;
};
WEIR_FIELDS(Event1, user, name);

namespace {

class Counter : public KeyedProcessFunction<int64_t, Event1, int64_t> {
 public:
  static constexpr ValueStateDescriptor<int64_t> kCount{"count"};
  explicit Counter(int64_t step) : step_(step) {}
  void Open(RuntimeContext& context) { count_ = context.GetState(kCount); }
  absl::Status ProcessElement(const Event1&, Context& context, Collector<int64_t>& out) {
    count_.Mutate([this](int64_t& n) { n += step_; });
    out.Collect(context.current_key());
    return absl::OkStatus();
  }

 private:
  int64_t step_;
  ValueState<int64_t> count_;
};
struct Splitter {
  void FlatMap(const std::string& line, Collector<std::string>& out) { out.Collect(line); }
};

JobGraph Build(const StreamExecutionEnvironment& env) {
  auto graph = env.BuildJobGraph();
  INFO(graph.status().ToString());
  REQUIRE(graph.ok());
  return *std::move(graph);
}
std::string ErrorOf(const StreamExecutionEnvironment& env) {
  const auto graph = env.BuildJobGraph();
  if (graph.ok()) return "";
  CHECK(absl::IsInvalidArgument(graph.status()));
  return std::string(graph.status().message());
}
std::vector<std::string> Names(const JobGraph& graph) {
  std::vector<std::string> names;
  for (const JobVertex& vertex : graph.vertices) names.push_back(vertex.name);
  return names;
}
using Strings = std::vector<std::string>;

// What is called like a method of the engine's, and what is not.
struct HasOpenOfNothing {
  void Open();
};
struct HasConstantOpen {
  enum State { Open, Closed };
};
struct InheritsOpen : HasOpenOfNothing {};
class HasPrivateOpen {
  void Open(int);
};
static_assert(operators_internal::NamesOpen<HasOpenOfNothing>);
static_assert(operators_internal::NamesOpen<InheritsOpen>);
static_assert(operators_internal::NamesOpen<HasPrivateOpen>);
static_assert(operators_internal::NamesOpen<Counter>);
static_assert(!operators_internal::NamesOpen<HasConstantOpen>);
static_assert(!operators_internal::NamesOpen<Splitter>);
static_assert(!operators_internal::NamesOnTimer<Counter>);

struct KeepsEven {
  absl::StatusOr<bool> Filter(const int64_t& n) {
    if (n < 0) return absl::InvalidArgumentError("negative");
    return n % 2 == 0;
  }
};

TEST_CASE("api: a filter may return a status", "[api]") {
  StreamExecutionEnvironment env;
  env.AddSource(LogSource<int64_t>("numbers")).Filter(KeepsEven()).AddSink(PlainSink<int64_t>("even"));
  CHECK(Names(Build(env)) == Strings{"source -> filter -> sink"});
}

TEST_CASE("api: operators in a row are chained, a key breaks the chain", "[api]") {
  StreamExecutionEnvironment env;
  env.SetParallelism(2);
  env.AddSource(LogSource<Event1>("events"))
      .Uid("events")
      .Filter([](const Event1& e) { return e.user > 0; })
      .KeyBy(&Event1::user)
      .Process<Counter>(2)
      .Uid("count")
      .Map([](int64_t n) { return n * 2; })
      .Name("double")
      .AddSink(TransactionalSink<int64_t>("out"));
  const JobGraph graph = Build(env);
  CHECK(Names(graph) == Strings{"events -> filter", "count -> double -> sink"});
  REQUIRE(graph.edges.size() == 1);
  CHECK(graph.edges[0].partitioner == Partitioner::kHash);
  CHECK_FALSE(graph.edges[0].is_default);
  CHECK(graph.edges[0].serializer == &TypeOf<Event1>::Serializer());
  const Event1 event{42, "x"};
  CHECK(graph.edges[0].key_hash(&event) == TypeOf<int64_t>::Hash(42));
  const JobVertex& second = graph.vertices[1];
  CHECK(second.max_parallelism == 128);
  CHECK(second.chain[0].is_keyed);
  CHECK(second.chain[0].key_type == &TypeOf<int64_t>::Serializer());
  CHECK(second.chain[0].id == OperatorIdFromUid("count"));
  CHECK(second.chain[2].sink == SinkGuarantee::kTransactional);
  CHECK(second.chain[2].sink_topic == "out");
  CHECK(graph.vertices[0].chain[0].source_topic == "events");
  CHECK(graph.SubtaskCount() == 4);
  CHECK(graph.SubtaskName({VertexId(1), 1}) == "count -> double -> sink[1]");
}

TEST_CASE("api: unequal parallelism is rebalanced, an equal one forwarded", "[api]") {
  StreamExecutionEnvironment env;
  env.SetParallelism(2);
  auto lines = env.AddSource(TextLogSource("lines")).SetParallelism(1);
  lines.FlatMap<Splitter>().Name("a").Map([](const std::string& s) { return s; }).Name("b");
  const JobGraph graph = Build(env);
  CHECK(Names(graph) == Strings{"source", "a -> b"});
  CHECK(graph.edges[0].partitioner == Partitioner::kRebalance);
  CHECK(graph.edges[0].is_default);
  CHECK(graph.vertices[0].parallelism == 1);
  CHECK(graph.vertices[0].has_own_parallelism);
  CHECK_FALSE(graph.vertices[1].has_own_parallelism);
}

TEST_CASE("api: what two read is a vertex of its own, and chaining can be switched off", "[api]") {
  StreamExecutionEnvironment env;
  auto lines = env.AddSource(TextLogSource("lines"));
  lines.Map([](const std::string& s) { return s; })
      .Name("left")
      .AddSink(PlainSink<std::string>("l"))
      .Name("l");
  lines.Rebalance()
      .Map([](const std::string& s) { return s; })
      .Name("right")
      .StartNewChain()
      .AddSink([](const std::string&) {})
      .Name("r");
  const JobGraph graph = Build(env);
  CHECK(Names(graph) == Strings{"source", "left -> l", "right -> r"});
  CHECK(graph.vertices[0].outputs == std::vector<uint32_t>{0, 1});
  CHECK(graph.edges[0].partitioner == Partitioner::kForward);
  CHECK(graph.edges[1].partitioner == Partitioner::kRebalance);

  StreamExecutionEnvironment single;
  single.DisableOperatorChaining();
  single.AddSource(TextLogSource("lines")).Map([](const std::string& s) { return s; });
  CHECK(Build(single).vertices.size() == 2);
}

TEST_CASE("api: ids come from uids, from uid hashes, or from the place in the graph", "[api]") {
  const auto build = [](const std::string& hash) {
    StreamExecutionEnvironment env;
    auto mapped =
        env.AddSource(TextLogSource("lines")).Uid("lines").Map([](const std::string& s) { return s; });
    if (!hash.empty()) mapped.UidHash(hash);
    return env.BuildJobGraph();
  };
  const auto without = build("");
  REQUIRE(without.ok());
  CHECK(without->vertices[0].chain[0].id == OperatorIdFromUid("lines"));
  CHECK(build("")->vertices[0].chain[1].id == without->vertices[0].chain[1].id);
  CHECK(build("00112233445566778899aabbccddeeff")->vertices[0].chain[1].id.ToHex() ==
        "00112233445566778899aabbccddeeff");
  CHECK(absl::IsInvalidArgument(build("xyz").status()));
}

TEST_CASE("api: the command line wins over the code", "[api]") {
  Configuration configuration;
  configuration.Set("execution.checkpointing.interval", "3 s");
  configuration.Set("parallelism.default", "5");
  StreamExecutionEnvironment env(configuration);
  env.EnableCheckpointing(absl::Seconds(5), CheckpointingMode::kAtLeastOnce).SetParallelism(2);
  env.AddSource(TextLogSource("lines"));
  const JobGraph graph = Build(env);
  CHECK(graph.config.checkpoint_interval == Duration::Seconds(3));
  CHECK(graph.config.mode == CheckpointingMode::kAtLeastOnce);
  CHECK(graph.config.checkpointing);
  CHECK(graph.vertices[0].parallelism == 5);
}

TEST_CASE("api: what cannot be deployed is one clear sentence", "[api]") {
  const auto with = [](int64_t parallelism, std::optional<int64_t> max) {
    StreamExecutionEnvironment env;
    auto source = env.AddSource(TextLogSource("lines")).Uid("lines").SetParallelism(parallelism);
    if (max.has_value()) source.SetMaxParallelism(*max);
    return ErrorOf(env);
  };
  CHECK(with(1, std::nullopt).empty());
  for (const int64_t parallelism : {int64_t{0}, int64_t{-1}, int64_t{40000}}) {
    CHECK(with(parallelism, std::nullopt).find("operator lines") != std::string::npos);
  }
  CHECK(with(4, 2).find("operator lines") != std::string::npos);
  CHECK(with(1, 0).find("operator lines") != std::string::npos);

  StreamExecutionEnvironment empty;
  CHECK(ErrorOf(empty) == "the job has no operators: add a source");

  StreamExecutionEnvironment twice;
  twice.AddSource(TextLogSource("a")).Uid("same");
  twice.AddSource(TextLogSource("b")).Uid("same");
  CHECK(ErrorOf(twice).find("same") != std::string::npos);

  StreamExecutionEnvironment forward;
  forward.AddSource(TextLogSource("a"))
      .SetParallelism(2)
      .Forward()
      .Map([](const std::string& s) { return s; })
      .SetParallelism(3);
  CHECK(ErrorOf(forward).find("Rebalance()") != std::string::npos);
}

TEST_CASE("api: what functions emit is deduced", "[api]") {
  StreamExecutionEnvironment env;
  auto lines = env.AddSource(TextLogSource("lines"));
  STATIC_REQUIRE(std::is_same_v<decltype(lines), DataStream<std::string>>);
  auto lengths = lines.Map(
      [](const std::string& s) -> absl::StatusOr<int64_t> { return static_cast<int64_t>(s.size()); });
  STATIC_REQUIRE(std::is_same_v<decltype(lengths), DataStream<int64_t>>);
  auto words = lines.FlatMap([](const std::string& s, Collector<Event1>& out) { out.Collect({1, s}); });
  STATIC_REQUIRE(std::is_same_v<decltype(words), DataStream<Event1>>);
  auto keyed = words.KeyBy(&Event1::name);
  STATIC_REQUIRE(std::is_same_v<decltype(keyed), KeyedStream<std::string, Event1>>);
  auto by_length = lines.KeyBy([](const std::string& s) { return static_cast<int64_t>(s.size()); });
  STATIC_REQUIRE(std::is_same_v<decltype(by_length), KeyedStream<int64_t, std::string>>);
  auto kept = keyed.Filter([](const Event1& e) { return e.user == 1; }).Uid("kept");
  STATIC_REQUIRE(std::is_same_v<decltype(kept), DataStream<Event1>>);
  auto stamped = kept.AssignTimestampsAndWatermarks([](const Event1& e) { return e.user; }, absl::Seconds(1));
  STATIC_REQUIRE(std::is_same_v<decltype(stamped), DataStream<Event1>>);
  CHECK(Names(Build(env)) == Strings{"source", "map", "flat-map", "kept -> watermarks"});
}

TEST_CASE("api: unions and side outputs are no nodes, and two inputs are numbered", "[api]") {
  constexpr OutputTag<int64_t> kTag{"tag"};
  StreamExecutionEnvironment env;
  auto left = env.AddSource(LogSource<Event1>("left")).Uid("left");
  auto right = env.AddSource(LogSource<Event1>("right")).Uid("right").SetParallelism(2);
  auto counted = left.Union(right.Rebalance(), left).KeyBy(&Event1::user).Process<Counter>(1).Uid("count");
  counted.GetSideOutput(kTag).Map([](int64_t n) { return n; }).Uid("side");
  counted.Map([](int64_t n) { return n; }).Uid("main");
  const JobGraph graph = Build(env);
  CHECK(Names(graph) == Strings{"left", "right", "count", "side", "main"});
  REQUIRE(graph.vertices[2].inputs.size() == 3);
  for (const uint32_t edge : graph.vertices[2].inputs) {
    CHECK(graph.edges[edge].input == 0);
    CHECK(graph.edges[edge].partitioner == Partitioner::kHash);
  }
  CHECK(graph.edges[graph.vertices[3].inputs[0]].side_output == "tag");
  CHECK(graph.edges[graph.vertices[4].inputs[0]].side_output.empty());

  // Read by nobody else, it still ends the chain.
  StreamExecutionEnvironment alone;
  alone.AddSource(LogSource<Event1>("left"))
      .KeyBy(&Event1::user)
      .Process<Counter>(1)
      .GetSideOutput(kTag)
      .AddSink([](int64_t) {});
  CHECK(Names(Build(alone)) == Strings{"source", "process", "sink"});
}

TEST_CASE("api: a broadcast is the second input, and what it feeds has an id of its own", "[api]") {
  static constexpr MapStateDescriptor<int64_t, Event1> kMap{"map"};
  struct Both : BroadcastProcessFunction<std::string, Event1, std::string> {
    void ProcessElement(const std::string&, ReadOnlyContext&, Collector<std::string>&) {}
    void ProcessBroadcastElement(const Event1&, Context&, Collector<std::string>&) {}
  };
  StreamExecutionEnvironment env;
  env.SetParallelism(3);
  auto rules = env.AddSource(LogSource<Event1>("rules")).Uid("rules").SetParallelism(2).Broadcast(kMap);
  auto joined = env.AddSource(TextLogSource("lines")).Connect(rules).Process<Both>();
  STATIC_REQUIRE(std::is_same_v<decltype(joined), DataStream<std::string>>);
  const JobGraph graph = Build(env);
  CHECK(Names(graph) == Strings{"rules", "source", "broadcast-process"});
  REQUIRE(graph.vertices[2].inputs.size() == 2);
  const JobEdge& main = graph.edges[graph.vertices[2].inputs[0]];
  const JobEdge& broadcast = graph.edges[graph.vertices[2].inputs[1]];
  CHECK(main.input == 0);
  CHECK(main.partitioner == Partitioner::kForward);
  CHECK(broadcast.input == 1);
  CHECK(broadcast.partitioner == Partitioner::kBroadcast);
  CHECK(graph.vertices[2].chain[0].id != graph.vertices[1].chain[0].id);
}

TEST_CASE("api: what names no operator cannot be given a name, and environments do not mix", "[api]") {
  const auto error = [](auto&& build) {
    StreamExecutionEnvironment env;
    StreamExecutionEnvironment other;
    build(env.AddSource(TextLogSource("a")), env.AddSource(TextLogSource("b")),
          other.AddSource(TextLogSource("c")));
    return ErrorOf(env);
  };
  CHECK(error([](auto a, auto b, auto) { a.Union(b).Uid("x"); }).find("set them before Union") !=
        std::string::npos);
  CHECK(error([](auto a, auto, auto) {
          a.GetSideOutput(OutputTag<int64_t>("t")).Name("x");
        }).find("or GetSideOutput") != std::string::npos);
  CHECK(error([](auto a, auto, auto c) { (void)a.Union(c); }) == "Union of streams of two environments");
  CHECK(error([](auto a, auto b, auto) { a.Uid("x").Union(b.Uid("y")); }).empty());
}

}  // namespace
}  // namespace weir
