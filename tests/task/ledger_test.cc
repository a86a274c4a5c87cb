#include <catch2/catch.hpp>

#include "runtime/format/keyed_state.h"
#include "runtime/format/operator_state.h"
#include "runtime/format/split_offsets.h"
#include "runtime/format/witness.h"
#include "tests/task/account_job.h"
#include "tests/task/mini_cluster.h"

namespace weir {
namespace {

struct Sum {
  uint64_t count = 0;
  Hash128 sum;
  bool operator==(const Sum&) const = default;
};

// The double entry of one complete checkpoint, added up over all subtasks, and where the sources stood.
struct Books {
  std::map<std::pair<WitnessRole, uint32_t>, Sum> sums;  // by role and edge
  std::map<uint32_t, uint64_t> offsets;
  Sum sink;  // of sinks inside a chain
};

void Add(const std::vector<WitnessEntry>& entries, bool is_sink, Books* books) {
  for (const WitnessEntry& entry : entries) {
    const bool of_sink = is_sink && entry.edge == kNoEdge && entry.role == WitnessRole::kApplied;
    Sum& sum = of_sink ? books->sink : books->sums[{entry.role, entry.edge}];
    sum.count += entry.count;
    sum.sum += entry.sum;
  }
}

void ReadOperatorState(const OperatorHandle& handle, const std::string& bytes, Books* books) {
  const auto reader = OperatorStateReader::Open(bytes);
  REQUIRE(reader.ok());
  for (const OperatorStateOffsets& state : handle.states) {
    for (const int64_t offset : state.offsets) {
      auto at = reader->At(offset);
      REQUIRE(at.ok());
      const absl::string_view element = at->Bytes();
      REQUIRE(at->ok());
      if (state.name == kWitnessState) {
        const auto entries = DecodeWitness(element);
        REQUIRE(entries.ok());
        Add(*entries, true, books);
      } else if (state.name == kSplitOffsetsState) {
        const auto split = DecodeSplitOffset(element);
        REQUIRE(split.ok());
        books->offsets[split->split] = split->offset;
      }
    }
  }
}

void ReadKeyedState(const KeyedHandle& handle, const std::string& bytes, Books* books) {
  const auto reader = KeyedStateReader::Open(bytes, handle.range(), handle.offsets, 128);
  REQUIRE(reader.ok());
  REQUIRE(reader
              ->VisitAll([&](const KeyedStateEntry& entry) {
                if (reader->header().states[entry.state_id].name != kWitnessState) return absl::OkStatus();
                ByteReader value(entry.value);
                const auto entries = DecodeWitness(value.Bytes());
                REQUIRE(entries.ok());
                Add(*entries, false, books);
                return absl::OkStatus();
              })
              .ok());
}

Books ReadBooks(MiniCluster& cluster) {
  Books books;
  for (const auto& [subtask, snapshots] : cluster.checkpoint()) {
    for (const OperatorSnapshot& snapshot : snapshots) {
      const auto bytes = [&](const StreamHandle& stream) { return cluster.BytesOf(stream); };
      const SubtaskState& state = snapshot.state;
      if (!state.managed_operator.is_null()) {
        ReadOperatorState(state.managed_operator, bytes(state.managed_operator.stream), &books);
      }
      if (!state.managed_keyed.is_null()) {
        ReadKeyedState(state.managed_keyed, bytes(state.managed_keyed.stream), &books);
      }
    }
  }
  return books;
}

TEST_CASE("ledger: every complete checkpoint balances, edge by edge, also after a crash", "[task]") {
  AccountJob job;
  for (const char* option :
       {"parallelism.default=2", "execution.checkpointing.interval=100 ms",
        "taskmanager.memory.segment-size=100", "execution.buffer-timeout.interval=2 ms"}) {
    const std::string text(option);
    job.options.Set(text.substr(0, text.find('=')), text.substr(text.find('=') + 1));
  }
  MiniCluster cluster({}, [&] { return job.Build(); });
  job.AddTopics(cluster.services().log());
  cluster.Start();
  uint64_t checked = 0;
  uint64_t last = 0;
  for (int step = 0; step < 40; ++step) {
    cluster.RunFor(Duration::Millis(37));
    if (step == 12) cluster.CrashNode(0);
    if (cluster.completed() == last) continue;
    last = cluster.completed();
    ++checked;
    const Books books = ReadBooks(cluster);
    // The source's own count is the log over [0, offset) of each split.
    Sum read;
    for (const auto& [split, offset] : books.offsets) {
      for (uint64_t i = 0; i < offset; ++i) {
        ++read.count;
        read.sum += SourceIdentity("payments", split, i);
      }
    }
    CHECK(books.offsets.size() == 2);
    CHECK(books.sums.at({WitnessRole::kSource, kNoEdge}) == read);
    CHECK(books.sums.at({WitnessRole::kEmitted, 0}).count == read.count);
    CHECK(books.sums.at({WitnessRole::kEmitted, 0}) == books.sums.at({WitnessRole::kApplied, 0}));
    // What reached the sink derives from what was applied: one total a payment.
    Sum derived;
    for (const auto& [split, offset] : books.offsets) {
      for (uint64_t i = 0; i < offset; ++i) {
        ++derived.count;
        derived.sum +=
            DerivedIdentity(DerivedIdentity(SourceIdentity("payments", split, i), "plus-one", 0), "total", 0);
      }
    }
    CHECK(books.sink == derived);
  }
  CHECK(cluster.attempt() == 2);
  CHECK(checked > 4);
}

}  // namespace
}  // namespace weir
