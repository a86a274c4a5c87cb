#include "runtime/types/operator_id.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"

namespace weir {
namespace {

constexpr uint64_t kC1 = 0x87C37B91114253D5ull;
constexpr uint64_t kC2 = 0x4CF5AD432745937Full;

constexpr uint64_t Rotate(uint64_t v, int bits) { return v << bits | v >> (64 - bits); }
constexpr uint64_t MixFirst(uint64_t k) { return Rotate(k * kC1, 31) * kC2; }
constexpr uint64_t MixSecond(uint64_t k) { return Rotate(k * kC2, 33) * kC1; }
constexpr uint64_t Finish(uint64_t h) {
  h = (h ^ h >> 33) * 0xFF51AFD7ED558CCDull;
  h = (h ^ h >> 33) * 0xC4CEB9FE1A85EC53ull;
  return h ^ h >> 33;
}

// `size` bytes, at most eight, little-endian, as a number.
uint64_t LoadLittle(const char* bytes, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value |= static_cast<uint64_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
  return value;
}

void StoreLittle(uint64_t value, uint8_t* out) {
  for (int i = 0; i < 8; ++i) out[i] = static_cast<uint8_t>(value >> (8 * i));
}

// The id of a node without uid, from the ids of its inputs. `assigned`: how many ids were given
// before it.
OperatorId IdFromPlace(uint32_t assigned, size_t chainable_outputs, const IdNode& node,
                       const std::vector<OperatorId>& ids) {
  std::string local;
  for (size_t i = 0; i <= chainable_outputs; ++i) {
    for (int shift = 0; shift < 32; shift += 8) local.push_back(static_cast<char>(assigned >> shift));
  }
  OperatorId id = Murmur3_128(local);
  for (const IdNode::Input& input : node.inputs) {
    const OperatorId& from = ids[input.from];
    for (size_t i = 0; i < id.bytes.size(); ++i) {
      id.bytes[i] = static_cast<uint8_t>((id.bytes[i] * 37) ^ from.bytes[i]);
    }
  }
  return id;
}

}  // namespace

OperatorId Murmur3_128(absl::string_view bytes) {
  uint64_t h1 = 0;
  uint64_t h2 = 0;
  const size_t blocks = bytes.size() / 16;
  for (size_t i = 0; i < blocks; ++i) {
    h1 ^= MixFirst(LoadLittle(bytes.data() + 16 * i, 8));
    h1 = (Rotate(h1, 27) + h2) * 5 + 0x52DCE729;
    h2 ^= MixSecond(LoadLittle(bytes.data() + 16 * i + 8, 8));
    h2 = (Rotate(h2, 31) + h1) * 5 + 0x38495AB5;
  }
  const absl::string_view tail = bytes.substr(16 * blocks);
  if (tail.size() > 8) h2 ^= MixSecond(LoadLittle(tail.data() + 8, tail.size() - 8));
  if (!tail.empty()) h1 ^= MixFirst(LoadLittle(tail.data(), std::min<size_t>(tail.size(), 8)));
  h1 ^= bytes.size();
  h2 ^= bytes.size();
  h1 += h2;
  h2 += h1;
  h1 = Finish(h1);
  h2 = Finish(h2);
  h1 += h2;
  h2 += h1;
  OperatorId id;
  StoreLittle(h1, id.bytes.data());
  StoreLittle(h2, id.bytes.data() + 8);
  return id;
}

absl::StatusOr<OperatorId> OperatorIdFromHex(absl::string_view hex) {
  const bool is_hex = hex.size() == 32 && std::all_of(hex.begin(), hex.end(), absl::ascii_isxdigit);
  if (!is_hex) {
    return absl::InvalidArgumentError(absl::StrCat("operator id \"", hex, "\" is not 32 hex digits"));
  }
  const std::string bytes = absl::HexStringToBytes(hex);
  OperatorId id;
  std::memcpy(id.bytes.data(), bytes.data(), id.bytes.size());
  return id;
}

absl::StatusOr<std::vector<OperatorId>> AssignOperatorIds(absl::Span<const IdNode> nodes) {
  std::vector<std::vector<size_t>> outputs(nodes.size());
  std::vector<size_t> chainable_outputs(nodes.size(), 0);
  for (size_t i = 0; i < nodes.size(); ++i) {
    for (const IdNode::Input& input : nodes[i].inputs) {
      WEIR_CHECK(input.from < nodes.size(), "input of node ", i);
      outputs[input.from].push_back(i);
      if (input.chainable) ++chainable_outputs[input.from];
    }
  }
  std::vector<OperatorId> ids(nodes.size());
  std::vector<bool> is_assigned(nodes.size(), false);
  std::vector<bool> is_queued(nodes.size(), false);
  std::map<OperatorId, size_t> owner;
  std::deque<size_t> remaining;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].inputs.empty()) continue;
    remaining.push_back(i);
    is_queued[i] = true;
  }
  while (!remaining.empty()) {
    const size_t node = remaining.front();
    remaining.pop_front();
    const bool is_ready = std::all_of(nodes[node].inputs.begin(), nodes[node].inputs.end(),
                                      [&](const IdNode::Input& input) { return is_assigned[input.from]; });
    if (nodes[node].uid.empty() && !is_ready) {
      is_queued[node] = false;  // comes back behind its last input
      continue;
    }
    const uint32_t assigned = static_cast<uint32_t>(owner.size());
    ids[node] = nodes[node].uid.empty() ? IdFromPlace(assigned, chainable_outputs[node], nodes[node], ids)
                                        : OperatorIdFromUid(nodes[node].uid);
    const auto [other, is_new] = owner.emplace(ids[node], node);
    if (!is_new) {
      return absl::InvalidArgumentError(absl::StrCat("operators ", other->second, " and ", node,
                                                     " have the same id ", ids[node].ToHex(), " (uid \"",
                                                     nodes[node].uid, "\"): uids must be unique"));
    }
    is_assigned[node] = true;
    for (const size_t output : outputs[node]) {
      if (is_queued[output]) continue;
      remaining.push_back(output);
      is_queued[output] = true;
    }
  }
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (is_assigned[i]) continue;
    return absl::InvalidArgumentError(absl::StrCat("operator ", i, " lies on a cycle and has no uid"));
  }
  return ids;
}

}  // namespace weir
