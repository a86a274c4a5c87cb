#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "runtime/job/messages.h"
#include "tests/check_property.h"

namespace weir {
namespace {

TEST_CASE("messages: any bytes are decoded to a message or refused, never more") {
  CheckProperty(
      "messages/fuzz",
      [] {
        auto bytes = *rc::gen::arbitrary<std::string>();
        if (!bytes.empty()) bytes[0] = static_cast<char>(static_cast<uint8_t>(bytes[0]) % 14);
        auto decoded = ControlMessage::Decode(bytes);
        if (decoded.ok()) RC_ASSERT(decoded->body.index() == static_cast<uint8_t>(bytes[0]));
      },
      2000);
}

TEST_CASE("messages: a damaged deployment is another deployment or refused") {
  DeployTask deploy;
  deploy.parallelism = {3};
  deploy.max_parallelism = {128};
  deploy.task.attempt = Attempt(9);
  deploy.task.producers = {{NodeId(1), NodeId(2)}};
  OperatorSnapshot snapshot;
  snapshot.state.managed_keyed =
      KeyedHandle::Checkpoint({0, 1}, {0, 9}, StreamHandle::RelativeFile("k", 33), "handle");
  deploy.task.restored_state = {snapshot};
  const std::string good = *ControlMessage{1, deploy}.Encode();
  CheckProperty(
      "messages/damage",
      [&good] {
        std::string bytes = good;
        const auto changes = *rc::gen::nonEmpty<std::vector<std::pair<uint16_t, char>>>();
        for (const auto& [position, value] : changes) bytes[position % bytes.size()] = value;
        auto decoded = ControlMessage::Decode(bytes);
        if (decoded.ok()) RC_ASSERT(std::move(*decoded).Encode().ok());
      },
      2000);
}

}  // namespace
}  // namespace weir
