#!/usr/bin/env python3
"""banned.py [ROOT]: tokens that must not appear, each with what to write instead.

Code is searched without its comments and literals. Exceptions are lines of exceptions.txt.
"""
import re
import sys

import source

# Where the rules of determinism hold: a run happens in these.
RUN = ("runtime/", "sim/", "faults/", "properties/", "scenarios/")
ENGINE = ("runtime/", "sim/")
PRODUCT = tuple(f + "/" for f in source.PRODUCT)
ALL = tuple(f + "/" for f in source.FOLDERS)
REAL_WORLD = ("runtime/host/",)


class Ban:
    """`token` is the name in findings and in exceptions.txt; `pattern` what is searched for, in `what`: code |
    include | text (with comments). It holds in the folders `where` but for those of `but`."""

    def __init__(self, token, pattern, instead, where, but=(), what="code"):
        self.token, self.instead, self.where, self.but, self.what = token, instead, where, but, what
        self.pattern = re.compile(pattern)

    def holds_in(self, path):
        return path.startswith(self.where) and not (self.but and path.startswith(self.but))


def word(text):
    return r"(?<![\w:])" + re.escape(text) + r"(?!\w)"


def prefix(text):
    return r"(?<![\w:])" + re.escape(text)


def call(*names):
    """A call of a C function, not of a member or of a function in another namespace."""
    return r"(?<![\w.>:])(?:std::|::)?(?:" + "|".join(names) + r")\s*\("


def header(*names):
    return r"^(?:" + "|".join(re.escape(n) for n in names) + r")"


CLOCK = "the Clock of runtime/env/clock.h"
RANDOM = "keyed draws: Random::Draw of runtime/env/random.h"
STATUS = "absl::Status for what the world does, WEIR_CHECK for our own bugs"
THREADS = "one thread: post to the Executor of runtime/env/executor.h"
ORDERED = "absl::btree_map, std::map or a sorted vector: hash order differs between builds"

