#include "runtime/format/native_meta.h"

#include <catch2/catch.hpp>

#include "runtime/types/type_of.h"

namespace weir {
namespace {

NativeMeta Example(bool with_witness) {
  NativeMeta meta;
  meta.header.key = TypeOf<int64_t>::Serializer().Snapshot();
  meta.header.states.push_back(
      StateMeta::Keyed("total", KeyedStateType::kValue, TypeOf<std::string>::Serializer().Snapshot()));
  meta.files = {{"000012.sst", 1234, 0x1122334455667788}, {"CURRENT", 16, 5}};
  if (with_witness) meta.witness = {{KeyGroup(3), "abc"}, {KeyGroup(127), std::string(1, '\0')}};
  return meta;
}

TEST_CASE("native meta: comes back as it was, with the ledger's part at the end", "[format]") {
  const NativeMetaBytes with = WriteNativeMeta(Example(true)).value();
  const NativeMetaBytes without = WriteNativeMeta(Example(false)).value();
  CHECK(ReadNativeMeta(with.bytes).value() == Example(true));
  CHECK(ReadNativeMeta(without.bytes).value() == Example(false));
  CHECK(without.unbilled == 0);
  CHECK(with.bytes.substr(0, with.bytes.size() - with.unbilled) == without.bytes);
}

TEST_CASE("native meta: begins with what Flink reads, and Flink's own is read too", "[format]") {
  ByteWriter header;
  REQUIRE(WriteKeyedStateHeader(Example(false).header, header).ok());
  const std::string bytes = WriteNativeMeta(Example(false)).value().bytes;
  CHECK(bytes.compare(0, header.size(), std::string(header.bytes())) == 0);
  const NativeMeta of_flink = ReadNativeMeta(header.bytes()).value();
  CHECK(of_flink.header == Example(false).header);
  CHECK(of_flink.files.empty());
}

TEST_CASE("native meta: truncated anywhere it is an error, or the part before says so itself", "[format]") {
  const std::string whole = WriteNativeMeta(Example(true)).value().bytes;
  const size_t header = WriteNativeMeta(NativeMeta{Example(true).header, {}, {}}).value().bytes.size() - 8;
  const size_t without = WriteNativeMeta(Example(false)).value().bytes.size();
  for (size_t size = 0; size < whole.size(); ++size) {
    const bool is_whole_part = size == header || size == without;
    CHECK(ReadNativeMeta(whole.substr(0, size)).ok() == is_whole_part);
  }
  CHECK_FALSE(ReadNativeMeta(whole + "x").ok());
}

}  // namespace
}  // namespace weir
