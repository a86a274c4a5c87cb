#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "runtime/checkpoint/redistribution.h"
#include "runtime/state/operator_list.h"
#include "runtime/state/operator_state_backend.h"
#include "tests/check_property.h"

namespace weir {
namespace {

using Map = std::map<std::string, int64_t>;

// What one subtask should hold.
struct Model {
  std::vector<int64_t> split;
  std::vector<std::string> onion;  // of the union list
  Map broadcast;
};

struct Running {
  std::unique_ptr<OperatorStateBackend> backend = std::make_unique<OperatorStateBackend>();
  OperatorList<int64_t> split;
  OperatorList<std::string> onion;
  BroadcastState<std::string, int64_t>* broadcast = nullptr;

  void Register() {
    auto s = backend->RegisterList("s", OperatorStateMode::kSplitDistribute, TypeOf<int64_t>::Serializer());
    auto u = backend->RegisterList("u", OperatorStateMode::kUnion, TypeOf<std::string>::Serializer());
    auto b = backend->RegisterBroadcast<std::string, int64_t>("b");
    RC_ASSERT(s.ok() && u.ok() && b.ok());
    split = OperatorList<int64_t>(*s);
    onion = OperatorList<std::string>(*u);
    broadcast = *b;
  }
};

void Change(Running& running, Model& model) {
  for (int i = *rc::gen::inRange(0, 5); i > 0; --i) {
    const int64_t number = *rc::gen::inRange<int64_t>(-100, 100);
    const std::string text = std::to_string(*rc::gen::inRange(0, 8));
    switch (*rc::gen::inRange(0, 6)) {
      case 0:
        model.split.push_back(number);
        RC_ASSERT(running.split.Add(number).ok());
        break;
      case 1:
        model.onion.push_back(text);
        RC_ASSERT(running.onion.AddAll({text}).ok());
        break;
      case 2:
        model.split = {number};
        RC_ASSERT(running.split.Update({number}).ok());
        break;
      case 3:
        model.broadcast.erase(text);
        running.broadcast->Remove(text);
        break;
      default:
        model.broadcast[text] = number;
        running.broadcast->Put(text, number);
    }
  }
}

void CheckEqual(const Running& running, const Model& model) {
  RC_ASSERT(*running.split.Get() == model.split);
  RC_ASSERT(*running.onion.Get() == model.onion);
  Map found;
  for (const auto& [key, value] : *running.broadcast) found[key] = value;
  RC_ASSERT(found == model.broadcast);
}

// As flink-semantics has it: with the same parallelism lists and maps stay where they are, union lists are everybody's.
std::vector<Model> Rescale(const std::vector<Model>& old, uint32_t parallelism) {
  std::vector<Model> result(parallelism);
  std::vector<int64_t> all;
  for (const Model& model : old) {
    all.insert(all.end(), model.split.begin(), model.split.end());
    for (Model& next : result) next.onion.insert(next.onion.end(), model.onion.begin(), model.onion.end());
  }
  size_t given = 0;
  for (size_t i = 0; i < parallelism; ++i) {
    result[i].broadcast = old[i % old.size()].broadcast;
    if (old.size() == parallelism) {
      result[i].split = old[i].split;
      continue;
    }
    for (size_t n = all.size() / parallelism + (i < all.size() % parallelism ? 1 : 0); n > 0; --n) {
      result[i].split.push_back(all[given++]);
    }
  }
  return result;
}

TEST_CASE("operator state: agrees with a model over snapshots, restores and rescales", "[state]") {
  CheckProperty("operator-state/model", [] {
    std::vector<Model> models(*rc::gen::inRange<size_t>(1, 5));
    std::vector<Running> running(models.size());
    for (Running& subtask : running) subtask.Register();
    for (int step = *rc::gen::inRange(1, 5); step > 0; --step) {
      std::vector<OperatorHandle> handles;
      std::map<std::string, std::string> files;
      for (size_t i = 0; i < models.size(); ++i) {
        Change(running[i], models[i]);
        CheckEqual(running[i], models[i]);
        auto snapshot = running[i].backend->Snapshot({});
        RC_ASSERT(snapshot.ok());
        const std::string path = absl::StrCat(i);
        files[path] = snapshot->stream.bytes;
        handles.push_back(
            OperatorHandle::Partitionable(snapshot->stream.states, StreamHandle::File(path, 1)));
      }
      const uint32_t parallelism = *rc::gen::inRange<uint32_t>(1, 6);
      models = Rescale(models, parallelism);
      const auto dealt = RedistributeOperatorState(handles, parallelism);
      running = std::vector<Running>(parallelism);
      // Sometimes a program that does not ask for its state runs in between.
      const bool skips = *rc::gen::arbitrary<bool>();
      for (size_t i = 0; i < parallelism; ++i) {
        for (const OperatorHandle& handle : dealt[i]) {
          RC_ASSERT(running[i].backend->Restore(handle, files.at(handle.stream.path), nullptr).ok());
        }
        if (skips) {
          const auto carried = running[i].backend->Snapshot({});
          RC_ASSERT(carried.ok());
          running[i].backend = std::make_unique<OperatorStateBackend>();
          RC_ASSERT(
              running[i]
                  .backend
                  ->Restore(OperatorHandle::Partitionable(carried->stream.states, StreamHandle::File("c", 1)),
                            carried->stream.bytes, nullptr)
                  .ok());
        }
        running[i].Register();
        CheckEqual(running[i], models[i]);
      }
    }
  });
}

TEST_CASE("broadcast state: keys are ordered as their bytes are", "[state]") {
  CheckProperty("broadcast-state/less-bytes", [] {
    // Few different bytes, so that many begin alike.
    const auto bytes = rc::gen::container<std::string>(rc::gen::element('\0', '\1', '\x7F', '\x80', '\xFF'));
    const std::string common = *bytes;
    const std::string a = common + *bytes;
    const std::string b = *rc::gen::arbitrary<bool>() ? common + *bytes : *bytes;
    RC_ASSERT(LessBytes()(a, b) == (a < b));
    RC_ASSERT(LessBytes()(b, a) == (b < a));
    RC_ASSERT(!LessBytes()(a, a));
  });
}

}  // namespace
}  // namespace weir
