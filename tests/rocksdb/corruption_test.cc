// What a crash or a bad disk makes of a database's files: what RocksDB says by itself (when it is told that the files
// are as they should be), and that we notice, whatever it says.
#include <functional>

#include "absl/strings/match.h"
#include "tests/rocksdb/rocksdb_fixture.h"

namespace weir {
namespace {

using Files = weir::Files;

// A checkpoint of 150 rows in two tables ("db"), and what was recorded of its files.
struct Image {
  Files files;  // by name
  std::vector<RocksFile> recorded;
  std::string NameOf(const std::string& part) const {
    std::string found;
    for (const auto& [name, bytes] : files) {
      if (absl::StrContains(name, part)) found = name;
    }
    REQUIRE(!found.empty());
    return found;
  }
};

Image MakeImage(const std::string& folder = "db", char tail = '1') {
  DatabaseWorld world;
  RocksOptions options = DatabaseWorld::Small(folder);
  options.is_compacting = false;
  REQUIRE(world.Create(options).ok());
  for (int i = 0; i < 100; ++i) REQUIRE(world.Put(Key(i), Value(i)).ok());
  REQUIRE(world.database->Flush().ok());
  for (int i = 100; i < 150; ++i) REQUIRE(world.Put(Key(i), Value(i) + tail).ok());
  Image image;
  image.recorded = world.database->Checkpoint("chk").value();
  for (const RocksFile& file : image.recorded)
    image.files[file.name] = world.disk().Read("chk/" + file.name).value();
  return image;
}

// What is recorded of files that are as they should be.
std::vector<RocksFile> Record(const Files& files) {
  std::vector<RocksFile> recorded;
  for (const auto& [name, bytes] : files) recorded.push_back({name, bytes.size(), StableHash64(bytes)});
  return recorded;
}

void WriteInto(DatabaseWorld& world, const Files& files) {
  for (const auto& [name, bytes] : files) REQUIRE(world.disk().Write("db/" + name, bytes).ok());
}

RocksOptions Restored() {
  RocksOptions options = DatabaseWorld::Small();
  options.identity += " restored";
  return options;
}

// How RocksDB takes these files, if nobody compares them with what was recorded.
struct Taken {
  absl::Status open;
  absl::Status read;
  size_t rows = 0;
};

Taken ByItself(const Files& files) {
  DatabaseWorld world;
  WriteInto(world, files);
  Taken taken;
  taken.open = world.Restore(Record(files), Restored());
  if (!taken.open.ok()) return taken;
  Rows rows;
  taken.read = world.Read(&rows);
  taken.rows = rows.size();
  CHECK(world.Put("new", "row").ok());
  CHECK(world.database->Close().ok());
  return taken;
}

// That Restore refuses them, by `part` of the message.
void WeNotice(const Image& image, const Files& files, const std::string& part) {
  DatabaseWorld world;
  WriteInto(world, files);
  const absl::Status status = world.Restore(image.recorded, Restored());
  CAPTURE(status.ToString());
  CHECK(absl::IsDataLoss(status));
  CHECK(absl::StartsWith(status.message(), "database db: db/"));
  CHECK(absl::StrContains(status.message(), part));
}

TEST_CASE("RocksDB files: unharmed, they are the database again", "[rocksdb]") {
  const Image image = MakeImage();
  const Taken taken = ByItself(image.files);
  CHECK(taken.open.ok());
  CHECK(taken.read.ok());
  CHECK(taken.rows == 150);
  CHECK(image.recorded == Record(image.files));
}

TEST_CASE("RocksDB files: a table that is short or whose end is zeroes is refused at open", "[rocksdb]") {
  const Image image = MakeImage();
  const std::string table = image.NameOf(".sst");
  Files files = image.files;
  files[table].resize(files[table].size() - 100);
  CHECK(absl::IsDataLoss(ByItself(files).open));
  WeNotice(image, files, table + " has");
  files[table].append(100, '\0');
  CHECK(absl::IsDataLoss(ByItself(files).open));
  WeNotice(image, files, table + " does not hold what was written");
}

TEST_CASE("RocksDB files: a bit flip in the rows of a table is seen only when they are read", "[rocksdb]") {
  const Image image = MakeImage();
  const std::string table = image.NameOf(".sst");
  Files files = image.files;
  files[table][500] ^= 1;
  const Taken taken = ByItself(files);
  CAPTURE(taken.open.ToString(), taken.read.ToString());
  CHECK(taken.open.ok());
  CHECK(absl::IsDataLoss(taken.read));
  CHECK(absl::StrContains(taken.read.message(), table));
  WeNotice(image, files, table);
}

TEST_CASE("RocksDB files: a missing table is refused at open", "[rocksdb]") {
  const Image image = MakeImage();
  const std::string table = image.NameOf(".sst");
  Files files = image.files;
  files.erase(table);
  const Taken taken = ByItself(files);
  CAPTURE(taken.open.ToString(), taken.read.ToString());
  CHECK(!taken.open.ok());
  CHECK(absl::StrContains(taken.open.message(), table.substr(0, 6)));
  WeNotice(image, files, table + " is missing");
}

TEST_CASE("RocksDB files: another database's table of the same name is not noticed by RocksDB", "[rocksdb]") {
  const Image image = MakeImage();
  const std::string table = image.NameOf(".sst");
  Image other;
  char tail = '2';
  do {  // until it has the same size, which the manifest knows
    REQUIRE(tail <= 'z');
    other = MakeImage("db", tail++);
  } while (other.files.at(table).size() != image.files.at(table).size());
  REQUIRE(other.files.at(table) != image.files.at(table));
  Files files = image.files;
  files[table] = other.files.at(table);
  const Taken taken = ByItself(files);
  CAPTURE(taken.open.ToString(), taken.read.ToString());
  CHECK(taken.open.ok());
  CHECK(taken.read.ok());
  CHECK(taken.rows == 150);  // of the other database
  WeNotice(image, files, table);
}

TEST_CASE("RocksDB files: a manifest that lost its tail opens, without rows (silent loss)", "[rocksdb]") {
  const Image image = MakeImage();
  const std::string manifest = image.NameOf("MANIFEST");
  Files files = image.files;
  files[manifest].resize(files[manifest].size() - 30);  // the last flush, and a note about the log
  const Taken taken = ByItself(files);
  CAPTURE(taken.open.ToString(), taken.read.ToString());
  CHECK(taken.open.ok());
  CHECK(taken.read.ok());
  CHECK(taken.rows == 100);
  WeNotice(image, files, manifest + " has");
}

TEST_CASE("RocksDB files: a bit flip in the manifest is refused at open", "[rocksdb]") {
  const Image image = MakeImage();
  const std::string manifest = image.NameOf("MANIFEST");
  Files files = image.files;
  files[manifest][files[manifest].size() / 2] ^= 1;
  CHECK(absl::IsDataLoss(ByItself(files).open));
  WeNotice(image, files, manifest);
}

TEST_CASE("RocksDB files: CURRENT missing, empty or naming no manifest is refused at open", "[rocksdb]") {
  const Image image = MakeImage();
  for (const char* content : {"-", "", "MANIFEST-000099\n"}) {
    Files files = image.files;
    files["CURRENT"] = content;
    if (files["CURRENT"] == "-") files.erase("CURRENT");
    CAPTURE(content);
    CHECK(!ByItself(files).open.ok());
    WeNotice(image, files, "CURRENT");
  }
}

TEST_CASE("RocksDB files: what does not belong there is refused by us alone", "[rocksdb]") {
  const Image image = MakeImage();
  Files files = image.files;
  files["000099.sst"] = "left by an earlier process";
  const Taken taken = ByItself(files);
  CAPTURE(taken.open.ToString(), taken.read.ToString());
  CHECK(taken.open.ok());  // and it deletes the file
  CHECK(taken.rows == 150);
  WeNotice(image, files, "000099.sst does not belong to it");
}

TEST_CASE("RocksDB files: there is no log, so what was not flushed is gone without a word", "[rocksdb]") {
  DatabaseWorld world;
  REQUIRE(world.Create().ok());
  for (int i = 0; i < 100; ++i) REQUIRE(world.Put(Key(i), Value(i)).ok());
  REQUIRE(world.database->Flush().ok());
  for (int i = 100; i < 150; ++i) REQUIRE(world.Put(Key(i), Value(i)).ok());
  world.Crash(NodeId(0), sim::CrashMode::kSilent);
  world.database.reset();
  world.Restart(NodeId(0));
  Files files;
  for (const auto& [path, bytes] : world.Contents("db/")) {
    CHECK((!absl::EndsWith(path, ".log") || bytes.empty()));
    files[path.substr(3)] = bytes;
  }
  const Taken taken = ByItself(files);
  CAPTURE(taken.open.ToString(), taken.read.ToString());
  CHECK(taken.open.ok());
  CHECK(taken.rows == 100);
  // With a log that holds anything at all, or without one.
  for (auto& [name, bytes] : files) {
    if (absl::EndsWith(name, ".log")) bytes = std::string(1'000, 'l');
  }
  CHECK(!ByItself(files).open.ok());
  std::erase_if(files, [](const auto& file) { return absl::EndsWith(file.first, ".log"); });
  CHECK(ByItself(files).rows == 100);
  // So an owner must not go on with such a folder, and cannot by mistake.
  const absl::Status status = world.Create();
  CHECK(absl::IsAlreadyExists(status));
  CHECK(absl::StrContains(status.message(), "database db: its folder is not empty"));
  REQUIRE(RocksDatabase::DeleteFolder(world.disk(), "db").ok());
  CHECK(world.Create().ok());
}

TEST_CASE("RocksDB files: a bit that flips under a living database is seen when it is read", "[rocksdb]") {
  DatabaseWorld world;
  REQUIRE(world.Create().ok());
  for (int i = 0; i < 100; ++i) REQUIRE(world.Put(Key(i), Value(i)).ok());
  REQUIRE(world.database->Flush().ok());
  const std::string table = world.database->LiveTables()->front().name;
  REQUIRE(world.medium().FlipBit("db/" + table, 500, 3));
  Rows rows;
  const absl::Status status = world.Read(&rows);
  CHECK(absl::IsDataLoss(status));
  CHECK(absl::StrContains(status.message(), "db/" + table));
  // A checkpoint has it too, and whoever reads its files sees it.
  const std::vector<RocksFile> files = world.database->Checkpoint("chk").value();
  for (const RocksFile& file : files) {
    const absl::Status read = RocksDatabase::ReadFile(world.disk(), "chk", file).status();
    CHECK(read.ok() == (file.name != table));
    if (!read.ok())
      CHECK(read.message() == "chk/" + table + " does not hold what was written: its hash differs");
  }
}

TEST_CASE("RocksDB files: a bit that flips in the manifest of a living database is seen by a checkpoint",
          "[rocksdb]") {
  DatabaseWorld world;
  REQUIRE(world.Create().ok());
  // The manifest that goes on: 6.11 leaves that of an empty database behind with the first flush.
  REQUIRE(world.Put("a", "b").ok());
  REQUIRE(world.database->Flush().ok());
  REQUIRE(world.Put("c", "d").ok());
  const std::string manifest = world.disk().List("db/MANIFEST")->back();
  REQUIRE(world.medium().FlipBit(manifest, 9, 0));
  const absl::Status status = world.database->Checkpoint("chk").status();
  CHECK(absl::IsDataLoss(status));
  CHECK(absl::StrContains(status.message(), manifest));
}

}  // namespace
}  // namespace weir
