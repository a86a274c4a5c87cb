// Licensed under the Apache License, Version 2.0.
//
// The real world of the contract suite: two host processes in this program, over loopback and a
// temporary folder.
#ifndef WEIR_TESTS_ENV_HOST_WORLD_H_
#define WEIR_TESTS_ENV_HOST_WORLD_H_

#include <memory>
#include <string>

#include "runtime/host/host_node.h"
#include "tests/env/contract_world.h"

namespace weir::contract {

class HostWorld : public ContractWorld {
 public:
  HostWorld();
  ~HostWorld() override;

  Env& env(uint32_t node) override { return nodes_[node]->env(); }
  ActorId actor(uint32_t node) override { return actors_[node]; }
  LogState& log_state() override { return log_; }
  void DamageObject(const std::string& key, std::string bytes) override;
  bool RunUntil(const std::function<bool()>& done) override;
  void RunFor(Duration time) override;

 private:
  std::string folder_;
  LogState log_;
  std::unique_ptr<host::HostNode> nodes_[2];
  ActorId actors_[2];
  host::SystemClock clock_;
};

}  // namespace weir::contract

#endif  // WEIR_TESTS_ENV_HOST_WORLD_H_
