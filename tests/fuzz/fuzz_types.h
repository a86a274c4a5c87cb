// Licensed under the Apache License, Version 2.0.
//
// Types that the harnesses of this folder read and whose values are their seeds: every family once,
// as the program has them now and as it had them before.
#ifndef WEIR_TESTS_FUZZ_FUZZ_TYPES_H_
#define WEIR_TESTS_FUZZ_FUZZ_TYPES_H_

#include "runtime/types/date_time.h"
#include "runtime/types/ttl_value.h"
#include "runtime/types/type_of.h"

namespace weir::fuzz {

enum class Suit { kHearts, kSpades };
WEIR_ENUM_TYPE(Suit, "fuzz.Suit", {kHearts, "HEARTS"}, {kSpades, "SPADES"});

struct Part {
  int64_t id = 0;
  std::optional<std::string> text;
  Suit suit = Suit::kHearts;
};
WEIR_TYPE(Part, "fuzz.Part", id, text, suit);

struct Whole {
  bool flag = false;
  float ratio = 0;
  Bytes raw;
  LocalDate day;
  Timestamp at;
  std::vector<Part> parts;
  std::set<std::optional<int16_t>> set;
  std::map<std::string, std::optional<Part>> by_name;
  std::tuple<int8_t, double, std::optional<int32_t>> triple;
};
WEIR_TYPE(Whole, "fuzz.Whole", flag, ratio, raw, day, at, parts, set, by_name, triple);

namespace before {

enum class Suit { kSpades, kHearts };
WEIR_ENUM_TYPE(Suit, "fuzz.Suit", {kSpades, "SPADES"}, {kHearts, "HEARTS"});

struct Part {
  std::vector<Timestamp> gone;
  Suit suit = Suit::kHearts;
  int64_t id = 0;
};
WEIR_TYPE(Part, "fuzz.Part", gone, suit, id);

struct Whole {
  std::set<std::optional<int16_t>> set;
  std::map<std::string, std::optional<Part>> by_name;
  std::vector<Part> parts;
  std::map<std::string, LocalDateTime> gone;
};
WEIR_TYPE(Whole, "fuzz.Whole", set, by_name, parts, gone);

}  // namespace before
}  // namespace weir::fuzz

// What libFuzzer calls. Returns 0; a property that does not hold ends the program.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

#endif  // WEIR_TESTS_FUZZ_FUZZ_TYPES_H_
