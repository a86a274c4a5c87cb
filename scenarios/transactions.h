// Licensed under the Apache License, Version 2.0.
//
// The input of account-totals and external-database: JSON lines {"account": ..., "amount": ..., ...}, from a file or
// generated; and what the final total of each account is, for the oracle.
#ifndef WEIR_SCENARIOS_TRANSACTIONS_H_
#define WEIR_SCENARIOS_TRANSACTIONS_H_

#include <cstdint>
#include <string>

#include "properties/output_invariant.h"
#include "scenarios/scenario.h"

namespace weir::scenarios {

// The topic "transactions" in two splits.
Input TransactionsInput(uint64_t records);

// Appends the line at (split, offset): a function of its arguments.
void GenerateTransaction(uint64_t seed, uint32_t split, uint64_t offset, std::string* to);

// "account A-7" -> "4 transactions, -120 in total", as the records of the source topic add up.
properties::Facts ExpectedTotals(const properties::Outside& outside);
// The form of one of these facts.
std::string AboutAccount(absl::string_view account);
std::string TotalFact(int64_t count, int64_t total);

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_TRANSACTIONS_H_
