#include "runtime/env/log_records.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace weir {
namespace {

std::vector<std::string> ValuesOf(const LogRecordsView& view) {
  std::vector<std::string> values;
  for (const LogRecord& record : view) values.emplace_back(record.value);
  return values;
}

TEST_CASE("log records: what is written comes back, serialised in place or not", "[env]") {
  LogRecordsWriter writer;
  writer.Add({"one", Hash128{1, 2}});
  ByteWriter& value = writer.Begin();
  value.U16(7);
  value.Raw(std::string(300, 'x'));  // longer than what a writer holds near
  writer.End(Hash128{3, 4});
  writer.Add({"", Hash128{5, 6}});
  CHECK(writer.size() == 3);
  const LogRecords records = writer.Take();
  CHECK(writer.size() == 0);
  CHECK(writer.Take().empty());
  REQUIRE(records.size() == 3);
  LogRecords::Iterator at = records.begin();
  CHECK((*at).value == "one");
  CHECK((*at).identity == Hash128{1, 2});
  ++at;
  CHECK((*at).value.size() == 302);
  CHECK((*at).value.substr(0, 3) == absl::string_view("\0\7x", 3));
  CHECK((*at).identity == Hash128{3, 4});
  ++at;
  CHECK((*at).value.empty());
  CHECK((*at).identity == Hash128{5, 6});
  CHECK(++at == records.end());
}

TEST_CASE("log records: a damaged batch is told in words", "[env]") {
  const LogRecords records{{"ab", {}}, {"c", {}}};
  const auto read = [](uint32_t count, std::string values, std::string lane) {
    return std::string(LogRecords::From(count, std::move(values), std::move(lane)).status().message());
  };
  CHECK(read(2, records.values(), records.lane()).empty());
  CHECK(read(3, records.values(), records.lane()) == "truncated: 4 bytes wanted at offset 11 of 11");
  CHECK(read(1, records.values(), records.lane()) == "5 bytes left over at offset 6");
  CHECK(read(2, records.values(), records.lane().substr(1)) == "2 records, and a lane of 31 bytes");
}

TEST_CASE("log records: a view has those of all its parts in order, and passes by the empty ones", "[env]") {
  const LogRecords none, first{{"a", {}}, {"b", {}}}, second{{"c", {}}};
  LogRecordsView view;
  CHECK(view.empty());
  CHECK(ValuesOf(view).empty());
  view.Add(none);
  view.Add(first);
  view.Add(none);
  LogRecordsView more;
  more.Add(second);
  more.Add(none);
  view.Add(more);
  CHECK(view.size() == 3);
  CHECK(ValuesOf(view) == std::vector<std::string>{"a", "b", "c"});
}

}  // namespace
}  // namespace weir
