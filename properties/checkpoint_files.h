// Licensed under the Apache License, Version 2.0.
//
// checkpoint-files-safe: as long as the register names a checkpoint, every file that it refers to is in the object store
// as it was when the checkpoint was named: `_metadata`, state files, and files shared with other checkpoints. Looked at
// after every event that may have changed it. And what no named checkpoint refers to does not stay.
//
// What may stay (docs/judging.md, files):
//   * files of a checkpoint that was never named, if the world was disturbed since that was triggered: leaked by a crash,
//     or put by a request that was under way for longer than its sender lived or waited;
//   * files that were to be deleted while the world was being disturbed: the engine gives up after some tries and leaves
//     the rest to the next leader;
//   * files that became useless less than kGrace before the end.
#ifndef WEIR_PROPERTIES_CHECKPOINT_FILES_H_
#define WEIR_PROPERTIES_CHECKPOINT_FILES_H_

#include <memory>

#include "properties/property.h"

namespace weir::properties {

std::unique_ptr<Property> MakeCheckpointFilesSafe();

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_CHECKPOINT_FILES_H_
