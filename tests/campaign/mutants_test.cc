#include "campaign/mutants.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "campaign/files.h"
#include "tests/campaign/fake_target.h"

namespace weir::campaign {
namespace {

// A program that takes the words of a campaign and, from seed BAD on, breaks PROPERTY.
constexpr absl::string_view kProgram = R"(#!/bin/sh
first=1 seeds=1 out=.
while [ $# -gt 0 ]; do
  case $1 in
    --first-seed) first=$2; shift ;;
    --seeds) seeds=$2; shift ;;
    --out) out=$2; shift ;;
    --break) exit 2 ;;
  esac
  shift
done
mkdir -p "$out"
for bad in BAD; do
  name=${bad%%=*} at=${bad##*=}
  if [ "$at" -ge "$first" ] && [ "$at" -lt $((first + seeds)) ]; then
    cat >"$out/report.json" <<END
{"verdict": "violated", "properties": [{"id": "$name", "expected": "held", "violated": 1},
  {"id": "must-break", "expected": "broken", "violated": 9}],
 "failures": [{"seed": $at, "property": "$name"}]}
END
    exit 1
  fi
done
echo '{"verdict": "held", "properties": [], "failures": []}' >"$out/report.json"
)";

void WriteProgram(const std::string& path, absl::string_view bad) {
  REQUIRE(WriteFileAtomically(path, absl::StrReplaceAll(kProgram, {{"BAD", bad}})).ok());
  REQUIRE(chmod(path.c_str(), 0755) == 0);
}

class Fixture {
 public:
  Fixture() {
    options.programs = folder.path();
    options.twin = folder.path() + "/twin";
    options.scratch = folder.path() + "/scratch";
    WriteProgram(options.twin, "");
  }
  // Runs one mutant that breaks `bad`: "property=seed ...".
  absl::StatusOr<MutantResult> Run(absl::string_view bad, const MutantInfo& mutant) {
    REQUIRE(MakeFolder(folder.path() + "/m").ok());
    WriteProgram(folder.path() + "/m/weir", bad);
    absl::StatusOr<std::vector<MutantResult>> results =
        RunMutants({mutant}, options, [](const std::string&) {});
    if (!results.ok()) return results.status();
    return results->front();
  }
  TemporaryFolder folder;
  MutantOptions options;
};

constexpr MutantInfo kMutant{
    "m", "a bug", "shallow", "exactly-once", "account-totals", "--mode at-least-once", 200};

TEST_CASE("mutants: caught by its property, at its seed", "[campaign][mutants]") {
  Fixture fixture;
  const absl::StatusOr<MutantResult> result = fixture.Run("exactly-once=37", kMutant);
  REQUIRE(result.status() == absl::OkStatus());
  CHECK(result->ok());
  CHECK(result->seeds == 37);
  CHECK(result->other.empty());
}

TEST_CASE("mutants: another property that breaks first is told, and does not count", "[campaign][mutants]") {
  Fixture fixture;
  const absl::StatusOr<MutantResult> result = fixture.Run("progress=5 exactly-once=20", kMutant);
  REQUIRE(result.ok());
  CHECK(result->ok());
  CHECK(result->seeds == 20);
  CHECK(result->other == "progress");
  CHECK(result->other_seed == 5);
  const absl::StatusOr<MutantResult> only_other = fixture.Run("progress=5", kMutant);
  REQUIRE(only_other.ok());
  CHECK(!only_other->caught);
  CHECK(only_other->seeds == 200);
}

TEST_CASE("mutants: not caught within the bound", "[campaign][mutants]") {
  Fixture fixture;
  const absl::StatusOr<MutantResult> result = fixture.Run("exactly-once=201", kMutant);
  REQUIRE(result.ok());
  CHECK(!result->caught);
  CHECK(result->twin_held);
}

TEST_CASE("mutants: the twin must hold over the same seeds", "[campaign][mutants]") {
  Fixture fixture;
  WriteProgram(fixture.options.twin, "exactly-once=30");
  CHECK(!fixture.Run("exactly-once=37", kMutant)->ok());
  CHECK(fixture.Run("exactly-once=20", kMutant)->ok());
}

TEST_CASE("mutants: a program that is missing or a campaign that is refused is an error",
          "[campaign][mutants]") {
  Fixture fixture;
  MutantInfo mutant = kMutant;
  mutant.options = "--break";
  CHECK(fixture.Run("", mutant).status().code() == absl::StatusCode::kInvalidArgument);
  mutant.id = "n";
  CHECK(fixture.Run("", mutant).status().code() == absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace weir::campaign
