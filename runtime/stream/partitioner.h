// Licensed under the Apache License, Version 2.0.
//
// How the records of an edge are dealt out to the consuming subtasks, one channel each.
#ifndef WEIR_RUNTIME_STREAM_PARTITIONER_H_
#define WEIR_RUNTIME_STREAM_PARTITIONER_H_

#include <cstdint>

namespace weir {

enum class Partitioner : uint8_t {
  kForward,    // to the subtask of the same index
  kHash,       // to the owner of the record's key group
  kRebalance,  // in turn, beginning with the producer's own index
  kBroadcast,  // to every one
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STREAM_PARTITIONER_H_
