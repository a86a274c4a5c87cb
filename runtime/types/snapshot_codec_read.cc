// The reading half of SnapshotCodec.
#include "absl/strings/str_cat.h"
#include "runtime/types/codec_node.h"
#include "runtime/types/java_string.h"
#include "runtime/types/serializer_of.h"

namespace weir::types_internal {
namespace {

using Kind = DynamicValue::Kind;

class Reading {
 public:
  Reading(ByteReader& reader, absl::Status* error) : reader_(reader), error_(error) {}

  // `value` is null to skip.
  bool Read(const CodecNode& node, DynamicValue* value) {
    switch (node.layout) {
      case ValueLayout::kOpaque:
        return Unknown(node);
      case ValueLayout::kNothing:
        return Put(value, Kind::kNull, 0);
      case ValueLayout::kZeroByte:
        if (reader_.U8() != 0) reader_.Invalidate("a byte that must be 0");
        return Put(value, Kind::kNull, 0);
      case ValueLayout::kBoolean:
        return Put(value, Kind::kBoolean, ReadFlag(reader_) ? 1 : 0);
      case ValueLayout::kInteger:
        return Put(value, Kind::kInteger, Integer(node.size));
      case ValueLayout::kCharacter:
        return Put(value, Kind::kInteger, reader_.U16());
      case ValueLayout::kFloating:
        return Floating(node.size, value);
      case ValueLayout::kText:
        return Text(value);
      case ValueLayout::kTextValue: {
        std::string text;
        ReadStringValue(reader_, text);
        return PutText(value, Kind::kText, std::move(text));
      }
      case ValueLayout::kSqlTimestamp:
      case ValueLayout::kInstant:
      case ValueLayout::kLocalDate:
      case ValueLayout::kLocalTime:
      case ValueLayout::kLocalDateTime:
      case ValueLayout::kTimeWindow:
        return Integers(node.layout, value);
      case ValueLayout::kBigInteger:
        return BigInteger(value);
      case ValueLayout::kBigDecimal:
        return BigDecimal(value);
      case ValueLayout::kBytes:
        return Bytes(value);
      case ValueLayout::kBooleans:
      case ValueLayout::kIntegers:
      case ValueLayout::kCharacters:
      case ValueLayout::kFloatings:
      case ValueLayout::kTexts:
        return Array(node, value);
      default:
        return Composite(node, value);
    }
  }

 private:
  bool Composite(const CodecNode& node, DynamicValue* value) {
    switch (node.layout) {
      case ValueLayout::kTuple:
        Put(value, Kind::kList, 0);
        for (const CodecNode& child : node.children)
          if (!Read(child, Item(value))) return false;
        return reader_.ok();
      case ValueLayout::kList:
        return Elements(node, value,
                        [&](const CodecNode& child, DynamicValue* item) { return Read(child, item); });
      case ValueLayout::kSet:
        return Elements(node, value, [&](const CodecNode& child, DynamicValue* item) {
          return Optional(ReadFlag(reader_), child, item);
        });
      case ValueLayout::kObjectArray:
        return Elements(node, value, [&](const CodecNode& child, DynamicValue* item) {
          return Optional(!ReadFlag(reader_), child, item);
        });
      case ValueLayout::kLinkedList:
        return LinkedList(node, value);
      case ValueLayout::kMap:
        return Map(node, value);
      case ValueLayout::kNullable: {
        const bool is_null = ReadFlag(reader_);
        if (is_null) {
          for (const char c : reader_.Raw(static_cast<size_t>(node.snapshot->outer_value)))
            if (c != 0) reader_.Invalidate("padding that is not 0");
        }
        return Optional(is_null, node.children[0], value);
      }
      case ValueLayout::kEither: {
        const bool is_left = ReadFlag(reader_);
        return Tagged(value, is_left ? "left" : "right", 0) &&
               Read(node.children[is_left ? 0 : 1], Item(value));
      }
      case ValueLayout::kUnion: {
        const uint8_t tag = reader_.U8();
        if (tag != 1 && tag != 2) return Fail("a union that is neither one nor two");
        return Tagged(value, tag == 1 ? "one" : "two", 0) && Read(node.children[tag - 1u], Item(value));
      }
      case ValueLayout::kRow:
        return Row(node, value);
      case ValueLayout::kTimer:
        Put(value, Kind::kFields, 0);
        PutInteger(Field(value, "timestamp"), static_cast<int64_t>(reader_.U64() ^ (uint64_t{1} << 63)));
        return Read(node.children[0], Field(value, "key")) &&
               Read(node.children[1], Field(value, "namespace"));
      case ValueLayout::kStreamElement:
        return StreamElement(node, value);
      case ValueLayout::kBufferEntry:
        Put(value, Kind::kFields, 0);
        Put(Field(value, "hasBeenJoined"), Kind::kBoolean, ReadFlag(reader_) ? 1 : 0);
        return Read(node.children[0], Field(value, "element"));
      case ValueLayout::kSameAsNested:
        return Read(node.children[0], value);
      case ValueLayout::kPojo:
        return Pojo(node, value);
      case ValueLayout::kEnum: {
        const uint32_t index = reader_.U32();
        if (index >= node.snapshot->constants.size()) return Fail("an index without constant in an enum");
        if (value != nullptr) value->text = node.snapshot->constants[index];
        return Put(value, Kind::kConstant, index);
      }
      default:
        return Unknown(node);
    }
  }

