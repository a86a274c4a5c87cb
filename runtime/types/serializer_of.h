// Licensed under the Apache License, Version 2.0.
//
// Pieces that type_of.h is built from: SerializerOf<T>, the erased face of TypeOf<T>, and
// big-endian helpers. Include type_of.h, not this.
#ifndef WEIR_RUNTIME_TYPES_SERIALIZER_OF_H_
#define WEIR_RUNTIME_TYPES_SERIALIZER_OF_H_

#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/types/type_serializer.h"

namespace weir {

template <typename T>
struct TypeOf;

namespace types_internal {

template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

template <typename T>
// Constants of the program, never deleted through a base.
// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor)
class SerializerOf final : public TypeSerializer {
 public:
  constexpr SerializerOf() = default;
  const TypeShape& shape() const override {
    static constexpr TypeShape kShape = TypeOf<T>::Shape();
    return kShape;
  }
  [[nodiscard]] bool Serialize(const void* value, ByteWriter& writer) const override {
    return TypeOf<T>::Write(writer, *static_cast<const T*>(value));
  }
  void Deserialize(ByteReader& reader, void* value) const override {
    TypeOf<T>::Read(reader, *static_cast<T*>(value));
  }
  int fixed_length() const override { return TypeOf<T>::kFixedLength; }
  bool may_be_key() const override { return TypeOf<T>::kMayBeKey; }
  int32_t Hash([[maybe_unused]] const void* value) const override {
    if constexpr (TypeOf<T>::kMayBeKey) {
      return TypeOf<T>::Hash(*static_cast<const T*>(value));
    } else {
      WEIR_CHECK(false, "no key type: ", TypeName());
      return 0;
    }
  }
  void* New() const override { return new T(); }
  void Delete(void* value) const override { delete static_cast<T*>(value); }
  void Copy(const void* from, void* to) const override {
    *static_cast<T*>(to) = *static_cast<const T*>(from);
  }
  void Move(void* from, void* to) const override { *static_cast<T*>(to) = std::move(*static_cast<T*>(from)); }
};

template <size_t size>
using UnsignedOf = std::conditional_t<
    size == 1, uint8_t,
    std::conditional_t<size == 2, uint16_t, std::conditional_t<size == 4, uint32_t, uint64_t>>>;

template <typename U>
constexpr U SwapBytes(U v) {
  if constexpr (sizeof(U) == 2) return __builtin_bswap16(v);
  if constexpr (sizeof(U) == 4) return __builtin_bswap32(v);
  if constexpr (sizeof(U) == 8) return __builtin_bswap64(v);
  return v;
}

template <typename T>
inline char* StoreBigEndian(char* out, T value) {
  UnsignedOf<sizeof(T)> bits{};
  std::memcpy(&bits, &value, sizeof bits);
  bits = SwapBytes(bits);
  std::memcpy(out, &bits, sizeof bits);
  return out + sizeof bits;
}

// One byte that can only be 0 or 1.
inline bool ReadFlag(ByteReader& reader) {
  const uint8_t flag = reader.U8();
  if (flag > 1) reader.Invalidate("a boolean that is neither 0 nor 1");
  return flag == 1;
}

template <typename T>
inline T ReadBigEndian(ByteReader& reader) {
  if constexpr (std::is_same_v<T, bool>) {
    return ReadFlag(reader);
  } else {
    UnsignedOf<sizeof(T)> bits{};
    if constexpr (sizeof(T) == 1) bits = reader.U8();
    if constexpr (sizeof(T) == 2) bits = reader.U16();
    if constexpr (sizeof(T) == 4) bits = reader.U32();
    if constexpr (sizeof(T) == 8) bits = reader.U64();
    T value{};
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
}

// A count of elements. Each takes at least one byte, so a count above what is left is damage, found
// before anything is allocated.
inline size_t ReadCount(ByteReader& reader) {
  const int32_t count = reader.I32();
  if (count >= 0 && static_cast<size_t>(count) <= reader.remaining()) return static_cast<size_t>(count);
  reader.Invalidate("an element count beyond the end of the data");
  return 0;
}

// hashCode() of Java's boxed numbers.
template <typename T>
inline int32_t JavaNumberHash(T value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? 1231 : 1237;
  } else if constexpr (std::is_floating_point_v<T>) {
    using Bits = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;
    Bits bits{};
    std::memcpy(&bits, &value, sizeof bits);
    if (value != value) bits = sizeof(T) == 4 ? Bits{0x7FC00000} : static_cast<Bits>(0x7FF8000000000000);
    return JavaNumberHash(bits);
  } else if constexpr (sizeof(T) == 8) {
    const uint64_t bits = static_cast<uint64_t>(value);
    return static_cast<int32_t>(static_cast<uint32_t>(bits ^ (bits >> 32)));
  } else {
    return value;
  }
}

}  // namespace types_internal
}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_SERIALIZER_OF_H_
