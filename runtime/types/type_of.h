// Licensed under the Apache License, Version 2.0.
//
// TypeOf<T>: the serialisation of T, inlined. This trait is Weir's whole demand on a type;
// WEIR_FIELDS (fields.h) is sugar for structs. Every TypeOf<T> has
//   kFixedLength, kMayBeKey                  what TypeSerializer's functions of that name say
//   size_t Bound(const T&)                   at least as many bytes as the value takes
//   char* Store(char* out, const T&)         writes there and returns the end; null if it cannot be
//   written bool Write(ByteWriter&, const T&)        appends; false, and nothing appended, if it
//   cannot be written void Read(ByteReader&, T&)               bad bytes leave the reader failed
//   int32_t Hash(const T&)                   Java's hashCode(), where kMayBeKey
//   const TypeSerializer& Serializer()       the same for erased values
// For: bool, int8_t..int64_t, float, double, std::string, weir::Bytes, std::pair, std::tuple,
// std::optional, std::vector, std::set, std::map, std::variant of two, structs with WEIR_FIELDS and enums with WEIR_ENUM;
// date_time.h and ttl_value.h have theirs. Unsigned integers do not compile: Java has none.
#ifndef WEIR_RUNTIME_TYPES_TYPE_OF_H_
#define WEIR_RUNTIME_TYPES_TYPE_OF_H_

#include <concepts>
#include <string>
#include <type_traits>

#include "runtime/types/bytes.h"
#include "runtime/types/java_string.h"
#include "runtime/types/serializer_of.h"

namespace weir {

template <typename T>
struct TypeOf;

namespace types_internal {

template <typename T>
concept SignedInteger = std::signed_integral<T> && !std::same_as<T, char> && !std::same_as<T, wchar_t>;

// What every TypeOf has in common, made from Bound and Store.
template <typename T>
struct TypeBase {
  [[nodiscard]] static bool Write(ByteWriter& writer, const T& value) {
    const size_t before = writer.size();
    char* begin = writer.Grow(TypeOf<T>::Bound(value));
    const char* end = TypeOf<T>::Store(begin, value);
    writer.Truncate(end == nullptr ? before : before + static_cast<size_t>(end - begin));
    return end != nullptr;
  }
  static const TypeSerializer& Serializer() {
    static constexpr SerializerOf<T> kSerializer;
    return kSerializer;
  }
};

// Java's numbers: big-endian, of one size.
template <typename T, TypeKind kind>
struct NumberType : TypeBase<T> {
  static constexpr TypeKind kKind = kind;
  static constexpr int kFixedLength = sizeof(T);
  static constexpr bool kMayBeKey = true;
  static constexpr size_t Bound(const T&) { return sizeof(T); }
  static char* Store(char* out, const T& value) { return StoreBigEndian(out, value); }
  static void Read(ByteReader& reader, T& value) { value = ReadBigEndian<T>(reader); }
  static int32_t Hash(const T& value) { return JavaNumberHash(value); }
  static constexpr TypeShape Shape() { return TypeShape{.kind = kind}; }
};

template <typename T>
constexpr TypeKind IntegerKind() {
  return sizeof(T) == 1   ? TypeKind::kInt8
         : sizeof(T) == 2 ? TypeKind::kInt16
         : sizeof(T) == 4 ? TypeKind::kInt32
                          : TypeKind::kInt64;
}

template <typename T>
constexpr void RefuseType() {
  static_assert(!std::unsigned_integral<T>,
                "Weir refuses unsigned integers, because Java has none: use int32_t or int64_t");
  static_assert(std::unsigned_integral<T> || !std::is_enum_v<T>,
                "no serializer for this enum: write WEIR_ENUM(Type, kConstant, ...) after it");
  static_assert(std::unsigned_integral<T> || std::is_enum_v<T>,
                "no serializer for this type: write WEIR_FIELDS(Type, field, ...) after the "
                "struct, or specialise "
                "weir::TypeOf");
}

}  // namespace types_internal

// Any other type: does not compile, and says what to write. Structs are taken up by fields.h.
template <typename T>
struct TypeOf {
  static_assert((types_internal::RefuseType<T>(), true));
};

template <>
struct TypeOf<bool> : types_internal::NumberType<bool, TypeKind::kBool> {};
template <>
struct TypeOf<float> : types_internal::NumberType<float, TypeKind::kFloat> {};
template <>
struct TypeOf<double> : types_internal::NumberType<double, TypeKind::kDouble> {};
template <types_internal::SignedInteger T>
struct TypeOf<T> : types_internal::NumberType<T, types_internal::IntegerKind<T>()> {};

template <>
struct TypeOf<std::string> : types_internal::TypeBase<std::string> {
  static constexpr int kFixedLength = -1;
  static constexpr bool kMayBeKey = true;
  static size_t Bound(const std::string& value) { return FlinkStringBound(value); }
  static char* Store(char* out, const std::string& value) { return StoreFlinkString(out, value); }
  static void Read(ByteReader& reader, std::string& value) { ReadFlinkString(reader, value); }
  static int32_t Hash(const std::string& value) { return JavaStringHash(value); }
  static constexpr TypeShape Shape() { return TypeShape{.kind = TypeKind::kString}; }
};

template <>
struct TypeOf<Bytes> : types_internal::TypeBase<Bytes> {
  static constexpr int kFixedLength = -1;
  static constexpr bool kMayBeKey = false;  // Java's byte[] hashes by identity
  static size_t Bound(const Bytes& value) { return 4 + value.value.size(); }
  static char* Store(char* out, const Bytes& value) {
    out = types_internal::StoreBigEndian(out, static_cast<int32_t>(value.value.size()));
    std::memcpy(out, value.value.data(), value.value.size());  // NOLINT(bugprone-not-null-terminated-result)
    return out + value.value.size();
  }
  static void Read(ByteReader& reader, Bytes& value) { value.value = std::string(reader.Bytes()); }
  static constexpr TypeShape Shape() { return TypeShape{.kind = TypeKind::kBytes}; }
};

}  // namespace weir

// So that containers and structs work wherever TypeOf does.
#include "runtime/types/container_types.h"
#include "runtime/types/enums.h"
#include "runtime/types/fields.h"

#endif  // WEIR_RUNTIME_TYPES_TYPE_OF_H_