BANS = (
    # Portability: what gcc 12 and clang 14 do not both have, or Abseil has for every standard library.
    Ban("std::string_view", word("std::string_view"), "absl::string_view", ALL),
    Ban("std::source_location", word("std::source_location"), "__FILE__ and __LINE__ in a macro of runtime/base", ALL),
    Ban("std::views", r"\bstd::(?:ranges::)?views\b", "a loop: clang 14 cannot compile these views", ALL),
    # Order and identity that differ between builds.
    Ban("std::hash", word("std::hash"), "StableHash of runtime/base/stable_hash.h", ALL),
    Ban("std::unordered_", prefix("std::unordered_"), ORDERED, ALL),
    Ban("absl::flat_hash_", r"(?<![\w:])absl::(?:flat|node)_hash_", ORDERED, ALL),
    Ban("absl::Hash", r"\babsl::(?:Hash(?:Of)?\b|container_internal)", "StableHash of runtime/base/stable_hash.h", ALL),
    Ban("<unordered_map>", header("unordered_map", "unordered_set", "absl/container/flat_hash", "absl/container/node_hash",
                                  "absl/hash/"), ORDERED, ALL, what="include"),
    Ban("%p", r"%p", "an id: addresses differ from run to run", PRODUCT, what="text"),
    # Randomness.
    Ban("<random>", header("random", "absl/random/"), RANDOM, ALL, what="include"),
    Ban("rand", call("rand", "srand", "drand48", "getrandom", "arc4random") + r"|\bstd::random_device\b", RANDOM,
        ALL),
    Ban("rapidcheck", header("rapidcheck"), "a generator of scenarios/ or campaign/, outside the run",
        ENGINE + ("faults/", "properties/"), what="include"),
    # Time.
    Ban("absl::Now", r"\babsl::(?:Now|GetCurrentTimeNanos|SleepFor)\b", CLOCK, ALL,
        REAL_WORLD + ("campaign/", "cli/", "bench/")),
    Ban("<chrono>", header("chrono", "ctime", "time.h", "sys/time.h", "absl/time/clock.h"), CLOCK, ALL,
        REAL_WORLD + ("campaign/", "cli/", "bench/"), what="include"),
    Ban("clock", call("clock_gettime", "gettimeofday", "usleep", "nanosleep") + r"|(?<![\w.>:])(?:std::|::)?time\s*\((?:nullptr|NULL|0|&)", CLOCK, ALL,
        REAL_WORLD + ("campaign/", "cli/", "bench/")),
    # Threads, and what else of the process a run must not see.
    Ban("<thread>", header("thread", "future", "condition_variable", "stop_token", "semaphore", "latch", "barrier",
                           "coroutine", "pthread.h"), THREADS, ALL, REAL_WORLD + ("campaign/", "cli/", "bench/"), what="include"),
    Ban("<mutex>", header("mutex", "shared_mutex", "absl/synchronization/", "absl/base/call_once.h"), THREADS, ALL,
        REAL_WORLD + ("campaign/", "cli/", "bench/"), what="include"),
    Ban("<atomic>", header("atomic"), THREADS, ALL, REAL_WORLD + ("campaign/", "cli/", "bench/"), what="include"),
    Ban("thread_local", word("thread_local"), "a member of the object that the run owns", PRODUCT),
    Ban("co_await", r"\bco_(?:await|return|yield)\b", "handlers that run to completion on the Executor", PRODUCT),
    Ban("getenv", call("getenv", "secure_getenv", "setenv", "getpid", "gethostname", "uname"),
        "an option of the run, given by whoever starts it", ALL, REAL_WORLD + ("campaign/", "cli/", "bench/")),
    Ban("<locale>", header("locale", "clocale", "locale.h"), "absl/strings: no locale", ALL, what="include"),
    Ban("std::tolower", call("tolower", "toupper", "isalpha", "isdigit", "isspace", "isalnum", "isupper", "islower",
                             "isprint", "isxdigit", "setlocale"), "absl::ascii_tolower and its kin: no locale", ALL),
    Ban("printf", call("printf", "fprintf", "puts", "perror") + r"|\bstd::(?:cout|cerr|clog)\b",
        "return it: only campaign, reports and cli print", RUN),
    # Errors.
    Ban("throw", word("throw"), STATUS, PRODUCT),
    Ban("try", r"(?<!\w)try\s*\{", STATUS, PRODUCT),
    Ban("catch", r"(?<!\w)catch\s*\(", STATUS, PRODUCT),
    Ban("CHECK(", r"(?<!\w)(?:CHECK|REQUIRE|CHECK_EQ|CHECK_NE)\s*\(", "WEIR_CHECK (Catch2 owns CHECK)", PRODUCT + ("bench/",)),
    Ban("assert(", r"(?<!\w)assert\s*\(", "WEIR_CHECK, which every build type keeps", ALL),
    Ban("absl::InternalError", r"\b(?:InternalError|UnknownError)\b|StatusCode::k(?:Unknown|Internal)\b",
        "a code with a fixed meaning (runtime/base/status.h)", PRODUCT),
    # Ownership.
    Ban("shared_ptr", r"\b(?:shared_ptr|weak_ptr|make_shared|enable_shared_from_this)\b",
        "a value, std::unique_ptr, or a reference that outlives its user", ENGINE + ("faults/", "properties/")),
    # Decisions.
    Ban("double", r"(?<![\w:])(?:double|float)(?!\w)", "integers and exact ratios", ("sim/", "faults/")),
    Ban("using-namespace", r"(?<!\w)using\s+namespace\b", "names in full, or single using-declarations in a .cc", PRODUCT),
    # Foreign libraries have one home each.
    Ban("<rocksdb>", header("rocksdb/"), "the state backend of runtime/state/rocksdb", ALL,
        ("runtime/state/rocksdb/", "tests/rocksdb/", "bench/rocksdb_bench.cc"),
        what="include"),
    Ban("<CLI11>", header("CLI/"), "the commands of cli/", ALL, ("cli/",), what="include"),
    # Unfinished work.
    Ban("to-do", r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b", "finish it, or take it to the issue list", ALL, what="text"),
)


def check_file(path, text, exceptions, bans=BANS):
    """Findings for one file."""
    parts = None
    findings = []
    for ban in bans:
        if not ban.holds_in(path):
            continue
        if parts is None:
            lines = text.splitlines()
            parts = {"text": list(enumerate(lines, 1)),
                     "code": list(enumerate(source.strip(text).splitlines(), 1)),
                     "include": [(line, name) for line, name, _ in source.includes(text)]}
        for line, what in parts[ban.what]:
            if ban.pattern.search(what) and not exceptions.allows(path, ban.token):
                findings.append(f"{path}:{line}: {ban.token}: use {ban.instead}")
    return findings


def check(root):
    exceptions = source.Exceptions.of(root)
    findings = list(exceptions.errors)
    for path in source.files(root):
        findings += check_file(path, source.read(root, path), exceptions)
    return findings + exceptions.unused({ban.token for ban in BANS})


if __name__ == "__main__":
    sys.exit(source.finish("banned", check(source.root_argument())))
