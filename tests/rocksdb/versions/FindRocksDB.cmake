# RocksDB as a Debian release ships it, unpacked at WEIR_ROCKSDB_ROOT and not installed. If the C library lies there too,
# programs are run by that one: it is newer than this machine's, and RocksDB needs it. The linker then finds less than
# the program will.
find_path(WEIR_ROCKSDB_INCLUDE rocksdb/version.h PATHS ${WEIR_ROCKSDB_ROOT}/usr/include NO_DEFAULT_PATH REQUIRED)
file(GLOB library ${WEIR_ROCKSDB_ROOT}/usr/lib/librocksdb.so ${WEIR_ROCKSDB_ROOT}/usr/lib/*/librocksdb.so)
file(GLOB loader ${WEIR_ROCKSDB_ROOT}/usr/lib/*/ld-linux-*.so.* ${WEIR_ROCKSDB_ROOT}/lib/*/ld-linux-*.so.*)
if(NOT library)
  message(FATAL_ERROR "${WEIR_ROCKSDB_ROOT} holds no librocksdb.so")
endif()

set(RocksDB_VERSION "")
foreach(part MAJOR MINOR PATCH)
  file(STRINGS ${WEIR_ROCKSDB_INCLUDE}/rocksdb/version.h line REGEX "#define ROCKSDB_${part} ")
  string(REGEX REPLACE "[^0-9]" "" number "${line}")
  list(APPEND RocksDB_VERSION ${number})
endforeach()
list(JOIN RocksDB_VERSION . RocksDB_VERSION)

if(NOT TARGET RocksDB::rocksdb-shared)
  add_library(RocksDB::rocksdb-shared SHARED IMPORTED)
  set_target_properties(RocksDB::rocksdb-shared PROPERTIES
    IMPORTED_LOCATION ${library} INTERFACE_INCLUDE_DIRECTORIES ${WEIR_ROCKSDB_INCLUDE})
  if(loader)
    list(GET loader 0 loader)
    cmake_path(GET loader PARENT_PATH libraries)
    # DT_RPATH, not DT_RUNPATH: it also holds for what the libraries need.
    target_link_options(RocksDB::rocksdb-shared INTERFACE -Wl,--dynamic-linker=${loader}
      -Wl,--disable-new-dtags -Wl,-rpath,${libraries}
      -Wl,--unresolved-symbols=ignore-in-shared-libs -Wl,--allow-shlib-undefined)
  endif()
endif()
set(RocksDB_FOUND TRUE)
