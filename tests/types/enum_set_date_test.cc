// Enums, sets, dates and values with a time to live: bytes, hashes, JSON, and what is refused.
#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "runtime/types/csv.h"
#include "runtime/types/date_time.h"
#include "runtime/types/json.h"
#include "runtime/types/key_hash.h"
#include "runtime/types/serializer_snapshot.h"
#include "runtime/types/ttl_value.h"

namespace {

enum class Level : uint8_t { kHigh = 30, kLow = 10, kMiddle = 20 };
WEIR_ENUM(Level, kLow, kMiddle, kHigh);

struct Order {
  enum Side { kBuy, kSell };
};
WEIR_ENUM_TYPE(Order::Side, "com.acme.Side", {kBuy, "BUY"}, {kSell, "SELL"});

struct Trade {
  Level level = Level::kLow;
  std::optional<Order::Side> side;
  std::set<std::string> tags;
  weir::LocalDate day;
  weir::Timestamp at;
  bool operator==(const Trade&) const = default;
};
WEIR_FIELDS(Trade, level, side, tags, day, at);

struct Row {
  Level level = Level::kLow;
  std::optional<weir::LocalDate> day;
};
WEIR_FIELDS(Row, level, day);

template <typename T>
std::string Hex(const T& value) {
  weir::ByteWriter writer;
  REQUIRE(weir::TypeOf<T>::Write(writer, value));
  weir::ByteReader reader(writer.bytes());
  T back{};
  weir::TypeOf<T>::Read(reader, back);
  CHECK(reader.Finish() == absl::OkStatus());
  CHECK(back == value);
  return absl::BytesToHexString(writer.bytes());
}

template <typename T>
std::string Damage(absl::string_view hex) {
  const std::string bytes = absl::HexStringToBytes(hex);
  weir::ByteReader reader(bytes);
  T value{};
  weir::TypeOf<T>::Read(reader, value);
  const absl::Status status = reader.Finish();
  CHECK(status.code() == absl::StatusCode::kDataLoss);
  return std::string(status.message());
}

template <typename T>
bool IsWritten(const T& value) {
  weir::ByteWriter writer;
  const bool is_written = weir::TypeOf<T>::Write(writer, value);
  CHECK((is_written || writer.size() == 0));
  return is_written;
}

template <typename T>
int32_t Hash(const T& value) {
  return weir::TypeOf<T>::Hash(value);
}

TEST_CASE("enum: an int, the position in the declaration", "[types]") {
  CHECK(Hex(Level::kLow) == "00000000");
  CHECK(Hex(Level::kHigh) == "00000002");
  CHECK(Hex(Order::kSell) == "00000001");
  CHECK(Damage<Level>("00000003") == "an index without constant in enum Level before offset 4");
  CHECK(Damage<Level>("ffffffff") == "an index without constant in enum Level before offset 4");
  CHECK_FALSE(IsWritten(static_cast<Level>(11)));
  CHECK_FALSE(IsWritten(std::vector<Level>{Level::kLow, static_cast<Level>(0)}));
  CHECK(weir::TypeOf<Level>::kFixedLength == 4);
  CHECK_FALSE(weir::TypeOf<std::tuple<int32_t, Level>>::kMayBeKey);
  CHECK(weir::TypeOf<Level>::Serializer().TypeName() == "enum Level");
  CHECK_FALSE(weir::TypeOf<Level>::Serializer().has_persistent_names());
  CHECK(weir::TypeOf<std::vector<Order::Side>>::Serializer().has_persistent_names());
}

TEST_CASE("enum: its snapshot has the class and the constants", "[types]") {
  const weir::SerializerSnapshot snapshot = weir::TypeOf<Order::Side>::Serializer().Snapshot();
  CHECK(snapshot.type_name == "com.acme.Side");
  CHECK(snapshot.constants == std::vector<std::string>{"BUY", "SELL"});
}

TEST_CASE("set: elements in order, each with a flag", "[types]") {
  CHECK(Hex(std::set<int16_t>{2, 1}) == "00000002000001000002");
  CHECK(Hex(std::set<std::optional<int8_t>>{std::nullopt, 5}) == "00000002010005");
  CHECK(Damage<std::set<int8_t>>("0000000101") == "null as element of a set before offset 5");
  CHECK(Damage<std::set<int8_t>>("7fffffff").find("beyond the end") != std::string::npos);
  CHECK(weir::DescribeSnapshot(weir::TypeOf<std::set<std::optional<int8_t>>>::Serializer().Snapshot()) ==
        "Set<Byte>");
}

TEST_CASE("dates: bytes and hashes of Java's classes", "[types]") {
  const weir::LocalDate day{2020, 1, 30};
  const weir::LocalTime time{11, 16, 0, 960'000'000};
  CHECK(Hex(day) == "000007e4011e");
  CHECK(Hex(time) ==
        "0b10003938"
        "7000");
  CHECK(Hex(weir::LocalDateTime{day, time}) ==
        "000007e4011e"
        "0b100039387000");
  CHECK(Hex(weir::Timestamp{1, 2}) == "000000000000000100000002");
  CHECK(Hex(weir::SqlDate{1580382960}) == "000000005e32baf0");
  CHECK(Hex(weir::SqlTimestamp{1580382960, 960'000'000}) == "000000005e32baf039387000");
  CHECK(Hash(day) == 4137054);
  CHECK(Hash(time) == static_cast<int32_t>(40560960000000 ^ (40560960000000 >> 32)));
  CHECK(Hash(weir::LocalDateTime{day, time}) == (Hash(day) ^ Hash(time)));
  CHECK(Hash(weir::Timestamp{1, 2}) == 103);
  CHECK(Hash(weir::UtilDate{-1}) == 0);
  CHECK(Hash(weir::SqlTimestamp{1580382960, 960'000'000}) == 1580382960);
  CHECK(weir::KeyGroupOf(std::tuple(day, int64_t{1}), 128).value < 128);
}

TEST_CASE("dates: what does not exist is neither read nor written", "[types]") {
  CHECK_FALSE(IsWritten(weir::LocalDate{2021, 2, 29}));
  CHECK(IsWritten(weir::LocalDate{2000, 2, 29}));
  CHECK_FALSE(IsWritten(weir::LocalDate{1900, 2, 29}));
  CHECK_FALSE(IsWritten(weir::LocalDate{2021, 0, 1}));
  CHECK_FALSE(IsWritten(weir::LocalTime{24, 0, 0, 0}));
  CHECK_FALSE(IsWritten(weir::Timestamp{0, -1}));
  CHECK_FALSE(IsWritten(weir::SqlTimestamp{5, 0}));  // the milliseconds contradict the nanoseconds
  CHECK_FALSE(IsWritten(weir::UtilDate{std::numeric_limits<int64_t>::min()}));
  CHECK(Damage<weir::LocalDate>("80000000"
                                "8000") == "null, or a date or time that does not exist, before offset 6");
  CHECK(Damage<weir::LocalDateTime>("000007e4021f"
                                    "00000000000000")
            .find("does not exist") != std::string::npos);
}

TEST_CASE("dates: ISO text, both ways", "[types]") {
  const auto same = [](auto value, const std::string& text) {
    CHECK(weir::IsoText(value) == text);
    decltype(value) back;
    CHECK(weir::ParseIso(text, &back));
    CHECK(back == value);
  };
  same(weir::LocalDate{2020, 1, 30}, "2020-01-30");
  same(weir::LocalDate{-44, 3, 15}, "-0044-03-15");
  same(weir::LocalDate{12345, 12, 31}, "+12345-12-31");
  same(weir::LocalTime{11, 16, 0, 0}, "11:16:00");
  same(weir::LocalTime{11, 16, 0, 960'000'000}, "11:16:00.960");
  same(weir::LocalTime{11, 16, 0, 1'000}, "11:16:00.000001");
  same(weir::LocalTime{11, 16, 0, 7}, "11:16:00.000000007");
  same(weir::LocalDateTime{{1999, 12, 31}, {23, 59, 59, 0}}, "1999-12-31T23:59:59");
  same(weir::Timestamp{1580382960, 0}, "2020-01-30T11:16:00Z");
  same(weir::Timestamp{-1, 999'999'999}, "1969-12-31T23:59:59.999999999Z");
  same(weir::Timestamp{-62135596800, 0}, "0001-01-01T00:00:00Z");
  same(weir::SqlTime{1580382960}, "1970-01-19T06:59:42.960Z");
  same(weir::SqlTimestamp{-1, 999'000'001}, "1969-12-31T23:59:59.999000001Z");
  weir::LocalTime time;
  CHECK(weir::ParseIso("09:30", &time));
  CHECK(time == weir::LocalTime{9, 30, 0, 0});
  CHECK(weir::ParseIso("09:30:01.5", &time));
  CHECK(time.nano == 500'000'000);
  weir::LocalDate day;
  weir::Timestamp point;
  weir::UtilDate millis;
  for (const char* bad : {"", "2020", "2020-1-1", "2020-02-30", "2020-01-01 ", "+2020-01-01x", "--020-01-01"})
    CHECK_FALSE(weir::ParseIso(bad, &day));
  for (const char* bad : {"2020-01-30T11:16:00", "2020-01-30", "T11:16Z", "2020-01-30T11:16:00.Z"})
    CHECK_FALSE(weir::ParseIso(bad, &point));
  CHECK_FALSE(weir::ParseIso("1970-01-01T00:00:00.0001Z", &millis));
}

TEST_CASE("json: enums by name, sets as arrays, dates as text", "[types]") {
  const Trade trade{Level::kHigh, Order::kSell, {"b", "a"}, {2020, 1, 30}, {1, 500'000'000}};
  const std::string json =
      R"({"level":"kHigh","side":"SELL","tags":["a","b"],"day":"2020-01-30","at":"1970-01-01T00:00:01.500Z"})";
  CHECK(weir::ToJson(trade) == json);
  CHECK(weir::ReadJson<Trade>(json).value() == trade);
  CHECK(weir::ReadJson<std::set<std::optional<int8_t>>>("[3,null,1,3]").value() ==
        std::set<std::optional<int8_t>>{std::nullopt, 1, 3});
  CHECK(weir::ReadJson<std::set<std::set<int8_t>>>("[[2,1],[],[1,2]]").value() ==
        std::set<std::set<int8_t>>{{}, {1, 2}});
  CHECK(weir::ReadJson<std::map<Level, int8_t>>(R"([["kLow",1]])").value() ==
        std::map<Level, int8_t>{{Level::kLow, 1}});
  CHECK(weir::ReadJson<Level>(R"("RED")").status().message() ==
        R"(column 1: expected the name of a constant, found "RED")");
  CHECK(weir::ReadJson<weir::LocalDate>(R"("30.1.2020")").status().message() ==
        R"(column 1: expected a date or time as in ISO 8601, found "30.1.2020")");
  CHECK_FALSE(weir::ReadJson<Level>("0").ok());
  CHECK(weir::TypeOf<weir::LocalDate>::Serializer().ToText(&trade.day) == "2020-01-30");
}

TEST_CASE("csv: enums and dates are cells", "[types]") {
  const auto layout = weir::CsvLayout::Positional(weir::TypeOf<Row>::Serializer());
  const auto row = weir::ReadCsv<Row>("kMiddle,2020-01-30", *layout);
  REQUIRE(row.ok());
  CHECK(row->level == Level::kMiddle);
  CHECK(row->day == weir::LocalDate{2020, 1, 30});
  CHECK(weir::ReadCsv<Row>("kHuge,", *layout).status().message() ==
        R"(column 1: field 'level': expected the name of a constant, found "kHuge")");
}

TEST_CASE("ttl value: the time, then the value", "[types]") {
  CHECK(Hex(weir::TtlValue<int16_t>{1, 2}) == "00000000000000010002");
  CHECK(weir::TypeOf<weir::TtlValue<int16_t>>::kFixedLength == 10);
  CHECK(weir::TypeOf<weir::TtlValue<std::string>>::kFixedLength == -1);
  const weir::TtlValue<std::string> value{13, "x"};
  CHECK(weir::ToJson(value) == R"({"timestamp":13,"value":"x"})");
  CHECK(weir::ReadJson<weir::TtlValue<std::string>>(weir::ToJson(value)).value() == value);
}

}  // namespace
