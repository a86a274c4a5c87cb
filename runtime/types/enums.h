// Licensed under the Apache License, Version 2.0.
//
// WEIR_ENUM(Color, kRed, kGreen): declares the constants of an enum, once, at namespace scope right
// after it; up to 64. WEIR_ENUM_TYPE(Color, "com.acme.Color", {kRed, "RED"}, {kGreen, "GREEN"}): the
// same, and says which Java enum Flink shall load for it and what its constants are called there.
//
// On the wire it is Flink's EnumSerializer: an int, the position in this list, whatever number the
// constant has in C++. New constants go at the end; the order and the names of old ones are part of
// the state (schema_compatibility.h says what may change). A number that is no constant is not
// written, a position that is none is kDataLoss. An enum is no key: in Java its hashCode() is
// another one in every process.
#ifndef WEIR_RUNTIME_TYPES_ENUMS_H_
#define WEIR_RUNTIME_TYPES_ENUMS_H_

#include <array>

#include "runtime/types/fields.h"
#include "runtime/types/type_of.h"

namespace weir {

namespace types_internal {

template <typename E>
struct EnumConstant {
  E value;
  absl::string_view name;
};

template <typename E, size_t count>
struct ConstantList {
  absl::string_view name;
  bool has_persistent_name = false;
  std::array<EnumConstant<E>, count> constants;
};

template <typename E>
concept HasConstants = std::is_enum_v<E> && requires(const E* e) {
  WeirConstants(e).constants;
};

}  // namespace types_internal

template <types_internal::HasConstants E>
struct TypeOf<E> : types_internal::TypeBase<E> {
  static constexpr auto kList = WeirConstants(static_cast<const E*>(nullptr));
  static constexpr size_t kCount = kList.constants.size();
  static constexpr std::array<absl::string_view, kCount> kNames = [] {
    std::array<absl::string_view, kCount> names;
    for (size_t i = 0; i < kCount; ++i) names[i] = kList.constants[i].name;
    return names;
  }();
  static constexpr bool AreDistinct() {
    for (size_t i = 0; i < kCount; ++i)
      for (size_t j = 0; j < i; ++j)
        if (kList.constants[i].value == kList.constants[j].value || kNames[i] == kNames[j]) return false;
    return true;
  }
  static_assert(AreDistinct(), "a constant is listed twice in WEIR_ENUM");

  static constexpr int kFixedLength = 4;
  static constexpr bool kMayBeKey = false;
  // kCount if `value` is none of the constants.
  static constexpr size_t IndexOf(E value) {
    size_t i = 0;
    while (i < kCount && kList.constants[i].value != value) ++i;
    return i;
  }
  static constexpr size_t Bound(const E&) { return 4; }
  static char* Store(char* out, const E& value) {
    const size_t index = IndexOf(value);
    return index < kCount ? types_internal::StoreBigEndian(out, static_cast<int32_t>(index)) : nullptr;
  }
  static void Read(ByteReader& reader, E& value) {
    const uint32_t index = reader.U32();
    if (index >= kCount) return reader.Invalidate("an index without constant in enum", kList.name);
    value = kList.constants[index].value;
  }
  static constexpr TypeShape Shape() {
    return TypeShape{
        .kind = TypeKind::kEnum,
        .name = kList.name,
        .has_persistent_name = kList.has_persistent_name,
        .constants = absl::Span<const absl::string_view>(kNames.data(), kCount),
        .to_text =
            [](const void* v) {
              const size_t index = IndexOf(*static_cast<const E*>(v));
              return index < kCount ? std::string(kNames[index]) : std::string("?");
            },
        .from_text =
            [](absl::string_view text, void* v) {
              for (const auto& constant : kList.constants) {
                if (constant.name != text) continue;
                *static_cast<E*>(v) = constant.value;
                return true;
              }
              return false;
            },
    };
  }
};

}  // namespace weir

#define WEIR_ENUM_CONSTANT_(type, constant) \
  ::weir::types_internal::EnumConstant<type> { type::constant, #constant }

#define WEIR_ENUM(type, ...)                                                                        \
  [[maybe_unused]] constexpr auto WeirConstants(const type*) {                                      \
    constexpr std::array kConstants{WEIR_FOR_EACH_(WEIR_ENUM_CONSTANT_, type, __VA_ARGS__)};        \
    return ::weir::types_internal::ConstantList<type, kConstants.size()>{#type, false, kConstants}; \
  }                                                                                                 \
  static_assert(true)

#define WEIR_ENUM_TYPE(type, persistent_name, ...)                                                           \
  [[maybe_unused]] constexpr auto WeirConstants(const type*) {                                               \
    using enum type;                                                                                         \
    constexpr auto kConstants = std::to_array<::weir::types_internal::EnumConstant<type>>({__VA_ARGS__});    \
    return ::weir::types_internal::ConstantList<type, kConstants.size()>{persistent_name, true, kConstants}; \
  }                                                                                                          \
  static_assert(true)

#endif  // WEIR_RUNTIME_TYPES_ENUMS_H_
