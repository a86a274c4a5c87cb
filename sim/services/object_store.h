// Licensed under the Apache License, Version 2.0.
//
// The object store (S3, HDFS) as a process on a node of its own. Fault model: see service_faults.h;
// besides, a refusal at any of its fault points (StorePut, StoreGet, StoreDelete), and bit rot, which a get finds by the
// checksum taken at the put. Requests of one client may overtake each other, and a put whose client gave up waiting may
// still be applied later.
//
// Methods and their arguments; the subject is the key, or for kList the prefix:
//   kPut      u8 mode, the bytes that are billed; lane: those that are not   -> nothing
//   kGet      nothing                                                        -> the same two parts
//                                                                               of the object
//   kDelete   nothing                                                        -> nothing
//   kList     nothing                                                        -> u32 count, keys
#ifndef WEIR_SIM_SERVICES_OBJECT_STORE_H_
#define WEIR_SIM_SERVICES_OBJECT_STORE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/env/durable_store.h"
#include "sim/services/service.h"

namespace weir::sim {

inline constexpr PortId kObjectStorePort{1};

// What is stored. Owned by the harness; survives the process; read by oracles.
class ObjectStoreDisk {
 public:
  // nullptr if there is none.
  const Blob* Find(absl::string_view key) const;
  // Those that begin with `prefix`, sorted.
  std::vector<std::string> Keys(absl::string_view prefix = "") const;
  uint64_t billed_bytes() const;

  // Whether the object is what was put there. REQUIRES: there is one.
  bool IsIntact(absl::string_view key) const;

  // Changes what is stored behind the service's back: set-up.
  void Set(std::string key, Blob blob);
  void Erase(absl::string_view key);
  // Bit rot: the object has these bytes from now on, and the checksum that it had before. REQUIRES: there is one.
  void Damage(absl::string_view key, std::string bytes);

 private:
  struct Object {
    Blob blob;
    uint64_t checksum = 0;
  };
  std::map<std::string, Object, std::less<>> objects_;
};

class ObjectStore : public Service {
 public:
  enum Method : uint8_t { kPut = 1, kGet, kDelete, kList };
  ObjectStore(Env& env, ObjectStoreDisk& disk, ServiceFaults& faults, const ServiceTiming& timing);

 private:
  RpcAnswer Apply(const RpcRequest& request) override;
  bool IsChange(uint8_t method) const override { return method == kPut || method == kDelete; }
  uint64_t BilledBytes(const RpcRequest& request) const override;
  RpcAnswer Put(const RpcRequest& request);
  RpcAnswer Get(const RpcRequest& request);
  RpcAnswer List(const RpcRequest& request);

  ObjectStoreDisk& disk_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVICES_OBJECT_STORE_H_
