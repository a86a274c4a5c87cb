// The program `weir`: every command, for the scenarios that come with Weir. A user's own program looks like this one.
#include "cli/weir.h"

int main(int argc, char** argv) {
  weir::ScenarioRegistry scenarios;
  weir::scenarios::AddBundled(scenarios);
  return weir::Main(scenarios, argc, argv);
}
