#include "sim/services/object_store.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/stable_hash.h"

namespace weir::sim {

const Blob* ObjectStoreDisk::Find(absl::string_view key) const {
  const auto found = objects_.find(key);
  return found == objects_.end() ? nullptr : &found->second.blob;
}

std::vector<std::string> ObjectStoreDisk::Keys(absl::string_view prefix) const {
  std::vector<std::string> keys;
  for (auto it = objects_.lower_bound(prefix); it != objects_.end(); ++it) {
    if (!absl::StartsWith(it->first, prefix)) break;
    keys.push_back(it->first);
  }
  return keys;
}

uint64_t ObjectStoreDisk::billed_bytes() const {
  uint64_t bytes = 0;
  for (const auto& [key, object] : objects_) bytes += object.blob.bytes.size() - object.blob.unbilled;
  return bytes;
}

void ObjectStoreDisk::Set(std::string key, Blob blob) {
  WEIR_CHECK(blob.unbilled <= blob.bytes.size(), key);
  const uint64_t checksum = StableHash64(blob.bytes);
  objects_[std::move(key)] = {std::move(blob), checksum};
}

bool ObjectStoreDisk::IsIntact(absl::string_view key) const {
  const Object& object = objects_.find(key)->second;
  return StableHash64(object.blob.bytes) == object.checksum;
}

void ObjectStoreDisk::Damage(absl::string_view key, std::string bytes) {
  const auto found = objects_.find(key);
  WEIR_CHECK(found != objects_.end(), key);
  Blob& blob = found->second.blob;
  blob.unbilled = std::min<uint64_t>(blob.unbilled, bytes.size());
  blob.bytes = std::move(bytes);
}

void ObjectStoreDisk::Erase(absl::string_view key) {
  const auto found = objects_.find(key);
  if (found != objects_.end()) objects_.erase(found);
}

ObjectStore::ObjectStore(Env& env, ObjectStoreDisk& disk, ServiceFaults& faults, const ServiceTiming& timing)
    : Service(env,
              {"object store", kObjectStorePort, DrawSite::kStoreLatency, /*is_in_order=*/false,
               EventId::kStoreRefused, EventId::kStoreResponseLost},
              timing, faults),
      disk_(disk) {}

uint64_t ObjectStore::BilledBytes(const RpcRequest& request) const {
  if (request.method != kGet) return request.arguments.size();
  const Blob* blob = disk_.Find(request.subject);
  return blob == nullptr ? 0 : blob->bytes.size() - blob->unbilled;
}

RpcAnswer ObjectStore::Apply(const RpcRequest& request) {
  switch (request.method) {
    case kPut:
      return Put(request);
    case kGet:
      return Get(request);
    case kDelete: {
      const absl::Status status = env_.tracer.Reach(events::StoreDelete(Subject(request)));
      if (status.ok()) disk_.Erase(request.subject);
      return {status, {}, {}};
    }
    case kList:
      return List(request);
    default:
      return Malformed(request);
  }
}

RpcAnswer ObjectStore::Put(const RpcRequest& request) {
  ByteReader reader(request.arguments);
  const uint8_t mode = reader.U8();
  if (!reader.ok() || mode > static_cast<uint8_t>(PutMode::kIfAbsent)) return Malformed(request);
  const absl::string_view billed = reader.Raw(reader.remaining());
  if (static_cast<PutMode>(mode) == PutMode::kIfAbsent && disk_.Find(request.subject) != nullptr) {
    return {absl::AlreadyExistsError(absl::StrCat("object ", request.subject)), {}, {}};
  }
  const absl::Status status = env_.tracer.Reach(events::StorePut(Subject(request), billed.size()));
  if (!status.ok()) return {status, {}, {}};
  std::string bytes;
  bytes.reserve(billed.size() + request.lane.size());
  absl::StrAppend(&bytes, billed, request.lane);
  disk_.Set(request.subject, Blob{std::move(bytes), request.lane.size()});
  return {};
}

RpcAnswer ObjectStore::Get(const RpcRequest& request) {
  const Blob* blob = disk_.Find(request.subject);
  if (blob == nullptr) return {absl::NotFoundError(absl::StrCat("object ", request.subject)), {}, {}};
  const size_t billed = blob->bytes.size() - blob->unbilled;
  const absl::Status status = env_.tracer.Reach(events::StoreGet(Subject(request), billed));
  if (!status.ok()) return {status, {}, {}};
  if (!disk_.IsIntact(request.subject)) {
    return {
        absl::DataLossError(absl::StrCat("object ", request.subject, " is damaged: its checksum differs")),
        {},
        {}};
  }
  ByteWriter results;
  const size_t head = RpcAnswer::WriteHead(results);
  results.Raw(absl::string_view(blob->bytes).substr(0, billed));
  return {absl::OkStatus(), {results.Take(), head}, blob->bytes.substr(billed)};
}

RpcAnswer ObjectStore::List(const RpcRequest& request) {
  const std::vector<std::string> keys = disk_.Keys(request.subject);
  ByteWriter writer;
  writer.U32(static_cast<uint32_t>(keys.size()));
  for (const std::string& key : keys) writer.Bytes(key);
  return {absl::OkStatus(), writer.Take(), {}};
}

}  // namespace weir::sim
