// Catch2's main: the one slow file to compile, built once for every test program. Where all cases that ran were skipped the
// exit status says so, and ctest shows it.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include "tests/skipped.h"

namespace {

uint64_t cases_run = 0;

struct CountCases : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testRunEnded(const Catch::TestRunStats& stats) override { cases_run = stats.totals.testCases.total(); }
};
CATCH_REGISTER_LISTENER(CountCases)

}  // namespace

int main(int argc, char** argv) {
  constexpr int kSkipped = 77;  // SKIP_RETURN_CODE in tests/CMakeLists.txt
  const int result = Catch::Session().run(argc, argv);
  const size_t skipped = weir::test::SkippedCases().size();
  return result == 0 && skipped > 0 && skipped == cases_run ? kSkipped : result;
}
