#include "runtime/types/type_serializer.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/types/java_string.h"
#include "runtime/types/serializer_snapshot.h"
#include "runtime/types/snapshot_classes.h"

namespace weir {
namespace {

absl::string_view KindName(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBool:
      return "bool";
    case TypeKind::kInt8:
      return "int8";
    case TypeKind::kInt16:
      return "int16";
    case TypeKind::kInt32:
      return "int32";
    case TypeKind::kInt64:
      return "int64";
    case TypeKind::kFloat:
      return "float";
    case TypeKind::kDouble:
      return "double";
    case TypeKind::kString:
      return "string";
    case TypeKind::kBytes:
      return "bytes";
    case TypeKind::kEnum:
      return "enum";
    case TypeKind::kDateTime:
      return "time";
    case TypeKind::kTuple:
      return "tuple";
    case TypeKind::kNullable:
      return "optional";
    case TypeKind::kList:
      return "list";
    case TypeKind::kSet:
      return "set";
    case TypeKind::kMap:
      return "map";
    case TypeKind::kStruct:
      return "struct";
    case TypeKind::kTtl:
      return "ttl";
    case TypeKind::kEither:
      return "either";
  }
  return "?";
}

std::string SimpleClass(const TypeShape& shape) {
  using types_internal::BaseSnapshotClass;
  switch (shape.kind) {
    case TypeKind::kBool:
      return BaseSnapshotClass("Boolean");
    case TypeKind::kInt8:
      return BaseSnapshotClass("Byte");
    case TypeKind::kInt16:
      return BaseSnapshotClass("Short");
    case TypeKind::kInt32:
      return BaseSnapshotClass("Int");
    case TypeKind::kInt64:
      return BaseSnapshotClass("Long");
    case TypeKind::kFloat:
      return BaseSnapshotClass("Float");
    case TypeKind::kDouble:
      return BaseSnapshotClass("Double");
    case TypeKind::kString:
      return BaseSnapshotClass("String");
    case TypeKind::kBytes:
      return std::string(types_internal::kBytesSnapshotClass);
    case TypeKind::kDateTime:
      return BaseSnapshotClass(shape.name);
    default:
      WEIR_CHECK(false, "no simple type: ", KindName(shape.kind));
      return "";
  }
}

SerializerSnapshot Composite(absl::string_view class_name, int32_t outer_version) {
  SerializerSnapshot snapshot;
  snapshot.class_name = std::string(class_name);
  snapshot.version = 3;
  snapshot.family = SnapshotFamily::kComposite;
  snapshot.outer_version = outer_version;
  return snapshot;
}

SerializerSnapshot EnumSnapshot(const TypeShape& shape) {
  SerializerSnapshot snapshot;
  snapshot.class_name = std::string(types_internal::kEnumSnapshotClass);
  snapshot.version = 3;
  snapshot.family = SnapshotFamily::kEnum;
  snapshot.type_name = std::string(shape.name);
  for (const absl::string_view constant : shape.constants) snapshot.constants.emplace_back(constant);
  return snapshot;
}

SerializerSnapshot StructSnapshot(const TypeShape& shape) {
  SerializerSnapshot snapshot;
  snapshot.class_name = std::string(types_internal::kPojoSnapshotClass);
  snapshot.version = 2;
  snapshot.family = SnapshotFamily::kPojo;
  snapshot.type_name = std::string(shape.name);
  for (size_t i = 0; i < shape.fields.size(); ++i) {
    const FieldShape& field = shape.fields[shape.sorted[i]];
    ByteWriter key;
    const bool is_written = WriteUtf(key, shape.name) && WriteUtf(key, field.name);
    WEIR_CHECK(is_written, "name of struct or field cannot be written: ", shape.name, ".", field.name);
    NamedSnapshot& named = snapshot.fields.emplace_back();
    named.name = std::string(field.name);
    named.key = key.Take();
    named.value.push_back(field.type().non_null().Snapshot());
  }
  return snapshot;
}

// Calls `visit` for `type` and all that it is made of, each once, so that a recursive type ends.
void VisitTypes(const TypeSerializer& type, std::set<absl::string_view>* structs,
                absl::FunctionRef<void(const TypeSerializer&)> visit) {
  const TypeShape& shape = type.shape();
  if (shape.kind == TypeKind::kStruct && !structs->insert(shape.name).second) return;
  visit(type);
  for (const FieldShape& field : shape.fields) VisitTypes(field.type(), structs, visit);
  if (shape.element != nullptr) VisitTypes(shape.element(), structs, visit);
  if (shape.mapped != nullptr) VisitTypes(shape.mapped(), structs, visit);
}

}  // namespace

