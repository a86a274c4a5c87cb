#include "runtime/job/leader_election.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/codec.h"
#include "runtime/base/status.h"

namespace weir {

std::string LeaderRecord::Encode() const {
  ByteWriter writer;
  writer.U64(epoch);
  writer.U32(node.value);
  writer.U64(beat);
  return writer.Take();
}

absl::StatusOr<LeaderRecord> LeaderRecord::Decode(absl::string_view bytes) {
  LeaderRecord record;
  if (bytes.empty()) return record;
  ByteReader reader(bytes);
  record.epoch = reader.U64();
  record.node = NodeId(reader.U32());
  record.beat = reader.U64();
  WEIR_RETURN_IF_ERROR(reader.Finish());
  return record;
}

std::string LeaderKey(absl::string_view job_id) { return absl::StrCat(job_id, "/leader"); }

LeaderElection::LeaderElection(Options options, Env& env, ActorId actor, Listener& listener)
    : options_(std::move(options)),
      key_(LeaderKey(options_.job_id)),
      env_(env),
      actor_(actor),
      listener_(listener) {
  WEIR_CHECK(options_.renewal < options_.lease, "a lease must outlast the time between its renewals");
}

void LeaderElection::Start() { ReadAfter(Duration()); }

void LeaderElection::ReadAfter(Duration delay) {
  env_.executor.After(actor_, delay, [this, round = round_] {
    if (round != round_) return;
    env_.registry.Read(actor_, key_, [this, round](absl::StatusOr<Versioned> answer) {
      if (round == round_) OnRead(std::move(answer));
    });
  });
}

void LeaderElection::OnRead(absl::StatusOr<Versioned> answer) {
  if (!answer.ok()) return ReadAfter(options_.retry_delay);
  const absl::StatusOr<LeaderRecord> record = LeaderRecord::Decode(answer->value);
  if (!record.ok()) return ReadAfter(options_.retry_delay);  // not ours to repair; people see it in Describe
  if (role_ == Role::kStandby) return OnReadAsStandby(*answer, *record);
  version_ = answer->version;
  // Claiming or renewing, and the answer was lost or refused: does the register hold what was asked for?
  if (*record == own_) return Hold(answer->version, swap_sent_);
  if (role_ == Role::kLeading && record->epoch == own_.epoch) return Renew();
  if (role_ == Role::kClaiming && answer->version == claimed_version_) return Swap(claimed_version_, own_);
  StepDown(absl::AbortedError(absl::StrCat("the register names epoch ", record->epoch, " on node ",
                                           record->node.value, " as the leader")));
}

void LeaderElection::OnReadAsStandby(const Versioned& found, const LeaderRecord& record) {
  const Instant now = env_.clock.Now();
  if (seen_version_ != found.version) {
    seen_version_ = found.version;
    seen_since_ = now;
  }
  const bool is_free = record.epoch == 0 || record.node == env_.transport.node();
  if (!is_free && now - seen_since_ < options_.lease) return ReadAfter(options_.renewal);
  role_ = Role::kClaiming;
  claimed_version_ = found.version;
  Swap(found.version, {record.epoch + 1, env_.transport.node(), 0});
}

void LeaderElection::Swap(uint64_t expected, LeaderRecord next) {
  own_ = next;
  swap_sent_ = env_.clock.Now();
  env_.registry.CompareAndSet(actor_, key_, expected, next.Encode(),
                              [this, round = round_, sent = swap_sent_](absl::StatusOr<Versioned> answer) {
                                if (round == round_) OnSwapped(sent, std::move(answer));
                              });
}

void LeaderElection::OnSwapped(Instant sent, absl::StatusOr<Versioned> answer) {
  if (answer.ok()) return Hold(answer->version, sent);
  // It may have been applied all the same: only the register knows.
  ReadAfter(absl::IsAborted(answer.status()) ? Duration() : options_.retry_delay);
}

void LeaderElection::Hold(uint64_t version, Instant since) {
  version_ = version;
  held_since_ = since;
  env_.executor.Cancel(lease_timer_);
  const Instant now = env_.clock.Now();
  const Instant end = held_since_ + options_.lease;
  lease_timer_ = env_.executor.After(actor_, end > now ? end - now : Duration(), [this] { OnLeaseOver(); });
  env_.executor.After(actor_, options_.renewal, [this, round = round_] {
    if (round == round_) Renew();
  });
  if (role_ == Role::kLeading) return;
  role_ = Role::kLeading;
  listener_.OnElected(own_.epoch);
}

void LeaderElection::Renew() { Swap(version_, {own_.epoch, own_.node, own_.beat + 1}); }

void LeaderElection::OnLeaseOver() {
  if (role_ != Role::kLeading) return;
  StepDown(absl::DeadlineExceededError("the leader's lease ran out before it could be renewed"));
}

void LeaderElection::StepDown(const absl::Status& reason) {
  const bool led = role_ == Role::kLeading;
  ++round_;
  role_ = Role::kStandby;
  seen_version_.reset();
  env_.executor.Cancel(std::exchange(lease_timer_, TimerId()));
  // Our own node in the register must not make us take over from ourselves at once: let others have a lease's time.
  ReadAfter(led ? options_.lease : options_.renewal);
  if (led) listener_.OnDeposed(reason);
}

std::string LeaderElection::Describe() const {
  switch (role_) {
    case Role::kStandby:
      return absl::StrCat("stands by; newest version of the leader seen: ", seen_version_.value_or(0));
    case Role::kClaiming:
      return absl::StrCat("claims epoch ", own_.epoch);
    case Role::kLeading:
      return absl::StrCat("leads epoch ", own_.epoch, ", beat ", own_.beat);
  }
  WEIR_CHECK(false);
  return "";
}

}  // namespace weir
