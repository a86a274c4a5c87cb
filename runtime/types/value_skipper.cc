#include "runtime/types/value_skipper.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "runtime/types/java_string.h"
#include "runtime/types/snapshot_classes.h"

namespace weir {
namespace {

// What PojoSerializer writes before the fields.
constexpr uint8_t kNullPojo = 1;
constexpr uint8_t kExactlyThisClass = 2;

// Recurses along the snapshot, whose depth is that of a type in a program.
class Skipper {
 public:
  explicit Skipper(ByteReader& reader) : reader_(reader) {}

  absl::Status Run(const SerializerSnapshot& snapshot) {
    Skip(snapshot);
    if (!unknown_.empty()) {
      return absl::UnimplementedError(
          absl::StrCat("values of serializer ", unknown_, " cannot be told apart without their type"));
    }
    return reader_.status();
  }

 private:
  bool is_ok() const { return unknown_.empty() && reader_.ok(); }
  void Refuse(const SerializerSnapshot& snapshot) { unknown_ = DescribeSnapshot(snapshot); }

  void Skip(const SerializerSnapshot& snapshot) {
    if (!is_ok()) return;
    switch (snapshot.family) {
      case SnapshotFamily::kSimple:
        return SkipSimple(snapshot);
      case SnapshotFamily::kComposite:
        return SkipComposite(snapshot);
      case SnapshotFamily::kPojo:
        return SkipPojo(snapshot);
      case SnapshotFamily::kEnum:
        (void)reader_.I32();
        return;
      case SnapshotFamily::kOpaque:
        return Refuse(snapshot);
    }
  }

  void SkipSimple(const SerializerSnapshot& snapshot) {
    const types_internal::SnapshotClass* const known = types_internal::FindSnapshotClass(snapshot.class_name);
    if (known != nullptr && known->fixed_length >= 0) {
      (void)reader_.Raw(static_cast<size_t>(known->fixed_length));
    } else if (snapshot.class_name == types_internal::kBytesSnapshotClass) {
      (void)reader_.Bytes();
    } else if (snapshot.class_name == types_internal::BaseSnapshotClass("String")) {
      std::string ignored;
      ReadFlinkString(reader_, ignored);
    } else {
      Refuse(snapshot);
    }
  }

  void SkipComposite(const SerializerSnapshot& snapshot) {
    const size_t nested = snapshot.nested.size();
    if (snapshot.class_name == types_internal::kTupleSnapshotClass) {
      for (const SerializerSnapshot& field : snapshot.nested) Skip(field);
    } else if (snapshot.class_name == types_internal::kListSnapshotClass && nested == 1) {
      for (int32_t left = reader_.I32(); left > 0 && is_ok(); --left) Skip(snapshot.nested[0]);
    } else if (snapshot.class_name == types_internal::kMapSnapshotClass && nested == 2) {
      for (int32_t left = reader_.I32(); left > 0 && is_ok(); --left) {
        Skip(snapshot.nested[0]);
        if (!reader_.Bool()) Skip(snapshot.nested[1]);
      }
    } else if (snapshot.class_name == types_internal::kNullableSnapshotClass && nested == 1) {
      if (!reader_.Bool()) {
        Skip(snapshot.nested[0]);
      } else if (snapshot.outer_value > 0) {
        (void)reader_.Raw(static_cast<size_t>(snapshot.outer_value));
      }
    } else {
      Refuse(snapshot);
    }
  }

  void SkipPojo(const SerializerSnapshot& snapshot) {
    const uint8_t flags = reader_.U8();
    if (flags == kNullPojo) return;
    if (flags != kExactlyThisClass) return Refuse(snapshot);
    for (const NamedSnapshot& field : snapshot.fields) {
      if (reader_.Bool()) continue;
      if (field.value.empty()) return Refuse(snapshot);
      Skip(field.value[0]);
    }
  }

  ByteReader& reader_;
  std::string unknown_;
};

}  // namespace

absl::Status SkipValue(const SerializerSnapshot& snapshot, ByteReader& reader) {
  return Skipper(reader).Run(snapshot);
}

}  // namespace weir
