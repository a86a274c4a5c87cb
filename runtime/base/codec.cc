#include "runtime/base/codec.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace weir {

std::string ByteWriter::Take() {
  std::string taken(bytes());
  heap_.reset();
  size_ = 0;
  capacity_ = kNear;
  return taken;
}

void ByteWriter::MakeRoom(size_t at_least) {
  const size_t capacity = std::max(at_least, 2 * capacity_);
  auto heap = std::make_unique_for_overwrite<char[]>(capacity);
  std::memcpy(heap.get(), data(), size_);
  heap_ = std::move(heap);
  capacity_ = capacity;
}

void ByteReader::Fail(size_t wanted) {
  if (failed_at_ == kNone) {
    failed_at_ = offset_;
    wanted_ = wanted;
  }
  offset_ = bytes_.size();
}

void ByteReader::Invalidate(absl::string_view what, absl::string_view name) {
  if (!ok()) return;  // the first failure is the one to report
  what_ = what;
  name_ = name;
  Fail(0);
}

absl::Status ByteReader::Failure() const {
  if (ok()) return absl::DataLossError(absl::StrCat(remaining(), " bytes left over at offset ", offset_));
  if (!what_.empty()) {
    return absl::DataLossError(
        absl::StrCat(what_, name_.empty() ? "" : " ", name_, " before offset ", failed_at_));
  }
  if (wanted_ == 0) return absl::DataLossError(absl::StrCat("impossible value before offset ", failed_at_));
  return absl::DataLossError(
      absl::StrCat("truncated: ", wanted_, " bytes wanted at offset ", failed_at_, " of ", bytes_.size()));
}

}  // namespace weir
