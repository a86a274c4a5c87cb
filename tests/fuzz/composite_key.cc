// Any bytes as a composite key, after a byte that selects the layout and the types: what is
// understood is composed again byte for byte.
#include "runtime/format/composite_key.h"

#include "runtime/base/check.h"
#include "tests/fuzz/fuzz_types.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  weir::ByteReader reader(absl::string_view(reinterpret_cast<const char*>(data), size));
  const uint8_t choice = reader.U8();
  const weir::TypeSerializer& text = weir::TypeOf<std::string>::Serializer();
  const weir::TypeSerializer& number = weir::TypeOf<int64_t>::Serializer();
  const weir::TypeSerializer& key = (choice & 1) != 0 ? text : number;
  const weir::TypeSerializer* name_space =
      (choice & 2) != 0 ? ((choice & 4) != 0 ? &text : &number) : nullptr;
  const auto layout = weir::CompositeKeyLayout::For((choice & 8) != 0 ? 32768 : 128, key.fixed_length(),
                                                    name_space == nullptr ? 0 : name_space->fixed_length());
  const auto parsed = weir::ParseCompositeKey(reader.Rest(), layout, key, name_space);
  if (!parsed.ok()) return 0;
  weir::ByteWriter writer;
  weir::AppendCompositeKey(writer, layout, parsed->key_group, parsed->key, parsed->name_space);
  writer.Raw(parsed->user_key);
  WEIR_CHECK(writer.bytes() == reader.Rest());
  return 0;
}
