#include "sim/services/object_store_client.h"

#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "sim/services/object_store.h"

namespace weir::sim {
namespace {

RpcRequest MakeRequest(ObjectStore::Method method, std::string subject) {
  RpcRequest request;
  request.method = method;
  request.subject = std::move(subject);
  return request;
}

absl::StatusOr<std::vector<std::string>> ParseKeys(const RpcAnswer& answer) {
  WEIR_RETURN_IF_ERROR(answer.status);
  ByteReader reader(answer.results);
  std::vector<std::string> keys;
  for (uint32_t left = reader.U32(); left > 0 && reader.ok(); --left) keys.emplace_back(reader.Bytes());
  WEIR_RETURN_IF_ERROR(reader.Finish());
  return keys;
}

}  // namespace

ObjectStoreClient::ObjectStoreClient(ServiceAddress address, Clock& clock, Executor& executor,
                                     Transport& transport)
    : rpc_(std::move(address), clock, executor, transport) {}

void ObjectStoreClient::Put(ActorId actor, std::string key, const Blob& blob, PutMode mode, Done done) {
  WEIR_CHECK(blob.unbilled <= blob.bytes.size(), key);
  RpcRequest request = MakeRequest(ObjectStore::kPut, std::move(key));
  const size_t billed = blob.bytes.size() - blob.unbilled;
  request.lane = blob.bytes.substr(billed);
  ByteWriter head;
  const size_t head_bytes = request.WriteHead(head);
  head.U8(static_cast<uint8_t>(mode));
  std::string frame;
  frame.reserve(head.size() + billed);
  frame.append(head.bytes().data(), head.size());
  frame.append(blob.bytes, 0, billed);
  request.arguments = {std::move(frame), head_bytes};
  rpc_.Call(actor, std::move(request),
            [done = std::move(done)](const RpcAnswer& answer) mutable { done(answer.status); });
}

void ObjectStoreClient::Get(ActorId actor, std::string key, Got got) {
  rpc_.Call(actor, MakeRequest(ObjectStore::kGet, std::move(key)),
            [got = std::move(got)](RpcAnswer answer) mutable {
              if (!answer.status.ok()) return got(answer.status);
              Blob blob{std::move(answer.results).Take(), answer.lane.size()};
              blob.bytes += answer.lane;
              got(std::move(blob));
            });
}

void ObjectStoreClient::Delete(ActorId actor, std::string key, Done done) {
  rpc_.Call(actor, MakeRequest(ObjectStore::kDelete, std::move(key)),
            [done = std::move(done)](const RpcAnswer& answer) mutable { done(answer.status); });
}

void ObjectStoreClient::List(ActorId actor, std::string prefix, Listed listed) {
  rpc_.Call(actor, MakeRequest(ObjectStore::kList, std::move(prefix)),
            [listed = std::move(listed)](const RpcAnswer& answer) mutable { listed(ParseKeys(answer)); });
}

}  // namespace weir::sim
