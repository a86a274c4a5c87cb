// std::variant of two types: Flink's Either.
#include <catch2/catch.hpp>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "runtime/types/json.h"
#include "runtime/types/migration.h"
#include "runtime/types/serializer_snapshot.h"
#include "runtime/types/type_of.h"
#include "tests/types/fixtures.h"

namespace weir {

struct Login {
  int64_t user = 0;
};
WEIR_TYPE(Login, "acme.Login", user);
struct LoginWithPlace {
  std::string place = "nowhere";
  int64_t user = 0;
};
WEIR_TYPE(LoginWithPlace, "acme.Login", place, user);

namespace {

using TextOrNumber = std::variant<std::string, int32_t>;
const TypeSerializer& Serializer() { return TypeOf<TextOrNumber>::Serializer(); }

std::string BytesOf(const TextOrNumber& value) {
  ByteWriter writer;
  REQUIRE(TypeOf<TextOrNumber>::Write(writer, value));
  return writer.Take();
}

TEST_CASE("either: what real releases wrote is read and written again, byte for byte", "[types][either]") {
  WEIR_NEEDS_FIXTURES();
  int releases = 0;
  for (const std::string version : {"1.11", "1.17", "2.0"}) {
    INFO(version);
    for (const auto& path : test::FixturesNamed("test-data")) {
      if (path.parent_path().filename() != absl::StrCat("either-serializer-", version)) continue;
      ++releases;
      const std::string bytes = test::ReadFile(path);
      ByteReader reader(bytes);
      TextOrNumber value;
      TypeOf<TextOrNumber>::Read(reader, value);
      REQUIRE(reader.AtEnd());
      CHECK(value == TextOrNumber("ApacheFlink"));
      CHECK(BytesOf(value) == bytes);
      const std::string snapshot = test::ReadFile(path.parent_path() / "serializer-snapshot");
      ByteReader of_snapshot(snapshot);
      CHECK(ReadSerializerSnapshot(of_snapshot).value() == Serializer().Snapshot());
      ByteWriter written;
      Serializer().WriteSnapshot(written);
      CHECK(written.bytes() == snapshot);
    }
  }
  CHECK(releases == 3);
}

TEST_CASE("either: a flag, then the value of that side", "[types][either]") {
  CHECK(BytesOf(TextOrNumber("a")) == std::string("\x01\x02"
                                                  "a",
                                                  3));
  CHECK(BytesOf(TextOrNumber(7)) == std::string("\0\0\0\0\x07", 5));
  ByteReader reader(absl::string_view("\x02", 1));
  TextOrNumber value;
  TypeOf<TextOrNumber>::Read(reader, value);
  CHECK(absl::IsDataLoss(reader.status()));
  // Both sides may be of one type.
  using Same = std::variant<int8_t, int8_t>;
  ByteWriter writer;
  REQUIRE(TypeOf<Same>::Write(writer, Same(std::in_place_index<1>, int8_t{5})));
  CHECK(writer.bytes() == std::string("\0\x05", 2));
  CHECK(Serializer().TypeName() == "either<string, int32>");
  CHECK_FALSE(Serializer().may_be_key());
}

TEST_CASE("either: as JSON an object with its side", "[types][either]") {
  for (const TextOrNumber& value : {TextOrNumber("a"), TextOrNumber(-7)}) {
    const std::string json = Serializer().ToJson(&value);
    CHECK(json == (value.index() == 0 ? R"({"left":"a"})" : R"({"right":-7})"));
    CHECK(ReadJson<TextOrNumber>(json).value() == value);
  }
  const auto message = [](absl::string_view json) {
    return std::string(ReadJson<TextOrNumber>(json).status().message());
  };
  CHECK(message(R"({})") == "column 2: expected exactly one of 'left' and 'right'");
  CHECK(
      absl::StrContains(message(R"({"left":"a","right":1})"), "expected exactly one of 'left' and 'right'"));
  CHECK(absl::StrContains(message(R"({"middle":1})"), "expected exactly one of 'left' and 'right'"));
  CHECK(absl::StrContains(message(R"({"right":"a"})"), "field 'right': expected an integer, found"));
  CHECK(absl::StrContains(message("7"), "expected an object"));
  using Nested = std::vector<std::variant<std::optional<int64_t>, std::vector<std::string>>>;
  const std::string text = R"([{"left":null},{"left":3},{"right":["x","y"]}])";
  const Nested nested = ReadJson<Nested>(text).value();
  CHECK(TypeOf<Nested>::Serializer().ToJson(&nested) == text);
}

TEST_CASE("either: sides migrate on their own", "[types][either]") {
  using Old = std::variant<std::string, Login>;
  using New = std::variant<std::string, LoginWithPlace>;
  for (const Old& old : {Old("text"), Old(Login{42})}) {
    ByteWriter before;
    REQUIRE(TypeOf<Old>::Write(before, old));
    ByteReader reader(before.bytes());
    ByteWriter after;
    REQUIRE(Migrate(TypeOf<Old>::Serializer().Snapshot(), TypeOf<New>::Serializer(), reader, after).ok());
    ByteReader written(after.bytes());
    New now;
    TypeOf<New>::Read(written, now);
    REQUIRE(written.AtEnd());
    REQUIRE(now.index() == old.index());
    if (now.index() == 0) CHECK(std::get<0>(now) == "text");
    if (now.index() == 1) CHECK((std::get<1>(now).user == 42 && std::get<1>(now).place == "nowhere"));
  }
}

}  // namespace
}  // namespace weir
