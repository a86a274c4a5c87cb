#include "tests/env/host_world.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "runtime/base/stable_hash.h"
#include "runtime/host/file_name.h"

namespace weir::contract {
namespace {

class Bystander : public Actor {
 public:
  std::string Describe() const override { return "bystander"; }
};
const Bystander kBystander;

}  // namespace

HostWorld::HostWorld() {
  const std::string pattern = (std::filesystem::temp_directory_path() / "weir-contract-XXXXXX").string();
  std::vector<char> name(pattern.begin(), pattern.end());
  name.push_back('\0');
  REQUIRE(mkdtemp(name.data()) != nullptr);
  folder_ = name.data();
  AddTopics(log_);
  for (uint32_t i = 0; i < 2; ++i) {
    host::HostOptions options;
    options.node = NodeId(i);
    options.folder = folder_;
    // Test programs run side by side: each takes ports of its own (by the name of its folder, which
    // nobody else has), below those that the kernel hands out.
    options.base_port = static_cast<uint16_t>(10'000 + StableHash64(folder_) % 100 * 200);
    nodes_[i] = std::make_unique<host::HostNode>(options, log_);
    actors_[i] = nodes_[i]->loop().AddActor(&kBystander);
  }
}

HostWorld::~HostWorld() {
  nodes_[0].reset();
  nodes_[1].reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void HostWorld::DamageObject(const std::string& key, std::string bytes) {
  const std::string path = absl::StrCat(folder_, "/objects/", host::EscapeFileName(key));
  constexpr uintmax_t kHead = 16;  // what FileObjectStore keeps before the object
  std::filesystem::resize_file(path, kHead);
  std::ofstream(path, std::ios::binary | std::ios::app) << bytes;
}

bool HostWorld::RunUntil(const std::function<bool()>& done) {
  const Instant deadline = clock_.Now() + Duration::Seconds(10);
  while (!done()) {
    if (clock_.Now() > deadline) return false;
    nodes_[0]->loop().RunOnce(Duration::Millis(1));
    nodes_[1]->loop().RunOnce(Duration());
  }
  return true;
}

void HostWorld::RunFor(Duration time) {
  const Instant end = clock_.Now() + time;
  REQUIRE(RunUntil([&] { return clock_.Now() >= end; }));
}

}  // namespace weir::contract
