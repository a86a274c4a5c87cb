// JSON and CSV into values, and values as text.
#include <catch2/catch.hpp>

#include "runtime/types/csv.h"
#include "runtime/types/json.h"

namespace {

struct Transaction {
  std::string account;
  int64_t amount = 0;
  std::optional<std::string> memo;
  bool operator==(const Transaction&) const = default;
};
WEIR_FIELDS(Transaction, account, amount, memo);

struct Everything {
  bool flag = false;
  int8_t tiny = 0;
  int16_t small = 0;
  int32_t medium = 0;
  double real = 0;
  float single = 0;
  weir::Bytes raw;
  std::vector<Transaction> list;
  std::map<std::string, int64_t> totals;
  std::map<int64_t, std::optional<std::string>> names;
  std::pair<int32_t, std::string> pair;
  std::optional<Transaction> best;
  bool operator==(const Everything&) const = default;
};
WEIR_FIELDS(Everything, flag, tiny, small, medium, real, single, raw, list, totals, names, pair, best);

std::string Wrong(absl::string_view line) {
  const auto value = weir::ReadJson<Transaction>(line);
  REQUIRE_FALSE(value.ok());
  CHECK(value.status().code() == absl::StatusCode::kInvalidArgument);
  return std::string(value.status().message());
}

TEST_CASE("json: a line becomes a struct, unknown keys are ignored", "[types]") {
  CHECK(weir::ReadJson<Transaction>(R"({"account":"A-1","amount":-5})").value() ==
        Transaction{"A-1", -5, std::nullopt});
  CHECK(weir::ReadJson<Transaction>(
            R"(  { "x": {"account":[1,{"y":null}]}, "amount" : 7, "memo": "hi", "account": "\u00e9\n" } )")
            .value() == Transaction{"\xC3\xA9\n", 7, "hi"});
  CHECK(weir::ReadJson<Transaction>(R"({"account":"","amount":9223372036854775807,"memo":null})").value() ==
        Transaction{"", 9223372036854775807, std::nullopt});
  CHECK(weir::ReadJson<int64_t>("42").value() == 42);
  CHECK(weir::ReadJson<double>("3").value() == 3.0);
}

TEST_CASE("json: what is wrong is said, with the column", "[types]") {
  CHECK(Wrong(R"({"account":"A","amount":"ten"})") ==
        "column 25: field 'amount': expected an integer, found \"ten\"");
  CHECK(Wrong(R"({"account":"A","amount": 1.5})") ==
        "column 26: field 'amount': expected an integer, found 1.5");
  CHECK(Wrong(R"({"account":12,"amount":1})") == "column 12: field 'account': expected text, found 12");
  CHECK(Wrong(R"({"account":"A","amount":9223372036854775808})") ==
        "column 25: field 'amount': integer 9223372036854775808 is out of range");
  CHECK(Wrong(R"({"account":"A"})") == "column 15: missing field 'amount'");
  CHECK(Wrong(R"({"account":null,"amount":1})") == "column 12: field 'account': expected text, found null");
  CHECK(Wrong(R"({"account":"A","amount":1,"amount":2})") == "column 27: field 'amount' stands twice");
  CHECK(Wrong(R"({"account":["A"],"amount":1})") ==
        "column 12: field 'account': expected text, found an array");
  CHECK(Wrong("[1]") == "column 1: expected an object, found an array");
  CHECK(Wrong("7") == "column 1: expected an object, found 7");
  CHECK(Wrong(R"({"account":"A",,})").rfind("column 16: malformed JSON: syntax error", 0) == 0);
  CHECK(Wrong(R"({"account":"A","amount":1)").rfind("column 26: malformed JSON: ", 0) == 0);
  CHECK(Wrong("").rfind("column 1: malformed JSON: ", 0) == 0);
  CHECK(Wrong(R"({"account":"A","amount":1} x)").rfind("column 28: malformed JSON: ", 0) == 0);
  CHECK(Wrong("{\"account\":\"\xFF\",\"amount\":1}").rfind("column 13: malformed JSON: ", 0) == 0);
  CHECK(Wrong(std::string(100000, '[')).rfind("column 1: ", 0) == 0);
  CHECK(weir::ReadJson<Everything>(R"({"tiny":128})").status().message() ==
        "column 9: field 'tiny': integer 128 is out of range, must be from -128 to 127");
  CHECK(weir::ReadJson<Everything>(R"({"list":[{"account":"A","amount":1},{"account":"B","amount":true}]})")
            .status()
            .message() == "column 61: field 'list[1].amount': expected an integer, found true");
  CHECK(weir::ReadJson<Everything>(R"({"pair":[1]})").status().message() ==
        "column 11: field 'pair': expected 2 elements, found 1");
  CHECK(weir::ReadJson<Everything>(R"({"names":[5]})").status().message() ==
        "column 11: field 'names': expected [key, value]");
  CHECK(weir::ReadJson<Everything>(R"({"names":[null]})").status().message() ==
        "column 11: field 'names': expected [key, value]");
}

TEST_CASE("json: what is printed reads back as the same value", "[types]") {
  Everything value;
  value.flag = true;
  value.tiny = -128;
  value.small = 32767;
  value.medium = -2147483647 - 1;
  value.real = 0.1;
  value.single = 1e-7f;
  value.raw.value = std::string("\0\xFF\x80", 3);
  value.list = {{"a\"\\\n\t\x01", 1, "m"}, {"\xF0\x9F\x98\x80", -1, std::nullopt}};
  value.totals = {{"", 0}, {"x y", -9223372036854775807}};
  value.names = {{-1, std::nullopt}, {5, "five"}};
  value.pair = {3, "three"};
  value.best = Transaction{"best", 1, std::nullopt};
  const std::string text = weir::ToJson(value);
  const auto back = weir::ReadJson<Everything>(text);
  REQUIRE(back.status() == absl::OkStatus());
  CHECK(*back == value);
  CHECK(weir::ToJson(*back) == text);
  CHECK(weir::ToJson(Transaction{"A", 1, std::nullopt}) == R"({"account":"A","amount":1,"memo":null})");
  CHECK(weir::ToJson(std::string("\xED\xA0\xBD")) == R"("\ud83d")");
  CHECK(weir::TypeOf<std::string>::Serializer().ToText(&value.pair.second) == "three");
}

TEST_CASE("csv: a line becomes a struct, by position or by header", "[types]") {
  const weir::TypeSerializer& type = weir::TypeOf<Transaction>::Serializer();
  const auto positional = weir::CsvLayout::Positional(type).value();
  CHECK(weir::ReadCsv<Transaction>("A-1,-5,", positional).value() == Transaction{"A-1", -5, std::nullopt});
  CHECK(weir::ReadCsv<Transaction>("\"a,\"\"b\", 7 ,memo\r\n", positional).value() ==
        Transaction{"a,\"b", 7, "memo"});
  const auto header = weir::CsvLayout::FromHeader("amount;when;account", type, ';').value();
  CHECK(weir::ReadCsv<Transaction>("12;now;A", header).value() == Transaction{"A", 12, std::nullopt});
}

TEST_CASE("csv: what is wrong is said, with the column", "[types]") {
  const weir::TypeSerializer& type = weir::TypeOf<Transaction>::Serializer();
  const auto layout = weir::CsvLayout::Positional(type).value();
  const auto wrong = [&](absl::string_view line) {
    return std::string(weir::ReadCsv<Transaction>(line, layout).status().message());
  };
  CHECK(wrong("A,ten,") == "column 3: field 'amount': expected an integer, found \"ten\"");
  CHECK(wrong("A,,") == "column 3: field 'amount': expected an integer, found \"\"");
  CHECK(wrong("A,99999999999999999999,") ==
        "column 3: field 'amount': integer 99999999999999999999 is out of range");
  CHECK(wrong("A,1") == "column 3: expected 3 cells, found 2");
  CHECK(wrong("\"A,1,") == "column 1: a quote is never closed");
  CHECK(wrong("\"A\"x,1,") == "column 4: text after a closing quote");
  CHECK(wrong("\xFF,1,") == "column 1: field 'account': text that is not UTF-8");
  CHECK(weir::CsvLayout::FromHeader("account,memo", type).status().message() ==
        "the header has no column 'amount'");
  CHECK(weir::CsvLayout::FromHeader("account,account", type).status().message() ==
        "column 9: 'account' stands twice");
  CHECK_FALSE(weir::CsvLayout::Positional(weir::TypeOf<Everything>::Serializer()).ok());
  CHECK_FALSE(weir::CsvLayout::Positional(weir::TypeOf<int64_t>::Serializer()).ok());
}

}  // namespace
