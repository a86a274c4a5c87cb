#include "sim/services/service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace weir::sim {

Service::Service(Env& env, const Kind& kind, const ServiceTiming& timing, ServiceFaults& faults)
    : env_(env), actor_(env.executor.AddActor(this)), kind_(kind), timing_(timing), faults_(faults) {
  env_.transport.Listen(actor_, kind_.port,
                        [this](ConnectionId, NodeId) -> ConnectionHandler* { return this; });
}

uint64_t Service::DrawKey(const RpcRequest& request) const {
  return Mix(StableHash64(request.subject), request.method);
}

RpcAnswer Service::Malformed(const RpcRequest& request) {
  return {absl::InvalidArgumentError(absl::StrCat("malformed request, method ", request.method, ", ",
                                                  request.arguments.size(), " bytes")),
          {},
          {}};
}

void Service::OnMessage(ConnectionId connection, Message message) {
  uint64_t id = 0;
  std::optional<RpcRequest> request = RpcRequest::Decode(std::move(message), &id);
  if (!request.has_value()) {
    RpcAnswer answer{absl::InvalidArgumentError("malformed request"), {}, {}};
    env_.transport.Send(connection, std::move(answer).Encode(id));
    return;
  }
  Work work;
  work.draw_key = DrawKey(*request);
  work.occurrence = occurrences_.Next(work.draw_key);
  work.request = std::move(*request);
  const Duration time = TimeOf(work);
  if (!kind_.is_in_order) {
    env_.executor.After(actor_, time,
                        [this, connection, work = std::move(work)] { Finish(connection, work); });
    return;
  }
  Line& line = lines_[connection];
  const Instant now = env_.clock.Now();
  line.last_due = std::max(now + time, line.last_due);
  line.waiting.push_back(std::move(work));
  env_.executor.After(actor_, line.last_due - now, [this, connection] { FinishNext(connection); });
}

// What has arrived is applied even if the client is gone.
void Service::OnClosed(ConnectionId connection, const absl::Status&) {
  const auto found = lines_.find(connection);
  if (found == lines_.end()) return;
  found->second.is_closed = true;
  if (found->second.waiting.empty()) lines_.erase(found);
}

Duration Service::TimeOf(const Work& work) const {
  const Duration latency = Duration::Nanos(static_cast<int64_t>(env_.random.DrawBetween(
      kind_.latency_site, work.draw_key, work.occurrence, static_cast<uint64_t>(timing_.latency_min.nanos()),
      static_cast<uint64_t>(timing_.latency_max.nanos()))));
  const unsigned __int128 nanos =
      static_cast<unsigned __int128>(BilledBytes(work.request)) * 1'000'000'000 / timing_.bytes_per_second;
  return faults_.Stretch(latency + Duration::Nanos(static_cast<int64_t>(nanos)));
}

void Service::FinishNext(ConnectionId connection) {
  const auto found = lines_.find(connection);
  const Work work = std::move(found->second.waiting.front());
  found->second.waiting.pop_front();
  if (found->second.is_closed && found->second.waiting.empty()) lines_.erase(found);
  Finish(connection, work);
}

void Service::Finish(ConnectionId connection, const Work& work) {
  ++requests_;
  RpcAnswer answer;
  const uint64_t subject = Subject(work.request);
  if (faults_.IsUnavailable(env_.clock.Now())) {
    env_.tracer.Note(Event{kind_.unavailable, {subject}});
    answer.status = absl::UnavailableError(absl::StrCat(kind_.name, " is unavailable"));
  } else {
    answer = Apply(work.request);
    if (answer.status.ok() && IsChange(work.request.method) &&
        faults_.TakesResponse(env_.random, work.draw_key, work.occurrence)) {
      env_.tracer.Note(Event{kind_.response_lost, {subject}});
      answer.status = absl::UnavailableError(absl::StrCat(kind_.name, ": the response was lost"));
    }
  }
  env_.transport.Send(connection, std::move(answer).Encode(work.request.id));
}

std::string Service::Describe() const {
  return absl::StrCat(kind_.name, ": ", requests_, " requests answered");
}

}  // namespace weir::sim
