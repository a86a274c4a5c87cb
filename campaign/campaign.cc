#include "campaign/campaign.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "campaign/failure_folder.h"
#include "campaign/files.h"
#include "campaign/run_log.h"
#include "campaign/run_service.h"
#include "runtime/base/status.h"

namespace weir::campaign {
namespace {

struct Job {
  uint64_t index = 0;  // in the order of dispatch, which depends on nothing but the options
  size_t target = 0;
  uint64_t seed = 0;
};

// Which run comes next. With a time limit, block after block over all scenarios; otherwise one scenario after the other.
class Order {
 public:
  Order(size_t targets, const CampaignOptions& options) : targets_(targets), options_(options) {
    seeds_ = options.seeds.value_or(options.run_for ? ~uint64_t{0} : CampaignOptions::kSeedsDefault);
    block_ = options.run_for ? std::min(CampaignOptions::kBlock, seeds_) : seeds_;
  }

  // nullopt: no more. `elapsed` is asked for only where a block ends.
  std::optional<Job> Next(const std::function<Duration()>& elapsed) {
    if (target_ == targets_) {
      target_ = 0;
      begun_ += block_;
      block_ = std::min(block_, seeds_ - begun_);
      if (begun_ >= seeds_ || !options_.run_for || elapsed() >= *options_.run_for) ended_ = true;
    }
    if (ended_ || block_ == 0) return std::nullopt;
    const Job job{index_++, target_, options_.first_seed + begun_ + in_block_};
    if (++in_block_ == block_) in_block_ = 0, ++target_;
    return job;
  }

  // Seeds of each scenario that were or will be run, as far as is known now.
  uint64_t Requested() const {
    return options_.run_for ? begun_ + (target_ > 0 || in_block_ > 0 ? block_ : 0) : seeds_;
  }
  uint64_t Total() const { return options_.run_for && !options_.seeds ? 0 : seeds_ * targets_; }

 private:
  const size_t targets_;
  const CampaignOptions& options_;
  uint64_t seeds_ = 0;
  uint64_t block_ = 0;
  uint64_t begun_ = 0;
  uint64_t in_block_ = 0;
  size_t target_ = 0;
  uint64_t index_ = 0;
  bool ended_ = false;
};

std::vector<SummaryBuilder::Scenario> ScenariosOf(const std::vector<Target>& targets) {
  std::vector<SummaryBuilder::Scenario> scenarios;
  scenarios.reserve(targets.size());
  for (const Target& target : targets) scenarios.push_back({target.scenario, target.minimum_seeds});
  return scenarios;
}

class Campaign {
 public:
  Campaign(const std::vector<Target>& targets, const CampaignOptions& options, const OnProgress& on_progress)
      : targets_(targets),
        options_(options),
        on_progress_(on_progress),
        began_(WallNanos()),
        order_(targets.size(), options),
        summary_(ScenariosOf(targets)),
        service_(targets, options.jobs, options.stuck_after) {}

  absl::StatusOr<CampaignResult> Run() {
    WEIR_RETURN_IF_ERROR(OpenLog());
    WEIR_RETURN_IF_ERROR(RunAll());
    CampaignResult result;
    for (const Target& target : targets_) result.scenarios.push_back(target.scenario);
    result.seeds_requested = order_.Requested();
    result.first_seed = options_.first_seed;
    result.resumed = resumed_;
    result.summary = summary_.Build(log_->claims(), options_.strict);
    WEIR_RETURN_IF_ERROR(WriteFailures(
        targets_, options_, service_, [this](const std::string& doing) { Tell(doing); },
        result.summary.failures));
    result.wall = Elapsed();
    return result;
  }

 private:
  Duration Elapsed() const { return Duration::Nanos(WallNanos() - began_); }