SerializerSnapshot TypeSerializer::Snapshot() const {
  const TypeShape& own = shape();
  switch (own.kind) {
    case TypeKind::kTuple: {
      SerializerSnapshot snapshot = Composite(types_internal::kTupleSnapshotClass, 2);
      snapshot.type_name = absl::StrCat("org.apache.flink.api.java.tuple.Tuple", own.fields.size());
      for (const FieldShape& field : own.fields) snapshot.nested.push_back(field.type().Snapshot());
      return snapshot;
    }
    case TypeKind::kNullable: {
      SerializerSnapshot snapshot = Composite(types_internal::kNullableSnapshotClass, 2);
      snapshot.nested.push_back(own.element().Snapshot());
      return snapshot;
    }
    case TypeKind::kList: {
      SerializerSnapshot snapshot = Composite(types_internal::kListSnapshotClass, 1);
      snapshot.nested.push_back(own.element().Snapshot());
      return snapshot;
    }
    case TypeKind::kSet: {
      SerializerSnapshot snapshot = Composite(types_internal::kSetSnapshotClass, 1);
      snapshot.nested.push_back(own.element().non_null().Snapshot());
      return snapshot;
    }
    case TypeKind::kMap: {
      SerializerSnapshot snapshot = Composite(types_internal::kMapSnapshotClass, 1);
      snapshot.nested.push_back(own.element().Snapshot());
      snapshot.nested.push_back(own.mapped().non_null().Snapshot());
      return snapshot;
    }
    case TypeKind::kEither: {
      SerializerSnapshot snapshot = Composite(types_internal::kEitherSnapshotClass, 1);
      snapshot.nested.push_back(own.element().Snapshot());
      snapshot.nested.push_back(own.mapped().Snapshot());
      return snapshot;
    }
    case TypeKind::kStruct:
      return StructSnapshot(own);
    case TypeKind::kEnum:
      return EnumSnapshot(own);
    case TypeKind::kTtl: {
      SerializerSnapshot snapshot = Composite(types_internal::kTtlSnapshotClass, 2);
      for (const FieldShape& field : own.fields) snapshot.nested.push_back(field.type().Snapshot());
      return snapshot;
    }
    default: {
      SerializerSnapshot snapshot;
      snapshot.class_name = SimpleClass(own);
      snapshot.version = 3;
      return snapshot;
    }
  }
}

void TypeSerializer::WriteSnapshot(ByteWriter& writer) const {
  const absl::Status status = WriteSerializerSnapshot(Snapshot(), writer);
  WEIR_CHECK(status.ok(), status.message());
}

bool TypeSerializer::has_persistent_names() const {
  bool all = true;
  std::set<absl::string_view> structs;
  VisitTypes(*this, &structs, [&all](const TypeSerializer& type) {
    const bool has_name = type.kind() == TypeKind::kStruct || type.kind() == TypeKind::kEnum;
    if (has_name && !type.shape().has_persistent_name) all = false;
  });
  return all;
}

std::string TypeSerializer::TypeName() const {
  const TypeShape& own = shape();
  std::string text(KindName(own.kind));
  if (!own.name.empty()) return absl::StrCat(text, " ", own.name);
  if (own.fields.empty() && own.element == nullptr) return text;
  absl::string_view separator = "<";
  for (const FieldShape& field : own.fields) {
    absl::StrAppend(&text, separator, field.type().TypeName());
    separator = ", ";
  }
  if (own.element != nullptr) absl::StrAppend(&text, separator, own.element().TypeName());
  if (own.mapped != nullptr) absl::StrAppend(&text, ", ", own.mapped().TypeName());
  return text + ">";
}

absl::Status UnwritableError() {
  return absl::InvalidArgumentError(
      "a value cannot be written: a std::string in it is not UTF-8 (weir::Bytes holds raw bytes), an enum "
      "is none of its constants, or a date or time does not exist");
}

}  // namespace weir
