#include "tests/toy/counter_protocol.h"

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/codec.h"
#include "runtime/base/status.h"

namespace weir::toy {
namespace {

constexpr absl::string_view kFile = "counter";
constexpr absl::string_view kNewFile = "counter.new";
constexpr Duration kTimeout = Duration::Millis(20);
constexpr Duration kDiskRetry = Duration::Millis(5);

std::string Numbers(uint64_t first, uint64_t second) {
  ByteWriter out;
  out.U64(first);
  out.U64(second);
  return out.Take();
}

}  // namespace

Server::Server(Env& env, Mutant mutant) : env_(env), mutant_(mutant), actor_(env.executor.AddActor(this)) {
  env_.executor.Post(actor_, [this] { Load(); });
}

void Server::Load() {
  const absl::StatusOr<std::string> bytes = env_.disk.Read(kFile);
  if (!bytes.ok() && !absl::IsNotFound(bytes.status())) {
    env_.executor.After(actor_, kDiskRetry, [this] { Load(); });
    return;
  }
  if (bytes.ok()) {
    ByteReader in(*bytes);
    state_.request = in.U64();
    state_.count = in.U64();
    WEIR_CHECK(in.Finish().ok(), "the file was renamed before it was durable");
    if (mutant_ == Mutant::kForgetsRequests) state_.request = 0;
  }
  env_.transport.Listen(actor_, kCounterPort, [this](ConnectionId, NodeId) { return this; });
}

absl::Status Server::Save(const State& state) {
  WEIR_RETURN_IF_ERROR(env_.disk.Write(kNewFile, Numbers(state.request, state.count)));
  WEIR_RETURN_IF_ERROR(env_.disk.Sync(kNewFile));
  WEIR_RETURN_IF_ERROR(env_.disk.Rename(kNewFile, kFile));
  if (mutant_ == Mutant::kForgetsToSyncNames) return absl::OkStatus();
  return env_.disk.SyncNames();
}

void Server::Answer(ConnectionId connection, uint64_t request) {
  env_.transport.Send(connection, {Numbers(request, state_.count), ""});
}

void Server::OnMessage(ConnectionId connection, Message message) {
  ByteReader in(message.body);
  const uint64_t request = in.U64();
  WEIR_CHECK(in.Finish().ok(), "the network altered a message");
  if (request <= state_.request) return Answer(connection, request);
  const State next{request, state_.count + 1};
  if (mutant_ == Mutant::kAnswersBeforeSync) {
    state_ = next;
    Answer(connection, request);
    (void)Save(state_);
    return;
  }
  // If this fails the file holds the old state or the new one, and the request will come again: either is right.
  if (!Save(next).ok()) return;
  state_ = next;
  Answer(connection, request);
}

std::string Server::Describe() const {
  return absl::StrCat("server: request ", state_.request, ", count ", state_.count);
}

Client::Client(Env& env, NodeId server, uint64_t requests, Duration pause)
    : env_(env), server_(server), requests_(requests), pause_(pause), actor_(env.executor.AddActor(this)) {
  env_.executor.Post(actor_, [this] { Ask(); });
}

void Client::Ask() {
  if (is_done()) return;
  if (!connection_) connection_ = env_.transport.Connect(actor_, server_, kCounterPort, this);
  ByteWriter out;
  out.U64(answered_ + 1);
  env_.transport.Send(*connection_, {out.Take(), ""});
  timeout_ = env_.executor.After(actor_, kTimeout, [this] { Retry(); });
}

void Client::Retry() {
  ++retries_;
  env_.executor.Cancel(timeout_);
  if (connection_) env_.transport.Close(*connection_);
  connection_.reset();
  Ask();
}

void Client::OnMessage(ConnectionId, Message message) {
  ByteReader in(message.body);
  const uint64_t request = in.U64();
  const uint64_t count = in.U64();
  WEIR_CHECK(in.Finish().ok(), "the network altered a message");
  if (request != answered_ + 1) return;
  if (count != request && !wrong_) wrong_ = {request, count};
  ++answered_;
  env_.executor.Cancel(timeout_);
  env_.executor.After(actor_, pause_, [this] { Ask(); });
}

void Client::OnClosed(ConnectionId, const absl::Status&) {
  connection_.reset();
  env_.executor.Cancel(timeout_);
  if (!is_done()) timeout_ = env_.executor.After(actor_, kTimeout, [this] { Retry(); });
}

std::string Client::Describe() const {
  return absl::StrCat("client: ", answered_, " of ", requests_, " answered");
}

void Client::AppendWaits(std::vector<Wait>* waits) const {
  if (!is_done())
    waits->push_back({"client", absl::StrCat("the answer to request ", answered_ + 1), "server"});
}

}  // namespace weir::toy
