#!/usr/bin/env bash
# install_test.sh BUILD SCRATCH COMPILER: installs BUILD below SCRATCH, builds tests/install/user against it, runs it.
set -euo pipefail
build=$1 scratch=$2 compiler=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rm -rf "$scratch"
mkdir -p "$scratch"

cmake --install "$build" --prefix "$scratch/prefix" >"$scratch/install.log"
# A copy, so that nothing of the source tree can be found by a relative path.
cp -r "$here/user" "$scratch/user"
cmake -S "$scratch/user" -B "$scratch/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER="$compiler" \
  -DCMAKE_PREFIX_PATH="$scratch/prefix" >"$scratch/configure.log"
cmake --build "$scratch/build"
bash "$scratch/user/try.sh" "$scratch/build" "$scratch"
