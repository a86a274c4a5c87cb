# try.sh BUILD SCRATCH: what the programs must do.
set -euo pipefail
build=$1 scratch=$2
cd "$scratch"

fail() { echo "try.sh: $*" >&2; exit 1; }
# expect STATUS COMMAND...: runs it, keeps what it prints in out.txt and err.txt.
expect() {
  local wanted=$1 status=0; shift
  "$@" >out.txt 2>err.txt || status=$?
  [ "$status" -eq "$wanted" ] || { cat out.txt err.txt; fail "status $status, not $wanted, of: $*"; }
}
prints() { grep -q -- "$1" out.txt err.txt || { cat out.txt err.txt; fail "'$1' was not printed"; }; }

[ "$("$build/vocabulary")" = 3000000 ] || fail "the vocabulary is wrong"
[ "$("$build/store-main")" = OK ] || fail "a database cannot be opened"

for program in my-jobs my-hashed-jobs; do
  jobs=$build/$program
  expect 0 "$jobs" list scenarios
  prints "three failed logins"
  expect 0 "$jobs" campaign login-alerts --seeds 60 --jobs 2 --strict --out campaign
  prints "HELD: login-alerts, 60 runs"
  [ -s campaign/report.json ] || fail "no report"

  printf '{"user":"ada","ok":false}\n{"user":"ada","ok":false}\n{"user":"ada","ok":false}\n' >logins.jsonl
  expect 0 "$jobs" campaign login-alerts --input logins=logins.jsonl --seeds 10 --out campaign
  printf 'user,ok\nada,false\n' >logins.csv
  expect 0 "$jobs" campaign login-alerts --input logins=logins.csv --seeds 2 --out campaign
  printf '{"user":"ada","ok":"no"}\n' >bad.jsonl
  expect 2 "$jobs" campaign login-alerts --input logins=bad.jsonl --seeds 1 --out campaign
  prints "bad.jsonl:1: column 20: field 'ok'"

  expect 0 "$jobs" replay login-alerts --seed 5
  prints "digest: "
  expect 1 "$jobs" campaign login-alerts --mode at-least-once --properties exactly-once,at-least-once --seeds 60 \
    --no-shrink --out broken
  plan=$(ls broken/failures/*/plan.json | head -n 1)
  expect 1 "$jobs" replay --plan "$plan"
  grep digest out.txt >first.txt
  expect 1 "$jobs" replay --plan "$plan"
  grep digest out.txt | cmp - first.txt || fail "two replays differ"
  expect 1 "$jobs" shrink --plan "$plan" --runs 60 --out small.json
  [ "$(wc -c <small.json)" -gt 0 ] || fail "no smaller plan"
  expect 0 "$jobs" mutants --list
  expect 2 "$jobs" campaign login-alert
  prints "did you mean 'login-alerts'?"
done
grep -q '"source": "[0-9a-f]' "$plan" || fail "the plan of a hashed program does not name its sources"
