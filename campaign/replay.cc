#include "campaign/replay.h"

#include "absl/strings/str_cat.h"
#include "campaign/shrink.h"

namespace weir::campaign {
namespace {

std::string Was(absl::string_view what, absl::string_view recorded, absl::string_view now) {
  return absl::StrCat(what, " differs: recorded '", recorded, "', now '", now, "'");
}

}  // namespace

Comparison Compare(const faults::Expectation& expect, const RunRecord& record, absl::string_view source) {
  Comparison result;
  const bool same_sources = !source.empty() && source == expect.source;
  const std::string digest = record.digest.ToHex();
  if (!same_sources) {
    result.lines.push_back(
        expect.source.empty() || source.empty()
            ? "recorded without a hash of the sources: only verdict and signature are compared"
            : "recorded by other sources: only verdict and signature are compared");
  } else if (digest != expect.digest) {
    result.lines.push_back(Was("digest", expect.digest, digest));
  }
  if (record.Verdict() != expect.verdict) {
    result.lines.push_back(Was("verdict", expect.verdict, record.Verdict()));
  } else if (SignatureKey(record.signature) != SignatureKey(expect.signature)) {
    result.lines.push_back(Was("signature", expect.signature, record.signature));
  } else if (same_sources && digest == expect.digest) {
    result.lines.push_back("the recorded digest, verdict and signature again");
    return result;
  } else {
    result.lines.push_back("the recorded verdict and signature again");
    result.mismatch = same_sources;
    return result;
  }
  result.mismatch = same_sources;
  return result;
}

}  // namespace weir::campaign
