// Licensed under the Apache License, Version 2.0.
//
// ttl-cache: requests meet a cache whose entries have a time to live: one entry for each key (ValueState), and one for
// each key and client (MapState). Every request is answered: hit or miss, the number of the entry, when it was looked for
// and until when it is kept. scenario.ttl is drawn, from much less to much more than a run.
//
// Wall clocks jump, also backwards, and a recovery goes on with another node's clock. And a clock goes on within an
// access of state, since a disk takes its time. What holds all the same (output-invariant), since every decision is about two
// times of which the answer has bounds; where the disk took none they are equal:
//   * each request is answered once
//   * a hit comes before its entry's end: asked < gone from
//   * the entries of a key are numbered from 1 on without holes, and every answer about an entry says the same of it
//   * an entry of the shared cache is followed by another one only at or after its end, answered >= kept until: nothing
//     but the request that makes the new one may drop it, so its clean-up is switched off. Entries of clients are cleaned
//     up, in snapshots and by the way; a clock that was ahead may have dropped one that a clock behind it would still
//     have found.
//
// Half of the faults are jumps of clocks, and there are some more of them for that. All nodes start with the same time, so a hit at an earlier time than its
// entry was made proves one, and that is the twin.
#ifndef WEIR_SCENARIOS_TTL_CACHE_H_
#define WEIR_SCENARIOS_TTL_CACHE_H_

#include <string>
#include <vector>

#include "scenarios/records.h"
#include "scenarios/scenario.h"

namespace weir::scenarios {

Scenario TtlCache();

// What is wrong with all lookups of one cache entry's place, in any order; "" if nothing is. `is_kept`: nothing drops an
// entry before its end.
std::string FaultOfLookups(const std::vector<Lookup>& lookups, bool is_kept);
// Whether an entry was hit at an earlier time than that at which it was made: a clock jumped.
bool ShowClockJump(const std::vector<Lookup>& lookups);

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_TTL_CACHE_H_
