// Backends in lockstep: whatever the follower does otherwise is found and named; what it is free to do is not.
#include "absl/strings/match.h"
#include "runtime/state/lockstep/lockstep_keyed_backend.h"
#include "tests/state/keyed_harness.h"
#include "tests/state/wrong_backend.h"

namespace weir {
namespace {

constexpr uint32_t kMax = 128;
const KeyGroupRange kAll{0, 127};

struct Pair {
  explicit Pair(const std::string& wrong) {
    const TypeSerializer& key = TypeOf<int64_t>::Serializer();
    LockstepKeyedBackend::Options options;
    options.place = {"counter", "count[1], attempt 2"};
    options.report = &report;
    options.on_difference = [this](uint64_t access) { differed.push_back(access); };
    backend = std::make_unique<LockstepKeyedBackend>(
        LockstepSide{"right", nullptr, std::make_unique<HeapKeyedBackend>(key, kAll, kMax)},
        LockstepSide{"wrong", nullptr, std::make_unique<WrongBackend>(key, kAll, kMax, wrong)},
        std::move(options));
  }
  void Use(int64_t key) {
    ByteWriter bytes;
    REQUIRE(TypeOf<int64_t>::Write(bytes, key));
    backend->SetCurrentKey(bytes.bytes(), KeyGroupOf(key, kMax));
  }
  ValueState<int64_t> Value(bool has_namespace = false) {
    StateSpec spec = ValueState<int64_t>::Spec("number", false);
    if (has_namespace) spec.name_space = &TypeOf<int64_t>::Serializer();
    return ValueState<int64_t>(backend->RegisterValue(spec).value());
  }
  ListState<int64_t> List() {
    return ListState<int64_t>(backend->RegisterList(ListState<int64_t>::Spec("list", false)).value());
  }
  MapState<std::string, int64_t> Map() {
    return MapState<std::string, int64_t>(
        backend->RegisterMap(MapState<std::string, int64_t>::Spec("map", false)).value());
  }
  std::string Message() const { return report.first.has_value() ? report.first->message : ""; }

