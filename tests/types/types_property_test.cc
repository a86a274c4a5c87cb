// Any value survives; any bytes are either a value or a status, never a crash.
#include "runtime/types/csv.h"
#include "runtime/types/date_time.h"
#include "runtime/types/json.h"
#include "runtime/types/key_hash.h"
#include "runtime/types/migration.h"
#include "runtime/types/serializer_snapshot.h"
#include "runtime/types/snapshot_codec.h"
#include "runtime/types/ttl_value.h"
#include "tests/check_property.h"

namespace {

using weir::CheckProperty;

struct Inner {
  int64_t id = 0;
  std::string text;
  std::optional<double> maybe;
  bool operator==(const Inner&) const = default;
};
WEIR_FIELDS(Inner, id, text, maybe);

enum class Suit { kHearts, kSpades };
WEIR_ENUM(Suit, kHearts, kSpades);

struct Outer {
  Suit suit = Suit::kHearts;
  std::set<std::optional<int16_t>> set;
  weir::Timestamp at;
  weir::TtlValue<weir::LocalDate> ttl;
  std::vector<Inner> list;
  std::map<std::string, std::optional<int32_t>> totals;
  std::map<int16_t, Inner> by_number;
  std::tuple<bool, int8_t, float> triple;
  weir::Bytes raw;
  std::optional<Inner> best;
  bool operator==(const Outer&) const = default;
};
WEIR_FIELDS(Outer, suit, set, at, ttl, list, totals, by_number, triple, raw, best);

// Text of any characters, lone surrogates among them (as WTF-8).
rc::Gen<std::string> Text() {
  return rc::gen::map(rc::gen::container<std::vector<char16_t>>(rc::gen::oneOf(
                          rc::gen::inRange<char16_t>(0, 128), rc::gen::inRange<char16_t>(0, 0xFFFF),
                          rc::gen::inRange<char16_t>(0xD800, 0xE000))),
                      [](const std::vector<char16_t>& units) {
                        std::string utf8;
                        weir::AppendUtf8(std::u16string_view(units.data(), units.size()), &utf8);
                        return utf8;
                      });
}

rc::Gen<Inner> AnyInner() {
  return rc::gen::map(rc::gen::tuple(rc::gen::arbitrary<int64_t>(), Text(), rc::gen::arbitrary<int32_t>()),
                      [](const std::tuple<int64_t, std::string, int32_t>& parts) {
                        Inner inner{std::get<0>(parts), std::get<1>(parts), std::nullopt};
                        if (std::get<2>(parts) % 2 == 0) inner.maybe = std::get<2>(parts) / 7.0;
                        return inner;
                      });
}

Outer AnyOuter() {
  Outer outer;
  outer.suit = *rc::gen::element(Suit::kHearts, Suit::kSpades);
  for (const int16_t number : *rc::gen::arbitrary<std::vector<int16_t>>())
    outer.set.insert(number % 2 == 0 ? std::optional<int16_t>(number) : std::nullopt);
  outer.at = {*rc::gen::inRange<int64_t>(-100'000'000'000, 100'000'000'000),
              *rc::gen::inRange(0, 1'000'000'000)};
  outer.ttl = {*rc::gen::arbitrary<int64_t>(),
               {*rc::gen::inRange(-9999, 99999), 2, *rc::gen::inRange<int8_t>(1, 29)}};
  outer.list = *rc::gen::container<std::vector<Inner>>(AnyInner());
  for (const Inner& inner : outer.list) {
    outer.totals[inner.text] =
        inner.maybe ? std::optional<int32_t>(static_cast<int32_t>(inner.id)) : std::nullopt;
    outer.by_number[static_cast<int16_t>(inner.id)] = inner;
  }
  outer.triple = {*rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<int8_t>(),
                  static_cast<float>(*rc::gen::arbitrary<int32_t>())};
  outer.raw.value = *rc::gen::arbitrary<std::string>();
  if (*rc::gen::arbitrary<bool>()) outer.best = *AnyInner();
  return outer;
}

TEST_CASE("property: a value is read back from its bytes and from its JSON", "[types][property]") {
  CheckProperty("types: round trip", [] {
    const Outer value = AnyOuter();
    weir::ByteWriter writer;
    RC_ASSERT(weir::TypeOf<Outer>::Write(writer, value));
    RC_ASSERT(writer.size() <= weir::TypeOf<Outer>::Bound(value));
    weir::ByteReader reader(writer.bytes());
    Outer back;
    weir::TypeOf<Outer>::Read(reader, back);
    RC_ASSERT(reader.Finish().ok());
    RC_ASSERT(back == value);
    const auto from_json = weir::ReadJson<Outer>(weir::ToJson(value));
    if (from_json.ok()) {
      RC_ASSERT(*from_json == value);
    } else {
      // JSON parsers refuse to read a lone surrogate: nothing else may be wrong.
      RC_ASSERT(weir::ToJson(value).find("\\ud") != std::string::npos);
    }
  });
}

TEST_CASE("property: a string is written if and only if it is text, and its hash is total",
          "[types][property]") {
  CheckProperty("types: strings", [] {
    const std::string any = *rc::gen::arbitrary<std::string>();
    weir::ByteWriter writer;
    const bool is_written = weir::TypeOf<std::string>::Write(writer, any);
    RC_ASSERT(is_written == weir::IsText(any));
    RC_ASSERT(is_written || writer.size() == 0);
    RC_ASSERT(weir::KeyGroupOf(any, 128).value < 128);
    const std::string text = *Text();
    RC_ASSERT(weir::IsText(text));
    std::u16string units;
    RC_ASSERT(weir::Utf8ToUtf16(text, &units));
    uint32_t hash = 0;
    for (const char16_t unit : units) hash = hash * 31 + unit;
    RC_ASSERT(static_cast<uint32_t>(weir::JavaStringHash(text)) == hash);
    weir::ByteWriter utf;
    RC_ASSERT(weir::WriteUtf(utf, text));
    RC_ASSERT(utf.bytes().substr(2).find('\0') == absl::string_view::npos);
    weir::ByteReader reader(utf.bytes());
    RC_ASSERT(weir::ReadUtf(reader) == text);
    RC_ASSERT(reader.AtEnd());
  });
}

TEST_CASE("property: any bytes are a value or a status", "[types][property]") {
  CheckProperty("types: random bytes", [] {
    const std::string bytes = *rc::gen::arbitrary<std::string>();
    weir::ByteReader reader(bytes);
    Outer value;
    weir::TypeOf<Outer>::Read(reader, value);
    weir::ByteReader snapshot(bytes);
    RC_ASSERT(!weir::ReadSerializerSnapshot(snapshot).ok());
    (void)weir::ReadJson<Outer>(bytes);
    const auto layout = weir::CsvLayout::Positional(weir::TypeOf<Inner>::Serializer());
    (void)weir::ReadCsv<Inner>(bytes, *layout);
  });
}

// Some bytes of a valid text changed, cut or doubled.
std::string Damage(std::string bytes) {
  const int changes = *rc::gen::inRange(1, 5);
  for (int i = 0; i < changes && !bytes.empty(); ++i) {
    const size_t at = *rc::gen::inRange<size_t>(0, bytes.size());
    const int kind = *rc::gen::inRange(0, 5);
    if (kind <= 2) bytes[at] = static_cast<char>(*rc::gen::arbitrary<uint8_t>());
    if (kind == 3) bytes.erase(at, *rc::gen::inRange<size_t>(1, 20));
    if (kind == 4) bytes.insert(at, bytes.substr(at, *rc::gen::inRange<size_t>(1, 20)));
  }
  return bytes;
}

TEST_CASE("property: damaged values, snapshots and JSON never crash a reader", "[types][property]") {
  CheckProperty("types: damage", [] {
    const Outer value = AnyOuter();
    weir::ByteWriter writer;
    RC_ASSERT(weir::TypeOf<Outer>::Write(writer, value));
    const std::string bytes = Damage(writer.Take());
    weir::ByteReader reader(bytes);
    Outer back;
    weir::TypeOf<Outer>::Read(reader, back);
    if (reader.ok()) {
      // Whatever was understood is a proper value again.
      weir::ByteWriter again;
      RC_ASSERT(weir::TypeOf<Outer>::Write(again, back));
    }
    weir::ByteWriter snapshot;
    weir::TypeOf<Outer>::Serializer().WriteSnapshot(snapshot);
    const std::string damaged = Damage(snapshot.Take());
    weir::ByteReader snapshot_reader(damaged);
    (void)weir::ReadSerializerSnapshot(snapshot_reader);
    const auto json = weir::ReadJson<Outer>(Damage(weir::ToJson(value)));
    if (!json.ok()) RC_ASSERT(json.status().message().rfind("column ", 0) == 0);
  });
}

TEST_CASE("property: a typed value, read by its snapshot alone, is written again byte for byte",
          "[types][property]") {
  const weir::TypeSerializer& type = weir::TypeOf<Outer>::Serializer();
  const weir::SerializerSnapshot snapshot = type.Snapshot();
  const weir::SnapshotCodec codec(snapshot);
  const auto identity = weir::Migration::Plan(snapshot, type);
  CheckProperty("types: dynamic", [&] {
    weir::ByteWriter typed;
    RC_ASSERT(weir::TypeOf<Outer>::Write(typed, AnyOuter()));
    weir::ByteReader reader(typed.bytes());
    const auto value = codec.Read(reader);
    RC_ASSERT(value.ok());
    RC_ASSERT(reader.AtEnd());
    weir::ByteWriter again;
    RC_ASSERT(codec.Write(*value, again).ok());
    RC_ASSERT(again.bytes() == typed.bytes());
    weir::ByteReader skipper(typed.bytes());
    RC_ASSERT(codec.Skip(skipper).ok());
    RC_ASSERT(skipper.AtEnd());
    weir::ByteReader in(typed.bytes());
    weir::ByteWriter out;
    RC_ASSERT(identity->Rewrite(in, out).ok());
    RC_ASSERT(out.bytes() == typed.bytes());
  });
}

TEST_CASE("property: damaged values are refused, or written again as they are", "[types][property]") {
  const weir::SerializerSnapshot snapshot = weir::TypeOf<Outer>::Serializer().Snapshot();
  const weir::SnapshotCodec codec(snapshot);
  CheckProperty("types: dynamic damage", [&] {
    weir::ByteWriter typed;
    RC_ASSERT(weir::TypeOf<Outer>::Write(typed, AnyOuter()));
    const std::string bytes = Damage(typed.Take());
    weir::ByteReader reader(bytes);
    const auto value = codec.Read(reader);
    weir::ByteReader skipper(bytes);
    RC_ASSERT(codec.Skip(skipper).ok() == value.ok());
    if (!value.ok()) {
      RC_ASSERT(value.status().code() == absl::StatusCode::kDataLoss);
      return;
    }
    weir::ByteWriter again;
    RC_ASSERT(codec.Write(*value, again).ok());
    RC_ASSERT(again.bytes() == bytes.substr(0, reader.offset()));
    RC_ASSERT(skipper.offset() == reader.offset());
  });
}

}  // namespace
