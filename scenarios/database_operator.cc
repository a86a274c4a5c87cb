#include "scenarios/database_operator.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "sim/services/key_value_store.h"

namespace weir::scenarios {

absl::Status DatabaseOperator::Open() {
  sim::ServiceAddress address;
  address.name = "database";
  address.node = database_;
  address.port = sim::kKeyValuePort;
  Env& env = *context().env;
  client_ = std::make_unique<sim::KeyValueClient>(std::move(address), env.clock, env.executor, env.transport);
  return absl::OkStatus();
}

void DatabaseOperator::ProcessElement(uint32_t, const void* value, const RecordMeta& meta) {
  parked_.push_back({*static_cast<const Transaction*>(value), meta});
  task().Block();
  if (parked_.size() == 1) ReadFront();
}

void DatabaseOperator::ReadFront() {
  client_->Get(context().actor, parked_.front().transaction.account,
               [this](absl::StatusOr<std::optional<std::string>> row) {
                 if (task().is_stopped()) return;
                 OnRead(std::move(row));
                 task().Resume();
               });
}

void DatabaseOperator::OnRead(absl::StatusOr<std::optional<std::string>> row) {
  if (!row.ok()) return RetryLater();
  const Transaction& transaction = parked_.front().transaction;
  std::optional<AccountTotal> total = AccountTotal{transaction.account, 0, 0};
  if (*row) total = ReadRow(transaction.account, **row);
  if (!total)
    return task().Fail(absl::DataLossError(absl::StrCat("row of ", transaction.account, ": '", **row, "'")));
  ++total->count;
  total->total = WrappingAdd(total->total, transaction.amount);
  client_->Put(context().actor, transaction.account, WriteRow(*total),
               [this, total = *total](const absl::Status& status) {
                 if (task().is_stopped()) return;
                 OnWritten(total, status);
                 task().Resume();
               });
}

void DatabaseOperator::OnWritten(const AccountTotal& total, const absl::Status& status) {
  if (!status.ok()) return RetryLater();
  const OperatorContext& c = context();
  if (!task().Reach(events::ExternalWritten(StableHash64(total.account), c.subtask.vertex.value,
                                            c.subtask.index, c.attempt.value))) {
    return;
  }
  Begin(parked_.front().meta);
  Emit(&total);
  parked_.pop_front();
  task().Unblock();
  if (!parked_.empty()) ReadFront();
}

void DatabaseOperator::RetryLater() {
  task().After(context().options.retry_delay, [this] { ReadFront(); });
}

void DatabaseOperator::Dispose() {
  if (client_ != nullptr) client_->Shutdown();
}

void DatabaseOperator::AppendWaits(std::vector<Wait>* waits) const {
  if (parked_.empty()) return;
  waits->push_back(
      {context().task_name, absl::StrCat("the row of ", parked_.front().transaction.account), "database"});
}

std::optional<AccountTotal> DatabaseOperator::ReadRow(absl::string_view account, absl::string_view row) {
  AccountTotal total;
  total.account = std::string(account);
  const std::pair<absl::string_view, absl::string_view> cells = absl::StrSplit(row, ' ');
  if (!absl::SimpleAtoi(cells.first, &total.count) || !absl::SimpleAtoi(cells.second, &total.total))
    return std::nullopt;
  return total;
}

std::string DatabaseOperator::WriteRow(const AccountTotal& total) {
  return absl::StrCat(total.count, " ", total.total);
}

}  // namespace weir::scenarios
