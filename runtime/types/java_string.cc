#include "runtime/types/java_string.h"

#include <limits>

namespace weir {
namespace {

constexpr bool IsHigh(uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
constexpr bool IsLow(uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

// Every byte below 0x80: names nearly always are, and need no decoding. NUL is.
bool IsAscii(absl::string_view text) {
  uint64_t seen = 0;
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    seen |= word;
  }
  for (; i < text.size(); ++i) seen |= static_cast<uint8_t>(text[i]);
  return (seen & 0x8080808080808080ull) == 0;
}

// The same without NUL. In a word of bytes below 0x80, subtracting one from each sets a high bit only if one was zero.
bool IsPlain(absl::string_view text) {
  constexpr uint64_t kOnes = 0x0101010101010101ull;
  uint64_t seen = 0;
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    seen |= word | (word - kOnes);
  }
  for (; i < text.size(); ++i) {
    const uint64_t byte = static_cast<uint8_t>(text[i]);
    seen |= byte | (byte - 1);
  }
  return (seen & 0x8080808080808080ull) == 0;
}

constexpr uint32_t kBad = 0xFFFFFFFF;
constexpr size_t kTextMost =
    std::numeric_limits<int32_t>::max() / 4;  // what one Java array can hold, with room

// One code point of UTF-8 at *at, surrogates included; kBad (and *at unchanged) for anything that
// is none.
uint32_t NextCodePoint(absl::string_view text, size_t* at) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(text[i])); };
  const uint32_t first = byte(*at);
  if (first < 0x80) return ++*at, first;
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || *at + length > text.size()) return kBad;
  uint32_t code = first & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(*at + i) & 0xC0) != 0x80) return kBad;
    code = code << 6 | (byte(*at + i) & 0x3F);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[length] || code > 0x10FFFF) return kBad;
  *at += length;
  return code;
}

// Calls `unit` for every UTF-16 unit of `utf8`; false if it is not text. `lenient`: bad bytes
// become units instead.
template <typename Unit>
bool ForEachUnit(absl::string_view utf8, bool lenient, Unit unit) {
  bool after_high = false;  // the unit before was a high surrogate in its own three bytes
  for (size_t at = 0; at < utf8.size();) {
    const uint32_t code = NextCodePoint(utf8, &at);
    if (code == kBad || (after_high && IsLow(code))) {
      if (!lenient) return false;
      if (code == kBad) {
        unit(static_cast<char16_t>(static_cast<uint8_t>(utf8[at++])));
        after_high = false;
        continue;
      }
    }
    after_high = IsHigh(code);
    if (code < 0x10000) {
      unit(static_cast<char16_t>(code));
    } else {
      unit(static_cast<char16_t>(0xD800 + ((code - 0x10000) >> 10)));
      unit(static_cast<char16_t>(0xDC00 + ((code - 0x10000) & 0x3FF)));
    }
  }
  return true;
}

void AppendCodePoint(uint32_t code, std::string* utf8) {
  const auto put = [utf8](uint32_t byte) { utf8->push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) return put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
  if (code < 0x10000) {
    return put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  }
  put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F));
  put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
}

// Joins UTF-16 units into UTF-8 as they come.
class UnitJoiner {
 public:
  explicit UnitJoiner(std::string* utf8) : utf8_(utf8) {}
  void Add(uint32_t unit) {
    if (high_ != 0 && IsLow(unit)) {
      AppendCodePoint(0x10000 + ((high_ - 0xD800) << 10) + (unit - 0xDC00), utf8_);
      high_ = 0;
      return;
    }
    Flush();
    if (IsHigh(unit)) {
      high_ = unit;
    } else {
      AppendCodePoint(unit, utf8_);
    }
  }
  void Flush() {
    if (high_ != 0) AppendCodePoint(high_, utf8_);
    high_ = 0;
  }

 private:
  std::string* utf8_;
  uint32_t high_ = 0;
};

char* StoreVarint(char* out, uint32_t value) {
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}

// At most `limit`, in at most five bytes; anything else fails the reader.
uint32_t ReadVarint(ByteReader& reader, uint32_t limit) {
  uint64_t value = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    const uint8_t byte = reader.U8();
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) != 0) continue;
    if (value > limit || (byte == 0 && shift > 0)) break;  // Java writes no number longer than needed
    return static_cast<uint32_t>(value);
  }
  reader.Invalidate("a string with an impossible number");
  return 0;
}

