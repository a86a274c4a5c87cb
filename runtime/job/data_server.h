// Licensed under the Apache License, Version 2.0.
//
// The data port of a task manager: takes connections from consumers, reads which output they want, and hands each over to
// the subtask that produces it. Producers and consumers are deployed in any order, so a request for a producer that is
// not there yet waits, and is refused after the partition request timeout or when a newer attempt shows up.
#ifndef WEIR_RUNTIME_JOB_DATA_SERVER_H_
#define WEIR_RUNTIME_JOB_DATA_SERVER_H_

#include <map>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "runtime/env/env.h"
#include "runtime/task/subtask.h"

namespace weir {

class DataServer {
 public:
  // The live subtask of that id, or null.
  using Find = absl::AnyInvocable<Subtask*(SubtaskId)>;

  DataServer(Env& env, ActorId actor, Duration request_timeout, Find find);

  void Start();
  // A subtask was deployed: what waits for it is served.
  void OnDeployed(SubtaskId subtask);
  // The subtask has stopped: its connections are closed, nothing reaches it any more.
  void OnStopped(const Subtask& subtask);
  // Refuses everything that still waits: the task manager has no leader.
  void DropWaiting();

  void AppendWaits(std::vector<Wait>* waits) const;

 private:
  // One accepted connection.
  class Relay : public ConnectionHandler {
   public:
    explicit Relay(DataServer& server) : server_(server) {}
    void OnMessage(ConnectionId connection, Message message) override;
    void OnClosed(ConnectionId connection, const absl::Status& reason) override;

    std::optional<PartitionRequest> request;  // once it has come
    const Subtask* producer = nullptr;        // once attached
    ConnectionHandler* target = nullptr;

   private:
    DataServer& server_;
  };

  void OnRequest(ConnectionId connection, Relay* relay, absl::string_view body);
  void Serve(ConnectionId connection, Relay* relay);
  // Destroys the relay in a later event: it may be on the stack.
  void Drop(ConnectionId connection);

  Env& env_;
  const ActorId actor_;
  const Duration request_timeout_;
  Find find_;
  std::map<ConnectionId, std::unique_ptr<Relay>> relays_;
  std::vector<std::unique_ptr<Relay>> dropped_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_JOB_DATA_SERVER_H_
