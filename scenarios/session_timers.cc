#include "scenarios/session_timers.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "properties/output_invariant.h"
#include "runtime/api/api.h"
#include "runtime/env/random.h"
#include "scenarios/general_promises.h"

namespace weir::scenarios {

struct OpenSession {
  UserSession session;   // count 0: none is open
  int64_t flush_at = 0;  // the processing-time timer
};
WEIR_FIELDS(OpenSession, session, flush_at);

namespace {

constexpr absl::string_view kTopic = "actions";
constexpr ValueStateDescriptor<OpenSession> kSession{"session"};
constexpr ListStateDescriptor<int64_t> kAmounts{
    "amounts"};                             // of the open session, in the order of the actions
constexpr int64_t kGapMillis = 2'000;       // of event time
constexpr int64_t kFlushAfterMillis = 700;  // of the wall clock
constexpr int64_t kTickMillis = 100;        // of event time, from one record of a split to the next
constexpr int64_t kJitterMillis = 200;      // by which records are out of order
constexpr absl::Duration kOutOfOrderness = absl::Milliseconds(500);
constexpr uint64_t kUsers = 12;                         // of each split
constexpr int64_t kLatestMillis = 253'402'300'799'999;  // the end of the year 9999

class Sessions : public KeyedProcessFunction<std::string, UserAction, UserSession> {
 public:
  void Open(RuntimeContext& context) {
    state_ = context.GetState(kSession);
    amounts_ = context.GetState(kAmounts);
  }

  void ProcessElement(const UserAction& action, Context& context, Collector<UserSession>& out) {
    OpenSession open = state_.Value().value_or(OpenSession{});
    UserSession& session = open.session;
    TimerService& timers = context.timer_service();
    if (session.count > 0) {
      timers.DeleteEventTimeTimer(session.last + kGapMillis);
      if (action.at > session.last + kGapMillis) {
        timers.DeleteProcessingTimeTimer(open.flush_at);
        Close(open, out);
      }
    }
    if (session.count == 0) {
      session = {action.user, session.number + 1, 0, 0, action.at, action.at, 0};
      open.flush_at = timers.CurrentProcessingTime() + kFlushAfterMillis;
      timers.RegisterProcessingTimeTimer(open.flush_at);
    }
    ++session.count;
    session.sum = WrappingAdd(session.sum, action.amount);
    session.last = std::max(session.last, action.at);
    amounts_.Add(action.amount);
    timers.RegisterEventTimeTimer(session.last + kGapMillis);
    state_.Update(std::move(open));
  }

  absl::Status OnTimer(int64_t timestamp, OnTimerContext<std::string>& context, Collector<UserSession>& out) {
    std::optional<OpenSession> open = state_.Value();
    const bool is_event = context.time_domain() == TimeDomain::kEventTime;
    const int64_t due = !open ? 0 : is_event ? open->session.last + kGapMillis : open->flush_at;
    // One that is not wanted any more has been deleted.
    if (!open || open->session.count == 0 || timestamp != due) {
      return absl::FailedPreconditionError(absl::StrCat("a timer at ", timestamp, " without its session"));
    }
    if (is_event) {
      context.timer_service().DeleteProcessingTimeTimer(open->flush_at);
    } else {
      context.timer_service().DeleteEventTimeTimer(open->session.last + kGapMillis);
    }
    Close(*open, out);
    state_.Update(*std::move(open));
    return absl::OkStatus();
  }

 private:
  void Close(OpenSession& open, Collector<UserSession>& out) {
    open.session.trail = 0;
    for (const int64_t amount : amounts_.Get()) open.session.trail = TrailAfter(open.session.trail, amount);
    amounts_.Clear();
    out.Collect(open.session);
    open.session.count = 0;
  }

