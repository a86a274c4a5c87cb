#include "scenarios/commutativity.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "properties/broadcast_copies.h"
#include "runtime/base/status.h"
#include "scenarios/lone_chain.h"
#include "sim/world.h"

namespace weir::scenarios {
namespace {

// Elements that are looked at: the first of each split. All pairs of them are tried, which takes a fraction of a second.
constexpr size_t kElementsMax = 128;
// Pairs that are tried from the state that the elements before them leave, where each try reads that state.
constexpr size_t kLaterPairsMax = 2000;

// What went over an edge, with the source record that it comes from.
struct Element {
  std::string bytes;
  EventTime timestamp;
  uint32_t source = 0;  // vertex
  uint32_t split = 0;
  uint64_t offset = 0;
  uint32_t edge = 0;  // the broadcast edge
  std::tuple<uint64_t, uint32_t, uint32_t, uint32_t> Order() const { return {offset, split, source, edge}; }
  bool SameProducer(const Element& other) const { return source == other.source && split == other.split; }
};

// Makes the elements again, vertex by vertex.
class Elements {
 public:
  Elements(const JobGraph& graph, const properties::Outside& outside, Env& env)
      : graph_(graph), outside_(outside), env_(env), of_vertex_(graph.vertices.size()) {}

  // What is broadcast to `vertex`, in canonical order.
  std::vector<Element> BroadcastTo(uint32_t vertex) {
    std::vector<bool> needed(graph_.vertices.size(), false);
    for (const uint32_t edge : graph_.vertices[vertex].inputs) {
      if (IsBroadcast(edge)) needed[graph_.edges[edge].from.value] = true;
    }
    for (uint32_t v = vertex; v-- > 0;) {
      if (!needed[v]) continue;
      for (const uint32_t edge : graph_.vertices[v].inputs) needed[graph_.edges[edge].from.value] = true;
    }
    for (uint32_t v = 0; v < vertex; ++v) {
      if (needed[v]) Run(v);
    }
    std::vector<Element> all;
    for (const uint32_t edge : graph_.vertices[vertex].inputs) {
      if (!IsBroadcast(edge) || !graph_.edges[edge].side_output.empty()) continue;
      for (Element element : of_vertex_[graph_.edges[edge].from.value]) {
        element.edge = edge;
        all.push_back(std::move(element));
      }
    }
    Sort(all);
    if (all.size() > kElementsMax) all.resize(kElementsMax);
    return all;
  }

 private:
  bool IsBroadcast(uint32_t edge) const { return graph_.edges[edge].partitioner == Partitioner::kBroadcast; }
  static void Sort(std::vector<Element>& elements) {
    std::stable_sort(elements.begin(), elements.end(),
                     [](const Element& a, const Element& b) { return a.Order() < b.Order(); });
  }

  void Run(uint32_t v) {
    const JobVertex& vertex = graph_.vertices[v];
    const TypeSerializer* output = nullptr;
    for (const uint32_t edge : vertex.outputs) {
      if (graph_.edges[edge].side_output.empty()) output = graph_.edges[edge].serializer;
    }
    const bool is_source = vertex.chain.front().is_source;
    LoneChain chain(vertex, is_source ? 1 : 0, vertex.chain.size() - (is_source ? 1 : 0), output, env_);
    if (output == nullptr || !chain.Open().ok()) return;
    if (is_source) return RunSource(v, chain);
    std::vector<std::pair<uint32_t, Element>> inputs;  // edge, element
    for (const uint32_t edge : vertex.inputs) {
      if (!graph_.edges[edge].side_output.empty()) continue;
      for (const Element& element : of_vertex_[graph_.edges[edge].from.value])
        inputs.emplace_back(edge, element);
    }
    std::stable_sort(inputs.begin(), inputs.end(),
                     [](const auto& a, const auto& b) { return a.second.Order() < b.second.Order(); });
    for (const auto& [edge, element] : inputs) {
      const JobEdge& from = graph_.edges[edge];
      if (!chain.Feed(from.input, *from.serializer, element.bytes, element.timestamp).ok()) return;
      Collect(v, element, chain);
    }
  }

