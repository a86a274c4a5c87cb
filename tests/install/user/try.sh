# try.sh BUILD SCRATCH: what the programs must do.
set -euo pipefail
build=$1
[ "$("$build/vocabulary")" = 3000000 ]
