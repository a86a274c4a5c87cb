#include "tests/task/account_job.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "runtime/api/api.h"

namespace weir {

struct Payment {
  int64_t account = 0;
  int64_t amount = 0;
};
WEIR_FIELDS(Payment, account, amount);
struct Total {
  int64_t account = 0;
  int64_t total = 0;
};
WEIR_FIELDS(Total, account, total);

namespace {

constexpr int64_t kAccounts = 13;
constexpr ValueStateDescriptor<int64_t> kTotal{"total"};

class RunningTotal : public KeyedProcessFunction<int64_t, Payment, Total> {
 public:
  void Open(RuntimeContext& context) { total_ = context.GetState(kTotal); }
  void ProcessElement(const Payment& payment, Context& context, Collector<Total>& out) {
    total_.Mutate([&](int64_t& total) { total += payment.amount; });
    out.Collect({context.current_key(), *total_.Find()});
  }

 private:
  ValueState<int64_t> total_;
};

Payment PaymentAt(uint32_t split, uint64_t offset) {
  const int64_t n = static_cast<int64_t>(offset * 7 + split * 3);
  return {n % kAccounts, n % 50};
}

}  // namespace

JobGraph AccountJob::Build() const {
  StreamExecutionEnvironment env(options);
  auto totals = env.AddSource(LogSource<Payment>("payments"))
                    .Uid("payments")
                    .Map([](const Payment& p) {
                      return Payment{p.account, p.amount + 1};
                    })
                    .Uid("plus-one")
                    .KeyBy(&Payment::account)
                    .Process<RunningTotal>()
                    .Uid("total");
  if (is_transactional) {
    totals.AddSink(TransactionalSink<Total>("totals")).Uid("out");
  } else {
    totals.AddSink(PlainSink<Total>("totals")).Uid("out");
  }
  auto graph = env.BuildJobGraph("accounts");
  INFO(graph.status().ToString());
  REQUIRE(graph.ok());
  return *std::move(graph);
}

void AccountJob::AddTopics(LogState& log) const {
  const uint64_t end = records;
  log.AddSourceTopic(
      "payments", splits,
      [end](uint32_t split, uint64_t offset, LogRecordsWriter* to) {
        ByteWriter bytes;
        if (offset >= end || !TypeOf<Payment>::Write(bytes, PaymentAt(split, offset))) return false;
        if (to != nullptr) to->Add({bytes.bytes()});
        return true;
      },
      interval);
  log.AddTopic("totals", 2);
}

AccountJob::Output AccountJob::Read(const LogState& log) const {
  Output output;
  std::set<Hash128> seen;
  for (uint32_t partition = 0; partition < 2; ++partition) {
    for (const LogRecord& stored : log.CommittedRecords("totals", partition)) {
      ++output.records;
      if (!seen.insert(stored.identity).second) ++output.duplicates;
      ByteReader reader(stored.value);
      Total total;
      TypeOf<Total>::Read(reader, total);
      REQUIRE(reader.AtEnd());
      int64_t& last = output.last_totals[total.account];
      last = std::max(last, total.total);
    }
  }
  return output;
}

AccountJob::Output AccountJob::Expected() const {
  Output output;
  for (uint32_t split = 0; split < splits; ++split) {
    for (uint64_t offset = 0; offset < records; ++offset) {
      const Payment payment = PaymentAt(split, offset);
      ++output.records;
      output.last_totals[payment.account] += payment.amount + 1;
    }
  }
  return output;
}

}  // namespace weir
