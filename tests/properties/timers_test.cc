#include "properties/timer_fires_once.h"
#include "properties/watermark_monotonic.h"
#include "tests/properties/synthetic.h"

namespace weir::properties {
namespace {

constexpr uint64_t kSum = 1;     // the keyed vertex of SumJob
constexpr uint64_t kEvent = 10;  // timers of event time have even numbers
constexpr uint64_t kOther = 20;
constexpr uint64_t kWall = 11;  // of processing time odd ones

// A run of SumJob, event by event. Times are small numbers.
class Story {
 public:
  explicit Story(std::unique_ptr<Property> property) : property_(std::move(property)) {
    property_->Begin(job_, outside_);
  }
  Story(const Story&) = delete;
  Story& operator=(const Story&) = delete;

  Story& Attempt(uint64_t attempt, uint64_t checkpoint, uint64_t subtasks = 2) {
    attempt_ = attempt;
    Tell(events::RecoveryChosen(attempt, checkpoint));
    for (uint64_t i = 0; i < subtasks; ++i) {
      Tell(events::SubtaskDeployed(kSum, i, attempt), NodeId(static_cast<uint32_t>(i)));
    }
    return Tell(events::JobRunning(attempt));
  }
  Story& Register(uint64_t subtask, uint64_t timer, int64_t at) {
    return Tell(events::TimerRegistered(kSum, subtask, attempt_, timer, at));
  }
  Story& Delete(uint64_t subtask, uint64_t timer, int64_t at) {
    return Tell(events::TimerDeleted(kSum, subtask, attempt_, timer, at));
  }
  Story& Fire(uint64_t subtask, uint64_t timer, int64_t at) {
    return Tell(events::TimerFired(kSum, subtask, attempt_, timer, at));
  }
  Story& Watermark(uint64_t subtask, int64_t millis) {
    return Tell(events::WatermarkAdvanced(kSum, subtask, attempt_, millis));
  }
  Story& Record(uint64_t subtask) { return Tell(events::RecordReceived(kSum, subtask, attempt_)); }
  Story& Snapshot(uint64_t checkpoint, uint64_t subtask) {
    return Tell(events::SnapshotTaken(checkpoint, kSum, subtask, attempt_));
  }
  Story& Snapshots(uint64_t checkpoint) { return Snapshot(checkpoint, 0).Snapshot(checkpoint, 1); }
  Story& Tell(const Event& event, NodeId node = NodeId(0)) {
    properties::Tell(*property_, event, now_, node);
    return *this;
  }

  // So many milliseconds after the beginning. Wall clocks show the same, but for what they were set on by.
  Story& Time(int64_t millis) {
    for (const uint32_t node : {0u, 1u, 2u})
      outside_.wall_millis[NodeId(node)] += millis - (now_ - Instant()).millis();
    now_ = Instant() + Duration::Millis(millis);
    return *this;
  }
  Story& SetClock(uint32_t node, int64_t by) {
    Tell(events::FaultFired(0));
    outside_.wall_millis[NodeId(node)] += by;
    return *this;
  }
  // The job drains at that time. A subtask reacts within 100 ms.
  Story& Drain(int64_t millis, int64_t calm_since = 0) {
    Time(millis);
    end_.drained = true;
    end_.at = now_;
    end_.calm_since = Instant() + Duration::Millis(calm_since);
    end_.reaction_max = Duration::Millis(100);
    return *this;
  }

  Verdict Judge() { return property_->End(end_); }
  // "" if it held, else the kind of what is wrong.
  std::string Kind() {
    const Verdict verdict = Judge();
    if (verdict.outcome == Outcome::kNotJudged) return "not judged";
    return verdict.signature.kind;
  }
  bool Witnessed() const { return property_->Witnessed(); }

