// Licensed under the Apache License, Version 2.0.
//
// Operators made from user functions: thin, since a program instantiates one a call site.
#ifndef WEIR_RUNTIME_OPERATORS_FUNCTION_OPERATORS_H_
#define WEIR_RUNTIME_OPERATORS_FUNCTION_OPERATORS_H_

#include <optional>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "runtime/operators/checkpointed_function.h"
#include "runtime/operators/functions.h"
#include "runtime/operators/key_selector.h"
#include "runtime/operators/stream_operator.h"
#include "runtime/operators/user_call.h"

namespace weir {
namespace operators_internal {

template <typename F, typename In>
concept HasMap = requires(F& f, const In& in) {
  f.Map(in);
};
template <typename F, typename In>
concept HasFilter = requires(F& f, const In& in) {
  f.Filter(in);
};
template <typename F, typename In, typename Out>
concept HasFlatMap = requires(F& f, const In& in, Collector<Out>& out) {
  f.FlatMap(in, out);
};
template <typename F>
concept HasOpen = requires(F& f, RuntimeContext& context) {
  f.Open(context);
};
template <typename F, typename Context, typename Out>
concept HasOnTimer = requires(F& f, Context& context, Collector<Out>& out) {
  f.OnTimer(int64_t{}, context, out);
};
template <typename F>
concept HasClose = requires(F& f) {
  f.Close();
};

template <typename F, typename In>
decltype(auto) CallMap(F& f, const In& in) {
  if constexpr (HasMap<F, In>) {
    return f.Map(in);
  } else {
    return f(in);
  }
}
template <typename F, typename In>
using MapResult =
    typename Unwrapped<std::decay_t<decltype(CallMap(std::declval<F&>(), std::declval<const In&>()))>>::Type;

}  // namespace operators_internal

// Holds a copy of the user's function, leads it through its life and keeps its operator state.
template <typename F>
class FunctionOperator : public StreamOperator {
 public:
  explicit FunctionOperator(F function) : function_(std::move(function)) {}

  absl::Status InitializeState() override {
    runtime_.emplace(context());
    return GuardUserCode([&] {
      absl::Status status = checkpointed_.Initialize(function_, *runtime_);
      return status.ok() ? runtime_->status() : status;
    });
  }
  absl::Status Open() override {
    if constexpr (operators_internal::HasOpen<F>) {
      return CallUserForStatus([&] {
        absl::Status status = operators_internal::ToStatus([&] { return function_.Open(*runtime_); });
        return status.ok() ? runtime_->status() : status;
      });
    }
    return absl::OkStatus();
  }
  absl::Status SnapshotState(CheckpointId checkpoint) override {
    return GuardUserCode([&] { return checkpointed_.Snapshot(function_, checkpoint); });
  }
  void Close() override {
    if constexpr (operators_internal::HasClose<F>) function_.Close();
  }

 protected:
  F function_;

 private:
  std::optional<RuntimeContext> runtime_;  // from InitializeState on
  CheckpointedCalls<F> checkpointed_;
};

template <typename In, typename Out, typename F>
class MapOperator : public FunctionOperator<F> {
 public:
  using FunctionOperator<F>::FunctionOperator;
  void ProcessElement(uint32_t, const void* value, const RecordMeta& meta) override {
    this->Begin(meta);
    this->CallUser([&] {
      auto result = operators_internal::CallMap(this->function_, *static_cast<const In*>(value));
      if constexpr (std::is_same_v<std::decay_t<decltype(result)>, absl::StatusOr<Out>>) {
        if (!result.ok()) return result.status();
        this->Emit(&*result);
      } else {
        const Out& out = result;
        this->Emit(&out);
      }
      return absl::OkStatus();
    });
  }
};

template <typename In, typename F>
class FilterOperator : public FunctionOperator<F> {
 public:
  using FunctionOperator<F>::FunctionOperator;
  void ProcessElement(uint32_t, const void* value, const RecordMeta& meta) override {
    this->Begin(meta);
    this->CallUser([&] {
      bool keep = false;
      if constexpr (operators_internal::HasFilter<F, In>) {
        keep = this->function_.Filter(*static_cast<const In*>(value));
      } else {
        keep = this->function_(*static_cast<const In*>(value));
      }
      if (keep) this->Emit(value);
      return absl::OkStatus();
    });
  }
};

template <typename In, typename Out, typename F>
class FlatMapOperator : public FunctionOperator<F> {
 public:
  using FunctionOperator<F>::FunctionOperator;
  void ProcessElement(uint32_t, const void* value, const RecordMeta& meta) override {
    this->Begin(meta);
    Collector<Out> out(this);
    this->CallUser([&] {
      return operators_internal::ToStatus([&] {
        if constexpr (operators_internal::HasFlatMap<F, In, Out>) {
          return this->function_.FlatMap(*static_cast<const In*>(value), out);
        } else {
          return this->function_(*static_cast<const In*>(value), out);
        }
      });
    });
  }
};

template <typename In, typename Out, typename F>
class ProcessOperator : public FunctionOperator<F> {
 public:
  using FunctionOperator<F>::FunctionOperator;
  void ProcessWatermark(EventTime watermark) override {
    watermark_ = watermark;
    this->EmitWatermark(watermark);
  }
  void ProcessElement(uint32_t, const void* value, const RecordMeta& meta) override {
    this->Begin(meta);
    Collector<Out> out(this);
    ProcessContext record(*this, meta.timestamp, watermark_);
    this->CallUser([&] {
      return operators_internal::ToStatus(
          [&] { return this->function_.ProcessElement(*static_cast<const In*>(value), record, out); });
    });
  }

