#include "campaign/run_record.h"

#include "absl/strings/str_cat.h"
#include "runtime/base/codec.h"

namespace weir::campaign {
namespace {

void WriteTotals(const scenarios::RunTotals& totals, ByteWriter& out) {
  out.U64(totals.events);
  out.U64(totals.records);
  out.I64(totals.simulated.nanos());
  out.U64(totals.checkpoints_completed);
  out.U64(totals.checkpoints_aborted);
  out.U64(totals.restarts);
}

scenarios::RunTotals ReadTotals(ByteReader& in) {
  scenarios::RunTotals totals;
  totals.events = in.U64();
  totals.records = in.U64();
  totals.simulated = Duration::Nanos(in.I64());
  totals.checkpoints_completed = in.U64();
  totals.checkpoints_aborted = in.U64();
  totals.restarts = in.U64();
  return totals;
}

}  // namespace

std::string RunRecord::ViolatedProperty() const { return signature.substr(0, signature.find('/')); }

std::string RunRecord::Encode() const {
  ByteWriter out;
  out.Bytes(scenario);
  out.U64(seed);
  out.U64(options_hash);
  out.U8(static_cast<uint8_t>(end));
  out.Bool(violated);
  out.U64(digest.high);
  out.U64(digest.low);
  out.U32(static_cast<uint32_t>(properties.size()));
  for (const Property& property : properties) {
    out.Bytes(property.id);
    out.U8(static_cast<uint8_t>(property.outcome));
    out.Bool(property.expected_broken);
    out.Bool(property.witnessed);
    out.Bytes(property.remark);
  }
  out.U32(static_cast<uint32_t>(faults_fired.size()));
  for (const auto& [kind, times] : faults_fired) {
    out.Bytes(kind);
    out.U64(times);
  }
  out.U32(static_cast<uint32_t>(fault_fired.size()));
  for (bool fired : fault_fired) out.Bool(fired);
  out.U32(static_cast<uint32_t>(coverage.size()));
  for (const auto& [event, times] : coverage) {
    out.U16(event);
    out.U64(times);
  }
  WriteTotals(totals, out);
  out.Bytes(signature);
  out.Bytes(message);
  return out.Take();
}

absl::StatusOr<RunRecord> RunRecord::Decode(absl::string_view bytes) {
  ByteReader in(bytes);
  RunRecord record;
  record.scenario = std::string(in.Bytes());
  record.seed = in.U64();
  record.options_hash = in.U64();
  const uint8_t end = in.U8();
  if (end > static_cast<uint8_t>(End::kUndecided)) in.Invalidate("no such end of a run");
  record.end = static_cast<End>(end);
  record.violated = in.Bool();
  record.digest.high = in.U64();
  record.digest.low = in.U64();
  const uint32_t properties = in.U32();
  for (uint32_t i = 0; i < properties && in.ok(); ++i) {
    Property property;
    property.id = std::string(in.Bytes());
    const uint8_t outcome = in.U8();
    if (outcome > static_cast<uint8_t>(properties::Outcome::kNotJudged)) in.Invalidate("no such outcome");
    property.outcome = static_cast<properties::Outcome>(outcome);
    property.expected_broken = in.Bool();
    property.witnessed = in.Bool();
    property.remark = std::string(in.Bytes());
    record.properties.push_back(std::move(property));
  }
  const uint32_t kinds = in.U32();
  for (uint32_t i = 0; i < kinds && in.ok(); ++i) {
    std::string kind(in.Bytes());
    record.faults_fired[std::move(kind)] = in.U64();
  }
  const uint32_t faults = in.U32();
  for (uint32_t i = 0; i < faults && in.ok(); ++i) record.fault_fired.push_back(in.Bool());
  const uint32_t covered = in.U32();
  for (uint32_t i = 0; i < covered && in.ok(); ++i) {
    const uint16_t event = in.U16();
    if (event >= kEventCount) in.Invalidate("no such event");
    record.coverage[event] = in.U64();
  }
  record.totals = ReadTotals(in);
  record.signature = std::string(in.Bytes());
  record.message = std::string(in.Bytes());
  if (absl::Status status = in.Finish(); !status.ok()) return status;
  return record;
}

RunRecord MakeRecord(const faults::Plan& plan, const scenarios::RunResult& result) {
  RunRecord record;
  record.scenario = plan.scenario;
  record.seed = plan.seed;
  record.options_hash = HashOptions(plan.options);
  record.violated = result.Violated();
  record.digest = result.digest;
  for (const scenarios::PropertyResult& property : result.properties) {
    const properties::Outcome outcome = property.verdict.outcome;
    const bool is_failure = outcome == properties::Outcome::kViolated && !property.expected_broken;
    record.properties.push_back({property.id, outcome, property.expected_broken, property.witnessed,
                                 is_failure ? "" : property.verdict.message});
  }
  record.faults_fired = result.faults_fired;
  record.fault_fired = result.fault_fired;
  record.totals = result.totals;
  record.signature = result.signature;
  record.message = result.message;
  if (!record.violated && !result.undecided.empty()) {
    record.end = RunRecord::End::kUndecided;
    record.message = result.undecided;
  }
  if (!result.failure.empty()) {
    record.end = RunRecord::End::kFailedCheck;
    record.violated = true;
    if (record.signature.empty()) record.signature = absl::StrCat(kNoCrash, "//check/");
    if (record.message.empty()) record.message = result.failure;
  }
  return record;
}

RunRecord DeadRecord(absl::string_view scenario, uint64_t seed, absl::string_view how,
                     absl::string_view kind) {
  RunRecord record;
  record.scenario = std::string(scenario);
  record.seed = seed;
  record.end = RunRecord::End::kDied;
  record.violated = true;
  record.digest = DeadDigest();
  record.signature = absl::StrCat(kNoCrash, "//", kind, "/");
  record.message = absl::StrCat("the process of the run ", how);
  return record;
}

Hash128 DeadDigest() { return StableHash128("the worker of this run died"); }

uint64_t HashOptions(const Configuration& options) {
  ByteWriter out;
  for (const auto& [key, value] : options.values()) {
    out.Bytes(key);
    out.Bytes(value);
  }
  return StableHash64(out.bytes());
}

}  // namespace weir::campaign
