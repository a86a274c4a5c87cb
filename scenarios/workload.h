// Licensed under the Apache License, Version 2.0.
//
// The records of a run's source topics: generated or from a file, with the plan's edits applied. A record is a keyed
// function of (workload seed, split, offset), so leaving some out changes none of the others.
#ifndef WEIR_SCENARIOS_WORKLOAD_H_
#define WEIR_SCENARIOS_WORKLOAD_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "scenarios/run.h"

namespace weir::scenarios {

class Workload {
 public:
  // `scenario` and `files` outlive it. REQUIRES: the options of the plan were checked.
  Workload(const Scenario& scenario, const InputFiles& files, const faults::Plan& plan);
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  uint32_t Splits(absl::string_view topic) const;
  // Offsets of a split are [0, SplitEnd) after the edits.
  uint64_t SplitEnd(absl::string_view topic, uint32_t split) const;
  // Valid as long as the workload and its files. Throws RunAborted if they cannot be generated.
  const std::vector<absl::string_view>& Records(absl::string_view topic, uint32_t split) const;
  // REQUIRES: offset < SplitEnd.
  absl::string_view Record(absl::string_view topic, uint32_t split, uint64_t offset) const;
  // The same as text.
  std::string Describe(absl::string_view topic, uint32_t split, uint64_t offset) const;
  // How far apart in time the records of a split appear.
  Duration Interval(absl::string_view topic) const;
  // How many splits there are from the beginning, and since when there are all.
  uint32_t FirstSplits(absl::string_view topic) const;
  Instant Complete(absl::string_view topic) const { return Find(topic).complete; }
  uint64_t TotalRecords() const;
  std::vector<std::string> Topics() const;

  // Whether the first record can be generated. kFailedPrecondition, naming input and record: the input is only for files,
  // or its generator throws.
  static absl::Status CheckGenerator(const Input& input);
  // How many records a split of `total` has: record i lies in split i mod splits, at offset i div splits.
  static uint64_t SplitSize(uint64_t total, uint32_t splits, uint32_t split) {
    return (total + splits - 1 - split) / splits;
  }

 private:
  struct Split {
    uint64_t size = 0;                                  // after the edits
    std::vector<std::pair<uint64_t, uint64_t>> ranges;  // kept, of original offsets
    // Made when the first record is asked for: the log hands out each record, more than once if the job restarts, and
    // the oracle reads them all again.
    std::vector<absl::string_view> records;  // they lie in the file, or in `generated`
    std::string generated;
  };
  struct Topic {
    const Input* input = nullptr;
    const std::vector<std::string>* file = nullptr;                   // null: generated
    const std::vector<std::vector<uint64_t>>* file_splits = nullptr;  // null: line by line in turn
    mutable std::vector<Split> splits;
    Duration interval;
    Instant complete;
  };
  const Topic& Find(absl::string_view topic) const;
  void Fill(const Topic& topic, uint32_t number, Split& split) const;
  void Generate(const Topic& topic, uint32_t number, Split& split) const;

  uint64_t seed_;
  std::vector<std::pair<std::string, Topic>> topics_;  // a few: found faster one by one than in a map
};

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_WORKLOAD_H_
