// Licensed under the Apache License, Version 2.0.
//
// WEIR_FIELDS(Type, a, b, c): declares the fields of a struct, once, at namespace scope right after
// it. From then on it can be a record, a state value or a part of one: TypeOf<Type> works, JSON and
// CSV can be read into it (json.h, csv.h) and it can be printed. 1 to 64 fields; a std::optional
// field may be null, the others may not; none may hold the struct itself, however deep (Flink takes
// such a field to Kryo, whose bytes are its own). WEIR_TYPE(Type, "com.acme.Account", a, b, c): the same,
// and says which Java class Flink shall load for it. Without that, state can be snapshotted and
// restored by Weir but not handed to Flink. WEIR_KEY(Type, kObjectsHash): allows the struct as key,
// and says how the Java class computes hashCode().
//
// On the wire it is Flink's POJO: a flag byte 2, then per field, in the order of their *names*, a
// null flag and the value; so the order of declaration may change freely.
#ifndef WEIR_RUNTIME_TYPES_FIELDS_H_
#define WEIR_RUNTIME_TYPES_FIELDS_H_

#include <array>

#include "runtime/types/container_types.h"
#include "runtime/types/type_of.h"

namespace weir {

enum class KeyHash : uint8_t {
  kObjectsHash,  // java.util.Objects.hash(fields in declaration order): 31-polynomial from 1
  kRecord,       // a Java record: 31-polynomial from 0
};

namespace types_internal {

template <typename Owner, auto... members>
struct FieldList {
  using OwnerType = Owner;
  absl::string_view name;
  bool has_persistent_name = false;
  std::array<absl::string_view, sizeof...(members)> names;
};

template <typename T>
concept HasFields = requires(const T* owner) {
  requires std::same_as<typename decltype(WeirFields(owner))::OwnerType, T>;
};
template <typename T>
concept HasKeyHash = requires(const T* owner) {
  { WeirKeyHash(owner) } -> std::same_as<KeyHash>;
};

// Whether a value of T may hold one of Root, in a field, as an element or as T itself. True also where no end is found: a
// part of T holds itself.
inline constexpr int kDeepest = 64;
template <typename T, typename Root, int depth>
constexpr bool Holds();
template <typename Root, int depth = 0, typename Owner, auto... members>
constexpr bool FieldsHold(const FieldList<Owner, members...>&) {
  return (Holds<std::remove_cvref_t<decltype(std::declval<Owner&>().*members)>, Root, depth>() || ...);
}
template <typename Root, int depth, template <typename...> class Container, typename... Ts>
constexpr bool ElementsHold(const Container<Ts...>*) {
  return (Holds<Ts, Root, depth>() || ...);
}
template <typename Root, int depth>
constexpr bool ElementsHold(const void*) {
  return false;
}
template <typename T, typename Root, int depth>
constexpr bool Holds() {
  if constexpr (std::same_as<T, Root> || depth == kDeepest) {
    return true;
  } else if constexpr (HasFields<T>) {
    return FieldsHold<Root, depth + 1>(WeirFields(static_cast<const T*>(nullptr)));
  } else {
    return ElementsHold<Root, depth + 1>(static_cast<const T*>(nullptr));
  }
}

template <typename T, typename List>
struct StructType;

template <typename T, auto... members>
struct StructType<T, FieldList<T, members...>> : TypeBase<T> {
  static constexpr size_t kCount = sizeof...(members);
  static_assert(kCount >= 1, "a struct needs at least one field in WEIR_FIELDS");
  static constexpr auto kList = WeirFields(static_cast<const T*>(nullptr));
  template <auto member>
  using FieldType = std::remove_cvref_t<decltype(std::declval<T&>().*member)>;
  template <auto member>
  using FieldTypeOf = TypeOf<FieldType<member>>;

  // Indices of the fields in the order of their names.
  static constexpr std::array<uint8_t, kCount> kSorted = [] {
    std::array<uint8_t, kCount> order{};
    for (size_t i = 0; i < kCount; ++i) {
      size_t at = i;
      for (; at > 0 && kList.names[i] < kList.names[order[at - 1]]; --at) order[at] = order[at - 1];
      order[at] = static_cast<uint8_t>(i);
    }
    return order;
  }();
  static constexpr bool NamesAreDistinct() {
    for (size_t i = 1; i < kCount; ++i)
      if (kList.names[kSorted[i]] == kList.names[kSorted[i - 1]]) return false;
    return true;
  }
  static_assert(NamesAreDistinct(), "a field is listed twice in WEIR_FIELDS");
  static_assert(kCount <= 64, "a struct has at most 64 fields: put some into a struct of their own");
  static_assert(
      !FieldsHold<T>(kList),
      "a field of this struct holds the struct itself: there is no serializer for types that contain "
      "themselves; keep the parts apart and let them name each other by number");

  static constexpr int kFixedLength = -1;
  static constexpr bool kMayBeKey = [] {
    if constexpr (HasKeyHash<T>) {
      static_assert((TypeOf<std::remove_cvref_t<decltype(std::declval<T&>().*members)>>::kMayBeKey && ...),
                    "WEIR_KEY: a field of this struct cannot be part of a key");
      return true;
    }
    return false;
  }();

