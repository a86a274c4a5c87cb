// Licensed under the Apache License, Version 2.0.
//
// A scenario: a job, a workload, a cluster, the faults it must survive and the promises it must keep. The unit that
// campaigns run. A user registers their own in `main` (cli/weir.h); the bundled ones are in scenarios/*.cc.
#ifndef WEIR_SCENARIOS_SCENARIO_H_
#define WEIR_SCENARIOS_SCENARIO_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "faults/plan.h"
#include "properties/property.h"
#include "runtime/base/configuration.h"
#include "runtime/task/job_graph.h"
#include "runtime/types/type_serializer.h"

namespace weir {
class StreamExecutionEnvironment;
}

namespace weir::scenarios {

struct ClusterShape {
  uint32_t job_managers = 1;
  uint32_t task_managers = 3;
  uint32_t slots_per_task_manager = 2;
};

// A source topic. Its records are a keyed function of (workload seed, split, offset), or the lines of a file.
struct Input {
  std::string name;  // the topic, and the NAME of --input NAME=FILE
  uint32_t splits = 2;
  uint32_t late_splits = 0;  // of them, the last ones: the topic has them only after a drawn while
  uint64_t records = 1000;   // generated, over all splits together
  // Appends the bytes of the record at (seed, split, offset), as the source operator reads them. `to` holds others before.
  using Generate = std::function<void(uint64_t seed, uint32_t split, uint64_t offset, std::string* to)>;
  Generate generate;
  // How a line of a file is checked and turned into the same bytes: kInvalidArgument with "column C: what is wrong".
  // Absent: files are refused for this input.
  std::function<absl::StatusOr<std::string>(absl::string_view line)> parse_line;
  // Lines of a file with equal keys lie in one split, in order, as a producer that partitions by key writes them. Takes
  // what parse_line gave. Absent: line i lies in split i mod splits.
  std::function<std::string(absl::string_view record)> key_of;
  // How such bytes are shown to people. Absent: they are text already.
  std::function<std::string(absl::string_view record)> describe;
  // What the JSON object of a line holds, so that a line of CSV can stand for one. Null: CSV files are refused.
  const TypeSerializer* type = nullptr;
  enum class FileKind : uint8_t { kJsonLines, kCsv, kText } file_kind = FileKind::kJsonLines;
};

// A promise: a property, and whether this scenario must keep it or (to show that it cannot) must break it.
struct Promise {
  std::string id;
  properties::PropertyFactory factory;
  bool expected_broken = false;
};

class Scenario {
 public:
  explicit Scenario(std::string name) : name_(std::move(name)) {}

  // Builders, each returns *this for chaining.
  Scenario& Claim(std::string one_line) { return claim_ = std::move(one_line), *this; }
  Scenario& Job(std::function<void(StreamExecutionEnvironment&)> build) {
    return build_ = std::move(build), *this;
  }
  Scenario& AddInput(Input input) { return inputs_.push_back(std::move(input)), *this; }
  Scenario& Cluster(ClusterShape cluster) { return cluster_ = cluster, *this; }
  // Fault specification that --faults overrides: "all", "none", or a list.
  Scenario& Faults(std::string spec) { return faults_ = std::move(spec), *this; }
  Scenario& Promises(std::vector<Promise> promises) { return promises_ = std::move(promises), *this; }
  // An option of the job that the scenario fixes, unless the command line sets it.
  Scenario& Option(absl::string_view key, absl::string_view value) { return options_.Set(key, value), *this; }
  // A run draws its faults; fewer than these are made up to them. At most faults::kFaultsMax.
  Scenario& FaultsAtLeast(uint64_t count) { return faults_min_ = count, *this; }
  // Every second fault that a run draws is of this kind on average, if it may be used: what the scenario is about.
  Scenario& PrefersFault(faults::FaultKind kind) { return preferred_fault_ = kind, *this; }
  // An option whose value is drawn from these for each seed, unless the command line sets it.
  Scenario& DrawnOption(std::string key, std::vector<std::string> values) {
    return drawn_options_.emplace_back(std::move(key), std::move(values)), *this;
  }
  // The least number of seeds of a campaign from which a sometimes-twin that was never seen counts as vacuous.
  Scenario& MinimumSeeds(uint64_t seeds) { return minimum_seeds_ = seeds, *this; }
  Scenario& UsesDatabase(bool uses) { return uses_database_ = uses, *this; }

  const std::string& name() const { return name_; }
  const std::string& claim() const { return claim_; }
  const std::function<void(StreamExecutionEnvironment&)>& build() const { return build_; }
  const std::vector<Input>& inputs() const { return inputs_; }
  const ClusterShape& cluster() const { return cluster_; }
  const std::string& faults() const { return faults_; }
  const std::vector<Promise>& promises() const { return promises_; }
  const Configuration& options() const { return options_; }
  const std::vector<std::pair<std::string, std::vector<std::string>>>& drawn_options() const {
    return drawn_options_;
  }
  uint64_t faults_min() const { return faults_min_; }
  std::optional<faults::FaultKind> preferred_fault() const { return preferred_fault_; }
  uint64_t minimum_seeds() const { return minimum_seeds_; }
  bool uses_database() const { return uses_database_; }

 private:
  std::string name_;
  std::string claim_;
  std::function<void(StreamExecutionEnvironment&)> build_;
  std::vector<Input> inputs_;
  ClusterShape cluster_;
  std::string faults_ = "all";
  std::vector<Promise> promises_;
  Configuration options_;
  std::vector<std::pair<std::string, std::vector<std::string>>> drawn_options_;
  uint64_t faults_min_ = 0;
  std::optional<faults::FaultKind> preferred_fault_;
  uint64_t minimum_seeds_ = 50;
  bool uses_database_ = false;
};

class ScenarioRegistry {
 public:
  // One of a name that is there already is left out, and is the fault of the registry.
  void Add(Scenario scenario);
  // What Main says instead of any command; "" if all is well.
  const std::string& fault() const { return fault_; }
  const Scenario* Find(absl::string_view name) const;
  const std::vector<Scenario>& all() const { return scenarios_; }

 private:
  std::vector<Scenario> scenarios_;
  std::string fault_;
};

// The scenarios that come with Weir.
void AddBundled(ScenarioRegistry& registry);

// Every property there is, by id, for --properties and `weir list properties`. Scenario-specific ones (reference
// outputs) are reachable only through the promises of their scenario.
const std::vector<std::pair<std::string, properties::PropertyFactory>>& GeneralProperties();

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_SCENARIO_H_
