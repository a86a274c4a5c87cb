// Licensed under the Apache License, Version 2.0.
//
// What user functions see: Collector, contexts, and base classes that only provide types. Functions are duck-typed:
// a class needs the method of its kind, and may have Open(RuntimeContext&) and Close(). Methods return void or
// absl::Status; a status that is not OK, or an exception, fails the task.
//
//   map        Out Map(const In&)                       or any callable (const In&) -> Out
//   filter     bool Filter(const In&)                   or any callable (const In&) -> bool
//   flat map   void FlatMap(const In&, Collector<Out>&) or any callable of that shape
//   process    void ProcessElement(const In&, ProcessContext&, Collector<Out>&), with a type OutputType;
//              on a keyed stream KeyedContext<K>& instead
//
// Functions of two inputs: co_operators.h; joined with a broadcast stream: broadcast_functions.h. Operator state, for all
// of them: checkpointed_function.h.
//
// map, filter and flat map may return absl::StatusOr / absl::Status where they return a value / nothing.
#ifndef WEIR_RUNTIME_OPERATORS_FUNCTIONS_H_
#define WEIR_RUNTIME_OPERATORS_FUNCTIONS_H_

#include <string>
#include <type_traits>

#include "runtime/operators/output_tag.h"
#include "runtime/operators/stream_operator.h"
#include "runtime/state/state_descriptor.h"
#include "runtime/state/value_state.h"

namespace weir {

// Takes what a function emits, in order, any number of times while the function runs.
template <typename T>
class Collector {
 public:
  explicit Collector(StreamOperator* op) : op_(op) {}
  void Collect(const T& value) { op_->Emit(&value); }

 private:
  StreamOperator* op_;
};

// Where a function runs, and its state. Valid in Open; what it hands out is valid as long as the function.
class RuntimeContext {
 public:
  explicit RuntimeContext(const OperatorContext& context) : context_(context) {}

  const std::string& uid() const { return context_.uid; }
  const std::string& task_name() const { return context_.task_name; }
  uint32_t subtask_index() const { return context_.subtask.index; }
  uint32_t parallelism() const { return context_.parallelism; }
  uint32_t attempt() const { return context_.attempt.value; }
  bool is_restored() const { return context_.is_restored; }

  // State of the current key. Only on a keyed stream; elsewhere, or if the name stands for another type, the task fails
  // and the handle is inert.
  template <typename T>
  ValueState<T> GetState(const ValueStateDescriptor<T>& descriptor) {
    return MakeState<T>(descriptor.name, std::nullopt);
  }
  template <typename T>
  ValueState<T> GetState(const DefaultedValueStateDescriptor<T>& defaulted) {
    return MakeState<T>(defaulted.descriptor.name, defaulted.default_value);
  }

  // What went wrong in GetState, if anything did.
  const absl::Status& status() const { return status_; }
  // For functions of the engine's own making.
  const OperatorContext& operator_context() const { return context_; }

 private:
  template <typename T>
  ValueState<T> MakeState(absl::string_view name, std::optional<T> default_value) {
    if (!IsKeyed(name)) return {};
    auto table = context_.keyed_state->RegisterValue<T>(name);
    if (table.ok()) return ValueState<T>(context_.keyed_state, *table, std::move(default_value));
    SetStatus(table.status());
    return {};
  }
  bool IsKeyed(absl::string_view name);
  void SetStatus(const absl::Status& status);

  const OperatorContext& context_;
  absl::Status status_;
};

// Of one record.
class ProcessContext {
 public:
  ProcessContext(StreamOperator& op, EventTime timestamp, EventTime watermark)
      : op_(op), timestamp_(timestamp), watermark_(watermark) {}
  EventTime timestamp() const { return timestamp_; }  // EventTime::Min(): it has none
  EventTime watermark() const { return watermark_; }
  // The calendar clock of this node: not the same after a recovery, nor in another subtask.
  WallTime current_processing_time() const { return op_.context().env->clock.WallNow(); }
  // Emits into a side output. A tag that is read as another type fails the task.
  template <typename T>
  void Output(const OutputTag<T>& tag, const std::type_identity_t<T>& value) {
    op_.EmitToSide(tag.name, TypeOf<T>::Serializer(), &value);
  }

 private:
  StreamOperator& op_;
  EventTime timestamp_;
  EventTime watermark_;
};

template <typename K>
class KeyedContext : public ProcessContext {
 public:
  KeyedContext(StreamOperator& op, EventTime timestamp, EventTime watermark, const K& key)
      : ProcessContext(op, timestamp, watermark), key_(key) {}
  const K& current_key() const { return key_; }

 private:
  const K& key_;
};

template <typename In, typename Out>
class ProcessFunction {
 public:
  using InputType = In;
  using OutputType = Out;
  using Context = ProcessContext;
};

template <typename K, typename In, typename Out>
class KeyedProcessFunction {
 public:
  using KeyType = K;
  using InputType = In;
  using OutputType = Out;
  using Context = KeyedContext<K>;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_FUNCTIONS_H_
