# weir_mutant_catalogue(OUT): writes the definition of weir::campaign::Mutants() from the headers of
# tests/mutants/*.patch (the format is in tests/mutants/README.md). A patch that changes configures again.
function(weir_mutant_catalogue out)
  file(GLOB patches CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/mutants/*.patch)
  list(SORT patches)
  set(rows "")
  foreach(patch ${patches})
    set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${patch})
    cmake_path(GET patch STEM name)
    foreach(field id bug depth property scenario options seeds)
      # By character class: file(STRINGS) would split lines at semicolons.
      file(READ ${patch} text)
      set(${field} "")
      if(text MATCHES "(^|\n)# ${field}:[ ]*([^\n]*)")
        string(STRIP "${CMAKE_MATCH_2}" ${field})
      endif()
      if("${${field}}" STREQUAL "" AND NOT field MATCHES "^(options|seeds)$")
        message(FATAL_ERROR "tests/mutants/${name}.patch: the header has no '# ${field}:' line")
      endif()
      string(REPLACE "\\" "\\\\" ${field} "${${field}}")
      string(REPLACE "\"" "\\\"" ${field} "${${field}}")
    endforeach()
    if(NOT id STREQUAL name)
      message(FATAL_ERROR "tests/mutants/${name}.patch: its id is '${id}'; the file must be named after it")
    endif()
    if(depth MATCHES "^(shallow|medium)$")
      set(bound 1000)
    elseif(depth STREQUAL "deep")
      set(bound 50000)
    else()
      message(FATAL_ERROR "tests/mutants/${name}.patch: depth is shallow, medium or deep, not '${depth}'")
    endif()
    if(seeds STREQUAL "")
      set(seeds ${bound})
    elseif(NOT seeds MATCHES "^[1-9][0-9]*$" OR seeds GREATER bound)
      message(FATAL_ERROR "tests/mutants/${name}.patch: a ${depth} mutant must be caught within ${bound} seeds")
    endif()
    string(APPEND rows "      MutantInfo{\"${id}\", \"${bug}\", \"${depth}\", \"${property}\", \"${scenario}\",\n"
                       "                 \"${options}\", ${seeds}},\n")
  endforeach()
  list(LENGTH patches count)
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT [[
// Generated from the headers of tests/mutants/*.patch.
#include <array>

#include "campaign/mutant_catalogue.h"

namespace weir::campaign {

absl::Span<const MutantInfo> Mutants() {
  static constexpr std::array<MutantInfo, @count@> kMutants{{
@rows@  }};
  return kMutants;
}

}  // namespace weir::campaign
]])
endfunction()
