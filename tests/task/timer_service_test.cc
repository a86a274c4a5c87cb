// Timers as a job sees them: a function that does what its records say, on one subtask, so that every record is followed by
// its watermark before the next one comes.
#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "runtime/api/api.h"
#include "tests/task/mini_cluster.h"

namespace weir {

struct Command {
  int64_t key = 0;
  std::string what;  // see Obey
  int64_t at = 0;    // of the timer
  int64_t time = 0;  // of the record: the watermark behind it is one less
};
WEIR_FIELDS(Command, key, what, at, time);

namespace {

template <typename Context>
concept HasTimers = requires(Context& context) {
  context.timer_service();
};
static_assert(HasTimers<KeyedContext<int64_t>>);
static_assert(HasTimers<OnTimerContext<int64_t>>);
static_assert(!HasTimers<ProcessContext>, "timers belong to a key: there are none on a stream without");

class Obey : public KeyedProcessFunction<int64_t, Command, std::string> {
 public:
  void ProcessElement(const Command& command, Context& context, Collector<std::string>& out) {
    TimerService& timers = context.timer_service();
    if (command.what == "event") timers.RegisterEventTimeTimer(command.at);
    if (command.what == "delete") timers.DeleteEventTimeTimer(command.at);
    // Of the wall clock: from now on.
    if (command.what == "wall")
      timers.RegisterProcessingTimeTimer(timers.CurrentProcessingTime() + command.at);
    if (command.what == "wall-exactly") timers.RegisterProcessingTimeTimer(command.at);
    if (command.what == "delete-wall") timers.DeleteProcessingTimeTimer(command.at);
    if (command.what == "look") out.Collect(absl::StrCat("look ", context.watermark().millis));
  }
  void OnTimer(int64_t timestamp, OnTimerContext<int64_t>& context, Collector<std::string>& out) {
    const bool is_event = context.time_domain() == TimeDomain::kEventTime;
    out.Collect(is_event ? absl::StrCat("event ", timestamp, " of ", context.current_key(), " at watermark ",
                                        context.watermark().millis)
                         : absl::StrCat("wall of ", context.current_key()));
    if (!is_event) CHECK(context.current_processing_time().millis > timestamp);
    // One far in the past, and one that is due only later.
    if (timestamp == 50) {
      context.timer_service().RegisterEventTimeTimer(3);
      context.timer_service().RegisterEventTimeTimer(5'000);
    }
  }
};

// Writes the timestamp of what the timers emit in front.
struct WithTimestamp : ProcessFunction<std::string, std::string> {
  void ProcessElement(const std::string& line, Context& context, Collector<std::string>& out) {
    out.Collect(context.timestamp() == EventTime::Min()
                    ? absl::StrCat("-: ", line)
                    : absl::StrCat(context.timestamp().millis, ": ", line));
  }
};

class Commands {
 public:
  explicit Commands(std::vector<Command> commands)
      : commands_(std::move(commands)), cluster_(MiniCluster::Options(), [] { return Build(); }) {
    LogState& log = cluster_.services().log();
    log.AddSourceTopic(
        "commands", 1,
        [this](uint32_t, uint64_t offset, LogRecordsWriter* to) {
          ByteWriter bytes;
          if (offset >= commands_.size() || !TypeOf<Command>::Write(bytes, commands_[offset])) return false;
          if (to != nullptr) to->Add({bytes.bytes()});
          return true;
        },
        Duration::Millis(50));
    log.AddTopic("lines", 1);
    cluster_.Start();
  }

  MiniCluster& cluster() { return cluster_; }
  // What was committed by now.
  std::vector<std::string> Lines() {
    std::vector<std::string> lines;
    for (const LogRecord& stored : cluster_.services().log().CommittedRecords("lines", 0)) {
      ByteReader reader(stored.value);
      TypeOf<std::string>::Read(reader, lines.emplace_back());
      REQUIRE(reader.AtEnd());
    }
    return lines;
  }
  std::vector<std::string> RunFor(Duration time) {
    cluster_.RunFor(time);
    INFO(cluster_.world().failure().value_or("no failed check"));
    for (const std::string& failure : cluster_.failures()) UNSCOPED_INFO(failure);
    CHECK(cluster_.failures().empty());
    return Lines();
  }

 private:
  static JobGraph Build() {
    StreamExecutionEnvironment env;
    env.SetParallelism(1);
    env.SetBufferTimeout(absl::ZeroDuration());
    env.Set("pipeline.auto-watermark-interval", "1 ms");
    env.AddSource(LogSource<Command>("commands"))
        .Uid("commands")
        .AssignTimestampsAndWatermarks([](const Command& command) { return command.time; },
                                       absl::ZeroDuration())
        .Uid("watermarks")
        .KeyBy(&Command::key)
        .Process<Obey>()
        .Uid("obey")
        .Process<WithTimestamp>()
        .Uid("timestamps")
        .AddSink(TransactionalSink<std::string>("lines"))
        .Uid("lines");
    auto graph = env.BuildJobGraph("timers");
    INFO(graph.status().ToString());
    REQUIRE(graph.ok());
    return *std::move(graph);
  }

