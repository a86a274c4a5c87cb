// Licensed under the Apache License, Version 2.0.
//
// The command line, like the main of a test framework: a program registers its scenarios and has every command.
#ifndef WEIR_CLI_MAIN_H_
#define WEIR_CLI_MAIN_H_

#include "scenarios/scenario.h"

namespace weir {

// Runs the command that the arguments name. Results go to standard output, progress and what is wrong to standard error.
// Returns the exit status: 0 every promise held; 1 a promise was broken; 2 the command line or an input is wrong (one
// sentence, nothing written); 3 Weir itself failed, or its results could not be
// written. REQUIRES: called once, from main, with no other thread running.
int Main(const scenarios::ScenarioRegistry& registry, int argc, char** argv);

}  // namespace weir

#endif  // WEIR_CLI_MAIN_H_
