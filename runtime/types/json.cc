#include "runtime/types/json.h"

#include <iterator>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "runtime/types/parse_scalar.h"

namespace weir {
namespace {

using types_internal::Expectation;
using types_internal::Mismatch;

// Feeds the parser and tells how far it got, which its callbacks do not.
class TrackedInput {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TrackedInput(const char* at, const char** furthest) : at_(at), furthest_(furthest) {}
  reference operator*() const { return *at_; }
  TrackedInput& operator++() {
    ++at_;
    *furthest_ = at_;
    return *this;
  }
  TrackedInput operator++(int) {
    TrackedInput before = *this;
    ++*this;
    return before;
  }
  bool operator==(const TrackedInput& other) const { return at_ == other.at_; }
  bool operator!=(const TrackedInput& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** furthest_;
};

// Where the next value goes; no type: it is ignored.
struct Slot {
  const TypeSerializer* type = nullptr;
  void* target = nullptr;
};

// Fields by name, that is.
bool IsObject(const TypeShape& shape) {
  return shape.kind == TypeKind::kStruct || shape.kind == TypeKind::kTtl;
}

// {"left": value} or {"right": value}.
constexpr absl::string_view kSides[] = {"left", "right"};
constexpr absl::string_view kEitherForm = "exactly one of 'left' and 'right'";

// A container that is being filled.
struct Frame {
  const TypeShape* shape = nullptr;  // null: an ignored object or array
  void* target = nullptr;
  bool is_pair = false;              // [key, value] of a map (`shape`, `target`) whose keys are no text
  size_t next = 0;                   // index of the next element; in a struct of the current field
  uint64_t seen = 0;                 // fields of a struct that had their value
  void* mapped = nullptr;            // where the value of the current key of a map goes
  std::unique_ptr<ErasedValue> key;  // of a pair; of a set the element that is being filled in
};

class Reader {
 public:
  using number_integer_t = int64_t;
  using number_unsigned_t = uint64_t;
  using number_float_t = double;
  using string_t = std::string;
  using binary_t = nlohmann::json::binary_t;

  Reader(absl::string_view line, const TypeSerializer& type, void* value)
      : line_(line), furthest_(line.data()), type_(&type), value_(value) {}

  absl::Status Run() {
    const char* end = line_.data() + line_.size();
    const bool ok = nlohmann::json::sax_parse(TrackedInput(line_.data(), &furthest_),
                                              TrackedInput(end, &furthest_), this);
    if (ok && error_.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("column ", column_, ": ", error_));
  }

