// Licensed under the Apache License, Version 2.0.
//
// runs.bin: what a campaign has run so far, one entry a run, appended as runs end. A kill at any moment leaves whole
// entries and at most one torn at the end, which the next opening cuts off. The file begins with the specification of
// the campaign, so that results of two different ones are never mixed.
#ifndef WEIR_CAMPAIGN_RUN_LOG_H_
#define WEIR_CAMPAIGN_RUN_LOG_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "campaign/run_record.h"

namespace weir::campaign {

class RunLog {
 public:
  // A new file; one that is there already is replaced. `spec` is text of lines "NAME: VALUE".
  // kFailedPrecondition if another process has it open.
  static absl::StatusOr<std::unique_ptr<RunLog>> Create(const std::string& path, absl::string_view spec);
  // An existing one, to be continued. kNotFound; kInvalidArgument if it belongs to another campaign (naming the first
  // line that differs); kDataLoss if an entry before the last is damaged; kFailedPrecondition as above.
  static absl::StatusOr<std::unique_ptr<RunLog>> Open(const std::string& path, absl::string_view spec);
  ~RunLog();
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

  // What was there when it was opened. Empties the list.
  std::vector<RunRecord> TakeRecords() { return std::move(records_); }
  // Claims by (scenario, property), as appended.
  const std::map<std::pair<std::string, std::string>, std::string>& claims() const { return claims_; }

  absl::Status Append(const RunRecord& record);
  // Does nothing if it is known.
  absl::Status AppendClaim(const std::string& scenario, const std::string& property,
                           const std::string& claim);

 private:
  enum class Entry : uint8_t { kSpec = 1, kClaim = 2, kRun = 3 };
  RunLog(std::string path, int file) : path_(std::move(path)), file_(file) {}
  static absl::StatusOr<std::unique_ptr<RunLog>> OpenFile(const std::string& path, int flags);
  absl::Status AppendEntry(Entry type, absl::string_view payload);
  absl::Status Load(absl::string_view content, absl::string_view spec);
  absl::Status LoadEntry(Entry type, absl::string_view payload, absl::string_view spec);

  const std::string path_;
  const int file_;
  std::vector<RunRecord> records_;
  std::map<std::pair<std::string, std::string>, std::string> claims_;
};

}  // namespace weir::campaign

#endif  // WEIR_CAMPAIGN_RUN_LOG_H_
