// Every file of the serializer corpus that real releases of Flink wrote: its snapshot and its value decode, the value is
// the one that Flink's tests say they wrote, and both are written again byte for byte; or it is refused by its name.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "runtime/types/snapshot_codec.h"
#include "tests/types/fixtures.h"

namespace {

// What the values are, by name without version.
const std::map<std::string, std::string> kExpected = {
    {"arraylist-serializer", R"(["Apache","Flink"])"},
    {"big-dec-serializer", R"({"unscaled":123456789012345678901234567890123456789,"scale":3})"},
    {"big-int-serializer", R"(123456789012345678901234567890123456)"},
    {"boolean-primitive-array-serializer", R"([true,false])"},
    {"boolean-serializer", R"(true)"},
    {"boolean-value-serializer", R"(true)"},
    {"buffer-entry-serializer", R"({"hasBeenJoined":false,"element":"hello"})"},
    {"byte-primitive-array-serializer", R"("AAECAwQFBgcICQ==")"},
    {"byte-serializer", R"(42)"},
    {"byte-value-serializer", R"(42)"},
    {"char-primitive-array-serializer", R"([0,1,2,3,4,5,6,7,8,9])"},
    {"char-serializer", R"(65535)"},
    {"char-value-serializer", R"(42)"},
    {"date-serializer", R"(1580382960)"},
    {"double-primitive-array-serializer",
     R"([0.10000000149011612,1.100000023841858,2.0999999046325684,3.0999999046325684,4.099999904632568,5.099999904632568,6.099999904632568,7.099999904632568,8.100000381469727,9.100000381469727])"},
    {"double-serializer", R"(12345.6789)"},
    {"double-value-serializer", R"(12345.6789)"},
    {"either-serializer", R"({"left":"ApacheFlink"})"},
    {"enum-serializer", R"("EMMA")"},
    {"enum-serializerreconfig", R"("EMMA")"},
    {"float-primitive-array-serializer", R"([0.2,1.2,2.2,3.2,4.2,5.2,6.2,7.2,8.2,9.2])"},
    {"float-serializer", R"(123.456)"},
    {"float-value-serializer", R"(123.456)"},
    {"generic-array-serializer", R"(["Apache","Flink"])"},
    {"global-window-serializer", R"(null)"},
    {"int-primitive-array-serializer", R"([0,1,2,3,4,5,6,7,8,9])"},
    {"int-serializer", R"(123456)"},
    {"int-value-serializer", R"(123456)"},
    {"linked-list-serializer", R"([42,-42,0,9223372036854775807,-9223372036854775808])"},
    {"list-serializer", R"(["Apache","Flink"])"},
    {"long-primitive-array-serializer", R"([0,1,2,3,4,5,6,7,8,9])"},
    {"long-serializer", R"(1234567890)"},
    {"long-value-serializer", R"(1234567890)"},
    {"map-serializer", R"([[0,"0"],[1,"1"],[2,"2"]])"},
    {"null-value-serializer", R"(null)"},
    {"nullable-not-padded-serializer", R"(null)"},
    {"nullable-padded-serializer", R"(null)"},
    {"pojo-serializer-identical-schema",
     R"({"age":27,"favoriteColor":"BLUE","married":false,"name":"Gordon"})"},
    {"pojo-serializer-record-migration", R"({"id":911108,"name":"Gordon"})"},
    {"pojo-serializer-to-record", R"({"id":911108,"name":"Gordon"})"},
    {"pojo-serializer-with-different-field-types", R"({"fieldValue":911108})"},
    {"pojo-serializer-with-different-field-types-in-registered-subclass",
     R"({"TestPojoSubclassWithDifferentFieldType":{"age":7,"favoriteColor":"BLUE","fieldValue":911108,"married":false,"name":"gt"}})"},
    {"pojo-serializer-with-different-subclass-registration-order",
     R"({"org.apache.flink.api.java.typeutils.runtime.PojoSerializerUpgradeTestSpecifications$StaticSchemaPojoSubclassB":{"age":7,"favoriteColor":"BLUE","married":false,"name":"gt","subclassField":true}})"},
    {"pojo-serializer-with-missing-registered-subclass",
     R"({"org.apache.flink.api.java.typeutils.runtime.PojoSerializerUpgradeTestSpecifications$StaticSchemaPojoSubclassB":{"age":7,"favoriteColor":"BLUE","married":false,"name":"gt","subclassField":true}})"},
    {"pojo-serializer-with-modified-schema", R"({"age":27,"height":172.8,"id":911108,"name":"Gordon"})"},
    {"pojo-serializer-with-modified-schema-in-registered-subclass",
     R"({"SublassPojo":{"baseFieldA":911108,"baseFieldB":"Gordon","subclassFieldC":true,"subclassFieldD":66.7}})"},
    {"pojo-serializer-with-new-and-missing-registered-subclasses",
     R"({"org.apache.flink.api.java.typeutils.runtime.PojoSerializerUpgradeTestSpecifications$StaticSchemaPojoSubclassB":{"age":7,"favoriteColor":"BLUE","married":false,"name":"gt","subclassField":true}})"},
    {"pojo-serializer-with-new-registered-subclass",
     R"({"org.apache.flink.api.java.typeutils.runtime.PojoSerializerUpgradeTestSpecifications$StaticSchemaPojoSubclassA":{"age":7,"favoriteColor":"BLUE","married":false,"name":"gt","subclassField":911108}})"},
    {"pojo-serializer-with-non-registered-subclass",
     R"({"org.apache.flink.api.java.typeutils.runtime.PojoSerializerUpgradeTestSpecifications$StaticSchemaPojoSubclassA":{"age":7,"favoriteColor":"BLUE","married":false,"name":"gt","subclassField":911108}})"},
    {"row-serializer", R"({"kind":0,"fields":[null,42,"My string.",null]})"},
    {"set-serializer", R"(["Apache","Flink"])"},
    {"short-primitive-array-serializer", R"([0,1,2,3,4,5,6,7,8,9])"},
    {"short-serializer", R"(123)"},
    {"short-value-serializer", R"(123)"},
    {"sql-date-serializer", R"(1580382960)"},
    {"sql-time-serializer", R"(1580382960)"},
    {"sql-timestamp-serializer", R"({"millis":1580382960,"nanos":960000000})"},
    {"stream-element-serializer", R"({"record":[123456,"key"]})"},
    {"string-array-serializer", R"(["0","1","2","3","4","5","6","7","8","9"])"},
    {"string-serializer", R"("123456789012345678901234567890123456")"},
    {"string-value-serializer", R"("123456789012345678901234567890123456")"},
    {"time-window-serializer", R"({"start":12345,"end":67890})"},
    {"timer-serializer", R"({"timestamp":12345,"key":"key","namespace":678})"},
    {"ttl-aware-serializer-string-value", R"("hello Gordon")"},
    {"ttl-aware-serializer-ttl-value", R"([13,"hello Gordon"])"},
    {"ttl-serializer", R"([13,"hello Gordon"])"},
    {"tuple-serializer", R"(["hello Gordon","ciao",14])"},
    {"union-serializer-one", R"({"one":"flink"})"},
    {"union-serializer-two", R"({"two":23456})"},
    {"void-namespace-serializer", R"(null)"},
};

// Whose bytes only their Java class knows: they must be refused, by the name of the serializer.
const std::map<std::string, std::string> kRefused = {
    {"copyable-value-serializer", "CopyableValueSerializer"},
    {"value-serializer", "ValueSerializer"},
    {"kryo-custom-type-serializer-changed-registration-order", "KryoSerializer"},
    {"kryo-type-serializer-changed-registration-order", "KryoSerializer"},
    {"kryo-type-serializer-empty-config", "KryoSerializer"},
    {"kryo-type-serializer-unrelated-config-after-restore", "KryoSerializer"},
    {"generic-avro-serializer", "AvroSerializer"},
    {"specific-avro-serializer", "AvroSerializer"},
    {"java-serializer", "JavaSerializer"},
    {"dewey-number-serializer", "DeweyNumber"},
    {"event-id-serializer", "EventId"},
    {"lockable-type-serializer", "LockableType"},
    {"nfa-state-serializer", "NFAState"},
    {"node-id-serializer", "NodeId"},
    {"shared-buffer-edge-serializer", "SharedBufferEdge"},
    {"two-phase-commit-sink-state-serializer", "TwoPhaseCommitSinkFunction"},
};

TEST_CASE("golden: every value of the serializer corpus, byte for byte", "[types][fixtures]") {
  WEIR_NEEDS_FIXTURES();
  int decoded = 0;
  int refused = 0;
  std::set<std::string> met;
  for (const auto& path : weir::test::FixturesNamed("serializer-snapshot")) {
    const std::string folder = path.parent_path().filename().string();
    const std::string name = folder.substr(0, folder.rfind('-'));
    INFO(folder);
    met.insert(name);
    const std::string bytes = weir::test::ReadFile(path);
    const std::string data = weir::test::ReadFile(path.parent_path() / "test-data");
    weir::ByteReader reader(bytes);
    const auto snapshot = weir::ReadSerializerSnapshot(reader);
    weir::ByteReader data_reader(data);
    absl::StatusOr<weir::DynamicValue> value = weir::DynamicValue();
    if (!snapshot.ok()) {
      value = snapshot.status();
    } else {
      CHECK(reader.AtEnd());
      weir::ByteWriter writer;
      CHECK(weir::WriteSerializerSnapshot(*snapshot, writer).ok());
      CHECK(writer.bytes() == bytes);
      value = weir::SnapshotCodec(*snapshot).Read(data_reader);
    }
    if (const auto opaque = kRefused.find(name); opaque != kRefused.end()) {
      ++refused;
      CHECK(value.status().code() == absl::StatusCode::kUnimplemented);
      CHECK(absl::StrContains(value.status().message(), opaque->second));
      continue;
    }
    REQUIRE(value.status() == absl::OkStatus());
    ++decoded;
    CHECK(data_reader.AtEnd());
    REQUIRE(kExpected.count(name) == 1);
    CHECK(weir::ToJson(*value) == kExpected.at(name));
    const weir::SnapshotCodec codec(*snapshot);
    weir::ByteWriter writer;
    CHECK(codec.Write(*value, writer) == absl::OkStatus());
    CHECK(writer.bytes() == data);
    weir::ByteReader skipper(data);
    CHECK(codec.Skip(skipper) == absl::OkStatus());
    CHECK(skipper.AtEnd());
    for (size_t size = 0; size < data.size(); ++size) {
      weir::ByteReader cut(absl::string_view(data).substr(0, size));
      CHECK(codec.Read(cut).status().code() == absl::StatusCode::kDataLoss);
    }
  }
  for (const auto* const table : {&kExpected, &kRefused}) {
    for (const auto& [name, what] : *table) {
      INFO("no file of " << name << ", which should be " << what);
      CHECK(met.count(name) == 1);
    }
  }
  CHECK(decoded >= 180);
  CHECK(refused >= 30);
}

}  // namespace
