#include "runtime/operators/stream_operator.h"

#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/base/user_code.h"

namespace weir {

bool TaskServices::Reach(const Event& event) {
  if (is_stopped_) return false;
  const absl::Status status = line_.tracer->Reach(event);
  if (__builtin_expect(status.ok(), 1)) return true;
  if (status.code() == absl::StatusCode::kAborted) {
    is_stopped_ = true;  // the process is gone: nobody is left to be told
  } else {
    Fail(status);
  }
  return false;
}

std::string DescribeOperator(const OperatorContext& context) {
  return absl::StrCat("operator ", context.name, " (uid ", context.uid, ") of ", context.task_name);
}

void StreamOperator::Setup(const OperatorContext& context, OperatorOutput output) {
  context_ = &context;
  output_ = std::move(output);
  uid_hash_ = StableHash64(context.uid);
  has_ledger_ = context.options.ledger != LedgerMode::kOff;
}

void StreamOperator::SetKeyContext(uint32_t, const void*) {
  WEIR_CHECK(false, "not a keyed operator: ", DescribeOperator(*context_));
}

void StreamOperator::Forward(const void* value, const RecordMeta& meta) {
  if (__builtin_expect(task().is_stopped(), 0)) return;
  if (output_.next != nullptr) return output_.next->ProcessElement(0, value, meta);
  for (RecordWriter* writer : output_.writers) {
    if (absl::Status status = writer->Emit(value, meta); !status.ok()) return FailRecord(status);
  }
}

void StreamOperator::EmitToSide(absl::string_view tag, const TypeSerializer& type, const void* value) {
  RecordMeta meta{current_.timestamp, {}};
  // Counted whether it is read or not, so that identities do not depend on who reads.
  if (has_ledger_) meta.identity = DerivedIdentityOf(current_.identity, uid_hash_, ordinal_++);
  for (RecordWriter* writer : output_.side_writers) {
    if (writer->side_output() != tag) continue;
    if (task().is_stopped()) return;
    if (&writer->serializer() != &type) {
      return FailRecord(absl::FailedPreconditionError(
          absl::StrCat("side output ", tag, " is read as ", writer->serializer().TypeName(),
                       ", but what is emitted is ", type.TypeName())));
    }
    if (absl::Status status = writer->Emit(value, meta); !status.ok()) return FailRecord(status);
  }
}

void StreamOperator::EmitWatermark(EventTime watermark) {
  if (task().is_stopped()) return;
  if (output_.next != nullptr) return output_.next->ProcessWatermark(watermark);
  for (RecordWriter* writer : output_.writers) writer->EmitWatermark(watermark);
  for (RecordWriter* writer : output_.side_writers) writer->EmitWatermark(watermark);
}

void StreamOperator::EmitIdle(bool is_idle) {
  if (task().is_stopped()) return;
  if (output_.next != nullptr) return output_.next->ProcessIdle(is_idle);
  for (RecordWriter* writer : output_.writers) writer->EmitIdle(is_idle);
  for (RecordWriter* writer : output_.side_writers) writer->EmitIdle(is_idle);
}

namespace {

// A source, too: it may stand for one.
class FailedOperator final : public SourceOperator {
 public:
  explicit FailedOperator(absl::Status why) : why_(std::move(why)) {}
  absl::Status InitializeState() override { return why_; }
  uint32_t EmitRecords(uint32_t) override { return 0; }

 private:
  const absl::Status why_;
};

// What the user's code did wrong with state is remembered there, since handles have no way to say it. It comes first: what
// the code returned or threw was after that.
absl::Status WithStateErrors(const OperatorContext& context, absl::Status status) {
  if (context.keyed_state != nullptr && context.keyed_state->failed()) return context.keyed_state->error();
  if (context.operator_state != nullptr && context.operator_state->failed()) {
    return context.operator_state->error();
  }
  return status;
}

}  // namespace

bool StreamOperator::CallUser(absl::FunctionRef<absl::Status()> code) {
  const absl::Status status = GuardUserCode(code);
  if (__builtin_expect(status.ok(), 1)) return true;
  FailRecord(status);
  return false;
}

absl::Status StreamOperator::CallUserForStatus(absl::FunctionRef<absl::Status()> code) const {
  return WithContext(GuardUserCode(code), DescribeOperator(*context_));
}

absl::Status StreamOperator::GuardUserCode(absl::FunctionRef<absl::Status()> code) const {
  return WithStateErrors(*context_, CallUserCode(code));
}

void StreamOperator::FailRecord(const absl::Status& cause) {
  if (task().is_stopped()) return;
  task().Fail(WithContext(
      cause, absl::StrCat(DescribeOperator(*context_), " at record ", current_.identity.ToHex())));
}

std::unique_ptr<StreamOperator> MakeOperator(const OperatorFactory& factory) {
  std::unique_ptr<StreamOperator> made;
  absl::Status status = CallUserCode([&] {
    made = factory();
    return made == nullptr ? absl::FailedPreconditionError("its factory gave no operator") : absl::OkStatus();
  });
  if (!status.ok()) made = std::make_unique<FailedOperator>(WithContext(status, "it could not be made"));
  return made;
}

void SourceOperator::ProcessElement(uint32_t, const void*, const RecordMeta&) {
  WEIR_CHECK(false, "a source has no input: ", DescribeOperator(context()));
}

}  // namespace weir
