#include "runtime/types/schema_compatibility.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "runtime/types/snapshot_classes.h"

namespace weir {
namespace {

using types_internal::FindSnapshotClass;
using types_internal::ValueLayout;

Compatibility Incompatible(std::string reason) { return {SchemaVerdict::kIncompatible, std::move(reason)}; }

// The worse of both; of equally bad ones the first.
void Worsen(Compatibility* whole, absl::string_view where, Compatibility part) {
  if (part.verdict <= whole->verdict) return;
  whole->verdict = part.verdict;
  whole->reason = where.empty() ? std::move(part.reason) : absl::StrCat(where, ": ", part.reason);
}

const NamedSnapshot* Find(const std::vector<NamedSnapshot>& entries, absl::string_view name) {
  for (const NamedSnapshot& entry : entries)
    if (entry.name == name) return &entry;
  return nullptr;
}

Compatibility ResolveEntry(const NamedSnapshot& before, const NamedSnapshot& now) {
  if (before.value == now.value) return {};
  if (before.value.empty() || now.value.empty()) return Incompatible("its serializer is not in the snapshot");
  return Resolve(before.value[0], now.value[0]);
}

Compatibility ResolvePojo(const SerializerSnapshot& before, const SerializerSnapshot& now) {
  if (before.type_name != now.type_name) {
    return Incompatible(absl::StrCat("class ", before.type_name, " became ", now.type_name));
  }
  Compatibility result;
  for (const NamedSnapshot& field : before.fields) {
    const NamedSnapshot* same = Find(now.fields, field.name);
    const std::string where = absl::StrCat("field ", field.name);
    if (same == nullptr) {
      Worsen(&result, where, {SchemaVerdict::kAfterMigration, "was removed"});
    } else {
      Worsen(&result, where, ResolveEntry(field, *same));
    }
  }
  for (const NamedSnapshot& field : now.fields) {
    if (Find(before.fields, field.name) != nullptr) continue;
    Worsen(&result, absl::StrCat("field ", field.name), {SchemaVerdict::kAfterMigration, "was added"});
  }
  // A subclass may be known in other ways before and now.
  for (const auto* entries : {&before.registered_subclasses, &before.other_subclasses}) {
    for (const NamedSnapshot& subclass : *entries) {
      const NamedSnapshot* same = Find(now.registered_subclasses, subclass.name);
      if (same == nullptr) same = Find(now.other_subclasses, subclass.name);
      if (same != nullptr)
        Worsen(&result, absl::StrCat("subclass ", subclass.name), ResolveEntry(subclass, *same));
    }
  }
  const bool is_same_order =
      std::equal(before.registered_subclasses.begin(), before.registered_subclasses.end(),
                 now.registered_subclasses.begin(), now.registered_subclasses.end(),
                 [](const NamedSnapshot& a, const NamedSnapshot& b) { return a.name == b.name; });
  if (!is_same_order) {
    Worsen(&result, "",
           {SchemaVerdict::kAfterReconfiguration, "other subclasses are registered, or in another order"});
  }
  return result;
}

Compatibility ResolveEnum(const SerializerSnapshot& before, const SerializerSnapshot& now) {
  if (before.type_name != now.type_name) {
    return Incompatible(absl::StrCat("enum ", before.type_name, " became ", now.type_name));
  }
  if (before.constants == now.constants) return {};
  for (const std::string& constant : before.constants) {
    if (std::find(now.constants.begin(), now.constants.end(), constant) != now.constants.end()) continue;
    return Incompatible(
        absl::StrCat("constant ", constant, " of enum ", now.type_name, " was removed or renamed"));
  }
  return {SchemaVerdict::kAfterReconfiguration,
          absl::StrCat("constants of enum ", now.type_name, " were added or moved")};
}

// What the part of a composite is called.
std::string PartName(ValueLayout layout, size_t index) {
  switch (layout) {
    case ValueLayout::kMap:
      return index == 0 ? "key" : "value";
    case ValueLayout::kTimer:
      return index == 0 ? "key" : "namespace";
    case ValueLayout::kEither:
      return index == 0 ? "left" : "right";
    case ValueLayout::kUnion:
      return index == 0 ? "one" : "two";
    case ValueLayout::kTuple:
    case ValueLayout::kRow:
      return absl::StrCat("field f", index);
    default:
      return "element";
  }
}

Compatibility ResolveComposite(const SerializerSnapshot& before, const SerializerSnapshot& now) {
  const auto* known = FindSnapshotClass(now.class_name);
  const ValueLayout layout = known == nullptr ? ValueLayout::kOpaque : known->layout;
  if (before.type_name != now.type_name || before.nested.size() != now.nested.size()) {
    return Incompatible(absl::StrCat(DescribeSnapshot(before), " became ", DescribeSnapshot(now)));
  }
  Compatibility result;
  if (before.outer_value != now.outer_value) {
    if (layout == ValueLayout::kNullable) {
      return Incompatible(absl::StrCat("padding of ", before.outer_value, " bytes became ", now.outer_value));
    }
    const absl::string_view what = layout == ValueLayout::kRow ? "row kinds" : "a null mask";
    result = {SchemaVerdict::kAfterMigration, absl::StrCat(what, now.outer_value != 0 ? " came" : " went")};
  }
  for (size_t i = 0; i < now.nested.size(); ++i)
    Worsen(&result, PartName(layout, i), Resolve(before.nested[i], now.nested[i]));
  return result;
}

bool HasTtl(const SerializerSnapshot& snapshot) {
  return snapshot.class_name == types_internal::kTtlSnapshotClass && snapshot.nested.size() == 2;
}

absl::string_view TtlToggled(const SerializerSnapshot& now) {
  return HasTtl(now) ? "a time to live was set" : "the time to live was dropped";
}

// Since 2.0 a value may get a time to live, or lose it.
Compatibility ResolveTtlAware(const SerializerSnapshot& before, const SerializerSnapshot& now) {
  const auto is_aware = [](const SerializerSnapshot& s) {
    return s.family == SnapshotFamily::kTtlAware && s.nested.size() == 1;
  };
  const SerializerSnapshot& was = is_aware(before) ? before.nested[0] : before;
  const SerializerSnapshot& is = is_aware(now) ? now.nested[0] : now;
  if (HasTtl(was) == HasTtl(is) || !is_aware(now)) return Resolve(was, is);
  Compatibility result{SchemaVerdict::kAfterMigration, std::string(TtlToggled(is))};
  Worsen(&result, "", HasTtl(is) ? Resolve(was, is.nested[1]) : Resolve(was.nested[1], is));
  return result;
}

constexpr SchemaVerdict WorstFor(SerializerRole role) {
  switch (role) {
    case SerializerRole::kKey:
    case SerializerRole::kNamespace:
    case SerializerRole::kTimer:
    case SerializerRole::kUserKeyOnDisk:
      return SchemaVerdict::kAfterReconfiguration;
    default:
      return SchemaVerdict::kAfterMigration;
  }
}

absl::string_view RoleName(SerializerRole role) {
  switch (role) {
    case SerializerRole::kKey:
      return "key";
    case SerializerRole::kNamespace:
      return "namespace";
    case SerializerRole::kTimer:
      return "timer";
    case SerializerRole::kUserKey:
    case SerializerRole::kUserKeyOnDisk:
      return "map key";
    case SerializerRole::kValue:
      return "state";
    case SerializerRole::kOperatorElement:
      return "element";
    case SerializerRole::kBroadcastKey:
      return "broadcast key";
    case SerializerRole::kBroadcastValue:
      return "broadcast value";
  }
  return "state";
}

}  // namespace

absl::string_view SchemaVerdictName(SchemaVerdict verdict) {
  switch (verdict) {
    case SchemaVerdict::kCompatibleAsIs:
      return "compatible as is";
    case SchemaVerdict::kAfterReconfiguration:
      return "compatible after reconfiguration";
    case SchemaVerdict::kAfterMigration:
      return "compatible after migration";
    case SchemaVerdict::kIncompatible:
      return "incompatible";
  }
  return "incompatible";
}

Compatibility Resolve(const SerializerSnapshot& before, const SerializerSnapshot& now) {
  if (before == now) return {};
  if (before.family == SnapshotFamily::kTtlAware || now.family == SnapshotFamily::kTtlAware) {
    return ResolveTtlAware(before, now);
  }
  if (HasTtl(before) != HasTtl(now)) return Incompatible(std::string(TtlToggled(now)));
  if (before.family != now.family || before.class_name != now.class_name) {
    return Incompatible(absl::StrCat(DescribeSnapshot(before), " became ", DescribeSnapshot(now)));
  }
  switch (now.family) {
    case SnapshotFamily::kSimple:
      return {};
    case SnapshotFamily::kPojo:
      return ResolvePojo(before, now);
    case SnapshotFamily::kEnum:
      return ResolveEnum(before, now);
    case SnapshotFamily::kComposite:
      return ResolveComposite(before, now);
    default:
      return Incompatible("a serializer that is not known has changed");
  }
}

absl::Status CheckRole(SerializerRole role, const SerializerSnapshot& before, const SerializerSnapshot& now) {
  const Compatibility found = Resolve(before, now);
  const SchemaVerdict worst = WorstFor(role);
  if (found.verdict <= worst) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the new ", RoleName(role), " serializer ", DescribeSnapshot(now), " must ",
                   worst == SchemaVerdict::kAfterMigration ? "not be incompatible" : "be compatible",
                   " with the previous ", DescribeSnapshot(before), ", but is ",
                   SchemaVerdictName(found.verdict), ": ", found.reason));
}

}  // namespace weir
