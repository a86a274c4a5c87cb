// Licensed under the Apache License, Version 2.0.
//
// The words and options of one command: declared, then parsed, then asked for. Errors are kInvalidArgument with one
// sentence; for an unknown option it names the nearest one.
#ifndef WEIR_CLI_ARGUMENTS_H_
#define WEIR_CLI_ARGUMENTS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/base/time.h"

namespace weir::cli {

class Arguments {
 public:
  // `example` is a line of the help.
  Arguments(const std::string& command, const std::string& summary, const std::string& example);
  ~Arguments();

  // Declarations; `name` without dashes.
  void Words(const std::string& name, const std::string& help);
  void Value(const std::string& name, const std::string& placeholder, const std::string& help);
  void Values(const std::string& name, const std::string& placeholder,
              const std::string& help);  // may be repeated
  void Flag(const std::string& name, const std::string& help);
  // Exists by contract, is refused until its step delivers it.
  void NotYet(const std::string& name, bool has_value);
  // More text below the options.
  void Footer(const std::string& text);

  // False: --help was asked for and has been printed.
  absl::StatusOr<bool> Parse(const std::vector<std::string>& words);

  // REQUIRES: Parse returned true, and the name was declared.
  const std::vector<std::string>& words() const;
  bool Has(const std::string& name) const;
  std::optional<std::string> Get(const std::string& name) const;
  const std::vector<std::string>& GetAll(const std::string& name) const;

  // A whole number from `least` on; nullopt if the option is not there.
  absl::StatusOr<std::optional<uint64_t>> Number(const std::string& name, uint64_t least) const;
  // With its unit: "30s", "10 min".
  absl::StatusOr<std::optional<Duration>> Time(const std::string& name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_ARGUMENTS_H_
