// Must not compile, each under the macro that names it.
#include "runtime/api/api.h"

namespace weir {

constexpr MapStateDescriptor<int64_t, int64_t> kMap{"map"};

struct Plain : BroadcastProcessFunction<int64_t, int64_t, int64_t> {
  void ProcessElement(const int64_t&, ReadOnlyContext&, Collector<int64_t>&) {}
  void ProcessBroadcastElement(const int64_t&, Context&, Collector<int64_t>&) {}
};
struct Keyed : KeyedBroadcastProcessFunction<int64_t, int64_t, int64_t, int64_t> {
  void ProcessElement(const int64_t&, ReadOnlyContext&, Collector<int64_t>&) {}
  void ProcessBroadcastElement(const int64_t&, Context&, Collector<int64_t>&) {}
};
struct Both {
  void InitializeState(FunctionInitializationContext&) {}
  void SnapshotState(FunctionSnapshotContext&) {}
  std::vector<int64_t> SnapshotState(CheckpointId) { return {}; }
  void RestoreState(const std::vector<int64_t>&) {}
  bool Filter(const int64_t&) { return true; }
};
struct Half {
  void SnapshotState(FunctionSnapshotContext&) {}
  bool Filter(const int64_t&) { return true; }
};

class PrivateOpen : public KeyedProcessFunction<int64_t, int64_t, int64_t> {
 public:
  void ProcessElement(const int64_t&, Context&, Collector<int64_t>&) {}

 private:
  void Open(RuntimeContext&) {}
};
struct OpenOfNothing : KeyedProcessFunction<int64_t, int64_t, int64_t> {
  void Open() {}
  void ProcessElement(const int64_t&, Context&, Collector<int64_t>&) {}
};
class PrivateTimer : public KeyedProcessFunction<int64_t, int64_t, int64_t> {
 public:
  void ProcessElement(const int64_t&, Context&, Collector<int64_t>&) {}

 private:
  void OnTimer(int64_t, TimerContext&, Collector<int64_t>&) {}
};
struct TimerOfRecords : KeyedProcessFunction<int64_t, int64_t, int64_t> {
  void ProcessElement(const int64_t&, Context&, Collector<int64_t>&) {}
  void OnTimer(const int64_t&, TimerContext&, Collector<std::string>&) {}
};
struct TimerWithoutKey : ProcessFunction<int64_t, int64_t> {
  void ProcessElement(const int64_t&, Context&, Collector<int64_t>&) {}
  void OnTimer(int64_t, Context&, Collector<int64_t>&) {}
};
class PrivateInitialize {
 public:
  void SnapshotState(FunctionSnapshotContext&) {}
  bool Filter(const int64_t&) { return true; }

 private:
  void InitializeState(FunctionInitializationContext&) {}
};
class PrivateSnapshot {
 public:
  void InitializeState(FunctionInitializationContext&) {}
  bool Filter(const int64_t&) { return true; }

 private:
  void SnapshotState(FunctionSnapshotContext&) {}
};

void Build(StreamExecutionEnvironment& env) {
  auto numbers = env.AddSource(LogSource<int64_t>("numbers"));
  auto keyed = numbers.KeyBy([](const int64_t& n) { return n; });
  auto broadcast = numbers.Broadcast(kMap);
  (void)numbers.Connect(broadcast).Process<Plain>();
  (void)keyed.Connect(broadcast).Process<Keyed>();
#ifdef REFUSED_KEYED_FUNCTION
  (void)numbers.Connect(broadcast).Process<Keyed>();
#endif
#ifdef REFUSED_PLAIN_FUNCTION
  (void)keyed.Connect(broadcast).Process<Plain>();
#endif
#ifdef REFUSED_ONE_KEY
  numbers.Connect(keyed);
#endif
#ifdef REFUSED_BOTH_INTERFACES
  (void)numbers.Filter(Both());
#endif
#ifdef REFUSED_PRIVATE_OPEN
  (void)keyed.Process<PrivateOpen>();
#endif
#ifdef REFUSED_OPEN_OF_NOTHING
  (void)keyed.Process<OpenOfNothing>();
#endif
#ifdef REFUSED_PRIVATE_TIMER
  (void)keyed.Process<PrivateTimer>();
#endif
#ifdef REFUSED_TIMER_OF_RECORDS
  (void)keyed.Process<TimerOfRecords>();
#endif
#ifdef REFUSED_TIMER_WITHOUT_KEY
  (void)numbers.Process<TimerWithoutKey>();
#endif
#ifdef REFUSED_PRIVATE_INITIALIZE
  (void)numbers.Filter(PrivateInitialize());
#endif
#ifdef REFUSED_PRIVATE_SNAPSHOT
  (void)numbers.Filter(PrivateSnapshot());
#endif
#ifdef REFUSED_HALF_INTERFACE
  (void)numbers.Filter(Half());
#endif
}

}  // namespace weir
