// Licensed under the Apache License, Version 2.0.
//
// A process of the real world, whole: every part of an Env, and the program that runs on it.
// Several may live in one program, driven by one thread, each with an event loop of its own.
#ifndef WEIR_RUNTIME_HOST_HOST_NODE_H_
#define WEIR_RUNTIME_HOST_HOST_NODE_H_

#include <functional>
#include <memory>
#include <string>

#include "runtime/env/env.h"
#include "runtime/host/event_loop.h"
#include "runtime/host/file_disk.h"
#include "runtime/host/file_object_store.h"
#include "runtime/host/file_register.h"
#include "runtime/host/memory_log.h"
#include "runtime/host/system_clock.h"
#include "runtime/host/tcp_transport.h"

namespace weir::host {

// On the real host nobody listens and nothing is injected.
class SilentTracer : public Tracer {
 public:
  absl::Status Reach(const Event&) override { return absl::OkStatus(); }
  void Note(const Event&) override {}
  uint32_t Choose(const Event&, uint32_t) override { return 0; }
};

struct HostOptions {
  NodeId node;
  uint16_t base_port = 21'000;  // see tcp_transport.h
  // Holds "objects" and "register", which all processes share, and "disk-<node>".
  std::string folder;
  uint64_t seed = 1;
};

class HostNode {
 public:
  // `log` outlives the node.
  HostNode(const HostOptions& options, LogState& log);

  using Program = std::function<std::unique_ptr<Process>(Env&)>;
  // Builds the process. REQUIRES: called once.
  void Start(const Program& program);

  Env& env() { return env_; }
  EventLoop& loop() { return loop_; }

 private:
  SystemClock clock_;
  EventLoop loop_;
  TcpTransport transport_;
  FileObjectStore store_;
  FileDisk disk_;
  FileRegister register_;
  MemoryLog log_;
  Random random_;
  SilentTracer tracer_;
  Env env_;
  std::unique_ptr<Process> process_;  // goes first
};

}  // namespace weir::host

#endif  // WEIR_RUNTIME_HOST_HOST_NODE_H_
