// Licensed under the Apache License, Version 2.0.
//
// The one header that a user includes, installed as <weir/weir.h>: the job author's API, scenarios, the properties that
// any job can promise, and Main, which gives a program every command of weir for the scenarios that it registers:
//
//   int main(int argc, char** argv) {
//     weir::ScenarioRegistry scenarios;
//     scenarios.Add(weir::Scenario("my-job").Job(BuildJob).AddInput(...).Promises({weir::ExactlyOncePromise()}));
//     return weir::Main(scenarios, argc, argv);
//   }
#ifndef WEIR_CLI_WEIR_H_
#define WEIR_CLI_WEIR_H_

#include "cli/main.h"                     // IWYU pragma: export
#include "properties/output_invariant.h"  // IWYU pragma: export
#include "runtime/api/api.h"              // IWYU pragma: export
#include "scenarios/general_promises.h"   // IWYU pragma: export
#include "scenarios/generated_input.h"    // IWYU pragma: export
#include "scenarios/scenario.h"           // IWYU pragma: export

namespace weir {

using scenarios::AtLeastOncePromise;
using scenarios::BroadcastStateConsistentPromise;
using scenarios::ClusterShape;
using scenarios::ExactlyOncePromise;
using scenarios::Input;
using scenarios::MustBreak;
using scenarios::ProgressPromise;
using scenarios::Promise;
using scenarios::PromiseOf;
using scenarios::Scenario;
using scenarios::ScenarioRegistry;

}  // namespace weir

#endif  // WEIR_CLI_WEIR_H_
