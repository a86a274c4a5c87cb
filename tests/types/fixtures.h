// Licensed under the Apache License, Version 2.0.
//
// Files that real Flink releases wrote, for the tests that compare with them. They lie outside the repository, in
// $WEIR_SHARED or beside the source tree; where they are not, such a test is skipped, and ctest says so.
#ifndef WEIR_TESTS_TYPES_FIXTURES_H_
#define WEIR_TESTS_TYPES_FIXTURES_H_

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/skipped.h"

namespace weir::test {

inline std::filesystem::path FixtureRoot() {
  const char* shared = std::getenv("WEIR_SHARED");
  const std::filesystem::path root = shared != nullptr
                                         ? std::filesystem::path(shared)
                                         : std::filesystem::path(WEIR_SOURCE_DIR) / ".." / "shared";
  return root / "flink-fixtures";
}

inline bool HasFixtures() { return std::filesystem::exists(FixtureRoot() / "INDEX.md"); }

// Every file of that name below the fixtures, sorted.
inline std::vector<std::filesystem::path> FixturesNamed(const std::string& name) {
  std::vector<std::filesystem::path> found;
  if (!HasFixtures()) return found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(FixtureRoot())) {
    if (entry.path().filename() == name) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

inline std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

}  // namespace weir::test

// Ends the test case, visibly, where there are no fixtures.
#define WEIR_NEEDS_FIXTURES()                                                              \
  if (!::weir::test::HasFixtures()) {                                                      \
    ::weir::test::SkippedCases().insert(::Catch::getResultCapture().getCurrentTestName()); \
    WARN("SKIPPED: no files of real Flink releases at " << ::weir::test::FixtureRoot());   \
    return;                                                                                \
  }

#endif  // WEIR_TESTS_TYPES_FIXTURES_H_
