// links: weir::rocksdb weir::sim weir::state weir::types weir::base
//
// Keyed state on each backend: nanoseconds an access for every kind of state, with everything an access costs (setting the
// key, copying or serialising the value), and snapshots of a million keys: the synchronous part, during which no record is
// processed; the asynchronous part; on the heap what one update costs while a snapshot is under way, in RocksDB what the
// next incremental checkpoint costs after one key in a hundred has changed, and a restore. Memory is the growth of the
// resident set. RocksDB lies in the simulated world, as in a run.
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/stable_hash.h"
#include "runtime/state/folding_states.h"
#include "runtime/state/heap_keyed_backend.h"
#include "runtime/state/list_state.h"
#include "runtime/state/map_state.h"
#include "runtime/state/rocksdb/rocks_keyed_backend.h"
#include "runtime/state/value_state.h"
#include "runtime/types/key_hash.h"
#include "sim/world.h"

namespace weir {
namespace {

constexpr KeyGroupRange kAll{0, 127};
constexpr uint64_t kKeys = 10'000;
constexpr uint64_t kAccesses = 2'000'000;
constexpr int64_t kMillion = 1'000'000;

double UserSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec) * 1e-6;
}

double ResidentMebibytes() {
  std::ifstream statm("/proc/self/statm");
  uint64_t size = 0;
  uint64_t resident = 0;
  statm >> size >> resident;
  return static_cast<double>(resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE))) / (1 << 20);
}

void Print(const std::string& what, const std::string& which, double value, const char* unit) {
  std::printf("bench\t%s\t%s\t%.3f\t%s\n", what.c_str(), which.c_str(), value, unit);
}

enum class Kind { kHeap, kRocksdb };

std::string NameOf(Kind kind) { return kind == Kind::kHeap ? "heap" : "rocksdb"; }

// Lends its Env.
class Node : public Process {
 public:
  explicit Node(Env& its_env) : env(its_env) {}
  Env& env;
};

class Bench {
 public:
  explicit Bench(Kind kind) : kind_(kind), world_(sim::WorldOptions{}), node_(world_.AddNode("node")) {
    world_.Start(node_, [](Env& env) { return std::make_unique<Node>(env); });
    backend_ = Make("state");
  }
  std::unique_ptr<KeyedStateBackend> Make(const std::string& folder) {
    const auto& key = TypeOf<int64_t>::Serializer();
    if (kind_ == Kind::kHeap) return std::make_unique<HeapKeyedBackend>(key, kAll, 128);
    RocksKeyedBackend::Options options;
    options.database.folder = options.database.identity = folder;
    options.is_incremental = true;
    Env& env = static_cast<Node*>(world_.process(node_))->env;
    return std::make_unique<RocksKeyedBackend>(key, kAll, 128, env, options);
  }
  Kind kind() const { return kind_; }
  KeyedStateBackend& backend() { return *backend_; }
  void Use(int64_t key) {
    bytes_.Clear();
    WEIR_CHECK(TypeOf<int64_t>::Write(bytes_, key));
    backend_->SetCurrentKey(bytes_.bytes(), KeyGroupOf(key, 128));
  }

 private:
  const Kind kind_;
  sim::World world_;
  const NodeId node_;
  std::unique_ptr<KeyedStateBackend> backend_;
  ByteWriter bytes_;
};

int64_t Sum(const int64_t& older, const int64_t& newer) { return older + newer; }
constexpr ReducingStateDescriptor<int64_t> kSum{"sum", Sum};

struct Mean {
  using InputType = int64_t;
  using AccumulatorType = std::pair<int64_t, int64_t>;
  using OutputType = int64_t;
  static AccumulatorType CreateAccumulator() { return {}; }
  static void Add(const int64_t& value, AccumulatorType& mean) { ++mean.first, mean.second += value; }
  static int64_t GetResult(const AccumulatorType& mean) { return mean.second / mean.first; }
};

// One access of each of kAccesses keys in a pseudo-random order.
template <typename Access>
void Measure(const std::string& which, Bench& bench, Access access) {
  for (uint64_t key = 0; key < kKeys; ++key) {
    bench.Use(static_cast<int64_t>(key));
    access(static_cast<int64_t>(key));
  }
  const uint64_t accesses = bench.kind() == Kind::kHeap ? kAccesses : kAccesses / 20;
  const double begin = UserSeconds();
  for (uint64_t i = 0; i < accesses; ++i) {
    const auto key = static_cast<int64_t>(Mix(i, 7) % kKeys);
    bench.Use(key);
    access(key);
  }
  Print("state access, " + NameOf(bench.kind()), which,
        (UserSeconds() - begin) * 1e9 / static_cast<double>(accesses), "ns");
  WEIR_CHECK(!bench.backend().failed(), bench.backend().error().message());
}

