// What a user's program does wrong, as somebody sees it who runs a campaign: one sentence with operator and state, never the
// end of the process, never silence, and never the broken channel that followed instead of what broke it.
#include <catch2/catch.hpp>
#include <stdexcept>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "properties/output_invariant.h"
#include "runtime/api/api.h"
#include "scenarios/general_promises.h"
#include "scenarios/generated_input.h"
#include "scenarios/run.h"

namespace weir::scenarios {

struct Login {
  int64_t user = 0;
  int64_t number = 0;
};
WEIR_FIELDS(Login, user, number);

namespace {

using Build = std::function<void(StreamExecutionEnvironment&)>;

Input Logins() {
  return gen::Records<Login>(
      "logins",
      [](gen::Draws& draw) {
        return Login{draw.Below(20), draw.Below(9)};
      },
      60);
}

Scenario ScenarioOf(Build build, Input input = Logins()) {
  return Scenario("user")
      .Job(std::move(build))
      .AddInput(std::move(input))
      .Faults("none")
      .Promises({ProgressPromise()});
}

RunSpec SpecOn(const std::string& backend) {
  RunSpec spec;
  spec.options.Set("state.backend", backend);
  return spec;
}

// What the run of each seed says of the job, which must fail in all of them.
std::vector<std::string> Failures(const Scenario& scenario, const std::string& backend, uint64_t seeds) {
  const RunSpec spec = SpecOn(backend);
  REQUIRE(CheckSpec(scenario, spec).ToString() == "OK");
  std::vector<std::string> failures;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    const RunResult result = Run(scenario, spec, GeneratePlan(scenario, spec, seed));
    CHECK(result.Violated());
    failures.push_back(result.message);
  }
  return failures;
}

void CheckFails(const Build& build, const std::string& with) {
  for (const char* backend : {"hashmap", "rocksdb"}) {
    INFO(backend);
    for (const std::string& failure : Failures(ScenarioOf(build), backend, 4)) {
      INFO(failure);
      CHECK(absl::StrContains(failure, with));
    }
  }
}

// A keyed job whose one function does something in Open and with each record.
struct Steps {
  std::function<void(RuntimeContext&)> open = [](RuntimeContext&) {};
  std::function<void(const Login&)> process = [](const Login&) {};
};
class Does : public KeyedProcessFunction<int64_t, Login, int64_t> {
 public:
  explicit Does(Steps steps) : steps_(std::move(steps)) {}
  void Open(RuntimeContext& context) { steps_.open(context); }
  void ProcessElement(const Login& login, Context&, Collector<int64_t>& out) {
    steps_.process(login);
    out.Collect(login.user);
  }

