#include "campaign/replay.h"

#include "absl/strings/str_cat.h"
#include "campaign/shrink.h"
#include "sim/digest.h"

namespace weir::campaign {
namespace {

std::string Was(absl::string_view what, absl::string_view recorded, absl::string_view now) {
  return absl::StrCat(what, " differs: recorded '", recorded, "', now '", now, "'");
}

std::string Describe(const std::optional<sim::TraceRecord>& record) {
  if (!record) return "the end of the run";
  return absl::StrCat("'", ToString(record->event), "' of node ", record->node.value, " at ",
                      FormatInstant(record->instant));
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

std::string FirstDifference(const Target& target, const faults::Plan& plan) {
  std::optional<sim::Digest> digests[2];
  for (std::optional<sim::Digest>& digest : digests) {
    scenarios::RunHooks hooks;
    hooks.with_trace = [&digest](const sim::Digest& traced) { digest.emplace(traced); };
    target.run(plan, hooks);
  }
  const std::optional<sim::Divergence> parted = sim::FindDivergence(*digests[0], *digests[1]);
  if (!parted) return "two runs of the plan are equal here: the recording is of another program or machine";
  return absl::StrCat("two runs of the plan part at event ", parted->index, ": ", Describe(parted->left),
                      " and ", Describe(parted->right));
}

}  // namespace weir::campaign
