// Licensed under the Apache License, Version 2.0.
//
// broadcast-state-consistent: all subtasks of an operator have made the same of what was broadcast to them. Let B(s) be the
// multiset of broadcast records that subtask s has applied, as its ledger entries say that lie beside its state. In the
// files of every completed checkpoint:
//
//   copies-differ  two subtasks with equal B hold different broadcast states      both modes, if updates commute
//   lags           two subtasks have not the same B                               exactly-once mode only
//   incomplete     in the checkpoint after the last record, B is not what the     exactly-once mode only
//                  producers emitted
//
// Copies that differ are the function's fault if it depends on an order that nobody promises. Who that is, is asked of
// Outside::BlameForCopies.
#ifndef WEIR_PROPERTIES_BROADCAST_CONSISTENCY_H_
#define WEIR_PROPERTIES_BROADCAST_CONSISTENCY_H_

#include <string>
#include <vector>

#include "properties/property.h"

namespace weir::properties {

struct BroadcastConsistencyOptions {
  std::vector<std::string> states;  // which broadcast states are compared; empty: all
  // The scenario says that updates come out the same in any order. If not, copies are not compared, only what was
  // applied.
  bool updates_commute = true;
};
PropertyFactory MakeBroadcastStateConsistent(BroadcastConsistencyOptions options);

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_BROADCAST_CONSISTENCY_H_
