#include "sim/services/cluster_services.h"

#include "runtime/base/check.h"
#include "sim/services/log_client.h"
#include "sim/services/object_store_client.h"
#include "sim/services/register_client.h"

namespace weir::sim {
namespace {

// The stubs of one process incarnation.
class Stubs : public ServiceClients {
 public:
  Stubs(const ClientParts& parts, ServiceAddress store, ServiceAddress registry, ServiceAddress log)
      : store_(std::move(store), parts.clock, parts.executor, parts.transport),
        register_(std::move(registry), parts.clock, parts.executor, parts.transport),
        log_(std::move(log), parts.clock, parts.executor, parts.transport) {}

  DurableStore& store() override { return store_; }
  Register& registry() override { return register_; }
  Log& log() override { return log_; }

 private:
  ObjectStoreClient store_;
  RegisterClient register_;
  LogClient log_;
};

}  // namespace

ClusterServices::ClusterServices(World& world, const ClusterServicesOptions& options)
    : world_(world),
      options_(options),
      store_node_(world.AddNode("object-store")),
      register_node_(world.AddNode("register")),
      log_node_(world.AddNode("log")) {
  if (options_.has_database) database_node_ = world_.AddNode("database");
  world_.SetClientFactory([this](const ClientParts& parts) -> std::unique_ptr<ServiceClients> {
    return std::make_unique<Stubs>(parts, AddressOf("object store", store_node_, kObjectStorePort),
                                   AddressOf("register", register_node_, kRegisterPort),
                                   AddressOf("log", log_node_, kLogPort));
  });
}

void ClusterServices::Start() {
  world_.Start(store_node_, [this](Env& env) -> std::unique_ptr<Process> {
    return std::make_unique<ObjectStore>(env, store_, store_faults_, options_.store);
  });
  world_.Start(register_node_, [this](Env& env) -> std::unique_ptr<Process> {
    return std::make_unique<ReplicatedRegister>(env, register_, register_faults_, options_.registry);
  });
  world_.Start(log_node_, [this](Env& env) -> std::unique_ptr<Process> {
    return std::make_unique<TransactionalLog>(env, log_, log_faults_, options_.log,
                                              options_.transaction_timeout);
  });
  if (!options_.has_database) return;
  world_.Start(database_node_, [this](Env& env) -> std::unique_ptr<Process> {
    return std::make_unique<KeyValueStore>(env, database_, database_faults_, options_.database);
  });
}

NodeId ClusterServices::database_node() const {
  WEIR_CHECK(options_.has_database, "this cluster has no database");
  return database_node_;
}

std::unique_ptr<KeyValueClient> ClusterServices::MakeDatabaseClient(Env& env) const {
  return std::make_unique<KeyValueClient>(AddressOf("database", database_node(), kKeyValuePort), env.clock,
                                          env.executor, env.transport);
}

void ClusterServices::HealAll() {
  store_faults_.Heal();
  register_faults_.Heal();
  log_faults_.Heal();
  database_faults_.Heal();
}

ServiceAddress ClusterServices::AddressOf(const char* name, NodeId node, PortId port) const {
  return {name, node, port, options_.client_timeout};
}

}  // namespace weir::sim
