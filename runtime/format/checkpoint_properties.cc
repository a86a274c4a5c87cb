#include "runtime/format/checkpoint_properties.h"

#include <map>

#include "runtime/base/check.h"
#include "runtime/base/codec.h"
#include "runtime/types/java_string.h"

namespace weir {
namespace {

// As much of the Java object stream as these properties need. Everything written gets a number ("handle"); class
// names and type strings that come again are references to the first time.
class ObjectStreamWriter {
 public:
  static constexpr uint8_t kReference = 0x71;
  static constexpr uint8_t kClassDescriptor = 0x72;
  static constexpr uint8_t kObject = 0x73;
  static constexpr uint8_t kString = 0x74;
  static constexpr uint8_t kEndOfAnnotations = 0x78;
  static constexpr uint8_t kNull = 0x70;
  static constexpr uint8_t kEnum = 0x7E;
  static constexpr uint8_t kSerializable = 0x02;
  static constexpr uint8_t kSerializableEnum = 0x12;

  ObjectStreamWriter() {
    out_.U16(0xACED);
    out_.U16(5);
  }

  void Object() { out_.U8(kObject); }
  void NewHandle() { ++next_handle_; }
  void Utf(absl::string_view text) {
    const bool is_written = WriteUtf(out_, text);
    WEIR_CHECK(is_written, text);
  }

  void BeginClass(absl::string_view name, uint64_t serial_version, uint8_t flags, uint16_t fields) {
    out_.U8(kClassDescriptor);
    Utf(name);
    out_.U64(serial_version);
    NewHandle();
    out_.U8(flags);
    out_.U16(fields);
  }
  void EndClass() {
    out_.U8(kEndOfAnnotations);
    out_.U8(kNull);  // no superclass that is serializable
  }
  void BooleanField(absl::string_view name) {
    out_.U8('Z');
    Utf(name);
  }
  void ObjectField(absl::string_view name, absl::string_view type) {
    out_.U8('L');
    Utf(name);
    String(type);
  }
  void Bool(bool value) { out_.Bool(value); }
  void String(absl::string_view text) {
    const auto [at, is_new] = strings_.emplace(std::string(text), next_handle_);
    if (!is_new) return Reference(at->second);
    out_.U8(kString);
    Utf(text);
    NewHandle();
  }
  void Enum(absl::string_view class_name, absl::string_view constant) {
    out_.U8(kEnum);
    BeginClass(class_name, 0, kSerializableEnum, 0);
    out_.U8(kEndOfAnnotations);
    if (enum_class_ == 0) {
      enum_class_ = next_handle_;
      BeginClass("java.lang.Enum", 0, kSerializableEnum, 0);
      EndClass();
    } else {
      Reference(enum_class_);
    }
    NewHandle();  // the constant itself
    String(constant);
  }
  std::string Take() { return out_.Take(); }

 private:
  void Reference(uint32_t handle) {
    out_.U8(kReference);
    out_.U32(handle);
  }

