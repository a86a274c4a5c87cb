// Licensed under the Apache License, Version 2.0.
//
// Adds each transaction to the row of its account in a remote database: read, then write, one record at a time. While a
// request is under way the subtask takes no input (so no barrier either). A failed request is repeated: the row is read
// again, and a write whose answer was lost may then be added twice. That is how such code behaves.
//
// A row is "count total".
#ifndef WEIR_SCENARIOS_DATABASE_OPERATOR_H_
#define WEIR_SCENARIOS_DATABASE_OPERATOR_H_

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/operators/stream_operator.h"
#include "scenarios/records.h"
#include "sim/services/key_value_client.h"

namespace weir::scenarios {

class DatabaseOperator : public StreamOperator {
 public:
  explicit DatabaseOperator(NodeId database) : database_(database) {}

  absl::Status Open() override;
  void ProcessElement(uint32_t input, const void* value, const RecordMeta& meta) override;
  void Dispose() override;
  void AppendWaits(std::vector<Wait>* waits) const override;

  // "4 -120" -> (4, -120); nothing for anything else.
  static std::optional<AccountTotal> ReadRow(absl::string_view account, absl::string_view row);
  static std::string WriteRow(const AccountTotal& total);

 private:
  struct Parked {
    Transaction transaction;
    RecordMeta meta;
  };
  void ReadFront();
  void OnRead(absl::StatusOr<std::optional<std::string>> row);
  void OnWritten(const AccountTotal& total, const absl::Status& status);
  void RetryLater();

  const NodeId database_;
  std::unique_ptr<sim::KeyValueClient> client_;
  std::deque<Parked> parked_;  // the front one is being worked on
};

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_DATABASE_OPERATOR_H_
