// Licensed under the Apache License, Version 2.0.
//
// The services of one simulated cluster together: their nodes in the world, what they hold, what is
// wrong with them, and the stubs that every process of the world gets for them.
//
//   World world(options);
//   ClusterServices services(world, {});        // nodes "object-store", "register", "log" exist
//   services.log().AddTopic("output", 2);
//   services.Start();
//   ... add and start the nodes of the engine ...
#ifndef WEIR_SIM_SERVICES_CLUSTER_SERVICES_H_
#define WEIR_SIM_SERVICES_CLUSTER_SERVICES_H_

#include <memory>

#include "runtime/env/log_state.h"
#include "sim/services/key_value_client.h"
#include "sim/services/key_value_store.h"
#include "sim/services/object_store.h"
#include "sim/services/replicated_register.h"
#include "sim/services/service_faults.h"
#include "sim/services/transactional_log.h"
#include "sim/world.h"

namespace weir::sim {

struct ClusterServicesOptions {
  ServiceTiming store{Duration::Millis(2), Duration::Millis(10), 500'000'000};
  ServiceTiming registry{Duration::Micros(500), Duration::Millis(3), 1'000'000'000};
  ServiceTiming log{Duration::Micros(200), Duration::Millis(1), 1'000'000'000};
  ServiceTiming database{Duration::Micros(200), Duration::Millis(1), 1'000'000'000};
  bool has_database = false;
  Duration client_timeout = Duration::Seconds(1);  // of one request; see rpc_client.h
  Duration transaction_timeout;                    // zero: open transactions never expire
};

class ClusterServices {
 public:
  // Adds the nodes, and from now on gives stubs to every process that starts. The world outlives
  // this, and this outlives the world's last event.
  ClusterServices(World& world, const ClusterServicesOptions& options);

  // Starts the services. REQUIRES: called once.
  void Start();

  NodeId store_node() const { return store_node_; }
  NodeId register_node() const { return register_node_; }
  NodeId log_node() const { return log_node_; }
  // REQUIRES: the options have a database.
  NodeId database_node() const;
  // A stub of the database, for a program that uses one. Its Env must be that of a process of this
  // world.
  std::unique_ptr<KeyValueClient> MakeDatabaseClient(Env& env) const;

  // --- What is wrong with them.
  ServiceFaults& store_faults() { return store_faults_; }
  ServiceFaults& register_faults() { return register_faults_; }
  ServiceFaults& log_faults() { return log_faults_; }
  ServiceFaults& database_faults() { return database_faults_; }
  void HealAll();

  // --- What they hold: for set-up before the run, and for oracles at any time.
  ObjectStoreDisk& store() { return store_; }
  const ObjectStoreDisk& store() const { return store_; }
  RegisterDisk& registry() { return register_; }
  const RegisterDisk& registry() const { return register_; }
  LogState& log() { return log_; }
  const LogState& log() const { return log_; }
  KeyValueDisk& database() { return database_; }
  const KeyValueDisk& database() const { return database_; }

 private:
  ServiceAddress AddressOf(const char* name, NodeId node, PortId port) const;

  World& world_;
  const ClusterServicesOptions options_;
  NodeId store_node_;
  NodeId register_node_;
  NodeId log_node_;
  NodeId database_node_ = kNoNode;
  ServiceFaults store_faults_;
  ServiceFaults register_faults_;
  ServiceFaults log_faults_;
  ServiceFaults database_faults_;
  ObjectStoreDisk store_;
  RegisterDisk register_;
  LogState log_;
  KeyValueDisk database_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVICES_CLUSTER_SERVICES_H_
