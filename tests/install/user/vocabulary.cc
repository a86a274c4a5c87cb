// Uses one library of the package by itself.
#include <iostream>

#include "runtime/base/stable_hash.h"
#include "runtime/base/time.h"

int main() {
  std::cout << weir::Duration::Millis(3).nanos() << "\n";
  return 0;
}
