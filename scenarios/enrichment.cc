#include "scenarios/enrichment.h"

#include <iterator>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "properties/output_invariant.h"
#include "runtime/env/random.h"
#include "scenarios/general_promises.h"
#include "scenarios/json_lines.h"
#include "scenarios/records.h"
#include "scenarios/transactions.h"

namespace weir::scenarios {

// A line of "profiles".
struct Profile {
  std::string account;
  std::string segment;
};
WEIR_FIELDS(Profile, account, segment);

struct EnrichedTransaction {
  std::string account;
  int64_t amount = 0;
  std::optional<std::string> segment;  // of the account's profile; none: unknown
};
WEIR_FIELDS(EnrichedTransaction, account, amount, segment);

namespace {

constexpr MapStateDescriptor<std::string, Profile> kProfiles{"profiles"};
constexpr absl::string_view kSegments[] = {"private", "student", "business", "premium"};
// Generated profiles: the accounts of GenerateTransaction, but for those with the highest numbers.
constexpr uint64_t kProfileCount = 36;

class Enrich : public BroadcastProcessFunction<Transaction, Profile, EnrichedTransaction> {
 public:
  void ProcessElement(const Transaction& transaction, ReadOnlyContext& context,
                      Collector<EnrichedTransaction>& out) {
    EnrichedTransaction enriched{transaction.account, transaction.amount, std::nullopt};
    const Profile* const profile = context.GetBroadcastState(kProfiles).Find(transaction.account);
    if (profile != nullptr) enriched.segment = profile->segment;
    out.Collect(enriched);
  }

  void ProcessBroadcastElement(const Profile& profile, Context& context, Collector<EnrichedTransaction>&) {
    BroadcastState<std::string, Profile>& profiles = context.GetBroadcastState(kProfiles);
    const Profile* const known = profiles.Find(profile.account);
    if (known == nullptr || profile.segment < known->segment) profiles.Put(profile.account, profile);
  }
};

void BuildJob(StreamExecutionEnvironment& env) {
  env.EnableCheckpointing(absl::Seconds(1));
  const auto profiles = ReadJsonLines<Profile>(env, "profiles").Broadcast(kProfiles);
  ReadJsonLines<Transaction>(env, "transactions")
      .Rebalance()
      .Connect(profiles)
      .Process<Enrich>()
      .Uid("enrich")
      .AddSink(TransactionalSink<EnrichedTransaction>("enriched"))
      .Uid("enriched");
}

// One producer for each account: it follows from split and offset alone.
void GenerateProfile(uint64_t seed, uint32_t split, uint64_t offset, std::string* to) {
  const uint64_t segment = Random(seed).Draw(DrawSite::kWorkload, Mix(StableHash64("profiles"), split),
                                             offset, std::size(kSegments));
  absl::StrAppend(to, "{\"account\":\"A-", offset * 2 + split, "\",\"segment\":\"", kSegments[segment],
                  "\"}");
}

std::string AboutTransaction(absl::string_view account, int64_t amount) {
  return absl::StrCat("transaction of ", account, " over ", amount);
}

properties::Facts TimesFacts(const std::map<std::string, uint64_t>& times) {
  properties::Facts facts;
  for (const auto& [about, count] : times)
    facts[about] = absl::StrCat(count, count == 1 ? " time" : " times");
  return facts;
}

properties::Facts ExpectedTransactions(const properties::Outside& outside) {
  std::map<std::string, uint64_t> times;
  for (const Transaction& transaction : RecordsOf<Transaction>(outside, "transactions")) {
    ++times[AboutTransaction(transaction.account, transaction.amount)];
  }
  return TimesFacts(times);
}

// A wrong profile is a fact that is not expected.
properties::Facts ObservedTransactions(const properties::Outside& outside) {
  std::map<std::string, std::set<std::string>> segments;
  for (const Profile& profile : RecordsOf<Profile>(outside, "profiles")) {
    segments[profile.account].insert(profile.segment);
  }
  const auto enriched = CommittedRecords<EnrichedTransaction>(outside, "enriched");
  if (!enriched.ok()) return {{"a record of enriched", "unreadable"}};
  std::map<std::string, uint64_t> times;
  for (const EnrichedTransaction& transaction : *enriched) {
    ++times[AboutTransaction(transaction.account, transaction.amount)];
    if (!transaction.segment || segments[transaction.account].count(*transaction.segment) != 0) continue;
    ++times[absl::StrCat("account ", transaction.account, " called ", *transaction.segment)];
  }
  return TimesFacts(times);
}

}  // namespace

Scenario Enrichment() {
  return Scenario("enrichment")
      .Claim("transactions joined with profiles from broadcast state, without keys")
      .Job(BuildJob)
      .AddInput(TransactionsInput(1000))
      .AddInput(JsonLinesInput<Profile>("profiles", kProfileCount, GenerateProfile))
      .Promises({ExactlyOncePromise(), AtLeastOncePromise(), ProgressPromise(), CheckpointFilesSafePromise(),
                 BroadcastStateConsistentPromise(kProfiles),
                 PromiseOf(properties::MakeOutputInvariant(
                     {"enriched", ExpectedTransactions, ObservedTransactions}))});
}

}  // namespace weir::scenarios