  ByteWriter out_;
  uint32_t next_handle_ = 0x7E0000;
  uint32_t enum_class_ = 0;
  std::map<std::string, uint32_t> strings_;
};

constexpr uint64_t kSavepointTypeVersion = 0xA087D308A45814B8ull;
constexpr uint64_t kCheckpointTypeVersion = 0xD6DE4F0305AE1D3Aull;
// Where the seven booleans stand, behind the descriptor of CheckpointProperties, which never changes.
constexpr size_t kBooleansAt = 0x102;

struct Names {
  absl::string_view name;
  absl::string_view detail;  // sharing strategy of a checkpoint, action after a savepoint
};
Names NamesOf(SnapshotType type) {
  switch (type) {
    case SnapshotType::kCheckpoint:
      return {"Checkpoint", "FORWARD_BACKWARD"};
    case SnapshotType::kFullCheckpoint:
      return {"Full Checkpoint", "FORWARD"};
    case SnapshotType::kSavepoint:
      return {"Savepoint", "NONE"};
    case SnapshotType::kSuspendSavepoint:
      return {"Suspend Savepoint", "SUSPEND"};
    case SnapshotType::kTerminateSavepoint:
      return {"Terminate Savepoint", "TERMINATE"};
  }
  return {};
}

void WriteCheckpointType(ObjectStreamWriter& out, const Names& names) {
  out.Object();
  out.BeginClass("org.apache.flink.runtime.checkpoint.CheckpointType", kCheckpointTypeVersion,
                 ObjectStreamWriter::kSerializable, 2);
  out.ObjectField("name", "Ljava/lang/String;");
  out.ObjectField("sharingFilesStrategy",
                  "Lorg/apache/flink/runtime/checkpoint/SnapshotType$SharingFilesStrategy;");
  out.EndClass();
  out.NewHandle();
  out.String(names.name);
  out.Enum("org.apache.flink.runtime.checkpoint.SnapshotType$SharingFilesStrategy", names.detail);
}

void WriteSavepointType(ObjectStreamWriter& out, const Names& names, bool is_native) {
  out.Object();
  out.BeginClass("org.apache.flink.runtime.checkpoint.SavepointType", kSavepointTypeVersion,
                 ObjectStreamWriter::kSerializable, 3);
  out.ObjectField("formatType", "Lorg/apache/flink/core/execution/SavepointFormatType;");
  out.ObjectField("name", "Ljava/lang/String;");
  out.ObjectField("postCheckpointAction",
                  "Lorg/apache/flink/runtime/checkpoint/SavepointType$PostCheckpointAction;");
  out.EndClass();
  out.NewHandle();
  out.Enum("org.apache.flink.core.execution.SavepointFormatType", is_native ? "NATIVE" : "CANONICAL");
  out.String(names.name);
  out.Enum("org.apache.flink.runtime.checkpoint.SavepointType$PostCheckpointAction", names.detail);
}

}  // namespace

CheckpointProperties CheckpointProperties::ForCheckpoint(CheckpointRetention retention) {
  CheckpointProperties properties;
  properties.discard_subsumed = true;
  properties.discard_finished = true;
  properties.discard_cancelled = retention != CheckpointRetention::kRetainOnCancellation;
  properties.discard_failed = retention == CheckpointRetention::kNeverRetain;
  properties.discard_suspended = retention != CheckpointRetention::kRetainOnCancellation;
  return properties;
}

CheckpointProperties CheckpointProperties::ForSavepoint(bool forced, SnapshotType type) {
  CheckpointProperties properties;
  properties.type = type;
  properties.forced = forced;
  return properties;
}

std::string WriteCheckpointProperties(const CheckpointProperties& properties) {
  ObjectStreamWriter out;
  out.Object();
  out.BeginClass("org.apache.flink.runtime.checkpoint.CheckpointProperties", 2,
                 ObjectStreamWriter::kSerializable, 8);
  for (const absl::string_view name : {"discardCancelled", "discardFailed", "discardFinished",
                                       "discardSubsumed", "discardSuspended", "forced", "unclaimed"}) {
    out.BooleanField(name);
  }
  out.ObjectField("checkpointType", "Lorg/apache/flink/runtime/checkpoint/SnapshotType;");
  out.EndClass();
  out.NewHandle();
  for (const bool value :
       {properties.discard_cancelled, properties.discard_failed, properties.discard_finished,
        properties.discard_subsumed, properties.discard_suspended, properties.forced, properties.unclaimed}) {
    out.Bool(value);
  }
  const Names names = NamesOf(properties.type);
  if (properties.is_savepoint()) {
    WriteSavepointType(out, names, properties.is_native);
  } else {
    WriteCheckpointType(out, names);
  }
  return out.Take();
}

std::optional<CheckpointProperties> ReadCheckpointProperties(absl::string_view stream) {
  if (stream.size() < kBooleansAt + 7) return std::nullopt;
  const auto flag = [stream](size_t i) { return stream[kBooleansAt + i] != 0; };
  CheckpointProperties properties;
  properties.discard_cancelled = flag(0);
  properties.discard_failed = flag(1);
  properties.discard_finished = flag(2);
  properties.discard_subsumed = flag(3);
  properties.discard_suspended = flag(4);
  properties.forced = flag(5);
  properties.unclaimed = flag(6);
  for (const SnapshotType type :
       {SnapshotType::kCheckpoint, SnapshotType::kFullCheckpoint, SnapshotType::kSavepoint,
        SnapshotType::kSuspendSavepoint, SnapshotType::kTerminateSavepoint}) {
    for (const bool is_native : {false, true}) {
      properties.type = type;
      properties.is_native = is_native;
      if (is_native && !properties.is_savepoint()) continue;
      if (WriteCheckpointProperties(properties) == stream) return properties;
    }
  }
  return std::nullopt;
}

}  // namespace weir