 private:
  EventTime watermark_;
};

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
      if (!TypeOf<K>::Write(bytes_, key)) return UnwritableError();
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

// What operators of keyed process functions share: the timers. `Base` is the operator without them.
template <typename Base, typename K>
class WithTimers : public Base {
 public:
  using Base::Base;

  absl::Status Open() override {
    timers_.Setup(this->context(), [this](const Timer& timer, TimeDomain domain) { return Fire(timer, domain); });
    if (HasOnTimer()) {
      if (absl::Status status = timers_.Open(); !status.ok()) {
        return absl::Status(status.code(),
                            absl::StrCat(DescribeOperator(this->context()), ": ", status.message()));
      }
    }
    return Base::Open();
  }
  void OnRunning() override { timers_.Begin(); }
  void ProcessWatermark(EventTime watermark) override {
    timers_.AdvanceWatermark(watermark);
    Base::ProcessWatermark(watermark);
  }

 protected:
  virtual bool HasOnTimer() const = 0;
  // The function's OnTimer. What an event timer emits carries its time.
  virtual absl::Status CallOnTimer(const Timer& timer, TimeDomain domain, EventTime timestamp, const K& key) = 0;

  TimerService timers_;

 private:
  bool Fire(const Timer& timer, TimeDomain domain) {
    const EventTime timestamp =
        domain == TimeDomain::kEventTime ? EventTime{timer.timestamp} : EventTime::Min();
    this->Begin({timestamp, TimerService::IdentityOf(timer, domain, this->uid_hash())});
    return this->CallUser([&]() -> absl::Status {
      K key{};
      ByteReader reader(timer.key);
      TypeOf<K>::Read(reader, key);
      if (absl::Status status = reader.Finish(); !status.ok()) return status;
      return CallOnTimer(timer, domain, timestamp, key);
    });
  }
};

// A process function on a keyed stream, with timers if it has an OnTimer.
template <typename K, typename In, typename Out, typename F>
class KeyedProcessOperator final : public WithTimers<FunctionOperator<F>, K> {
  static constexpr bool kHasOnTimer = operators_internal::HasOnTimer<F, OnTimerContext<K>, Out>;

 public:
  KeyedProcessOperator(F function, KeySelector<In, K> selector)
      : WithTimers<FunctionOperator<F>, K>(std::move(function)), key_(std::move(selector)) {}

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
  bool HasOnTimer() const override { return kHasOnTimer; }
  absl::Status CallOnTimer(const Timer& timer, TimeDomain domain, EventTime timestamp, const K& key) override {
    if constexpr (kHasOnTimer) {
      Collector<Out> out(this);
      OnTimerContext<K> context(*this, timestamp, key, this->timers_, domain);
      return operators_internal::ToStatus([&] { return this->function_.OnTimer(timer.timestamp, context, out); });
    }
    return absl::OkStatus();
  }

  KeyOfRecord<K, In> key_;
};

// A function that is called for each record and emits nothing: void Invoke(const In&), or any callable.
template <typename In, typename F>
class SinkFunctionOperator : public FunctionOperator<F> {
 public:
  using FunctionOperator<F>::FunctionOperator;
  void ProcessElement(uint32_t, const void* value, const RecordMeta& meta) override {
    this->Begin(meta);
    this->CallUser([&] {
      return operators_internal::ToStatus([&] {
        if constexpr (requires { this->function_.Invoke(*static_cast<const In*>(value)); }) {
          return this->function_.Invoke(*static_cast<const In*>(value));
        } else {
          return this->function_(*static_cast<const In*>(value));
        }
      });
    });
  }
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_FUNCTION_OPERATORS_H_
