// Must not compile: a struct is a key only with WEIR_KEY.
#include "runtime/types/key_hash.h"

struct Pair {
  int32_t a = 0;
};
WEIR_FIELDS(Pair, a);

weir::KeyGroup GroupOf(const Pair& pair) { return weir::KeyGroupOf(pair, 128); }
