// Licensed under the Apache License, Version 2.0.
//
// An input whose generated records are values of a type, for sources that read them with LogSource<T>:
//
//   AddInput(gen::Records<Login>("logins", [](gen::Draws& draw) {
//     return Login{absl::StrCat("U-", draw.Below(40)), draw.Below(3) == 0};
//   }))
//
// A file given by --input holds one JSON object, or one line of CSV, for each record.
#ifndef WEIR_SCENARIOS_GENERATED_INPUT_H_
#define WEIR_SCENARIOS_GENERATED_INPUT_H_

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "runtime/env/random.h"
#include "runtime/types/json.h"
#include "runtime/types/type_of.h"
#include "scenarios/scenario.h"

namespace weir::gen {

// The random numbers of one record. They are keyed by seed, topic, split and offset, and by how many were drawn before
// for the same record: leaving out one record changes no other.
class Draws {
 public:
  // `topic` is the StableHash64 of its name.
  Draws(uint64_t seed, uint64_t topic, uint32_t split, uint64_t offset)
      : random_(seed), key_(Mix(Mix(topic, split), offset)) {}

  // Uniform in [0, bound). Throws std::invalid_argument unless bound > 0.
  int64_t Below(int64_t bound) { return Between(0, bound - 1); }
  // Uniform in [low, high]. Throws std::invalid_argument unless low <= high.
  int64_t Between(int64_t low, int64_t high) {
    if (low > high) ThrowEmptyRange(low, high);
    const uint64_t bound = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
    return static_cast<int64_t>(static_cast<uint64_t>(low) +
                                random_.Draw(DrawSite::kWorkload, key_, drawn_++, bound));
  }

 private:
  [[noreturn]] ABSL_ATTRIBUTE_NOINLINE static void ThrowEmptyRange(int64_t low, int64_t high) {
    throw std::invalid_argument(absl::StrCat("nothing lies between ", low, " and ", high));
  }

  const Random random_;
  const uint64_t key_;
  uint64_t drawn_ = 0;
};

// `make` is a function of its draws and of nothing else. A record that cannot be serialised is an error as if it had thrown.
template <typename T>
scenarios::Input Records(std::string topic, std::function<T(Draws&)> make, uint64_t records = 1000) {
  scenarios::Input input;
  input.records = records;
  const uint64_t hash = StableHash64(topic);
  input.generate = [hash, make = std::move(make)](uint64_t seed, uint32_t split, uint64_t offset,
                                                  std::string* to) {
    Draws draws(seed, hash, split, offset);
    ByteWriter record;
    if (!TypeOf<T>::Write(record, make(draws))) {
      throw std::invalid_argument(std::string(UnwritableError().message()));
    }
    to->append(record.bytes().data(), record.size());
  };
  input.type = &TypeOf<T>::Serializer();
  input.parse_line = [](absl::string_view line) -> absl::StatusOr<std::string> {
    const absl::StatusOr<T> record = ReadJson<T>(line);
    if (!record.ok()) return record.status();
    ByteWriter bytes;
    if (!TypeOf<T>::Write(bytes, *record)) {
      return absl::InvalidArgumentError("column 1: a text that is not UTF-8 cannot be serialised");
    }
    return bytes.Take();
  };
  input.describe = [](absl::string_view record) {
    T value{};
    ByteReader bytes(record);
    TypeOf<T>::Read(bytes, value);
    return bytes.Finish().ok() ? ToJson(value) : absl::CHexEscape(record);
  };
  input.name = std::move(topic);
  return input;
}

}  // namespace weir::gen

#endif  // WEIR_SCENARIOS_GENERATED_INPUT_H_