  // The parser's callbacks; false ends the parse.
  bool null() {
    Begin();
    if (WantsPair()) return Fail("expected [key, value]");
    const Slot slot = NextSlot();
    if (slot.type == nullptr) return Done();
    const TypeShape& shape = slot.type->shape();
    if (shape.kind != TypeKind::kNullable) return Fail(Mismatch(shape.kind, "null"));
    shape.clear(slot.target);
    return Done();
  }
  bool boolean(bool value) {
    return Scalar([&](const TypeShape& shape, void* target) {
      return types_internal::StoreBool(shape.kind, value, target);
    });
  }
  bool number_integer(int64_t value) {
    return Scalar([&](const TypeShape& shape, void* target) {
      return types_internal::StoreInteger(shape.kind, value, target);
    });
  }
  bool number_unsigned(uint64_t value) {
    return Scalar([&](const TypeShape& shape, void* target) {
      const TypeKind kind = shape.kind;
      if (value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
        return types_internal::StoreInteger(kind, static_cast<int64_t>(value), target);
      if (kind == TypeKind::kFloat || kind == TypeKind::kDouble)
        return types_internal::StoreFloating(kind, static_cast<double>(value), absl::StrCat(value), target);
      if (Expectation(kind) != Expectation(TypeKind::kInt64)) return Mismatch(kind, absl::StrCat(value));
      return absl::StrCat("integer ", value, " is out of range");
    });
  }
  bool number_float(double value, const std::string& spelling) {
    return Scalar([&](const TypeShape& shape, void* target) {
      return types_internal::StoreFloating(shape.kind, value, spelling, target);
    });
  }
  bool string(std::string& value) {
    return Scalar([&](const TypeShape& shape, void* target) {
      return types_internal::StoreText(shape, value, target);
    });
  }
  bool binary(binary_t&) { return Fail("binary data"); }
  bool start_object(size_t) { return Open(true); }
  bool start_array(size_t) { return Open(false); }
  bool end_array() { return Close(); }
  bool end_object() { return Close(); }

  bool key(std::string& name) {
    Begin();
    Frame& frame = frames_.back();
    frame.next = kIgnored;
    if (frame.shape == nullptr) return Done();
    if (frame.shape->kind == TypeKind::kMap) {
      std::string text = name;
      frame.mapped = frame.shape->insert(frame.target, &text);
      return Done();
    }
    if (frame.shape->kind == TypeKind::kEither) {
      frame.next = name == kSides[0] ? 0 : 1;
      if (name != kSides[frame.next] || frame.mapped != nullptr)
        return Fail(absl::StrCat("expected ", kEitherForm));
      frame.mapped = frame.shape->choose(frame.target, frame.next == 0);
      return Done();
    }
    for (size_t i = 0; i < frame.shape->fields.size(); ++i) {
      if (frame.shape->fields[i].name != name) continue;
      if ((frame.seen >> i & 1) != 0) return Fail(absl::StrCat("field '", name, "' stands twice"));
      frame.seen |= uint64_t{1} << i;
      frame.next = i;
    }
    return Done();
  }

  template <typename Exception>
  bool parse_error(size_t position, const std::string&, const Exception& exception) {
    if (!error_.empty()) return false;
    const absl::string_view what = exception.what();
    const size_t from = what.find("syntax error");
    column_ = position;
    error_ = absl::StrCat("malformed JSON: ", from == absl::string_view::npos ? what : what.substr(from));
    return false;
  }

 private:
  static constexpr size_t kIgnored = static_cast<size_t>(-1);

  // A token was read: finds the column where it began. After a number the parser has read one byte
  // too many, but that can only be a separator or a closing bracket.
  void Begin() {
    const char* start = token_end_ == nullptr ? line_.data() : token_end_;
    while (start < furthest_ && (*start == ' ' || *start == '\t' || *start == '\r' || *start == '\n' ||
                                 *start == ',' || *start == ':')) {
      ++start;
    }
    column_ = static_cast<size_t>(start - line_.data()) + 1;
    token_end_ = furthest_;
  }
  bool Done() { return true; }
  bool Fail(const std::string& what) {
    error_ = what;
    const std::string path = Path();
    if (!path.empty()) error_ = absl::StrCat("field '", path, "': ", what);
    return false;
  }

  std::string Path() const {
    std::string path;
    for (const Frame& frame : frames_) {
      if (frame.shape == nullptr) continue;
      if (IsObject(*frame.shape)) {
        if (frame.next >= frame.shape->fields.size()) continue;
        absl::StrAppend(&path, path.empty() ? "" : ".", frame.shape->fields[frame.next].name);
      } else if (frame.shape->kind == TypeKind::kEither) {
        if (frame.mapped != nullptr) absl::StrAppend(&path, path.empty() ? "" : ".", kSides[frame.next]);
      } else if (frame.shape->kind != TypeKind::kMap && frame.next > 0) {
        absl::StrAppend(&path, "[", frame.next - 1, "]");
      }
    }
    return path;
  }

  // Where the value that begins now goes. Within a container this advances it.
  Slot NextSlot() {
    if (frames_.empty()) return {type_, value_};
    Frame& frame = frames_.back();
    if (frame.shape == nullptr) return {};
    const TypeShape& shape = *frame.shape;
    if (frame.is_pair) {
      const size_t index = frame.next++;
      if (index == 0) {
        frame.key = std::make_unique<ErasedValue>(shape.element());
        return {&shape.element(), frame.key->get()};
      }
      if (index > 1) return {};  // Close says so
      frame.mapped = shape.insert(frame.target, frame.key->get());
      return {&shape.mapped(), frame.mapped};
    }
    switch (shape.kind) {
      case TypeKind::kStruct:
      case TypeKind::kTtl:
        if (frame.next == kIgnored) return {};
        return FieldSlot(frame, frame.next);
      case TypeKind::kTuple:
        if (frame.next++ >= shape.fields.size()) return {};
        return FieldSlot(frame, frame.next - 1);
      case TypeKind::kSet:
        ++frame.next;
        return {&shape.element(), PendingElement(frame)};
      case TypeKind::kEither:
        return {frame.next == 0 ? &shape.element() : &shape.mapped(), frame.mapped};
      case TypeKind::kList:
        ++frame.next;
        return {&shape.element(), shape.append(frame.target)};
      default:
        return {&shape.mapped(), frame.mapped};
    }
  }
  // Elements of a set cannot be changed in place: each is filled in aside and then moved in.
  static void* PendingElement(Frame& frame) {
    if (frame.key != nullptr) frame.shape->insert(frame.target, frame.key->get());
    frame.key = std::make_unique<ErasedValue>(frame.shape->element());
    return frame.key->get();
  }
  static Slot FieldSlot(const Frame& frame, size_t index) {
    const FieldShape& field = frame.shape->fields[index];
    return {&field.type(), const_cast<void*>(field.get(frame.target))};
  }
  // An optional that gets a value: on to what it holds.
  static Slot Unwrap(Slot slot) {
    while (slot.type != nullptr && slot.type->kind() == TypeKind::kNullable) {
      const TypeShape& shape = slot.type->shape();
      slot = {&shape.element(), shape.append(slot.target)};
    }
    return slot;
  }

  template <typename Store>
  bool Scalar(Store store) {
    Begin();
    if (WantsPair()) return Fail("expected [key, value]");
    const Slot slot = Unwrap(NextSlot());
    if (slot.type == nullptr) return Done();
    std::string wrong = store(slot.type->shape(), slot.target);
    return wrong.empty() ? Done() : Fail(wrong);
  }

  // A map whose keys are no text is an array of pairs: directly inside that array there are only
  // pairs.
  bool WantsPair() const {
    if (frames_.empty() || frames_.back().shape == nullptr) return false;
    const Frame& frame = frames_.back();
    return frame.shape->kind == TypeKind::kMap && !frame.is_pair &&
           frame.shape->element().kind() != TypeKind::kString;
  }

  bool Open(bool is_object) {
    Begin();
    Frame frame;
    if (WantsPair()) {
      if (is_object) return Fail("expected [key, value]");
      frame.shape = frames_.back().shape;
      frame.target = frames_.back().target;
      frame.is_pair = true;
      frames_.push_back(std::move(frame));
      return Done();
    }
    const Slot slot = Unwrap(NextSlot());
    if (slot.type != nullptr) {
      const TypeShape& shape = slot.type->shape();
      const bool is_text_map = shape.kind == TypeKind::kMap && shape.element().kind() == TypeKind::kString;
      const bool wants_object = IsObject(shape) || is_text_map || shape.kind == TypeKind::kEither;
      const bool wants_array = shape.kind == TypeKind::kTuple || shape.kind == TypeKind::kList ||
                               shape.kind == TypeKind::kSet || (shape.kind == TypeKind::kMap && !is_text_map);
      if (is_object ? !wants_object : !wants_array) {
        return Fail(absl::StrCat("expected ", wants_array ? "an array" : Expectation(shape.kind), ", found ",
                                 is_object ? "an object" : "an array"));
      }
      frame.shape = &shape;
      frame.target = slot.target;
      if (IsObject(shape)) frame.next = kIgnored;
      if (shape.clear != nullptr) shape.clear(slot.target);
    }
    frames_.push_back(std::move(frame));
    return Done();
  }

  bool Close() {
    column_ = static_cast<size_t>(furthest_ - line_.data());  // the bracket is the last byte read
    token_end_ = furthest_;
    Frame& frame = frames_.back();
    const size_t elements = frame.next;
    if (frame.shape != nullptr && frame.is_pair && elements != 2) return Fail("expected [key, value]");
    if (frame.shape != nullptr && !frame.is_pair && frame.shape->kind == TypeKind::kTuple &&
        elements != frame.shape->fields.size()) {
      frame.next = 0;  // the tuple itself is at fault, no element
      return Fail(absl::StrCat("expected ", frame.shape->fields.size(), " elements, found ", elements));
    }
    if (frame.shape != nullptr && frame.shape->kind == TypeKind::kEither && frame.mapped == nullptr) {
      return Fail(absl::StrCat("expected ", kEitherForm));
    }
    if (frame.shape != nullptr && IsObject(*frame.shape)) {
      for (size_t i = 0; i < frame.shape->fields.size(); ++i) {
        const FieldShape& field = frame.shape->fields[i];
        if ((frame.seen >> i & 1) != 0) continue;
        if (field.type().kind() != TypeKind::kNullable) {
          frame.next = kIgnored;
          return Fail(absl::StrCat("missing field '", field.name, "'"));
        }
        field.type().shape().clear(const_cast<void*>(field.get(frame.target)));
      }
    }
    if (frame.shape != nullptr && frame.shape->kind == TypeKind::kSet && frame.key != nullptr) {
      frame.shape->insert(frame.target, frame.key->get());
    }
    frames_.pop_back();
    return Done();
  }

  absl::string_view line_;
  const char* furthest_;
  const char* token_end_ = nullptr;
  const TypeSerializer* type_;
  void* value_;
  std::vector<Frame> frames_;
  size_t column_ = 0;
  std::string error_;
};

}  // namespace

absl::Status ReadJsonInto(absl::string_view line, const TypeSerializer& type, void* value) {
  return Reader(line, type, value).Run();
}

}  // namespace weir