 private:
  Steps steps_;
};
Build Keyed(Steps steps) {
  return [steps](StreamExecutionEnvironment& env) {
    env.AddSource(LogSource<Login>("logins"))
        .Uid("logins")
        .KeyBy(&Login::user)
        .Process(Does(steps))
        .Uid("does")
        .AddSink(TransactionalSink<int64_t>("out"))
        .Uid("out");
  };
}

TEST_CASE("user errors: state that was never obtained is not lost without a word", "[scenarios][user]") {
  const std::string sentence = "that was never obtained: obtain it by GetState(descriptor) in Open";
  const std::string where = "operator does (uid does) of does -> out";
  CheckFails(Keyed({.process = [](const Login&) { ValueState<int64_t>().Update(1); }}),
             absl::StrCat("a ValueState was accessed ", sentence));
  CheckFails(Keyed({.process = [](const Login&) { (void)ValueState<int64_t>().Value(); }}), where);
  CheckFails(Keyed({.process = [](const Login&) { (void)ListState<int64_t>().Get(); }}),
             absl::StrCat("a ListState was accessed ", sentence));
  CheckFails(Keyed({.process = [](const Login&) { ListState<int64_t>().Clear(); }}), sentence);
  CheckFails(Keyed({.process = [](const Login&) { (void)MapState<int64_t, int64_t>().Contains(1); }}),
             absl::StrCat("a MapState was accessed ", sentence));
  CheckFails(Keyed({.process = [](const Login&) { ReducingState<int64_t>().Add(1); }}), sentence);
  CheckFails(Keyed({.process = [](const Login&) { (void)Namespaced<int64_t, ValueState<int64_t>>().In(1); }}),
             sentence);
  CheckFails(Keyed({.process = [](const Login&) { (void)OperatorList<int64_t>().size(); }}),
             "that was never obtained: obtain it by GetListState(descriptor) in InitializeState");
}

TEST_CASE("user errors: a state that was refused is the error, not the handle that holds nothing",
          "[scenarios][user]") {
  const auto uses = [](RuntimeContext& context) {
    context.GetState(ValueStateDescriptor<int64_t>("n"));
    context.GetState(ListStateDescriptor<int64_t>("n")).Add(1);
  };
  CheckFails(Keyed({.open = uses}), "state n");
}

TEST_CASE("user errors: names of states that the engine needs, or that are none", "[scenarios][user]") {
  const auto named = [](absl::string_view name) {
    return Keyed({.open = [name](RuntimeContext& c) { c.GetState(ValueStateDescriptor<int64_t>(name)); }});
  };
  CheckFails(named(""), "a state needs a name");
  CheckFails(named("_weir_witness"),
             "state _weir_witness: names that begin with _weir_ are the engine's own");
  CheckFails(named("_timer_state/event_timers"), "names that begin with _timer_state/ are the engine's own");
  CheckFails(named("a\xff"), R"(the name of a state is text in UTF-8, and "a\xff" is not)");
  static constexpr MapStateDescriptor<int64_t, int64_t> kNameless{""};
  struct Nothing : BroadcastProcessFunction<Login, Login, int64_t> {
    void ProcessElement(const Login&, ReadOnlyContext&, Collector<int64_t>&) {}
    void ProcessBroadcastElement(const Login&, Context&, Collector<int64_t>&) {}
  };
  CheckFails(
      [](StreamExecutionEnvironment& env) {
        auto logins = env.AddSource(LogSource<Login>("logins")).Uid("logins");
        logins.Connect(logins.Broadcast(kNameless)).Process<Nothing>().Uid("nothing");
      },
      "a state needs a name");
}

TEST_CASE("user errors: an element of an operator list that cannot be written fails the task",
          "[scenarios][user]") {
  struct KeepsBadText {
    void InitializeState(FunctionInitializationContext& context) {
      list = context.operator_state().GetListState(ListStateDescriptor<std::string>("texts"));
    }
    void SnapshotState(FunctionSnapshotContext&) {}
    bool Filter(const Login&) {
      list.Add("\xff").IgnoreError();
      return true;
    }
    OperatorList<std::string> list;
  };
  CheckFails(
      [](StreamExecutionEnvironment& env) {
        env.AddSource(LogSource<Login>("logins"))
            .Uid("logins")
            .Filter<KeepsBadText>(KeepsBadText())
            .Uid("keeps")
            .AddSink(TransactionalSink<Login>("out"))
            .Uid("out");
      },
      "operator state texts: a value cannot be written");
}

TEST_CASE("user errors: an exception is the cause of the failure, not the channels that it broke (40 seeds)",
          "[scenarios][user]") {
  const Build throws = Keyed({.process = [](const Login&) { throw std::runtime_error("boom"); }});
  for (const std::string& failure : Failures(ScenarioOf(throws), "hashmap", 40)) {
    INFO(failure);
    CHECK(absl::StrContains(failure, "exception: boom"));
  }
}

TEST_CASE("user errors: a function pointer that is null fails the task", "[scenarios][user]") {
  CheckFails(
      [](StreamExecutionEnvironment& env) {
        bool (*const keeps)(const Login&) = nullptr;
        env.AddSource(LogSource<Login>("logins"))
            .Uid("logins")
            .Filter(keeps)
            .Uid("keeps")
            .AddSink(TransactionalSink<Login>("out"))
            .Uid("out");
      },
      "]: its function is a null pointer");
}

TEST_CASE("user errors: an exception of a key selector fails the task", "[scenarios][user]") {
  CheckFails(
      [](StreamExecutionEnvironment& env) {
        env.AddSource(LogSource<Login>("logins"))
            .Uid("logins")
            .KeyBy([](const Login& login) -> int64_t {
              if (login.number > 4) throw std::runtime_error("boom");
              return login.user;
            })
            .Process(Does({}))
            .Uid("does");
      },
      "key selector: exception: boom");
}

// Throws when the engine copies it for a subtask while another one runs.
class ThrowsWhenCopied : public KeyedProcessFunction<int64_t, Login, int64_t> {
 public:
  explicit ThrowsWhenCopied(bool* armed) : armed_(armed) {}
  ThrowsWhenCopied(const ThrowsWhenCopied& other) : armed_(other.armed_) {
    if (*armed_) throw std::runtime_error("boom");
  }
  ThrowsWhenCopied(ThrowsWhenCopied&&) = default;
  void Open(RuntimeContext&) { *armed_ = true; }
  void ProcessElement(const Login&, Context&, Collector<int64_t>&) {}

