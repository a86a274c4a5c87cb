// Licensed under the Apache License, Version 2.0.
//
// From an identity back to the source record that it comes from. Identities are hashes, so the way back is a search: the
// records of the sources, and what each operator on the way may have derived from them. For failures only.
#ifndef WEIR_PROPERTIES_RECORD_NAMES_H_
#define WEIR_PROPERTIES_RECORD_NAMES_H_

#include <map>
#include <string>
#include <vector>

#include "properties/property.h"

namespace weir::properties {

// How an operator stands in identities and messages: by its uid, or by its id if it has none.
const std::string& NameOf(const OperatorShape& op);

// "record 17 of split 1 of transactions: {...}", with the beginning of what was written; or, if the search finds
// nothing, "the record with identity <32 hex digits>". The result has an entry for each of `wanted`.
std::map<Hash128, std::string> NameRecords(const JobShape& job, const Outside& outside,
                                           const std::vector<Hash128>& wanted);

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_RECORD_NAMES_H_
