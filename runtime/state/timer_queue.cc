#include "runtime/state/timer_queue.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/status.h"
#include "runtime/format/composite_key.h"

namespace weir {
namespace {

constexpr uint64_t kSignBit = uint64_t{1} << 63;  // flipped, so that the order of bytes is that of numbers

// The bytes of one value at the reader.
absl::string_view Part(ByteReader& reader, absl::string_view bytes, const TypeSerializer& type) {
  const size_t begin = reader.offset();
  ErasedValue value(type);
  type.Deserialize(reader, value.get());
  return bytes.substr(begin, reader.offset() - begin);
}

}  // namespace

std::string TimerStateName(TimeDomain domain, absl::string_view service) {
  return absl::StrCat("_timer_state/", domain == TimeDomain::kEventTime ? "event_" : "processing_", service);
}

StateMeta TimerMeta(std::string name, const TypeSerializer& key, const TypeSerializer* name_space) {
  SerializerSnapshot timer;
  timer.class_name = "org.apache.flink.streaming.api.operators.TimerSerializerSnapshot";
  timer.version = 3;
  timer.family = SnapshotFamily::kComposite;
  timer.outer_version = 2;
  timer.nested.push_back(key.Snapshot());
  timer.nested.push_back(name_space == nullptr ? VoidNamespaceSnapshot() : name_space->Snapshot());
  StateMeta meta;
  meta.name = std::move(name);
  meta.kind = StateMeta::Kind::kPriorityQueue;
  meta.serializers.emplace_back("VALUE_SERIALIZER", std::move(timer));
  return meta;
}

void AppendTimerElement(ByteWriter& writer, const Timer& timer) {
  writer.U64(static_cast<uint64_t>(timer.timestamp) ^ kSignBit);
  writer.Raw(timer.key);
  writer.Raw(timer.name_space);
}

absl::StatusOr<Timer> ParseTimerElement(absl::string_view element, KeyGroup key_group,
                                        const TypeSerializer& key, const TypeSerializer* name_space) {
  ByteReader reader(element);
  Timer timer;
  timer.timestamp = static_cast<int64_t>(reader.U64() ^ kSignBit);
  timer.key_group = key_group;
  timer.key = std::string(Part(reader, element, key));
  if (name_space != nullptr) {
    timer.name_space = std::string(Part(reader, element, *name_space));
  } else {
    timer.name_space = std::string(reader.Raw(kVoidNamespaceBytes.size()));
    if (reader.ok() && timer.name_space != kVoidNamespaceBytes)
      reader.Invalidate("a namespace that is not void");
  }
  WEIR_RETURN_IF_ERROR(reader.Finish());
  return timer;
}

}  // namespace weir
