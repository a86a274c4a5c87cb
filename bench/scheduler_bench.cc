// links: weir::sim weir::env weir::base
//
// The cost of one event: the hold model. So many events are pending; the earliest is taken, dispatched to its actor, and
// pushed again after a drawn delay. "kernel" is the queue and the dispatch alone, with the digest off and on (an event is
// one record of it); "world" is the same through a World, with an actor that re-arms a timer.
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "runtime/env/events.h"
#include "sim/digest.h"
#include "sim/event_queue.h"
#include "sim/world.h"

namespace weir::sim {
namespace {

constexpr uint64_t kBatch = 100'000;
constexpr double kSecondsMin = 0.4;

double UserSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec) * 1e-6;
}

// xorshift64*: cheap, so that the delays cost little beside the events.
class Delays {
 public:
  explicit Delays(int distribution) : distribution_(distribution) {}
  uint64_t Next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    const uint64_t bits = state_ * 0x2545F4914F6CDD1Dull;
    const uint64_t high = bits >> 32;
    switch (distribution_) {
      case 0:
        return 1 + ((high * 1'000'000) >> 32);
      case 1:
        if ((bits & 1023) < 922) return 20'000 + ((high * 180'000) >> 32);
        return 100'000'000 + ((high * 9'900'000'000 >> 32));
      default:
        return (bits & 1) != 0 ? 0 : 1 + ((high * 1'000'000) >> 32);
    }
  }

 private:
  const int distribution_;
  uint64_t state_ = 0x9E3779B97F4A7C15ull;
};

constexpr const char* kDistributions[] = {"uniform to 1 ms", "links and timers", "half at once"};

void Report(const char* what, const char* kind, uint64_t pending, const char* digest, int distribution,
            double seconds, uint64_t events) {
  std::printf("bench\t%s\t%lu pending, digest %s, %s%s\t%.2f\tns/event\n", what, pending, digest,
              kDistributions[distribution], kind, seconds * 1e9 / static_cast<double>(events));
  std::fflush(stdout);
}

// An event goes to the actor that it names, by its kind, as in the world.
class HoldKernel {
 public:
  HoldKernel(uint64_t pending, bool with_digest, int distribution)
      : delays_(distribution), with_digest_(with_digest), handled_(1024) {
    for (uint64_t i = 0; i < pending; ++i) Push(static_cast<uint32_t>(i & 1023), i);
  }

  void Run(uint64_t events) {
    for (uint64_t i = 0; i < events; ++i) {
      const QueuedEvent event = queue_.Pop();
      now_ = event.earliest;
      if (with_digest_)
        digest_.Add(now_, kNoNode, events::EventDispatched(event.actor >> 5, event.actor & 31, event.kind));
      switch (event.kind) {
        case 0:
        case 1:
          ++handled_[event.actor];
          Push(event.actor, event.payload);
          break;
        default:
          std::abort();
      }
    }
  }

 private:
  void Push(uint32_t actor, uint64_t payload) {
    queue_.Push({now_ + Duration::Nanos(static_cast<int64_t>(delays_.Next())), sequence_++, actor,
                 static_cast<uint16_t>(actor & 1), 1, payload});
  }

  Delays delays_;
  const bool with_digest_;
  EventQueue queue_;
  Digest digest_;
  Instant now_;
  uint64_t sequence_ = 0;
  std::vector<uint64_t> handled_;
};

// Each timer re-arms itself.
class Holder : public Process, public Actor {
 public:
  Holder(Env& env, uint64_t pending, int distribution)
      : env_(env), actor_(env.executor.AddActor(this)), delays_(distribution) {
    for (uint64_t i = 0; i < pending; ++i) Arm();
  }
  std::string Describe() const override { return "holder"; }

 private:
  void Arm() {
    env_.executor.After(actor_, Duration::Nanos(static_cast<int64_t>(delays_.Next())), [this] { Arm(); });
  }

  Env& env_;
  const ActorId actor_;
  Delays delays_;
};

class HoldWorld {
 public:
  HoldWorld(uint64_t pending, bool, int distribution) : world_(WorldOptions()) {
    world_.Start(world_.AddNode("holder"),
                 [=](Env& env) { return std::make_unique<Holder>(env, pending, distribution); });
  }
  void Run(uint64_t events) {
    for (uint64_t i = 0; i < events; ++i) world_.Step();
  }

 private:
  World world_;
};

template <typename Hold>
void Measure(const char* what, uint64_t pending, bool with_digest, int distribution) {
  auto hold = std::make_unique<Hold>(pending, with_digest, distribution);
  hold->Run(std::max(kBatch, 4 * pending));  // into the steady state
  uint64_t events = 0;
  const double begin = UserSeconds();
  double seconds = 0;
  while (seconds < kSecondsMin) {
    hold->Run(kBatch);
    events += kBatch;
    seconds = UserSeconds() - begin;
  }
  Report(what, "", pending, with_digest ? "on" : "off", distribution, seconds, events);
}

void MeasureDigest() {
  Digest digest;
  uint64_t events = 0;
  const double begin = UserSeconds();
  double seconds = 0;
  while (seconds < kSecondsMin) {
    for (uint64_t i = 0; i < kBatch; ++i) {
      digest.Add(Instant::FromNanos(static_cast<int64_t>(events + i)), NodeId(3),
                 events::EventDispatched(3, i & 31, 1));
    }
    events += kBatch;
    seconds = UserSeconds() - begin;
  }
  std::printf("bench\tdigest\tno payload\t%.2f\tns/event\n", seconds * 1e9 / static_cast<double>(events));
}

// With an argument, only what begins with it.
int Main(absl::string_view only) {
  const auto wanted = [only](absl::string_view what) { return what.substr(0, only.size()) == only; };
  for (int distribution = 0; distribution < 3; ++distribution) {
    for (const uint64_t pending : {uint64_t{10}, uint64_t{1'000}, uint64_t{100'000}}) {
      for (const bool with_digest : {false, true}) {
        if (wanted("scheduler hold"))
          Measure<HoldKernel>("scheduler hold", pending, with_digest, distribution);
      }
      if (wanted("world hold")) Measure<HoldWorld>("world hold", pending, true, distribution);
    }
  }
  if (wanted("digest")) MeasureDigest();
  return 0;
}

}  // namespace
}  // namespace weir::sim

int main(int argc, char** argv) { return weir::sim::Main(argc > 1 ? argv[1] : ""); }
