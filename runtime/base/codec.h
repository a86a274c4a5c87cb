// Licensed under the Apache License, Version 2.0.
//
// Big-endian bytes, as Java's DataOutput and DataInput write and read them: the base of every message and file of
// this project. The writer cannot fail. The reader never reads past its end: after the first short read every later
// one returns zero or empty, and status() says kDataLoss with the offset; so a parser may read a whole structure and
// ask once.
#ifndef WEIR_RUNTIME_BASE_CODEC_H_
#define WEIR_RUNTIME_BASE_CODEC_H_

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace weir {

class ByteWriter {
 public:
  ByteWriter() = default;

  void U8(uint8_t v) { *Grow(1) = static_cast<char>(v); }
  void U16(uint16_t v) { Append(__builtin_bswap16(v)); }
  void U32(uint32_t v) { Append(__builtin_bswap32(v)); }
  void U64(uint64_t v) { Append(__builtin_bswap64(v)); }
  void I8(int8_t v) { U8(static_cast<uint8_t>(v)); }
  void I16(int16_t v) { U16(static_cast<uint16_t>(v)); }
  void I32(int32_t v) { U32(static_cast<uint32_t>(v)); }
  void I64(int64_t v) { U64(static_cast<uint64_t>(v)); }
  void Bool(bool v) { U8(v ? 1 : 0); }
  void Raw(absl::string_view v) { v.copy(Grow(v.size()), v.size()); }
  // u32 length, then the bytes: how the messages of the engine carry strings.
  void Bytes(absl::string_view v) { U32(static_cast<uint32_t>(v.size())), Raw(v); }

  size_t size() const { return size_; }
  // Valid until the next call that is not const.
  absl::string_view bytes() const { return {heap_ == nullptr ? near_ : heap_.get(), size_}; }
  // All of them, in a string without slack; the writer is empty then.
  std::string Take();
  void Clear() { size_ = 0; }
  // Room for so many bytes more, where their number is known before they are.
  void Reserve(size_t size) {
    if (__builtin_expect(size_ + size > capacity_, 0)) MakeRoom(size_ + size);
  }
  // Appends `size` bytes and returns where they begin, to be filled in place before the next call.
  char* Grow(size_t size) {
    Reserve(size);
    char* const begin = data() + size_;
    size_ += size;
    return begin;
  }
  // Drops everything from `size` on. REQUIRES: size <= this->size().
  void Truncate(size_t size) { size_ = size; }
  // Overwrites one byte, four or eight, written earlier. REQUIRES: they end at size() at most.
  void PatchU8(size_t offset, uint8_t v) { data()[offset] = static_cast<char>(v); }
  void PatchU32(size_t offset, uint32_t v) { Patch(offset, __builtin_bswap32(v)); }
  void PatchU64(size_t offset, uint64_t v) { Patch(offset, __builtin_bswap64(v)); }

 private:
  template <typename T>
  void Append(T v) {
    std::memcpy(Grow(sizeof v), &v, sizeof v);
  }
  template <typename T>
  void Patch(size_t offset, T v) {
    std::memcpy(data() + offset, &v, sizeof v);
  }
  char* data() { return heap_ == nullptr ? near_ : heap_.get(); }
  void MakeRoom(size_t at_least);

  // Most writers hold a few fields and live for one function: those need no memory of their own.
  static constexpr size_t kNear = 128;
  size_t size_ = 0;
  size_t capacity_ = kNear;
  std::unique_ptr<char[]> heap_;
  char near_[kNear];  // the bytes, until there are more
};

class ByteReader {
 public:
  // The bytes must outlive the reader and every view that it returns.
  explicit ByteReader(absl::string_view bytes) : bytes_(bytes) {}

  uint8_t U8() { return Read<uint8_t>(); }
  uint16_t U16() { return __builtin_bswap16(Read<uint16_t>()); }
  uint32_t U32() { return __builtin_bswap32(Read<uint32_t>()); }
  uint64_t U64() { return __builtin_bswap64(Read<uint64_t>()); }
  int8_t I8() { return static_cast<int8_t>(U8()); }
  int16_t I16() { return static_cast<int16_t>(U16()); }
  int32_t I32() { return static_cast<int32_t>(U32()); }
  int64_t I64() { return static_cast<int64_t>(U64()); }
  bool Bool() { return U8() != 0; }
  absl::string_view Raw(size_t size) {
    if (size > remaining()) return Fail(size), absl::string_view();
    absl::string_view view = bytes_.substr(offset_, size);
    offset_ += size;
    return view;
  }
  absl::string_view Bytes() { return Raw(U32()); }

  // What is not read yet, without reading it.
  absl::string_view Rest() const { return bytes_.substr(offset_); }

  size_t offset() const { return offset_; }
  size_t remaining() const { return bytes_.size() - offset_; }
  bool ok() const { return failed_at_ == kNone; }
  bool AtEnd() const { return ok() && remaining() == 0; }
  // OK, or kDataLoss "truncated: N bytes wanted at offset O of S".
  absl::Status status() const { return ok() ? absl::OkStatus() : Failure(); }
  // status(), or kDataLoss if bytes are left over.
  absl::Status Finish() const { return AtEnd() ? absl::OkStatus() : Failure(); }
  // Marks the reader as failed here: a parser met a value that cannot be. `what` and `name` say so in status() as
  // "what name" and must be literals or live as long as the program (field names do).
  void Invalidate(absl::string_view what = {}, absl::string_view name = {});

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);
  template <typename T>
  T Read() {
    T v{};
    if (sizeof v > remaining()) return Fail(sizeof v), v;
    std::memcpy(&v, bytes_.data() + offset_, sizeof v);
    offset_ += sizeof v;
    return v;
  }
  void Fail(size_t wanted);
  absl::Status Failure() const;

  absl::string_view bytes_;
  size_t offset_ = 0;
  size_t failed_at_ = kNone;
  size_t wanted_ = 0;
  absl::string_view what_, name_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_BASE_CODEC_H_
