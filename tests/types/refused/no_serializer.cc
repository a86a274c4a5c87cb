// Must not compile: a struct without WEIR_FIELDS.
#include "runtime/types/type_of.h"

struct Plain {
  int value = 0;
};

bool Write(weir::ByteWriter& writer, const Plain& plain) { return weir::TypeOf<Plain>::Write(writer, plain); }
