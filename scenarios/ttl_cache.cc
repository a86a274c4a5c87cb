#include "scenarios/ttl_cache.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "properties/output_invariant.h"
#include "runtime/api/api.h"
#include "runtime/env/random.h"
#include "scenarios/draws.h"
#include "scenarios/general_promises.h"

namespace weir::scenarios {

struct CacheEntry {
  int64_t number = 0;
  int64_t kept_until = 0;
};
WEIR_FIELDS(CacheEntry, number, kept_until);

namespace {

constexpr absl::string_view kTopic = "requests";
constexpr ValueStateDescriptor<CacheEntry> kCached{"cached"};
constexpr ValueStateDescriptor<int64_t> kMisses{"misses"};
constexpr MapStateDescriptor<std::string, CacheEntry> kCachedByClient{"cached-by-client"};
constexpr MapStateDescriptor<std::string, int64_t> kMissesByClient{"misses-by-client"};
constexpr uint64_t kKeys = 40;
constexpr uint64_t kClients = 4;

class Cache : public KeyedProcessFunction<std::string, Request, Answer> {
 public:
  explicit Cache(int64_t ttl_millis) : ttl_millis_(ttl_millis) {}

  void Open(RuntimeContext& context) {
    const absl::Duration ttl = absl::Milliseconds(ttl_millis_);
    cached_ = context.GetState(kCached.WithTtl(StateTtl(ttl).DisableCleanupInBackground()));
    misses_ = context.GetState(kMisses.WithDefault(0));
    cached_by_client_ = context.GetState(kCachedByClient.WithTtl(StateTtl(ttl).CleanupFullSnapshot()));
    misses_by_client_ = context.GetState(kMissesByClient);
  }

  void ProcessElement(const Request& request, Context& context, Collector<Answer>& out) {
    Answer answer{request.key, request.client, context.current_processing_time().millis, {}, {}};
    if (const CacheEntry* entry = cached_.Find()) {
      answer.of_key = {true, entry->number, entry->kept_until};
    } else {
      misses_.Update(*misses_.Value() + 1);
      answer.of_key = {false, *misses_.Value(), answer.at + ttl_millis_};
      cached_.Update({answer.of_key.entry, answer.of_key.kept_until});
    }
    if (const CacheEntry* entry = cached_by_client_.Find(request.client)) {
      answer.of_client = {true, entry->number, entry->kept_until};
    } else {
      const int64_t misses = misses_by_client_.Get(request.client).value_or(0) + 1;
      misses_by_client_.Put(request.client, misses);
      answer.of_client = {false, misses, answer.at + ttl_millis_};
      cached_by_client_.Put(request.client, {misses, answer.of_client.kept_until});
    }
    out.Collect(answer);
  }

