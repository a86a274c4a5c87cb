#include <catch2/catch.hpp>
#include <string>

#include "runtime/base/codec.h"

namespace weir {
namespace {

// Bytes that differ from their neighbours.
std::string Text(size_t size) {
  std::string text;
  while (text.size() < size) text.push_back(static_cast<char>(text.size() % 251));
  return text;
}

}  // namespace

TEST_CASE("byte writer: keeps what was written when it outgrows its own room", "[types]") {
  for (const size_t size : {0, 1, 127, 128, 129, 1000}) {
    ByteWriter writer;
    for (const char byte : Text(size)) writer.U8(static_cast<uint8_t>(byte));
    CHECK(writer.bytes() == Text(size));
    writer.Raw(Text(300));
    CHECK(writer.bytes() == Text(size) + Text(300));
  }
}

TEST_CASE("byte writer: is empty and of use again when its bytes were taken", "[types]") {
  for (const size_t size : {5, 500}) {
    ByteWriter writer;
    writer.Raw(Text(size));
    CHECK(writer.Take() == Text(size));
    CHECK(writer.size() == 0);
    writer.Raw(Text(200));
    CHECK(writer.Take() == Text(200));
  }
}

TEST_CASE("byte writer: goes on behind what was cut off, and patches what is left", "[types]") {
  ByteWriter writer;
  writer.U32(0);
  writer.Raw(Text(400));
  writer.Truncate(6);
  writer.U16(0x0708);
  writer.PatchU32(0, 0x01020304);
  writer.PatchU8(5, 0x06);
  CHECK(writer.bytes() == absl::string_view("\1\2\3\4\0\6\7\10", 8));
  writer.Clear();
  writer.U64(1);
  CHECK(writer.bytes() == absl::string_view("\0\0\0\0\0\0\0\1", 8));
}

TEST_CASE("byte writer: takes its bytes along when it is moved", "[types]") {
  for (const size_t size : {5, 500}) {
    ByteWriter from;
    from.Raw(Text(size));
    ByteWriter to = std::move(from);
    to.U8(7);
    CHECK(to.bytes() == Text(size) + '\7');
  }
}

}  // namespace weir
