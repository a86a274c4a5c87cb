#include <map>

#include "runtime/state/heap_keyed_backend.h"
#include "runtime/state/value_state.h"
#include "runtime/types/key_hash.h"
#include "tests/check_property.h"

namespace weir {
namespace {

struct Op {
  int kind = 0;  // 0, 1 update, 2 clear, 3 mutate, 4 snapshot and restore into parts
  int64_t key = 0;
  int value = 0;
};

constexpr uint32_t kMax = 16;

struct Subject {
  // One backend a subtask, as after a rescale to `parallelism`.
  explicit Subject(uint32_t parallelism) {
    for (uint32_t i = 0; i < parallelism; ++i) {
      parts.push_back(std::make_unique<HeapKeyedBackend>(TypeOf<int64_t>::Serializer(),
                                                         RangeFor(i, kMax, parallelism), kMax));
    }
  }
  void Register() {
    for (auto& part : parts) {
      states.push_back({ValueState<std::string>(part.get(), *part->RegisterValue<std::string>("text")),
                        ValueState<int64_t>(part.get(), *part->RegisterValue<int64_t>("number"), 100)});
    }
  }
  std::pair<ValueState<std::string>, ValueState<int64_t>>& Use(int64_t key) {
    const KeyGroup group = KeyGroupOf(key, kMax);
    const uint32_t part = SubtaskFor(group, kMax, static_cast<uint32_t>(parts.size()));
    ByteWriter bytes;
    RC_ASSERT(TypeOf<int64_t>::Write(bytes, key));
    parts[part]->SetCurrentKey(bytes.bytes(), group);
    return states[part];
  }
  std::vector<std::unique_ptr<HeapKeyedBackend>> parts;
  std::vector<std::pair<ValueState<std::string>, ValueState<int64_t>>> states;
};

std::unique_ptr<Subject> Rescale(Subject& from, uint32_t parallelism) {
  auto to = std::make_unique<Subject>(parallelism);
  for (auto& part : from.parts) {
    const auto snapshot = part->Snapshot(nullptr);
    RC_ASSERT(snapshot.ok());
    const KeyedHandle handle =
        KeyedHandle::Savepoint(snapshot->stream.range, snapshot->stream.offsets, StreamHandle());
    for (auto& target : to->parts) {
      const KeyedHandle cut = handle.Intersect(target->range());
      if (!cut.is_null()) RC_ASSERT(target->Restore(cut, snapshot->stream.bytes, nullptr).ok());
    }
  }
  to->Register();
  return to;
}

}  // namespace
}  // namespace weir

namespace rc {
template <>
struct Arbitrary<weir::Op> {
  static Gen<weir::Op> arbitrary() {
    return gen::build<weir::Op>(gen::set(&weir::Op::kind, gen::inRange(0, 5)),
                                gen::set(&weir::Op::key, gen::inRange<int64_t>(-10, 10)),
                                gen::set(&weir::Op::value, gen::inRange(0, 6)));
  }
};
}  // namespace rc

namespace weir {
namespace {

TEST_CASE("keyed state: agrees with an ordered map, through snapshots and rescales", "[state]") {
  CheckProperty("keyed state: agrees with an ordered map, through snapshots and rescales", [] {
    const auto ops = *rc::gen::arbitrary<std::vector<Op>>();
    std::map<int64_t, std::string> texts;
    std::map<int64_t, int64_t> numbers;
    auto subject = std::make_unique<Subject>(3);
    subject->Register();
    for (const Op& op : ops) {
      if (op.kind == 4) {
        subject = Rescale(*subject, static_cast<uint32_t>(op.value) + 1);
        continue;
      }
      auto& [text, number] = subject->Use(op.key);
      if (op.kind <= 1) {
        text.Update(std::to_string(op.value));
        texts[op.key] = std::to_string(op.value);
      } else if (op.kind == 2) {
        op.value % 2 == 0 ? text.Clear() : number.Clear();
        op.value % 2 == 0 ? texts.erase(op.key) : numbers.erase(op.key);
      } else {
        number.Mutate([&](int64_t& n) { n += op.value; });
        numbers[op.key] = (numbers.count(op.key) != 0 ? numbers[op.key] : 100) + op.value;
      }
      RC_ASSERT(text.Value() ==
                (texts.count(op.key) != 0 ? std::optional<std::string>(texts[op.key]) : std::nullopt));
      RC_ASSERT(number.Value() == (numbers.count(op.key) != 0 ? numbers[op.key] : 100));
    }
    size_t entries = 0;
    for (const auto& part : subject->parts) {
      RC_ASSERT(!part->failed());
      entries += part->entry_count();
    }
    RC_ASSERT(entries == texts.size() + numbers.size());
    for (int64_t key = -10; key < 10; ++key) {
      auto& [text, number] = subject->Use(key);
      RC_ASSERT((text.Find() != nullptr) == (texts.count(key) != 0));
      RC_ASSERT((number.Find() != nullptr) == (numbers.count(key) != 0));
    }
  });
}

}  // namespace
}  // namespace weir
