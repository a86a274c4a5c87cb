// This file must hold nothing else: a program's own SourceHash() replaces the whole object at link
// time.
#include "campaign/source_hash.h"

namespace weir::campaign {

absl::string_view SourceHash() { return ""; }

}  // namespace weir::campaign