  bool Fail(absl::string_view what) {
    reader_.Invalidate(what);
    return false;
  }
  bool Unknown(const CodecNode& node) {
    *error_ = UnknownValues(node);
    return false;
  }
  bool Put(DynamicValue* value, Kind kind, int64_t integer) const {
    if (value != nullptr) {
      value->kind = kind;
      value->integer = integer;
    }
    return reader_.ok();
  }
  bool PutInteger(DynamicValue* value, int64_t integer) const { return Put(value, Kind::kInteger, integer); }
  bool PutText(DynamicValue* value, Kind kind, std::string text) const {
    if (value != nullptr) value->text = std::move(text);
    return Put(value, kind, 0);
  }
  bool Tagged(DynamicValue* value, absl::string_view tag, int64_t number) const {
    if (value != nullptr) value->text = std::string(tag);
    return Put(value, Kind::kTagged, number);
  }
  static DynamicValue* Item(DynamicValue* value) {
    return value == nullptr ? nullptr : &value->items.emplace_back();
  }
  static DynamicValue* Field(DynamicValue* value, absl::string_view name) {
    if (value != nullptr) value->names.emplace_back(name);
    return Item(value);
  }

  // At least one byte for each element is a bound that only lists of NullValue could break.
  size_t Count(size_t smallest) {
    const size_t count = ReadCount(reader_);
    if (count > reader_.remaining() / smallest)
      reader_.Invalidate("an element count beyond the end of the data");
    return reader_.ok() ? count : 0;
  }

  int64_t Integer(int size) {
    switch (size) {
      case 1:
        return reader_.I8();
      case 2:
        return reader_.I16();
      case 4:
        return reader_.I32();
      default:
        return reader_.I64();
    }
  }
  bool Floating(int size, DynamicValue* value) {
    if (size == 4) return Put(value, Kind::kFloat, reader_.U32());
    return Put(value, Kind::kDouble, reader_.I64());
  }
  bool Integers(ValueLayout layout, DynamicValue* value) {
    Put(value, Kind::kFields, 0);
    for (const IntegerPart& part : IntegerParts(layout))
      PutInteger(Field(value, part.name), Integer(part.size));
    return reader_.ok();
  }
  bool Text(DynamicValue* value) {
    if (!reader_.Rest().empty() && reader_.Rest()[0] == 0) return reader_.U8(), Put(value, Kind::kNull, 0);
    std::string text;
    ReadFlinkString(reader_, text);
    return PutText(value, Kind::kText, std::move(text));
  }

