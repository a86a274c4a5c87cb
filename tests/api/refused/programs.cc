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
#ifdef REFUSED_HALF_INTERFACE
  (void)numbers.Filter(Half());
#endif
}

}  // namespace weir