// `count` units into `utf8`, which is empty.
void ReadUnits(ByteReader& reader, size_t count, std::string& utf8) {
  if (count > reader.remaining()) return reader.Invalidate("a string beyond the end of the data");
  // An ASCII unit is one byte with its value.
  if (IsAscii(reader.Rest().substr(0, count))) {
    utf8 = std::string(reader.Raw(count));
    return;
  }
  utf8.reserve(count);
  UnitJoiner joiner(&utf8);
  for (; count > 0 && reader.ok(); --count) joiner.Add(ReadVarint(reader, 0xFFFF));
  joiner.Flush();
}

}  // namespace

bool IsText(absl::string_view text) {
  return ForEachUnit(text, false, [](char16_t) {});
}

bool Utf8ToUtf16(absl::string_view utf8, std::u16string* units) {
  units->clear();
  return ForEachUnit(utf8, false, [units](char16_t unit) { units->push_back(unit); });
}

void AppendUtf8(std::u16string_view units, std::string* utf8) {
  UnitJoiner joiner(utf8);
  for (const char16_t unit : units) joiner.Add(unit);
  joiner.Flush();
}

int32_t JavaStringHash(absl::string_view utf8) {
  uint32_t hash = 0;
  ForEachUnit(utf8, true, [&hash](char16_t unit) { hash = hash * 31 + unit; });
  return static_cast<int32_t>(hash);
}

bool WriteUtf(ByteWriter& writer, absl::string_view utf8) {
  if (IsPlain(utf8) && utf8.size() <= std::numeric_limits<uint16_t>::max()) {
    writer.U16(static_cast<uint16_t>(utf8.size()));
    writer.Raw(utf8);
    return true;
  }
  std::string modified;
  modified.reserve(utf8.size());
  // Java encodes each unit by itself, and NUL as two bytes so that no zero byte occurs.
  const bool is_text = ForEachUnit(utf8, false, [&modified](char16_t unit) {
    if (unit == 0) {
      modified.append("\xC0\x80", 2);
    } else {
      AppendCodePoint(unit, &modified);
    }
  });
  if (!is_text || modified.size() > std::numeric_limits<uint16_t>::max()) return false;
  writer.U16(static_cast<uint16_t>(modified.size()));
  writer.Raw(modified);
  return true;
}

std::string ReadUtf(ByteReader& reader) {
  const size_t size = reader.U16();
  absl::string_view bytes = reader.Raw(size);
  if (IsPlain(bytes)) return std::string(bytes);
  std::string utf8;
  utf8.reserve(bytes.size());
  UnitJoiner joiner(&utf8);
  for (size_t at = 0; at < bytes.size();) {
    if (bytes.substr(at, 2) == absl::string_view("\xC0\x80", 2)) {
      joiner.Add(0);
      at += 2;
      continue;
    }
    const uint32_t unit = NextCodePoint(bytes, &at);
    if (unit == 0 || unit > 0xFFFF) {  // kBad among them
      reader.Invalidate("text that is not modified UTF-8");
      return std::string();
    }
    joiner.Add(unit);
  }
  joiner.Flush();
  return utf8;
}

char* StoreFlinkStringSlow(char* out, absl::string_view utf8) {
  if (utf8.size() > kTextMost) return nullptr;
  if (IsAscii(utf8)) {
    out = StoreVarint(out, static_cast<uint32_t>(utf8.size() + 1));
    std::memcpy(out, utf8.data(), utf8.size());
    return out + utf8.size();
  }
  uint32_t units = 0;
  if (!ForEachUnit(utf8, false, [&units](char16_t) { ++units; })) return nullptr;
  out = StoreVarint(out, units + 1);
  ForEachUnit(utf8, false, [&out](char16_t unit) { out = StoreVarint(out, unit); });
  return out;
}

void ReadFlinkStringSlow(ByteReader& reader, std::string& utf8) {
  utf8.clear();
  const uint32_t count = ReadVarint(reader, std::numeric_limits<int32_t>::max());
  if (!reader.ok()) return;
  if (count == 0) return reader.Invalidate("null instead of a string");
  ReadUnits(reader, count - 1, utf8);
}

bool WriteStringValue(ByteWriter& writer, absl::string_view utf8) {
  std::u16string units;
  if (utf8.size() > kTextMost || !Utf8ToUtf16(utf8, &units)) return false;
  char varint[5];
  const auto append = [&](uint32_t value) {
    writer.Raw(absl::string_view(varint, static_cast<size_t>(StoreVarint(varint, value) - varint)));
  };
  append(static_cast<uint32_t>(units.size()));
  for (const char16_t unit : units) append(unit);
  return true;
}

void ReadStringValue(ByteReader& reader, std::string& utf8) {
  utf8.clear();
  const uint32_t count = ReadVarint(reader, std::numeric_limits<int32_t>::max());
  if (reader.ok()) ReadUnits(reader, count, utf8);
}

}  // namespace weir
