// Must not compile: in Java an enum hashes by identity.
#include "runtime/types/key_hash.h"

enum class Color { kRed };
WEIR_ENUM(Color, kRed);

weir::KeyGroup GroupOf(Color color) { return weir::KeyGroupOf(color, 128); }
