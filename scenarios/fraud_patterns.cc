#include "scenarios/fraud_patterns.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "properties/output_invariant.h"
#include "runtime/env/random.h"
#include "scenarios/general_promises.h"
#include "scenarios/json_lines.h"
#include "scenarios/records.h"

namespace weir::scenarios {

// A line of "actions".
struct Action {
  int64_t user_id = 0;
  std::string name;
};
WEIR_FIELDS(Action, user_id, name);

// Two actions of a user, one right after the other.
struct ActionPair {
  std::string first;
  std::string second;
};
WEIR_FIELDS(ActionPair, first, second);

// A line of "patterns".
struct Pattern {
  int64_t id = 0;
  std::string first;
  std::string second;
};
WEIR_FIELDS(Pattern, id, first, second);

// The user did what the pattern says, so often: once if it was known already, any number if it came afterwards.
struct Match {
  int64_t user_id = 0;
  Pattern pattern;
  int64_t times = 0;
};
WEIR_FIELDS(Match, user_id, pattern, times);

// How many actions of a user there have been.
struct Activity {
  int64_t user_id = 0;
  int64_t actions = 0;
};
WEIR_FIELDS(Activity, user_id, actions);

namespace {

constexpr MapStateDescriptor<int64_t, Pattern> kPatterns{"patterns"};
constexpr ValueStateDescriptor<std::string> kPrevious{"previous-action"};
constexpr MapStateDescriptor<ActionPair, int64_t> kPairs{"pairs"};
constexpr ValueStateDescriptor<int64_t> kActions{"actions"};
constexpr OutputTag<Activity> kActivity{"activity"};

constexpr absl::string_view kActionNames[] = {"log-in",         "browse", "fill-basket", "change-password",
                                              "change-address", "pay",    "refund",      "log-out"};
constexpr uint64_t kUsersOfSplit = 20;

bool IsLess(const Pattern& a, const Pattern& b) {
  return std::tie(a.first, a.second) < std::tie(b.first, b.second);
}

class PatternEvaluator : public KeyedBroadcastProcessFunction<int64_t, Action, Pattern, Match> {
 public:
  void Open(RuntimeContext& context) {
    previous_ = context.GetState(kPrevious);
    pairs_ = context.GetState(kPairs);
    actions_ = context.GetState(kActions.WithDefault(0));
  }

  void ProcessElement(const Action& action, ReadOnlyContext& context, Collector<Match>& out) {
    const int64_t actions = *actions_.Value() + 1;
    actions_.Update(actions);
    context.Output(kActivity, {action.user_id, actions});
    if (const std::optional<std::string> previous = previous_.Value()) {
      const ActionPair pair{*previous, action.name};
      pairs_.Put(pair, pairs_.Get(pair).value_or(0) + 1);
      for (const auto& [id, pattern] : context.GetBroadcastState(kPatterns)) {
        if (pattern.first == pair.first && pattern.second == pair.second) {
          out.Collect({action.user_id, pattern, 1});
        }
      }
    }
    previous_.Update(action.name);
  }

  void ProcessBroadcastElement(const Pattern& pattern, Context& context, Collector<Match>& out) {
    BroadcastState<int64_t, Pattern>& patterns = context.GetBroadcastState(kPatterns);
    const Pattern* const known = patterns.Find(pattern.id);
    if (known != nullptr && !IsLess(pattern, *known)) return;
    patterns.Put(pattern.id, pattern);
    context.ApplyToKeyedState(kPairs, [&](int64_t user_id, MapState<ActionPair, int64_t>& pairs) {
      const std::optional<int64_t> times = pairs.Get({pattern.first, pattern.second});
      if (times) out.Collect({user_id, pattern, *times});
    });
  }