void MeasureAccess(Kind kind) {
  int64_t seen = 0;
  {
    Bench bench(kind);
    Measure("key alone", bench, [](int64_t) {});
  }
  {
    Bench bench(kind);
    ValueState<int64_t> state(bench.backend().RegisterValue(ValueState<int64_t>::Spec("v", false)).value());
    Measure("value update", bench, [&](int64_t key) { state.Update(key); });
    Measure("value read", bench, [&](int64_t) { seen += *state.Find(); });
    Measure("value mutate", bench, [&](int64_t key) { state.Mutate([&](int64_t& v) { v += key; }); });
  }
  {
    Bench bench(kind);
    ListState<int64_t> state(bench.backend().RegisterList(ListState<int64_t>::Spec("l", false)).value());
    Measure("list add", bench, [&](int64_t key) { state.Add(key); });
    Measure("list read", bench, [&](int64_t) { seen += static_cast<int64_t>(state.Get().size()); });
  }
  {
    Bench bench(kind);
    using State = MapState<int64_t, int64_t>;
    State state(bench.backend().RegisterMap(State::Spec("m", false)).value());
    Measure("map put, 10 entries", bench, [&](int64_t key) { state.Put(seen++ % 10, key); });
    Measure("map read, 10 entries", bench, [&](int64_t key) { seen += state.Contains(key % 10) ? 1 : 0; });
  }
  {
    Bench bench(kind);
    auto* const store = bench.backend().RegisterValue(ReducingState<int64_t>::Spec("r", false)).value();
    ReducingState<int64_t> state(kSum, ValueState<int64_t>(store));
    Measure("reducing add", bench, [&](int64_t key) { state.Add(key); });
  }
  {
    Bench bench(kind);
    auto* const store = bench.backend().RegisterValue(AggregatingState<Mean>::Spec("a", false)).value();
    AggregatingState<Mean> state{ValueState<Mean::AccumulatorType>(store)};
    Measure("aggregating add", bench, [&](int64_t key) { state.Add(key); });
  }
  {
    Bench bench(kind);
    uint64_t set = 0;
    TimerQueue& timers = *bench.backend().RegisterTimers("t", nullptr).value();
    Measure("timer set and fired", bench, [&](int64_t key) {
      timers.Add({++seen, KeyGroupOf(key, 128), bench.backend().current_key(), std::string(1, '\0')});
      if (++set > kKeys) timers.Pop();
    });
  }
}

void MeasureHeapSnapshot() {
  const double empty = ResidentMebibytes();
  Bench bench(Kind::kHeap);
  ValueState<int64_t> state(bench.backend().RegisterValue(ValueState<int64_t>::Spec("v", false)).value());
  for (int64_t key = 0; key < kMillion; ++key) {
    bench.Use(key);
    state.Update(key);
  }
  Print("heap state, 1 M keys", "memory of the state", ResidentMebibytes() - empty, "MiB");

  double begin = UserSeconds();
  constexpr int kTimes = 200;
  for (int i = 0; i < kTimes; ++i) bench.backend().Snapshot(nullptr).reset();
  Print("heap state, 1 M keys", "snapshot, synchronous part", (UserSeconds() - begin) * 1e6 / kTimes, "us");

  const auto update = [&](const char* which) {
    begin = UserSeconds();
    for (int64_t i = 0; i < kMillion; ++i) {
      const auto key = static_cast<int64_t>(Mix(static_cast<uint64_t>(i), 3) % kMillion);
      bench.Use(key);
      state.Update(key);
    }
    Print("heap state, 1 M keys", which, (UserSeconds() - begin) * 1e9 / kMillion, "ns/update");
  };
  update("updates, no snapshot");
  const double before = ResidentMebibytes();
  std::unique_ptr<KeyedSnapshotWriter> writer = bench.backend().Snapshot(nullptr);
  update("updates while a snapshot is under way");
  Print("heap state, 1 M keys", "memory of a snapshot after 1 M updates", ResidentMebibytes() - before,
        "MiB");

  begin = UserSeconds();
  bool done = false;
  while (!done) done = writer->Write(1000).value();
  const KeyedSnapshot snapshot = writer->Take();
  Print("heap state, 1 M keys", "snapshot, asynchronous part", (UserSeconds() - begin) * 1e3, "ms");
  Print("heap state, 1 M keys", "size of the snapshot",
        static_cast<double>(snapshot.stream.bytes.size()) / (1 << 20), "MiB");
}

