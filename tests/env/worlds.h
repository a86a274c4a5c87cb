// Licensed under the Apache License, Version 2.0.
//
// The worlds that every contract is tested on: TEMPLATE_TEST_CASE("...", "[env]", WEIR_WORLDS).
#ifndef WEIR_TESTS_ENV_WORLDS_H_
#define WEIR_TESTS_ENV_WORLDS_H_

#include "tests/env/host_world.h"
#include "tests/env/sim_world.h"

#define WEIR_WORLDS ::weir::contract::HostWorld, ::weir::contract::SimWorld

#endif  // WEIR_TESTS_ENV_WORLDS_H_
