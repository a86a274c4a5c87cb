#include "scenarios/spending_limits.h"

#include "absl/strings/str_cat.h"
#include "runtime/api/api.h"
#include "scenarios/general_promises.h"
#include "scenarios/generated_input.h"
#include "scenarios/records.h"

namespace weir::scenarios {
namespace {

constexpr MapStateDescriptor<std::string, SpendingLimit> kLimits{"limits"};
constexpr ValueStateDescriptor<int64_t> kSpent{"spent"};

// Lets through what stays within the limit of its category. Which limits a payment meets depends on when they come, so
// what comes out is judged by the ledger alone.
class LimitSpending : public KeyedBroadcastProcessFunction<std::string, Payment, SpendingLimit, Payment> {
 public:
  explicit LimitSpending(bool has_versions) : has_versions_(has_versions) {}

  void Open(RuntimeContext& context) { spent_ = context.GetState(kSpent); }
  void ProcessElement(const Payment& payment, ReadOnlyContext& context, Collector<Payment>& out) {
    const SpendingLimit* const limit = context.GetBroadcastState(kLimits).Find(payment.category);
    if (limit != nullptr && payment.amount > limit->amount) return;
    spent_.Mutate([&](int64_t& spent) { spent = WrappingAdd(spent, payment.amount); });
    out.Collect(payment);
  }
  void ProcessBroadcastElement(const SpendingLimit& limit, Context& context, Collector<Payment>&) {
    BroadcastState<std::string, SpendingLimit>& limits = context.GetBroadcastState(kLimits);
    const SpendingLimit* const known = limits.Find(limit.category);
    if (has_versions_ && known != nullptr && Rank(*known) > Rank(limit)) return;
    limits.Put(limit.category, limit);
  }

 private:
  // Of two with the same version the greater amount stays: a tie must not be left to the order either.
  static std::pair<int64_t, int64_t> Rank(const SpendingLimit& limit) {
    return {limit.version, limit.amount};
  }

  bool has_versions_;
  ValueState<int64_t> spent_;
};

std::function<void(StreamExecutionEnvironment&)> BuildJob(bool has_versions) {
  return [has_versions](StreamExecutionEnvironment& env) {
    env.EnableCheckpointing(absl::Seconds(1));
    auto limits = env.AddSource(LogSource<SpendingLimit>("limits")).Uid("limits").Broadcast(kLimits);
    env.AddSource(LogSource<Payment>("payments"))
        .Uid("payments")
        .KeyBy(&Payment::account)
        .Connect(limits)
        .Process(LimitSpending(has_versions))
        .Uid("limiter")
        .AddSink(TransactionalSink<Payment>("accepted"))
        .Uid("accepted");
  };
}

constexpr const char* kCategories[] = {"food", "fuel", "games", "rent", "travel"};

Scenario SpendingLimits(std::string name, bool has_versions, Promise consistent) {
  const auto category = [](gen::Draws& draw) { return std::string(kCategories[draw.Below(5)]); };
  return Scenario(std::move(name))
      .Job(BuildJob(has_versions))
      .AddInput(gen::Records<SpendingLimit>(
          "limits",
          [category](gen::Draws& draw) {
            return SpendingLimit{category(draw), draw.Between(1, 9) * 100, draw.Below(1'000'000)};
          },
          200))
      .AddInput(gen::Records<Payment>(
          "payments",
          [category](gen::Draws& draw) {
            return Payment{absl::StrCat("A-", draw.Below(30)), category(draw), draw.Between(1, 900)};
          },
          400))
      .Promises({ExactlyOncePromise(), AtLeastOncePromise(), ProgressPromise(), CheckpointFilesSafePromise(),
                 std::move(consistent)});
}

}  // namespace

Scenario OrderDependentRules() {
  Promise consistent = BroadcastStateConsistentPromise(kLimits);
  consistent.expected_broken = true;
  return SpendingLimits("order-dependent-rules", false, std::move(consistent))
      .Claim(
          "broadcast limits of which the last written stays: copies diverge, and the function is at fault");
}

Scenario VersionedRules() {
  return SpendingLimits("versioned-rules", true, BroadcastStateConsistentPromise(kLimits))
      .Claim("broadcast limits of which the newest version stays, in whatever order they come");
}

}  // namespace weir::scenarios
