// Three failed logins of a user in a row raise an alert.
#include "weir/weir.h"

struct Login {
  std::string user;
  bool ok = false;
};
WEIR_FIELDS(Login, user, ok);  // one declaration a type: serialisation, JSON and CSV input, printing

struct Alert {
  std::string user;
  int64_t number = 0;
};
WEIR_FIELDS(Alert, user, number);

struct Streak {
  int64_t failed = 0;
  int64_t alerts = 0;
};
WEIR_FIELDS(Streak, failed, alerts);

constexpr weir::ValueStateDescriptor<Streak> kStreak{"streak"};

class ThreeInARow : public weir::KeyedProcessFunction<std::string, Login, Alert> {
 public:
  void Open(weir::RuntimeContext& context) { streak_ = context.GetState(kStreak); }

  void ProcessElement(const Login& login, Context&, weir::Collector<Alert>& out) {
    Streak streak = streak_.Value().value_or(Streak{});
    streak.failed = login.ok ? 0 : streak.failed + 1;
    if (streak.failed == 3) {
      streak.failed = 0;
      out.Collect({login.user, ++streak.alerts});
    }
    streak_.Update(streak);
  }

 private:
  weir::ValueState<Streak> streak_;
};

void BuildJob(weir::StreamExecutionEnvironment& env) {
  env.EnableCheckpointing(absl::Seconds(1), weir::CheckpointingMode::kExactlyOnce);
  env.AddSource(weir::LogSource<Login>("logins"))
      .Uid("logins")
      .KeyBy(&Login::user)
      .Process<ThreeInARow>()
      .Uid("three-in-a-row")
      .AddSink(weir::TransactionalSink<Alert>("alerts"))
      .Uid("alerts");
}

int main(int argc, char** argv) {
  weir::ScenarioRegistry scenarios;
  scenarios.Add(
      weir::Scenario("login-alerts")
          .Claim("three failed logins of a user in a row raise one alert")
          .Job(BuildJob)
          .AddInput(weir::gen::Records<Login>(
              "logins",
              [](weir::gen::Draws& draw) {
                return Login{absl::StrCat("user-", draw.Below(20)), draw.Below(3) == 0};
              }))
          .Cluster({.task_managers = 3, .slots_per_task_manager = 2})
          .Promises({weir::ExactlyOncePromise(), weir::AtLeastOncePromise(), weir::ProgressPromise()}));
  return weir::Main(scenarios, argc, argv);
}
