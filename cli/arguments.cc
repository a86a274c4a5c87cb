#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/configuration.h"
#include "runtime/base/nearest_name.h"
#include "runtime/base/status.h"

namespace weir::cli {

struct Arguments::State {
  explicit State(const std::string& summary) : app(summary) {}

  CLI::App app;
  std::string words_name;
  std::vector<std::string> words;
  std::map<std::string, std::vector<std::string>> values;  // by option
  std::map<std::string, bool> repeatable;
  std::map<std::string, bool> flags;
  std::map<std::string, bool> not_yet;  // has it a value?

  bool TakesValue(const std::string& name) const {
    const auto later = not_yet.find(name);
    return repeatable.count(name) != 0 || (later != not_yet.end() && later->second);
  }
  // "--seeds", "5" becomes "--seeds=5": so a value may begin with a dash and is then complained of as a value.
  absl::StatusOr<std::vector<std::string>> Joined(const std::vector<std::string>& given) const;
  absl::Status CheckName(const std::string& name) const;
};

Arguments::Arguments(const std::string& command, const std::string& summary, const std::string& example)
    : state_(std::make_unique<State>(summary)) {
  state_->app.name(command);
  state_->app.footer("Example: " + example);
}

Arguments::~Arguments() = default;

void Arguments::Words(const std::string& name, const std::string& help) {
  state_->words_name = name;
  state_->app.add_option(name, state_->words, help)->type_name("");
}

void Arguments::Value(const std::string& name, const std::string& placeholder, const std::string& help) {
  Values(name, placeholder, help);
  state_->repeatable[name] = false;
}

void Arguments::Values(const std::string& name, const std::string& placeholder, const std::string& help) {
  state_->repeatable[name] = true;
  state_->app.add_option("--" + name, state_->values[name], help)
      ->type_name(placeholder)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
}

void Arguments::Flag(const std::string& name, const std::string& help) {
  state_->app.add_flag("--" + name, state_->flags[name], help);
}

void Arguments::NotYet(const std::string& name, bool has_value) { state_->not_yet[name] = has_value; }

void Arguments::Footer(const std::string& text) {
  state_->app.footer(state_->app.get_footer() + "\n\n" + text);
}

absl::Status Arguments::State::CheckName(const std::string& name) const {
  if (not_yet.count(name) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("option '--", name, "' is not yet available"));
  }
  if (repeatable.count(name) != 0 || flags.count(name) != 0 || name == "help") return absl::OkStatus();
  std::vector<std::string> names{"--help"};
  for (const auto& [known, repeats] : repeatable) names.push_back("--" + known);
  for (const auto& [known, set] : flags) names.push_back("--" + known);
  return absl::InvalidArgumentError(
      UnknownName("option", "--" + name, std::vector<absl::string_view>(names.begin(), names.end())));
}

absl::StatusOr<std::vector<std::string>> Arguments::State::Joined(
    const std::vector<std::string>& given) const {
  std::vector<std::string> result;
  for (size_t i = 0; i < given.size(); ++i) {
    const std::string& word = given[i];
    if (word == "-h") {
      result.push_back("--help");
      continue;
    }
    if (!absl::StartsWith(word, "-") || word == "-") {
      if (words_name.empty())
        return absl::InvalidArgumentError(absl::StrCat("'", word, "': no such word is taken here"));
      result.push_back(word);
      continue;
    }
    const size_t equals = word.find('=');
    const std::string name =
        word.substr(absl::StartsWith(word, "--") ? 2 : 1, equals == std::string::npos ? equals : equals - 2);
    WEIR_RETURN_IF_ERROR(CheckName(name));
    if (!TakesValue(name)) {
      if (equals != std::string::npos) {
        return absl::InvalidArgumentError(absl::StrCat("option '--", name, "' takes no value"));
      }
      result.push_back(word);
    } else {
      const bool joined = equals != std::string::npos;
      const bool has_next = i + 1 < given.size();
      const std::string value = joined ? word.substr(equals + 1) : has_next ? given[++i] : "";
      if (value.empty())
        return absl::InvalidArgumentError(absl::StrCat("option '--", name, "' wants a value"));
      result.push_back(absl::StrCat("--", name, "=", value));
    }
  }
  return result;
}

absl::StatusOr<bool> Arguments::Parse(const std::vector<std::string>& words) {
  WEIR_ASSIGN_OR_RETURN(std::vector<std::string> joined, state_->Joined(words));
  std::reverse(joined.begin(), joined.end());  // as CLI11 wants them
  try {
    state_->app.parse(joined);
  } catch (const CLI::CallForHelp&) {
    std::fputs(state_->app.help().c_str(), stdout);
    return false;
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(error.what());
  }
  for (const auto& [name, repeats] : state_->repeatable) {
    if (!repeats && state_->values[name].size() > 1) {
      return absl::InvalidArgumentError(absl::StrCat("option '--", name, "' stands there twice"));
    }
  }
  return true;
}

const std::vector<std::string>& Arguments::words() const { return state_->words; }

bool Arguments::Has(const std::string& name) const {
  const auto flag = state_->flags.find(name);
  if (flag != state_->flags.end()) return flag->second;
  return !GetAll(name).empty();
}

const std::vector<std::string>& Arguments::GetAll(const std::string& name) const {
  const auto found = state_->values.find(name);
  WEIR_CHECK(found != state_->values.end(), "no option --", name, " was declared");
  return found->second;
}

std::optional<std::string> Arguments::Get(const std::string& name) const {
  const std::vector<std::string>& values = GetAll(name);
  if (values.empty()) return std::nullopt;
  return values.back();
}

absl::StatusOr<std::optional<uint64_t>> Arguments::Number(const std::string& name, uint64_t least) const {
  const std::optional<std::string> text = Get(name);
  if (!text) return std::optional<uint64_t>();
  uint64_t number = 0;
  // Far below the greatest, so that sums of such numbers stay in their range.
  if (absl::SimpleAtoi(*text, &number) && number >= least && number <= uint64_t{1} << 53) {
    return std::optional<uint64_t>(number);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--", name, ": a whole number from ", least, " on is wanted, not '", *text, "'"));
}

absl::StatusOr<std::optional<Duration>> Arguments::Time(const std::string& name) const {
  const std::optional<std::string> text = Get(name);
  if (!text) return std::optional<Duration>();
  Configuration configuration;
  configuration.Set(name, *text);
  const absl::StatusOr<Duration> duration = configuration.GetDuration(name, Duration());
  int64_t bare = 0;
  if (duration.ok() && *duration > Duration() && !absl::SimpleAtoi(*text, &bare)) {
    return std::optional<Duration>(*duration);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "--", name, ": a time with its unit is wanted, such as '30s' or '10min', not '", *text, "'"));
}

}  // namespace weir::cli