 private:
  bool* armed_;
};

TEST_CASE("user errors: an exception while a function is copied for a subtask fails the task",
          "[scenarios][user]") {
  bool armed = false;
  const Build build = [&armed](StreamExecutionEnvironment& env) {
    armed = false;
    env.AddSource(LogSource<Login>("logins"))
        .Uid("logins")
        .KeyBy(&Login::user)
        .Process(ThrowsWhenCopied(&armed))
        .Uid("copied");
  };
  CheckFails(build, "it could not be made: exception: boom");
}

TEST_CASE("user errors: a job that cannot be built is said before the first run", "[scenarios][user]") {
  const Scenario throws = ScenarioOf([](StreamExecutionEnvironment&) { throw std::runtime_error("boom"); });
  CHECK(CheckSpec(throws, {}).ToString() ==
        "FAILED_PRECONDITION: the job of user could not be built: exception: boom");
  const Scenario misspelt = ScenarioOf([](StreamExecutionEnvironment& env) {
    env.AddSource(LogSource<Login>("login")).Uid("l").AddSink(PlainSink<Login>("out"));
  });
  CHECK(CheckSpec(misspelt, {}).ToString() ==
        "INVALID_ARGUMENT: source l of user: unknown input of the scenario 'login'; did you mean 'logins'?");
}

TEST_CASE("user errors: topics that are not one input's or one sink's are said before the first run",
          "[scenarios][user]") {
  const auto with_sinks = [](std::string first, std::string second) {
    return [=](StreamExecutionEnvironment& env) {
      auto logins = env.AddSource(LogSource<Login>("logins")).Uid("l");
      logins.AddSink(TransactionalSink<Login>(first)).Uid("a");
      logins.AddSink(PlainSink<Login>(second)).Uid("b");
    };
  };
  const auto said_of = [](const Scenario& scenario) {
    return std::string(CheckSpec(scenario, {}).message());
  };
  CHECK(CheckSpec(ScenarioOf(with_sinks("out", "other")), {}).ok());
  CHECK(said_of(ScenarioOf(with_sinks("out", "out"))) ==
        "sink b of user: its topic out is that of sink a; give each its own, or unite the streams before one "
        "sink");
  CHECK(said_of(ScenarioOf(with_sinks("out", "logins"))) ==
        "sink b of user: its topic logins is an input of the scenario; name another");
  CHECK(said_of(ScenarioOf(with_sinks("", "out"))) == "sink a of user: its topic has no name");
  CHECK(said_of(ScenarioOf(with_sinks("out", "other")).AddInput(Logins())) ==
        "input logins of user is added twice");
  Input endless = Logins();
  endless.records = static_cast<uint64_t>(-5);
  CHECK(absl::StrContains(said_of(ScenarioOf(with_sinks("out", "other"), endless)),
                          "input logins: 18446744073709551611 records are more than"));
}

TEST_CASE("user errors: a scenario that is registered twice is the registry's fault", "[scenarios][user]") {
  ScenarioRegistry registry;
  registry.Add(Scenario("one"));
  CHECK(registry.fault().empty());
  registry.Add(Scenario("one"));
  CHECK(registry.all().size() == 1);
  CHECK(absl::StartsWith(registry.fault(), "scenario one is registered twice"));
}

TEST_CASE("user errors: times that mean nothing are said before the first run", "[scenarios][user]") {
  const auto with = [](absl::Duration interval, absl::Duration bound) {
    return ScenarioOf([=](StreamExecutionEnvironment& env) {
      env.EnableCheckpointing(interval);
      env.AddSource(LogSource<Login>("logins"))
          .Uid("l")
          .AssignTimestampsAndWatermarks([](const Login& login) { return login.number; }, bound)
          .AddSink(PlainSink<Login>("out"));
    });
  };
  CHECK(CheckSpec(with(absl::Seconds(1), absl::ZeroDuration()), {}).ok());
  CHECK(CheckSpec(with(absl::ZeroDuration(), absl::Seconds(1)), {}).message() ==
        "EnableCheckpointing: an interval of 0, at least 1 ms is wanted");
  CHECK(absl::StrContains(CheckSpec(with(absl::Seconds(1), -absl::Seconds(5)), {}).message(),
                          "records out of order by -5s"));
}

TEST_CASE("user errors: descriptors without a function, or with a time to live of nothing",
          "[scenarios][user]") {
  static constexpr ReducingStateDescriptor<int64_t> kNothing{"folded", nullptr};
  CheckFails(Keyed({.open = [](RuntimeContext& c) { c.GetState(kNothing); }}),
             "state folded: its descriptor has no function to reduce with");
  const auto expires = [](absl::Duration ttl) {
    return Keyed({.open = [ttl](RuntimeContext& c) {
      c.GetState(ValueStateDescriptor<int64_t>("short").WithTtl(StateTtl(ttl)));
    }});
  };
  CheckFails(expires(absl::ZeroDuration()), "state short: a time to live of 0 ms, at least 1 ms is wanted");
  CheckFails(expires(-absl::Seconds(1)), "a time to live of -1000 ms");
}

TEST_CASE("user errors: a judge that throws is named by its promise", "[scenarios][user]") {
  properties::OutputInvariantOptions options;
  options.expected = [](const properties::Outside&) -> properties::Facts {
    throw std::runtime_error("boom");
  };
  options.observed = [](const properties::Outside&) { return properties::Facts(); };
  const Scenario scenario =
      ScenarioOf(Keyed({})).Promises({PromiseOf(properties::MakeOutputInvariant(options))});
  for (const std::string& failure : Failures(scenario, "hashmap", 1)) {
    CHECK(failure == "promise output-invariant: exception: boom");
  }
}

// Beside each login as a broadcast: every user's count, which expires late, is visited.
class Visits : public KeyedBroadcastProcessFunction<int64_t, Login, Login, int64_t> {
 public:
  explicit Visits(bool nested) : nested_(nested) {}
  void Open(RuntimeContext& context) { count_ = context.GetState(Kept()); }
  void ProcessElement(const Login&, ReadOnlyContext&, Collector<int64_t>&) {
    count_.Update(count_.Value().value_or(0) + 1);
  }
  void ProcessBroadcastElement(const Login&, Context& context, Collector<int64_t>& out) {
    context.ApplyToKeyedState(Kept(), [&](int64_t user, ValueState<int64_t>& count) {
      if (nested_) context.ApplyToKeyedState(Kept(), [](int64_t, ValueState<int64_t>&) {});
      if (*count.Value() > 0) out.Collect(user);
    });
  }

