// Licensed under the Apache License, Version 2.0.
//
// TypeOf for std::optional (Flink: Nullable), std::vector (List), std::set (Set), std::map (Map), std::pair and
// std::tuple (Tuple), std::variant of two types (Either, the first of them left). Part of type_of.h; include that.
#ifndef WEIR_RUNTIME_TYPES_CONTAINER_TYPES_H_
#define WEIR_RUNTIME_TYPES_CONTAINER_TYPES_H_

#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/types/type_of.h"

namespace weir {

template <typename T>
struct TypeOf<std::optional<T>> : types_internal::TypeBase<std::optional<T>> {
  using Value = std::optional<T>;
  static constexpr int kFixedLength = -1;  // NullableSerializer without padding
  static constexpr bool kMayBeKey = false;
  static size_t Bound(const Value& value) { return 1 + (value ? TypeOf<T>::Bound(*value) : 0); }
  static char* Store(char* out, const Value& value) {
    *out++ = value ? 0 : 1;
    return value ? TypeOf<T>::Store(out, *value) : out;
  }
  static void Read(ByteReader& reader, Value& value) {
    if (types_internal::ReadFlag(reader)) return value.reset();
    TypeOf<T>::Read(reader, value ? *value : value.emplace());
  }
  static constexpr TypeShape Shape() {
    return TypeShape{
        .kind = TypeKind::kNullable,
        .element = &TypeOf<T>::Serializer,
        .size = [](const void* v) -> size_t { return static_cast<const Value*>(v)->has_value(); },
        .visit =
            [](const void* v, VisitFunction visit) {
              if (const auto& value = *static_cast<const Value*>(v)) visit(&*value, nullptr);
            },
        .clear = [](void* v) { static_cast<Value*>(v)->reset(); },
        .append = [](void* v) -> void* { return &static_cast<Value*>(v)->emplace(); },
    };
  }
};

template <typename T>
struct TypeOf<std::vector<T>> : types_internal::TypeBase<std::vector<T>> {
  static_assert(!std::same_as<T, bool>,
                "std::vector<bool> has no elements to point at: use std::vector<int8_t>");
  using Value = std::vector<T>;
  static constexpr int kFixedLength = -1;
  static constexpr bool kMayBeKey = false;
  static size_t Bound(const Value& value) {
    if constexpr (TypeOf<T>::kFixedLength > 0)
      return 4 + value.size() * static_cast<size_t>(TypeOf<T>::kFixedLength);
    size_t bound = 4;
    for (const T& element : value) bound += TypeOf<T>::Bound(element);
    return bound;
  }
  static char* Store(char* out, const Value& value) {
    out = types_internal::StoreBigEndian(out, static_cast<int32_t>(value.size()));
    for (const T& element : value)
      if ((out = TypeOf<T>::Store(out, element)) == nullptr) return nullptr;
    return out;
  }
  static void Read(ByteReader& reader, Value& value) {
    value.clear();
    for (size_t left = types_internal::ReadCount(reader); left > 0 && reader.ok(); --left)
      TypeOf<T>::Read(reader, value.emplace_back());
  }
  static constexpr TypeShape Shape() {
    return TypeShape{
        .kind = TypeKind::kList,
        .element = &TypeOf<T>::Serializer,
        .size = [](const void* v) { return static_cast<const Value*>(v)->size(); },
        .visit =
            [](const void* v, VisitFunction visit) {
              for (const T& element : *static_cast<const Value*>(v)) visit(&element, nullptr);
            },
        .clear = [](void* v) { static_cast<Value*>(v)->clear(); },
        .append = [](void* v) -> void* { return &static_cast<Value*>(v)->emplace_back(); },
    };
  }
};

// An optional as element is Java's null, which SetSerializer flags itself.
template <typename T>
struct TypeOf<std::set<T>> : types_internal::TypeBase<std::set<T>> {
  using Value = std::set<T>;
  static constexpr int kFixedLength = -1;
  static constexpr bool kMayBeKey = false;
  static size_t Bound(const Value& value) {
    size_t bound = 4;
    for (const T& element : value) bound += 1 + TypeOf<T>::Bound(element);
    return bound;
  }
  static char* Store(char* out, const Value& value) {
    out = types_internal::StoreBigEndian(out, static_cast<int32_t>(value.size()));
    for (const T& element : value) {
      if constexpr (!types_internal::kIsOptional<T>) *out++ = 0;
      if ((out = TypeOf<T>::Store(out, element)) == nullptr) return nullptr;
    }
    return out;
  }
  static void Read(ByteReader& reader, Value& value) {
    value.clear();
    for (size_t left = types_internal::ReadCount(reader); left > 0 && reader.ok(); --left) {
      if constexpr (!types_internal::kIsOptional<T>)
        if (types_internal::ReadFlag(reader)) return reader.Invalidate("null as element of a set");
      T element{};
      TypeOf<T>::Read(reader, element);
      value.insert(std::move(element));
    }
  }
  static constexpr TypeShape Shape() {
    return TypeShape{
        .kind = TypeKind::kSet,
        .element = &TypeOf<T>::Serializer,
        .size = [](const void* v) { return static_cast<const Value*>(v)->size(); },
        .visit =
            [](const void* v, VisitFunction visit) {
              for (const T& element : *static_cast<const Value*>(v)) visit(&element, nullptr);
            },
        .clear = [](void* v) { static_cast<Value*>(v)->clear(); },
        .insert = [](void* v, void* key) -> void* {
          static_cast<Value*>(v)->insert(std::move(*static_cast<T*>(key)));
          return nullptr;
        },
    };
  }
};

// An optional as mapped type is Java's null value, which MapSerializer flags itself.
template <typename K, typename V>
struct TypeOf<std::map<K, V>> : types_internal::TypeBase<std::map<K, V>> {
  using Value = std::map<K, V>;
  static constexpr int kFixedLength = -1;
  static constexpr bool kMayBeKey = false;
  static size_t Bound(const Value& value) {
    size_t bound = 4;
    for (const auto& [k, v] : value) bound += TypeOf<K>::Bound(k) + 1 + TypeOf<V>::Bound(v);
    return bound;
  }
  static char* Store(char* out, const Value& value) {
    out = types_internal::StoreBigEndian(out, static_cast<int32_t>(value.size()));
    for (const auto& [k, v] : value) {
      if ((out = TypeOf<K>::Store(out, k)) == nullptr) return nullptr;
      if constexpr (!types_internal::kIsOptional<V>) *out++ = 0;
      if ((out = TypeOf<V>::Store(out, v)) == nullptr) return nullptr;
    }
    return out;
  }
  static void Read(ByteReader& reader, Value& value) {
    value.clear();
    for (size_t left = types_internal::ReadCount(reader); left > 0 && reader.ok(); --left) {
      K key{};
      TypeOf<K>::Read(reader, key);
      if constexpr (!types_internal::kIsOptional<V>)
        if (types_internal::ReadFlag(reader)) return reader.Invalidate("null as value of a map");
      TypeOf<V>::Read(reader, value[std::move(key)]);
    }
  }
  static constexpr TypeShape Shape() {
    return TypeShape{
        .kind = TypeKind::kMap,
        .element = &TypeOf<K>::Serializer,
        .mapped = &TypeOf<V>::Serializer,
        .size = [](const void* v) { return static_cast<const Value*>(v)->size(); },
        .visit =
            [](const void* v, VisitFunction visit) {
              for (const auto& [key, mapped] : *static_cast<const Value*>(v)) visit(&key, &mapped);
            },
        .clear = [](void* v) { static_cast<Value*>(v)->clear(); },
        .insert = [](void* v, void* key) -> void* {
          return &(*static_cast<Value*>(v))[std::move(*static_cast<K*>(key))];
        },
    };
  }
};

template <typename L, typename R>
struct TypeOf<std::variant<L, R>> : types_internal::TypeBase<std::variant<L, R>> {
  using Value = std::variant<L, R>;
  static constexpr int kFixedLength = -1;
  static constexpr bool kMayBeKey = false;
  static size_t Bound(const Value& value) {
    return 1 + (IsLeft(value) ? TypeOf<L>::Bound(std::get<0>(value)) : TypeOf<R>::Bound(std::get<1>(value)));
  }
  static char* Store(char* out, const Value& value) {
    *out++ = IsLeft(value) ? 1 : 0;
    return IsLeft(value) ? TypeOf<L>::Store(out, std::get<0>(value))
                         : TypeOf<R>::Store(out, std::get<1>(value));
  }
  static void Read(ByteReader& reader, Value& value) {
    if (types_internal::ReadFlag(reader)) return TypeOf<L>::Read(reader, value.template emplace<0>());
    TypeOf<R>::Read(reader, value.template emplace<1>());
  }
  static constexpr TypeShape Shape() {
    return TypeShape{
        .kind = TypeKind::kEither,
        .element = &TypeOf<L>::Serializer,
        .mapped = &TypeOf<R>::Serializer,
        .visit =
            [](const void* v, VisitFunction visit) {
              const auto& value = *static_cast<const Value*>(v);
              IsLeft(value) ? visit(&std::get<0>(value), nullptr) : visit(nullptr, &std::get<1>(value));
            },
        .choose = [](void* v, bool is_left) -> void* {
          auto& value = *static_cast<Value*>(v);
          if (is_left) return &value.template emplace<0>();
          return &value.template emplace<1>();
        },
    };
  }