// The store of the checkpoints: bytes by key.
using Files = std::map<std::string, std::string>;

// Takes and writes a checkpoint, and stores it.
KeyedHandle Store(Bench& bench, CheckpointId id, const std::string& which, Files* files) {
  CheckpointRequest request;
  request.checkpoint = id;
  request.shared_prefix = absl::StrCat("shared/", id.value);
  double begin = UserSeconds();
  const std::unique_ptr<KeyedSnapshotWriter> writer = bench.backend().SnapshotForCheckpoint(request, nullptr);
  Print("rocksdb state, 1 M keys", which + ", synchronous part", (UserSeconds() - begin) * 1e3, "ms");
  begin = UserSeconds();
  bool done = false;
  while (!done) done = writer->Write(1000).value();
  KeyedSnapshot snapshot = writer->Take();
  Print("rocksdb state, 1 M keys", which + ", asynchronous part", (UserSeconds() - begin) * 1e3, "ms");
  KeyedHandle handle = KeyedHandle::Native(kAll, static_cast<int64_t>(id.value), "backend",
                                           StreamHandle::Inline("meta", snapshot.native->meta));
  size_t stored = 0;
  for (NativeFile& file : snapshot.native->files) {
    stored += file.bytes.size();
    const StreamHandle stream =
        file.is_table ? file.stream : StreamHandle::File(absl::StrCat(id.value, "/", file.name), 1);
    if (!file.bytes.empty()) (*files)[stream.path] = std::move(file.bytes);
    (file.is_table ? handle.shared : handle.exclusive).push_back({file.name, stream});
  }
  Print("rocksdb state, 1 M keys", which + ", stored", static_cast<double>(stored) / (1 << 20), "MiB");
  bench.backend().NotifyCheckpointComplete(id);
  return handle;
}

void MeasureRocksdbSnapshot() {
  Bench bench(Kind::kRocksdb);
  ValueState<int64_t> state(bench.backend().RegisterValue(ValueState<int64_t>::Spec("v", false)).value());
  for (int64_t key = 0; key < kMillion; ++key) {
    bench.Use(key);
    state.Update(key);
  }
  Files files;
  (void)Store(bench, CheckpointId(1), "first checkpoint", &files);
  for (int64_t i = 0; i < kMillion / 100; ++i) {
    bench.Use(static_cast<int64_t>(Mix(static_cast<uint64_t>(i), 3) % kMillion));
    state.Update(i);
  }
  const KeyedHandle handle = Store(bench, CheckpointId(2), "after 1 % of updates", &files);
  double begin = UserSeconds();
  const std::unique_ptr<KeyedStateBackend> restored = bench.Make("restored");
  const auto bytes_of = [&](const StreamHandle& stream) -> absl::StatusOr<std::string> {
    return stream.kind == StreamHandle::Kind::kInline ? stream.bytes : files.at(stream.path);
  };
  WEIR_CHECK(restored->RestoreFiles(handle, bytes_of, nullptr).ok());
  WEIR_CHECK(restored->RegisterValue(ValueState<int64_t>::Spec("v", false)).ok());
  Print("rocksdb state, 1 M keys", "restore by files", (UserSeconds() - begin) * 1e3, "ms");
  begin = UserSeconds();
  const KeyedSnapshot canonical = SnapshotNow(bench.backend(), nullptr).value();
  Print("rocksdb state, 1 M keys", "canonical snapshot", (UserSeconds() - begin) * 1e3, "ms");
  Print("rocksdb state, 1 M keys", "size of the canonical snapshot",
        static_cast<double>(canonical.stream.bytes.size()) / (1 << 20), "MiB");
}

}  // namespace
}  // namespace weir

int main() {
  weir::MeasureAccess(weir::Kind::kHeap);
  weir::MeasureHeapSnapshot();
  weir::MeasureAccess(weir::Kind::kRocksdb);
  weir::MeasureRocksdbSnapshot();
  return 0;
}
