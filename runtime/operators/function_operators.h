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

// For operators without a key.
template <typename F>
constexpr void CheckNoTimers() {
  static_assert(!NamesOnTimer<F>, "OnTimer is for keyed process functions: put a KeyBy before Process");
}

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
    if constexpr (std::is_pointer_v<F>) {
      if (function_ == nullptr) return absl::InvalidArgumentError("its function is a null pointer");
    }
    runtime_.emplace(context());
    return GuardUserCode([&] { return checkpointed_.Initialize(function_, *runtime_); });
  }
  absl::Status Open() override {
    static_assert(!operators_internal::NamesOpen<F> || operators_internal::HasOpen<F>,
                  "Open is public and takes a weir::RuntimeContext&");
    if constexpr (operators_internal::HasOpen<F>) {
      return CallUserForStatus(
          [&] { return operators_internal::ToStatus([&] { return function_.Open(*runtime_); }); });
    }
    return absl::OkStatus();
  }
  absl::Status SnapshotState(CheckpointId checkpoint) override {
    return GuardUserCode([&] { return checkpointed_.Snapshot(function_, checkpoint); });
  }
  void Close() override {
    if constexpr (operators_internal::HasClose<F>) {
      CallUser([&] { return operators_internal::ToStatus([&] { return function_.Close(); }); });
    }
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
      const auto keeps = [this](const In& in) {
        if constexpr (operators_internal::HasFilter<F, In>) {
          return this->function_.Filter(in);
        } else {
          return this->function_(in);
        }
      };
      const auto keep = keeps(*static_cast<const In*>(value));
      if constexpr (std::is_same_v<decltype(keep), const absl::StatusOr<bool>>) {
        if (keep.ok() && *keep) this->Emit(value);
        return keep.status();
      } else {
        if (keep) this->Emit(value);
        return absl::OkStatus();
      }
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
    operators_internal::CheckNoTimers<F>();
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
