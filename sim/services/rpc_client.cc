#include "sim/services/rpc_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace weir::sim {

RpcClient::RpcClient(ServiceAddress address, Clock& clock, Executor& executor, Transport& transport)
    : address_(std::move(address)), clock_(clock), executor_(executor), transport_(transport) {}

void RpcClient::Call(ActorId actor, RpcRequest request, Answered answered) {
  if (!self_.has_value()) self_ = executor_.AddActor(this);
  if (!connection_.has_value()) {
    connection_ = transport_.Connect(*self_, address_.node, address_.port, this);
  }
  request.id = next_id_++;
  pending_.push_back({request.id, actor, clock_.Now(), std::move(answered)});
  transport_.Send(*connection_, std::move(request).Encode());
  ArmTimer();
}

void RpcClient::OnMessage(ConnectionId connection, Message message) {
  if (connection_ != connection) return;
  last_heard_ = clock_.Now();
  uint64_t id = 0;
  std::optional<RpcAnswer> answer = RpcAnswer::Decode(std::move(message), &id);
  const auto found = std::find_if(pending_.begin(), pending_.end(),
                                  [id](const Pending& pending) { return pending.id == id; });
  if (!answer.has_value() || found == pending_.end()) return;  // damaged, or timed out before
  Pending pending = std::move(*found);
  pending_.erase(found);
  Answer(std::move(pending), std::move(*answer));
  ArmTimer();
}

void RpcClient::Shutdown() {
  if (connection_.has_value()) transport_.Close(*connection_);
  connection_.reset();
  pending_.clear();
  ArmTimer();  // nothing is pending: cancels it
  if (self_.has_value()) executor_.RemoveActor(*self_);
  self_.reset();
}

void RpcClient::OnClosed(ConnectionId connection, const absl::Status& reason) {
  if (connection_ != connection) return;
  connection_.reset();
  FailAll(absl::UnavailableError(absl::StrCat(address_.name, ": ", reason.message())));
}

void RpcClient::Answer(Pending pending, RpcAnswer answer) {
  executor_.Post(pending.actor, [answered = std::move(pending.answered),
                                 answer = std::move(answer)]() mutable { answered(std::move(answer)); });
}

void RpcClient::FailAll(const absl::Status& status) {
  for (Pending& pending : std::exchange(pending_, {})) Answer(std::move(pending), RpcAnswer{status, {}, {}});
  ArmTimer();
}

// One timer, for the oldest call; a later one is armed when it fires.
void RpcClient::ArmTimer() {
  if (pending_.empty()) {
    executor_.Cancel(timer_);
    timer_ = TimerId();
    return;
  }
  if (timer_ != TimerId()) return;
  const Duration left = pending_.front().sent + address_.timeout - clock_.Now();
  timer_ = executor_.After(*self_, left, [this] { OnTimer(); });
}

void RpcClient::OnTimer() {
  timer_ = TimerId();
  const Instant now = clock_.Now();
  const absl::Status late = absl::UnavailableError(
      absl::StrCat(address_.name, ": no answer within ", FormatDuration(address_.timeout)));
  bool is_silent = false;
  while (!pending_.empty() && pending_.front().sent + address_.timeout <= now) {
    Pending pending = std::move(pending_.front());
    pending_.erase(pending_.begin());
    is_silent = is_silent || last_heard_ < pending.sent;
    Answer(std::move(pending), RpcAnswer{late, {}, {}});
  }
  if (is_silent && connection_.has_value()) {
    transport_.Close(*connection_);
    connection_.reset();
    FailAll(late);
  }
  ArmTimer();
}

std::string RpcClient::Describe() const {
  return absl::StrCat("client of ", address_.name, ": ", pending_.size(), " calls under way",
                      connection_.has_value() ? "" : ", not connected");
}

void RpcClient::AppendWaits(std::vector<Wait>* waits) const {
  if (pending_.empty()) return;
  waits->push_back({absl::StrCat("client of ", address_.name), "an answer", address_.name});
}

}  // namespace weir::sim
