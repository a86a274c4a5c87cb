#include "runtime/types/csv.h"

#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "runtime/types/parse_scalar.h"

namespace weir {
namespace {

absl::Status CheckScalars(const TypeSerializer& type) {
  if (type.kind() != TypeKind::kStruct) {
    return absl::InvalidArgumentError(
        absl::StrCat("CSV needs a struct with WEIR_FIELDS, not ", type.TypeName()));
  }
  for (const FieldShape& field : type.shape().fields) {
    if (IsScalar(field.type().non_null().kind())) continue;
    return absl::InvalidArgumentError(absl::StrCat("CSV cannot hold field '", field.name, "' of ",
                                                   type.TypeName(), ", a ", field.type().TypeName()));
  }
  return absl::OkStatus();
}

struct Cell {
  std::string text;
  size_t column = 1;  // of its first byte
};

absl::Status AtColumn(size_t column, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("column ", column, ": ", what));
}

absl::StatusOr<std::vector<Cell>> Split(absl::string_view line, char delimiter) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  std::vector<Cell> cells;
  for (size_t at = 0;; ++at) {
    Cell& cell = cells.emplace_back();
    cell.column = at + 1;
    if (at < line.size() && line[at] == '"') {
      for (++at;; ++at) {
        if (at >= line.size()) return AtColumn(cell.column, "a quote is never closed");
        if (line[at] != '"') {
          cell.text.push_back(line[at]);
        } else if (at + 1 < line.size() && line[at + 1] == '"') {
          cell.text.push_back(line[at++]);
        } else {
          break;
        }
      }
      if (++at < line.size() && line[at] != delimiter) return AtColumn(at + 1, "text after a closing quote");
    } else {
      const size_t end = std::min(line.find(delimiter, at), line.size());
      cell.text = std::string(line.substr(at, end - at));
      at = end;
    }
    if (at >= line.size()) return cells;
  }
}

std::string StoreCell(const TypeShape& shape, const std::string& text, void* target) {
  const TypeKind kind = shape.kind;
  if (kind >= TypeKind::kString) {
    return types_internal::StoreText(shape, text, target);
  }
  const absl::string_view trimmed = absl::StripAsciiWhitespace(text);
  if (kind == TypeKind::kBool) {
    if (absl::EqualsIgnoreCase(trimmed, "true")) return types_internal::StoreBool(kind, true, target);
    if (absl::EqualsIgnoreCase(trimmed, "false")) return types_internal::StoreBool(kind, false, target);
  } else if (kind == TypeKind::kFloat || kind == TypeKind::kDouble) {
    double number = 0;
    if (absl::SimpleAtod(trimmed, &number))
      return types_internal::StoreFloating(kind, number, trimmed, target);
  } else {
    int64_t number = 0;
    const auto result = std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), number);
    if (result.ec == std::errc::result_out_of_range)
      return absl::StrCat("integer ", trimmed, " is out of range");
    if (result.ec == std::errc() && result.ptr == trimmed.data() + trimmed.size()) {
      return types_internal::StoreInteger(kind, number, target);
    }
  }
  return types_internal::Mismatch(kind, absl::StrCat("\"", text.substr(0, 40), "\""));
}

}  // namespace

absl::StatusOr<CsvLayout> CsvLayout::Positional(const TypeSerializer& type, char delimiter) {
  if (absl::Status status = CheckScalars(type); !status.ok()) return status;
  CsvLayout layout;
  layout.delimiter = delimiter;
  for (size_t i = 0; i < type.shape().fields.size(); ++i)
    layout.field_of_column.push_back(static_cast<int>(i));
  return layout;
}

absl::StatusOr<CsvLayout> CsvLayout::FromHeader(absl::string_view header, const TypeSerializer& type,
                                                char delimiter) {
  if (absl::Status status = CheckScalars(type); !status.ok()) return status;
  absl::StatusOr<std::vector<Cell>> cells = Split(header, delimiter);
  if (!cells.ok()) return cells.status();
  const auto fields = type.shape().fields;
  CsvLayout layout;
  layout.delimiter = delimiter;
  std::vector<bool> is_found(fields.size(), false);
  for (const Cell& cell : *cells) {
    int index = -1;
    for (size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].name != absl::StripAsciiWhitespace(cell.text)) continue;
      if (is_found[i]) return AtColumn(cell.column, absl::StrCat("'", fields[i].name, "' stands twice"));
      is_found[i] = true;
      index = static_cast<int>(i);
    }
    layout.field_of_column.push_back(index);
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    if (is_found[i] || fields[i].type().kind() == TypeKind::kNullable) continue;
    return absl::InvalidArgumentError(absl::StrCat("the header has no column '", fields[i].name, "'"));
  }
  return layout;
}

absl::Status ReadCsvInto(absl::string_view line, const CsvLayout& layout, const TypeSerializer& type,
                         void* value) {
  absl::StatusOr<std::vector<Cell>> cells = Split(line, layout.delimiter);
  if (!cells.ok()) return cells.status();
  if (cells->size() != layout.field_of_column.size()) {
    return AtColumn(cells->back().column, absl::StrCat("expected ", layout.field_of_column.size(),
                                                       " cells, found ", cells->size()));
  }
  for (size_t i = 0; i < cells->size(); ++i) {
    if (layout.field_of_column[i] < 0) continue;
    const FieldShape& field = type.shape().fields[static_cast<size_t>(layout.field_of_column[i])];
    void* target = const_cast<void*>(field.get(value));
    const Cell& cell = (*cells)[i];
    if (field.type().kind() == TypeKind::kNullable) {
      field.type().shape().clear(target);
      if (cell.text.empty()) continue;
      target = field.type().shape().append(target);
    }
    const std::string wrong = StoreCell(field.type().non_null().shape(), cell.text, target);
    if (!wrong.empty()) return AtColumn(cell.column, absl::StrCat("field '", field.name, "': ", wrong));
  }
  return absl::OkStatus();
}

}  // namespace weir