 private:
  static bool IsLeft(const Value& value) { return value.index() == 0; }
};

namespace types_internal {

inline constexpr absl::string_view kTupleNames[] = {
    "f0",  "f1",  "f2",  "f3",  "f4",  "f5",  "f6",  "f7",  "f8",  "f9",  "f10", "f11", "f12",
    "f13", "f14", "f15", "f16", "f17", "f18", "f19", "f20", "f21", "f22", "f23", "f24"};

template <typename Tuple, typename Indices, typename... Fs>
struct TupleType;
template <typename Tuple, size_t... i, typename... Fs>
struct TupleType<Tuple, std::index_sequence<i...>, Fs...> : TypeBase<Tuple> {
  static_assert(sizeof...(Fs) >= 1 && sizeof...(Fs) <= 25, "Flink's tuples have 1 to 25 fields");
  static constexpr bool kIsFixed = ((TypeOf<Fs>::kFixedLength > 0) && ...);
  static constexpr int kFixedLength = kIsFixed ? (TypeOf<Fs>::kFixedLength + ...) : -1;
  static constexpr bool kMayBeKey = (TypeOf<Fs>::kMayBeKey && ...);
  static size_t Bound(const Tuple& value) { return (TypeOf<Fs>::Bound(std::get<i>(value)) + ...); }
  static char* Store(char* out, const Tuple& value) {
    (void)(((out = TypeOf<Fs>::Store(out, std::get<i>(value))) != nullptr) && ...);
    return out;
  }
  static void Read(ByteReader& reader, Tuple& value) { (TypeOf<Fs>::Read(reader, std::get<i>(value)), ...); }
  static int32_t Hash(const Tuple& value) requires kMayBeKey {
    uint32_t hash = 0;
    ((hash = hash * 31 + static_cast<uint32_t>(TypeOf<Fs>::Hash(std::get<i>(value)))), ...);
    return static_cast<int32_t>(hash);
  }
  static constexpr FieldShape kFields[] = {
      {kTupleNames[i], &TypeOf<Fs>::Serializer,
       [](const void* v) -> const void* { return &std::get<i>(*static_cast<const Tuple*>(v)); }}...};
  static constexpr TypeShape Shape() { return TypeShape{.kind = TypeKind::kTuple, .fields = kFields}; }
};

}  // namespace types_internal

template <typename A, typename B>
struct TypeOf<std::pair<A, B>>
    : types_internal::TupleType<std::pair<A, B>, std::index_sequence_for<A, B>, A, B> {};
template <typename... Fs>
struct TypeOf<std::tuple<Fs...>>
    : types_internal::TupleType<std::tuple<Fs...>, std::index_sequence_for<Fs...>, Fs...> {};

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_CONTAINER_TYPES_H_