 private:
  const int64_t ttl_millis_;
  ValueState<CacheEntry> cached_;
  ValueState<int64_t> misses_;
  MapState<std::string, CacheEntry> cached_by_client_;
  MapState<std::string, int64_t> misses_by_client_;
};

void BuildJob(StreamExecutionEnvironment& env) {
  const Duration ttl =
      env.configuration().GetDuration(kTimeToLiveOption, Duration::Seconds(1)).value_or(Duration());
  env.EnableCheckpointing(absl::Seconds(1));
  env.AddSource(TextLogSource(std::string(kTopic)))
      .Uid("requests")
      .Map([](const std::string& line) { return ReadJson<Request>(line); })
      .Uid("parse")
      .KeyBy(&Request::key)
      .Process<Cache>(std::max<int64_t>(1, ttl.millis()))
      .Uid("cache")
      .AddSink(TransactionalSink<Answer>("answers"))
      .Uid("answers");
}

std::string GenerateRequest(uint64_t seed, uint32_t split, uint64_t offset) {
  const Random random(seed);
  const uint64_t place = Mix(StableHash64(kTopic), split);
  const uint64_t key = random.Draw(DrawSite::kWorkload, place, offset * 2, kKeys);
  const uint64_t client = random.Draw(DrawSite::kWorkload, place, offset * 2 + 1, kClients);
  return absl::StrCat("{\"key\":\"K-", key, "\",\"client\":\"C-", client, "\"}");
}

absl::StatusOr<std::string> ParseRequest(absl::string_view line) {
  const absl::StatusOr<Request> request = ReadJson<Request>(line);
  if (!request.ok()) return request.status();
  return std::string(line);
}

Input RequestsInput() {
  Input input;
  input.name = std::string(kTopic);
  input.generate = GenerateRequest;
  input.type = &TypeOf<Request>::Serializer();
  input.parse_line = ParseRequest;
  return input;
}

std::string AboutKey(absl::string_view key) { return absl::StrCat("key ", key); }
std::string AboutClient(absl::string_view key, absl::string_view client) {
  return absl::StrCat("key ", key, " of client ", client);
}
std::string GoodFact(size_t answers) {
  return absl::StrCat(answers, answers == 1 ? " request" : " requests", " answered in time");
}

properties::Facts ExpectedAnswers(const properties::Outside& outside) {
  std::map<std::string, size_t> requests;
  for (uint32_t split = 0; split < outside.Splits(kTopic); ++split) {
    for (uint64_t offset = 0; offset < outside.SplitEnd(kTopic, split); ++offset) {
      const Request request = ReadSourceLine<Request>(outside.SourceRecord(kTopic, split, offset));
      ++requests[AboutKey(request.key)];
      ++requests[AboutClient(request.key, request.client)];
    }
  }
  properties::Facts facts;
  for (const auto& [about, count] : requests) facts[about] = GoodFact(count);
  return facts;
}

properties::Facts CommittedAnswers(const properties::Outside& outside) {
  std::map<std::string, std::vector<TimedLookup>> of_keys;
  std::map<std::string, std::vector<TimedLookup>> of_clients;
  for (const properties::OutsideRecord& record : outside.Committed("answers")) {
    const absl::StatusOr<Answer> answer = ReadSinkRecord<Answer>(record.value);
    if (!answer.ok()) return {{"a record of answers", "unreadable"}};
    of_keys[AboutKey(answer->key)].push_back({answer->of_key, answer->at});
    of_clients[AboutClient(answer->key, answer->client)].push_back({answer->of_client, answer->at});
  }
  properties::Facts facts;
  const auto judge = [&](const std::map<std::string, std::vector<TimedLookup>>& places, bool is_kept) {
    for (const auto& [about, lookups] : places) {
      const std::string fault = FaultOfLookups(lookups, is_kept);
      facts[about] = fault.empty() ? GoodFact(lookups.size()) : fault;
    }
  };
  judge(of_keys, true);
  judge(of_clients, false);
  return facts;
}

}  // namespace

std::string FaultOfLookups(const std::vector<TimedLookup>& lookups, bool is_kept) {
  std::map<int64_t, TimedLookup> made;
  for (const TimedLookup& lookup : lookups) {
    if (lookup.lookup.is_hit) continue;
    if (!made.emplace(lookup.lookup.entry, lookup).second) {
      return absl::StrCat("entry ", lookup.lookup.entry, " made twice");
    }
  }
  int64_t number = 0;
  const TimedLookup* before = nullptr;
  for (const auto& [entry, miss] : made) {
    if (entry != ++number) return absl::StrCat("no entry ", number, " before entry ", entry);
    if (is_kept && before != nullptr && miss.at < before->lookup.kept_until) {
      return absl::StrCat("entry ", number - 1, " gone at ", miss.at, ", although it was to be kept until ",
                          before->lookup.kept_until);
    }
    before = &miss;
  }
  for (const TimedLookup& hit : lookups) {
    if (!hit.lookup.is_hit) continue;
    const auto found = made.find(hit.lookup.entry);
    if (found == made.end() || found->second.lookup.kept_until != hit.lookup.kept_until) {
      return absl::StrCat("a hit of entry ", hit.lookup.entry, ", which nobody made like that");
    }
    if (hit.at >= hit.lookup.kept_until) {
      return absl::StrCat("a hit of entry ", hit.lookup.entry, " at ", hit.at,
                          ", although it was to be kept until ", hit.lookup.kept_until);
    }
  }
  return "";
}

Scenario TtlCache() {
  return Scenario("ttl-cache")
      .Claim("a cache whose entries have a time to live, right by whatever clock it is given")
      .Job(BuildJob)
      .AddInput(RequestsInput())
      .DrawnOption(std::string(kTimeToLiveOption), {"1 ms", "5 ms", "20 ms", "100 ms", "1 s", "1 h"})
      .Promises({ExactlyOncePromise(), AtLeastOncePromise(), ProgressPromise(), CheckpointFilesSafePromise(),
                 PromiseOf(properties::MakeOutputInvariant({"answers", ExpectedAnswers, CommittedAnswers}))});
}

}  // namespace weir::scenarios
