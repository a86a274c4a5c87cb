#include <map>
#include <set>
#include <vector>

#include "runtime/env/log_state.h"
#include "tests/check_property.h"

namespace weir {
namespace {

// One request, with small numbers so that requests meet each other.
struct Request {
  enum Kind { kAppend, kAppendIn, kCommit, kAbort } kind = kAppend;
  int transaction = 0;
  uint64_t sequence = 0;
  uint32_t partition = 0;  // 2 does not exist
  int records = 0;
};

std::ostream& operator<<(std::ostream& out, const Request& request) {
  const char* const names[] = {"append", "append-in", "commit", "abort"};
  return out << names[request.kind] << " t" << request.transaction << " #" << request.sequence << " p"
             << request.partition << " x" << request.records;
}

rc::Gen<Request> AnyRequest() {
  return rc::gen::build<Request>(
      rc::gen::set(&Request::kind, rc::gen::element(Request::kAppend, Request::kAppendIn, Request::kAppendIn,
                                                    Request::kCommit, Request::kAbort)),
      rc::gen::set(&Request::transaction, rc::gen::inRange(0, 3)),
      rc::gen::set(&Request::sequence, rc::gen::inRange<uint64_t>(0, 4)),
      rc::gen::set(&Request::partition, rc::gen::inRange<uint32_t>(0, 3)),
      rc::gen::set(&Request::records, rc::gen::inRange(0, 3)));
}

// The model keeps the whole history and derives everything from it anew, each time it is asked.
class Model {
 public:
  enum class Fate { kUnknown, kOpen, kCommitted, kAborted };

  Fate FateOf(int transaction) const {
    Fate fate = Fate::kUnknown;
    for (const Request& request : applied_) {
      if (request.transaction != transaction) continue;
      if (request.kind == Request::kAppendIn) fate = Fate::kOpen;
      if (request.kind == Request::kCommit) fate = Fate::kCommitted;
      if (request.kind == Request::kAbort) fate = Fate::kAborted;
    }
    return fate;
  }

  // The status that the request should get; applies it if that is OK.
  absl::StatusCode Apply(const Request& request) {
    const Fate fate = FateOf(request.transaction);
    const bool is_append = request.kind == Request::kAppend || request.kind == Request::kAppendIn;
    if (is_append && request.partition > 1) return absl::StatusCode::kNotFound;
    const bool is_decided = fate == Fate::kCommitted || fate == Fate::kAborted;
    if (request.kind == Request::kAppendIn && is_decided) return absl::StatusCode::kFailedPrecondition;
    if (request.kind == Request::kCommit && fate != Fate::kOpen && fate != Fate::kCommitted) {
      return absl::StatusCode::kFailedPrecondition;
    }
    if (request.kind == Request::kAbort && fate == Fate::kCommitted)
      return absl::StatusCode::kFailedPrecondition;
    applied_.push_back(request);
    return absl::StatusCode::kOk;
  }

  // What a read-committed reader of the partition sees.
  std::vector<std::string> Visible(uint32_t partition) const {
    std::vector<std::string> visible;
    std::set<int> committed;
    for (size_t i = 0; i < applied_.size(); ++i) {
      const Request& request = applied_[i];
      if (request.kind == Request::kAppend && request.partition == partition) AddRecords(request, &visible);
      if (request.kind != Request::kCommit || !committed.insert(request.transaction).second) continue;
      std::map<uint64_t, Request> first_by_sequence;
      for (size_t j = 0; j < i; ++j) {
        const Request& append = applied_[j];
        if (append.kind == Request::kAppendIn && append.transaction == request.transaction) {
          first_by_sequence.emplace(append.sequence, append);
        }
      }
      for (const auto& [sequence, append] : first_by_sequence) {
        if (append.partition == partition) AddRecords(append, &visible);
      }
    }
    return visible;
  }

  static LogRecords RecordsOf(const Request& request) {
    LogRecordsWriter records;
    for (int i = 0; i < request.records; ++i) {
      const std::string value = std::to_string(request.transaction) + "/" + std::to_string(request.sequence) +
                                "/" + std::to_string(i);
      records.Add({value, Hash128{request.sequence, static_cast<uint64_t>(i)}});
    }
    return records.Take();
  }

 private:
  static void AddRecords(const Request& request, std::vector<std::string>* to) {
    const LogRecords records = RecordsOf(request);
    for (const LogRecord& record : records) to->emplace_back(record.value);
  }

