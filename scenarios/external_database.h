// Licensed under the Apache License, Version 2.0.
//
// external-database: the totals of account-totals, kept the traditional way: each record reads its account's row from a
// remote database, adds, and writes it back. The database survives every crash, and that is the trouble: a recovery
// rewinds the source, not the rows, so what was written since the last checkpoint is added again. The scenario must break
// output-invariant, while the engine's own promises hold. It also pays two requests for each record, where account-totals
// pays for a checkpoint now and then.
#ifndef WEIR_SCENARIOS_EXTERNAL_DATABASE_H_
#define WEIR_SCENARIOS_EXTERNAL_DATABASE_H_

#include "scenarios/scenario.h"

namespace weir::scenarios {

Scenario ExternalDatabase();

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_EXTERNAL_DATABASE_H_
