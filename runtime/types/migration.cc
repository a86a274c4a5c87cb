#include "runtime/types/migration.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/types/serializer_of.h"
#include "runtime/types/snapshot_codec.h"

namespace weir {
namespace types_internal {

// How to read one old value into a value of `type`.
struct MigrationStep {
  const TypeSerializer* type = nullptr;
  bool is_same = false;                // the bytes have not changed: nothing below is set
  std::vector<std::string> constants;  // an enum's, by old index
  std::vector<MigrationStep> parts;  // an element; key and value; left and right; fields of a tuple in order

  // A struct's, in the order of the bytes.
  struct Field {
    int index = -1;                     // among the fields of `type`; -1: it is gone
    std::optional<SnapshotCodec> gone;  // what skips it, then
    std::vector<MigrationStep> steps;   // one, or none
  };
  std::vector<Field> fields;
  bool has_new_fields = false;
};

namespace {

// REQUIRES: Resolve(from, now) is not incompatible, and `now` is what `type` writes.
MigrationStep MakeStep(const SerializerSnapshot& from, const SerializerSnapshot& now,
                       const TypeSerializer& type);

void AddFields(const SerializerSnapshot& from, const SerializerSnapshot& now, MigrationStep* step) {
  const TypeShape& shape = step->type->shape();
  size_t kept = 0;
  for (const NamedSnapshot& old : from.fields) {
    MigrationStep::Field& field = step->fields.emplace_back();
    for (size_t i = 0; i < now.fields.size(); ++i) {  // both in the order of names
      if (now.fields[i].name != old.name) continue;
      field.index = shape.sorted[i];
      const TypeSerializer& type = shape.fields[shape.sorted[i]].type().non_null();
      field.steps.push_back(MakeStep(old.value[0], now.fields[i].value[0], type));
      ++kept;
    }
    if (field.index < 0 && !old.value.empty()) field.gone.emplace(old.value[0]);
  }
  step->has_new_fields = kept < now.fields.size();
}

MigrationStep MakeStep(const SerializerSnapshot& from, const SerializerSnapshot& now,
                       const TypeSerializer& type) {
  if (from.family == SnapshotFamily::kTtlAware) return MakeStep(from.nested[0], now, type);
  MigrationStep step;
  step.type = &type;
  step.is_same = Resolve(from, now).verdict == SchemaVerdict::kCompatibleAsIs;
  if (step.is_same) return step;
  const TypeShape& shape = type.shape();
  switch (shape.kind) {
    case TypeKind::kEnum:
      step.constants = from.constants;
      break;
    case TypeKind::kStruct:
      AddFields(from, now, &step);
      break;
    case TypeKind::kTuple:
    case TypeKind::kTtl:
      for (size_t i = 0; i < shape.fields.size(); ++i)
        step.parts.push_back(MakeStep(from.nested[i], now.nested[i], shape.fields[i].type()));
      break;
    case TypeKind::kEither:
      step.parts.push_back(MakeStep(from.nested[0], now.nested[0], shape.element()));
      step.parts.push_back(MakeStep(from.nested[1], now.nested[1], shape.mapped()));
      break;
    case TypeKind::kNullable:
    case TypeKind::kList:
      step.parts.push_back(MakeStep(from.nested[0], now.nested[0], shape.element()));
      break;
    case TypeKind::kSet:
      step.parts.push_back(MakeStep(from.nested[0], now.nested[0], shape.element().non_null()));
      break;
    case TypeKind::kMap:
      step.parts.push_back(MakeStep(from.nested[0], now.nested[0], shape.element()));
      step.parts.push_back(MakeStep(from.nested[1], now.nested[1], shape.mapped().non_null()));
      break;
    default:
      WEIR_CHECK(false, "a simple type is as it was or incompatible: ", type.TypeName());
  }
  return step;
}

// Reads one value; errors are the reader's, or else *error.
class Run {
 public:
  Run(ByteReader& in, absl::Status* error) : in_(in), error_(error) {}

  bool Value(const MigrationStep& step, void* target) {
    if (step.is_same) return step.type->Deserialize(in_, target), in_.ok();
    const TypeShape& shape = step.type->shape();
    switch (shape.kind) {
      case TypeKind::kEnum:
        return Enum(step, target);
      case TypeKind::kStruct:
        return Struct(step, target);
      case TypeKind::kNullable:
        return Optional(*step.type, step.parts[0], target, "");
      case TypeKind::kList:
        shape.clear(target);
        for (size_t left = ReadCount(in_); left > 0; --left)
          if (!Value(step.parts[0], shape.append(target))) return false;
        return in_.ok();
      case TypeKind::kSet:
        shape.clear(target);
        for (size_t left = ReadCount(in_); left > 0; --left) {
          ErasedValue element(shape.element());
          if (!Optional(shape.element(), step.parts[0], element.get(), "element of a set")) return false;
          shape.insert(target, element.get());
        }
        return in_.ok();
      case TypeKind::kMap:
        shape.clear(target);
        for (size_t left = ReadCount(in_); left > 0; --left) {
          ErasedValue key(shape.element());
          if (!Value(step.parts[0], key.get())) return false;
          void* mapped = shape.insert(target, key.get());
          if (!Optional(shape.mapped(), step.parts[1], mapped, "value of a map")) return false;
        }
        return in_.ok();
      case TypeKind::kEither: {
        const bool is_left = ReadFlag(in_);
        return in_.ok() && Value(step.parts[is_left ? 0 : 1], shape.choose(target, is_left));
      }
      default:  // a tuple, or a value with a time to live
        for (size_t i = 0; i < step.parts.size(); ++i)
          if (!Value(step.parts[i], FieldOf(shape, i, target))) return false;
        return in_.ok();
    }
  }

