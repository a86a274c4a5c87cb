// What only the RocksDB backend does: files, chains of checkpoints, cutting to key groups; and that both backends write
// the same bytes.
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "runtime/format/witness.h"
#include "runtime/state/rocksdb/rocks_keyed_backend.h"
#include "tests/state/keyed_harness.h"
#include "tests/state/stored_snapshot.h"

namespace weir {
namespace {

using Ints = std::vector<int64_t>;

// Every kind of state, for a few keys.
struct States {
  explicit States(TestBackend& b) : backend(b) {
    text = b.Value<std::string>("text");
    list = b.List<std::string>("list");
    map = b.Map<std::string, std::optional<int64_t>>("map");
    StateSpec spec = ValueState<int64_t>::Spec("windows", false);
    spec.name_space = &TypeOf<std::string>::Serializer();
    windows =
        Namespaced<std::string, ValueState<int64_t>>(ValueState<int64_t>(b->RegisterValue(spec).value()));
    timers = b->RegisterTimers(TimerStateName(TimeDomain::kEventTime, "t"), nullptr).value();
  }
  void Fill(int64_t from, int64_t to) {
    for (int64_t key = from; key < to; ++key) {
      backend.Use(key);
      if (!backend->range().Contains(KeyGroupOf(key, backend->max_parallelism()))) continue;
      text.Update(absl::StrCat("text ", key));
      list.AddAll({"a", "b,", absl::StrCat(key)});
      map.Put("x", key);
      map.Put("", std::nullopt);
      windows.In("w")->Update(key);
      windows.In("")->Update(-key);
      timers->Add({key % 3 - 1, backend->current_key_group(), backend->current_key(),
                   std::string(kVoidNamespaceBytes)});
    }
  }
  TestBackend& backend;
  ValueState<std::string> text;
  ListState<std::string> list;
  MapState<std::string, std::optional<int64_t>> map;
  Namespaced<std::string, ValueState<int64_t>> windows;
  TimerQueue* timers = nullptr;
};

void WitnessOfGroup(KeyGroup group, ByteWriter& out) {
  if (group.value % 5 != 0) return;
  out.Raw(EncodeWitness({{WitnessRole::kApplied, 1, group.value, 5, {1, group.value}, {}}}));
}

// A chain of checkpoints of one backend in a store of its own.
struct Chain {
  explicit Chain(TestBackend& b) : backend(b) {}
  KeyedHandle Take(bool is_complete = true, const WitnessOf& witness = nullptr) {
    CheckpointRequest request;
    request.checkpoint = CheckpointId(++last);
    request.shared_prefix = absl::StrCat("shared/", last);
    const auto writer = backend->SnapshotForCheckpoint(request, witness);
    absl::StatusOr<bool> done = false;
    while (done.ok() && !*done) done = writer->Write(1);
    REQUIRE(done.ok());
    const size_t before = store.files.size();
    KeyedHandle handle = store.Put(writer->Take(), CheckpointId(last), absl::StrCat("chk-", last));
    stored = store.files.size() - before;
    is_complete ? backend->NotifyCheckpointComplete(CheckpointId(last))
                : backend->NotifyCheckpointAborted(CheckpointId(last));
    return handle;
  }
  TestBackend& backend;
  StoredFiles store;
  uint64_t last = 0;
  size_t stored = 0;  // files of the last one
};

constexpr size_t kAlwaysStored = 3;  // the meta, the manifest and CURRENT

TEST_CASE("rocksdb backend: writes the bytes that the heap writes, and each restores the other's",
          "[state][rocksdb]") {
  const uint32_t max_parallelism = GENERATE(128u, 300u);
  const KeyGroupRange range{0, max_parallelism - 1};
  TestBackend heap(BackendKind::kHeap, range, max_parallelism);
  TestBackend rocks(BackendKind::kRocksdb, range, max_parallelism);
  States in_heap(heap);
  in_heap.Fill(0, 60);
  States in_rocks(rocks);
  in_rocks.Fill(30, 90);
  in_rocks.Fill(0, 5);
  for (int64_t key = 0; key < 90; ++key) {
    rocks.Use(key);
    in_rocks.text.Clear();
    in_rocks.list.Clear();
    in_rocks.map.Clear();
    in_rocks.windows.In("w")->Clear();
    in_rocks.windows.In("")->Clear();
  }
  while (in_rocks.timers->Head() != nullptr) in_rocks.timers->Pop();
  in_rocks.Fill(0, 60);
  const KeyedSnapshot of_heap = SnapshotNow(*heap, WitnessOfGroup).value();
  const KeyedSnapshot of_rocks = SnapshotNow(*rocks, WitnessOfGroup).value();
  CHECK(of_heap.stream.bytes == of_rocks.stream.bytes);
  CHECK(of_heap.stream.offsets == of_rocks.stream.offsets);
  CHECK(of_heap.unbilled == of_rocks.unbilled);
  CHECK(heap->entry_count() == rocks->entry_count());
  CHECK(heap->KeysOf("map", kVoidNamespaceBytes).size() == 60);
  CHECK(rocks->KeysOf("map", kVoidNamespaceBytes).size() == 60);

  for (const BackendKind kind : {BackendKind::kHeap, BackendKind::kRocksdb}) {
    TestBackend after(kind, range, max_parallelism);
    REQUIRE(after->Restore(HandleOf(of_rocks), of_rocks.stream.bytes, nullptr).ok());
    SECTION(kind == BackendKind::kHeap ? "heap, asked for" : "rocksdb, asked for") {
      States states(after);
      after.Use(7);
      CHECK(states.list.Get() == std::vector<std::string>{"a", "b,", "7"});
      CHECK(states.windows.In("")->Value() == -7);
    }
    CHECK(SnapshotNow(*after, WitnessOfGroup)->stream.bytes == of_heap.stream.bytes);
  }
}

TEST_CASE("rocksdb backend: what cannot be written fails the access, and the state stays",
          "[state][rocksdb]") {
  TestBackend backend(BackendKind::kRocksdb);
  auto text = backend.Value<std::string>("text");
  backend.Use(1);
  text.Update("fine");
  text.Update("\xff");
  REQUIRE(backend->failed());
  CHECK(absl::StartsWith(backend->error().message(), "state text: "));
  CHECK(text.Value() == "fine");
}

TEST_CASE("rocksdb backend: more timers than are kept in memory come out in order", "[state][rocksdb]") {
  TestBackend backend(BackendKind::kRocksdb, {0, 127});
  TimerQueue& timers = *backend->RegisterTimers("_timer_state/event_t", nullptr).value();
  backend.Use(1);
  const auto timer = [&](int64_t timestamp) {
    return Timer{timestamp, backend->current_key_group(), backend->current_key(),
                 std::string(kVoidNamespaceBytes)};
  };
  constexpr int64_t kCount = 1000;
  // Highest first, so that each new one pushes another out of memory; some twice.
  for (int64_t i = kCount; i-- > 0;) CHECK(timers.Add(timer(i - 500)));
  for (int64_t i = 0; i < kCount; i += 50) CHECK_FALSE(timers.Add(timer(i - 500)));
  CHECK(timers.size() == kCount);
  for (int64_t i = 0; i < kCount; i += 2) CHECK(timers.Remove(timer(i - 500)));
  for (int64_t i = 0; i < kCount; i += 100) CHECK_FALSE(timers.Remove(timer(i - 500)));
  CHECK(timers.size() == kCount / 2);
  for (int64_t i = 1; i < kCount; i += 2) {
    REQUIRE(timers.Head() != nullptr);
    CHECK(timers.Head()->timestamp == i - 500);
    timers.Pop();
    if (i % 100 == 1) CHECK(timers.Add(timer(100'000 + i)));  // behind all that are in memory
  }
  CHECK(timers.size() == 10);
  CHECK_FALSE(backend->failed());
}

TEST_CASE("incremental checkpoint: stores what is new, names what is there, and restores with deletions",
          "[state][rocksdb]") {
  TestBackend before(BackendKind::kRocksdbIncremental);
  States states(before);
  Chain chain(before);
  states.Fill(0, 20);
  const KeyedHandle first = chain.Take();
  CHECK(first.is_native());
  CHECK(chain.stored > kAlwaysStored);
  CHECK(chain.Take().shared == first.shared);
  CHECK(chain.stored == kAlwaysStored);  // nothing changed
  before.Use(3);
  states.text.Clear();
  states.map.Remove("x");
  states.list.Add("more");
  const KeyedHandle third = chain.Take();
  CHECK(chain.stored > kAlwaysStored);
  CHECK(third.shared.size() > first.shared.size());

  TestBackend after(BackendKind::kRocksdbIncremental);
  REQUIRE(chain.store.RestoreInto(*after, third).ok());
  States restored(after);
  after.Use(3);
  CHECK_FALSE(restored.text.Value().has_value());
  CHECK(restored.map.Keys() == std::vector<std::string>{""});
  CHECK(restored.list.Get() == std::vector<std::string>{"a", "b,", "3", "more"});
  after.Use(4);
  CHECK(restored.text.Value() == "text 4");
  CHECK(SnapshotNow(*after, nullptr)->stream.bytes == SnapshotNow(*before, nullptr)->stream.bytes);

  // The chain goes on over the restore: the restored checkpoint is what the next one builds on.
  Chain next(after);
  next.last = chain.last;
  const KeyedHandle fourth = next.Take();
  CHECK(fourth.shared == third.shared);
  CHECK(next.stored == kAlwaysStored);
}

TEST_CASE("incremental checkpoint: builds on nothing that is not known to be complete", "[state][rocksdb]") {
  TestBackend backend(BackendKind::kRocksdbIncremental);
  States states(backend);
  Chain chain(backend);
  states.Fill(0, 20);
  (void)chain.Take(/*is_complete=*/false);
  const size_t all = chain.stored;
  (void)chain.Take(/*is_complete=*/false);
  CHECK(chain.stored == all);
  (void)chain.Take();
  CHECK(chain.stored == all);
  (void)chain.Take();
  CHECK(chain.stored == kAlwaysStored);
}

TEST_CASE("incremental checkpoint: the ledger's values lie at the end of the meta, not billed",
          "[state][rocksdb]") {
  TestBackend before(BackendKind::kRocksdbIncremental);
  States states(before);
  Chain chain(before);
  states.Fill(0, 20);
  const KeyedHandle handle = chain.Take(true, WitnessOfGroup);
  TestBackend after(BackendKind::kRocksdbIncremental, {10, 20});
  std::vector<uint32_t> slots;
  const absl::Status status = chain.store.RestoreInto(*after, handle, [&](absl::string_view bytes) {
    const auto entries = DecodeWitness(bytes);
    REQUIRE(entries.ok());
    for (const WitnessEntry& entry : *entries) slots.push_back(entry.slot);
    return absl::OkStatus();
  });
  REQUIRE(status.ok());
  CHECK(slots == std::vector<uint32_t>{10, 15, 20});
}

TEST_CASE("rocksdb backend: files are cut to the key groups of each new subtask, and put together again",
          "[state][rocksdb]") {
  const uint32_t max_parallelism = GENERATE(16u, 300u);
  TestBackend one(BackendKind::kRocksdbIncremental, {0, max_parallelism - 1}, max_parallelism);
  States states(one);
  states.Fill(0, 100);
  Chain whole(one);
  const KeyedHandle handle = whole.Take();
  const std::string all = SnapshotNow(*one, nullptr)->stream.bytes;

  // Into three, each cut; then back into one.
  TestBackend together(BackendKind::kRocksdbIncremental, {0, max_parallelism - 1}, max_parallelism);
  size_t keys = 0;
  for (uint32_t i = 0; i < 3; ++i) {
    const KeyGroupRange range = RangeFor(i, max_parallelism, 3);
    TestBackend part(BackendKind::kRocksdbIncremental, range, max_parallelism);
    REQUIRE(whole.store.RestoreInto(*part, handle).ok());
    States of_part(part);
    const auto found = part->KeysOf("text", kVoidNamespaceBytes);
    for (const auto& key : found) CHECK(range.Contains(key.key_group));
    keys += found.size();
    Chain chain(part);
    chain.store = whole.store;  // the next checkpoint names what lies there
    chain.last = whole.last;
    const KeyedHandle cut = chain.Take();
    REQUIRE(chain.store.RestoreInto(*together, cut).ok());
  }
  CHECK(keys == 100);
  States again(together);
  CHECK(SnapshotNow(*together, nullptr)->stream.bytes == all);
}

TEST_CASE("rocksdb backend: a damaged, short or missing file is named", "[state][rocksdb]") {
  TestBackend before(BackendKind::kRocksdbIncremental);
  States states(before);
  states.Fill(0, 50);
  Chain chain(before);
  const KeyedHandle handle = chain.Take();
  const auto restore = [&](const StoredFiles& store) {
    TestBackend after(BackendKind::kRocksdbIncremental);
    return store.RestoreInto(*after, handle);
  };
  REQUIRE(restore(chain.store).ok());
  for (const auto* list : {&handle.shared, &handle.exclusive}) {
    for (const NamedStream& file : *list) {
      StoredFiles damaged = chain.store;
      std::string& bytes = damaged.files.at(file.stream.path);
      bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
      absl::Status status = restore(damaged);
      CHECK(absl::IsDataLoss(status));
      CHECK(absl::StrContains(status.message(), file.local_name));
      CHECK(absl::StrContains(status.message(), file.stream.path));
      bytes = chain.store.files.at(file.stream.path);
      bytes.pop_back();
      status = restore(damaged);
      CHECK(absl::IsDataLoss(status));
      CHECK(absl::StrContains(status.message(), file.local_name));
      damaged.files.erase(file.stream.path);
      CHECK_FALSE(restore(damaged).ok());
    }
  }
  StoredFiles damaged = chain.store;
  std::string& meta = damaged.files.at(handle.stream.path);
  for (size_t size = 0; size < meta.size(); size += 7) {
    meta = chain.store.files.at(handle.stream.path).substr(0, size);
    // A header alone is what Flink writes; then nothing is known of the files but that RocksDB opens them.
    if (absl::Status status = restore(damaged); status.ok()) CHECK(ReadNativeMeta(meta)->files.empty());
  }
}

TEST_CASE(
    "rocksdb backend: a table of a newer RocksDB is refused, with states and file, also in a later part",
    "[state][rocksdb]") {
  const bool is_first = GENERATE(true, false);
  std::vector<KeyedHandle> handles;
  StoredFiles store;
  for (const KeyGroupRange range : {KeyGroupRange{0, 63}, KeyGroupRange{64, 127}}) {
    TestBackend before(BackendKind::kRocksdbIncremental, range);
    States states(before);
    states.Fill(0, 50);
    Chain chain(before);
    chain.last = handles.size();
    handles.push_back(chain.Take());
    store.files.merge(chain.store.files);
  }
  const KeyedHandle& newer = handles[is_first ? 0 : 1];
  const StreamHandle& table = newer.shared.front().stream;
  std::string& bytes = store.files.at(table.path);
  bytes[bytes.size() - 12] = 99;  // the format version, in front of the magic number
  // Of a foreign file nothing is recorded.
  std::string& meta = store.files.at(newer.stream.path);
  NativeMeta foreign = ReadNativeMeta(meta).value();
  foreign.files.clear();
  meta = WriteNativeMeta(foreign)->bytes;

  TestBackend after(BackendKind::kRocksdb);
  absl::Status status;
  for (size_t i = 0; i < 2 && status.ok(); ++i) {
    status = store.RestoreInto(*after, handles[i]);
    CHECK(status.ok() == (&handles[i] != &newer));
  }
  INFO(status.ToString());
  CHECK(absl::IsDataLoss(status));
  CHECK(absl::StartsWith(status.message(), "states "));
  CHECK(absl::StrContains(status.message(), "text"));
  CHECK(absl::StrContains(status.message(), newer.shared.front().local_name + " is " + table.Place()));
}

TEST_CASE("rocksdb backend: a table that changes on the disk before it is stored fails the checkpoint",
          "[state][rocksdb]") {
  TestBackend backend(BackendKind::kRocksdbIncremental);
  States states(backend);
  states.Fill(0, 20);
  CheckpointRequest request;
  request.checkpoint = CheckpointId(1);
  request.shared_prefix = "shared/1";
  const auto writer = backend->SnapshotForCheckpoint(request, nullptr);
  for (auto& [path, bytes] : backend.node().disk.files) {
    if (absl::StrContains(path, "-chk-") && absl::EndsWith(path, ".sst")) bytes[20] ^= 1;
  }
  absl::StatusOr<bool> done = false;
  while (done.ok() && !*done) done = writer->Write(1);
  CHECK(absl::IsDataLoss(done.status()));
  CHECK(absl::StrContains(done.status().message(), ".sst"));
}

TEST_CASE("rocksdb backend: a checkpoint that cannot be taken is the end of the backend",
          "[state][rocksdb]") {
  TestBackend backend(BackendKind::kRocksdbIncremental);
  States states(backend);
  states.Fill(0, 5);
  CheckpointRequest request;
  request.checkpoint = CheckpointId(1);
  request.shared_prefix = "shared/1";
  REQUIRE_FALSE(backend->failed());
  backend.node().disk.is_full = true;
  const auto writer = backend->SnapshotForCheckpoint(request, nullptr);
  CHECK_FALSE(writer->Write(1).ok());
  CHECK(backend->failed());
}

TEST_CASE("rocksdb backend: files of a database are nothing that the heap can restore", "[state][rocksdb]") {
  TestBackend before(BackendKind::kRocksdbIncremental);
  States states(before);
  states.Fill(0, 5);
  Chain chain(before);
  const KeyedHandle handle = chain.Take();
  TestBackend after(BackendKind::kHeap);
  const absl::Status status = chain.store.RestoreInto(*after, handle);
  CHECK(absl::IsFailedPrecondition(status));
  CHECK(absl::StrContains(status.message(), "state.backend rocksdb"));
}

TEST_CASE("rocksdb backend: restored state that nobody asks for is written again", "[state][rocksdb]") {
  TestBackend before(BackendKind::kRocksdbIncremental);
  States states(before);
  states.Fill(0, 30);
  Chain chain(before);
  const KeyedHandle handle = chain.Take();
  TestBackend after(BackendKind::kRocksdbIncremental);
  REQUIRE(chain.store.RestoreInto(*after, handle).ok());
  CHECK(SnapshotNow(*after, nullptr)->stream.bytes == SnapshotNow(*before, nullptr)->stream.bytes);
  Chain next(after);
  CHECK(next.Take().shared == handle.shared);
}

TEST_CASE("rocksdb backend: expired values are left out of compacted files", "[state][rocksdb][ttl]") {
  TestBackend backend(BackendKind::kRocksdb);
  WallClock clock;
  const bool cleans = GENERATE(true, false);
  StateTtl ttl(absl::Milliseconds(100));
  if (!cleans) ttl.DisableCleanupInBackground();
  ValueState<int64_t> value(backend->RegisterValue(ValueState<int64_t>::Spec("value", true)).value(), ttl,
                            clock);
  ListState<int64_t> list(backend->RegisterList(ListState<int64_t>::Spec("list", true)).value(), ttl, clock);
  MapState<int64_t, int64_t> map(backend->RegisterMap(MapState<int64_t, int64_t>::Spec("map", true)).value(),
                                 ttl, clock);
  const auto fill = [&](int64_t from, int64_t to) {
    for (int64_t key = from; key < to; ++key) {
      backend.Use(key);
      value.Update(key);
      list.Update({key, key});
      map.Put(1, key);
    }
  };
  fill(0, 200);
  CHECK(backend->entry_count() == 600);
  clock.millis += 60;
  backend.Use(5);
  list.Add(7);
  clock.millis += 40;
  // New keys fill buffers, these become files, and the files are compacted with the old ones.
  fill(1000, 2000);
  backend.node().fake.executor.RunFor(Duration::Seconds(1));
  CHECK((backend->entry_count() < 3100) == cleans);
  backend.Use(5);
  CHECK(list.Get() == Ints{7});
  CHECK_FALSE(value.Value().has_value());
  CHECK_FALSE(backend->failed());
}

TEST_CASE("rocksdb backend: gives back its folder, and only then", "[state][rocksdb]") {
  FakeNode node;
  const auto& key = TypeOf<int64_t>::Serializer();
  auto backend = node.Make(BackendKind::kRocksdbIncremental, key, {0, 127}, 128);
  REQUIRE(backend->RegisterValue(ValueState<int64_t>::Spec("v", false)).ok());
  CheckpointRequest request;
  request.checkpoint = CheckpointId(1);
  request.shared_prefix = "shared/1";
  backend->SnapshotForCheckpoint(request, nullptr).reset();  // given up at once: its links remain
  CHECK_FALSE(node.disk.files.empty());
  SECTION("closed") {
    backend->Close();
    CHECK(node.disk.files.empty());
  }
  SECTION("a dead process leaves it where it is") {
    const size_t files = node.disk.files.size();
    backend.reset();
    CHECK(node.disk.files.size() == files);
  }
}

}  // namespace
}  // namespace weir
