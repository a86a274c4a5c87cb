#include "campaign/run_service.h"

#include "absl/strings/str_cat.h"
#include "faults/plan_json.h"
#include "runtime/base/check.h"
#include "runtime/base/codec.h"
#include "runtime/base/status.h"

namespace weir::campaign {

RunService::RunService(const std::vector<Target>& targets, size_t workers, Duration stuck_after)
    : targets_(targets),
      pool_(
          workers,
          [&targets](absl::string_view request, volatile uint64_t* progress) {
            return Work(targets, request, progress);
          },
          stuck_after) {}

std::string RunService::Work(const std::vector<Target>& targets, absl::string_view request,
                             volatile uint64_t* progress) {
  ByteReader in(request);
  const auto kind = static_cast<Kind>(in.U8());
  const Target& target = targets[in.U32()];
  const uint64_t seed = in.U64();
  const std::string text(in.Bytes());
  faults::Plan plan;
  if (text.empty()) {
    plan = target.plan(seed);
  } else {
    absl::StatusOr<faults::Plan> read = faults::PlanFromJson(text);
    WEIR_CHECK(read.ok(), "a plan that was written cannot be read: ", read.status().message());
    plan = *std::move(read);
  }
  if (kind == Kind::kMakePlan) return faults::PlanToJson(plan);
  if (kind == Kind::kRecords) {
    plan.kept = target.records(plan);
    return faults::PlanToJson(plan);
  }
  scenarios::RunHooks hooks;
  hooks.progress = progress;
  faults::Coverage coverage;
  const bool is_sampled = kind == Kind::kRunSeed && seed % kCoverageSample == 0;
  if (is_sampled) hooks.coverage = &coverage;
  const scenarios::RunResult result = target.run(plan, hooks);
  RunRecord record = MakeRecord(plan, result);
  for (uint16_t event = 0; event < kEventCount; ++event) {
    const uint64_t times = coverage.count(static_cast<EventId>(event));
    if (times > 0) record.coverage[event] = times;
  }
  ByteWriter out;
  out.Bytes(record.Encode());
  out.U32(static_cast<uint32_t>(result.properties.size()));
  for (const scenarios::PropertyResult& property : result.properties) {
    out.Bytes(property.id);
    out.Bytes(property.claim);
  }
  return out.Take();
}

absl::Status RunService::SubmitSeed(uint64_t ticket, size_t target, uint64_t seed) {
  ByteWriter out;
  out.U8(static_cast<uint8_t>(Kind::kRunSeed));
  out.U32(static_cast<uint32_t>(target));
  out.U64(seed);
  out.Bytes("");
  WEIR_RETURN_IF_ERROR(pool_.Submit(ticket, out.Take()));
  under_way_[ticket] = {target, seed};
  return absl::OkStatus();
}

std::vector<RunService::Answer> RunService::Wait(int timeout_millis) {
  std::vector<Answer> answers;
  for (WorkerPool::Answer& raw : pool_.Wait(timeout_millis)) {
    const auto found = under_way_.find(raw.ticket);
    WEIR_CHECK(found != under_way_.end(), "nobody asked for ticket ", raw.ticket);
    const auto [target, seed] = found->second;
    under_way_.erase(found);
    answers.push_back(Decode(std::move(raw), target, seed));
  }
  return answers;
}

RunService::Answer RunService::Decode(WorkerPool::Answer raw, size_t target, uint64_t seed) const {
  Answer answer;
  answer.ticket = raw.ticket;
  answer.target = target;
  const std::string& scenario = targets_[target].scenario;
  if (!raw.response) {
    answer.record = DeadRecord(scenario, seed, raw.death, raw.stuck ? "stuck" : "died");
    return answer;
  }
  ByteReader in(*raw.response);
  absl::StatusOr<RunRecord> record = RunRecord::Decode(in.Bytes());
  const uint32_t claims = in.U32();
  for (uint32_t i = 0; i < claims && in.ok(); ++i) {
    std::string property(in.Bytes());
    answer.claims.emplace_back(std::move(property), std::string(in.Bytes()));
  }
  if (record.ok() && in.Finish().ok()) {
    answer.record = *std::move(record);
  } else {
    answer.record = DeadRecord(scenario, seed, "gave a damaged answer", "died");
  }
  return answer;
}

absl::StatusOr<RunService::Answer> RunService::RunPlan(size_t target, const faults::Plan& plan) {
  ByteWriter out;
  out.U8(static_cast<uint8_t>(Kind::kRunPlan));
  out.U32(static_cast<uint32_t>(target));
  out.U64(plan.seed);
  out.Bytes(faults::PlanToJson(plan));
  WEIR_ASSIGN_OR_RETURN(WorkerPool::Answer raw, pool_.Ask(out.Take()));
  return Decode(std::move(raw), target, plan.seed);
}

absl::StatusOr<std::string> RunService::AskForText(Kind kind, size_t target, uint64_t seed,
                                                   const std::string& plan) {
  ByteWriter out;
  out.U8(static_cast<uint8_t>(kind));
  out.U32(static_cast<uint32_t>(target));
  out.U64(seed);
  out.Bytes(plan);
  WEIR_ASSIGN_OR_RETURN(WorkerPool::Answer raw, pool_.Ask(out.Take()));
  if (raw.response) return *std::move(raw.response);
  return absl::AbortedError(
      absl::StrCat("generating the plan of seed ", seed, " of ", targets_[target].scenario, " ", raw.death));
}

absl::StatusOr<faults::Plan> RunService::MakePlan(size_t target, uint64_t seed) {
  WEIR_ASSIGN_OR_RETURN(const std::string text, AskForText(Kind::kMakePlan, target, seed, ""));
  return faults::PlanFromJson(text);
}

absl::StatusOr<std::vector<faults::KeptRecords>> RunService::Records(size_t target,
                                                                     const faults::Plan& plan) {
  WEIR_ASSIGN_OR_RETURN(const std::string text,
                        AskForText(Kind::kRecords, target, plan.seed, faults::PlanToJson(plan)));
  WEIR_ASSIGN_OR_RETURN(faults::Plan whole, faults::PlanFromJson(text));
  return std::move(whole.kept);
}

}  // namespace weir::campaign
