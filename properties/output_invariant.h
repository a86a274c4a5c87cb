// Licensed under the Apache License, Version 2.0.
//
// output-invariant: what a scenario computes in the end does not depend on backend, parallelism, buffers, schedule or
// faults. It needs no model of the job, only a way to reduce inputs and outputs to facts that order cannot change (the
// final total of each account), and compares the two. Judged when the run has drained; before that, outputs are pending.
#ifndef WEIR_PROPERTIES_OUTPUT_INVARIANT_H_
#define WEIR_PROPERTIES_OUTPUT_INVARIANT_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "properties/property.h"
#include "runtime/base/codec.h"
#include "runtime/types/type_of.h"

namespace weir::properties {

// Facts by what they are about: "account 17" -> "count 4, total -120". Both functions must not depend on the order of
// records of different splits or partitions.
using Facts = std::map<std::string, std::string>;

// Operator state as it lies in the checkpoint with which the run ended, or in a later one: no record came after it.
class FinalState {
 public:
  FinalState(const JobShape& job, const Outside& outside, uint64_t checkpoint)
      : job_(job), outside_(outside), checkpoint_(checkpoint) {}

  // All elements of a list state, of whichever subtask. kNotFound: no operator of that uid, or no such checkpoint;
  // kDataLoss: what cannot be read.
  template <typename T>
  absl::StatusOr<std::vector<T>> List(absl::string_view uid, absl::string_view state) const {
    std::vector<T> elements;
    const auto begin = [&elements] { elements.clear(); };
    const auto read = [&elements](ByteReader& reader) {
      TypeOf<T>::Read(reader, elements.emplace_back());
      return reader.status();
    };
    absl::Status status = Visit(uid, state, begin, read);
    if (!status.ok()) return status;
    return elements;
  }

 private:
  absl::Status Visit(absl::string_view uid, absl::string_view state, absl::FunctionRef<void()> begin,
                     absl::FunctionRef<absl::Status(ByteReader&)> read) const;

  const JobShape& job_;
  const Outside& outside_;
  const uint64_t checkpoint_;
};

struct OutputInvariantOptions {
  std::string where;                                      // uid of the sink or function that is judged
  std::function<Facts(const Outside& outside)> expected;  // from the source topics
  std::function<Facts(const Outside& outside)> observed;  // from the sink topics or the database
  // In its place, where what an operator still keeps at the end belongs to the result.
  std::function<Facts(const Outside& outside, const FinalState& state)> observed_with_state = nullptr;
  // In place of a fault amid the records: what must have been seen, and whether the sink topics show it.
  std::string sometimes = "";
  std::function<bool(const Outside& outside)> seen = nullptr;
};
PropertyFactory MakeOutputInvariant(OutputInvariantOptions options);

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_OUTPUT_INVARIANT_H_