  void RunSource(uint32_t v, LoneChain& chain) {
    const OperatorNode& source = graph_.vertices[v].chain.front();
    if (source.source_topic.empty()) return;
    const uint32_t splits = outside_.Splits(source.source_topic);
    for (uint32_t split = 0; split < splits; ++split) {
      const std::vector<absl::string_view>& records = outside_.SourceRecords(source.source_topic, split);
      const uint64_t end = std::min<uint64_t>(records.size(), kElementsMax);
      for (uint64_t offset = 0; offset < end; ++offset) {
        const std::string record(records[offset]);
        const absl::Status fed = source.source_type == nullptr
                                     ? chain.Feed(0, &record, EventTime::Min())
                                     : chain.Feed(0, *source.source_type, record, EventTime::Min());
        if (!fed.ok()) return;
        Element from;
        from.source = v;
        from.split = split;
        from.offset = offset;
        Collect(v, from, chain);
      }
    }
    Sort(of_vertex_[v]);
  }

  void Collect(uint32_t v, const Element& from, LoneChain& chain) {
    for (LoneChain::Emission& emission : chain.TakeOutput()) {
      Element element = from;
      element.bytes = std::move(emission.bytes);
      element.timestamp = emission.timestamp;
      of_vertex_[v].push_back(std::move(element));
    }
  }

  const JobGraph& graph_;
  const properties::Outside& outside_;
  Env& env_;
  std::vector<std::vector<Element>> of_vertex_;
};

struct Pair {
  size_t first = 0;  // of the elements; first < second
  size_t second = 0;
};

class Probe {
 public:
  Probe(const JobGraph& graph, uint32_t vertex, absl::string_view state, std::vector<Element> elements,
        Env& env)
      : graph_(graph),
        vertex_(graph.vertices[vertex]),
        state_(state),
        elements_(std::move(elements)),
        env_(env) {}

  std::string Report() {
    const std::string name =
        vertex_.chain.front().uid.empty() ? vertex_.chain.front().name : vertex_.chain.front().uid;
    if (elements_.size() < 2) {
      return absl::StrCat(
          "what is broadcast to ", name,
          " cannot be made again outside of the job, so nobody can say whether the function or the "
          "engine is at fault");
    }
    const std::vector<Pair> pairs = Pairs();
    for (const Pair& pair : pairs) {
      if (const auto difference = Try({}, pair)) return Blame(name, pair, *difference, 0);
    }
    size_t tried = 0;
    std::vector<std::optional<OperatorStateStream>> before = Prefixes();
    for (const Pair& pair : pairs) {
      if (pair.first == 0 || !before[pair.first]) continue;
      if (++tried > kLaterPairsMax) break;
      if (const auto difference = Try(*before[pair.first], pair))
        return Blame(name, pair, *difference, pair.first);
    }
    return absl::StrCat("no two of the first ", elements_.size(),
                        " elements explain it: run alone, the update function of ", name,
                        " makes the same of them in either order, so the engine may be at fault");
  }

 private:
  std::vector<Pair> Pairs() const {
    std::vector<Pair> pairs;
    for (size_t i = 0; i < elements_.size(); ++i) {
      for (size_t j = i + 1; j < elements_.size(); ++j) pairs.push_back({i, j});
    }
    const auto rank = [this](const Pair& pair) {
      const Element& a = elements_[pair.first];
      const Element& b = elements_[pair.second];
      return std::tuple(a.SameProducer(b), a.offset + b.offset, pair.first, pair.second);
    };
    std::sort(pairs.begin(), pairs.end(), [&](const Pair& a, const Pair& b) { return rank(a) < rank(b); });
    return pairs;
  }

  absl::Status Feed(LoneChain& chain, size_t element) const {
    const JobEdge& edge = graph_.edges[elements_[element].edge];
    return chain.Feed(edge.input, *edge.serializer, elements_[element].bytes, elements_[element].timestamp);
  }

  // What the operator makes of these elements, one after the other.
  absl::StatusOr<OperatorStateStream> After(const OperatorStateStream& before,
                                            const std::vector<size_t>& elements) const {
    LoneChain chain(vertex_, 0, 1, nullptr, env_);
    WEIR_RETURN_IF_ERROR(chain.Restore(before));
    WEIR_RETURN_IF_ERROR(chain.Open());
    for (const size_t element : elements) WEIR_RETURN_IF_ERROR(Feed(chain, element));
    return chain.Snapshot();
  }

