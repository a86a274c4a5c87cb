// weir list: what there is, one line each.
#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "campaign/run_record.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "faults/fault_kinds.h"
#include "nlohmann/json.hpp"
#include "runtime/base/nearest_name.h"
#include "runtime/base/options.h"
#include "runtime/base/status.h"

namespace weir::cli {
namespace {

struct Row {
  std::string name;
  std::string text;
};
struct Section {
  std::string name;
  std::vector<Row> rows;
};

Section Scenarios(const scenarios::ScenarioRegistry& registry) {
  Section section{"scenarios", {}};
  for (const scenarios::Scenario& scenario : registry.all())
    section.rows.push_back({scenario.name(), scenario.claim()});
  return section;
}

Section Faults() {
  Section section{"faults", {}};
  for (const faults::FaultKindInfo& info : faults::FaultKinds()) {
    std::string text(info.meaning);
    if (!info.values.empty()) {
      absl::StrAppend(&text, "; ", info.name, ":X asks for one that is ", info.parameter);
    } else if (!info.parameter.empty()) {
      absl::StrAppend(&text, "; ", info.name, ":N sets its ", info.parameter);
    }
    section.rows.push_back({std::string(info.name), std::move(text)});
  }
  return section;
}

void AddProperty(const properties::Property& property, Section& section) {
  const bool known = std::any_of(section.rows.begin(), section.rows.end(),
                                 [&](const Row& row) { return row.name == property.id(); });
  if (!known) section.rows.push_back({std::string(property.id()), std::string(property.claim())});
}

Section Properties(const scenarios::ScenarioRegistry& registry) {
  Section section{"properties", {}};
  for (const auto& [id, factory] : scenarios::GeneralProperties()) AddProperty(*factory(), section);
  for (const scenarios::Scenario& scenario : registry.all()) {
    for (const scenarios::Promise& promise : scenario.promises()) AddProperty(*promise.factory(), section);
  }
  section.rows.push_back({std::string(campaign::kNoCrash), std::string(campaign::kNoCrashClaim)});
  return section;
}

Section Options() {
  Section section{"options", {}};
  for (const OptionInfo& option : KnownOptions()) {
    section.rows.push_back({std::string(option.key),
                            absl::StrCat(option.meaning, " (", option.type, "; ", option.initial, ")")});
  }
  return section;
}

void Print(const std::vector<Section>& sections, bool as_json) {
  if (as_json) {
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    for (const Section& section : sections) {
      json[section.name] = nlohmann::ordered_json::array();
      for (const Row& row : section.rows)
        json[section.name].push_back({{"name", row.name}, {"meaning", row.text}});
    }
    absl::PrintF("%s\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    return;
  }
  for (const Section& section : sections) {
    size_t width = 0;
    for (const Row& row : section.rows) width = std::max(width, row.name.size());
    if (sections.size() > 1) absl::PrintF("%s%s\n", &section == &sections.front() ? "" : "\n", section.name);
    for (const Row& row : section.rows) {
      absl::PrintF("%s%-*s  %s\n", sections.size() > 1 ? "  " : "", static_cast<int>(width), row.name,
                   row.text);
    }
  }
}

}  // namespace

absl::StatusOr<int> RunList(const Invocation& invocation) {
  Arguments arguments("list", "What there is, one line each.",
                      absl::StrCat(invocation.program, " list faults"));
  arguments.Words("WHAT",
                  "scenarios | faults | properties | backends | options; without it: all but options");
  arguments.Flag("json", "as JSON");
  WEIR_ASSIGN_OR_RETURN(const bool go_on, arguments.Parse(invocation.words));
  if (!go_on) return kHeld;
  const Section backends{
      "backends",
      {{"heap", "keyed state in memory (Flink's hashmap); snapshots go to the object store"},
       {"rocksdb", "keyed state in a RocksDB on the node's disk"},
       {"memory", "keyed state in memory; snapshots go to the job manager (Flink's jobmanager)"}}};
  std::vector<Section> sections;
  for (const std::string& word : arguments.words()) {
    if (word == "scenarios") {
      sections.push_back(Scenarios(invocation.registry));
    } else if (word == "faults") {
      sections.push_back(Faults());
    } else if (word == "properties") {
      sections.push_back(Properties(invocation.registry));
    } else if (word == "backends") {
      sections.push_back(backends);
    } else if (word == "options") {
      sections.push_back(Options());
    } else {
      return absl::InvalidArgumentError(
          UnknownName("list", word, {"scenarios", "faults", "properties", "backends", "options"}));
    }
  }
  if (sections.empty())
    sections = {Scenarios(invocation.registry), Faults(), Properties(invocation.registry), backends};
  Print(sections, arguments.Has("json"));
  return kHeld;
}

}  // namespace weir::cli
