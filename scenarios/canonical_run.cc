#include "scenarios/canonical_run.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "properties/output_invariant.h"
#include "runtime/api/api.h"
#include "scenarios/general_promises.h"
#include "scenarios/generated_input.h"
#include "scenarios/records.h"

namespace weir::scenarios {

struct Purchase {
  int64_t customer = 0;
  int64_t amount = 0;
};
WEIR_FIELDS(Purchase, customer, amount);

struct Discount {
  int64_t group = 0;
  int64_t version = 0;
};
WEIR_FIELDS(Discount, group, version);

struct PurchaseTotal {
  int64_t customer = 0;
  int64_t count = 0;
  int64_t total = 0;
  int64_t discount = 0;  // the version that was met; 0: none
};
WEIR_FIELDS(PurchaseTotal, customer, count, total, discount);

namespace {

constexpr ValueStateDescriptor<PurchaseTotal> kTotal{"total"};
constexpr MapStateDescriptor<int64_t, int64_t> kDiscounts{"discounts"};  // group -> newest version
constexpr int64_t kCustomers = 400;
constexpr int64_t kGroups = 20;
constexpr uint64_t kPurchases = 9'800;
constexpr uint64_t kDiscountRecords = 200;

class AddUp : public KeyedBroadcastProcessFunction<int64_t, Purchase, Discount, PurchaseTotal> {
 public:
  void Open(RuntimeContext& context) { total_ = context.GetState(kTotal); }

  void ProcessElement(const Purchase& purchase, ReadOnlyContext& context, Collector<PurchaseTotal>& out) {
    PurchaseTotal total{purchase.customer, 0, 0, 0};
    if (const PurchaseTotal* before = total_.Find()) total = *before;
    ++total.count;
    total.total = WrappingAdd(total.total, purchase.amount);
    total.discount = context.GetBroadcastState(kDiscounts).Get(purchase.customer % kGroups).value_or(0);
    out.Collect(total);
    total_.Update(total);
  }

  void ProcessBroadcastElement(const Discount& discount, Context& context, Collector<PurchaseTotal>&) {
    auto& discounts = context.GetBroadcastState(kDiscounts);
    if (discounts.Get(discount.group).value_or(0) < discount.version)
      discounts.Put(discount.group, discount.version);
  }

 private:
  ValueState<PurchaseTotal> total_;
};

void BuildJob(StreamExecutionEnvironment& env) {
  env.EnableCheckpointing(absl::Seconds(1));
  auto discounts = env.AddSource(LogSource<Discount>("discounts")).Uid("discounts").Broadcast(kDiscounts);
  env.AddSource(LogSource<Purchase>("purchases"))
      .Uid("purchases")
      .KeyBy(&Purchase::customer)
      .Connect(discounts)
      .Process<AddUp>()
      .Uid("sum")
      .AddSink(TransactionalSink<PurchaseTotal>("totals"))
      .Uid("totals");
}

std::string About(int64_t customer) { return absl::StrCat("customer ", customer); }
std::string Fact(int64_t count, int64_t total) {
  return absl::StrCat(count, count == 1 ? " purchase, " : " purchases, ", total,
                      " in total, discounts in their order");
}

// One T for each customer. Those of generated records are few and dense, those of a file may be any.
template <typename T>
class ByCustomer {
 public:
  T& operator[](int64_t customer) {
    return customer >= 0 && customer < kCustomers ? generated_[static_cast<size_t>(customer)]
                                                  : others_[customer];
  }
  template <typename Visit>
  void ForEach(Visit visit) {
    for (int64_t customer = 0; customer < kCustomers; ++customer) visit(customer, (*this)[customer]);
    for (auto& [customer, of_customer] : others_) visit(customer, of_customer);
  }

 private:
  std::vector<T> generated_{kCustomers};
  std::map<int64_t, T> others_;
};

properties::Facts ExpectedTotals(const properties::Outside& outside) {
  struct Sums {
    int64_t count = 0;
    int64_t total = 0;
  };
  ByCustomer<Sums> sums;
  for (uint32_t split = 0; split < outside.Splits("purchases"); ++split) {
    for (absl::string_view record : outside.SourceRecords("purchases", split)) {
      const absl::StatusOr<Purchase> purchase = ReadSinkRecord<Purchase>(record);
      WEIR_CHECK(purchase.ok(), purchase.status().message());
      Sums& of_customer = sums[purchase->customer];
      ++of_customer.count;
      of_customer.total = WrappingAdd(of_customer.total, purchase->amount);
    }
  }
  properties::Facts facts;
  sums.ForEach([&](int64_t customer, const Sums& of_customer) {
    if (of_customer.count > 0) facts[About(customer)] = Fact(of_customer.count, of_customer.total);
  });
  return facts;
}

// Totals of one customer that lie behind each other with consecutive counts: nearly always all that it has. A rescaled job
// writes the next ones to another partition.
struct Stretch {
  explicit Stretch(const PurchaseTotal& total) : first(total), last(total) {}
  PurchaseTotal first;
  PurchaseTotal last;
  std::string older;  // what is wrong with the discounts within it

