// Licensed under the Apache License, Version 2.0.
//
// Inputs of JSON lines, for scenarios: the topic, the stream of what its lines hold, and the same records for the facts of
// output-invariant (properties/output_invariant.h).
#ifndef WEIR_SCENARIOS_JSON_LINES_H_
#define WEIR_SCENARIOS_JSON_LINES_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "properties/property.h"
#include "runtime/api/api.h"
#include "scenarios/records.h"
#include "scenarios/scenario.h"

namespace weir::scenarios {

// The topic `name`, in two splits unless the caller says otherwise. `generate` appends a line.
template <typename T>
Input JsonLinesInput(std::string name, uint64_t records, Input::Generate generate) {
  Input input;
  input.name = std::move(name);
  input.records = records;
  input.generate = std::move(generate);
  input.type = &TypeOf<T>::Serializer();
  input.parse_line = [](absl::string_view line) -> absl::StatusOr<std::string> {
    const absl::StatusOr<T> value = ReadJson<T>(line);
    if (!value.ok()) return value.status();
    return std::string(line);
  };
  return input;
}

// Source `topic` and operator "parse-<topic>".
template <typename T>
DataStream<T> ReadJsonLines(StreamExecutionEnvironment& env, absl::string_view topic) {
  return env.AddSource(TextLogSource(topic))
      .Uid(topic)
      .Map([](const std::string& line) { return ReadJson<T>(line); })
      .Uid(absl::StrCat("parse-", topic));
}

// What one split of a source topic holds, in order.
template <typename T>
std::vector<T> RecordsOfSplit(const properties::Outside& outside, absl::string_view topic, uint32_t split) {
  const std::vector<absl::string_view>& lines = outside.SourceRecords(topic, split);
  std::vector<T> records;
  records.reserve(lines.size());
  for (absl::string_view line : lines) {
    records.push_back(ReadSourceLine<T>(line));
  }
  return records;
}
// All splits, one after the other.
template <typename T>
std::vector<T> RecordsOf(const properties::Outside& outside, absl::string_view topic) {
  std::vector<T> records;
  for (uint32_t split = 0; split < outside.Splits(topic); ++split) {
    for (T& record : RecordsOfSplit<T>(outside, topic, split)) records.push_back(std::move(record));
  }
  return records;
}
// What a read-committed reader of a sink topic sees. kDataLoss: a record that is no T.
template <typename T>
absl::StatusOr<std::vector<T>> CommittedRecords(const properties::Outside& outside, absl::string_view topic) {
  const LogRecordsView committed = outside.Committed(topic);
  std::vector<T> records;
  records.reserve(committed.size());
  for (const LogRecord& record : committed) {
    absl::StatusOr<T> value = ReadSinkRecord<T>(record.value);
    if (!value.ok()) return value.status();
    records.push_back(*std::move(value));
  }
  return records;
}

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_JSON_LINES_H_
