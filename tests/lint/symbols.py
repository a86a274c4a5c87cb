#!/usr/bin/env python3
"""symbols.py ROOT NAME=LIBRARY.a...: what a deterministic library asks the linker for.

A header may bring a clock, a thread or a seeded hash into a library that never names one; its undefined symbols tell.
NAME is the folder of the library (runtime/base), which is also its path in exceptions.txt.
"""
import re
import subprocess
import sys

import source

# token, pattern over a demangled undefined symbol, what to use instead.
BANS = [(token, re.compile(pattern), instead) for token, pattern, instead in (
    ("clock", r"^(?:clock|clock_gettime|clock_getres|gettimeofday|time|times|timespec_get|ftime|localtime(?:_r)?|gmtime(?:_r)?"
              r"|mktime|strftime)$|^std::chrono::[\w:]+::now\(|^absl::(?:lts_\w+::)?(?:Now|GetCurrentTimeNanos)\(",
     "the Clock of runtime/env"),
    ("sleep", r"^(?:sleep|usleep|nanosleep|clock_nanosleep|poll|select|epoll_wait)$|AbslInternalSleepFor", "a timer of the Executor"),
    ("random", r"^(?:rand|rand_r|srand|random|srandom|[dlm]rand48|getrandom|getentropy|arc4random\w*)$|^std::random_device::"
               r"|^absl::(?:lts_\w+::)?random_internal::", "keyed draws of runtime/env/random.h"),
    ("thread", r"^(?:pthread_(?!once$)\w+|thrd_\w+|sem_\w+|fork|vfork|clone)$|^std::thread::|^std::this_thread::|^std::__future_base",
     "the Executor of runtime/env"),
    ("mutex", r"^absl::(?:lts_\w+::)?(?:Mutex|CondVar|Notification|Barrier|BlockingCounter)::|^std::condition_variable",
     "nothing: there is one thread"),
    ("getenv", r"^(?:getenv|secure_getenv|setenv|putenv|environ|getpid|gethostname|uname|getuid|sysconf|get_nprocs)$",
     "an option of the run"),
    ("hash-seed", r"absl::(?:lts_\w+::)?hash_internal::|MixingHashState::kSeed|container_internal::(?:HashtablezInfo|ShouldInsertBackwards|RandomSeed|EmptyGroup)"
                  r"|raw_hash_set", "ordered containers, or StableHash of runtime/base"),
    ("std-hash", r"^std::_Hash_bytes|^std::_Fnv_hash_bytes|^std::__detail::_Prime_rehash_policy", "ordered containers, or StableHash of runtime/base"),
    ("libm", r"^(?:exp|exp2|expm1|log|log2|log10|log1p|pow|sin|cos|tan|sinh|cosh|tanh|asin|acos|atan|atan2|cbrt|hypot|tgamma|lgamma|erf)[fl]?$",
     "integers: libm differs between releases"),
    ("locale", r"^(?:setlocale|newlocale|uselocale|nl_langinfo)$", "absl/strings"),
)]
OBJECT = re.compile(r"^(?:.*[:(])?([\w.+-]+\.o)\)?:$")


def parse(output):
    """(object, symbol) of each undefined symbol in the output of nm -C -u."""
    where = "?"
    for line in output.splitlines():
        found = OBJECT.match(line.strip())
        if found:
            where = found.group(1)
        elif line.strip().startswith(("U ", "w ")):
            yield where, re.sub(r"@.*$", "", line.strip()[2:].strip())


def check_symbols(name, output, exceptions):
    findings = []
    for where, symbol in parse(output):
        for token, pattern, instead in BANS:
            if pattern.search(symbol) and not exceptions.allows(name, f"symbol:{token}"):
                findings.append(f"{name}: {where}: symbol:{token}: needs {symbol}; use {instead}")
    return findings


def main():
    exceptions = source.Exceptions.of(sys.argv[1])
    findings = []
    for argument in sys.argv[2:]:
        name, library = argument.split("=", 1)
        output = subprocess.run(["nm", "-C", "-u", library], capture_output=True, text=True, check=True).stdout
        findings += check_symbols(name, output, exceptions)
    findings += exceptions.unused({f"symbol:{token}" for token, _, _ in BANS})
    return source.finish("symbols", findings)


if __name__ == "__main__":
    sys.exit(main())
