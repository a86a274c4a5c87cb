// Licensed under the Apache License, Version 2.0.
//
// Reads one JSON object strictly: each field is asked for once, and what nobody asked for is an
// error. The first error wins and later reads return nothing, so a parser may read a whole
// structure and ask once. Include in .cc files only.
#ifndef WEIR_FAULTS_JSON_READER_H_
#define WEIR_FAULTS_JSON_READER_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace weir::faults {

using Json = nlohmann::ordered_json;

// The document; kInvalidArgument "line L, column C: no JSON here ..." otherwise.
absl::StatusOr<Json> ParseJson(absl::string_view text);

class JsonReader {
 public:
  // `value` should be an object; `pointer` is where it stands ("" is the document). Both `value`
  // and `error` outlive the reader; `error` takes the first thing that is wrong.
  JsonReader(const Json& value, std::string pointer, absl::Status& error);

  bool Has(absl::string_view field) const;
  // The fields, each of which must be there.
  std::string String(absl::string_view field);
  uint64_t Unsigned(absl::string_view field, uint64_t min = 0, uint64_t max = ~uint64_t{0});
  bool Bool(absl::string_view field);
  std::map<std::string, std::string> StringMap(absl::string_view field);
  std::map<std::string, uint64_t> UnsignedMap(absl::string_view field);
  std::vector<std::string> StringArray(absl::string_view field);
  // Objects inside; a null object if it is not there.
  const Json& Object(absl::string_view field);
  const Json& Array(absl::string_view field);

  // Complains of every field that nobody asked for.
  void Finish();
  void Fail(absl::string_view field, absl::string_view what);
  // About what stands under `name` inside of `field`.
  void FailInside(absl::string_view field, absl::string_view name, absl::string_view what);
  std::string Pointer(absl::string_view field) const;

 private:
  const Json* Find(absl::string_view field, absl::string_view wanted);

  const Json& value_;
  const std::string pointer_;
  absl::Status& error_;
  std::set<std::string> asked_;
};

}  // namespace weir::faults

#endif  // WEIR_FAULTS_JSON_READER_H_
