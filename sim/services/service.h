// Licensed under the Apache License, Version 2.0.
//
// What all services have in common: a process that listens, takes a while for each request,
// consults its faults, and applies the request in one step at the end of its latency. What it keeps
// lives in a *disk* object of the harness, which survives the process: a request is either applied,
// for ever, or not at all. (Torn writes of a service's own storage are below the guarantees that
// stores, registers and logs give, so they are not modelled.)
//
// A damaged request is answered kInvalidArgument and changes nothing.
#ifndef WEIR_SIM_SERVICES_SERVICE_H_
#define WEIR_SIM_SERVICES_SERVICE_H_

#include <deque>
#include <map>
#include <string>

#include "runtime/env/env.h"
#include "sim/services/occurrences.h"
#include "sim/services/rpc_frame.h"
#include "sim/services/service_faults.h"

namespace weir::sim {

// How long a request takes: a latency drawn uniformly, and its billed bytes over the bandwidth.
struct ServiceTiming {
  Duration latency_min = Duration::Millis(1);
  Duration latency_max = Duration::Millis(3);
  uint64_t bytes_per_second = 1'000'000'000;
};

class Service : public Process, public Actor, private ConnectionHandler {
 public:
  uint64_t requests() const { return requests_; }  // answered by this incarnation
  std::string Describe() const override;

 protected:
  struct Kind {
    const char* name = "";
    PortId port;
    DrawSite latency_site{};
    // Whether requests of one connection are applied in the order of their arrival, or each when it
    // is done.
    bool is_in_order = false;
    EventId unavailable{};  // both with one field, the subject
    EventId response_lost{};
  };

  // `env` and `faults` outlive the process.
  Service(Env& env, const Kind& kind, const ServiceTiming& timing, ServiceFaults& faults);

  // Applies the request and says what to answer. REQUIRES (of the implementation): it emits its
  // fault points before it changes anything, and answers their status.
  virtual RpcAnswer Apply(const RpcRequest& request) = 0;
  // Whether this method may change something, so that losing its response matters.
  virtual bool IsChange(uint8_t method) const = 0;
  // Bytes that take time besides the latency.
  virtual uint64_t BilledBytes(const RpcRequest& request) const { return request.arguments.size(); }
  // What the draws of a request are keyed by, together with how often it was asked before.
  virtual uint64_t DrawKey(const RpcRequest& request) const;

  // The subject of a request as events name it.
  static uint64_t Subject(const RpcRequest& request) { return StableHash64(request.subject); }
  static RpcAnswer Malformed(const RpcRequest& request);

  Env& env_;
  const ActorId actor_;

 private:
  struct Work {
    RpcRequest request;
    uint64_t draw_key = 0;
    uint64_t occurrence = 0;
  };
  struct Line {  // the requests of one connection, in order
    std::deque<Work> waiting;
    Instant last_due;
    bool is_closed = false;
  };

  void OnMessage(ConnectionId connection, Message message) override;
  void OnClosed(ConnectionId connection, const absl::Status& reason) override;
  Duration TimeOf(const Work& work) const;
  void Finish(ConnectionId connection, const Work& work);
  void FinishNext(ConnectionId connection);

  const Kind kind_;
  const ServiceTiming timing_;
  ServiceFaults& faults_;
  Occurrences occurrences_;             // by draw key
  std::map<ConnectionId, Line> lines_;  // only in order
  uint64_t requests_ = 0;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVICES_SERVICE_H_
