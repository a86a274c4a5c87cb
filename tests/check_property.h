// Licensed under the Apache License, Version 2.0.
//
// Properties with rapidcheck, inside a Catch2 test case:
//
//   CheckProperty("log state: agrees with a model", [] { const auto ops = *rc::gen::...;
//   RC_ASSERT(...); });
//
// The seed is a stable hash of the id, so a run repeats on every machine. WEIR_PROPERTY_RUNS sets
// how many cases are tried (default 100). A failure prints the smallest counterexample and the
// value for WEIR_PROPERTY_REPLAY that repeats it. Bodies use RC_ASSERT, RC_PRE and RC_CLASSIFY,
// never REQUIRE. Include it only from *_property_test.cc: it is slow to compile.
#ifndef WEIR_TESTS_CHECK_PROPERTY_H_
#define WEIR_TESTS_CHECK_PROPERTY_H_

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <sstream>
#include <string>
#include <utility>

#include "runtime/base/stable_hash.h"

namespace weir {

template <typename Body>
void CheckProperty(const std::string& id, Body body, int runs_default = 100) {
  rc::detail::TestMetadata metadata;
  metadata.id = id;
  metadata.description = id;
  rc::detail::TestParams params;
  params.seed = StableHash64(id);
  const char* const runs = std::getenv("WEIR_PROPERTY_RUNS");
  params.maxSuccess = runs == nullptr ? runs_default : std::atoi(runs);
  const char* const replay = std::getenv("WEIR_PROPERTY_REPLAY");
  rc::detail::Configuration config;
  if (replay != nullptr) config = rc::detail::configFromString(replay);
  struct Listener : rc::detail::TestListener {
    void onTestCaseFinished(const rc::detail::CaseDescription&) override {}
    void onShrinkTried(const rc::detail::CaseDescription&, bool) override {}
    void onTestFinished(const rc::detail::TestMetadata&, const rc::detail::TestResult&) override {}
  } listener;
  const rc::detail::TestResult result =
      rc::detail::checkTestable(std::move(body), metadata, params, listener, config.reproduce);
  std::ostringstream message;
  rc::detail::printResultMessage(result, message);
  if (result.template is<rc::detail::FailureResult>()) {
    rc::detail::Configuration repeat;
    repeat.reproduce[id] = result.template get<rc::detail::FailureResult>().reproduce;
    message << "\nWEIR_PROPERTY_REPLAY='" << rc::detail::configToMinimalString(repeat) << "'";
  }
  INFO(message.str());
  CHECK(result.template is<rc::detail::SuccessResult>());
}

}  // namespace weir

#endif  // WEIR_TESTS_CHECK_PROPERTY_H_
