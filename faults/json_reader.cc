#include "faults/json_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "runtime/base/nearest_name.h"

namespace weir::faults {
namespace {

// What a value is, in the words of JSON.
absl::string_view TypeName(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_boolean()) return "a boolean";
  if (value.is_string()) return "a string";
  if (value.is_array()) return "an array";
  if (value.is_object()) return "an object";
  if (value.is_number_float()) return "a fraction";
  return value.is_number_unsigned() ? "a whole number" : "a negative number";
}

// Finds where a text stops being JSON.
class ErrorFinder : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(size_t) override {
    keys_.emplace_back();
    return true;
  }
  bool key(string_t& name) override {
    if (keys_.empty() || keys_.back().insert(name).second) return true;
    duplicate_ = name;
    return false;
  }
  bool end_object() override {
    keys_.pop_back();
    return true;
  }
  bool start_array(size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception&) override {
    position_ = position;
    return false;
  }
  size_t position() const { return position_; }
  const std::string& duplicate() const { return duplicate_; }

 private:
  size_t position_ = 0;
  std::vector<std::set<std::string>> keys_;
  std::string duplicate_;
};

// As JSON pointers write it.
std::string Escaped(absl::string_view name) { return absl::StrReplaceAll(name, {{"~", "~0"}, {"/", "~1"}}); }

const Json& Nothing() {
  static const Json nothing;
  return nothing;
}

}  // namespace

absl::StatusOr<Json> ParseJson(absl::string_view text) {
  ErrorFinder finder;
  if (!Json::sax_parse(text.begin(), text.end(), &finder)) {
    if (!finder.duplicate().empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("field '", finder.duplicate(), "' stands twice in one object"));
    }
    const size_t end = std::min(finder.position() == 0 ? 0 : finder.position() - 1, text.size());
    const absl::string_view before = text.substr(0, end);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const size_t line_start = before.rfind('\n') == absl::string_view::npos ? 0 : before.rfind('\n') + 1;
    const absl::string_view why = end == text.size() ? "the file ends too early" : "this is no JSON";
    return absl::InvalidArgumentError(
        absl::StrCat("line ", line, ", column ", end - line_start + 1, ": ", why));
  }
  return Json::parse(text.begin(), text.end(), nullptr, false);
}

JsonReader::JsonReader(const Json& value, std::string pointer, absl::Status& error)
    : value_(value), pointer_(std::move(pointer)), error_(error) {
  if (!value.is_object() && error_.ok()) {
    error_ = absl::InvalidArgumentError(absl::StrCat(pointer_.empty() ? "the document" : pointer_,
                                                     ": an object is wanted, not ", TypeName(value)));
  }
}

std::string JsonReader::Pointer(absl::string_view field) const {
  return absl::StrCat(pointer_, "/", Escaped(field));
}

void JsonReader::FailInside(absl::string_view field, absl::string_view name, absl::string_view what) {
  if (!error_.ok()) return;
  error_ = absl::InvalidArgumentError(absl::StrCat(Pointer(field), "/", Escaped(name), ": ", what));
}

void JsonReader::Fail(absl::string_view field, absl::string_view what) {
  if (error_.ok()) error_ = absl::InvalidArgumentError(absl::StrCat(Pointer(field), ": ", what));
}

bool JsonReader::Has(absl::string_view field) const {
  return value_.is_object() && value_.contains(std::string(field));
}

const Json* JsonReader::Find(absl::string_view field, absl::string_view wanted) {
  asked_.insert(std::string(field));
  if (!error_.ok()) return nullptr;
  if (Has(field)) return &value_.find(std::string(field)).value();
  Fail(field, absl::StrCat("missing; ", wanted, " is wanted here"));
  return nullptr;
}

std::string JsonReader::String(absl::string_view field) {
  const Json* found = Find(field, "a string");
  if (found == nullptr) return "";
  if (found->is_string()) return found->get<std::string>();
  Fail(field, absl::StrCat("a string is wanted, not ", TypeName(*found)));
  return "";
}

uint64_t JsonReader::Unsigned(absl::string_view field, uint64_t min, uint64_t max) {
  const Json* found = Find(field, "a whole number");
  if (found == nullptr) return min;
  if (!found->is_number_unsigned()) {
    Fail(field, absl::StrCat("a whole number is wanted, not ", TypeName(*found)));
    return min;
  }
  const uint64_t number = found->get<uint64_t>();
  if (number >= min && number <= max) return number;
  Fail(field, absl::StrCat("a number from ", min, " to ", max, " is wanted, not ", number));
  return min;
}

bool JsonReader::Bool(absl::string_view field) {
  const Json* found = Find(field, "true or false");
  if (found == nullptr) return false;
  if (found->is_boolean()) return found->get<bool>();
  Fail(field, absl::StrCat("true or false is wanted, not ", TypeName(*found)));
  return false;
}

std::map<std::string, std::string> JsonReader::StringMap(absl::string_view field) {
  std::map<std::string, std::string> result;
  for (const auto& [key, value] : Object(field).items()) {
    if (value.is_string()) {
      result[key] = value.get<std::string>();
    } else {
      FailInside(field, key, absl::StrCat("a string is wanted, not ", TypeName(value)));
    }
  }
  return result;
}

std::map<std::string, uint64_t> JsonReader::UnsignedMap(absl::string_view field) {
  std::map<std::string, uint64_t> result;
  for (const auto& [key, value] : Object(field).items()) {
    if (value.is_number_unsigned()) {
      result[key] = value.get<uint64_t>();
    } else {
      FailInside(field, key, absl::StrCat("a whole number is wanted, not ", TypeName(value)));
    }
  }
  return result;
}

std::vector<std::string> JsonReader::StringArray(absl::string_view field) {
  std::vector<std::string> result;
  for (const Json& value : Array(field)) {
    if (value.is_string()) {
      result.push_back(value.get<std::string>());
    } else {
      FailInside(field, absl::StrCat(result.size()),
                 absl::StrCat("a string is wanted, not ", TypeName(value)));
      break;
    }
  }
  return result;
}

const Json& JsonReader::Object(absl::string_view field) {
  const Json* found = Find(field, "an object");
  if (found == nullptr) return Nothing();
  if (found->is_object()) return *found;
  Fail(field, absl::StrCat("an object is wanted, not ", TypeName(*found)));
  return Nothing();
}

const Json& JsonReader::Array(absl::string_view field) {
  const Json* found = Find(field, "an array");
  if (found == nullptr) return Nothing();
  if (found->is_array()) return *found;
  Fail(field, absl::StrCat("an array is wanted, not ", TypeName(*found)));
  return Nothing();
}

void JsonReader::Finish() {
  if (!value_.is_object()) return;
  const std::vector<absl::string_view> known(asked_.begin(), asked_.end());
  for (const auto& [key, value] : value_.items()) {
    if (asked_.count(key) == 0) Fail(key, UnknownName("field", key, known));
  }
}

}  // namespace weir::faults
