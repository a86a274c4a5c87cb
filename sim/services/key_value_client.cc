#include "sim/services/key_value_client.h"

#include "runtime/base/status.h"
#include "sim/services/key_value_store.h"

namespace weir::sim {
namespace {

RpcRequest MakeRequest(KeyValueStore::Method method, std::string subject) {
  RpcRequest request;
  request.method = method;
  request.subject = std::move(subject);
  return request;
}

absl::StatusOr<std::optional<std::string>> ParseValue(const RpcAnswer& answer) {
  WEIR_RETURN_IF_ERROR(answer.status);
  ByteReader reader(answer.results);
  const bool found = reader.Bool();
  WEIR_RETURN_IF_ERROR(reader.status());
  if (!found) return std::nullopt;
  return std::string(reader.Raw(reader.remaining()));
}

absl::StatusOr<int64_t> ParseSum(const RpcAnswer& answer) {
  WEIR_RETURN_IF_ERROR(answer.status);
  ByteReader reader(answer.results);
  const int64_t sum = reader.I64();
  WEIR_RETURN_IF_ERROR(reader.Finish());
  return sum;
}

}  // namespace

KeyValueClient::KeyValueClient(ServiceAddress address, Clock& clock, Executor& executor, Transport& transport)
    : rpc_(std::move(address), clock, executor, transport) {}

void KeyValueClient::Get(ActorId actor, std::string key, Got got) {
  rpc_.Call(actor, MakeRequest(KeyValueStore::kGet, std::move(key)),
            [got = std::move(got)](const RpcAnswer& answer) mutable { got(ParseValue(answer)); });
}

void KeyValueClient::Put(ActorId actor, std::string key, std::string value, Done done) {
  RpcRequest request = MakeRequest(KeyValueStore::kPut, std::move(key));
  request.arguments = std::move(value);
  rpc_.Call(actor, std::move(request),
            [done = std::move(done)](const RpcAnswer& answer) mutable { done(answer.status); });
}

void KeyValueClient::Add(ActorId actor, std::string key, int64_t delta, Added added) {
  RpcRequest request = MakeRequest(KeyValueStore::kAdd, std::move(key));
  ByteWriter writer;
  writer.I64(delta);
  request.arguments = writer.Take();
  rpc_.Call(actor, std::move(request),
            [added = std::move(added)](const RpcAnswer& answer) mutable { added(ParseSum(answer)); });
}

}  // namespace weir::sim