 private:
  const JobShape job_ = SumJob();
  FakeOutside outside_;
  std::unique_ptr<Property> property_;
  uint64_t attempt_ = 1;
  Instant now_;
  RunEnd end_;
};

struct Timers : Story {
  Timers() : Story(MakeTimerFiresOnce()) { Attempt(1, 0); }
};

}  // namespace

TEST_CASE("timer-fires-once: registered twice, fires once", "[properties][timers]") {
  Timers story;
  story.Record(0).Register(0, kEvent, 5).Register(0, kEvent, 5).Watermark(0, 5).Fire(0, kEvent, 5);
  SECTION("held") {
    story.Record(0).Watermark(0, 9);
    CHECK(story.Kind().empty());
    CHECK_FALSE(story.Witnessed());
  }
  SECTION("it fires again") {
    story.Fire(0, kEvent, 5);
    CHECK(story.Kind() == "fired-twice");
    CHECK(story.Judge().signature.ToString() == "timer-fires-once/sum/fired-twice/");
    CHECK(story.Judge().message.find("sum: the event-time timer at 5 fired on subtask 0 in attempt 1") == 0);
  }
  SECTION("asked for again, it may") {
    story.Register(0, kEvent, 5).Fire(0, kEvent, 5);
    CHECK(story.Kind().empty());
  }
}

TEST_CASE("timer-fires-once: one that nobody asked for, or that was taken back", "[properties][timers]") {
  CHECK(Timers().Watermark(0, 5).Fire(0, kEvent, 5).Kind() == "fired-twice");
  CHECK(Timers().Register(0, kEvent, 5).Delete(0, kEvent, 5).Watermark(0, 5).Fire(0, kEvent, 5).Kind() ==
        "fired-twice");
  CHECK(Timers().Register(0, kEvent, 5).Watermark(1, 5).Fire(1, kEvent, 5).Kind() == "fired-twice");
}

TEST_CASE("timer-fires-once: one that the watermark has passed must have fired", "[properties][timers]") {
  SECTION("proved by a record, a barrier or a watermark, not before") {
    Timers story;
    story.Register(0, kEvent, 5).Watermark(0, 5);
    CHECK(story.Kind().empty());
    SECTION("record") { CHECK(story.Record(0).Kind() == "lost"); }
    SECTION("snapshot") { CHECK(story.Snapshot(1, 0).Kind() == "lost"); }
    SECTION("watermark") { CHECK(story.Watermark(0, 6).Kind() == "lost"); }
    SECTION("another subtask proves nothing") { CHECK(story.Record(1).Watermark(1, 9).Kind().empty()); }
  }
  SECTION("one in the past waits for the next watermark") {
    Timers story;
    story.Watermark(0, 9).Record(0).Register(0, kEvent, 5).Record(0);
    CHECK(story.Kind().empty());
    CHECK(story.Watermark(0, 10).Record(0).Kind() == "lost");
  }
  SECTION("registered within the round, it fires within the round") {
    Timers story;
    story.Register(0, kEvent, 5).Watermark(0, 9).Fire(0, kEvent, 5).Register(0, kOther, 7);
    SECTION("held") { CHECK(story.Fire(0, kOther, 7).Record(0).Kind().empty()); }
    SECTION("lost") { CHECK(story.Record(0).Kind() == "lost"); }
  }
  SECTION("behind the watermark nothing is due") {
    CHECK(Timers().Register(0, kEvent, 6).Watermark(0, 5).Record(0).Kind().empty());
  }
  SECTION("a later one fired first") {
    CHECK(Timers().Register(0, kEvent, 5).Register(0, kOther, 7).Watermark(0, 9).Fire(0, kOther, 7).Kind() ==
          "lost");
  }
}

TEST_CASE("timer-fires-once: processing time is judged by its order", "[properties][timers]") {
  constexpr uint64_t kLater = 13;
  SECTION("pending at the end") { CHECK(Timers().Register(0, kWall, 5).Record(0).Kind().empty()); }
  SECTION("passed over") {
    CHECK(Timers().Register(0, kWall, 5).Register(0, kLater, 7).Fire(0, kLater, 7).Kind() == "lost");
  }
  SECTION("in the past, registered afterwards") {
    CHECK(Timers()
              .Register(0, kLater, 7)
              .Fire(0, kLater, 7)
              .Register(0, kWall, 5)
              .Record(0)
              .Fire(0, kWall, 5)
              .Kind()
              .empty());
  }
  SECTION("the domains have nothing to do with each other") {
    CHECK(Timers()
              .Register(0, kWall, 5)
              .Watermark(0, 9)
              .Record(0)
              .Register(0, kEvent, 20)
              .Register(0, kLater, 30)
              .Kind()
              .empty());
  }
  SECTION("its callback is no part of a round of event time") {
    CHECK(Timers()
              .Watermark(0, 9)
              .Register(0, kWall, 5)
              .Fire(0, kWall, 5)
              .Register(0, kEvent, 3)
              .Record(0)
              .Kind()
              .empty());
  }
}

TEST_CASE("timer-fires-once: one of processing time that was due long ago when the job drained is lost",
          "[properties][timers]") {
  Timers story;
  story.Register(0, kWall, 500);
  SECTION("lost") {
    CHECK(story.Drain(600).Kind() == "lost");
    CHECK(story.Judge().message ==
          "sum: the processing-time timer at 500 was pending and has not fired, although subtask 0 is past "
          "500 in "
          "attempt 1");
  }
  SECTION("not due for long enough") { CHECK(story.Drain(599).Kind().empty()); }
  SECTION("it fired") { CHECK(story.Time(501).Fire(0, kWall, 500).Drain(900).Kind().empty()); }
  SECTION("it was deleted") { CHECK(story.Delete(0, kWall, 500).Drain(900).Kind().empty()); }
  SECTION("the job has not drained") { CHECK(story.Time(900).Kind().empty()); }
  SECTION("a fault went on until just now") {
    CHECK(story.Drain(900, 801).Kind().empty());
    CHECK(story.Drain(900, 800).Kind() == "lost");
  }
  SECTION("the clock was set on: the alarm may be of before") {
    story.Time(100).SetClock(0, 350);
    CHECK(story.Drain(599).Kind().empty());
    CHECK(story.Drain(600).Kind() == "lost");
  }
  SECTION("the clock was set back: it is due later") {
    story.Time(100).SetClock(0, -200);
    CHECK(story.Drain(799).Kind().empty());
    CHECK(story.Drain(800).Kind() == "lost");
  }
  SECTION("the clock was set back, and on again: it may have been looked at in between") {
    story.Time(100).SetClock(0, -200).Time(150).SetClock(0, 200);
    CHECK(story.Drain(799).Kind().empty());
    CHECK(story.Drain(800).Kind() == "lost");
  }
  SECTION("another node's clock does not matter") {
    CHECK(story.SetClock(1, -900).Drain(600).Kind() == "lost");
  }
  SECTION("registered in the past: it is due from then on") {
    story.Time(501).Fire(0, kWall, 500).Time(700).Register(0, kWall, 500);
    CHECK(story.Drain(799).Kind().empty());
    CHECK(story.Drain(800).Kind() == "lost");
  }
}

TEST_CASE("timer-fires-once: a restored one of processing time is lost if it was due wherever it may be",
          "[properties][timers]") {
  Timers story;
  story.Register(0, kWall, 500).Snapshots(3).Time(300).Attempt(2, 3);
  SECTION("lost") { CHECK(story.Drain(600).Kind() == "lost"); }
  SECTION("not due with every subtask") {
    CHECK(story.SetClock(1, -200).Drain(799).Kind().empty());
    CHECK(story.Drain(800).Kind() == "lost");
  }
  SECTION("it fired somewhere") { CHECK(story.Time(501).Fire(1, kWall, 500).Drain(900).Kind().empty()); }
  SECTION("the attempt is too young") {
    story.Time(700).Attempt(3, 3);
    CHECK(story.Drain(799).Kind().empty());
    CHECK(story.Drain(800).Kind() == "lost");
  }
}

TEST_CASE("timer-fires-once: after a recovery, what was pending at the checkpoint is pending",
          "[properties][timers]") {
  Timers story;
  story.Record(0).Register(0, kEvent, 5).Snapshots(3);
  SECTION("it had fired since: it fires again") {
    story.Watermark(0, 5).Fire(0, kEvent, 5).Attempt(2, 3).Watermark(0, 5).Fire(0, kEvent, 5).Record(0);
    CHECK(story.Kind().empty());
    CHECK(story.Witnessed());
  }
  SECTION("on another subtask, after a rescale") {
    story.Attempt(2, 3, 3).Watermark(2, 5).Fire(2, kEvent, 5).Record(2);
    CHECK(story.Kind().empty());
  }
  SECTION("never: lost when every subtask has passed it") {
    story.Attempt(2, 3).Watermark(0, 6).Record(0);
    CHECK(story.Kind().empty());
    CHECK_FALSE(story.Witnessed());
    story.Watermark(1, 5).Record(1);
    CHECK(story.Kind() == "lost");
    CHECK(story.Judge().message.find("the event-time timer at 5 was pending and has not fired") !=
          std::string::npos);
  }
  SECTION("registered again, it is the same timer") {
    story.Attempt(2, 3)
        .Record(0)
        .Register(0, kEvent, 5)
        .Watermark(0, 5)
        .Fire(0, kEvent, 5)
        .Record(0)
        .Watermark(1, 9)
        .Record(1);
    CHECK(story.Kind().empty());
    CHECK(story.Record(0).Fire(0, kEvent, 5).Kind() == "fired-twice");
  }
  SECTION("taken back, it is gone") {
    story.Attempt(2, 3).Record(0).Delete(0, kEvent, 5).Watermark(0, 5).Record(0).Watermark(1, 5).Record(1);
    CHECK(story.Kind().empty());
  }
  SECTION("registered after the snapshot, it is not pending") {
    story.Register(0, kOther, 4).Attempt(2, 3).Watermark(0, 4).Fire(0, kOther, 4);
    CHECK(story.Kind() == "fired-twice");
  }
  SECTION("without a checkpoint nothing is pending") {
    CHECK(story.Attempt(2, 0).Watermark(0, 5).Fire(0, kEvent, 5).Kind() == "fired-twice");
  }
  SECTION("from a checkpoint that nobody saw being made: not judged") {
    CHECK(story.Attempt(2, 7).Kind() == "not judged");
  }
}

TEST_CASE("timer-fires-once: a restored timer goes from one checkpoint to the next", "[properties][timers]") {
  Timers story;
  story.Record(0).Register(0, kEvent, 5).Snapshots(3).Attempt(2, 3);
  SECTION("untouched") {
    CHECK(story.Snapshots(4).Attempt(3, 4).Watermark(0, 5).Fire(0, kEvent, 5).Kind().empty());
  }
  SECTION("fired before its subtask's part: not in the checkpoint") {
    story.Snapshot(4, 1).Watermark(0, 5).Fire(0, kEvent, 5).Snapshot(4, 0).Attempt(3, 4);
    CHECK(story.Watermark(0, 6).Fire(0, kEvent, 5).Kind() == "fired-twice");
  }
  SECTION("fired after its subtask's part: in the checkpoint") {
    story.Snapshot(4, 0).Watermark(0, 5).Fire(0, kEvent, 5).Snapshot(4, 1).Attempt(3, 4);
    CHECK(story.Watermark(0, 6).Fire(0, kEvent, 5).Kind().empty());
  }
}

TEST_CASE("timer-fires-once: what an attempt that is over still does is told apart", "[properties][timers]") {
  Timers story;
  story.Register(0, kEvent, 5).Snapshots(3).Attempt(2, 3);
  story.Tell(events::WatermarkAdvanced(kSum, 0, 1, 5)).Tell(events::TimerFired(kSum, 0, 1, kEvent, 5));
  CHECK(story.Watermark(0, 5).Fire(0, kEvent, 5).Kind().empty());
}

TEST_CASE("timer-fires-once: promised in exactly-once mode", "[properties][timers]") {
  JobShape job = SumJob();
  CHECK(MakeTimerFiresOnce()->AppliesTo(job));
  job.exactly_once = false;
  CHECK_FALSE(MakeTimerFiresOnce()->AppliesTo(job));
  CHECK(MakeWatermarkMonotonic()->AppliesTo(job));
}

TEST_CASE("watermark-monotonic: grows within one execution of a subtask", "[properties][timers]") {
  Story story(MakeWatermarkMonotonic());
  story.Attempt(1, 0).Watermark(0, -5).Watermark(1, 1).Watermark(0, 3);
  CHECK(story.Kind().empty());
  CHECK_FALSE(story.Witnessed());
  SECTION("again the same") { CHECK(story.Watermark(0, 3).Kind() == "went-back"); }
  SECTION("back") {
    CHECK(story.Watermark(1, 0).Kind() == "went-back");
    CHECK(story.Judge().message == "sum: the watermark of subtask 1 went from 1 to 0 in attempt 1");
  }
  SECTION("a new execution begins again") {
    story.Attempt(2, 4).Watermark(0, -5);
    CHECK(story.Kind().empty());
    CHECK(story.Witnessed());
  }
}

}  // namespace weir::properties
