// A library of the user's own, between the program and Weir's, that opens a database in a simulated world.
#include <memory>
#include <string>

#include "runtime/state/rocksdb/database.h"
#include "sim/world.h"

namespace {

class Node : public weir::Process {
 public:
  Node(weir::Env& env, std::string* result) {
    weir::RocksOptions options;
    options.folder = options.identity = "db";
    auto database = weir::RocksDatabase::Create(env, options, [] {});
    absl::Status status = database.status();
    if (status.ok()) status = (*database)->Put((*database)->Family("default").value(), "key", "value");
    if (status.ok()) status = (*database)->Flush();
    if (status.ok()) status = (*database)->Close();
    *result = status.ToString();
  }
};

}  // namespace

std::string StoreSomething() {
  std::string result = "nothing ran";
  weir::sim::World world({});
  world.Start(world.AddNode("node"), [&](weir::Env& env) { return std::make_unique<Node>(env, &result); });
  return world.failure().value_or(result);
}
