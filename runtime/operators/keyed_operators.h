// Licensed under the Apache License, Version 2.0.
//
// Operators on a keyed stream: the key of each record becomes the backend's, and process functions may have timers.
#ifndef WEIR_RUNTIME_OPERATORS_KEYED_OPERATORS_H_
#define WEIR_RUNTIME_OPERATORS_KEYED_OPERATORS_H_

#include <utility>

#include "runtime/base/status.h"
#include "runtime/operators/function_operators.h"
#include "runtime/operators/key_selector.h"
#include "runtime/operators/timer_service.h"

namespace weir {

// The key of the records of one operator on a keyed stream.
template <typename K, typename In>
class KeyOfRecord {
 public:
  explicit KeyOfRecord(KeySelector<In, K> selector) : selector_(std::move(selector)) {}
  const K& current() const { return key_; }
  // Makes the key of `value` the current one, and its key group the ledger's slot.
  absl::Status Set(const In& value, const OperatorContext& context) {
    return selector_.With(value, [&](const K& key) -> absl::Status {
      key_ = key;
      bytes_.Clear();
      if (!TypeOf<K>::Write(bytes_, key)) return WithContext(UnwritableError(), "its key");
      const KeyGroup group = KeyGroupOf(key, context.max_parallelism);
      context.keyed_state->SetCurrentKey(bytes_.bytes(), group);
      if (!context.keyed_state->failed()) context.witness->SetSlot(group.value);
      return absl::OkStatus();
    });
  }

 private:
  KeySelector<In, K> selector_;
  K key_{};
  ByteWriter bytes_;
};

// Any of the operators above, on a keyed stream: its function has keyed state.
template <typename Base, typename K, typename In>
class OnKeyedStream final : public Base {
 public:
  template <typename F>
  OnKeyedStream(F function, KeySelector<In, K> selector)
      : Base(std::move(function)), key_(std::move(selector)) {}
  void SetKeyContext(uint32_t, const void* value) override {
    this->CallUser([&] { return key_.Set(*static_cast<const In*>(value), this->context()); });
  }

 private:
  KeyOfRecord<K, In> key_;
};

// What operators of keyed process functions share: the timers, if the function F has an OnTimer. `Base` is the operator
// without them, `Context` what OnTimer is given.
template <typename Base, typename K, typename Out, typename F, typename Context = OnTimerContext<K>>
class WithTimers : public Base {
  static constexpr bool kHasOnTimer = operators_internal::HasOnTimer<F, Context, Out>;
  static_assert(kHasOnTimer || !operators_internal::NamesOnTimer<F>,
                "OnTimer is public and takes (int64_t timestamp, TimerContext&, weir::Collector<Out>&)");

 public:
  using Base::Base;

  absl::Status Open() override {
    timers_.Setup(this->context(),
                  [this](const Timer& timer, TimeDomain domain) { return Fire(timer, domain); });
    if constexpr (kHasOnTimer) {
      WEIR_RETURN_IF_ERROR(WithContext(timers_.Open(), DescribeOperator(this->context())));
    }
    return Base::Open();
  }
  void OnRunning() override { timers_.Begin(); }
  void ProcessWatermark(EventTime watermark) override {
    timers_.AdvanceWatermark(watermark);
    Base::ProcessWatermark(watermark);
  }

 protected:
  TimerService timers_;

 private:
  // What an event timer emits carries its time.
  bool Fire(const Timer& timer, TimeDomain domain) {
    const EventTime timestamp =
        domain == TimeDomain::kEventTime ? EventTime{timer.timestamp} : EventTime::Min();
    this->Begin({timestamp, TimerService::IdentityOf(timer, domain, this->uid_hash())});
    return this->CallUser([&]() -> absl::Status {
      K key{};
      ByteReader reader(timer.key);
      TypeOf<K>::Read(reader, key);
      WEIR_RETURN_IF_ERROR(reader.Finish());
      if constexpr (kHasOnTimer) {
        Collector<Out> out(this);
        Context context(*this, timestamp, key, timers_, domain);
        return operators_internal::ToStatus(
            [&] { return this->function_.OnTimer(timer.timestamp, context, out); });
      }
      return absl::OkStatus();
    });
  }
};

// A process function on a keyed stream, with timers if it has an OnTimer.
template <typename K, typename In, typename Out, typename F>
class KeyedProcessOperator final : public WithTimers<FunctionOperator<F>, K, Out, F> {
 public:
  KeyedProcessOperator(F function, KeySelector<In, K> selector)
      : WithTimers<FunctionOperator<F>, K, Out, F>(std::move(function)), key_(std::move(selector)) {}

  void SetKeyContext(uint32_t, const void* value) override {
    this->CallUser([&] { return key_.Set(*static_cast<const In*>(value), this->context()); });
  }
  void ProcessElement(uint32_t, const void* value, const RecordMeta& meta) override {
    this->Begin(meta);
    Collector<Out> out(this);
    KeyedContext<K> record(*this, meta.timestamp, key_.current(), this->timers_);
    this->CallUser([&] {
      return operators_internal::ToStatus(
          [&] { return this->function_.ProcessElement(*static_cast<const In*>(value), record, out); });
    });
  }

 private:
  KeyOfRecord<K, In> key_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_KEYED_OPERATORS_H_
