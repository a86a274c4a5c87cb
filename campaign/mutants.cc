#include "campaign/mutants.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "campaign/files.h"
#include "faults/json_reader.h"
#include "runtime/base/status.h"

namespace weir::campaign {
namespace {

// Runs a program to its end, its output in `log`. The exit status, or 128 + signal.
absl::StatusOr<int> RunProgram(const std::vector<std::string>& words, const std::string& log) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t process = 0;
  const int error = posix_spawn(&process, words[0].c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return absl::InvalidArgumentError(absl::StrCat("cannot run '", words[0], "': ", SystemText(error)));
  }
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// What a report says of a campaign that ends at its first failure.
struct Outcome {
  bool violated = false;
  uint64_t seed = 0;  // of the failure
  std::string first;  // the property of its signature
  std::vector<std::string> broken;
};

absl::StatusOr<Outcome> ReadReport(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  WEIR_ASSIGN_OR_RETURN(const faults::Json json, faults::ParseJson(text));
  absl::Status error;
  faults::JsonReader report(json, "", error);
  Outcome outcome;
  outcome.violated = report.String("verdict") == "violated";
  for (const faults::Json& row : report.Array("properties")) {
    faults::JsonReader property(row, "/properties", error);
    const bool should_hold = property.String("expected") == "held";
    if (should_hold && property.Unsigned("violated") > 0) outcome.broken.push_back(property.String("id"));
  }
  for (const faults::Json& row : report.Array("failures")) {
    faults::JsonReader failure(row, "/failures", error);
    outcome.seed = failure.Unsigned("seed");
    outcome.first = failure.String("property");
  }
  if (!error.ok()) return WithContext(error, path);
  return outcome;
}

class Hunt {
 public:
  Hunt(const MutantInfo& mutant, const MutantOptions& options) : mutant_(mutant), options_(options) {
    program_ = absl::StrCat(options.programs, "/", mutant.id, "/weir");
  }

  absl::StatusOr<MutantResult> Run() {
    if (!FileExists(program_)) {
      return absl::NotFoundError(absl::StrCat("'", program_, "' is missing; ./dev mutants builds it"));
    }
    MutantResult result;
    result.mutant = mutant_;
    uint64_t first = 1;
    uint64_t block = 16;
    while (first <= mutant_.seeds_max && !result.caught) {
      const uint64_t count = std::min(block, mutant_.seeds_max - first + 1);
      WEIR_ASSIGN_OR_RETURN(const Outcome outcome, Campaign(program_, first, count));
      first += count;
      result.seeds = first - 1;
      if (!outcome.violated) {
        block *= 2;
        continue;
      }
      first = outcome.seed + 1;
      result.seeds = outcome.seed;
      const auto& broken = outcome.broken;
      if (std::find(broken.begin(), broken.end(), mutant_.property) != broken.end()) {
        result.caught = true;
      } else if (result.other.empty()) {
        result.other = outcome.first;
        result.other_seed = outcome.seed;
      }
    }
    return result;
  }

  absl::StatusOr<Outcome> Campaign(const std::string& program, uint64_t first, uint64_t count) const {
    const std::string out = absl::StrCat(options_.scratch, "/", mutant_.id);
    std::vector<std::string> words{program, "campaign", std::string(mutant_.scenario)};
    for (absl::string_view word : absl::StrSplit(mutant_.options, ' ', absl::SkipEmpty()))
      words.emplace_back(word);
    for (const std::string& word :
         {std::string("--first-seed"), absl::StrCat(first), std::string("--seeds"), absl::StrCat(count),
          std::string("--jobs"), absl::StrCat(options_.jobs), std::string("--out"), out,
          std::string("--fail-fast"), std::string("--no-shrink"), std::string("--quiet")}) {
      words.push_back(word);
    }
    const std::string log = out + ".log";
    WEIR_ASSIGN_OR_RETURN(const int status, RunProgram(words, log));
    if (status != 0 && status != 1) {
      const absl::StatusOr<std::string> printed = ReadFile(log);
      return absl::InvalidArgumentError(absl::StrCat(absl::StrJoin(words, " "), " ended with status ", status,
                                                     ": ", printed.ok() ? *printed : ""));
    }
    return ReadReport(out + "/report.json");
  }

 private:
  const MutantInfo& mutant_;
  const MutantOptions& options_;
  std::string program_;
};

}  // namespace

absl::StatusOr<std::vector<MutantResult>> RunMutants(
    const std::vector<MutantInfo>& mutants, const MutantOptions& options,
    const std::function<void(const std::string& doing)>& tell) {
  WEIR_RETURN_IF_ERROR(MakeFolder(options.scratch));
  std::vector<MutantResult> results;
  // The twin of several mutants is one campaign, over the most seeds that any of them took.
  std::map<std::pair<std::string, std::string>, std::vector<size_t>> twins;
  for (const MutantInfo& mutant : mutants) {
    tell(absl::StrCat(mutant.id, ": at most ", mutant.seeds_max, " seeds of ", mutant.scenario));
    WEIR_ASSIGN_OR_RETURN(MutantResult result, Hunt(mutant, options).Run());
    twins[{std::string(mutant.scenario), std::string(mutant.options)}].push_back(results.size());
    results.push_back(std::move(result));
  }
  for (const auto& [campaign, indexes] : twins) {
    size_t longest = indexes.front();
    for (size_t i : indexes) {
      if (results[i].seeds > results[longest].seeds) longest = i;
    }
    const uint64_t seeds = results[longest].seeds;
    tell(absl::StrCat("unmutated: ", seeds, " seeds of ", campaign.first, " ", campaign.second));
    WEIR_ASSIGN_OR_RETURN(const Outcome outcome,
                          Hunt(results[longest].mutant, options).Campaign(options.twin, 1, seeds));
    for (size_t i : indexes) results[i].twin_held = !outcome.violated || outcome.seed > results[i].seeds;
  }
  return results;
}

}  // namespace weir::campaign
