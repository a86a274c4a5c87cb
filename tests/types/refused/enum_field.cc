// Must not compile: enums have no serializer.
#include "runtime/types/type_of.h"

enum class Color : int32_t { kRed };

bool Write(weir::ByteWriter& writer, const Color& color) { return weir::TypeOf<Color>::Write(writer, color); }
