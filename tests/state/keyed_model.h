// Licensed under the Apache License, Version 2.0.
//
// Every kind of keyed state and timers on one backend per subtask, and a sequential model of what they should hold, for
// property tests: random operations are applied to both and then compared.
#ifndef WEIR_TESTS_STATE_KEYED_MODEL_H_
#define WEIR_TESTS_STATE_KEYED_MODEL_H_

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/check_property.h"
#include "tests/state/keyed_harness.h"

namespace weir {

inline constexpr uint32_t kMax = 16;  // key groups

struct Op {
  int kind = 0;  // 0 to 13: an access
  int64_t key = 0;
  int value = 0;
};

inline int64_t Larger(const int64_t& older, const int64_t& newer) { return std::max(older, newer); }
inline constexpr ReducingStateDescriptor<int64_t> kLargest{"largest", Larger};
// Not commutative: the order of a merge is seen.
inline int64_t Appended(const int64_t& older, const int64_t& newer) {
  return (older * 7 + newer) % 1'000'003;
}
inline constexpr ReducingStateDescriptor<int64_t> kOrdered{"ordered", Appended};

struct Mean {
  using InputType = int64_t;
  using AccumulatorType = std::pair<int64_t, int64_t>;  // count, sum
  using OutputType = int64_t;
  static AccumulatorType CreateAccumulator() { return {}; }
  static void Add(const int64_t& value, AccumulatorType& accumulator) {
    ++accumulator.first;
    accumulator.second += value;
  }
  static int64_t GetResult(const AccumulatorType& accumulator) {
    return accumulator.second / accumulator.first;
  }
};
inline constexpr AggregatingStateDescriptor<Mean> kMean{"mean"};

// What every key has, in a form that can be compared.
struct Model {
  std::map<int64_t, std::string> texts;
  std::map<int64_t, std::vector<std::string>> lists;
  std::map<int64_t, std::map<std::string, std::optional<int64_t>>> maps;
  std::map<int64_t, int64_t> largest;
  std::map<int64_t, std::pair<int64_t, int64_t>> means;
  std::map<std::pair<int64_t, int64_t>, int64_t> counts;   // by key and namespace
  std::map<std::pair<int64_t, int64_t>, int64_t> ordered;  // the same
  std::set<std::pair<int64_t, int64_t>> timers;            // timestamp, key
  bool operator==(const Model&) const = default;
};

struct Part {
  Part(BackendKind kind, KeyGroupRange range) : backend(kind, range, kMax) {}
  void Register() {
    text = backend.Value<std::string>("text");
    list = backend.List<std::string>("list");
    map = backend.Map<std::string, std::optional<int64_t>>("map");
    largest = backend.Reducing(kLargest);
    mean = backend.Aggregating(kMean);
    StateSpec spec = ValueState<int64_t>::Spec("counts", false);
    spec.name_space = &TypeOf<int64_t>::Serializer();
    counts =
        Namespaced<int64_t, ValueState<int64_t>>(ValueState<int64_t>(backend->RegisterValue(spec).value()));
    spec = ReducingState<int64_t>::Spec(kOrdered.name, false);
    spec.name_space = &TypeOf<int64_t>::Serializer();
    ordered = Namespaced<int64_t, ReducingState<int64_t>>(
        ReducingState<int64_t>(kOrdered, ValueState<int64_t>(backend->RegisterValue(spec).value())));
    timers = backend->RegisterTimers(TimerStateName(TimeDomain::kEventTime, "t"), nullptr).value();
  }
  TestBackend backend;
  ValueState<std::string> text;
  ListState<std::string> list;
  MapState<std::string, std::optional<int64_t>> map;
  ReducingState<int64_t> largest;
  AggregatingState<Mean> mean;
  Namespaced<int64_t, ValueState<int64_t>> counts;
  Namespaced<int64_t, ReducingState<int64_t>> ordered;
  TimerQueue* timers = nullptr;
};

// One backend a subtask.
class Subject {
 public:
  Subject(BackendKind kind, uint32_t parallelism) {
    for (uint32_t i = 0; i < parallelism; ++i)
      parts_.push_back(std::make_unique<Part>(kind, RangeFor(i, kMax, parallelism)));
  }
  void Register() {
    for (auto& part : parts_) part->Register();
  }
  Part& Use(int64_t key) {
    Part& part = *parts_[SubtaskFor(KeyGroupOf(key, kMax), kMax, static_cast<uint32_t>(parts_.size()))];
    part.backend.Use(key);
    return part;
  }
  std::vector<std::unique_ptr<KeyedSnapshotWriter>> Snapshot() {
    std::vector<std::unique_ptr<KeyedSnapshotWriter>> writers;
    for (auto& part : parts_) writers.push_back(part->backend->Snapshot(nullptr));
    return writers;
  }
  void Restore(const KeyedSnapshot& snapshot) {
    for (auto& part : parts_) {
      const KeyedHandle cut = HandleOf(snapshot).Intersect(part->backend->range());
      if (!cut.is_null()) RC_ASSERT(part->backend->Restore(cut, snapshot.stream.bytes, nullptr).ok());
    }
  }
  Model Read() {
    Model model;
    for (int64_t key = -8; key < 8; ++key) {
      Part& part = Use(key);
      if (part.text.Find() != nullptr) model.texts[key] = *part.text.Find();
      if (!part.list.Get().empty()) model.lists[key] = part.list.Get();
      part.map.ForEach(
          [&](const std::string& k, const std::optional<int64_t>& v) { model.maps[key][k] = v; });
      RC_ASSERT(part.map.IsEmpty() == (model.maps.count(key) == 0));
      if (part.largest.Get()) model.largest[key] = *part.largest.Get();
      for (int64_t ns = 0; ns < 3; ++ns) {
        if (const int64_t* count = part.counts.In(ns)->Find()) model.counts[{key, ns}] = *count;
        if (const int64_t* value = part.ordered.In(ns)->Find()) model.ordered[{key, ns}] = *value;
      }
    }
    return model;
  }
  std::vector<std::unique_ptr<Part>> parts_;
};

// Into *into, as a reducing state adds.
inline void Reduce(std::optional<int64_t> added, std::optional<int64_t>* into) {
  if (added) *into = *into ? Appended(**into, *added) : *added;
}

inline void MergeNamespaces(const Op& op, Part& part, Model& model) {
  const int64_t target = op.value % 3;
  const std::vector<int64_t> sources{(op.value / 3) % 3, (op.value + 1) % 3, 4};
  part.ordered.Merge(target, sources);
  std::optional<int64_t> merged;
  const auto take = [&](int64_t ns) -> std::optional<int64_t> {
    const auto node = model.ordered.extract({op.key, ns});
    return node.empty() ? std::nullopt : std::optional<int64_t>(node.mapped());
  };
  for (const int64_t source : sources) Reduce(take(source), &merged);
  std::optional<int64_t> result = take(target);
  Reduce(merged, &result);
  if (result) model.ordered[{op.key, target}] = *result;
}

inline void Apply(const Op& op, Subject& subject, Model& model) {
  Part& part = subject.Use(op.key);
  const std::string text(static_cast<size_t>(op.value % 3), static_cast<char>('a' + op.value % 5));
  const int64_t ns = op.value % 3;
  Timer timer{op.value % 4, KeyGroupOf(op.key, kMax), part.backend->current_key(),
              std::string(kVoidNamespaceBytes)};
  switch (op.kind) {
    case 0:
      part.text.Update(text);
      model.texts[op.key] = text;
      break;
    case 1:
      part.text.Mutate([&](std::string& value) { value += text; });
      model.texts[op.key] += text;
      break;
    case 2:
      part.text.Clear();
      model.texts.erase(op.key);
      break;
    case 3:
      part.list.Add(text);
      model.lists[op.key].push_back(text);
      break;
    case 4: {
      std::vector<std::string> list(static_cast<size_t>(op.value % 3), text);
      part.list.Update(list);
      list.empty() ? void(model.lists.erase(op.key)) : void(model.lists[op.key] = list);
      break;
    }
    case 5:
      part.map.Put(text, op.value % 2 == 0 ? std::nullopt : std::optional<int64_t>(op.value));
      model.maps[op.key][text] = op.value % 2 == 0 ? std::nullopt : std::optional<int64_t>(op.value);
      break;
    case 6:
      part.map.Remove(text);
      if (model.maps.count(op.key) != 0) {
        model.maps[op.key].erase(text);
        if (model.maps[op.key].empty()) model.maps.erase(op.key);
      }
      break;
    case 7:
      part.largest.Add(op.value);
      model.largest[op.key] =
          model.largest.count(op.key) == 0 ? op.value : Larger(model.largest[op.key], op.value);
      break;
    case 8: {
      part.mean.Add(op.value);
      auto& mean = model.means[op.key];
      mean = {mean.first + 1, mean.second + op.value};
      RC_ASSERT(part.mean.Get() == mean.second / mean.first);
      break;
    }
    case 9:
      part.counts.In(ns)->Mutate([&](int64_t& count) { count += op.value; });
      model.counts[{op.key, ns}] += op.value;
      part.ordered.In(ns)->Add(op.value);
      {
        const auto [at, is_new] = model.ordered.try_emplace({op.key, ns}, op.value);
        if (!is_new) at->second = Appended(at->second, op.value);
      }
      break;
    case 10:
      part.counts.In(ns)->Clear();
      model.counts.erase({op.key, ns});
      break;
    case 11:
      RC_ASSERT(part.timers->Add(timer) == model.timers.insert({timer.timestamp, op.key}).second);
      break;
    case 12:
      RC_ASSERT(part.timers->Remove(timer) == (model.timers.erase({timer.timestamp, op.key}) != 0));
      break;
    case 18:
      MergeNamespaces(op, part, model);
      break;
    default:
      part.map.Clear();
      part.list.Clear();
      part.largest.Clear();
      model.maps.erase(op.key);
      model.lists.erase(op.key);
      model.largest.erase(op.key);
      break;
  }
}

// Means are read as results only; here they are compared by their accumulators' keys.
inline void CheckSame(Subject& subject, Model model) {
  Model read = subject.Read();
  for (const auto& [key, mean] : model.means)
    RC_ASSERT(subject.Use(key).mean.Get() == mean.second / mean.first);
  size_t timers = 0;
  for (auto& part : subject.parts_) timers += part->timers->size();
  RC_ASSERT(timers == model.timers.size());
  for (auto& part : subject.parts_) {
    const LockstepReport& report = part->backend.node().report;
    RC_ASSERT((report.first.has_value() ? report.first->message : "") == "");
  }
  read.means = model.means;
  read.timers = model.timers;
  RC_ASSERT(read == model);
}

// Timers come out in order, whatever happened to them.
inline void DrainTimers(Subject& subject, const Model& model) {
  std::set<std::pair<int64_t, int64_t>> drained;
  for (auto& part : subject.parts_) {
    std::optional<Timer> before;
    while (const Timer* head = part->timers->Head()) {
      RC_ASSERT(!before || *before < *head);
      before = *head;
      int64_t key = 0;
      ByteReader reader(head->key);
      TypeOf<int64_t>::Read(reader, key);
      drained.insert({head->timestamp, key});
      part->timers->Pop();
    }
  }
  RC_ASSERT(drained == model.timers);
}

}  // namespace weir

namespace rc {
template <>
struct Arbitrary<weir::Op> {
  static Gen<weir::Op> arbitrary() {
    return gen::build<weir::Op>(gen::set(&weir::Op::kind, gen::inRange(0, 19)),
                                gen::set(&weir::Op::key, gen::inRange<int64_t>(-8, 8)),
                                gen::set(&weir::Op::value, gen::inRange(0, 12)));
  }
};
}  // namespace rc

#endif  // WEIR_TESTS_STATE_KEYED_MODEL_H_
