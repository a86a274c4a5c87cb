// Licensed under the Apache License, Version 2.0.
//
// What the injector can do to a cluster: names of a plan turned into nodes, and the switches of the
// services. Filled in by whoever builds the cluster (scenarios/).
#ifndef WEIR_FAULTS_CLUSTER_CONTROL_H_
#define WEIR_FAULTS_CLUSTER_CONTROL_H_

#include <cstdint>
#include <map>
#include <string>

#include "runtime/base/ids.h"
#include "runtime/base/time.h"
#include "sim/world.h"

namespace weir::faults {

class ClusterControl {
 public:
  virtual ~ClusterControl() = default;
  virtual sim::World& world() = 0;
  // "job-manager-0", "task-manager-2", "object-store", "register", "log".
  virtual const std::map<std::string, NodeId>& nodes() const = 0;
  // The object store. A slowdown of 1 is none; LoseStoreResponses replaces what is left of an
  // earlier call.
  virtual void SetStoreUnavailable(bool unavailable) = 0;
  virtual void SetStoreSlowdown(uint32_t factor) = 0;
  virtual void LoseStoreResponses(uint32_t count) = 0;
};

}  // namespace weir::faults

#endif  // WEIR_FAULTS_CLUSTER_CONTROL_H_
