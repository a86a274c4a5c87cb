// Licensed under the Apache License, Version 2.0.
//
// The simulated world of the contract suite, and of the tests of the services: some client processes, each with one
// actor, and a cluster's services.
#ifndef WEIR_TESTS_ENV_SIM_WORLD_H_
#define WEIR_TESTS_ENV_SIM_WORLD_H_

#include <memory>
#include <string>
#include <vector>

#include "sim/services/cluster_services.h"
#include "sim/world.h"
#include "tests/env/contract_world.h"

namespace weir::contract {

class SimWorld : public ContractWorld {
 public:
  explicit SimWorld(uint32_t clients = 2, const sim::WorldOptions& world_options = {},
                    const sim::ClusterServicesOptions& service_options = WithDatabase())
      : world_(world_options), services_(world_, service_options) {
    AddTopics(services_.log());
    services_.Start();
    clients_.resize(clients);
    for (Client& client : clients_) {
      client.node = world_.AddNode("client");
      world_.Start(client.node, [&client](Env& env) -> std::unique_ptr<Process> {
        return std::make_unique<ClientProcess>(client, env);
      });
    }
    REQUIRE(RunUntil([this] {
      for (const Client& client : clients_) {
        if (client.env == nullptr) return false;
      }
      return true;
    }));
  }

  static sim::ClusterServicesOptions WithDatabase() {
    sim::ClusterServicesOptions options;
    options.has_database = true;
    return options;
  }

  Env& env(uint32_t client) override { return *clients_[client].env; }
  ActorId actor(uint32_t client) override { return clients_[client].actor; }
  LogState& log_state() override { return services_.log(); }
  void DamageObject(const std::string& key, std::string bytes) override {
    services_.store().Damage(key, std::move(bytes));
  }
  bool RunUntil(const std::function<bool()>& done) override {
    return world_.RunUntil(done, world_.now() + Duration::Seconds(600)).ok();
  }
  void RunFor(Duration time) override {
    bool over = false;
    world_.At(world_.now() + time, [&over] { over = true; });
    REQUIRE(RunUntil([&over] { return over; }));
  }

  sim::World& world() { return world_; }
  sim::ClusterServices& services() { return services_; }
  NodeId node(uint32_t client) const { return clients_[client].node; }

 private:
  struct Client {
    NodeId node;
    Env* env = nullptr;
    ActorId actor;
  };
  class ClientProcess : public Process, public Actor {
   public:
    ClientProcess(Client& client, Env& env) {
      client.env = &env;
      client.actor = env.executor.AddActor(this);
    }
    std::string Describe() const override { return "client"; }
  };

  sim::World world_;
  sim::ClusterServices services_;
  std::vector<Client> clients_;
};

}  // namespace weir::contract

#endif  // WEIR_TESTS_ENV_SIM_WORLD_H_