  absl::StatusOr<properties::BroadcastCopy> CopyAfter(const OperatorStateStream& before,
                                                      const std::vector<size_t>& elements) const {
    WEIR_ASSIGN_OR_RETURN(const OperatorStateStream stream, After(before, elements));
    for (const OperatorStateOffsets& state : stream.states) {
      if (state.mode != OperatorStateMode::kBroadcast || state.name != state_) continue;
      WEIR_ASSIGN_OR_RETURN(const OperatorStateReader reader, OperatorStateReader::Open(stream.bytes));
      return properties::ReadBroadcastCopy(reader, state);
    }
    return properties::BroadcastCopy();
  }

  // A function that fails on one of them says nothing.
  std::optional<properties::CopyDifference> Try(const OperatorStateStream& before, const Pair& pair) const {
    const auto one = CopyAfter(before, {pair.first, pair.second});
    const auto other = CopyAfter(before, {pair.second, pair.first});
    if (!one.ok() || !other.ok()) return std::nullopt;
    return properties::FirstDifference(*one, *other);
  }

  // [i]: after the elements before i.
  std::vector<std::optional<OperatorStateStream>> Prefixes() const {
    std::vector<std::optional<OperatorStateStream>> prefixes(elements_.size());
    prefixes.front() = OperatorStateStream();
    for (size_t i = 1; i < elements_.size(); ++i) {
      auto next = After(*prefixes[i - 1], {i - 1});
      if (!next.ok()) break;
      prefixes[i] = *std::move(next);
    }
    return prefixes;
  }

  std::string Describe(size_t element) const {
    const TypeSerializer& type = *graph_.edges[elements_[element].edge].serializer;
    ErasedValue value(type);
    ByteReader reader(elements_[element].bytes);
    type.Deserialize(reader, value.get());
    const Element& from = elements_[element];
    return absl::StrCat(type.ToJson(value.get()), " (record ", from.offset, " of split ", from.split, " of ",
                        graph_.vertices[from.source].chain.front().source_topic, ")");
  }

  std::string Blame(const std::string& name, const Pair& pair, const properties::CopyDifference& difference,
                    size_t before) const {
    std::string text = absl::StrCat("the update function of ", name, " is not commutative: ");
    if (before == 1) absl::StrAppend(&text, "after the element before them, ");
    if (before > 1) absl::StrAppend(&text, "after the ", before, " elements before them, ");
    absl::StrAppend(&text, Describe(pair.first), " then ", Describe(pair.second), " leaves ",
                    difference.first, " under ", difference.key, " of ", state_, ", the other order leaves ",
                    difference.second);
    if (elements_[pair.first].SameProducer(elements_[pair.second]))
      absl::StrAppend(&text, " (both are of one producer, so only adversarial reordering swaps them)");
    absl::StrAppend(&text, "; the function, not the engine, is at fault");
    return text;
  }

  const JobGraph& graph_;
  const JobVertex& vertex_;
  const std::string state_;
  const std::vector<Element> elements_;
  Env& env_;
};

}  // namespace

std::string ExplainDifferingCopies(const JobGraph& graph, const properties::Outside& outside,
                                   absl::string_view operator_id, absl::string_view state) {
  const auto vertex = std::find_if(graph.vertices.begin(), graph.vertices.end(), [&](const JobVertex& v) {
    return v.chain.front().id.ToHex() == operator_id;
  });
  if (vertex == graph.vertices.end()) return "";
  const auto index = static_cast<uint32_t>(vertex - graph.vertices.begin());
  std::string report;
  // A world of one process, for a clock and a tracer to look at: nothing in it ever runs but this.
  sim::World world{sim::WorldOptions()};
  world.Start(world.AddNode("probe"), [&](Env& env) {
    report = Probe(graph, index, state, Elements(graph, outside, env).BroadcastTo(index), env).Report();
    return std::make_unique<Process>();
  });
  while (world.Step()) {
  }
  return report;
}

}  // namespace weir::scenarios
