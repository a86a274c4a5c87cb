#include "scenarios/transactions.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/env/random.h"
#include "scenarios/records.h"

namespace weir::scenarios {
namespace {

constexpr absl::string_view kTopic = "transactions";
// Few enough that most accounts have transactions in both splits, many enough that every subtask has some.
constexpr uint64_t kAccounts = 40;

absl::StatusOr<std::string> ParseTransaction(absl::string_view line) {
  const absl::StatusOr<Transaction> transaction = ReadJson<Transaction>(line);
  if (!transaction.ok()) return transaction.status();
  return std::string(line);
}

}  // namespace

void GenerateTransaction(uint64_t seed, uint32_t split, uint64_t offset, std::string* to) {
  const Random random(seed);
  const uint64_t key = Mix(StableHash64(kTopic), split);
  const auto draw = [&](uint64_t what, uint64_t bound) {
    return random.Draw(DrawSite::kWorkload, key, offset * 4 + what, bound);
  };
  // The lesser of two draws: some accounts are busier than others.
  const uint64_t account = std::min(draw(0, kAccounts), draw(1, kAccounts));
  const int64_t amount = static_cast<int64_t>(draw(2, 100'000)) - 60'000;
  absl::StrAppend(to, "{\"account\":\"A-", account, "\",\"amount\":", amount, ",\"id\":\"", split, "-",
                  offset, "\"}");
}

Input TransactionsInput(uint64_t records) {
  Input input;
  input.name = std::string(kTopic);
  input.records = records;
  input.generate = GenerateTransaction;
  input.type = &TypeOf<Transaction>::Serializer();
  input.parse_line = ParseTransaction;
  return input;
}

std::string AboutAccount(absl::string_view account) { return absl::StrCat("account ", account); }

std::string TotalFact(int64_t count, int64_t total) {
  return absl::StrCat(count, count == 1 ? " transaction, " : " transactions, ", total, " in total");
}

properties::Facts ExpectedTotals(const properties::Outside& outside) {
  std::map<std::string, std::pair<int64_t, int64_t>> totals;
  for (uint32_t split = 0; split < outside.Splits(kTopic); ++split) {
    for (absl::string_view line : outside.SourceRecords(kTopic, split)) {
      const Transaction transaction = ReadSourceLine<Transaction>(line);
      auto& [count, total] = totals[transaction.account];
      ++count;
      total = WrappingAdd(total, transaction.amount);
    }
  }
  properties::Facts facts;
  for (const auto& [account, sums] : totals)
    facts[AboutAccount(account)] = TotalFact(sums.first, sums.second);
  return facts;
}

}  // namespace weir::scenarios