 private:
  static void* FieldOf(const TypeShape& shape, size_t index, void* owner) {
    return const_cast<void*>(shape.fields[index].get(owner));
  }

  // Behind a null flag; `type` is an optional of what `step` reads, or just that.
  bool Optional(const TypeSerializer& type, const MigrationStep& step, void* target, absl::string_view what) {
    const bool is_null = ReadFlag(in_);
    if (!in_.ok()) return false;
    const bool is_optional = type.kind() == TypeKind::kNullable;
    if (is_null && !is_optional) return in_.Invalidate("null in non-optional", what), false;
    if (is_null) return type.shape().clear(target), true;
    return Value(step, is_optional ? type.shape().append(target) : target);
  }

  bool Enum(const MigrationStep& step, void* target) {
    const uint32_t index = in_.U32();
    if (index < step.constants.size() && step.type->shape().from_text(step.constants[index], target))
      return true;
    return in_.Invalidate("an index without constant in enum", step.type->shape().name), false;
  }

  bool Struct(const MigrationStep& step, void* target) {
    const TypeShape& shape = step.type->shape();
    if (in_.U8() != 2) return in_.Invalidate("null or a subclass instead of a", shape.name), false;
    if (step.has_new_fields) {
      ErasedValue fresh(*step.type);
      step.type->Move(fresh.get(), target);
    }
    for (const MigrationStep::Field& field : step.fields) {
      if (field.index < 0) {
        if (!Skip(field.gone)) return false;
        continue;
      }
      const size_t index = static_cast<size_t>(field.index);
      const FieldShape& now = shape.fields[index];
      if (!Optional(now.type(), field.steps[0], FieldOf(shape, index, target), now.name)) return false;
    }
    return in_.ok();
  }

  // A null can be skipped even where the snapshot does not say what a value looks like.
  bool Skip(const std::optional<SnapshotCodec>& gone) {
    if (ReadFlag(in_) || !in_.ok()) return in_.ok();
    *error_ = gone ? gone->Skip(in_)
                   : absl::UnimplementedError("a removed field has no serializer in the snapshot");
    return error_->ok();
  }

  ByteReader& in_;
  absl::Status* error_;
};

}  // namespace
}  // namespace types_internal

Migration::Migration() = default;
Migration::Migration(Migration&&) noexcept = default;
Migration& Migration::operator=(Migration&&) noexcept = default;
Migration::~Migration() = default;

absl::StatusOr<Migration> Migration::Plan(SerializerSnapshot from, const TypeSerializer& to) {
  Migration migration;
  migration.from_ = std::make_unique<const SerializerSnapshot>(std::move(from));
  migration.to_ = &to;
  const SerializerSnapshot now = to.Snapshot();
  WEIR_RETURN_IF_ERROR(CheckRole(SerializerRole::kValue, *migration.from_, now));
  migration.step_ = std::make_unique<const types_internal::MigrationStep>(
      types_internal::MakeStep(*migration.from_, now, to));
  return migration;
}

bool Migration::is_identity() const { return step_->is_same; }

absl::Status Migration::Read(ByteReader& in, void* value) const {
  absl::Status error;
  if (types_internal::Run(in, &error).Value(*step_, value)) return absl::OkStatus();
  return error.ok() ? in.status() : error;
}

absl::Status Migration::Rewrite(ByteReader& in, ByteWriter& out) const {
  ErasedValue value(*to_);
  const absl::string_view before = in.Rest();
  WEIR_RETURN_IF_ERROR(Read(in, value.get()));
  if (is_identity()) {
    out.Raw(before.substr(0, before.size() - in.remaining()));
    return absl::OkStatus();
  }
  return to_->Serialize(value.get(), out) ? absl::OkStatus() : UnwritableError();
}

absl::Status Migrate(const SerializerSnapshot& from, const TypeSerializer& to, ByteReader& in,
                     ByteWriter& out) {
  WEIR_ASSIGN_OR_RETURN(const Migration migration, Migration::Plan(from, to));
  return migration.Rewrite(in, out);
}

}  // namespace weir
