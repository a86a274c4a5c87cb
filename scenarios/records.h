// Licensed under the Apache License, Version 2.0.
//
// The records of the bundled scenarios: what lies in their source topics (lines of JSON) and in their sink topics. Amounts
// are integers, so that sums do not depend on the order of adding.
#ifndef WEIR_SCENARIOS_RECORDS_H_
#define WEIR_SCENARIOS_RECORDS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "runtime/base/check.h"
#include "runtime/types/json.h"
#include "runtime/types/type_of.h"

namespace weir::scenarios {

// A line of "transactions"; it may have further fields.
struct Transaction {
  std::string account;
  int64_t amount = 0;
};
WEIR_FIELDS(Transaction, account, amount);

// How many transactions an account has had, and what they add up to.
struct AccountTotal {
  std::string account;
  int64_t count = 0;
  int64_t total = 0;
};
WEIR_FIELDS(AccountTotal, account, count, total);

// A line of "readings".
struct Reading {
  std::string sensor;
  int64_t value = 0;
};
WEIR_FIELDS(Reading, sensor, value);

struct Average {
  std::string sensor;
  int64_t average = 0;
};
WEIR_FIELDS(Average, sensor, average);

// A line of "actions": what a user did, and when (milliseconds of event time).
struct UserAction {
  std::string user;
  int64_t at = 0;
  int64_t amount = 0;
};
WEIR_FIELDS(UserAction, user, at, amount);

// The `number`th run of actions of a user, from 1 on.
struct UserSession {
  std::string user;
  int64_t number = 0;
  int64_t count = 0;
  int64_t sum = 0;
  int64_t first = 0;  // `at` of the first one
  int64_t last = 0;   // the greatest `at`
  int64_t trail = 0;  // the amounts in their order: each one's is 31 times that before it, plus the amount
};
WEIR_FIELDS(UserSession, user, number, count, sum, first, last, trail);

// A line of "requests".
struct Request {
  std::string key;
  std::string client;
};
WEIR_FIELDS(Request, key, client);

// What a cache with a time to live found: an entry, or nothing, whereupon it made one. A clock that is read before and
// after an access has the time by which state decided in between. Milliseconds of the wall clock of the node.
struct Lookup {
  bool is_hit = false;
  int64_t entry = 0;       // its number, from 1 on
  int64_t asked = 0;       // before the look
  int64_t answered = 0;    // after it
  int64_t kept_until = 0;  // the entry: from before it was made
  int64_t gone_from = 0;   // from after it was made; 0 in a hit, which cannot know
};
WEIR_FIELDS(Lookup, is_hit, entry, asked, answered, kept_until, gone_from);

struct Answer {
  std::string key;
  std::string client;
  Lookup of_key;     // in the cache that all clients share
  Lookup of_client;  // in the client's own
};
WEIR_FIELDS(Answer, key, client, of_key, of_client);

// A record of "limits": the most that one payment of a category may be.
struct SpendingLimit {
  std::string category;
  int64_t amount = 0;
  int64_t version = 0;
};
WEIR_FIELDS(SpendingLimit, category, amount, version);

// A record of "payments".
struct Payment {
  std::string account;
  std::string category;
  int64_t amount = 0;
};
WEIR_FIELDS(Payment, account, category, amount);

struct WordCount {
  std::string word;
  int64_t count = 0;
};
WEIR_FIELDS(WordCount, word, count);

// Adds like Java: a file may hold any amounts, and an overflow must not end the run.
constexpr int64_t WrappingAdd(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

// Of amounts one after the other, what no other order gives.
constexpr int64_t TrailAfter(int64_t trail, int64_t amount) {
  return WrappingAdd(static_cast<int64_t>(static_cast<uint64_t>(trail) * 31), amount);
}

// A line of a source topic. REQUIRES: it was checked when the input was read, or generated.
template <typename T>
T ReadSourceLine(absl::string_view line) {
  absl::StatusOr<T> value = ReadJson<T>(line);
  WEIR_CHECK(value.ok(), value.status().message(), " in ", line);
  return *std::move(value);
}

// A record of a sink topic. kDataLoss if the bytes are no T.
template <typename T>
absl::StatusOr<T> ReadSinkRecord(absl::string_view bytes) {
  T value{};
  ByteReader reader(bytes);
  TypeOf<T>::Read(reader, value);
  if (absl::Status status = reader.Finish(); !status.ok()) return status;
  return value;
}

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_RECORDS_H_
