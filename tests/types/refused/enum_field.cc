// Must not compile: an enum without WEIR_ENUM.
#include "runtime/types/type_of.h"

enum class Color : int32_t { kRed };

bool Write(weir::ByteWriter& writer, const Color& color) { return weir::TypeOf<Color>::Write(writer, color); }
