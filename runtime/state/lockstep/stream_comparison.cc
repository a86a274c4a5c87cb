#include "runtime/state/lockstep/stream_comparison.h"

#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "runtime/base/status.h"
#include "runtime/format/witness.h"
#include "runtime/state/timer_queue.h"

namespace weir {
namespace {

struct Entry {
  KeyGroup key_group;
  std::string state;
  std::string key;
  std::string value;   // what counts of it
  std::string stored;  // all of it
  auto Place() const { return std::tie(key_group, state, key); }
};

struct Contents {
  std::vector<StateMeta> states;
  std::vector<Entry> entries;
};

absl::StatusOr<Contents> Read(const KeyedStateStream& stream, const StreamContents& contents) {
  WEIR_ASSIGN_OR_RETURN(
      const KeyedStateReader reader,
      KeyedStateReader::Open(stream.bytes, stream.range, stream.offsets, contents.max_parallelism));
  Contents result;
  const std::vector<StateMeta>& states = reader.header().states;
  for (const StateMeta& meta : states) {
    if (meta.name != kWitnessState) result.states.push_back(meta);
  }
  WEIR_RETURN_IF_ERROR(reader.VisitAll([&](const KeyedStateEntry& entry) {
    const std::string& name = states[entry.state_id].name;
    if (name == kWitnessState) return absl::OkStatus();
    const AnswerForm* const form = contents.form_of(name);
    std::string value = form == nullptr ? std::string(entry.value) : form->EntryBytes(entry.value);
    if (form != nullptr && form->has_ttl() && value.empty()) return absl::OkStatus();
    result.entries.push_back(
        {entry.key_group, name, std::string(entry.key), std::move(value), std::string(entry.value)});
    return absl::OkStatus();
  }));
  return result;
}

std::string KeyText(const Entry& entry, const StreamContents& contents) {
  const TypeSerializer& key_type = *contents.key_type;
  if (const auto timers = contents.timers_of(entry.state)) {
    ByteReader reader(entry.key);
    const KeyGroup group = ReadKeyGroup(reader, contents.max_parallelism);
    const absl::StatusOr<Timer> timer = ParseTimerElement(reader.Rest(), group, key_type, *timers);
    if (timer.ok())
      return absl::StrCat("the timer at ", timer->timestamp, " of key ", TextOfBytes(key_type, timer->key));
  }
  const AnswerForm* const form = contents.form_of(entry.state);
  if (form == nullptr) return absl::StrCat("the entry ", HexText(entry.key));
  const StateSpec& spec = form->spec();
  const CompositeKeyLayout layout =
      CompositeKeyLayout::For(contents.max_parallelism, key_type.fixed_length(),
                              spec.name_space == nullptr ? 0 : spec.name_space->fixed_length());
  const absl::StatusOr<CompositeKey> key = ParseCompositeKey(entry.key, layout, key_type, spec.name_space);
  if (!key.ok()) return absl::StrCat("the entry ", HexText(entry.key));
  std::string text = absl::StrCat("key ", TextOfBytes(key_type, key->key));
  if (spec.name_space != nullptr)
    absl::StrAppend(&text, " in namespace ", TextOfBytes(*spec.name_space, key->name_space));
  if (spec.user_key != nullptr) absl::StrAppend(&text, " at ", TextOfBytes(*spec.user_key, key->user_key));
  return text;
}

StreamDifference DifferAt(const Entry* left, const Entry* right, const StreamContents& contents) {
  const Entry& entry = left != nullptr ? *left : *right;
  const auto text = [&](const Entry* of) -> std::string {
    if (of == nullptr) return "nothing";
    if (contents.timers_of(of->state)) return "that timer";
    const AnswerForm* const form = contents.form_of(of->state);
    return form == nullptr ? HexText(of->stored) : form->EntryText(of->stored);
  };
  return {entry.state, KeyText(entry, contents), text(left), text(right)};
}

std::optional<StreamDifference> CompareDescriptions(const std::vector<StateMeta>& left,
                                                    const std::vector<StateMeta>& right) {
  for (size_t i = 0; i < left.size() || i < right.size(); ++i) {
    const StateMeta* const ours = i < left.size() ? &left[i] : nullptr;
    const StateMeta* const theirs = i < right.size() ? &right[i] : nullptr;
    if (ours != nullptr && theirs != nullptr && *ours == *theirs) continue;
    const auto text = [](const StateMeta* meta) {
      return meta == nullptr ? std::string("no more states") : absl::StrCat("a description of ", meta->name);
    };
    const bool is_same = ours != nullptr && theirs != nullptr && ours->name == theirs->name;
    return StreamDifference{ours != nullptr ? ours->name : theirs->name, "", text(ours),
                            is_same ? "another one" : text(theirs)};
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<StreamsCompared> CompareStreams(const KeyedStateStream& left, const KeyedStateStream& right,
                                               const StreamContents& contents) {
  WEIR_ASSIGN_OR_RETURN(const Contents ours, Read(left, contents));
  WEIR_ASSIGN_OR_RETURN(const Contents theirs, Read(right, contents));
  StreamsCompared result;
  result.first = CompareDescriptions(ours.states, theirs.states);
  if (result.first.has_value()) return result;
  for (size_t i = 0; i < ours.entries.size() || i < theirs.entries.size(); ++i) {
    const Entry* mine = i < ours.entries.size() ? &ours.entries[i] : nullptr;
    const Entry* other = i < theirs.entries.size() ? &theirs.entries[i] : nullptr;
    if (mine != nullptr && other != nullptr) {
      if (mine->Place() == other->Place() && mine->value == other->value) {
        ++result.entries;
        continue;
      }
      // Who has the greater one lacks the smaller.
      if (mine->Place() < other->Place())
        other = nullptr;
      else if (other->Place() < mine->Place())
        mine = nullptr;
    }
    result.first = DifferAt(mine, other, contents);
    break;
  }
  return result;
}

}  // namespace weir
