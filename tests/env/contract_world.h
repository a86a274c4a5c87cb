// Licensed under the Apache License, Version 2.0.
//
// What the contract suite needs of a world: two processes that can see each other, each with one
// actor, and a way to let things happen. The suite is written once against this; host_world.h and
// sim_world.h are the two worlds.
#ifndef WEIR_TESTS_ENV_CONTRACT_WORLD_H_
#define WEIR_TESTS_ENV_CONTRACT_WORLD_H_

#include <catch2/catch.hpp>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/env/env.h"
#include "runtime/env/log_state.h"

namespace weir::contract {

class ContractWorld {
 public:
  virtual ~ContractWorld() = default;
  // Node 0 or 1.
  virtual Env& env(uint32_t node) = 0;
  virtual ActorId actor(uint32_t node) = 0;
  // What the log of the world holds. Topics: "output" (2 partitions), "input" (2 partitions of 5
  // records each).
  virtual LogState& log_state() = 0;
  // The object has these bytes from now on, and its checksum is what it was. REQUIRES: it has no unbilled bytes.
  virtual void DamageObject(const std::string& key, std::string bytes) = 0;
  // Lets events happen until `done()`; false if nothing that could make it so happened for long.
  virtual bool RunUntil(const std::function<bool()>& done) = 0;
  // Lets at least this much time pass.
  virtual void RunFor(Duration time) = 0;

  // Runs `task` as an event of the node's actor, to its end.
  void Do(uint32_t node, Task task) {
    bool done = false;
    env(node).executor.Post(actor(node), [&done, task = std::move(task)]() mutable {
      task();
      done = true;
    });
    REQUIRE(RunUntil([&done] { return done; }));
  }

  // Calls something that answers by callback, from the node's actor, and waits for the answer:
  //   Ask<absl::Status>(0, [&](auto answer) { store.Delete(actor, "key", std::move(answer)); })
  // Requires that the callback does not run inside the call, and not twice.
  template <typename Answer, typename Call>
  Answer Ask(uint32_t node, Call call) {
    std::optional<Answer> answer;
    Do(node, [&] {
      call([&answer](Answer value) {
        REQUIRE(!answer.has_value());
        answer = std::move(value);
      });
      CHECK(!answer.has_value());
    });
    REQUIRE(RunUntil([&answer] { return answer.has_value(); }));
    return std::move(*answer);
  }
};

// The records of the topic "input".
inline bool InputRecord(uint32_t partition, uint64_t offset, LogRecordsWriter* records) {
  if (offset >= 5) return false;
  const std::string value = "p" + std::to_string(partition) + "o" + std::to_string(offset);
  if (records != nullptr) records->Add({value, Hash128{partition, offset}});
  return true;
}

inline void AddTopics(LogState& log) {
  log.AddTopic("output", 2);
  log.AddSourceTopic("input", 2, &InputRecord);
}

}  // namespace weir::contract

#endif  // WEIR_TESTS_ENV_CONTRACT_WORLD_H_
