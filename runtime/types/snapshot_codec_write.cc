// The writing half of SnapshotCodec.
#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "runtime/base/status.h"
#include "runtime/types/codec_node.h"
#include "runtime/types/java_string.h"
#include "runtime/types/type_of.h"

namespace weir::types_internal {
namespace {

using Kind = DynamicValue::Kind;

class Writing {
 public:
  explicit Writing(ByteWriter& writer) : writer_(writer) {}

  absl::Status Write(const CodecNode& node, const DynamicValue& value) {
    const auto write = [&](bool ok) { return ok ? absl::OkStatus() : Wrong(node); };
    switch (node.layout) {
      case ValueLayout::kOpaque:
        return UnknownValues(node);
      case ValueLayout::kNothing:
        return write(value.kind == Kind::kNull);
      case ValueLayout::kZeroByte:
        writer_.U8(0);
        return write(value.kind == Kind::kNull);
      case ValueLayout::kBoolean:
      case ValueLayout::kInteger:
      case ValueLayout::kCharacter:
      case ValueLayout::kFloating:
        return write(Number(node.layout, node.size, value));
      case ValueLayout::kText:
        return write(Text(value));
      case ValueLayout::kTextValue:
        return write(value.kind == Kind::kText && WriteStringValue(writer_, value.text));
      case ValueLayout::kSqlTimestamp:
      case ValueLayout::kInstant:
      case ValueLayout::kLocalDate:
      case ValueLayout::kLocalTime:
      case ValueLayout::kLocalDateTime:
      case ValueLayout::kTimeWindow:
        return write(Integers(IntegerParts(node.layout), value));
      case ValueLayout::kBigInteger:
        return write(BigInteger(value));
      case ValueLayout::kBigDecimal:
        if (value.kind == Kind::kNull) return write(BigInteger(value));
        return write(Has(value, Kind::kFields, 2) && value.items[0].kind == Kind::kBigInteger &&
                     BigInteger(value.items[0]) && Number(ValueLayout::kInteger, 4, value.items[1]));
      case ValueLayout::kBytes:
        if (value.kind != Kind::kBytes || !Count(value.text.size())) return Wrong(node);
        return writer_.Raw(value.text), absl::OkStatus();
      case ValueLayout::kBooleans:
        return write(Array(ValueLayout::kBoolean, node.size, value));
      case ValueLayout::kIntegers:
        return write(Array(ValueLayout::kInteger, node.size, value));
      case ValueLayout::kCharacters:
        return write(Array(ValueLayout::kCharacter, node.size, value));
      case ValueLayout::kFloatings:
        return write(Array(ValueLayout::kFloating, node.size, value));
      case ValueLayout::kTexts:
        return write(Array(ValueLayout::kText, 0, value));
      default:
        return Composite(node, value);
    }
  }

 private:
  absl::Status Composite(const CodecNode& node, const DynamicValue& value) {
    switch (node.layout) {
      case ValueLayout::kTuple:
        if (!Has(value, Kind::kList, node.children.size())) return Wrong(node);
        for (size_t i = 0; i < node.children.size(); ++i)
          WEIR_RETURN_IF_ERROR(Write(node.children[i], value.items[i]));
        return absl::OkStatus();
      case ValueLayout::kList:
        if (value.kind != Kind::kList || !Count(value.items.size())) return Wrong(node);
        for (const DynamicValue& item : value.items) WEIR_RETURN_IF_ERROR(Write(node.children[0], item));
        return absl::OkStatus();
      case ValueLayout::kSet:
      case ValueLayout::kObjectArray:
        if (value.kind != Kind::kList || !Count(value.items.size())) return Wrong(node);
        for (const DynamicValue& item : value.items)
          WEIR_RETURN_IF_ERROR(Optional(node.layout == ValueLayout::kSet, node.children[0], item));
        return absl::OkStatus();
      case ValueLayout::kLinkedList:
        if (value.kind != Kind::kList || !Count(value.items.size())) return Wrong(node);
        return Masked(node, {}, node.snapshot->outer_value != 0, value);
      case ValueLayout::kMap:
        if (value.kind != Kind::kMap || value.items.size() % 2 != 0 || !Count(value.items.size() / 2))
          return Wrong(node);
        for (size_t i = 0; i < value.items.size(); i += 2) {
          WEIR_RETURN_IF_ERROR(Write(node.children[0], value.items[i]));
          WEIR_RETURN_IF_ERROR(Optional(true, node.children[1], value.items[i + 1]));
        }
        return absl::OkStatus();
      case ValueLayout::kNullable:
        WEIR_RETURN_IF_ERROR(Optional(true, node.children[0], value));
        if (value.kind == Kind::kNull) Zeros(static_cast<size_t>(node.snapshot->outer_value));
        return absl::OkStatus();
      case ValueLayout::kEither:
      case ValueLayout::kUnion:
        return Alternative(node, value);
      case ValueLayout::kRow: {
        if (!Has(value, Kind::kRow, node.children.size())) return Wrong(node);
        if (node.snapshot->outer_value == 0) return Masked(node, {}, true, value);
        return Masked(node, {(value.integer & 1) != 0, (value.integer & 2) != 0}, true, value);
      }
      case ValueLayout::kTimer:
        if (!Has(value, Kind::kFields, 3) || value.items[0].kind != Kind::kInteger) return Wrong(node);
        writer_.U64(static_cast<uint64_t>(value.items[0].integer) ^ (uint64_t{1} << 63));
        WEIR_RETURN_IF_ERROR(Write(node.children[0], value.items[1]));
        return Write(node.children[1], value.items[2]);
      case ValueLayout::kStreamElement:
        return StreamElement(node, value);
      case ValueLayout::kBufferEntry:
        if (!Has(value, Kind::kFields, 2) || !Number(ValueLayout::kBoolean, 1, value.items[0]))
          return Wrong(node);
        return Write(node.children[0], value.items[1]);
      case ValueLayout::kSameAsNested:
        return Write(node.children[0], value);
      case ValueLayout::kPojo:
        return Pojo(node, value);
      case ValueLayout::kEnum:
        if (value.kind != Kind::kConstant || value.integer < 0 ||
            static_cast<size_t>(value.integer) >= node.snapshot->constants.size()) {
          return Wrong(node);
        }
        return writer_.I32(static_cast<int32_t>(value.integer)), absl::OkStatus();
      default:
        return Wrong(node);
    }
  }

