// Licensed under the Apache License, Version 2.0.
//
// DynamicValue: a value whose type is known only from a serializer snapshot, as a tree.
// snapshot_codec.h makes one from bytes and bytes from it; everything that the bytes say is kept, so
// that the way there and back gives the same bytes.
#ifndef WEIR_RUNTIME_TYPES_DYNAMIC_VALUE_H_
#define WEIR_RUNTIME_TYPES_DYNAMIC_VALUE_H_

#include <cstdint>
#include <string>
#include <vector>

namespace weir {

struct DynamicValue {
  enum class Kind : uint8_t {
    kNull,
    kBoolean,     // integer: 0 or 1
    kInteger,     // integer; also a UTF-16 unit, or milliseconds since 1970
    kFloat,       // integer: the 32 IEEE bits
    kDouble,      // integer: the 64 IEEE bits
    kText,        // text, UTF-8 (java_string.h)
    kBytes,       // text
    kBigInteger,  // text: two's complement, big-endian, as short as possible
    kConstant,    // of an enum; integer: its index, text: its name
    kList,        // items; also of arrays, sets and tuples
    kMap,         // items: key, value, key, value, ...
    kFields,      // items, named by `names`
    kRow,         // items; integer: the row kind
    kTagged,      // text: which of several; items. "left", "one", "record", the class of a subclass
                  // (integer: the number it is registered under, or -1), and "present" around a null
                  // that stands where a null flag says there is a value
  };
  Kind kind = Kind::kNull;
  int64_t integer = 0;
  std::string text;
  std::vector<DynamicValue> items;
  std::vector<std::string> names;

  bool operator==(const DynamicValue&) const = default;
};

// As JSON, for people: bytes are base64, big integers decimal, constants their names, tagged values
// an object with one member.
std::string ToJson(const DynamicValue& value);

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_DYNAMIC_VALUE_H_
