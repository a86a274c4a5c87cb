// What a changed schema means for state: Flink's verdict for each rule, and old values read as new ones.
#include "runtime/types/migration.h"

#include <catch2/catch.hpp>

#include "runtime/types/date_time.h"
#include "runtime/types/json.h"
#include "runtime/types/snapshot_codec.h"
#include "runtime/types/ttl_value.h"
#include "tests/types/fixtures.h"

namespace {

using weir::SchemaVerdict;
using weir::SerializerRole;
using weir::SerializerSnapshot;
using weir::TypeOf;

namespace v1 {
enum class Color { kRed, kGreen, kBlue };
WEIR_ENUM_TYPE(Color, "com.acme.Color", {kRed, "RED"}, {kGreen, "GREEN"}, {kBlue, "BLUE"});
struct Inner {
  int32_t a = 0;
  std::string gone;
};
WEIR_TYPE(Inner, "com.acme.Inner", a, gone);
struct Account {
  int64_t balance = 0;
  std::string name;
  Color color = Color::kRed;
  std::vector<Inner> list;
  std::map<std::string, Inner> by_name;
  std::optional<std::map<int32_t, std::optional<std::vector<std::pair<Inner, Color>>>>> deep;
  std::set<std::set<std::string>> dropped;
};
WEIR_TYPE(Account, "com.acme.Account", balance, name, color, list, by_name, deep, dropped);
}  // namespace v1

namespace v2 {
enum class Color { kBlue, kGreen, kRed, kViolet };
WEIR_ENUM_TYPE(Color, "com.acme.Color", {kBlue, "BLUE"}, {kGreen, "GREEN"}, {kRed, "RED"},
               {kViolet, "VIOLET"});
struct Inner {
  double added = 2.5;
  int32_t a = 0;
};
WEIR_TYPE(Inner, "com.acme.Inner", added, a);
struct Account {
  std::string name;
  std::optional<weir::LocalDate> since;
  std::string currency = "EUR";
  int64_t balance = 0;
  Color color = Color::kRed;
  std::vector<Inner> list;
  std::map<std::string, Inner> by_name;
  std::optional<std::map<int32_t, std::optional<std::vector<std::pair<Inner, Color>>>>> deep;
};
WEIR_TYPE(Account, "com.acme.Account", name, since, currency, balance, color, list, by_name, deep);
}  // namespace v2

namespace bad {
enum class Color { kRed, kCyan };
WEIR_ENUM_TYPE(Color, "com.acme.Color", {kRed, "RED"}, {kCyan, "CYAN"});
enum class Renamed { kRed };
WEIR_ENUM_TYPE(Renamed, "com.acme.Colour", {kRed, "RED"});
struct Inner {
  int64_t a = 0;
  std::string gone;
};
WEIR_TYPE(Inner, "com.acme.Inner", a, gone);
struct Other {
  int32_t a = 0;
  std::string gone;
};
WEIR_TYPE(Other, "com.acme.Other", a, gone);
}  // namespace bad

template <typename T>
SerializerSnapshot Of() {
  return TypeOf<T>::Serializer().Snapshot();
}

template <typename Before, typename Now>
std::string Verdict() {
  const weir::Compatibility found = weir::Resolve(Of<Before>(), Of<Now>());
  CHECK(weir::Resolve(Of<Before>(), Of<Before>()).verdict == SchemaVerdict::kCompatibleAsIs);
  CHECK(found.reason.empty() == (found.verdict == SchemaVerdict::kCompatibleAsIs));
  const std::string name(weir::SchemaVerdictName(found.verdict));
  return found.reason.empty() ? name : name + ": " + found.reason;
}

TEST_CASE("compatibility: simple types are the same or incompatible", "[types]") {
  CHECK(Verdict<int64_t, int64_t>() == "compatible as is");
  CHECK(Verdict<int32_t, int64_t>() == "incompatible: Int became Long");
  CHECK(Verdict<std::string, weir::Bytes>() == "incompatible: String became BytePrimitiveArray");
  CHECK(Verdict<weir::SqlDate, weir::UtilDate>() == "incompatible: SqlDate became Date");
  SerializerSnapshot old = Of<int64_t>();
  old.version = 2;
  old.legacy_name = "org.apache.flink.api.common.typeutils.base.LongSerializer";
  CHECK(weir::Resolve(old, Of<int64_t>()).verdict == SchemaVerdict::kCompatibleAsIs);
}

TEST_CASE("compatibility: fields of a struct", "[types]") {
  CHECK(Verdict<v1::Inner, v2::Inner>() == "compatible after migration: field gone: was removed");
  CHECK(Verdict<v2::Inner, v1::Inner>() == "compatible after migration: field added: was removed");
  CHECK(Verdict<v1::Inner, bad::Inner>() == "incompatible: field a: Int became Long");
  CHECK(Verdict<v1::Inner, bad::Other>() == "incompatible: class com.acme.Inner became com.acme.Other");
  SerializerSnapshot unknown = Of<v1::Inner>();
  unknown.fields[1].value.clear();
  CHECK(weir::Resolve(unknown, Of<v1::Inner>()).reason ==
        "field gone: its serializer is not in the snapshot");
  CHECK(weir::Resolve(unknown, Of<v2::Inner>()).verdict == SchemaVerdict::kAfterMigration);
}

TEST_CASE("compatibility: the worst field decides (incompatible, then migration, then reconfiguration)",
          "[types]") {
  CHECK(Verdict<std::tuple<v1::Color, v1::Inner, int8_t>, std::tuple<v2::Color, v2::Inner, int8_t>>() ==
        "compatible after migration: field f1: field gone: was removed");
  CHECK(Verdict<std::tuple<v1::Color, v1::Inner, int8_t>, std::tuple<v2::Color, v2::Inner, int16_t>>() ==
        "incompatible: field f2: Byte became Short");
  CHECK(Verdict<std::vector<v1::Account>, std::vector<v2::Account>>().find(
            "compatible after migration: element: field by_name: value: field gone: was removed") == 0);
}

TEST_CASE("compatibility: subclasses of a struct", "[types]") {
  const SerializerSnapshot plain = Of<v1::Inner>();
  const auto subclass = [](const char* name, SerializerSnapshot value) {
    weir::NamedSnapshot named;
    named.name = name;
    named.value.push_back(std::move(value));
    return named;
  };
  SerializerSnapshot ab = plain;
  ab.registered_subclasses = {subclass("A", Of<v1::Inner>()), subclass("B", Of<int32_t>())};
  SerializerSnapshot ba = plain;
  ba.registered_subclasses = {ab.registered_subclasses[1], ab.registered_subclasses[0]};
  for (const auto& [before, now] : {std::pair(plain, ab), std::pair(ab, plain), std::pair(ab, ba)})
    CHECK(weir::Resolve(before, now).verdict == SchemaVerdict::kAfterReconfiguration);
  SerializerSnapshot changed = ab;
  changed.registered_subclasses[0].value[0] = Of<v2::Inner>();
  CHECK(weir::Resolve(ab, changed).reason == "subclass A: field gone: was removed");
  changed.registered_subclasses[1].value[0] = Of<int64_t>();
  CHECK(weir::Resolve(ab, changed).verdict == SchemaVerdict::kIncompatible);
  SerializerSnapshot other = plain;
  other.other_subclasses = {subclass("B", Of<int32_t>())};
  CHECK(weir::Resolve(other, plain).verdict == SchemaVerdict::kCompatibleAsIs);
  CHECK(weir::Resolve(other, ab).verdict == SchemaVerdict::kAfterReconfiguration);
  CHECK(weir::Resolve(other, changed).verdict == SchemaVerdict::kIncompatible);
}

TEST_CASE("compatibility: constants of an enum", "[types]") {
  CHECK(Verdict<v1::Color, v2::Color>() ==
        "compatible after reconfiguration: constants of enum com.acme.Color were added or moved");
  CHECK(Verdict<v1::Color, bad::Color>() ==
        "incompatible: constant GREEN of enum com.acme.Color was removed or renamed");
  CHECK(Verdict<v1::Color, bad::Renamed>() == "incompatible: enum com.acme.Color became com.acme.Colour");
  CHECK(Verdict<v1::Color, int32_t>() == "incompatible: Enum:com.acme.Color became Int");
}

TEST_CASE("compatibility: composites", "[types]") {
  CHECK(Verdict<std::vector<int32_t>, std::set<int32_t>>() == "incompatible: List<Int> became Set<Int>");
  CHECK(Verdict<std::map<int32_t, int8_t>, std::map<int64_t, int8_t>>() ==
        "incompatible: key: Int became Long");
  CHECK(Verdict<std::map<int32_t, v1::Color>, std::map<int32_t, v2::Color>>() ==
        "compatible after reconfiguration: value: constants of enum com.acme.Color were added or moved");
  CHECK(Verdict<std::pair<int8_t, int8_t>, std::tuple<int8_t, int8_t, int8_t>>() ==
        "incompatible: Tuple2<Byte, Byte> became Tuple3<Byte, Byte, Byte>");
  CHECK(Verdict<std::vector<int32_t>, std::vector<std::optional<int32_t>>>() ==
        "incompatible: element: Int became Nullable<Int>");
  // Struct fields, mapped values and elements of sets have the flag anyway.
  CHECK(Verdict<std::map<int32_t, int8_t>, std::map<int32_t, std::optional<int8_t>>>() == "compatible as is");
  SerializerSnapshot padded = Of<std::optional<int64_t>>();
  padded.outer_value = 8;
  CHECK(weir::Resolve(padded, Of<std::optional<int64_t>>()).reason == "padding of 8 bytes became 0");
}

TEST_CASE("compatibility: a time to live is set or dropped", "[types]") {
  CHECK(Verdict<int64_t, weir::TtlValue<int64_t>>() == "incompatible: a time to live was set");
  CHECK(Verdict<weir::TtlValue<int64_t>, int64_t>() == "incompatible: the time to live was dropped");
  CHECK(Verdict<weir::TtlValue<v1::Inner>, weir::TtlValue<v2::Inner>>() ==
        "compatible after migration: field f1: field gone: was removed");
  const auto aware = [](SerializerSnapshot nested, bool has_ttl) {
    SerializerSnapshot snapshot;
    snapshot.class_name = "org.apache.flink.runtime.state.ttl.TtlAwareSerializerSnapshot";
    snapshot.version = 1;
    snapshot.family = weir::SnapshotFamily::kTtlAware;
    snapshot.outer_value = has_ttl ? 1 : 0;
    snapshot.nested.push_back(std::move(nested));
    return snapshot;
  };
  const SerializerSnapshot with = aware(Of<weir::TtlValue<int64_t>>(), true);
  const SerializerSnapshot without = aware(Of<int64_t>(), false);
  CHECK(weir::Resolve(with, Of<weir::TtlValue<int64_t>>()).verdict == SchemaVerdict::kCompatibleAsIs);
  CHECK(weir::Resolve(Of<int64_t>(), without).verdict == SchemaVerdict::kCompatibleAsIs);
  CHECK(weir::Resolve(with, without).verdict == SchemaVerdict::kAfterMigration);
  CHECK(weir::Resolve(Of<int64_t>(), with).verdict == SchemaVerdict::kAfterMigration);
  CHECK(weir::Resolve(with, Of<int64_t>()).verdict == SchemaVerdict::kIncompatible);
  CHECK(weir::Resolve(Of<int32_t>(), with).verdict == SchemaVerdict::kIncompatible);
}

TEST_CASE("compatibility: what a role puts up with", "[types]") {
  const SerializerSnapshot before = Of<v1::Inner>();
  for (const SerializerRole role : {SerializerRole::kKey, SerializerRole::kNamespace, SerializerRole::kTimer,
                                    SerializerRole::kUserKeyOnDisk}) {
    CHECK(weir::CheckRole(role, before, before).ok());
    CHECK(weir::CheckRole(role, Of<v1::Color>(), Of<v2::Color>()).ok());
    CHECK(weir::CheckRole(role, before, Of<v2::Inner>()).code() == absl::StatusCode::kFailedPrecondition);
  }
  for (const SerializerRole role :
       {SerializerRole::kUserKey, SerializerRole::kValue, SerializerRole::kOperatorElement,
        SerializerRole::kBroadcastKey, SerializerRole::kBroadcastValue}) {
    CHECK(weir::CheckRole(role, before, Of<v2::Inner>()).ok());
    CHECK(weir::CheckRole(role, before, Of<bad::Inner>()).code() == absl::StatusCode::kFailedPrecondition);
  }
  CHECK(
      weir::CheckRole(SerializerRole::kKey, Of<std::tuple<int32_t>>(), Of<std::tuple<int64_t>>()).message() ==
      "the new key serializer Tuple1<Long> must be compatible with the previous Tuple1<Int>, but is "
      "incompatible: field f0: Int became Long");
}

template <typename T>
std::string BytesOf(const T& value) {
  weir::ByteWriter writer;
  REQUIRE(TypeOf<T>::Write(writer, value));
  return writer.Take();
}

template <typename Before, typename Now>
Now Migrated(const Before& before) {
  const std::string bytes = BytesOf(before) + "behind";
  weir::ByteReader in(bytes);
  weir::ByteWriter out;
  CHECK(weir::Migrate(Of<Before>(), TypeOf<Now>::Serializer(), in, out) == absl::OkStatus());
  CHECK(in.Rest() == "behind");
  weir::ByteReader reader(out.bytes());
  Now now{};
  TypeOf<Now>::Read(reader, now);
  CHECK(reader.Finish() == absl::OkStatus());
  return now;
}

TEST_CASE("migration: fields go, come with their initializers, and constants keep their names", "[types]") {
  v1::Account before;
  before.balance = 7;
  before.name = "Gordon";
  before.color = v1::Color::kBlue;
  before.list = {{1, "x"}, {2, "y"}};
  before.by_name["k"] = {3, "z"};
  before.deep.emplace()[4] = std::nullopt;
  (*before.deep)[5].emplace().push_back({{6, "w"}, v1::Color::kGreen});
  before.dropped = {{}, {"a", "b"}};
  CHECK(weir::ToJson(Migrated<v1::Account, v2::Account>(before)) ==
        R"({"name":"Gordon","since":null,"currency":"EUR","balance":7,"color":"BLUE",)"
        R"("list":[{"added":2.5,"a":1},{"added":2.5,"a":2}],"by_name":{"k":{"added":2.5,"a":3}},)"
        R"("deep":[[4,null],[5,[[{"added":2.5,"a":6},"GREEN"]]]]})");
  CHECK(weir::ToJson(Migrated<v1::Account, v2::Account>({})).find(R"("deep":null)") != std::string::npos);
  CHECK(weir::ToJson(Migrated<std::set<v1::Color>, std::set<v2::Color>>(
            {v1::Color::kRed, v1::Color::kBlue})) == R"(["BLUE","RED"])");
  CHECK(Migrated<weir::TtlValue<v1::Inner>, weir::TtlValue<v2::Inner>>({9, {4, ""}}).timestamp == 9);
}

TEST_CASE("migration: a value that is used again is read as if it were new", "[types]") {
  const auto plan = weir::Migration::Plan(Of<v1::Inner>(), TypeOf<v2::Inner>::Serializer());
  REQUIRE(plan.ok());
  CHECK_FALSE(plan->is_identity());
  const std::string bytes = BytesOf(v1::Inner{5, "gone"});
  weir::ByteReader in(bytes);
  v2::Inner value{99.0, 1};
  CHECK(plan->Read(in, &value).ok());
  CHECK(value.added == 2.5);
  CHECK(value.a == 5);
}

TEST_CASE("migration: as is, the bytes stay as they are", "[types]") {
  const auto plan = weir::Migration::Plan(Of<v1::Account>(), TypeOf<v1::Account>::Serializer());
  REQUIRE(plan.ok());
  CHECK(plan->is_identity());
  const std::string bytes = BytesOf(v1::Account{});
  weir::ByteReader in(bytes);
  weir::ByteWriter out;
  CHECK(plan->Rewrite(in, out).ok());
  CHECK(out.bytes() == bytes);
}

TEST_CASE("migration: refused, damaged and unknown", "[types]") {
  CHECK(weir::Migration::Plan(Of<v1::Inner>(), TypeOf<bad::Inner>::Serializer()).status().code() ==
        absl::StatusCode::kFailedPrecondition);
  const std::string bytes = BytesOf(v1::Inner{5, "gone"});
  for (size_t size = 0; size < bytes.size(); ++size) {
    weir::ByteReader in(absl::string_view(bytes).substr(0, size));
    weir::ByteWriter out;
    CHECK(weir::Migrate(Of<v1::Inner>(), TypeOf<v2::Inner>::Serializer(), in, out).code() ==
          absl::StatusCode::kDataLoss);
  }
  SerializerSnapshot unknown = Of<v1::Inner>();
  unknown.fields[1].value.clear();
  weir::ByteReader in(bytes);
  weir::ByteWriter out;
  CHECK(weir::Migrate(unknown, TypeOf<v2::Inner>::Serializer(), in, out).message() ==
        "a removed field has no serializer in the snapshot");
  const std::string null_field = absl::StrCat(absl::string_view("\x02\x01", 2));
  weir::ByteReader null_reader(null_field);
  CHECK(weir::Migrate(Of<v1::Inner>(), TypeOf<v2::Inner>::Serializer(), null_reader, out).message() ==
        "null in non-optional a before offset 2");
}

// A candidate job whose POJO differs from the one that Flink 1.11 to 2.0 wrote.
struct Modified {
  std::string name;
  std::vector<int32_t> scores = {1, 2};
  double height = 0;
};
WEIR_TYPE(Modified, "TestPojoWithModifiedSchema", name, scores, height);

TEST_CASE("migration: a POJO that a real release wrote", "[types][fixtures]") {
  WEIR_NEEDS_FIXTURES();
  int migrated = 0;
  for (const auto& path : weir::test::FixturesNamed("serializer-snapshot")) {
    if (path.parent_path().filename().string().find("pojo-serializer-with-modified-schema-") != 0) continue;
    if (path.parent_path().filename().string().find("subclass") != std::string::npos) continue;
    const std::string bytes = weir::test::ReadFile(path);
    weir::ByteReader reader(bytes);
    const auto snapshot = weir::ReadSerializerSnapshot(reader);
    REQUIRE(snapshot.ok());
    const auto plan = weir::Migration::Plan(*snapshot, TypeOf<Modified>::Serializer());
    REQUIRE(plan.ok());
    const std::string data = weir::test::ReadFile(path.parent_path() / "test-data");
    weir::ByteReader in(data);
    Modified value;
    CHECK(plan->Read(in, &value).ok());
    CHECK(in.AtEnd());
    CHECK(weir::ToJson(value) == R"({"name":"Gordon","scores":[1,2],"height":172.8})");
    ++migrated;
  }
  CHECK(migrated == 3);
}

}  // namespace