  static std::string Name(const CodecNode& node) {
    return node.snapshot == nullptr ? "?" : DescribeSnapshot(*node.snapshot);
  }
  static absl::Status Wrong(const CodecNode& node) {
    return absl::InvalidArgumentError(absl::StrCat("not a value of ", Name(node)));
  }
  static bool Has(const DynamicValue& value, Kind kind, size_t items) {
    return value.kind == kind && value.items.size() == items;
  }
  bool Count(size_t count) {
    if (count > static_cast<size_t>(std::numeric_limits<int32_t>::max())) return false;
    writer_.I32(static_cast<int32_t>(count));
    return true;
  }

  bool Number(ValueLayout layout, int size, const DynamicValue& value) {
    switch (layout) {
      case ValueLayout::kBoolean:
        writer_.U8(static_cast<uint8_t>(value.integer & 1));
        return value.kind == Kind::kBoolean && (value.integer == 0 || value.integer == 1);
      case ValueLayout::kCharacter:
        writer_.U16(static_cast<uint16_t>(value.integer));
        return value.kind == Kind::kInteger && value.integer == static_cast<uint16_t>(value.integer);
      case ValueLayout::kFloating:
        if (size == 4) return writer_.U32(static_cast<uint32_t>(value.integer)), value.kind == Kind::kFloat;
        return writer_.I64(value.integer), value.kind == Kind::kDouble;
      default:
        break;
    }
    if (value.kind != Kind::kInteger) return false;
    const int64_t integer = value.integer;
    switch (size) {
      case 1:
        return writer_.I8(static_cast<int8_t>(integer)), integer == static_cast<int8_t>(integer);
      case 2:
        return writer_.I16(static_cast<int16_t>(integer)), integer == static_cast<int16_t>(integer);
      case 4:
        return writer_.I32(static_cast<int32_t>(integer)), integer == static_cast<int32_t>(integer);
      default:
        return writer_.I64(integer), true;
    }
  }
  bool Text(const DynamicValue& value) {
    if (value.kind == Kind::kNull) return writer_.U8(0), true;
    return value.kind == Kind::kText && TypeOf<std::string>::Write(writer_, value.text);
  }
  bool Integers(absl::Span<const IntegerPart> parts, const DynamicValue& value) {
    if (!Has(value, Kind::kFields, parts.size())) return false;
    for (size_t i = 0; i < parts.size(); ++i)
      if (!Number(ValueLayout::kInteger, parts[i].size, value.items[i])) return false;
    return true;
  }
  bool BigInteger(const DynamicValue& value) {
    if (value.kind == Kind::kNull) return writer_.I32(0), true;
    if (value.kind != Kind::kBigInteger || !IsMinimal(value.text)) return false;
    if (value.text.size() == 1) {
      const char only = value.text[0];
      if (only == 0 || only == 1 || only == 10) return writer_.I32(only == 0 ? 1 : only == 1 ? 2 : 3), true;
    }
    writer_.I32(static_cast<int32_t>(value.text.size() + 4));
    writer_.Raw(value.text);
    return true;
  }
  bool Array(ValueLayout element, int size, const DynamicValue& value) {
    if (value.kind != Kind::kList || !Count(value.items.size())) return false;
    for (const DynamicValue& item : value.items)
      if (!(element == ValueLayout::kText ? Text(item) : Number(element, size, item))) return false;
    return true;
  }