  static size_t Bound(const T& value) {
    size_t bound = 1;
    ((bound += 1 + FieldTypeOf<members>::Bound(value.*members)), ...);
    return bound;
  }
  static char* Store(char* out, const T& value) {
    *out++ = 2;  // "exactly this class"
    return StoreSorted(out, value, std::make_index_sequence<kCount>());
  }
  static void Read(ByteReader& reader, T& value) {
    if (reader.U8() != 2) return reader.Invalidate("null or a subclass instead of a", kList.name);
    ReadSorted(reader, value, std::make_index_sequence<kCount>());
  }
  static int32_t Hash(const T& value) requires kMayBeKey {
    uint32_t hash = WeirKeyHash(&value) == KeyHash::kObjectsHash ? 1 : 0;
    ((hash = hash * 31 + static_cast<uint32_t>(FieldTypeOf<members>::Hash(value.*members))), ...);
    return static_cast<int32_t>(hash);
  }

  template <auto member>
  static const void* Get(const void* owner) {
    return &(static_cast<const T*>(owner)->*member);
  }
  static constexpr std::array<FieldShape, kCount> kFields = [] {
    size_t i = 0;
    return std::array<FieldShape, kCount>{
        FieldShape{kList.names[i++], &FieldTypeOf<members>::Serializer, &Get<members>}...};
  }();
  static constexpr TypeShape Shape() {
    return TypeShape{.kind = TypeKind::kStruct,
                     .name = kList.name,
                     .has_persistent_name = kList.has_persistent_name,
                     .fields = absl::Span<const FieldShape>(kFields.data(), kCount),
                     .sorted = kSorted.data()};
  }

 private:
  static constexpr std::tuple<std::integral_constant<decltype(members), members>...> kMembers{};
  template <size_t i>
  static constexpr auto Member() {
    return std::tuple_element_t<kSorted[i], std::remove_const_t<decltype(kMembers)>>::value;
  }

  template <size_t i>
  static char* StoreField(char* out, const T& value) {
    const auto& field = value.*Member<i>();
    using Field = std::remove_cvref_t<decltype(field)>;
    if constexpr (!kIsOptional<Field>) *out++ = 0;  // an optional writes this flag itself
    return TypeOf<Field>::Store(out, field);
  }
  template <size_t... i>
  static char* StoreSorted(char* out, const T& value, std::index_sequence<i...>) {
    (void)(((out = StoreField<i>(out, value)) != nullptr) && ...);
    return out;
  }

  template <size_t i>
  static bool ReadField(ByteReader& reader, T& value) {
    auto& field = value.*Member<i>();
    using Field = std::remove_cvref_t<decltype(field)>;
    if constexpr (!kIsOptional<Field>) {
      if (ReadFlag(reader)) {
        reader.Invalidate("null in non-optional field", kList.names[kSorted[i]]);
        return false;
      }
    }
    TypeOf<Field>::Read(reader, field);
    return true;
  }
  template <size_t... i>
  static void ReadSorted(ByteReader& reader, T& value, std::index_sequence<i...>) {
    (void)(ReadField<i>(reader, value) && ...);
  }
};

}  // namespace types_internal

template <types_internal::HasFields T>
struct TypeOf<T> : types_internal::StructType<T, decltype(WeirFields(static_cast<const T*>(nullptr)))> {};

}  // namespace weir

// Applies `macro(type, field)` to each field, separated by commas; the classic deferred recursion,
// 4 x 4 x 4 rescans.
#define WEIR_PARENS_ ()
#define WEIR_EXPAND_(...) WEIR_EXPAND2_(WEIR_EXPAND2_(WEIR_EXPAND2_(WEIR_EXPAND2_(__VA_ARGS__))))
#define WEIR_EXPAND2_(...) WEIR_EXPAND1_(WEIR_EXPAND1_(WEIR_EXPAND1_(WEIR_EXPAND1_(__VA_ARGS__))))
#define WEIR_EXPAND1_(...) WEIR_EXPAND0_(WEIR_EXPAND0_(WEIR_EXPAND0_(WEIR_EXPAND0_(__VA_ARGS__))))
#define WEIR_EXPAND0_(...) __VA_ARGS__
#define WEIR_FOR_EACH_(macro, type, ...) \
  __VA_OPT__(WEIR_EXPAND_(WEIR_FOR_EACH_STEP_(macro, type, __VA_ARGS__)))
#define WEIR_FOR_EACH_STEP_(macro, type, field, ...) \
  macro(type, field) __VA_OPT__(, WEIR_FOR_EACH_AGAIN_ WEIR_PARENS_(macro, type, __VA_ARGS__))
#define WEIR_FOR_EACH_AGAIN_() WEIR_FOR_EACH_STEP_
#define WEIR_FIELD_POINTER_(type, field) &type::field
#define WEIR_FIELD_NAME_(type, field) ::absl::string_view(#field)

#define WEIR_DECLARE_FIELDS_(type, name_, persistent_, ...)                                                 \
  [[maybe_unused]] constexpr auto WeirFields(const type*) {                                                 \
    return ::weir::types_internal::FieldList<type, WEIR_FOR_EACH_(WEIR_FIELD_POINTER_, type, __VA_ARGS__)>{ \
        name_, persistent_, {WEIR_FOR_EACH_(WEIR_FIELD_NAME_, type, __VA_ARGS__)}};                         \
  }                                                                                                         \
  static_assert(true)

#define WEIR_FIELDS(type, ...) WEIR_DECLARE_FIELDS_(type, #type, false, __VA_ARGS__)
#define WEIR_TYPE(type, persistent_name, ...) WEIR_DECLARE_FIELDS_(type, persistent_name, true, __VA_ARGS__)
#define WEIR_KEY(type, key_hash)                                                                            \
  [[maybe_unused]] constexpr ::weir::KeyHash WeirKeyHash(const type*) { return ::weir::KeyHash::key_hash; } \
  static_assert(true)

#endif  // WEIR_RUNTIME_TYPES_FIELDS_H_
