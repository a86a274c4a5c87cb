// Licensed under the Apache License, Version 2.0.
//
// Files of the real machine, for reports and plans. Errors name the file and what the system says.
#ifndef WEIR_CAMPAIGN_FILES_H_
#define WEIR_CAMPAIGN_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace weir::campaign {

// kNotFound, or kInvalidArgument for a directory, a device or what cannot be read.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// The file has its old content or the new one, also if this process is killed meanwhile: written beside it, made
// durable, renamed. kInvalidArgument if that is not possible there.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view content);

// With every folder above it. OK if it is there.
absl::Status MakeFolder(const std::string& path);

bool FileExists(const std::string& path);

// What the system says of an errno.
std::string SystemText(int error);

// Removes a folder with all that is in it; OK if there is none.
absl::Status RemoveFolder(const std::string& path);

// The folder of the program that is running.
std::string ProgramFolder();

// A clock of the real world that only goes forward.
int64_t WallNanos();

}  // namespace weir::campaign

#endif  // WEIR_CAMPAIGN_FILES_H_
