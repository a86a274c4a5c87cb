// seeds DIR: what the fuzzers begin with, a folder for each: values of our own types, and files of real releases where
// they are at hand.
#include <filesystem>
#include <fstream>
#include <map>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/format/keyed_state.h"
#include "runtime/format/operator_state.h"
#include "runtime/types/json.h"
#include "tests/fuzz/fuzz_types.h"
#include "tests/types/fixtures.h"

namespace {

using weir::TypeOf;

class Seeds {
 public:
  explicit Seeds(std::filesystem::path root) : root_(std::move(root)) {}
  void Add(const std::string& fuzzer, absl::string_view bytes) {
    std::filesystem::create_directories(root_ / fuzzer);
    std::ofstream file(root_ / fuzzer / std::to_string(++count_[fuzzer]), std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    WEIR_CHECK(file.good());
  }

 private:
  std::filesystem::path root_;
  std::map<std::string, int> count_;
};

template <typename T>
std::string BytesOf(const T& value) {
  weir::ByteWriter writer;
  WEIR_CHECK(TypeOf<T>::Write(writer, value));
  return writer.Take();
}

template <typename T>
std::string SnapshotAnd(const T& value) {
  weir::ByteWriter writer;
  TypeOf<T>::Serializer().WriteSnapshot(writer);
  return absl::StrCat(writer.bytes(), BytesOf(value));
}

weir::fuzz::Whole AnyWhole() {
  weir::fuzz::Whole whole;
  whole.raw.value = "raw";
  whole.parts = {{1, "one", weir::fuzz::Suit::kSpades}, {2, std::nullopt, weir::fuzz::Suit::kHearts}};
  whole.set = {std::nullopt, int16_t{3}};
  whole.by_name = {{"x", whole.parts[0]}, {"y", std::nullopt}};
  return whole;
}

weir::fuzz::before::Whole WholeBefore() {
  weir::fuzz::before::Whole whole;
  whole.set = {std::nullopt, int16_t{3}};
  whole.parts = {{{{1, 2}, {3, 4}}, weir::fuzz::before::Suit::kSpades, 5}};
  whole.by_name = {{"x", whole.parts[0]}, {"y", std::nullopt}};
  whole.gone = {{"z", {}}};
  return whole;
}

std::string KeyedState() {
  weir::KeyedStateHeader header;
  header.key = TypeOf<int64_t>::Serializer().Snapshot();
  header.states = {
      weir::StateMeta::Keyed("sum", weir::KeyedStateType::kValue, TypeOf<int64_t>::Serializer().Snapshot())};
  auto writer = weir::KeyedStateWriter::Create(header, {0, 1}, 2);
  WEIR_CHECK(writer.ok());
  const auto layout = weir::CompositeKeyLayout::For(2, 8);
  for (uint16_t group = 0; group < 2; ++group) {
    writer->BeginKeyGroup(weir::KeyGroup(group));
    for (int64_t key = 0; key < 3; ++key) {
      weir::ByteWriter bytes;
      weir::AppendCompositeKey(bytes, layout, weir::KeyGroup(group), BytesOf(key));
      writer->Add(0, bytes.bytes(), BytesOf(key));
    }
  }
  const weir::KeyedStateStream stream = writer->Finish();
  weir::ByteWriter out;
  for (const int64_t offset : stream.offsets) out.U16(static_cast<uint16_t>(offset));
  return absl::StrCat(out.bytes(), stream.bytes);
}

void AddOwn(Seeds* seeds) {
  const std::string now = SnapshotAnd(AnyWhole());
  const std::string before = SnapshotAnd(WholeBefore());
  const std::string ttl = SnapshotAnd(weir::TtlValue<std::vector<weir::LocalTime>>{1, {{}, {}}});
  for (const std::string& bytes : {now, before, ttl})
    for (const char* fuzzer : {"serializer_snapshot", "dynamic_value", "migration"})
      seeds->Add(fuzzer, bytes);
  seeds->Add("keyed_state", KeyedState());
  weir::OperatorStateContent content;
  content.lists.push_back({weir::StateMeta::OperatorList("list", weir::OperatorStateMode::kUnion,
                                                         TypeOf<weir::fuzz::Whole>::Serializer().Snapshot()),
                           {BytesOf(AnyWhole()), BytesOf(AnyWhole())}});
  const auto stream = weir::WriteOperatorState(content);
  WEIR_CHECK(stream.ok());
  seeds->Add("operator_state", stream->bytes);
  seeds->Add("json", weir::ToJson(AnyWhole()));
  for (int choice = 0; choice < 16; ++choice) {
    weir::ByteWriter key;
    key.U8(static_cast<uint8_t>(choice));
    key.Raw(absl::string_view("\0\0\4abc\0\0\0\7\4xyz\4\4user", 20));
    seeds->Add("composite_key", key.bytes());
  }
}

void AddFixtures(Seeds* seeds) {
  for (const auto& path : weir::test::FixturesNamed("serializer-snapshot")) {
    const std::string bytes =
        weir::test::ReadFile(path) + weir::test::ReadFile(path.parent_path() / "test-data");
    seeds->Add("serializer_snapshot", bytes);
    seeds->Add("dynamic_value", bytes);
  }
  for (const auto& path : weir::test::FixturesNamed("_metadata")) {
    const std::string bytes = weir::test::ReadFile(path);
    if (bytes.size() <= 16384) seeds->Add("metadata", bytes);
  }
}

}  // namespace

int main(int argc, char** argv) {
  WEIR_CHECK(argc == 2, "usage: seeds DIR");
  Seeds seeds(argv[1]);
  AddOwn(&seeds);
  AddFixtures(&seeds);
  return 0;
}
