#include "scenarios/count_window_average.h"

#include "absl/strings/str_cat.h"
#include "properties/output_invariant.h"
#include "properties/reference_output.h"
#include "runtime/api/api.h"
#include "runtime/env/random.h"
#include "scenarios/general_promises.h"
#include "scenarios/records.h"
#include "scenarios/reference/models.h"

namespace weir::scenarios {

// What was read since the last average.
struct OpenWindow {
  int64_t count = 0;
  int64_t sum = 0;
};
WEIR_FIELDS(OpenWindow, count, sum);

namespace {

// What it is an average of, and the average.
struct AverageOfReadings {
  using InputType = int64_t;
  using AccumulatorType = OpenWindow;
  using OutputType = std::pair<int64_t, int64_t>;
  static OpenWindow CreateAccumulator() { return {}; }
  static void Add(const int64_t& value, OpenWindow& window) {
    ++window.count;
    window.sum = WrappingAdd(window.sum, value);
  }
  static OutputType GetResult(const OpenWindow& window) { return {window.count, window.sum / window.count}; }
};
constexpr AggregatingStateDescriptor<AverageOfReadings> kWindow{"window"};
constexpr uint64_t kSensors = 25;

class AverageOfTwo : public KeyedProcessFunction<std::string, Reading, Average> {
 public:
  void Open(RuntimeContext& context) { window_ = context.GetState(kWindow); }

  void ProcessElement(const Reading& reading, Context&, Collector<Average>& out) {
    window_.Add(reading.value);
    const auto [count, average] = *window_.Get();
    if (count < 2) return;
    out.Collect({reading.sensor, average});
    window_.Clear();
  }

 private:
  AggregatingState<AverageOfReadings> window_;
};

void BuildJob(StreamExecutionEnvironment& env) {
  env.EnableCheckpointing(absl::Seconds(1));
  env.AddSource(TextLogSource("readings"))
      .Uid("readings")
      .Map([](const std::string& line) { return ReadJson<Reading>(line); })
      .Uid("parse")
      .KeyBy(&Reading::sensor)
      .Process<AverageOfTwo>()
      .Uid("average")
      .AddSink(TransactionalSink<Average>("averages"))
      .Uid("averages");
}

void GenerateReading(uint64_t seed, uint32_t split, uint64_t offset, std::string* to) {
  const Random random(seed);
  const uint64_t key = Mix(StableHash64("readings"), split);
  const uint64_t sensor = random.Draw(DrawSite::kWorkload, key, offset * 2, kSensors);
  const uint64_t value = random.Draw(DrawSite::kWorkload, key, offset * 2 + 1, 1'000);
  absl::StrAppend(to, "{\"sensor\":\"S-", sensor, "\",\"value\":", value, "}");
}

absl::StatusOr<std::string> ParseReading(absl::string_view line) {
  const absl::StatusOr<Reading> reading = ReadJson<Reading>(line);
  if (!reading.ok()) return reading.status();
  return std::string(line);
}

Input ReadingsInput() {
  Input input;
  input.name = "readings";
  input.generate = GenerateReading;
  input.type = &TypeOf<Reading>::Serializer();
  input.parse_line = ParseReading;
  return input;
}

std::string CountFact(uint64_t averages) {
  return absl::StrCat(averages, averages == 1 ? " average" : " averages");
}

// Which values meet is free, how many averages there are is not.
properties::Facts ExpectedAverages(const properties::Outside& outside) {
  std::map<std::string, uint64_t> readings;
  for (uint32_t split = 0; split < outside.Splits("readings"); ++split) {
    for (absl::string_view line : outside.SourceRecords("readings", split)) {
      ++readings[ReadSourceLine<Reading>(line).sensor];
    }
  }
  properties::Facts facts;
  for (const auto& [sensor, count] : readings) {
    if (count >= 2) facts[absl::StrCat("sensor ", sensor)] = CountFact(count / 2);
  }
  return facts;
}

properties::Facts CommittedAverages(const properties::Outside& outside) {
  std::map<std::string, uint64_t> averages;
  for (const LogRecord& record : outside.Committed("averages")) {
    const absl::StatusOr<Average> average = ReadSinkRecord<Average>(record.value);
    if (!average.ok()) return {{"a record of averages", "unreadable"}};
    ++averages[average->sensor];
  }
  properties::Facts facts;
  for (const auto& [sensor, count] : averages) facts[absl::StrCat("sensor ", sensor)] = CountFact(count);
  return facts;
}

}  // namespace

Scenario CountWindowAverage() {
  properties::ReferenceOutputOptions reference;
  reference.model = MakeCountWindowModel;
  reference.source_topics = {"readings"};
  reference.sink_topic = "averages";
  reference.sink_uid = "averages";
  return Scenario("count-window-average")
      .Claim("the average of every two readings of a sensor; state that is cleared and begins again")
      .Job(BuildJob)
      .AddInput(ReadingsInput())
      .Promises(
          {ExactlyOncePromise(), AtLeastOncePromise(), ProgressPromise(), CheckpointFilesSafePromise(),
           PromiseOf(properties::MakeOutputInvariant({"averages", ExpectedAverages, CommittedAverages})),
           PromiseOf(properties::MakeReferenceOutput(reference))});
}

}  // namespace weir::scenarios
