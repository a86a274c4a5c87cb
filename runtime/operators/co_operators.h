// Licensed under the Apache License, Version 2.0.
//
// Functions of two inputs that share state, and their operators. Duck-typed; the base classes only provide types:
//
//   CoMapFunction<A, B, Out>              Out Map1(const A&), Out Map2(const B&)
//   CoFlatMapFunction<A, B, Out>          void FlatMap1(const A&, Collector<Out>&), FlatMap2(const B&, ...)
//   CoProcessFunction<A, B, Out>          void ProcessElement1(const A&, ProcessContext&, Collector<Out>&),
//                                         ProcessElement2(const B&, ...)
//   KeyedCoProcessFunction<K, A, B, Out>  the same with KeyedContext<K>&, both inputs keyed: one state per key for both
//
// Event time is that of the input that is further behind. Nothing orders the two inputs.
#ifndef WEIR_RUNTIME_OPERATORS_CO_OPERATORS_H_
#define WEIR_RUNTIME_OPERATORS_CO_OPERATORS_H_

#include <type_traits>
#include <utility>

#include "runtime/operators/function_operators.h"
#include "runtime/operators/keyed_operators.h"

namespace weir {

template <typename A, typename B, typename Out>
class CoMapFunction {
 public:
  using InputType1 = A;
  using InputType2 = B;
  using OutputType = Out;
};
template <typename A, typename B, typename Out>
class CoFlatMapFunction : public CoMapFunction<A, B, Out> {};
template <typename A, typename B, typename Out>
class CoProcessFunction : public CoMapFunction<A, B, Out> {
 public:
  using Context = ProcessContext;
};
template <typename K, typename A, typename B, typename Out>
class KeyedCoProcessFunction : public CoMapFunction<A, B, Out> {
 public:
  using KeyType = K;
  using Context = KeyedContext<K>;
  using TimerContext = OnTimerContext<K>;
};

template <typename A, typename B, typename Out, typename F>
class CoMapOperator : public FunctionOperator<F> {
 public:
  using FunctionOperator<F>::FunctionOperator;
  void ProcessElement(uint32_t input, const void* value, const RecordMeta& meta) override {
    this->Begin(meta);
    this->CallUser([&] {
      return input == 0 ? EmitResult(this->function_.Map1(*static_cast<const A*>(value)))
                        : EmitResult(this->function_.Map2(*static_cast<const B*>(value)));
    });
  }

 private:
  absl::Status EmitResult(absl::StatusOr<Out> result) {
    if (result.ok()) this->Emit(&*result);
    return result.status();
  }
};

template <typename A, typename B, typename Out, typename F>
class CoFlatMapOperator : public FunctionOperator<F> {
 public:
  using FunctionOperator<F>::FunctionOperator;
  void ProcessElement(uint32_t input, const void* value, const RecordMeta& meta) override {
    this->Begin(meta);
    Collector<Out> out(this);
    this->CallUser([&] {
      return operators_internal::ToStatus([&] {
        return input == 0 ? this->function_.FlatMap1(*static_cast<const A*>(value), out)
                          : this->function_.FlatMap2(*static_cast<const B*>(value), out);
      });
    });
  }
};

// What plain and keyed process functions of two inputs have in common.
template <typename A, typename B, typename Out, typename F>
class CoProcessOperatorBase : public FunctionOperator<F> {
 public:
  using FunctionOperator<F>::FunctionOperator;
  void ProcessWatermark(EventTime watermark) override {
    watermark_ = watermark;
    this->EmitWatermark(watermark);
  }

 protected:
  template <typename Context>
  void Process(uint32_t input, const void* value, Context& context) {
    Collector<Out> out(this);
    this->CallUser([&] {
      return operators_internal::ToStatus([&] {
        return input == 0 ? this->function_.ProcessElement1(*static_cast<const A*>(value), context, out)
                          : this->function_.ProcessElement2(*static_cast<const B*>(value), context, out);
      });
    });
  }

  EventTime watermark_;
};

template <typename A, typename B, typename Out, typename F>
class CoProcessOperator : public CoProcessOperatorBase<A, B, Out, F> {
 public:
  using CoProcessOperatorBase<A, B, Out, F>::CoProcessOperatorBase;
  void ProcessElement(uint32_t input, const void* value, const RecordMeta& meta) override {
    operators_internal::CheckNoTimers<F>();
    this->Begin(meta);
    ProcessContext context(*this, meta.timestamp, this->watermark_);
    this->Process(input, value, context);
  }
};

// Any operator of two inputs, both keyed: its function has keyed state.
template <typename Base, typename K, typename A, typename B>
class OnKeyedStreams : public Base {
 public:
  template <typename F>
  OnKeyedStreams(F function, KeySelector<A, K> first, KeySelector<B, K> second)
      : Base(std::move(function)), first_(std::move(first)), second_(std::move(second)) {}
  void SetKeyContext(uint32_t input, const void* value) override {
    this->CallUser([&] {
      return input == 0 ? first_.Set(*static_cast<const A*>(value), this->context())
                        : second_.Set(*static_cast<const B*>(value), this->context());
    });
  }

 protected:
  const K& KeyOf(uint32_t input) const { return input == 0 ? first_.current() : second_.current(); }

 private:
  KeyOfRecord<K, A> first_;
  KeyOfRecord<K, B> second_;
};

template <typename K, typename A, typename B, typename Out, typename F>
class KeyedCoProcessOperator final
    : public WithTimers<OnKeyedStreams<CoProcessOperatorBase<A, B, Out, F>, K, A, B>, K, Out, F> {
  using Base = WithTimers<OnKeyedStreams<CoProcessOperatorBase<A, B, Out, F>, K, A, B>, K, Out, F>;

 public:
  using Base::Base;
  void ProcessElement(uint32_t input, const void* value, const RecordMeta& meta) override {
    this->Begin(meta);
    KeyedContext<K> context(*this, meta.timestamp, this->KeyOf(input), this->timers_);
    this->Process(input, value, context);
  }
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_CO_OPERATORS_H_