 private:
  ValueState<std::string> previous_;
  MapState<ActionPair, int64_t> pairs_;
  ValueState<int64_t> actions_;
};

void BuildJob(StreamExecutionEnvironment& env) {
  env.EnableCheckpointing(absl::Seconds(1));
  const auto patterns = ReadJsonLines<Pattern>(env, "patterns").Broadcast(kPatterns);
  const auto matches = ReadJsonLines<Action>(env, "actions")
                           .KeyBy(&Action::user_id)
                           .Connect(patterns)
                           .Process<PatternEvaluator>()
                           .Uid("evaluator");
  matches.AddSink(TransactionalSink<Match>("matches")).Uid("matches");
  matches.GetSideOutput(kActivity).AddSink(TransactionalSink<Activity>("activity")).Uid("activity");
}

// Users of one split are users of no other.
void GenerateAction(uint64_t seed, uint32_t split, uint64_t offset, std::string* to) {
  const Random random(seed);
  const uint64_t key = Mix(StableHash64("actions"), split);
  const uint64_t user = random.Draw(DrawSite::kWorkload, key, offset * 2, kUsersOfSplit);
  const uint64_t name = random.Draw(DrawSite::kWorkload, key, offset * 2 + 1, std::size(kActionNames));
  absl::StrAppend(to, "{\"user_id\":", user * 2 + split, ",\"name\":\"", kActionNames[name], "\"}");
}

void GeneratePattern(uint64_t seed, uint32_t split, uint64_t offset, std::string* to) {
  const Random random(seed);
  const uint64_t key = Mix(StableHash64("patterns"), split);
  const auto name = [&](uint64_t which) {
    return kActionNames[random.Draw(DrawSite::kWorkload, key, offset * 2 + which, std::size(kActionNames))];
  };
  absl::StrAppend(to, "{\"id\":", offset * 2 + split, ",\"first\":\"", name(0), "\",\"second\":\"", name(1),
                  "\"}");
}

Input ActionsInput() {
  Input input = JsonLinesInput<Action>("actions", 800, GenerateAction);
  input.key_of = [](absl::string_view line) { return absl::StrCat(ReadSourceLine<Action>(line).user_id); };
  return input;
}

// Patterns by id, but for ids that several lines give.
std::map<int64_t, Pattern> PlainPatterns(const properties::Outside& outside) {
  std::map<int64_t, std::vector<Pattern>> given;
  for (const Pattern& pattern : RecordsOf<Pattern>(outside, "patterns")) given[pattern.id].push_back(pattern);
  std::map<int64_t, Pattern> plain;
  for (const auto& [id, patterns] : given) {
    if (patterns.size() == 1) plain[id] = patterns.front();
  }
  return plain;
}

std::string AboutMatches(int64_t user_id, const Pattern& pattern) {
  return absl::StrCat("user ", user_id, ", pattern ", pattern.id, " (", pattern.first, ", then ",
                      pattern.second, ")");
}
std::string TimesFact(int64_t times) { return absl::StrCat(times, times == 1 ? " time" : " times"); }
std::string AboutActions(int64_t user_id) { return absl::StrCat("actions of user ", user_id); }

properties::Facts ExpectedMatches(const properties::Outside& outside) {
  std::map<int64_t, int64_t> actions;
  std::map<int64_t, std::string> previous;
  std::map<std::tuple<std::string, std::string, int64_t>, int64_t> pairs;
  for (const Action& action : RecordsOf<Action>(outside, "actions")) {
    if (++actions[action.user_id] > 1) ++pairs[{previous[action.user_id], action.name, action.user_id}];
    previous[action.user_id] = action.name;
  }
  properties::Facts facts;
  for (const auto& [user_id, count] : actions) facts[AboutActions(user_id)] = TimesFact(count);
  for (const auto& [id, pattern] : PlainPatterns(outside)) {
    for (const auto& [pair, times] : pairs) {
      const auto& [first, second, user_id] = pair;
      if (first == pattern.first && second == pattern.second) {
        facts[AboutMatches(user_id, pattern)] = TimesFact(times);
      }
    }
  }
  return facts;
}

properties::Facts ObservedMatches(const properties::Outside& outside) {
  const auto matches = CommittedRecords<Match>(outside, "matches");
  const auto activity = CommittedRecords<Activity>(outside, "activity");
  if (!matches.ok() || !activity.ok()) return {{"a record of matches or activity", "unreadable"}};
  std::map<int64_t, int64_t> actions;
  for (const Activity& seen : *activity) {
    actions[seen.user_id] = std::max(actions[seen.user_id], seen.actions);
  }
  const std::map<int64_t, Pattern> plain = PlainPatterns(outside);
  std::map<int64_t, uint64_t> given;
  for (const Pattern& pattern : RecordsOf<Pattern>(outside, "patterns")) ++given[pattern.id];
  std::map<std::string, int64_t> times;
  for (const Match& match : *matches) {
    // A pattern that nobody gave is a fact of its own: none is expected.
    if (plain.count(match.pattern.id) == 0 && given.count(match.pattern.id) != 0) continue;
    times[AboutMatches(match.user_id, match.pattern)] += match.times;
  }
  properties::Facts facts;
  for (const auto& [user_id, count] : actions) facts[AboutActions(user_id)] = TimesFact(count);
  for (const auto& [about, count] : times) facts[about] = TimesFact(count);
  return facts;
}

}  // namespace

Scenario FraudPatterns() {
  return Scenario("fraud-patterns")
      .Claim("actions of users against patterns in broadcast state, also those that came too late")
      .Job(BuildJob)
      .AddInput(ActionsInput())
      .AddInput(JsonLinesInput<Pattern>("patterns", 24, GeneratePattern))
      .Promises({ExactlyOncePromise(), AtLeastOncePromise(), ProgressPromise(), CheckpointFilesSafePromise(),
                 BroadcastStateConsistentPromise(kPatterns),
                 PromiseOf(properties::MakeOutputInvariant({"matches", ExpectedMatches, ObservedMatches}))});
}

}  // namespace weir::scenarios