  bool BigInteger(DynamicValue* value) {
    constexpr absl::string_view kCommon[] = {absl::string_view("\0", 1), "\x01", "\x0A"};
    const int32_t size = reader_.I32();
    if (size < 0 || size == 4) return Fail("the size of a big integer");
    if (size == 0) return Put(value, Kind::kNull, 0);
    if (size < 4) return PutText(value, Kind::kBigInteger, std::string(kCommon[size - 1]));
    const absl::string_view bytes = reader_.Raw(static_cast<size_t>(size) - 4);
    if (!reader_.ok()) return false;
    if (!IsMinimal(bytes) || bytes == kCommon[0] || bytes == kCommon[1] || bytes == kCommon[2])
      return Fail("a big integer longer than needed");
    return PutText(value, Kind::kBigInteger, std::string(bytes));
  }
  bool BigDecimal(DynamicValue* value) {
    DynamicValue unscaled;
    if (!BigInteger(&unscaled)) return false;
    if (unscaled.kind == Kind::kNull) return Put(value, Kind::kNull, 0);
    Put(value, Kind::kFields, 0);
    if (DynamicValue* field = Field(value, "unscaled"); field != nullptr) *field = std::move(unscaled);
    return PutInteger(Field(value, "scale"), reader_.I32());
  }
  bool Bytes(DynamicValue* value) {
    const absl::string_view bytes = reader_.Raw(Count(1));
    return value == nullptr ? reader_.ok() : PutText(value, Kind::kBytes, std::string(bytes));
  }
  bool Array(const CodecNode& node, DynamicValue* value) {
    Put(value, Kind::kList, 0);
    for (size_t left = Count(node.size > 0 ? static_cast<size_t>(node.size) : 1); left > 0; --left) {
      DynamicValue* item = Item(value);
      switch (node.layout) {
        case ValueLayout::kBooleans:
          Put(item, Kind::kBoolean, ReadFlag(reader_) ? 1 : 0);
          break;
        case ValueLayout::kIntegers:
          PutInteger(item, Integer(node.size));
          break;
        case ValueLayout::kCharacters:
          PutInteger(item, reader_.U16());
          break;
        case ValueLayout::kFloatings:
          Floating(node.size, item);
          break;
        default:
          Text(item);
      }
      if (!reader_.ok()) return false;
    }
    return reader_.ok();
  }

  template <typename ReadElement>
  bool Elements(const CodecNode& node, DynamicValue* value, ReadElement read) {
    Put(value, Kind::kList, 0);
    for (size_t left = Count(1); left > 0; --left)
      if (!read(node.children[0], Item(value))) return false;
    return reader_.ok();
  }
  bool Map(const CodecNode& node, DynamicValue* value) {
    Put(value, Kind::kMap, 0);
    for (size_t left = Count(1); left > 0; --left) {
      if (!Read(node.children[0], Item(value))) return false;
      if (!Optional(ReadFlag(reader_), node.children[1], Item(value))) return false;
    }
    return reader_.ok();
  }
  // A value behind a flag. What is there and yet null keeps its own null apart from the flag's.
  bool Optional(bool is_null, const CodecNode& child, DynamicValue* value) {
    if (!reader_.ok()) return false;
    if (is_null) return Put(value, Kind::kNull, 0);
    if (!Read(child, value)) return false;
    if (value == nullptr || value->kind != Kind::kNull) return true;
    Item(value);
    return Tagged(value, kPresent, 0);
  }

