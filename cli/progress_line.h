// Licensed under the Apache License, Version 2.0.
//
// Tells how far a campaign is, on standard error: a line that is written over when that is a terminal, a new line every
// few seconds when it is not, nothing if quiet.
#ifndef WEIR_CLI_PROGRESS_LINE_H_
#define WEIR_CLI_PROGRESS_LINE_H_

#include <cstdint>
#include <string>

#include "campaign/campaign.h"

namespace weir::cli {

class ProgressLine {
 public:
  explicit ProgressLine(bool quiet);
  ~ProgressLine();  // clears the line on a terminal
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Show(const campaign::Progress& progress);

 private:
  const bool quiet_;
  const bool terminal_;
  int64_t shown_at_ = 0;
  std::string shown_doing_;
};

// "[#####.....] 500 of 1,000 runs, 3 violated, 120/s, 4.1 s left". Without bar: for a line of its own.
std::string ProgressText(const campaign::Progress& progress, bool with_bar);

}  // namespace weir::cli

#endif  // WEIR_CLI_PROGRESS_LINE_H_
