// weir mutants: is the engine with one seeded bug at a time caught?
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "campaign/files.h"
#include "campaign/mutants.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "runtime/base/nearest_name.h"
#include "runtime/base/status.h"

namespace weir::cli {
namespace {

using campaign::MutantInfo;
using campaign::MutantResult;

absl::StatusOr<std::vector<MutantInfo>> Choose(const Arguments& arguments) {
  const absl::Span<const MutantInfo> all = campaign::Mutants();
  std::vector<MutantInfo> chosen;
  for (const std::string& id : arguments.GetAll("only")) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const MutantInfo& mutant) { return mutant.id == id; });
    if (found == all.end()) {
      std::vector<absl::string_view> known;
      for (const MutantInfo& mutant : all) known.push_back(mutant.id);
      return absl::InvalidArgumentError(UnknownName("mutant", id, known));
    }
    chosen.push_back(*found);
  }
  if (chosen.empty()) chosen.assign(all.begin(), all.end());
  return chosen;
}

void PrintList(const std::vector<MutantInfo>& mutants) {
  for (const MutantInfo& mutant : mutants) {
    absl::PrintF("%-34s %-8s %-34s %s\n", mutant.id, mutant.depth, mutant.property, mutant.bug);
  }
}

bool PrintResults(const std::vector<MutantResult>& results) {
  uint64_t caught = 0;
  absl::PrintF("%-34s %-8s %-34s %8s %8s  %s\n", "mutant", "depth", "must break", "seeds", "at most", "");
  for (const MutantResult& result : results) {
    std::string note = result.caught ? "caught" : "NOT CAUGHT";
    if (!result.twin_held) note += "; the unmutated engine breaks a promise over the same seeds";
    if (!result.other.empty())
      absl::StrAppend(&note, "; first ", result.other, " at seed ", result.other_seed);
    absl::PrintF("%-34s %-8s %-34s %8d %8d  %s\n", result.mutant.id, result.mutant.depth,
                 result.mutant.property, result.seeds, result.mutant.seeds_max, note);
    if (result.ok()) ++caught;
  }
  absl::PrintF("%d of %d mutants are caught, and the unmutated engine holds over the same seeds\n", caught,
               results.size());
  return caught == results.size();
}

}  // namespace

absl::StatusOr<int> RunMutants(const Invocation& invocation) {
  Arguments arguments(
      "mutants",
      "Runs campaigns of the engine with one seeded bug at a time: how many seeds until it is caught.",
      absl::StrCat(invocation.program, " mutants --only ack-before-upload"));
  arguments.Flag("list", "names the mutants and their bugs");
  arguments.Values("only", "ID", "this mutant; repeatable");
  arguments.Value("jobs", "J", "worker processes (as many as processors)");
  arguments.Value("programs", "DIR", "where <id>/weir lies (../mutants beside this program)");
  arguments.Flag("quiet", "no progress");
  WEIR_ASSIGN_OR_RETURN(const bool go_on, arguments.Parse(invocation.words));
  if (!go_on) return kHeld;
  WEIR_ASSIGN_OR_RETURN(const std::vector<MutantInfo> mutants, Choose(arguments));
  if (arguments.Has("list")) {
    PrintList(mutants);
    return kHeld;
  }
  const std::string folder = campaign::ProgramFolder();
  campaign::MutantOptions options;
  options.programs = arguments.Get("programs").value_or(folder + "/../mutants");
  options.twin = "/proc/self/exe";
  options.scratch = options.programs + "/campaigns";
  WEIR_ASSIGN_OR_RETURN(const auto jobs, arguments.Number("jobs", 1));
  options.jobs =
      static_cast<size_t>(jobs.value_or(static_cast<uint64_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)))));
  const bool quiet = arguments.Has("quiet");
  WEIR_ASSIGN_OR_RETURN(const std::vector<MutantResult> results,
                        campaign::RunMutants(mutants, options, [quiet](const std::string& doing) {
                          if (!quiet) absl::FPrintF(stderr, "%s\n", doing);
                        }));
  return PrintResults(results) ? kHeld : kBroken;
}

}  // namespace weir::cli
