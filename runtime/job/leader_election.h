// Licensed under the Apache License, Version 2.0.
//
// Who leads, decided in the replicated register under "<job id>/leader". The value names the leader's epoch, its node
// and a beat that it renews; nobody needs synchronised clocks: a candidate that has seen the value unchanged for a whole
// lease takes it over by compare-and-set, with the next epoch. A candidate on the leader's own node takes over at once,
// since a node runs one job manager and so the former one is dead.
//
// A leader that cannot renew for a lease deposes itself. That is for progress only: what keeps two leaders from doing
// harm is the fence in the job record (checkpoint/job_record.h).
//
//   standby --(value unchanged for a lease, or never set, or of this node)--> claiming --(stored)--> leading
//      ^-------------------------(another epoch seen, or no renewal for a lease)--------------------------'
#ifndef WEIR_RUNTIME_JOB_LEADER_ELECTION_H_
#define WEIR_RUNTIME_JOB_LEADER_ELECTION_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "runtime/env/env.h"

namespace weir {

struct LeaderRecord {
  uint64_t epoch = 0;  // 0: there never was a leader
  NodeId node;
  uint64_t beat = 0;
  bool operator==(const LeaderRecord&) const = default;

  std::string Encode() const;
  static absl::StatusOr<LeaderRecord> Decode(absl::string_view bytes);  // empty bytes: epoch 0
};

std::string LeaderKey(absl::string_view job_id);

class LeaderElection {
 public:
  struct Options {
    std::string job_id;
    Duration renewal;      // between beats
    Duration lease;        // above `renewal`
    Duration retry_delay;  // after an error
  };
  // Called as events of the actor.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void OnElected(uint64_t epoch) = 0;
    virtual void OnDeposed(const absl::Status& reason) = 0;
  };

  LeaderElection(Options options, Env& env, ActorId actor, Listener& listener);

  void Start();
  // The leader found out elsewhere that it is deposed, or gives up. Calls OnDeposed if it led, and stands by.
  void StepDown(const absl::Status& reason);

  bool is_leading() const { return role_ == Role::kLeading; }
  uint64_t epoch() const { return own_.epoch; }
  std::string Describe() const;

 private:
  enum class Role : uint8_t { kStandby, kClaiming, kLeading };

  void ReadAfter(Duration delay);
  void OnRead(absl::StatusOr<Versioned> answer);
  void OnReadAsStandby(const Versioned& found, const LeaderRecord& record);
  // Stores `next`; what comes of it arrives at OnSwapped.
  void Swap(uint64_t expected, LeaderRecord next);
  void OnSwapped(Instant sent, absl::StatusOr<Versioned> answer);
  void Hold(uint64_t version, Instant since);
  void Renew();
  void OnLeaseOver();

  const Options options_;
  const std::string key_;
  Env& env_;
  const ActorId actor_;
  Listener& listener_;

  Role role_ = Role::kStandby;
  uint64_t round_ = 0;            // answers to requests of an older round are void
  LeaderRecord own_;              // claiming, leading: what was last asked to be stored
  uint64_t version_ = 0;          // leading: the register's, as last seen
  uint64_t claimed_version_ = 0;  // claiming: what is to be replaced
  Instant held_since_;            // leading: when the last renewal that held was sent
  Instant swap_sent_;
  TimerId lease_timer_;
  std::optional<uint64_t> seen_version_;  // standby: and since when
  Instant seen_since_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_JOB_LEADER_ELECTION_H_
