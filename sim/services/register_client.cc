#include "sim/services/register_client.h"

#include "runtime/base/status.h"
#include "sim/services/replicated_register.h"

namespace weir::sim {
namespace {

absl::StatusOr<Versioned> Parse(const RpcAnswer& answer) {
  WEIR_RETURN_IF_ERROR(answer.status);
  ByteReader reader(answer.results);
  Versioned versioned;
  versioned.version = reader.U64();
  WEIR_RETURN_IF_ERROR(reader.status());
  versioned.value = std::string(reader.Raw(reader.remaining()));
  return versioned;
}

}  // namespace

RegisterClient::RegisterClient(ServiceAddress address, Clock& clock, Executor& executor, Transport& transport)
    : rpc_(std::move(address), clock, executor, transport) {}

void RegisterClient::Read(ActorId actor, std::string key, Got got) {
  RpcRequest request;
  request.method = ReplicatedRegister::kRead;
  request.subject = std::move(key);
  rpc_.Call(actor, std::move(request),
            [got = std::move(got)](const RpcAnswer& answer) mutable { got(Parse(answer)); });
}

void RegisterClient::CompareAndSet(ActorId actor, std::string key, uint64_t expected, std::string value,
                                   Got got) {
  RpcRequest request;
  request.method = ReplicatedRegister::kCompareAndSet;
  request.subject = std::move(key);
  ByteWriter writer;
  writer.U64(expected);
  writer.Raw(value);
  request.arguments = writer.Take();
  rpc_.Call(actor, std::move(request),
            [got = std::move(got)](const RpcAnswer& answer) mutable { got(Parse(answer)); });
}

}  // namespace weir::sim
