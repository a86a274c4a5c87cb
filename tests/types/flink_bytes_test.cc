// Values as Flink's bytes: each expected byte string was worked out by hand from the format, not by this code.
#include <catch2/catch.hpp>
#include <limits>

#include "absl/strings/escaping.h"
#include "runtime/types/java_string.h"
#include "runtime/types/type_of.h"

namespace {

struct Account {
  int64_t id = 0;
  std::string name;
  std::optional<int32_t> age;
  bool operator==(const Account&) const = default;
};
WEIR_TYPE(Account, "com.acme.Account", id, name, age);

struct Nested {
  std::vector<Account> accounts;
  std::map<std::string, std::optional<int64_t>> totals;
  std::tuple<int8_t, bool, int16_t> triple;
  weir::Bytes raw;
  bool operator==(const Nested&) const = default;
};
WEIR_FIELDS(Nested, accounts, totals, triple, raw);

struct Wide {
  int8_t a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0, k = 0, l = 0, m = 0, n = 0,
         o = 0, p = 0, q = 0, r = 0, s = 0, t = 0, u = 0, v = 0, w = 0, x = 0;
};
WEIR_FIELDS(Wide, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x);

template <typename T>
std::string Hex(const T& value) {
  weir::ByteWriter writer;
  REQUIRE(weir::TypeOf<T>::Write(writer, value));
  weir::ByteWriter erased;
  REQUIRE(weir::TypeOf<T>::Serializer().Serialize(&value, erased));
  CHECK(erased.bytes() == writer.bytes());
  return absl::BytesToHexString(writer.bytes());
}

template <typename T>
T RoundTrip(const T& value) {
  weir::ByteWriter writer;
  REQUIRE(weir::TypeOf<T>::Write(writer, value));
  weir::ByteReader reader(writer.bytes());
  T back{};
  weir::TypeOf<T>::Read(reader, back);
  CHECK(reader.Finish().ok());
  return back;
}

template <typename T>
absl::Status ReadStatus(absl::string_view hex) {
  const std::string bytes = absl::HexStringToBytes(hex);
  weir::ByteReader reader(bytes);
  T value{};
  weir::TypeOf<T>::Read(reader, value);
  return reader.Finish();
}

TEST_CASE("flink bytes: numbers are big-endian and of fixed length", "[types]") {
  CHECK(Hex(int8_t{-2}) == "fe");
  CHECK(Hex(int16_t{0x1234}) == "1234");
  CHECK(Hex(int32_t{123456}) == "0001e240");
  CHECK(Hex(int64_t{-1}) == "ffffffffffffffff");
  CHECK(Hex(0x0102030405060708LL) == "0102030405060708");
  CHECK(Hex(true) == "01");
  CHECK(Hex(12345.6789) == "40c81cd6e631f8a1");
  CHECK(Hex(1.5f) == "3fc00000");
  CHECK(weir::TypeOf<int64_t>::kFixedLength == 8);
  CHECK(weir::TypeOf<bool>::kFixedLength == 1);
}

TEST_CASE("flink bytes: a name has no zero byte, wherever a NUL stands in it", "[types]") {
  for (size_t at = 0; at < 20; ++at) {
    INFO(at);
    std::string name(20, 'n');
    name[at] = '\0';
    weir::ByteWriter writer;
    REQUIRE(weir::WriteUtf(writer, name));
    CHECK(writer.bytes() == std::string("\0\x15", 2) + name.substr(0, at) + "\xC0\x80" + name.substr(at + 1));
    weir::ByteReader reader(writer.bytes());
    CHECK(weir::ReadUtf(reader) == name);
  }
}

TEST_CASE("flink bytes: a string is a count plus one and its UTF-16 units", "[types]") {
  CHECK(Hex(std::string()) == "01");
  CHECK(Hex(std::string("key")) == "046b6579");
  CHECK(Hex(std::string("\0", 1)) == "0200");
  CHECK(Hex(std::string("\xC3\xA9")) == "02e901");                  // U+00E9
  CHECK(Hex(std::string("\xE2\x82\xAC")) == "02ac41");              // U+20AC
  CHECK(Hex(std::string("\xF0\x9F\x98\x80")) == "03bdb00380bc03");  // U+1F600, two units
  CHECK(Hex(std::string("\xED\xA0\xBD")) == "02bdb003");            // a lone surrogate, as WTF-8
  CHECK(Hex(std::string(127, 'a')).substr(0, 6) == "800161");
  for (const size_t size : {0u, 7u, 8u, 9u, 126u, 127u, 128u, 300u, 20000u}) {
    const std::string ascii(size, 'x');
    CHECK(RoundTrip(ascii) == ascii);
    const std::string wide = ascii + "\xE2\x82\xAC\xF0\x9F\x98\x80";
    CHECK(RoundTrip(wide) == wide);
  }
}

TEST_CASE("flink bytes: what is not UTF-8 is refused and nothing is appended", "[types]") {
  for (const std::string& bad :
       {std::string("\xFF"), std::string("a\xC3"), std::string("\xC0\x80"), std::string("\xE0\x80\x80"),
        std::string("\xF4\x90\x80\x80"), std::string("\xED\xA0\xBD\xED\xB8\x80"), std::string(200, '\x80')}) {
    weir::ByteWriter writer;
    writer.U8(7);
    CHECK_FALSE(weir::TypeOf<std::string>::Write(writer, bad));
    CHECK_FALSE(weir::TypeOf<Account>::Write(writer, Account{1, bad, 2}));
    CHECK_FALSE(weir::TypeOf<std::vector<std::string>>::Write(writer, {std::string(400, 'a'), bad}));
    CHECK(writer.bytes() == "\x07");
  }
  CHECK(weir::UnwritableError().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("flink bytes: a struct is flag 2, then null flag and value per field in the order of names",
          "[types]") {
  CHECK(Hex(Account{5, "ab", 7}) ==
        "02"
        "0000000007"          // age
        "000000000000000005"  // id
        "00036162");          // name
  CHECK(Hex(Account{5, "", std::nullopt}) ==
        "0201"
        "000000000000000005"
        "0001");
}

TEST_CASE("flink bytes: a struct may have 24 fields", "[types]") {
  Wide wide;
  wide.a = 1;
  wide.x = 24;
  std::string expected = "020001";
  for (int i = 0; i < 22; ++i) expected += "0000";
  CHECK(Hex(wide) == expected + "0018");
}

TEST_CASE("flink bytes: containers", "[types]") {
  CHECK(Hex(std::vector<int16_t>{1, 2}) == "0000000200010002");
  CHECK(Hex(std::map<int32_t, std::string>{{1, "a"}}) == "0000000100000001000261");
  CHECK(Hex(std::map<int8_t, std::optional<int8_t>>{{1, std::nullopt}}) == "000000010101");
  CHECK(Hex(std::make_pair(int32_t{1}, true)) == "0000000101");
  CHECK(Hex(std::optional<int64_t>()) == "01");
  CHECK(Hex(std::optional<int8_t>(int8_t{9})) == "0009");
  CHECK(Hex(weir::Bytes{std::string("\0\xFF", 2)}) == "0000000200ff");
  CHECK(weir::TypeOf<std::tuple<int64_t, bool>>::kFixedLength == 9);
  CHECK(weir::TypeOf<std::tuple<int64_t, std::string>>::kFixedLength == -1);
  CHECK(weir::TypeOf<std::optional<int64_t>>::kFixedLength == -1);
}

TEST_CASE("flink bytes: values come back (nested, small and large)", "[types]") {
  Nested value;
  value.totals = {{"a", 1}, {"b", std::nullopt}};
  value.triple = {int8_t{-1}, true, int16_t{300}};
  value.raw.value = std::string("\0\x80", 2);
  CHECK(RoundTrip(value) == value);
  for (int i = 0; i < 100; ++i) value.accounts.push_back({i, std::string(static_cast<size_t>(i), 'n'), i});
  CHECK(RoundTrip(value) == value);
  CHECK(RoundTrip(std::numeric_limits<int64_t>::min()) == std::numeric_limits<int64_t>::min());
  CHECK(RoundTrip(-0.0) == 0.0);
}

TEST_CASE("flink bytes: reading over an old value leaves nothing of it", "[types]") {
  weir::ByteWriter writer;
  REQUIRE(weir::TypeOf<Account>::Write(writer, Account{1, "x", std::nullopt}));
  weir::ByteReader reader(writer.bytes());
  Account value{9, "old", 42};
  weir::TypeOf<Account>::Read(reader, value);
  CHECK(value == Account{1, "x", std::nullopt});
}

TEST_CASE("flink bytes: damage is found and named", "[types]") {
  CHECK(ReadStatus<Account>("020000000007000000000000000005"
                            "01")
            .message() == "null in non-optional field name before offset 16");
  CHECK(ReadStatus<Account>("01").message() ==
        "null or a subclass instead of a com.acme.Account before offset 1");
  CHECK(ReadStatus<std::string>("00").message() == "null instead of a string before offset 1");
  CHECK(ReadStatus<std::string>("0961").message() == "a string beyond the end of the data before offset 1");
  CHECK(ReadStatus<std::string>("02ffff7f").code() == absl::StatusCode::kDataLoss);  // unit above 0xFFFF
  CHECK(ReadStatus<std::string>("ffffffffff01").code() == absl::StatusCode::kDataLoss);
  CHECK(ReadStatus<bool>("02").message() == "a boolean that is neither 0 nor 1 before offset 1");
  CHECK(ReadStatus<std::vector<int64_t>>("7fffffff00").message() ==
        "an element count beyond the end of the data before offset 4");
  CHECK(ReadStatus<std::vector<int64_t>>("ffffffff").code() == absl::StatusCode::kDataLoss);
  CHECK(ReadStatus<weir::Bytes>("0000000500").code() == absl::StatusCode::kDataLoss);
  CHECK(ReadStatus<int64_t>("0000").message() == "truncated: 8 bytes wanted at offset 0 of 2");
  CHECK(ReadStatus<int8_t>("0000").message() == "1 bytes left over at offset 1");
}

TEST_CASE("erased serializer: makes, copies, reads and prints values", "[types]") {
  const weir::TypeSerializer& type = weir::TypeOf<Account>::Serializer();
  CHECK(&type == &weir::TypeOf<Account>::Serializer());
  weir::ErasedValue value(type);
  const Account account{5, "a\"b", std::nullopt};
  type.Copy(&account, value.get());
  Account moved;
  type.Move(value.get(), &moved);
  CHECK(moved == account);
  type.Move(&moved, value.get());
  CHECK(type.ToJson(value.get()) == R"({"id":5,"name":"a\"b","age":null})");
  CHECK(type.TypeName() == "struct com.acme.Account");
  CHECK(type.fixed_length() == -1);
  CHECK_FALSE(type.may_be_key());
  CHECK(type.has_persistent_names());
  CHECK_FALSE(weir::TypeOf<Nested>::Serializer().has_persistent_names());
  CHECK(weir::TypeOf<std::map<int64_t, std::vector<std::string>>>::Serializer().TypeName() ==
        "map<int64, list<string>>");
}

}  // namespace
