// Licensed under the Apache License, Version 2.0.
//
// The test cases of this process that could not run here and said so, by name.
#ifndef WEIR_TESTS_SKIPPED_H_
#define WEIR_TESTS_SKIPPED_H_

#include <set>
#include <string>

namespace weir::test {

inline std::set<std::string>& SkippedCases() {
  static std::set<std::string> names;
  return names;
}

}  // namespace weir::test

#endif  // WEIR_TESTS_SKIPPED_H_