  const std::vector<Command> commands_;
  MiniCluster cluster_;
};

using Lines = std::vector<std::string>;
constexpr Duration kLong = Duration::Seconds(3);

TEST_CASE("timers: registered twice, one fires once, and its output carries its time", "[task][timers]") {
  Commands run({{1, "event", 20, 10}, {1, "event", 20, 11}, {1, "", 0, 21}, {1, "", 0, 30}});
  CHECK(run.RunFor(kLong) == Lines{"20: event 20 of 1 at watermark 20"});
}

TEST_CASE("timers: fire in the order of their times, each for its key", "[task][timers]") {
  Commands run({{1, "event", 23, 10}, {2, "event", 21, 10}, {1, "event", 22, 10}, {3, "", 0, 40}});
  CHECK(run.RunFor(kLong) == Lines{"21: event 21 of 2 at watermark 39", "22: event 22 of 1 at watermark 39",
                                   "23: event 23 of 1 at watermark 39"});
}

TEST_CASE("timers: one time and many keys: all fire, by key group and key", "[task][timers]") {
  std::vector<Command> commands;
  for (int64_t key = 0; key < 8; ++key) commands.push_back({key, "event", 20, 10});
  commands.push_back({0, "", 0, 40});
  Commands run(commands);
  const Lines lines = run.RunFor(kLong);
  CHECK(lines.size() == 8);
  std::vector<std::pair<uint16_t, std::string>> order;
  for (const std::string& line : lines) {
    const int64_t key = line[line.find("of ") + 3] - '0';
    order.emplace_back(KeyGroupOf(key, 128).value, line);
  }
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("timers: one in the past waits for the next watermark", "[task][timers]") {
  Commands run({{1, "", 0, 100}, {1, "event", 20, 100}, {1, "look", 0, 100}, {1, "", 0, 101}});
  CHECK(run.RunFor(kLong) == Lines{"100: look 99", "20: event 20 of 1 at watermark 100"});
}

TEST_CASE("timers: one that a timer registers fires in the same round, if it is due", "[task][timers]") {
  Commands run({{1, "event", 50, 10}, {1, "event", 60, 10}, {1, "", 0, 100}, {1, "", 0, 200}});
  CHECK(run.RunFor(kLong) == Lines{"50: event 50 of 1 at watermark 99", "3: event 3 of 1 at watermark 99",
                                   "60: event 60 of 1 at watermark 99"});
}

TEST_CASE("timers: deleted, one does not fire, and deleting none has no effect", "[task][timers]") {
  Commands run({{1, "event", 20, 10},
                {2, "event", 20, 10},
                {1, "delete", 20, 11},
                {1, "delete", 77, 11},
                {1, "", 0, 90}});
  CHECK(run.RunFor(kLong) == Lines{"20: event 20 of 2 at watermark 89"});
}

TEST_CASE("timers: of processing time fire by the wall clock, and their output has no time",
          "[task][timers]") {
  SECTION("due later") {
    Commands run({{1, "wall", 500, 10}});
    CHECK(run.RunFor(Duration::Millis(400)).empty());
    CHECK(run.RunFor(kLong) == Lines{"-: wall of 1"});
  }
  SECTION("in the past: at once") {
    Commands run({{1, "wall", -500, 10}});
    CHECK(run.RunFor(kLong) == Lines{"-: wall of 1"});
  }
  SECTION("an earlier one comes first, whichever was registered first") {
    Commands run({{1, "wall", 900, 10}, {2, "wall", 200, 10}, {3, "wall", 500, 10}});
    CHECK(run.RunFor(kLong) == Lines{"-: wall of 2", "-: wall of 3", "-: wall of 1"});
  }
  SECTION("deleted") {
    const int64_t later = 1'700'000'001'000;
    Commands run(
        {{1, "wall-exactly", later, 10}, {2, "wall-exactly", later, 10}, {1, "delete-wall", later, 10}});
    CHECK(run.RunFor(kLong) == Lines{"-: wall of 2"});
  }
  SECTION("a watermark does not fire them, nor a wall clock those of event time") {
    const int64_t later = 1'700'000'001'000;
    Commands run({{1, "wall-exactly", later, 10}, {1, "event", later, 10}, {1, "", 0, later + 1}});
    const Lines lines = run.RunFor(kLong);
    CHECK(lines ==
          Lines{absl::StrCat(later, ": event ", later, " of 1 at watermark ", later), "-: wall of 1"});
  }
}

TEST_CASE("timers: a wall clock that is set back delays them, one that is set on does not lose them",
          "[task][timers]") {
  Commands run({{1, "wall", 500, 10}});
  run.cluster().RunFor(Duration::Millis(300));
  const int64_t by = GENERATE(-1'000, 60'000);
  for (uint32_t node = 0; node < run.cluster().world().node_count(); ++node) {
    run.cluster().world().JumpWallClock(NodeId(node), Duration::Millis(by));
  }
  if (by < 0) CHECK(run.RunFor(Duration::Millis(900)).empty());
  CHECK(run.RunFor(kLong) == Lines{"-: wall of 1"});
}

TEST_CASE("timers: restored after a crash, they fire with the watermarks and by the clock of the new attempt",
          "[task][timers]") {
  std::vector<Command> commands{{1, "event", 2'000, 10}, {2, "event", 3'000, 10}, {3, "wall", 1'500, 10}};
  // Time passes, so that checkpoints are taken with the timers pending.
  for (int64_t i = 0; i < 30; ++i) commands.push_back({4, "", 0, 20 + i});
  commands.push_back({4, "", 0, 2'500});
  commands.push_back({4, "", 0, 4'000});
  Commands run(commands);
  run.cluster().RunFor(Duration::Seconds(1));
  CHECK(run.Lines().empty());
  REQUIRE(run.cluster().completed() > 0);
  run.cluster().CrashNode(0);
  run.cluster().RunFor(Duration::Seconds(8));
  CHECK(run.cluster().attempt() > 1);
  Lines lines = run.Lines();
  std::sort(lines.begin(), lines.end());
  CHECK(lines == Lines{"-: wall of 3", "2000: event 2000 of 1 at watermark 2499",
                       "3000: event 3000 of 2 at watermark 3999"});
}

}  // namespace
}  // namespace weir
