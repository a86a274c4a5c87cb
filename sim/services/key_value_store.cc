#include "sim/services/key_value_store.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace weir::sim {

KeyValueStore::KeyValueStore(Env& env, KeyValueDisk& disk, ServiceFaults& faults, const ServiceTiming& timing)
    : Service(env,
              {"database", kKeyValuePort, DrawSite::kDatabaseLatency, /*is_in_order=*/true,
               EventId::kDatabaseUnavailable, EventId::kDatabaseResponseLost},
              timing, faults),
      disk_(disk) {}

RpcAnswer KeyValueStore::Apply(const RpcRequest& request) {
  switch (request.method) {
    case kGet:
      return Get(request);
    case kPut:
      return {Write(request, std::string(request.arguments.view())), {}, {}};
    case kAdd:
      return Add(request);
    default:
      return Malformed(request);
  }
}

RpcAnswer KeyValueStore::Get(const RpcRequest& request) {
  ++disk_.reads;
  const auto found = disk_.values.find(request.subject);
  ByteWriter writer;
  writer.Bool(found != disk_.values.end());
  if (found != disk_.values.end()) writer.Raw(found->second);
  return {absl::OkStatus(), writer.Take(), {}};
}

RpcAnswer KeyValueStore::Add(const RpcRequest& request) {
  ByteReader reader(request.arguments);
  const int64_t delta = reader.I64();
  if (!reader.AtEnd()) return Malformed(request);
  int64_t value = 0;
  const auto found = disk_.values.find(request.subject);
  if (found != disk_.values.end() && !absl::SimpleAtoi(found->second, &value)) {
    return {absl::FailedPreconditionError(absl::StrCat("key ", request.subject, " holds no number")), {}, {}};
  }
  if (__builtin_add_overflow(value, delta, &value)) {
    return {absl::FailedPreconditionError(absl::StrCat("key ", request.subject, " would overflow")), {}, {}};
  }
  const absl::Status status = Write(request, absl::StrCat(value));
  ByteWriter writer;
  writer.I64(value);
  return {status, writer.Take(), {}};
}

absl::Status KeyValueStore::Write(const RpcRequest& request, std::string value) {
  absl::Status status = env_.tracer.Reach(events::DatabaseWritten(Subject(request)));
  if (!status.ok()) return status;
  ++disk_.writes;
  disk_.values[request.subject] = std::move(value);
  return absl::OkStatus();
}

}  // namespace weir::sim