 private:
  static WithTimeToLive<ValueStateDescriptor<int64_t>> Kept() {
    return ValueStateDescriptor<int64_t>("kept").WithTtl(StateTtl(absl::Hours(1)));
  }
  bool nested_;
  ValueState<int64_t> count_;
};

TEST_CASE("user errors: one visit of all keys at a time, and of state with a time to live",
          "[scenarios][user]") {
  static constexpr MapStateDescriptor<int64_t, int64_t> kUnused{"unused"};
  const auto visits = [](bool nested) {
    return [nested](StreamExecutionEnvironment& env) {
      auto logins = env.AddSource(LogSource<Login>("logins")).Uid("logins");
      logins.KeyBy(&Login::user)
          .Connect(logins.Broadcast(kUnused))
          .Process(Visits(nested))
          .Uid("visits")
          .AddSink(TransactionalSink<int64_t>("out"))
          .Uid("out");
    };
  };
  CheckFails(visits(true), "state kept: ApplyToKeyedState within a visit of another one");
  for (const char* backend : {"hashmap", "rocksdb"}) {
    const RunSpec spec = SpecOn(backend);
    const Scenario scenario = ScenarioOf(visits(false));
    const RunResult result = Run(scenario, spec, GeneratePlan(scenario, spec, 1));
    INFO(result.message);
    CHECK_FALSE(result.Violated());
  }
}

TEST_CASE("user errors: a job that can be built for some options only says so in the run",
          "[scenarios][user]") {
  int builds = 0;
  const Scenario scenario = ScenarioOf([&builds](StreamExecutionEnvironment& env) {
    if (++builds > 1) throw std::runtime_error("boom");
    env.AddSource(LogSource<Login>("logins")).Uid("l").AddSink(PlainSink<Login>("out"));
  });
  for (const std::string& failure : Failures(scenario, "hashmap", 1)) {
    CHECK(failure == "the job of user could not be built: exception: boom");
  }
}

TEST_CASE("user errors: a generator that throws is named, at once or in the run", "[scenarios][user]") {
  const Build reads = [](StreamExecutionEnvironment& env) {
    env.AddSource(LogSource<Login>("logins")).Uid("l").AddSink(PlainSink<Login>("out"));
  };
  const auto throws_if = [](int64_t least) {
    return gen::Records<Login>("logins", [least](gen::Draws& draw) -> Login {
      const int64_t drawn = draw.Below(1000);
      if (drawn >= least) throw std::runtime_error("boom");
      return {drawn, 0};
    });
  };
  CHECK(CheckSpec(ScenarioOf(reads, throws_if(0)), {}).ToString() ==
        "FAILED_PRECONDITION: input logins: record 0 of split 0 could not be generated: exception: boom");
  for (const std::string& failure : Failures(ScenarioOf(reads, throws_if(990)), "hashmap", 3)) {
    INFO(failure);
    CHECK(absl::StartsWith(failure, "input logins: record "));
    CHECK(absl::EndsWith(failure, " could not be generated: exception: boom"));
  }
  const auto nothing = gen::Records<Login>("logins", [](gen::Draws& draw) {
    return Login{draw.Between(5, 3), 0};
  });
  CHECK(
      absl::StrContains(CheckSpec(ScenarioOf(reads, nothing), {}).message(), "nothing lies between 5 and 3"));
  Input from_files = Logins();
  from_files.generate = nullptr;
  CHECK(CheckSpec(ScenarioOf(reads, from_files), {}).message() ==
        "input logins is not generated: give its records by --input logins=FILE");
}

}  // namespace
}  // namespace weir::scenarios
