// Licensed under the Apache License, Version 2.0.
//
// A backend with int64 keys, and states on it as a function would get them, for tests. What must hold for every backend is
// tested on AnyBackend(): the test case runs once for each.
#ifndef WEIR_TESTS_STATE_KEYED_HARNESS_H_
#define WEIR_TESTS_STATE_KEYED_HARNESS_H_

#include <catch2/catch.hpp>
#include <memory>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/state/folding_states.h"
#include "runtime/state/heap_keyed_backend.h"
#include "runtime/state/list_state.h"
#include "runtime/state/lockstep/lockstep_keyed_backend.h"
#include "runtime/state/lockstep/memory_disk.h"
#include "runtime/state/map_state.h"
#include "runtime/state/rocksdb/rocks_keyed_backend.h"
#include "runtime/state/state_descriptor.h"
#include "runtime/state/value_state.h"
#include "runtime/types/key_hash.h"
#include "tests/checkpoint/fake_env.h"

namespace weir {

// In lockstep: the first one leads.
enum class BackendKind {
  kHeap,
  kRocksdb,
  kRocksdbIncremental,
  kHeapAndRocksdb,
  kRocksdbAndHeap,
  kRocksdbIncrementalAndHeap
};

inline BackendKind AnyBackend() {
  return GENERATE(BackendKind::kHeap, BackendKind::kRocksdb, BackendKind::kHeapAndRocksdb);
}

// A wall clock that moves by hand.
struct WallClock : Clock {
  Instant Now() const override { return Instant(); }
  WallTime WallNow() const override { return {millis}; }
  int64_t millis = 1'000'000;
};

// Whatever is on it stays, and nothing more comes once it is full.
struct LimitedDisk : MemoryDisk {
  bool is_full = false;
  absl::Status Append(absl::string_view path, absl::string_view bytes) override {
    return is_full ? absl::ResourceExhaustedError("the disk is full") : MemoryDisk::Append(path, bytes);
  }
  absl::Status Write(absl::string_view path, absl::string_view bytes) override {
    return is_full ? absl::ResourceExhaustedError("the disk is full") : MemoryDisk::Write(path, bytes);
  }
};

// A node with a disk. Its backends have folders of their own.
struct FakeNode {
  LimitedDisk disk;
  FakeEnv fake{&disk};
  uint64_t backends = 0;
  LockstepReport report;

  std::unique_ptr<KeyedStateBackend> Make(BackendKind kind, const TypeSerializer& key, KeyGroupRange range,
                                          uint32_t max_parallelism) {
    switch (kind) {
      case BackendKind::kHeapAndRocksdb:
        return Pair(BackendKind::kHeap, BackendKind::kRocksdb, key, range, max_parallelism);
      case BackendKind::kRocksdbAndHeap:
        return Pair(BackendKind::kRocksdb, BackendKind::kHeap, key, range, max_parallelism);
      case BackendKind::kRocksdbIncrementalAndHeap:
        return Pair(BackendKind::kRocksdbIncremental, BackendKind::kHeap, key, range, max_parallelism);
      default:
        return MakeOne(kind, key, range, max_parallelism, fake.env);
    }
  }

 private:
  std::unique_ptr<KeyedStateBackend> MakeOne(BackendKind kind, const TypeSerializer& key, KeyGroupRange range,
                                             uint32_t max_parallelism, Env& env) {
    if (kind == BackendKind::kHeap) return std::make_unique<HeapKeyedBackend>(key, range, max_parallelism);
    RocksKeyedBackend::Options options;
    options.database.folder = absl::StrCat("rocksdb/", ++backends);
    options.database.identity = options.database.folder;
    // Small, so that some hundred accesses flush and compact.
    options.database.write_buffer_bytes = 2048;
    options.database.level0_files_compaction = 2;
    options.is_incremental = kind == BackendKind::kRocksdbIncremental;
    return std::make_unique<RocksKeyedBackend>(key, range, max_parallelism, env, options);
  }

  std::unique_ptr<KeyedStateBackend> Pair(BackendKind leader, BackendKind follower, const TypeSerializer& key,
                                          KeyGroupRange range, uint32_t max_parallelism) {
    const auto beside = [this, &key, range, max_parallelism](BackendKind kind) {
      LockstepSide side{"follower", std::make_unique<ShadowNode>(fake.env), nullptr};
      side.backend = MakeOne(kind, key, range, max_parallelism, side.node->env());
      return side;
    };
    LockstepKeyedBackend::Options options;
    options.place = {"op", "op[0], attempt 1"};
    options.report = &report;
    options.on_difference = [](uint64_t) {};
    options.another_leader = [beside, leader] { return beside(leader); };
    LockstepSide leads{"leader", nullptr, MakeOne(leader, key, range, max_parallelism, fake.env)};
    return std::make_unique<LockstepKeyedBackend>(std::move(leads), beside(follower), std::move(options));
  }
};

inline KeyedHandle HandleOf(const KeyedSnapshot& snapshot) {
  return KeyedHandle::Savepoint(snapshot.stream.range, snapshot.stream.offsets, StreamHandle::File("f", 1));
}

class TestBackend {
 public:
  explicit TestBackend(BackendKind kind, KeyGroupRange range = {0, 127}, uint32_t max_parallelism = 128)
      : backend_(node_.Make(kind, TypeOf<int64_t>::Serializer(), range, max_parallelism)) {}

  KeyedStateBackend* operator->() { return backend_.get(); }
  KeyedStateBackend& operator*() { return *backend_; }
  FakeNode& node() { return node_; }

  void Use(int64_t key) {
    node_.fake.clock.now = node_.fake.clock.now + Duration::Micros(100);  // jobs of shadows come due
    ByteWriter bytes;
    WEIR_CHECK(TypeOf<int64_t>::Write(bytes, key));
    backend_->SetCurrentKey(bytes.bytes(), KeyGroupOf(key, backend_->max_parallelism()));
    node_.fake.executor.RunFor(Duration::Micros(100));  // flushes and compactions
  }

  template <typename T>
  ValueState<T> Value(absl::string_view name) {
    return ValueState<T>(backend_->RegisterValue(ValueState<T>::Spec(name, false)).value());
  }
  template <typename T>
  ListState<T> List(absl::string_view name) {
    return ListState<T>(backend_->RegisterList(ListState<T>::Spec(name, false)).value());
  }
  template <typename K, typename V>
  MapState<K, V> Map(absl::string_view name) {
    return MapState<K, V>(backend_->RegisterMap(MapState<K, V>::Spec(name, false)).value());
  }
  template <typename T>
  ReducingState<T> Reducing(const ReducingStateDescriptor<T>& descriptor) {
    auto* const store = backend_->RegisterValue(ReducingState<T>::Spec(descriptor.name, false)).value();
    return {descriptor, ValueState<T>(store)};
  }
  template <typename A>
  AggregatingState<A> Aggregating(const AggregatingStateDescriptor<A>& descriptor) {
    using Value = ValueState<typename A::AccumulatorType>;
    return AggregatingState<A>(
        Value(backend_->RegisterValue(AggregatingState<A>::Spec(descriptor.name, false)).value()));
  }

 private:
  FakeNode node_;
  std::unique_ptr<KeyedStateBackend> backend_;
};

}  // namespace weir

#endif  // WEIR_TESTS_STATE_KEYED_HARNESS_H_