  LockstepReport report;
  std::vector<uint64_t> differed;
  std::unique_ptr<LockstepKeyedBackend> backend;
};

// Everything that a job may do, once.
void UseAll(Pair& pair) {
  auto value = pair.Value(true);
  const auto in = [&](int64_t name_space) -> ValueState<int64_t>& {
    ByteWriter bytes;
    REQUIRE(TypeOf<int64_t>::Write(bytes, name_space));
    value.store()->SetNamespace(bytes.bytes());
    return value;
  };
  auto list = pair.List();
  auto map = pair.Map();
  TimerQueue* const timers =
      pair.backend->RegisterTimers(TimerStateName(TimeDomain::kEventTime, "t"), nullptr).value();
  const auto timer = [](int64_t at, int64_t key) {
    ByteWriter bytes;
    REQUIRE(TypeOf<int64_t>::Write(bytes, key));
    return Timer{at, KeyGroupOf(key, kMax), bytes.Take(), std::string(kVoidNamespaceBytes)};
  };
  for (const int64_t key : {17, 18}) {
    pair.Use(key);
    in(1).Update(10);
    in(2).Update(20);
    CHECK(in(1).Value() == 10);
    in(1).Mutate([](int64_t& number) { ++number; });
    CHECK(in(1).Value() == 11);
    value.store()->Sweep(1);
    CHECK(in(1).Value() == 11);
    CHECK(in(2).Value() == 20);
    in(2).Clear();
    CHECK(in(2).Find() == nullptr);
    list.Add(1);
    list.Add(2);
    CHECK(list.Get() == std::vector<int64_t>{1, 2});
    list.Update({3, 4});
    CHECK(list.Get() == std::vector<int64_t>{3, 4});
    map.Put("a", 1);
    map.Put("b", 2);
    map.Put("c", 3);
    CHECK(map.Get("b") == 2);
    map.Remove("b");
    CHECK(map.Get("b") == std::nullopt);
    CHECK_FALSE(map.IsEmpty());
    CHECK(map.Keys() == std::vector<std::string>{"a", "c"});
    CHECK(timers->Add(timer(5, key)));
    CHECK(timers->Add(timer(6, key)));
    CHECK(timers->Remove(timer(6, key)));
  }
  CHECK(timers->size() == 2);
  CHECK(timers->Head()->timestamp == 5);
  CHECK(pair.backend->KeysOf("list", kVoidNamespaceBytes).size() == 2);
  CHECK(pair.backend->entry_count() == 8);
  const KeyedSnapshot snapshot = SnapshotNow(*pair.backend, nullptr).value();
  CHECK(snapshot.stream.range == kAll);
  timers->Pop();
  CHECK(timers->Head()->key == timer(5, 17).key);  // of a later key group
  for (const int64_t key : {17, 18}) {
    pair.Use(key);
    map.Clear();
    CHECK(map.IsEmpty());
    list.Clear();
    CHECK(list.Get().empty());
    in(1).Clear();
    CHECK(in(1).Find() == nullptr);
  }
}

}  // namespace

TEST_CASE("lockstep: two right backends agree, and every answer was compared", "[lockstep][state]") {
  Pair pair("");
  UseAll(pair);
  CHECK(pair.Message().empty());
  CHECK(pair.report.compared == 4 + 2 * 15 + 4 + 10 + 1 + 2 * 3);
  CHECK(pair.differed.empty());
}

TEST_CASE("lockstep: each operation that the follower does wrong is found and named", "[lockstep][state]") {
  struct Case {
    std::string wrong;
    std::string message;  // up to the place
    std::string history;
  };
  const Case c = GENERATE(values<Case>({
      {"value register",
       "counter: registration of state number: right answers without an error, wrong answers "
       "with the error \"not today\"",
       ""},
      {"value namespace",
       "counter: find of state number for key 17 in namespace 1: right answers 10, wrong answers 20",
       "written last by put, access 6"},
      {"value put",
       "counter: find of state number for key 17 in namespace 1: right answers 10, wrong answers nothing",
       "written last by put, access 6"},
      {"value find",
       "counter: find of state number for key 17 in namespace 1: right answers 10, wrong answers nothing",
       "written last by put, access 6"},
      {"value edit",
       "counter: edit of state number for key 17 in namespace 1: right answers 10, wrong answers nothing",
       "written last by put"},
      {"value edited",
       "counter: find of state number for key 17 in namespace 1: right answers 11, wrong answers nothing",
       "written last by edited"},
      {"value sweep",
       "counter: find of state number for key 17 in namespace 1: right answers 11, wrong answers nothing",
       "written last by edited"},
      {"value clear",
       "counter: find of state number for key 17 in namespace 2: right answers nothing, wrong answers 20",
       "written last by clear"},
      {"list add", "counter: find of state list for key 17: right answers [1, 2], wrong answers [1, 1, 2, 2]",
       "written last by add"},
      {"list find", "counter: find of state list for key 17: right answers [1, 2], wrong answers nothing",
       "written last by add"},
      {"list put", "counter: find of state list for key 17: right answers [3, 4], wrong answers [1, 2]",
       "written last by put"},
      {"list clear", "counter: find of state list for key 17: right answers nothing, wrong answers [3, 4]",
       "written last by clear"},
      {"map put", "counter: find of state map for key 17 at b: right answers 2, wrong answers nothing",
       "written last by put"},
      {"map find", "counter: find of state map for key 17 at b: right answers 2, wrong answers nothing",
       "written last by put"},
      {"map remove", "counter: find of state map for key 17 at b: right answers nothing, wrong answers 2",
       "written last by remove"},
      {"map is-empty", "counter: is-empty of state map for key 17: right answers no, wrong answers yes",
       "written last by remove"},
      {"map visit",
       "counter: visit of state map for key 17: right answers entry 2 of 2: c -> 3, wrong answers no more "
       "than 1 entries",
       "written last by remove"},
      {"map order",
       "counter: visit of state map for key 17: right answers entry 1 of 2: a -> 1, wrong answers entry 1 "
       "of 2: c -> 3",
       "written last by remove"},
      {"map clear", "counter: is-empty of state map for key 17: right answers yes, wrong answers no",
       "written last by clear"},
      {"timers add",
       "counter: add of state _timer_state/event_t for the timer at 5 of key 17: right answers true, "
       "wrong answers false",
       ""},
      {"timers remove",
       "counter: remove of state _timer_state/event_t for the timer at 6 of key 17: right answers "
       "true, wrong answers false",
       ""},
      {"timers size", "counter: size of state _timer_state/event_t: right answers 2, wrong answers 3", ""},
      {"timers head", "counter: head of state _timer_state/event_t: right answers the timer at 5 of key", ""},
      {"timers pop",
       "counter: head of state _timer_state/event_t: right answers the timer at 5 of key 17, wrong answers "
       "the "
       "timer at 5 of key 18",
       ""},
      {"backend keys", "counter: keys of state list: right answers", ""},
      {"backend count", "counter: entry-count: right answers 8, wrong answers 9", ""},
      {"backend snapshot",
       "counter: snapshot of state list for key 18: right answers [3, 4], wrong answers nothing", ""},
  }));
  INFO(c.wrong);
  Pair pair(c.wrong);
  UseAll(pair);
  INFO(pair.Message());
  CHECK(absl::StartsWith(pair.Message(), c.message));
  CHECK(absl::StrContains(pair.Message(), c.history));
  REQUIRE(pair.differed.size() == 1);
  CHECK(absl::StrContains(pair.Message(), absl::StrCat("(count[1], attempt 2, access ", pair.differed[0])));
  CHECK(pair.report.first->operator_uid == "counter");
  CHECK_FALSE(pair.backend->failed());
}

TEST_CASE("lockstep: each backend merges namespaces by itself, and what comes of it is compared",
          "[lockstep][state][merge]") {
  const bool is_wrong = GENERATE(false, true);
  Pair pair(is_wrong ? "value merge" : "");
  auto value = pair.Value(true);
  const auto bytes_of = [](int64_t name_space) {
    ByteWriter bytes;
    REQUIRE(TypeOf<int64_t>::Write(bytes, name_space));
    return bytes.Take();
  };
  pair.Use(17);
  for (const int64_t name_space : {1, 2}) {
    value.store()->SetNamespace(bytes_of(name_space));
    value.Update(10 * name_space);
  }
  int folds = 0;
  const std::vector<std::string> sources{bytes_of(1), bytes_of(2)};
  value.store()->MergeNamespaces(bytes_of(3), sources, [&](void* into, const void* other) {
    ++folds;
    *static_cast<int64_t*>(into) += *static_cast<const int64_t*>(other);
  });
  CHECK(folds == (is_wrong ? 1 : 2));
  value.store()->SetNamespace(bytes_of(3));
  CHECK(value.Value() == 30);
  CHECK(pair.Message().empty() != is_wrong);
  if (!is_wrong) return;
  CHECK(absl::StartsWith(pair.Message(),
                         "counter: find of state number for key 17 in namespace 3: right answers "
                         "30, wrong answers nothing"));
  CHECK(absl::StrContains(pair.Message(), "written last by merge"));
}

TEST_CASE("lockstep: a restore that only one backend manages is a difference", "[lockstep][state]") {
  Pair source("");
  auto value = source.Value();
  source.Use(1);
  value.Update(1);
  const KeyedSnapshot snapshot = SnapshotNow(*source.backend, nullptr).value();
  Pair pair("backend restore");
  CHECK(pair.backend->Restore(HandleOf(snapshot), snapshot.stream.bytes, nullptr).ok());
  CHECK(absl::StartsWith(pair.Message(),
                         "counter: restore: right answers without an error, wrong answers with the "
                         "error \"unreadable\""));
  auto restored = pair.Value();
  pair.Use(1);
  CHECK(restored.Value() == 1);
}

TEST_CASE("lockstep: the report keeps the first difference, and the leader goes on alone",
          "[lockstep][state]") {
  Pair pair("value put");
  auto value = pair.Value();
  auto list = pair.List();
  pair.Use(1);
  value.Update(1);
  CHECK(value.Value() == 1);
  const std::string first = pair.Message();
  const uint64_t compared = pair.report.compared;
  value.Update(2);
  CHECK(value.Value() == 2);
  list.Add(1);
  CHECK(list.Get().size() == 1);
  auto map = pair.Map();  // registered when nothing is compared any more
  map.Put("a", 1);
  CHECK(map.Get("a") == 1);
  map.ForEach([](const std::string& key, int64_t) { CHECK(key == "a"); });
  CHECK(SnapshotNow(*pair.backend, nullptr).ok());
  CHECK(pair.Message() == first);
  CHECK(pair.report.compared == compared);
  CHECK(pair.differed.size() == 1);
}

TEST_CASE("lockstep: an error of the leader is the backend's, and no difference", "[lockstep][state]") {
  Pair pair("");
  auto value = pair.Value();
  CHECK(value.Find() == nullptr);
  CHECK(pair.backend->failed());
  CHECK(absl::StrContains(pair.backend->error().message(), "no key is set"));
  CHECK(pair.Message().empty());
}

TEST_CASE("lockstep: what only one backend refuses to write is no difference", "[lockstep][state]") {
  // The heap finds out at the snapshot, RocksDB at the access.
  const BackendKind kind = GENERATE(BackendKind::kHeapAndRocksdb, BackendKind::kRocksdbAndHeap);
  TestBackend backend(kind);
  auto text = backend.Value<std::string>("text");
  backend.Use(1);
  text.Update("\xff");
  CHECK_FALSE(backend.node().report.first.has_value());
  CHECK(backend->failed() == (kind == BackendKind::kRocksdbAndHeap));
}

TEST_CASE("lockstep: what has expired may be gone from one backend alone", "[lockstep][state][ttl]") {
  const BackendKind kind = GENERATE(BackendKind::kHeapAndRocksdb, BackendKind::kRocksdbAndHeap);
  TestBackend backend(kind);
  WallClock clock;
  // Only the heap sweeps.
  const StateTtl ttl =
      StateTtl(absl::Milliseconds(100)).ReturnExpiredIfNotCleanedUp().CleanupIncrementally(10, true);
  ValueState<int64_t> value(backend->RegisterValue(ValueState<int64_t>::Spec("value", true)).value(), ttl,
                            clock);
  ListState<int64_t> list(backend->RegisterList(ListState<int64_t>::Spec("list", true)).value(), ttl, clock);
  MapState<int64_t, int64_t> map(backend->RegisterMap(MapState<int64_t, int64_t>::Spec("map", true)).value(),
                                 ttl, clock);
  backend.Use(1);
  value.Update(1);
  list.Add(1);
  map.Put(1, 1);
  clock.millis += 50;
  list.Add(2);
  map.Put(2, 2);
  clock.millis += 50;
  backend.Use(2);  // sweeps
  CHECK(SnapshotNow(*backend, nullptr).ok());
  backend.Use(1);
  const bool goes_back = GENERATE(false, true);
  // What was dropped stays away, though it would not have expired now.
  if (goes_back) clock.millis -= 20;
  value.Find();
  CHECK(list.Get().back() == 2);
  CHECK(map.Get(2) == 2);
  map.IsEmpty();
  map.Entries();
  CHECK(backend->KeysOf("map", kVoidNamespaceBytes).size() == 1);
  backend->entry_count();
  CHECK(SnapshotNow(*backend, nullptr).ok());
  const uint64_t compared = backend.node().report.compared;
  value.Update(2);
  CHECK(value.Value() == 2);
  CHECK(backend.node().report.compared > compared);
  INFO((backend.node().report.first.has_value() ? backend.node().report.first->message : ""));
  CHECK_FALSE(backend.node().report.first.has_value());
}

TEST_CASE("lockstep: what is alive must be there", "[lockstep][state][ttl]") {
  Pair pair("list add");
  WallClock clock;
  const StateTtl ttl{absl::Milliseconds(100)};
  ListState<int64_t> list(pair.backend->RegisterList(ListState<int64_t>::Spec("list", true)).value(), ttl,
                          clock);
  pair.Use(1);
  list.Add(1);
  clock.millis += 100;
  CHECK(list.Get().empty());
  CHECK(pair.Message().empty());
  list.Add(2);
  clock.millis += 99;
  CHECK(list.Get() == std::vector<int64_t>{2});
  CHECK(absl::StrContains(pair.Message(), "find of state list for key 1"));
}

// A snapshot that consists of files is restored beside the world, each time.
TEST_CASE("lockstep: files of a snapshot are compared by what they restore to",
          "[lockstep][state][rocksdb]") {
  const CheckpointRequest request{CheckpointId(1), "shared/a", 0};
  TestBackend backend(BackendKind::kRocksdbIncrementalAndHeap);
  auto value = backend.Value<std::string>("text");
  const auto take = [&](uint64_t checkpoint) {
    auto writer = backend->SnapshotForCheckpoint(
        {CheckpointId(checkpoint), absl::StrCat("shared/", checkpoint), 0}, nullptr);
    absl::StatusOr<bool> done = false;
    while (done.ok() && !*done) done = writer->Write(1);
    REQUIRE(done.ok());
    KeyedSnapshot snapshot = writer->Take();
    REQUIRE(snapshot.native.has_value());
    backend->NotifyCheckpointComplete(CheckpointId(checkpoint));
    return snapshot;
  };
  std::map<std::string, std::string> stored;
  KeyedHandle handle;
  for (uint64_t checkpoint = 1; checkpoint <= 3; ++checkpoint) {
    backend.Use(static_cast<int64_t>(checkpoint));
    value.Update(absl::StrCat("number ", checkpoint));
    const uint64_t compared = backend.node().report.compared;
    const KeyedSnapshot snapshot = take(checkpoint);
    CHECK(backend.node().report.compared == compared + checkpoint);
    handle =
        KeyedHandle::Native(snapshot.stream.range, static_cast<int64_t>(checkpoint),
                            snapshot.native->backend_id, StreamHandle::Inline("meta", snapshot.native->meta));
    for (const NativeFile& file : snapshot.native->files) {
      if (!file.bytes.empty())
        stored[file.is_table ? file.stream.path : absl::StrCat(checkpoint, file.name)] = file.bytes;
      const std::string path = file.is_table ? file.stream.path : absl::StrCat(checkpoint, file.name);
      (file.is_table ? handle.shared : handle.exclusive)
          .push_back({file.name, StreamHandle::File(path, static_cast<int64_t>(stored[path].size()))});
    }
  }
  const auto bytes_of = [&](const StreamHandle& stream) -> absl::StatusOr<std::string> {
    return stream.kind == StreamHandle::Kind::kInline ? stream.bytes : stored.at(stream.path);
  };
  TestBackend restored(BackendKind::kRocksdbIncrementalAndHeap);
  REQUIRE(restored->RestoreFiles(handle, bytes_of, nullptr).ok());
  auto again = restored.Value<std::string>("text");
  for (int64_t key = 1; key <= 3; ++key) {
    restored.Use(key);
    CHECK(again.Value() == absl::StrCat("number ", key));
  }
  auto writer = restored->SnapshotForCheckpoint({CheckpointId(4), "shared/4", 0}, nullptr);
  absl::StatusOr<bool> done = false;
  while (done.ok() && !*done) done = writer->Write(1);
  writer->Take();
  CHECK(restored.node().report.compared >= 3 + 3);
  CHECK_FALSE(restored.node().report.first.has_value());
  CHECK_FALSE(backend.node().report.first.has_value());
}

TEST_CASE("lockstep: the follower's jobs run on time that passes for the process",
          "[lockstep][state][rocksdb]") {
  FakeEnv process;
  ShadowNode node(process.env);
  std::vector<int> ran;
  const ActorId actor = node.env().executor.AddActor(nullptr);
  const ActorId removed = node.env().executor.AddActor(nullptr);
  node.env().executor.After(actor, Duration::Millis(2), [&] { ran.push_back(2); });
  node.env().executor.After(actor, Duration::Millis(1), [&] { ran.push_back(1); });
  node.env().executor.Post(actor, [&] { ran.push_back(0); });
  node.env().executor.After(removed, Duration::Millis(1), [&] { ran.push_back(7); });
  const TimerId cancelled = node.env().executor.After(actor, Duration::Millis(1), [&] { ran.push_back(8); });
  node.env().executor.Cancel(cancelled);
  node.env().executor.RemoveActor(removed);
  node.RunDue();
  CHECK(ran == std::vector<int>{0});
  process.clock.now = process.clock.now + Duration::Millis(1);
  node.RunDue();
  CHECK(ran == std::vector<int>{0, 1});
  process.clock.now = process.clock.now + Duration::Seconds(1);
  node.RunDue();
  CHECK(ran == std::vector<int>{0, 1, 2});
  CHECK(process.tracer.events.empty());
}

}  // namespace weir