  // False: it does not follow.
  bool Add(const PurchaseTotal& total) {
    if (total.count != last.count + 1) return false;
    if (older.empty()) older = OlderDiscount(last, total);
    last = total;
    return true;
  }
  static std::string OlderDiscount(const PurchaseTotal& before, const PurchaseTotal& total) {
    if (total.discount >= before.discount) return "";
    return absl::StrCat("discount ", total.discount, " after ", before.discount, " at purchase ",
                        total.count);
  }
};

// What is wrong with a customer's totals, or what they say if nothing is.
std::string FactOf(std::vector<Stretch>& stretches) {
  std::sort(stretches.begin(), stretches.end(),
            [](const Stretch& a, const Stretch& b) { return a.first.count < b.first.count; });
  PurchaseTotal last;
  for (const Stretch& stretch : stretches) {
    if (stretch.first.count != last.count + 1) {
      return absl::StrCat("purchase ", stretch.first.count, " in place of ", last.count + 1);
    }
    std::string older = Stretch::OlderDiscount(last, stretch.first);
    if (older.empty()) older = stretch.older;
    if (!older.empty()) return older;
    last = stretch.last;
  }
  return Fact(last.count, last.total);
}

properties::Facts CommittedTotals(const properties::Outside& outside) {
  ByCustomer<std::vector<Stretch>> stretches;
  for (const LogRecord& record : outside.Committed("totals")) {
    const absl::StatusOr<PurchaseTotal> total = ReadSinkRecord<PurchaseTotal>(record.value);
    if (!total.ok()) return {{"a record of totals", "unreadable"}};
    std::vector<Stretch>& of_customer = stretches[total->customer];
    if (of_customer.empty() || !of_customer.back().Add(*total)) of_customer.emplace_back(*total);
  }
  properties::Facts facts;
  stretches.ForEach([&](int64_t customer, std::vector<Stretch>& of_customer) {
    if (!of_customer.empty()) facts[About(customer)] = FactOf(of_customer);
  });
  return facts;
}

}  // namespace

Scenario CanonicalRun() {
  return Scenario("c1")
      .Claim(
          "the canonical run: a keyed stream meets a broadcast one, 10,000 records, twenty checkpoints, five "
          "faults")
      .Job(BuildJob)
      .AddInput(gen::Records<Purchase>(
          "purchases",
          [](gen::Draws& draw) {
            return Purchase{std::min(draw.Below(kCustomers), draw.Below(kCustomers)),
                            draw.Between(-500, 1'000)};
          },
          kPurchases))
      .AddInput(gen::Records<Discount>(
          "discounts",
          [](gen::Draws& draw) {
            return Discount{draw.Below(kGroups), draw.Between(1, 1'000)};
          },
          kDiscountRecords))
      .Cluster({.job_managers = 1, .task_managers = 3, .slots_per_task_manager = 2})
      .FaultsAtLeast(8)
      // What a run costs is to depend on the engine, not on the draw: these are near Flink's defaults. Timeouts, restart
      // delay and latencies are drawn.
      .Option("parallelism.default", "2")
      .Option("weir.run.faulty-span", "12 s")
      .Option("weir.workload.span", "11 s")
      .Option("execution.checkpointing.interval", "300 ms")
      .Option("execution.checkpointing.tolerable-failed-checkpoints", "1000000")
      .Option("taskmanager.memory.segment-size", "32 kb")
      .Option("taskmanager.network.memory.buffers-per-channel", "2")
      .Option("execution.buffer-timeout.interval", "100 ms")
      .Option("weir.task.slice-records", "50")
      .Option("weir.source.fetch-records", "100")
      .Option("weir.source.poll-interval", "50 ms")
      .Option("weir.task.record-cost", "2 us")
      .Option("weir.snapshot.step-entries", "1000")
      .Promises({BroadcastStateConsistentPromise(), ExactlyOncePromise(), AtLeastOncePromise(),
                 ProgressPromise(), CheckpointFilesSafePromise(),
                 PromiseOf(properties::MakeOutputInvariant({"totals", ExpectedTotals, CommittedTotals}))});
}

}  // namespace weir::scenarios