  absl::Status OpenLog() {
    const std::string path = options_.out + "/runs.bin";
    if (options_.resume) {
      if (!FileExists(path)) {
        return absl::InvalidArgumentError(
            absl::StrCat("nothing to resume: there is no '", path, "'; leave out --resume"));
      }
      WEIR_ASSIGN_OR_RETURN(log_, RunLog::Open(path, options_.spec));
      for (RunRecord& record : log_->TakeRecords()) {
        std::pair<std::string, uint64_t> key(record.scenario, record.seed);
        known_.insert_or_assign(std::move(key), std::move(record));
      }
      return absl::OkStatus();
    }
    WEIR_RETURN_IF_ERROR(MakeFolder(options_.out));
    // What an earlier campaign left here, and only that.
    const bool ours = FileExists(path);
    WEIR_ASSIGN_OR_RETURN(log_, RunLog::Create(path, options_.spec));
    return ours ? RemoveFolder(options_.out + "/failures") : absl::OkStatus();
  }

  absl::Status RunAll() {
    while (true) {
      WEIR_RETURN_IF_ERROR(Dispatch());
      if (!service_.HasBusy()) return absl::OkStatus();
      for (RunService::Answer& answer : service_.Wait(500)) {
        for (const auto& [property, claim] : answer.claims) {
          WEIR_RETURN_IF_ERROR(log_->AppendClaim(answer.record.scenario, property, claim));
        }
        WEIR_RETURN_IF_ERROR(log_->Append(answer.record));
        Keep(jobs_.at(answer.ticket), std::move(answer.record));
      }
      Tell("running");
    }
  }

  absl::Status Dispatch() {
    while (service_.HasIdle() && !over_) {
      const std::optional<Job> job = order_.Next([this] { return Elapsed(); });
      if (!job || (lowest_failure_ && job->index > *lowest_failure_)) {
        over_ = true;
        break;
      }
      const auto known = known_.find({targets_[job->target].scenario, job->seed});
      if (known != known_.end()) {
        ++resumed_;
        Keep(*job, std::move(known->second));
        continue;
      }
      jobs_[job->index] = *job;
      WEIR_RETURN_IF_ERROR(service_.SubmitSeed(job->index, job->target, job->seed));
    }
    return absl::OkStatus();
  }

  void Keep(const Job& job, RunRecord record) {
    if (record.violated) {
      ++violated_;
      if (options_.fail_fast && (!lowest_failure_ || job.index < *lowest_failure_))
        lowest_failure_ = job.index;
    }
    ++done_;
    const uint64_t index = job.index;
    ended_[index] = {job.target, std::move(record)};
    jobs_.erase(index);
    Fold();
  }

  // Runs end in any order; the summary takes them in that of their indices, and none after the lowest failure.
  void Fold() {
    for (auto next = ended_.begin(); next != ended_.end() && next->first == folded_;
         next = ended_.erase(next)) {
      const auto& [target, record] = next->second;
      if (!lowest_failure_ || folded_ <= *lowest_failure_) summary_.Add(target, record);
      ++folded_;
    }
  }

  void Tell(const std::string& doing) const {
    if (!on_progress_) return;
    Progress progress;
    progress.done = done_;
    progress.total = order_.Total();
    progress.violated = violated_;
    progress.elapsed = Elapsed();
    progress.limit = options_.run_for.value_or(Duration());
    progress.doing = doing;
    on_progress_(progress);
  }

  const std::vector<Target>& targets_;
  const CampaignOptions& options_;
  const OnProgress& on_progress_;
  const int64_t began_;
  Order order_;
  SummaryBuilder summary_;
  RunService service_;
  std::unique_ptr<RunLog> log_;
  std::map<std::pair<std::string, uint64_t>, RunRecord> known_;  // from runs.bin
  std::map<uint64_t, Job> jobs_;                                 // under way, by index
  std::map<uint64_t, std::pair<size_t, RunRecord>> ended_;  // by index, after one that is still under way
  uint64_t folded_ = 0;                                     // so many are in the summary
  std::optional<uint64_t> lowest_failure_;                  // only with fail_fast
  uint64_t done_ = 0;
  uint64_t resumed_ = 0;
  uint64_t violated_ = 0;
  bool over_ = false;
};

}  // namespace

absl::StatusOr<CampaignResult> RunCampaign(const std::vector<Target>& targets, const CampaignOptions& options,
                                           const OnProgress& on_progress) {
  return Campaign(targets, options, on_progress).Run();
}

}  // namespace weir::campaign
