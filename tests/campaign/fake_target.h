// Licensed under the Apache License, Version 2.0.
//
// A scenario without an engine: plans and results by formula, and seeds that misbehave on request.
#ifndef WEIR_TESTS_CAMPAIGN_FAKE_TARGET_H_
#define WEIR_TESTS_CAMPAIGN_FAKE_TARGET_H_

#include <set>
#include <string>
#include <vector>

#include "campaign/target.h"

namespace weir::campaign {

struct FakeSeeds {
  std::set<uint64_t> violate;
  std::set<uint64_t> abort;
  std::set<uint64_t> hang;
  std::set<uint64_t> fail_check;
  int millis = 0;  // of real time that each run takes
};

// Each run has two faults, 100 records in two splits, and the property "even", witnessed for every third seed.
Target FakeTarget(const std::string& name, const FakeSeeds& seeds);

// A folder for one test, empty; removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace weir::campaign

#endif  // WEIR_TESTS_CAMPAIGN_FAKE_TARGET_H_
