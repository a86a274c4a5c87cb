#include "properties/interleaving.h"

#include <map>
#include <set>

#include "runtime/base/codec.h"
#include "runtime/base/stable_hash.h"

namespace weir::properties {
namespace {

// The outputs that are still to be explained: of an exact sequence, or of a multiset.
class Remaining {
 public:
  Remaining(const std::vector<std::string>& outputs, bool ordered) : outputs_(outputs), ordered_(ordered) {
    if (ordered_) return;
    for (const std::string& output : outputs) ++counts_[output];
  }
  // Takes one; false, and nothing taken, if it cannot come now.
  bool Take(const std::string& output) {
    if (taken_ == outputs_.size()) return false;
    if (ordered_) {
      if (outputs_[taken_] != output) return false;
    } else {
      const auto count = counts_.find(output);
      if (count == counts_.end() || count->second == 0) return false;
      --count->second;
      hash_ += StableHash128(output);
    }
    ++taken_;
    return true;
  }
  void GiveBack(const std::string& output) {
    --taken_;
    if (ordered_) return;
    ++counts_[output];
    hash_ -= StableHash128(output);
  }
  bool empty() const { return taken_ == outputs_.size(); }
  // Equal for equal sets of taken outputs.
  void AppendTo(ByteWriter* key) const {
    key->U64(taken_);
    key->U64(hash_.high);
    key->U64(hash_.low);
  }

 private:
  const std::vector<std::string>& outputs_;
  const bool ordered_;
  size_t taken_ = 0;
  std::map<std::string, uint64_t> counts_;
  Hash128 hash_;  // of what was taken
};

// Depth first, with a stack of its own: histories are long.
class MergeSearch {
 public:
  MergeSearch(const SequentialModel& model, const KeyHistory& history, bool complete, bool ordered,
              uint64_t* steps)
      : model_(model),
        history_(history),
        complete_(complete),
        remaining_(history.outputs, ordered),
        steps_(steps),
        next_(history.inputs.size(), 0) {}

  Explanation Run() {
    stack_.push_back({});
    while (!stack_.empty()) {
      if (*steps_ == 0) return Explanation::kGaveUp;
      --*steps_;
      if (stack_.back().split == 0 && IsGoal()) return Explanation::kExplained;
      if (!Descend()) Ascend();
    }
    return Explanation::kImpossible;
  }

 private:
  struct Frame {
    std::string state;
    size_t split = 0;                  // the next one to try from here
    size_t came_by = 0;                // the split whose record led here
    std::vector<std::string> outputs;  // of that record
  };

  bool IsGoal() const {
    if (!remaining_.empty()) return false;
    if (!complete_) return true;
    for (size_t s = 0; s < next_.size(); ++s) {
      if (next_[s] != history_.inputs[s].size()) return false;
    }
    return true;
  }

  // Tries the next split from the top frame; false if there is none left.
  bool Descend() {
    Frame& top = stack_.back();
    while (top.split < next_.size()) {
      const size_t split = top.split++;
      if (next_[split] == history_.inputs[split].size()) continue;
      Frame child;
      child.came_by = split;
      child.state = model_.Step(top.state, history_.inputs[split][next_[split]], &child.outputs);
      if (!TakeAll(child.outputs)) continue;
      ++next_[split];
      if (!dead_.insert(Key(child.state)).second) {  // been there, in vain
        --next_[split];
        GiveBackAll(child.outputs, child.outputs.size());
        continue;
      }
      stack_.push_back(std::move(child));
      return true;
    }
    return false;
  }

  void Ascend() {
    const Frame& top = stack_.back();
    if (stack_.size() > 1) {
      --next_[top.came_by];
      GiveBackAll(top.outputs, top.outputs.size());
    }
    stack_.pop_back();
  }

  bool TakeAll(const std::vector<std::string>& outputs) {
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (!remaining_.Take(outputs[i])) return GiveBackAll(outputs, i), false;
    }
    return true;
  }
  void GiveBackAll(const std::vector<std::string>& outputs, size_t count) {
    while (count > 0) remaining_.GiveBack(outputs[--count]);
  }

  // Where the search stands: what was read, what was explained, and the state.
  Hash128 Key(const std::string& state) const {
    ByteWriter key;
    for (const size_t next : next_) key.U64(next);
    remaining_.AppendTo(&key);
    key.Raw(state);
    return StableHash128(key.bytes());
  }

  const SequentialModel& model_;
  const KeyHistory& history_;
  const bool complete_;
  Remaining remaining_;
  uint64_t* const steps_;
  std::vector<size_t> next_;  // by split
  std::vector<Frame> stack_;
  std::set<Hash128>
      dead_;  // entered; what is still on the stack cannot be met again, since every step moves on
};

}  // namespace

Explanation Explain(const SequentialModel& model, const KeyHistory& history, bool complete, uint64_t* steps) {
  const Explanation in_order = MergeSearch(model, history, complete, true, steps).Run();
  if (in_order != Explanation::kImpossible) return in_order;
  return MergeSearch(model, history, complete, false, steps).Run();
}

}  // namespace weir::properties
