# cmake --install: the libraries as weir:: targets, the headers in their folders under include/weir, the umbrella header
# as <weir/weir.h>, and what find_package(Weir) needs.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(libraries GLOBAL PROPERTY WEIR_LIBRARIES)
foreach(library ${libraries})
  # Beside include/weir, which weir_library names: <weir/weir.h> is found from the folder above it.
  get_target_property(type ${library} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    target_include_directories(${library} INTERFACE $<INSTALL_INTERFACE:include>)
  else()
    target_include_directories(${library} PUBLIC $<INSTALL_INTERFACE:include>)
  endif()
endforeach()
install(TARGETS ${libraries} EXPORT WeirTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} OBJECTS DESTINATION ${CMAKE_INSTALL_LIBDIR}/weir)
if(TARGET weir)
  install(TARGETS weir RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

foreach(folder ${WEIR_FOLDERS})
  if(EXISTS ${PROJECT_SOURCE_DIR}/${folder})
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} DESTINATION include/weir FILES_MATCHING PATTERN "*.h")
  endif()
endforeach()
if(EXISTS ${PROJECT_SOURCE_DIR}/cli/weir.h)
  install(FILES ${PROJECT_SOURCE_DIR}/cli/weir.h DESTINATION include/weir)
endif()

set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Weir)
install(EXPORT WeirTargets NAMESPACE weir:: DESTINATION ${config_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/WeirConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/WeirConfig.cmake INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/WeirConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/WeirConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/WeirConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/WeirProgram.cmake ${CMAKE_CURRENT_LIST_DIR}/hash_sources.cmake
  DESTINATION ${config_dir})
# The hash of these sources, which the hash of a user's program includes: taken when installing, like the headers.
install(CODE "
  execute_process(COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR} -DLIST=${WEIR_SOURCE_LIST}
    -DOUT=${CMAKE_CURRENT_BINARY_DIR}/installed_source_hash.cc -P ${WEIR_HASH_SCRIPT} COMMAND_ERROR_IS_FATAL ANY)
  file(READ ${CMAKE_CURRENT_BINARY_DIR}/installed_source_hash.cc text)
  string(REGEX MATCH \"[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]+\" hash \"\${text}\")
  file(WRITE \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${config_dir}/source_hash.txt \"\${hash}\")")
