// Licensed under the Apache License, Version 2.0.
//
// Whether a class has a member of some name, however it is declared: private, overloaded, with any parameters. That a
// function lacks a method is its choice; that it has one which its operator cannot call is a mistake, of which the
// compiler would say nothing.
//
//   WEIR_INTERNAL_MEMBER_NAME(Open)   defines the concept NamesOpen<F>
//
// A class that inherits the name from two sides cannot tell which is meant: so F has it if `&Both::Open` means nothing.
// Nobody can inherit from a final class: there only a public method that is not overloaded is seen. A constant of an enum
// is not meant.
#ifndef WEIR_RUNTIME_OPERATORS_MEMBER_NAMES_H_
#define WEIR_RUNTIME_OPERATORS_MEMBER_NAMES_H_

#include <type_traits>

#define WEIR_INTERNAL_MEMBER_NAME(Name)                   \
  struct Only##Name {                                     \
    int Name;                                             \
  };                                                      \
  template <typename F>                                   \
  struct With##Name : F, Only##Name {};                   \
  template <typename F>                                   \
  concept Names##Name = std::is_class_v<F> && !requires { \
    requires std::is_enum_v<decltype(F::Name)>;           \
  }                                                       \
  &&((std::is_final_v<F> && requires { &F::Name; }) ||    \
     (!std::is_final_v<F> && !requires { &With##Name<F>::Name; }))

namespace weir::operators_internal {

WEIR_INTERNAL_MEMBER_NAME(SetRuntimeContext);
WEIR_INTERNAL_MEMBER_NAME(InitializeState);
WEIR_INTERNAL_MEMBER_NAME(SnapshotState);
WEIR_INTERNAL_MEMBER_NAME(RestoreState);
WEIR_INTERNAL_MEMBER_NAME(Open);
WEIR_INTERNAL_MEMBER_NAME(OnTimer);

}  // namespace weir::operators_internal

#endif  // WEIR_RUNTIME_OPERATORS_MEMBER_NAMES_H_
