# Programs that link Weir. Part of the installed package.
#
# weir_add_program(TARGET SOURCES...): an executable with every command of weir for the scenarios that its main
# registers. Plans that it writes carry a hash of SOURCES and of Weir's own sources, so that `replay` can demand the
# same digest from the same sources.
#
# weir_source_hash(TARGET [ROOT DIR] [BASE HASH] FILES...): the hash alone, for an executable that exists already.
# FILES are relative to ROOT (default: the calling folder).
set(WEIR_HASH_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/hash_sources.cmake)

function(weir_source_hash target)
  cmake_parse_arguments(ARG "" "ROOT;BASE" "" ${ARGN})
  if(NOT ARG_ROOT)
    set(ARG_ROOT ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}_source_hash)
  string(REPLACE ";" "\n" list "${ARG_UNPARSED_ARGUMENTS}")
  file(CONFIGURE OUTPUT ${folder}/files.txt CONTENT "${list}\n" @ONLY)
  list(TRANSFORM ARG_UNPARSED_ARGUMENTS PREPEND ${ARG_ROOT}/ OUTPUT_VARIABLE depends)
  # The stamp keeps the order of times right when the hash, and so the .cc, did not change.
  add_custom_command(OUTPUT ${folder}/stamp BYPRODUCTS ${folder}/source_hash.cc
    COMMAND ${CMAKE_COMMAND} -DROOT=${ARG_ROOT} -DLIST=${folder}/files.txt -DBASE=${ARG_BASE}
            -DOUT=${folder}/source_hash.cc -P ${WEIR_HASH_SCRIPT}
    COMMAND ${CMAKE_COMMAND} -E touch ${folder}/stamp
    DEPENDS ${depends} ${folder}/files.txt ${WEIR_HASH_SCRIPT}
    COMMENT "Hashing the sources of ${target}" VERBATIM)
  set_source_files_properties(${folder}/source_hash.cc PROPERTIES GENERATED ON SKIP_PRECOMPILE_HEADERS ON)
  # A target of its own, so that the executable may be one of another folder.
  add_custom_target(${target}_source_hash DEPENDS ${folder}/stamp)
  add_dependencies(${target} ${target}_source_hash)
  target_sources(${target} PRIVATE ${folder}/source_hash.cc)
endfunction()

function(weir_add_program target)
  add_executable(${target} ${ARGN})
  target_link_libraries(${target} PRIVATE weir::cli)
  set(files "")
  foreach(source ${ARGN})
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    list(APPEND files ${source})
  endforeach()
  weir_source_hash(${target} BASE "${WEIR_SOURCE_HASH}" ${files})
endfunction()
