#include "cli/progress_line.h"

#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "campaign/files.h"
#include "reports/text_report.h"

namespace weir::cli {
namespace {

constexpr Duration kOnTerminal = Duration::Millis(200);
constexpr Duration kOtherwise = Duration::Seconds(5);

}  // namespace

ProgressLine::ProgressLine(bool quiet)
    : quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1), shown_at_(campaign::WallNanos()) {}

ProgressLine::~ProgressLine() {
  if (!quiet_ && terminal_) absl::FPrintF(stderr, "\r\033[K");
}

void ProgressLine::Show(const campaign::Progress& progress) {
  if (quiet_) return;
  const int64_t now = campaign::WallNanos();
  const Duration pause = terminal_ ? kOnTerminal : kOtherwise;
  if (now - shown_at_ < pause.nanos() && progress.doing == shown_doing_) return;
  // The first line off a terminal waits its turn: a short campaign says nothing.
  if (!terminal_ && shown_doing_.empty() && now - shown_at_ < pause.nanos()) {
    shown_doing_ = progress.doing;
    return;
  }
  shown_at_ = now;
  shown_doing_ = progress.doing;
  const std::string text = ProgressText(progress, terminal_);
  if (terminal_) {
    absl::FPrintF(stderr, "\r\033[K%s", text);
    std::fflush(stderr);
  } else {
    absl::FPrintF(stderr, "%s\n", text);
  }
}

std::string ProgressText(const campaign::Progress& progress, bool with_bar) {
  if (progress.doing != "running") return progress.doing;
  const int64_t micros = std::max<int64_t>(1, progress.elapsed.micros());
  const uint64_t rate = progress.done * 1'000'000 / static_cast<uint64_t>(micros);
  // Parts of a thousand: by runs, or by time if that ends the campaign.
  uint64_t permille = 0;
  Duration left;
  if (progress.total > 0) {
    permille = progress.done * 1000 / progress.total;
    const uint64_t runs_left = progress.total - std::min(progress.done, progress.total);
    if (rate > 0) left = Duration::Millis(static_cast<int64_t>(runs_left * 1000 / rate));
  } else if (progress.limit > Duration()) {
    permille = std::min<uint64_t>(
        1000, static_cast<uint64_t>(micros / std::max<int64_t>(1, progress.limit.micros() / 1000)));
    left = std::max(Duration(), progress.limit - progress.elapsed);
  }
  std::string text;
  if (with_bar) {
    constexpr uint64_t kCells = 30;
    const uint64_t full = permille * kCells / 1000;
    text = absl::StrCat("[", std::string(full, '#'), std::string(kCells - full, '.'), "] ");
  }
  absl::StrAppend(&text, reports::WithCommas(progress.done));
  if (progress.total > 0) absl::StrAppend(&text, " of ", reports::WithCommas(progress.total));
  absl::StrAppend(&text, " runs, ", reports::WithCommas(progress.violated), " violated, ",
                  reports::WithCommas(rate), "/s");
  if (left > Duration()) absl::StrAppend(&text, ", ", reports::Roughly(left), " left");
  return text;
}

}  // namespace weir::cli