  ValueState<OpenSession> state_;
  ListState<int64_t> amounts_;
};

void BuildJob(StreamExecutionEnvironment& env) {
  env.EnableCheckpointing(absl::Seconds(1));
  env.AddSource(TextLogSource(std::string(kTopic)))
      .Uid("actions")
      .Map([](const std::string& line) { return ReadJson<UserAction>(line); })
      .Uid("parse")
      .AssignTimestampsAndWatermarks([](const UserAction& action) { return action.at; }, kOutOfOrderness)
      .Uid("watermarks")
      .KeyBy(&UserAction::user)
      .Process<Sessions>()
      .Uid("sessions")
      .AddSink(TransactionalSink<UserSession>("sessions"))
      .Uid("committed");
}

// All actions of a user lie in one split, so their order is known.
void GenerateAction(uint64_t seed, uint32_t split, uint64_t offset, std::string* to) {
  const Random random(seed);
  const uint64_t key = Mix(StableHash64(kTopic), split);
  const auto draw = [&](uint64_t what, uint64_t bound) {
    return random.Draw(DrawSite::kWorkload, key, offset * 4 + what, bound);
  };
  // The lesser of two draws: some users pause seldom, others after each action.
  const uint64_t user = std::min(draw(0, kUsers), draw(1, kUsers));
  const int64_t at =
      (static_cast<int64_t>(offset) + 10) * kTickMillis - static_cast<int64_t>(draw(2, kJitterMillis));
  absl::StrAppend(to, "{\"user\":\"U-", split, "-", user, "\",\"at\":", at, ",\"amount\":", draw(3, 1'000),
                  "}");
}

absl::StatusOr<std::string> ParseAction(absl::string_view line) {
  const absl::StatusOr<UserAction> action = ReadJson<UserAction>(line);
  if (!action.ok()) return action.status();
  if (action->at >= 0 && action->at <= kLatestMillis) return std::string(line);
  return absl::InvalidArgumentError(
      absl::StrCat("column 1: field 'at': ", action->at, " is no time of the years 1970 to 9999"));
}

Input ActionsInput() {
  Input input;
  input.name = std::string(kTopic);
  input.generate = GenerateAction;
  input.type = &TypeOf<UserAction>::Serializer();
  input.parse_line = ParseAction;
  return input;
}

struct Actions {
  std::vector<UserAction> in_order;
  bool is_one_split = true;
};

std::map<std::string, Actions> ActionsByUser(const properties::Outside& outside) {
  std::map<std::string, Actions> users;
  std::map<std::string, uint32_t> splits;
  for (uint32_t split = 0; split < outside.Splits(kTopic); ++split) {
    for (absl::string_view line : outside.SourceRecords(kTopic, split)) {
      UserAction action = ReadSourceLine<UserAction>(line);
      Actions& of_user = users[action.user];
      of_user.is_one_split &= splits.emplace(action.user, split).first->second == split;
      of_user.in_order.push_back(std::move(action));
    }
  }
  return users;
}

std::string About(absl::string_view user) { return absl::StrCat("user ", user); }
std::string GoodFact(const Actions& actions) {
  return absl::StrCat(actions.in_order.size(), actions.in_order.size() == 1 ? " action" : " actions",
                      " in sessions without a gap");
}

properties::Facts ExpectedSessions(const properties::Outside& outside) {
  properties::Facts facts;
  for (const auto& [user, actions] : ActionsByUser(outside)) facts[About(user)] = GoodFact(actions);
  return facts;
}

// A file may have a user's actions in several splits: in which order they met is not known then.
std::string FaultOfTotals(const std::vector<UserAction>& actions, const std::vector<UserSession>& sessions) {
  int64_t count = 0;
  int64_t sum = 0;
  for (const UserSession& session : sessions) {
    count += session.count;
    sum = WrappingAdd(sum, session.sum);
  }
  int64_t expected_sum = 0;
  for (const UserAction& action : actions) expected_sum = WrappingAdd(expected_sum, action.amount);
  const auto expected = static_cast<int64_t>(actions.size());
  if (count > expected) return absl::StrCat(count, " actions in sessions, of ", expected);
  if (count == expected && sum != expected_sum) return absl::StrCat("sessions that sum up to ", sum);
  return "";
}

properties::Facts CommittedSessions(const properties::Outside& outside) {
  std::map<std::string, std::vector<UserSession>> sessions;
  for (const LogRecord& record : outside.Committed("sessions")) {
    absl::StatusOr<UserSession> session = ReadSinkRecord<UserSession>(record.value);
    if (!session.ok()) return {{"a record of sessions", "unreadable"}};
    std::vector<UserSession>& of_user = sessions[session->user];
    of_user.push_back(*std::move(session));
  }
  std::map<std::string, Actions> users = ActionsByUser(outside);
  for (const auto& [user, of_user] : sessions) users[user];
  properties::Facts facts;
  for (const auto& [user, actions] : users) {
    const std::string fault = actions.is_one_split ? FaultOfSessions(actions.in_order, sessions[user])
                                                   : FaultOfTotals(actions.in_order, sessions[user]);
    facts[About(user)] = fault.empty() ? GoodFact(actions) : fault;
  }
  return facts;
}

}  // namespace

std::string FaultOfSessions(const std::vector<UserAction>& actions, std::vector<UserSession> sessions) {
  std::sort(sessions.begin(), sessions.end(),
            [](const UserSession& a, const UserSession& b) { return a.number < b.number; });
  size_t next = 0;
  // The run of `count` actions from `next` on; it must not have a gap.
  const auto take = [&](size_t count) {
    std::optional<UserSession> run = UserSession{"", 0, 0, 0, actions[next].at, actions[next].at, 0};
    for (const size_t end = next + count; next < end; ++next) {
      const UserAction& action = actions[next];
      if (action.at > run->last + kGapMillis) return std::optional<UserSession>();
      ++run->count;
      run->sum = WrappingAdd(run->sum, action.amount);
      run->last = std::max(run->last, action.at);
      run->trail = TrailAfter(run->trail, action.amount);
    }
    return run;
  };
  for (size_t i = 0; i < sessions.size(); ++i) {
    const UserSession& session = sessions[i];
    const std::string name = absl::StrCat("session ", session.number);
    if (session.number != static_cast<int64_t>(i) + 1)
      return absl::StrCat(name, " in place of session ", i + 1);
    if (session.count < 1 || static_cast<uint64_t>(session.count) > actions.size() - next) {
      return absl::StrCat(name, " of ", session.count, " actions, of which ", actions.size() - next,
                          " are left");
    }
    const std::optional<UserSession> run = take(static_cast<size_t>(session.count));
    if (!run) return absl::StrCat(name, " with a gap");
    if (run->sum != session.sum || run->first != session.first || run->last != session.last) {
      return absl::StrCat(name, " of other actions than the next ", session.count);
    }
    if (run->trail != session.trail)
      return absl::StrCat(name, " with its amounts in another order, or others");
  }
  if (next < actions.size() && !take(actions.size() - next)) {
    return absl::StrCat("a session missing behind the ", sessions.size(), " committed ones");
  }
  return "";
}

Scenario SessionTimers() {
  return Scenario("session-timers")
      .Claim("sessions of users, ended by timers of event time and of processing time")
      .Job(BuildJob)
      .AddInput(ActionsInput())
      .Option("pipeline.auto-watermark-interval", "50 ms")
      .Promises(
          {ExactlyOncePromise(), AtLeastOncePromise(), ProgressPromise(), CheckpointFilesSafePromise(),
           TimerFiresOncePromise(), WatermarkMonotonicPromise(),
           PromiseOf(properties::MakeOutputInvariant({"committed", ExpectedSessions, CommittedSessions}))});
}

}  // namespace weir::scenarios
