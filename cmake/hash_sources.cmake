# Script: cmake -DROOT=DIR -DLIST=FILE [-DBASE=HASH] -DOUT=FILE.cc -P hash_sources.cmake
# Writes the definition of weir::campaign::SourceHash(): 32 hex digits over the names (relative to ROOT) and contents of
# the files that LIST names, one a line, and over BASE. Touches OUT only if the hash changed.
file(STRINGS ${LIST} files)
list(SORT files)
set(all "${BASE}")
foreach(file ${files})
  file(SHA256 ${ROOT}/${file} hash)
  string(APPEND all "\n${file} ${hash}")
endforeach()
string(SHA256 hash "${all}")
string(SUBSTRING ${hash} 0 32 hash)
file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT [[
// Generated from the sources of this program.
#include "campaign/source_hash.h"

namespace weir::campaign {

absl::string_view SourceHash() { return "@hash@"; }

}  // namespace weir::campaign
]])
