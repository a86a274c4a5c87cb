// Licensed under the Apache License, Version 2.0.
//
// Operators made from the functions of broadcast_functions.h. Input 0 is the main stream, input 1 the broadcast one.
#ifndef WEIR_RUNTIME_OPERATORS_BROADCAST_OPERATORS_H_
#define WEIR_RUNTIME_OPERATORS_BROADCAST_OPERATORS_H_

#include <utility>
#include <vector>

#include "runtime/base/status.h"
#include "runtime/operators/broadcast_functions.h"
#include "runtime/operators/function_operators.h"
#include "runtime/operators/keyed_operators.h"

namespace weir {

// What the two have in common: the declared states, and event time.
template <typename B, typename Out, typename F>
class BroadcastOperatorBase : public FunctionOperator<F> {
 public:
  BroadcastOperatorBase(F function, std::vector<BroadcastDeclaration> declared)
      : FunctionOperator<F>(std::move(function)), states_(std::move(declared)) {}

  absl::Status Open() override {
    const absl::Status status = states_.Open(*this->context().operator_state);
    if (!status.ok()) return WithContext(status, DescribeOperator(this->context()));
    return FunctionOperator<F>::Open();
  }
  void ProcessWatermark(EventTime watermark) override {
    watermark_ = watermark;
    this->EmitWatermark(watermark);
  }
  const BroadcastStates& states() const { return states_; }

 protected:
  template <typename In, typename Context>
  void ProcessMain(const void* value, Context& context) {
    Collector<Out> out(this);
    this->CallUser([&] {
      return operators_internal::ToStatus(
          [&] { return this->function_.ProcessElement(*static_cast<const In*>(value), context, out); });
    });
  }
  template <typename Context>
  void ProcessBroadcast(const void* value, Context& context) {
    Collector<Out> out(this);
    this->CallUser([&] {
      return operators_internal::ToStatus([&] {
        return this->function_.ProcessBroadcastElement(*static_cast<const B*>(value), context, out);
      });
    });
  }

  BroadcastStates states_;
  EventTime watermark_;
};

template <typename In, typename B, typename Out, typename F>
class BroadcastProcessOperator final : public BroadcastOperatorBase<B, Out, F> {
 public:
  using BroadcastOperatorBase<B, Out, F>::BroadcastOperatorBase;

  void ProcessElement(uint32_t input, const void* value, const RecordMeta& meta) override {
    operators_internal::CheckNoTimers<F>();
    this->Begin(meta);
    if (input == 0) {
      ReadOnlyBroadcastContext context(*this, meta.timestamp, this->watermark_, this->states_);
      this->template ProcessMain<In>(value, context);
    } else {
      BroadcastContext context(*this, meta.timestamp, this->watermark_, this->states_);
      this->ProcessBroadcast(value, context);
    }
  }
};

template <typename K, typename In, typename B, typename Out, typename F>
class KeyedBroadcastProcessOperator final
    : public WithTimers<BroadcastOperatorBase<B, Out, F>, K, Out, F, OnTimerBroadcastContext<K>> {
  using Base = WithTimers<BroadcastOperatorBase<B, Out, F>, K, Out, F, OnTimerBroadcastContext<K>>;

 public:
  KeyedBroadcastProcessOperator(F function, std::vector<BroadcastDeclaration> declared,
                                KeySelector<In, K> selector)
      : Base(std::move(function), std::move(declared)), key_(std::move(selector)) {}

  void SetKeyContext(uint32_t input, const void* value) override {
    if (input == 0) {
      this->CallUser([&] { return key_.Set(*static_cast<const In*>(value), this->context()); });
    } else {
      // Whatever key was left is none of this element's.
      this->context().keyed_state->ClearCurrentKey();
    }
  }
  void ProcessElement(uint32_t input, const void* value, const RecordMeta& meta) override {
    this->Begin(meta);
    if (input == 0) {
      KeyedReadOnlyBroadcastContext<K> context(*this, meta.timestamp, this->states_, key_.current(),
                                               this->timers_);
      this->template ProcessMain<In>(value, context);
    } else {
      KeyedBroadcastContext<K> context(*this, meta.timestamp, this->timers_.watermark(), this->states_);
      this->ProcessBroadcast(value, context);
    }
  }

 private:
  KeyOfRecord<K, In> key_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_BROADCAST_OPERATORS_H_
