#include "sim/services/replicated_register.h"

#include "absl/strings/str_cat.h"

namespace weir::sim {
namespace {

RpcAnswer AnswerWith(const Versioned& versioned) {
  ByteWriter writer;
  writer.U64(versioned.version);
  writer.Raw(versioned.value);
  return {absl::OkStatus(), writer.Take(), {}};
}

}  // namespace

Versioned RegisterDisk::Find(absl::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? Versioned() : found->second;
}

std::vector<std::string> RegisterDisk::Keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, versioned] : values_) keys.push_back(key);
  return keys;
}

uint64_t RegisterDisk::Set(absl::string_view key, std::string value) {
  Versioned& versioned = values_[std::string(key)];
  versioned.value = std::move(value);
  return ++versioned.version;
}

ReplicatedRegister::ReplicatedRegister(Env& env, RegisterDisk& disk, ServiceFaults& faults,
                                       const ServiceTiming& timing)
    : Service(env,
              {"register", kRegisterPort, DrawSite::kRegisterLatency, /*is_in_order=*/true,
               EventId::kRegisterUnavailable, EventId::kRegisterResponseLost},
              timing, faults),
      disk_(disk) {}

RpcAnswer ReplicatedRegister::Apply(const RpcRequest& request) {
  if (request.method == kRead) return AnswerWith(disk_.Find(request.subject));
  if (request.method != kCompareAndSet) return Malformed(request);
  ByteReader reader(request.arguments);
  const uint64_t expected = reader.U64();
  if (!reader.ok()) return Malformed(request);
  const absl::string_view value = reader.Raw(reader.remaining());
  const uint64_t version = disk_.Find(request.subject).version;
  if (version != expected) {
    env_.tracer.Note(events::RegisterRefused(Subject(request), version));
    return {absl::AbortedError(
                absl::StrCat("register ", request.subject, " has version ", version, ", not ", expected)),
            {},
            {}};
  }
  const absl::Status status = env_.tracer.Reach(events::RegisterSwapped(Subject(request), version + 1));
  if (!status.ok()) return {status, {}, {}};
  disk_.Set(request.subject, std::string(value));
  return AnswerWith(disk_.Find(request.subject));
}

}  // namespace weir::sim
