// Licensed under the Apache License, Version 2.0.
//
// TypeSerializer: how values of one C++ type become Flink's bytes and back, for code that does not
// know the type (state backends, snapshots, reports). Code that knows it uses TypeOf<T>
// (type_of.h), which needs no virtual call.
//
// There is one immutable object per type for the whole program, reached by TypeOf<T>::Serializer();
// it is never copied, owned or destroyed, so a `const TypeSerializer&` or pointer may be kept for
// ever. Erased values are `void*` to a T; handing over a pointer to something else is a bug that
// nothing can detect.
#ifndef WEIR_RUNTIME_TYPES_TYPE_SERIALIZER_H_
#define WEIR_RUNTIME_TYPES_TYPE_SERIALIZER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "runtime/base/codec.h"
#include "runtime/types/flink_version.h"
#include "runtime/types/type_shape.h"

namespace weir {

struct SerializerSnapshot;

class TypeSerializer {
 public:
  TypeSerializer(const TypeSerializer&) = delete;
  TypeSerializer& operator=(const TypeSerializer&) = delete;

  // What the type is made of; lives as long as the program.
  virtual const TypeShape& shape() const = 0;
  TypeKind kind() const { return shape().kind; }
  // What an optional holds, or else the type itself: where Flink writes the null flag itself (struct
  // fields, map values, set elements) an optional is no serializer of its own.
  const TypeSerializer& non_null() const { return kind() == TypeKind::kNullable ? shape().element() : *this; }

  // Appends the bytes of `value`. False, and nothing appended, if the value cannot be written: a
  // std::string that is not UTF-8, an enum that is none of its constants, a date that does not exist
  // (UnwritableError() is the status for it).
  [[nodiscard]] virtual bool Serialize(const void* value, ByteWriter& writer) const = 0;
  // Reads one value over *value. Bad bytes leave `reader` failed (reader.status() says how) and
  // *value unspecified but valid.
  virtual void Deserialize(ByteReader& reader, void* value) const = 0;

  // The length that Flink declares for every value of this type, or -1: decides whether composite
  // keys carry lengths.
  virtual int fixed_length() const = 0;

  // Whether values may be keys, and then Java's hashCode() of one. REQUIRES for Hash: may_be_key().
  virtual bool may_be_key() const = 0;
  virtual int32_t Hash(const void* value) const = 0;

  // A new default value on the heap, and its end.
  virtual void* New() const = 0;
  virtual void Delete(void* value) const = 0;
  // *to = *from; Move leaves *from valid but unspecified.
  virtual void Copy(const void* from, void* to) const = 0;
  virtual void Move(void* from, void* to) const = 0;

  // The snapshot that Flink would write for the serializer of this type: its tree, or at once as
  // bytes (the leading int 2, class name, version, payload).
  SerializerSnapshot Snapshot() const;
  void WriteSnapshot(ByteWriter& writer) const;

  // True if every struct and enum within has a persistent name (WEIR_TYPE, WEIR_ENUM_TYPE), which
  // Flink needs to find its class.
  bool has_persistent_names() const;

  // For people. JSON: structs are objects in declaration order, tuples arrays, bytes base64, null
  // for an empty optional, maps with text keys objects, other maps arrays of pairs. Text is JSON,
  // but without the quotes around a bare string.
  std::string ToJson(const void* value) const;
  std::string ToText(const void* value) const;
  // "struct Action", "map<int64, string>".
  std::string TypeName() const;

 protected:
  constexpr TypeSerializer() = default;
  ~TypeSerializer() = default;
};

// An erased value that owns itself.
class ErasedValue {
 public:
  explicit ErasedValue(const TypeSerializer& type) : type_(&type), value_(type.New()) {}
  ErasedValue(ErasedValue&& other) noexcept : type_(other.type_), value_(other.value_) {
    other.value_ = nullptr;
  }
  ErasedValue& operator=(ErasedValue&&) = delete;
  ~ErasedValue() {
    if (value_ != nullptr) type_->Delete(value_);
  }
  const TypeSerializer& type() const { return *type_; }
  void* get() { return value_; }
  // The caller owns it from now on.
  void* Release() {
    void* const value = value_;
    value_ = nullptr;
    return value;
  }
  const void* get() const { return value_; }

 private:
  const TypeSerializer* type_;
  void* value_;
};

// kInvalidArgument: why Serialize or TypeOf<T>::Write said false.
absl::Status UnwritableError();

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_TYPE_SERIALIZER_H_
