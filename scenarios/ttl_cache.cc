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
    const auto now = [&context] { return context.current_processing_time().millis; };
    Answer answer{request.key, request.client, {}, {}};
    answer.of_key = LookUp(
        now, [&] { return cached_.Find(); },
        [&] {
          misses_.Update(*misses_.Value() + 1);
          return *misses_.Value();
        },
        [&](const CacheEntry& entry) { cached_.Update(entry); });
    answer.of_client = LookUp(
        now, [&] { return cached_by_client_.Find(request.client); },
        [&] {
          const int64_t misses = misses_by_client_.Get(request.client).value_or(0) + 1;
          misses_by_client_.Put(request.client, misses);
          return misses;
        },
        [&](const CacheEntry& entry) { cached_by_client_.Put(request.client, entry); });
    out.Collect(answer);
  }

 private:
  template <typename Now, typename Find, typename CountMiss, typename Put>
  Lookup LookUp(Now&& now, Find&& find, CountMiss&& count_miss, Put&& put) const {
    Lookup lookup;
    lookup.asked = now();
    const CacheEntry* const found = find();
    lookup.answered = now();
    lookup.is_hit = found != nullptr;
    if (lookup.is_hit) {
      lookup.entry = found->number;
      lookup.kept_until = found->kept_until;
    } else {
      lookup.entry = count_miss();
      lookup.kept_until = now() + ttl_millis_;
      put(CacheEntry{lookup.entry, lookup.kept_until});
      lookup.gone_from = now() + ttl_millis_;
    }
    return lookup;
  }

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
      .Process<Cache>(ttl.millis())
      .Uid("cache")
      .AddSink(TransactionalSink<Answer>("answers"))
      .Uid("answers");
}

void GenerateRequest(uint64_t seed, uint32_t split, uint64_t offset, std::string* to) {
  const Random random(seed);
  const uint64_t place = Mix(StableHash64(kTopic), split);
  const uint64_t key = random.Draw(DrawSite::kWorkload, place, offset * 2, kKeys);
  const uint64_t client = random.Draw(DrawSite::kWorkload, place, offset * 2 + 1, kClients);
  absl::StrAppend(to, "{\"key\":\"K-", key, "\",\"client\":\"C-", client, "\"}");
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
    for (absl::string_view line : outside.SourceRecords(kTopic, split)) {
      const Request request = ReadSourceLine<Request>(line);
      ++requests[AboutKey(request.key)];
      ++requests[AboutClient(request.key, request.client)];
    }
  }
  properties::Facts facts;
  for (const auto& [about, count] : requests) facts[about] = GoodFact(count);
  return facts;
}

using LookupsByPlace = std::map<std::string, std::vector<Lookup>>;

// False: a record cannot be read.
bool ReadAnswers(const properties::Outside& outside, LookupsByPlace* of_keys, LookupsByPlace* of_clients) {
  for (const LogRecord& record : outside.Committed("answers")) {
    const absl::StatusOr<Answer> answer = ReadSinkRecord<Answer>(record.value);
    if (!answer.ok()) return false;
    (*of_keys)[AboutKey(answer->key)].push_back(answer->of_key);
    (*of_clients)[AboutClient(answer->key, answer->client)].push_back(answer->of_client);
  }
  return true;
}

properties::Facts CommittedAnswers(const properties::Outside& outside) {
  LookupsByPlace of_keys;
  LookupsByPlace of_clients;
  if (!ReadAnswers(outside, &of_keys, &of_clients)) return {{"a record of answers", "unreadable"}};
  properties::Facts facts;
  const auto judge = [&](const LookupsByPlace& places, bool is_kept) {
    for (const auto& [about, lookups] : places) {
      const std::string fault = FaultOfLookups(lookups, is_kept);
      facts[about] = fault.empty() ? GoodFact(lookups.size()) : fault;
    }
  };
  judge(of_keys, true);
  judge(of_clients, false);
  return facts;
}

bool SawClockJump(const properties::Outside& outside) {
  LookupsByPlace of_keys;
  LookupsByPlace of_clients;
  if (!ReadAnswers(outside, &of_keys, &of_clients)) return false;
  const auto shows = [](const auto& place) { return ShowClockJump(place.second); };
  return std::any_of(of_keys.begin(), of_keys.end(), shows) ||
         std::any_of(of_clients.begin(), of_clients.end(), shows);
}

}  // namespace

std::string FaultOfLookups(const std::vector<Lookup>& lookups, bool is_kept) {
  std::map<int64_t, Lookup> made;
  for (const Lookup& lookup : lookups) {
    if (lookup.is_hit) continue;
    if (!made.emplace(lookup.entry, lookup).second) {
      return absl::StrCat("entry ", lookup.entry, " made twice");
    }
  }
  int64_t number = 0;
  const Lookup* before = nullptr;
  for (const auto& [entry, miss] : made) {
    if (entry != ++number) return absl::StrCat("no entry ", number, " before entry ", entry);
    if (is_kept && before != nullptr && miss.answered < before->kept_until) {
      return absl::StrCat("entry ", number - 1, " gone at ", miss.answered,
                          ", although it was to be kept until ", before->kept_until);
    }
    before = &miss;
  }
  for (const Lookup& hit : lookups) {
    if (!hit.is_hit) continue;
    const auto found = made.find(hit.entry);
    if (found == made.end() || found->second.kept_until != hit.kept_until) {
      return absl::StrCat("a hit of entry ", hit.entry, ", which nobody made like that");
    }
    if (hit.asked >= found->second.gone_from) {
      return absl::StrCat("a hit of entry ", hit.entry, " at ", hit.asked,
                          ", although it was to be gone from ", found->second.gone_from, " on");
    }
  }
  return "";
}

bool ShowClockJump(const std::vector<Lookup>& lookups) {
  std::map<int64_t, int64_t> made_after;
  for (const Lookup& lookup : lookups) {
    if (!lookup.is_hit) made_after[lookup.entry] = lookup.answered;
  }
  return std::any_of(lookups.begin(), lookups.end(), [&](const Lookup& lookup) {
    if (!lookup.is_hit) return false;
    const auto made = made_after.find(lookup.entry);
    return made != made_after.end() && lookup.answered < made->second;
  });
}

Scenario TtlCache() {
  properties::OutputInvariantOptions answers{"answers", ExpectedAnswers, CommittedAnswers};
  answers.sometimes = "a clock jumped so that a hit came earlier than the making of its entry";
  answers.seen = SawClockJump;
  return Scenario("ttl-cache")
      .Claim("a cache whose entries have a time to live, right by whatever clock it is given")
      .Job(BuildJob)
      .AddInput(RequestsInput())
      .PrefersFault(faults::FaultKind::kClockJump)
      .FaultsAtLeast(4)
      .DrawnOption(std::string(kTimeToLiveOption), {"1 ms", "5 ms", "20 ms", "100 ms", "1 s", "1 h"})
      .Promises({ExactlyOncePromise(), AtLeastOncePromise(), ProgressPromise(), CheckpointFilesSafePromise(),
                 PromiseOf(properties::MakeOutputInvariant(answers))});
}

}  // namespace weir::scenarios
