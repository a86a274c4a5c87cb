// Licensed under the Apache License, Version 2.0.
//
// One line of CSV (RFC 4180, without line breaks in quotes) into a struct whose fields are numbers,
// bool, text, enums, dates or optionals of these. An empty cell is null for an optional, an error for a number,
// "" for text.
#ifndef WEIR_RUNTIME_TYPES_CSV_H_
#define WEIR_RUNTIME_TYPES_CSV_H_

#include <vector>

#include "absl/status/statusor.h"
#include "runtime/types/type_of.h"

namespace weir {

// Which column holds which field.
struct CsvLayout {
  char delimiter = ',';
  std::vector<int> field_of_column;  // index into the struct's fields; -1: column is ignored

  // Columns are the fields in the order of declaration. kInvalidArgument if a field is no scalar.
  static absl::StatusOr<CsvLayout> Positional(const TypeSerializer& type, char delimiter = ',');
  // From a header line; unknown columns are ignored, a field without column must be optional.
  static absl::StatusOr<CsvLayout> FromHeader(absl::string_view header, const TypeSerializer& type,
                                              char delimiter = ',');
};

// kInvalidArgument "column 17: field 'amount': expected an integer, found \"ten\"". Columns count
// bytes from 1.
absl::Status ReadCsvInto(absl::string_view line, const CsvLayout& layout, const TypeSerializer& type,
                         void* value);

template <typename T>
absl::StatusOr<T> ReadCsv(absl::string_view line, const CsvLayout& layout) {
  T value{};
  if (absl::Status status = ReadCsvInto(line, layout, TypeOf<T>::Serializer(), &value); !status.ok())
    return status;
  return value;
}

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_CSV_H_
