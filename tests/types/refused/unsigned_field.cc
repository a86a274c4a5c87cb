// Must not compile: Java has no unsigned integers.
#include "runtime/types/type_of.h"

struct Reading {
  uint64_t value = 0;
};
WEIR_FIELDS(Reading, value);

bool Write(weir::ByteWriter& writer, const Reading& reading) {
  return weir::TypeOf<Reading>::Write(writer, reading);
}