  // What a flag calls present: the null within "present", or the value itself.
  static const DynamicValue& Present(const DynamicValue& value) {
    const bool is_wrapped =
        Has(value, Kind::kTagged, 1) && value.text == kPresent && value.items[0].kind == Kind::kNull;
    return is_wrapped ? value.items[0] : value;
  }
  absl::Status Optional(bool null_flag, const CodecNode& child, const DynamicValue& value) {
    const bool is_null = value.kind == Kind::kNull;
    writer_.Bool(is_null == null_flag);
    return is_null ? absl::OkStatus() : Write(child, Present(value));
  }
  // A mask, `head` and then a bit for each null, and the items that are none.
  char* Zeros(size_t size) { return std::fill_n(writer_.Grow(size), size, '\0') - size; }

  absl::Status Masked(const CodecNode& node, std::vector<bool> head, bool has_mask,
                      const DynamicValue& value) {
    for (const DynamicValue& item : value.items) {
      head.push_back(item.kind == Kind::kNull);
      if (!has_mask && head.back()) return Wrong(node);
    }
    if (has_mask) {
      char* bytes = Zeros((head.size() + 7) / 8);
      for (size_t i = 0; i < head.size(); ++i)
        if (head[i]) bytes[i / 8] = static_cast<char>(bytes[i / 8] | 0x80 >> i % 8);
    }
    for (size_t i = 0; i < value.items.size(); ++i) {
      if (value.items[i].kind == Kind::kNull) continue;
      const CodecNode& child = node.children[node.layout == ValueLayout::kRow ? i : 0];
      WEIR_RETURN_IF_ERROR(Write(child, Present(value.items[i])));
    }
    return absl::OkStatus();
  }

  absl::Status Alternative(const CodecNode& node, const DynamicValue& value) {
    const bool is_either = node.layout == ValueLayout::kEither;
    const bool is_first = value.text == (is_either ? "left" : "one");
    if (!Has(value, Kind::kTagged, 1) || (!is_first && value.text != (is_either ? "right" : "two")))
      return Wrong(node);
    writer_.U8(is_either ? (is_first ? 1 : 0) : (is_first ? 1 : 2));
    return Write(node.children[is_first ? 0 : 1], value.items[0]);
  }

  absl::Status StreamElement(const CodecNode& node, const DynamicValue& value) {
    constexpr size_t kItems[] = {2, 1, 1, 4, 1};
    for (size_t tag = 0; tag < std::size(kStreamElements); ++tag) {
      if (value.text != kStreamElements[tag] || !Has(value, Kind::kTagged, kItems[tag])) continue;
      writer_.U8(static_cast<uint8_t>(tag));
      for (size_t i = 0; i < value.items.size(); ++i) {
        if (tag <= 1 && i + 1 == value.items.size()) return Write(node.children[0], value.items[i]);
        const int size = tag == 4 || i == 3 ? 4 : 8;
        if (!Number(ValueLayout::kInteger, size, value.items[i])) return Wrong(node);
      }
      return absl::OkStatus();
    }
    return Wrong(node);
  }

  absl::Status Pojo(const CodecNode& node, const DynamicValue& value) {
    const SerializerSnapshot& snapshot = *node.snapshot;
    if (value.kind == Kind::kNull) return writer_.U8(1), absl::OkStatus();
    if (Has(value, Kind::kFields, node.children.size())) {
      writer_.U8(2);
      for (size_t i = 0; i < node.children.size(); ++i)
        WEIR_RETURN_IF_ERROR(
            WithContext(Optional(true, node.children[i], value.items[i]), snapshot.fields[i].name));
      return absl::OkStatus();
    }
    if (!Has(value, Kind::kTagged, 1)) return Wrong(node);
    const size_t registered = snapshot.registered_subclasses.size();
    if (value.integer >= 0 && static_cast<size_t>(value.integer) < registered) {
      writer_.U8(8);
      writer_.U8(static_cast<uint8_t>(value.integer));
      return Write(node.subclasses[static_cast<size_t>(value.integer)], value.items[0]);
    }
    for (size_t i = 0; i < snapshot.other_subclasses.size(); ++i) {
      if (snapshot.other_subclasses[i].name != value.text) continue;
      writer_.U8(4);
      if (!WriteUtf(writer_, value.text)) break;
      return Write(node.subclasses[registered + i], value.items[0]);
    }
    return Wrong(node);
  }

  ByteWriter& writer_;
};

}  // namespace

absl::Status WriteDynamic(const CodecNode& node, const DynamicValue& value, ByteWriter& writer) {
  return Writing(writer).Write(node, value);
}

}  // namespace weir::types_internal
