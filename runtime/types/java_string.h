// Licensed under the Apache License, Version 2.0.
//
// Text between C++ and Java. A std::string is UTF-8 here; Java sees UTF-16 code units. A surrogate
// that has no partner travels as WTF-8 (its three-byte form) in both directions, so every Java
// string survives; any other byte sequence that is not UTF-8 is refused, and so is a surrogate
// *pair* spelled as two three-byte forms, which has two readings.
#ifndef WEIR_RUNTIME_TYPES_JAVA_STRING_H_
#define WEIR_RUNTIME_TYPES_JAVA_STRING_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "runtime/base/codec.h"

namespace weir {

// True if `text` is UTF-8 (or WTF-8 as above) throughout.
bool IsText(absl::string_view text);

// UTF-16 code units of `utf8`. False, and *units unspecified, if it is not text.
bool Utf8ToUtf16(absl::string_view utf8, std::u16string* units);
// Appends the UTF-8 of `units` to *utf8; lone surrogates become WTF-8. Cannot fail.
void AppendUtf8(std::u16string_view units, std::string* utf8);

// Java's String.hashCode(): 31-polynomial over the UTF-16 units. Bytes that are not text count as
// units of their own, so that the function is total.
int32_t JavaStringHash(absl::string_view utf8);

// DataOutput.writeUTF: u16 length and modified UTF-8. False, and nothing appended, if `utf8` is not
// text or needs more than 65535 bytes.
[[nodiscard]] bool WriteUtf(ByteWriter& writer, absl::string_view utf8);
// DataInput.readUTF. Bad bytes invalidate the reader and give "".
std::string ReadUtf(ByteReader& reader);

// Flink's StringValue encoding, the bytes of StringSerializer: varint(units + 1), then each unit as
// a varint. StoreFlinkString writes at `out` and returns where it ended, or null if `utf8` is not
// text; it needs at most FlinkStringBound(utf8) bytes there.
constexpr size_t FlinkStringBound(absl::string_view utf8) { return 5 + utf8.size() + utf8.size() / 2 + 1; }
char* StoreFlinkStringSlow(char* out, absl::string_view utf8);
void ReadFlinkStringSlow(ByteReader& reader, std::string& utf8);

inline char* StoreFlinkString(char* out, absl::string_view utf8) {
  const size_t size = utf8.size();
  if (size >= 127) return StoreFlinkStringSlow(out, utf8);
  // Short and ASCII, the common case: one byte of length and the bytes themselves.
  const char* in = utf8.data();
  char* const begin = out;
  *out++ = static_cast<char>(size + 1);
  uint64_t seen = 0;
  size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, in + i, 8);
    std::memcpy(out + i, &word, 8);
    seen |= word;
  }
  for (; i < size; ++i) {
    out[i] = in[i];
    seen |= static_cast<uint8_t>(in[i]);
  }
  if ((seen & 0x8080808080808080ull) != 0) return StoreFlinkStringSlow(begin, utf8);
  return out + size;
}

inline void ReadFlinkString(ByteReader& reader, std::string& utf8) {
  const absl::string_view rest = reader.Rest();
  if (!rest.empty()) {
    const size_t first = static_cast<uint8_t>(rest[0]);
    if (first != 0 && first < 128 && first <= rest.size()) {
      const char* in = rest.data() + 1;
      const size_t size = first - 1;
      uint64_t seen = 0;
      size_t i = 0;
      for (; i + 8 <= size; i += 8) {
        uint64_t word = 0;
        std::memcpy(&word, in + i, 8);
        seen |= word;
      }
      for (; i < size; ++i) seen |= static_cast<uint8_t>(in[i]);
      if ((seen & 0x8080808080808080ull) == 0) {
        utf8.assign(in, size);
        (void)reader.Raw(first);
        return;
      }
    }
  }
  ReadFlinkStringSlow(reader, utf8);
}

// The bytes of StringValueSerializer: the same, but the count is not plus one. False, and nothing
// appended, if `utf8` is not text.
[[nodiscard]] bool WriteStringValue(ByteWriter& writer, absl::string_view utf8);
void ReadStringValue(ByteReader& reader, std::string& utf8);

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_JAVA_STRING_H_