  // A mask of `count` bits, the first one on top; what fills the last byte is 0.
  std::vector<bool> Mask(size_t count) {
    std::vector<bool> mask;
    const absl::string_view bytes = reader_.Raw((count + 7) / 8);
    if (!reader_.ok()) return mask;
    for (size_t i = 0; i < bytes.size() * 8; ++i) {
      const bool bit = (static_cast<uint8_t>(bytes[i / 8]) >> (7 - i % 8) & 1) != 0;
      if (i < count) mask.push_back(bit);
      if (i >= count && bit) reader_.Invalidate("a mask with bits of no field");
    }
    return mask;
  }
  bool Row(const CodecNode& node, DynamicValue* value) {
    const size_t offset = node.snapshot->outer_value != 0 ? 2 : 0;
    const std::vector<bool> mask = Mask(node.children.size() + offset);
    if (!reader_.ok()) return false;
    Put(value, Kind::kRow, offset == 0 ? 0 : (mask[0] ? 1 : 0) + (mask[1] ? 2 : 0));
    for (size_t i = 0; i < node.children.size(); ++i)
      if (!Optional(mask[i + offset], node.children[i], Item(value))) return false;
    return true;
  }
  bool LinkedList(const CodecNode& node, DynamicValue* value) {
    Put(value, Kind::kList, 0);
    const int32_t count = reader_.I32();
    if (count < 0 || static_cast<size_t>(count) > reader_.remaining() * 8)
      return Fail("an element count beyond the end of the data");
    const bool has_mask = node.snapshot->outer_value != 0;
    std::vector<bool> mask(has_mask ? 0 : static_cast<size_t>(count));
    if (has_mask) mask = Mask(static_cast<size_t>(count));
    for (size_t i = 0; i < mask.size(); ++i)
      if (!Optional(mask[i], node.children[0], Item(value))) return false;
    return reader_.ok();
  }

  bool StreamElement(const CodecNode& node, DynamicValue* value) {
    const uint8_t tag = reader_.U8();
    if (tag >= std::size(kStreamElements)) return Fail("an unknown kind of stream element");
    if (!Tagged(value, kStreamElements[tag], 0)) return false;
    switch (tag) {
      case 0:
        PutInteger(Item(value), reader_.I64());
        return Read(node.children[0], Item(value));
      case 1:
        return Read(node.children[0], Item(value));
      case 2:
        return PutInteger(Item(value), reader_.I64());
      case 3:  // when, operator id (two longs), subtask
        for (int i = 0; i < 3; ++i) PutInteger(Item(value), reader_.I64());
        return PutInteger(Item(value), reader_.I32());
      default:
        return PutInteger(Item(value), reader_.I32());
    }
  }

  bool Pojo(const CodecNode& node, DynamicValue* value) {
    const SerializerSnapshot& snapshot = *node.snapshot;
    const size_t registered = snapshot.registered_subclasses.size();
    switch (reader_.U8()) {
      case 1:
        return Put(value, Kind::kNull, 0);
      case 2:
        Put(value, Kind::kFields, 0);
        for (size_t i = 0; i < node.children.size(); ++i)
          if (!Optional(ReadFlag(reader_), node.children[i], Field(value, snapshot.fields[i].name)))
            return false;
        return reader_.ok();
      case 4: {
        const std::string name = ReadUtf(reader_);
        if (!reader_.ok()) return false;
        for (size_t i = 0; i < snapshot.other_subclasses.size(); ++i) {
          if (snapshot.other_subclasses[i].name != name) continue;
          return Tagged(value, name, -1) && Read(node.subclasses[registered + i], Item(value));
        }
        *error_ =
            absl::UnimplementedError(absl::StrCat("values of ", name, ", a subclass of ", snapshot.type_name,
                                                  " that is not in its snapshot, are not understood"));
        return false;
      }
      case 8: {
        const size_t tag = reader_.U8();
        if (!reader_.ok() || tag >= registered) return Fail("a subclass that is not registered");
        return Tagged(value, snapshot.registered_subclasses[tag].name, static_cast<int64_t>(tag)) &&
               Read(node.subclasses[tag], Item(value));
      }
      default:
        return Fail("the flags of a POJO");
    }
  }

  ByteReader& reader_;
  absl::Status* error_;
};

}  // namespace

bool ReadDynamic(const CodecNode& node, ByteReader& reader, DynamicValue* value, absl::Status* error) {
  return Reading(reader, error).Read(node, value) && reader.ok();
}

}  // namespace weir::types_internal
