// Licensed under the Apache License, Version 2.0.
//
// The last hop: what reached a sink against what a read-committed reader sees at the end. Pure.
#ifndef WEIR_PROPERTIES_SINK_BALANCE_H_
#define WEIR_PROPERTIES_SINK_BALANCE_H_

#include "properties/tally.h"

namespace weir::properties {

struct SinkBalance {
  Difference difference;
  bool is_unsure = false;  // not to be told without identities
};

// A transactional sink. `known`: what had reached it by the newest checkpoint whose commits are all acknowledged;
// `last`: by the newest completed one. What lies between may be committed or not (pending), record by record.
SinkBalance BalanceTransactional(const Tally& known, const Tally& last, const Tally& committed);

// A plain sink, which has appended everything that reached it by the newest completed checkpoint (`due`), and may have
// appended any of it again, and later records.
SinkBalance BalancePlain(const Tally& due, const Tally& committed);

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_SINK_BALANCE_H_
