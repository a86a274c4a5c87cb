// Files given by --input: read whole, every line checked before any run starts, so that a bad one costs nothing.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "runtime/base/stable_hash.h"
#include "runtime/base/status.h"
#include "runtime/types/csv.h"
#include "scenarios/run.h"

namespace weir::scenarios {
namespace {

// A longer line is an input of another kind (a file without line ends, a binary), not a record.
constexpr size_t kLineBytesMax = 1 << 20;

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  // A device may have no end. A pipe has one.
  std::error_code ignored;
  if (std::filesystem::is_character_file(path, ignored) || std::filesystem::is_block_file(path, ignored)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": a device, where a file is wanted"));
  }
  if (std::filesystem::is_directory(path, ignored)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": a folder, where a file is wanted"));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": no such file, or it cannot be read"));
  std::ostringstream content;
  content << file.rdbuf();
  if (!file && !file.eof()) return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));
  return content.str();
}

class LineReader {
 public:
  LineReader(const Input& input, const std::string& path)
      : input_(input),
        path_(path),
        csv_(input.file_kind == Input::FileKind::kCsv ||
             (input.file_kind == Input::FileKind::kJsonLines && absl::EndsWithIgnoreCase(path, ".csv"))) {}

  absl::Status Add(absl::string_view line, size_t number) {
    if (line.size() > kLineBytesMax) {
      return Bad(number,
                 absl::StrCat("the line has ", line.size(), " bytes; at most ", kLineBytesMax, " are taken"));
    }
    if (absl::EndsWith(line, "\r")) line.remove_suffix(1);
    if (line.empty()) return absl::OkStatus();
    std::string json;
    if (csv_) {
      if (input_.type == nullptr)
        return Bad(number, "this input takes no CSV; one JSON object a line is wanted");
      if (!layout_) {
        absl::StatusOr<CsvLayout> layout = CsvLayout::FromHeader(line, *input_.type);
        if (!layout.ok()) return Bad(number, layout.status().message());
        layout_ = *std::move(layout);
        return absl::OkStatus();
      }
      ErasedValue value(*input_.type);
      const absl::Status read = ReadCsvInto(line, *layout_, *input_.type, value.get());
      if (!read.ok()) return Bad(number, read.message());
      json = input_.type->ToJson(value.get());
      line = json;
    }
    absl::StatusOr<std::string> record = input_.parse_line(line);
    if (!record.ok()) return Bad(number, record.status().message());
    records_.push_back(*std::move(record));
    return absl::OkStatus();
  }

  std::vector<std::string> Take() { return std::move(records_); }

 private:
  absl::Status Bad(size_t number, absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(path_, ":", number, ": ", what));
  }

  const Input& input_;
  const std::string& path_;
  const bool csv_;
  std::optional<CsvLayout> layout_;
  std::vector<std::string> records_;
};

absl::StatusOr<std::vector<std::string>> ParseLines(const Input& input, const std::string& path,
                                                    absl::string_view content) {
  LineReader reader(input, path);
  size_t number = 1;
  while (!content.empty()) {
    const size_t end = content.find('\n');
    WEIR_RETURN_IF_ERROR(reader.Add(content.substr(0, end), number));
    if (end == absl::string_view::npos) break;
    content.remove_prefix(end + 1);
    ++number;
  }
  std::vector<std::string> records = reader.Take();
  if (records.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": the file holds no record; at least one line is needed"));
  }
  return records;
}

std::vector<std::vector<uint64_t>> DealByKey(const Input& input, const std::vector<std::string>& records) {
  std::vector<std::vector<uint64_t>> splits(input.splits);
  for (uint64_t line = 0; line < records.size(); ++line) {
    splits[StableHash64(input.key_of(records[line])) % input.splits].push_back(line);
  }
  return splits;
}

}  // namespace

absl::StatusOr<InputFiles> ReadInputs(const Scenario& scenario,
                                      const std::map<std::string, std::string>& files) {
  InputFiles result;
  for (const auto& [name, path] : files) {
    const Input* input = nullptr;
    std::vector<std::string> names;
    for (const Input& candidate : scenario.inputs()) {
      names.push_back(candidate.name);
      if (candidate.name == name) input = &candidate;
    }
    if (input == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("scenario ", scenario.name(), " has no input '", name,
                                                     "'; it has: ", absl::StrJoin(names, ", ")));
    }
    if (!input->parse_line) {
      return absl::InvalidArgumentError(
          absl::StrCat("input ", name, " of ", scenario.name(), " takes no file"));
    }
    WEIR_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
    WEIR_ASSIGN_OR_RETURN(result.records[name], ParseLines(*input, path, content));
    if (input->key_of) result.dealt[name] = DealByKey(*input, result.records[name]);
    result.paths[name] = path;
    result.hashes[name] = StableHash128(content).ToHex();
  }
  return result;
}

}  // namespace weir::scenarios