  std::vector<Request> applied_;
};

absl::Status ApplyTo(LogState& log, const Request& request) {
  const std::string transaction = "t" + std::to_string(request.transaction);
  switch (request.kind) {
    case Request::kAppend:
      return log.Append("output", request.partition, Model::RecordsOf(request));
    case Request::kAppendIn:
      return log.AppendInTransaction(transaction, request.sequence, "output", request.partition,
                                     Model::RecordsOf(request), Instant());
    case Request::kCommit:
      return log.Commit(transaction);
    case Request::kAbort:
      return log.Abort(transaction);
  }
  return absl::InvalidArgumentError("no such request");
}

std::vector<std::string> Values(const LogState& log, uint32_t partition) {
  std::vector<std::string> values;
  const absl::StatusOr<LogBatch> batch = log.Fetch("output", partition, 0, 10'000, Instant());
  RC_ASSERT(batch.ok());
  for (const LogRecord& record : batch->records) values.emplace_back(record.value);
  RC_ASSERT(values.size() == log.CommittedCount("output", partition));
  // Any part of it is the same.
  const uint64_t from = values.size() / 3;
  const absl::StatusOr<LogBatch> part = log.Fetch("output", partition, from, 5, Instant());
  RC_ASSERT(part.ok() && part->next_offset == from + part->records.size());
  RC_ASSERT(part->records.size() == std::min<size_t>(5, values.size() - from));
  size_t at = from;
  for (const LogRecord& record : part->records) RC_ASSERT(record.value == values[at++]);
  return values;
}

TEST_CASE("Log state: agrees with a model that keeps the whole history", "[services]") {
  CheckProperty(
      "log-state/model",
      [] {
        LogState log;
        log.AddTopic("output", 2);
        Model model;
        const std::vector<Request> requests = *rc::gen::container<std::vector<Request>>(AnyRequest());
        for (const Request& request : requests) {
          RC_ASSERT(ApplyTo(log, request).code() == model.Apply(request));
          for (uint32_t partition = 0; partition < 2; ++partition) {
            RC_ASSERT(Values(log, partition) == model.Visible(partition));
          }
          std::vector<std::string> open;
          for (int i = 0; i < 3; ++i) {
            const auto fate = static_cast<int>(model.FateOf(i));
            const std::string name = "t" + std::to_string(i);
            RC_ASSERT(static_cast<int>(log.StateOf(name)) == fate);
            RC_ASSERT(log.OpenRecordCount(name) ==
                      log.OpenRecords(name, "output", 0).size() + log.OpenRecords(name, "output", 1).size());
            if (model.FateOf(i) == Model::Fate::kOpen) open.push_back("t" + std::to_string(i));
          }
          RC_ASSERT(log.OpenTransactions("t") == open);
        }
      },
      500);
}

TEST_CASE("Log state: what a request would do is what it then does", "[services]") {
  CheckProperty("log-state/would", [] {
    LogState log;
    log.AddTopic("output", 2);
    const std::vector<Request> requests = *rc::gen::container<std::vector<Request>>(AnyRequest());
    for (const Request& request : requests) {
      const std::string name = "t" + std::to_string(request.transaction);
      absl::StatusOr<bool> would = false;
      if (request.kind == Request::kAppend) would = log.WouldAppend("output", request.partition);
      if (request.kind == Request::kAppendIn) {
        would = log.WouldAppendInTransaction(name, request.sequence, "output", request.partition);
      }
      if (request.kind == Request::kCommit) would = log.WouldCommit(name);
      if (request.kind == Request::kAbort) would = log.WouldAbort(name);
      const uint64_t open_before = log.OpenRecordCount(name);
      const size_t visible_before = Values(log, 0).size() + Values(log, 1).size();
      RC_ASSERT(ApplyTo(log, request).code() == would.status().code());
      const bool changed = log.OpenRecordCount(name) != open_before ||
                           Values(log, 0).size() + Values(log, 1).size() != visible_before;
      if (!would.ok() || !*would) RC_ASSERT(!changed);
      const bool is_append = request.kind == Request::kAppend || request.kind == Request::kAppendIn;
      if (would.ok() && *would && is_append && request.records > 0) RC_ASSERT(changed);
    }
  });
}

}  // namespace
}  // namespace weir
