#include "runtime/base/nearest_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace weir {

size_t NameDistance(absl::string_view typed, absl::string_view known) {
  // Letters are more often left out than made up.
  constexpr size_t kLeftOut = 2;
  constexpr size_t kOther = 3;
  const std::string left = absl::AsciiStrToLower(typed);
  const std::string right = absl::AsciiStrToLower(known);
  // rows[i % 3][j]: the distance of the first i letters of `left` and the first j of `right`.
  std::vector<std::vector<size_t>> rows(3, std::vector<size_t>(right.size() + 1, 0));
  for (size_t j = 0; j <= right.size(); ++j) rows[0][j] = j * kLeftOut;
  for (size_t i = 1; i <= left.size(); ++i) {
    std::vector<size_t>& row = rows[i % 3];
    const std::vector<size_t>& above = rows[(i - 1) % 3];
    row[0] = i * kOther;
    for (size_t j = 1; j <= right.size(); ++j) {
      const size_t replaced = above[j - 1] + (left[i - 1] == right[j - 1] ? 0 : kOther);
      row[j] = std::min({above[j] + kOther, row[j - 1] + kLeftOut, replaced});
      const bool swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
      if (swapped) row[j] = std::min(row[j], rows[(i - 2) % 3][j - 2] + kOther);
    }
  }
  return rows[left.size() % 3][right.size()];
}

std::string NearestName(absl::string_view name, const std::vector<absl::string_view>& known) {
  absl::string_view nearest;
  size_t least = static_cast<size_t>(-1);
  for (absl::string_view candidate : known) {
    const size_t distance = NameDistance(name, candidate);
    if (distance < least) least = distance, nearest = candidate;
  }
  return std::string(nearest);
}

std::string UnknownName(absl::string_view what, absl::string_view name,
                        const std::vector<absl::string_view>& known) {
  const std::string nearest = NearestName(name, known);
  if (nearest.empty()) return absl::StrCat("unknown ", what, " '", name, "'");
  return absl::StrCat("unknown ", what, " '", name, "'; did you mean '", nearest, "'?");
}

}  // namespace weir
