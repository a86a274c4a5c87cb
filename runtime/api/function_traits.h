// Licensed under the Apache License, Version 2.0.
//
// What data_stream.h asks of a user's function: what it emits, and how copies of it become operators.
#ifndef WEIR_RUNTIME_API_FUNCTION_TRAITS_H_
#define WEIR_RUNTIME_API_FUNCTION_TRAITS_H_

#include <concepts>
#include <functional>
#include <memory>

#include "runtime/operators/function_operators.h"

namespace weir {
namespace api_internal {

// Out of `R Method(const In&, Collector<Out>&)`.
template <typename M>
struct CollectorOf;
template <typename R, typename C, typename In, typename Out>
struct CollectorOf<R (C::*)(In, Collector<Out>&)> {
  using Type = Out;
};
template <typename R, typename C, typename In, typename Out>
struct CollectorOf<R (C::*)(In, Collector<Out>&) const> {
  using Type = Out;
};
template <typename F>
auto FlatMapMethod() {
  if constexpr (requires { &F::FlatMap; }) {
    return &F::FlatMap;
  } else {
    static_assert(
        requires { &F::operator(); },
        "FlatMap takes a function (const In&, Collector<Out>&): a lambda without auto parameters, or a class "
        "with one method FlatMap");
    return &F::operator();
  }
}
template <typename F>
using FlatMapResult = typename CollectorOf<decltype(FlatMapMethod<F>())>::Type;

template <typename F>
concept IsProcessFunction = requires {
  typename F::OutputType;
};

// Built in place of a copy: F from these arguments.
template <typename F, typename... Args>
concept BuiltFrom =
    std::constructible_from<F, Args...> && !(sizeof...(Args) == 1 && (std::convertible_to<Args, F> && ...));

template <typename Operator, typename... Args>
std::function<std::unique_ptr<StreamOperator>()> FactoryOf(Args... args) {
  return [args...]() -> std::unique_ptr<StreamOperator> { return std::make_unique<Operator>(args...); };
}

}  // namespace api_internal
}  // namespace weir

#endif  // WEIR_RUNTIME_API_FUNCTION_TRAITS_H_
