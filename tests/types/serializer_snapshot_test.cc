// Serializer snapshots and values against those that Flink 1.11 to 2.0 wrote.
#include "runtime/types/serializer_snapshot.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "runtime/types/date_time.h"
#include "runtime/types/ttl_value.h"
#include "runtime/types/type_of.h"
#include "tests/types/fixtures.h"

namespace {

struct ModifiedSchema {
  int32_t id = 0;
  std::string name;
  int32_t age = 0;
  double height = 0;
};
WEIR_TYPE(ModifiedSchema, "TestPojoWithModifiedSchema", id, name, age, height);

std::string CorpusFile(const std::string& name, const std::string& version, const char* file) {
  for (const auto& path : weir::test::FixturesNamed(file)) {
    if (path.parent_path().filename() == name + "-" + version) return weir::test::ReadFile(path);
  }
  return "";
}

enum class TestEnum { kFoo, kBar, kPeter, kPaula, kNathaniel, kEmma };
WEIR_ENUM_TYPE(TestEnum, "org.apache.flink.api.common.typeutils.base.TestEnum", {kFoo, "FOO"}, {kBar, "BAR"},
               {kPeter, "PETER"}, {kPaula, "PAULA"}, {kNathaniel, "NATHANIEL"}, {kEmma, "EMMA"});

// The snapshot of T must be the file, byte for byte, in every release; and the release's value must read back and be
// written again as it was.
template <typename T>
T CheckCorpus(const std::string& name, const std::vector<const char*>& versions = {"1.11", "1.17", "2.0"}) {
  T value{};
  for (const char* version : versions) {
    INFO(name << " " << version);
    weir::ByteWriter snapshot;
    weir::TypeOf<T>::Serializer().WriteSnapshot(snapshot);
    CHECK(snapshot.bytes() == CorpusFile(name, version, "serializer-snapshot"));
    const std::string data = CorpusFile(name, version, "test-data");
    weir::ByteReader reader(data);
    weir::TypeOf<T>::Read(reader, value);
    CHECK(reader.Finish() == absl::OkStatus());
    weir::ByteWriter writer;
    CHECK(weir::TypeOf<T>::Write(writer, value));
    CHECK(writer.bytes() == data);
  }
  return value;
}

TEST_CASE("serializer snapshot: ours are those of Flink, and so are the values", "[types][fixtures]") {
  WEIR_NEEDS_FIXTURES();
  CHECK(CheckCorpus<bool>("boolean-serializer"));
  CHECK(CheckCorpus<int8_t>("byte-serializer") == 42);
  CHECK(CheckCorpus<int16_t>("short-serializer") == 123);
  CHECK(CheckCorpus<int32_t>("int-serializer") == 123456);
  CHECK(CheckCorpus<int64_t>("long-serializer") == 1234567890);
  CHECK(CheckCorpus<float>("float-serializer") == 123.456f);
  CHECK(CheckCorpus<double>("double-serializer") == 12345.6789);
  CHECK(CheckCorpus<std::string>("string-serializer") == "123456789012345678901234567890123456");
  CHECK(CheckCorpus<weir::Bytes>("byte-primitive-array-serializer").value ==
        std::string("\0\1\2\3\4\5\6\7\x08\x09", 10));
  CHECK(CheckCorpus<std::tuple<std::string, std::string, int32_t>>("tuple-serializer") ==
        std::tuple<std::string, std::string, int32_t>("hello Gordon", "ciao", 14));
  CHECK(CheckCorpus<std::vector<std::string>>("list-serializer") ==
        std::vector<std::string>{"Apache", "Flink"});
  CHECK(CheckCorpus<std::map<int32_t, std::string>>("map-serializer") ==
        std::map<int32_t, std::string>{{0, "0"}, {1, "1"}, {2, "2"}});
  CHECK(CheckCorpus<std::optional<int64_t>>("nullable-not-padded-serializer") == std::nullopt);
  CHECK(CheckCorpus<weir::TtlValue<std::string>>("ttl-serializer") ==
        weir::TtlValue<std::string>{13, "hello Gordon"});
  CHECK(CheckCorpus<TestEnum>("enum-serializer") == TestEnum::kEmma);
  CHECK(CheckCorpus<std::set<std::string>>("set-serializer", {"2.0"}) ==
        std::set<std::string>{"Apache", "Flink"});
  CHECK(CheckCorpus<weir::UtilDate>("date-serializer").millis == 1580382960);
  CHECK(CheckCorpus<weir::SqlDate>("sql-date-serializer").millis == 1580382960);
  CHECK(CheckCorpus<weir::SqlTime>("sql-time-serializer").millis == 1580382960);
  CHECK(CheckCorpus<weir::SqlTimestamp>("sql-timestamp-serializer") ==
        weir::SqlTimestamp{1580382960, 960'000'000});
  const ModifiedSchema pojo = CheckCorpus<ModifiedSchema>("pojo-serializer-with-modified-schema");
  CHECK(pojo.age == 27);
  CHECK(pojo.height == 172.8);
  CHECK(pojo.id == 911108);
  CHECK(pojo.name == "Gordon");
}

TEST_CASE("serializer snapshot: each real one is read and written again, or named as unknown",
          "[types][fixtures]") {
  WEIR_NEEDS_FIXTURES();
  int read = 0;
  for (const auto& path : weir::test::FixturesNamed("serializer-snapshot")) {
    INFO(path);
    const std::string bytes = weir::test::ReadFile(path);
    weir::ByteReader reader(bytes);
    const auto snapshot = weir::ReadSerializerSnapshot(reader);
    if (!snapshot.ok()) {
      CHECK(snapshot.status().code() == absl::StatusCode::kUnimplemented);
      CHECK(absl::StrContains(snapshot.status().message(), "org.apache.flink"));
      continue;
    }
    ++read;
    CHECK(reader.AtEnd());
    weir::ByteWriter writer;
    REQUIRE(weir::WriteSerializerSnapshot(*snapshot, writer).ok());
    CHECK(writer.bytes() == bytes);
  }
  CHECK(read >= 180);
}

TEST_CASE("serializer snapshot: a tree survives a round trip (no files needed)", "[types]") {
  using Type =
      std::map<std::string, std::optional<std::vector<std::pair<ModifiedSchema, std::optional<int64_t>>>>>;
  const weir::SerializerSnapshot snapshot = weir::TypeOf<Type>::Serializer().Snapshot();
  weir::ByteWriter writer;
  REQUIRE(weir::WriteSerializerSnapshot(snapshot, writer).ok());
  weir::ByteReader reader(writer.bytes());
  const auto back = weir::ReadSerializerSnapshot(reader);
  REQUIRE(back.ok());
  CHECK(*back == snapshot);
  CHECK(
      weir::DescribeSnapshot(*back) ==
      "Map<String, List<Tuple2<Pojo:TestPojoWithModifiedSchema{age:Int, height:Double, id:Int, name:String}, "
      "Nullable<Long>>>>");
}

TEST_CASE("serializer snapshot: fixed lengths decide as the types' own", "[types]") {
  CHECK(weir::FixedLengthOf(weir::TypeOf<std::tuple<int64_t, int32_t>>::Serializer().Snapshot()) == 12);
  CHECK(weir::FixedLengthOf(weir::TypeOf<std::tuple<int64_t, std::string>>::Serializer().Snapshot()) == -1);
  CHECK(weir::FixedLengthOf(weir::TypeOf<std::string>::Serializer().Snapshot()) == -1);
  CHECK(weir::FixedLengthOf(weir::VoidNamespaceSnapshot()) == 0);
}

TEST_CASE("serializer snapshot: damage and unknown classes are told apart", "[types]") {
  weir::ByteWriter writer;
  weir::TypeOf<std::vector<int64_t>>::Serializer().WriteSnapshot(writer);
  const std::string good = writer.Take();
  for (size_t size = 0; size < good.size(); ++size) {
    weir::ByteReader reader(absl::string_view(good).substr(0, size));
    CHECK(weir::ReadSerializerSnapshot(reader).status().code() == absl::StatusCode::kDataLoss);
  }
  std::string renamed = good;
  renamed.replace(renamed.find("ListSerializer"), 4, "Mist");
  weir::ByteReader reader(renamed);
  const auto status = weir::ReadSerializerSnapshot(reader).status();
  CHECK(status.code() == absl::StatusCode::kUnimplemented);
  CHECK(status.message() ==
        "serializer snapshot of class org.apache.flink.api.common.typeutils.base.MistSerializerSnapshot "
        "version 3 "
        "is not known");
}

}  // namespace
