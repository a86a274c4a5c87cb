// What only the host promises.
#include "runtime/host/file_name.h"
#include "tests/env/host_world.h"

namespace weir::contract {
namespace {

TEST_CASE("File names: every key has one name, and the name gives the key back", "[host]") {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string key = {'a', static_cast<char>(byte), 'z'};
    const std::string name = host::EscapeFileName(key);
    CHECK(name.find('/') == std::string::npos);
    CHECK(host::UnescapeFileName(name) == key);
  }
  CHECK(host::UnescapeFileName(host::EscapeFileName("")) == "");
  CHECK(host::EscapeFileName(".hidden")[0] != '.');
  for (const char* foreign : {".new", "a b", "%zz", "%4", "a%", "%41", "a/b"}) {
    CHECK(host::UnescapeFileName(foreign) == std::nullopt);
  }
}

TEST_CASE("File disk: a path cannot leave its folder", "[host]") {
  HostWorld world;
  LocalStore& disk = world.env(0).disk;
  for (const char* path : {"", "/etc/passwd", "../up", "a/../../up", "a/", "./a", "a//b"}) {
    CHECK(absl::IsInvalidArgument(disk.Write(path, "x")));
    CHECK(absl::IsInvalidArgument(disk.Read(path).status()));
    CHECK(absl::IsInvalidArgument(disk.Delete(path)));
  }
}

TEST_CASE("File object store: a key that is too long for a file name is refused", "[host]") {
  HostWorld world;
  const absl::Status status = world.Ask<absl::Status>(0, [&](auto answer) {
    world.env(0).store.Put(world.actor(0), std::string(300, 'k'), {"x", 0}, PutMode::kOverwrite,
                           std::move(answer));
  });
  CHECK(absl::IsInvalidArgument(status));
}

TEST_CASE("Event loop: Run returns the reason of the exit", "[host]") {
  HostWorld world;
  world.env(0).executor.After(world.actor(0), Duration::Millis(5),
                              [&] { world.env(0).executor.Exit(absl::CancelledError("enough")); });
  host::EventLoop& loop = static_cast<host::EventLoop&>(world.env(0).executor);
  CHECK(loop.Run() == absl::CancelledError("enough"));
  CHECK(!loop.RunOnce(Duration()));
}

}  // namespace
}  // namespace weir::contract
