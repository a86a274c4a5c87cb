#!/usr/bin/env python3
"""The lint checks catch what they are for, and nothing else."""
import os
import re
import subprocess
import tempfile
import unittest

import banned
import format as format_check
import headers
import layers
import source
import symbols
import test_names

NO_EXCEPTIONS = source.Exceptions("")


class Tree:
    """A scratch source tree: with Tree({"sim/a.h": "..."}) as root: ..."""

    def __init__(self, contents):
        self.contents = contents

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        for path, text in {"tests/lint/exceptions.txt": "", **self.contents}.items():
            path = os.path.join(self.folder.name, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return self.folder.name

    def __exit__(self, *_):
        self.folder.cleanup()


class Strip(unittest.TestCase):
    def test_blanks_comments_and_literals_and_keeps_places(self):
        text = 'a; // throw\n"throw" b; /* throw\nthrow */ c; R"x(throw)" )x" d; \'"\' e;'
        code = source.strip(text)
        self.assertNotIn("throw", code)
        self.assertEqual(len(code), len(text))
        self.assertEqual(re.sub(r"\s+", "", code), "a;b;c;d;e;")

    def test_digit_separators_are_no_quotes(self):
        self.assertIn("throw", source.strip("int x = 1'000'000; throw; int y = 2'000;"))

    def test_escaped_quotes_stay_inside(self):
        self.assertIn("throw", source.strip(r'"a\"b" throw "c"'))

    def test_includes_skip_comments(self):
        self.assertEqual(source.includes('// #include "a.h"\n#include "sim/b.h"\n#  include <map>\n'),
                         [(2, "sim/b.h", True), (3, "map", False)])


class Layers(unittest.TestCase):
    def findings(self, path, include, target=None):
        with Tree({path: f'#include "{include}"\n', target or include: ""}) as root:
            return layers.check(root)

    def test_down_is_allowed_also_over_several_layers(self):
        self.assertEqual(self.findings("cli/a.cc", "runtime/base/b.h"), [])
        self.assertEqual(self.findings("runtime/job/a.cc", "runtime/stream/b.h"), [])
        self.assertEqual(self.findings("sim/services/a.cc", "sim/b.h"), [])

    def test_up_is_an_error(self):
        for path, include in (("runtime/base/a.h", "runtime/env/b.h"), ("runtime/env/a.h", "runtime/types/b.h"),
                              ("runtime/state/a.cc", "runtime/task/b.h"), ("runtime/task/a.cc", "sim/b.h"),
                              ("sim/a.cc", "runtime/stream/b.h"), ("sim/a.cc", "runtime/host/b.h"),
                              ("runtime/host/a.cc", "sim/b.h"), ("properties/a.cc", "runtime/state/b.h"),
                              ("faults/a.cc", "properties/b.h"), ("scenarios/a.cc", "campaign/b.h"),
                              ("sim/services/a.cc", "faults/b.h")):
            found = self.findings(path, include)
            self.assertEqual(len(found), 1, (path, include))
            self.assertIn("must not include", found[0])

    def test_unknown_folder_and_missing_file_and_short_spelling(self):
        self.assertIn("no layer", self.findings("runtime/extra/a.cc", "map")[0])
        self.assertIn("does not exist", self.findings("sim/a.cc", "sim/gone.h", "sim/there.h")[0])
        self.assertIn("from the root", self.findings("sim/a.cc", "b.h")[0])

    def test_the_table_has_no_cycle_and_names_only_its_own_layers(self):
        for layer, below in layers.BELOW.items():
            for other in below:
                self.assertNotIn(layer, layers.closure(layers.BELOW)[other])


class Banned(unittest.TestCase):
    def tokens(self, path, text, exceptions=NO_EXCEPTIONS):
        return [f.split(": ")[1] for f in banned.check_file(path, text, exceptions)]

    # For each ban: where, a line that must be found, a line like it that must not.
    CASES = {
        "std::string_view": ("sim/a.h", "void F(std::string_view s);", "void F(absl::string_view s);  // std::string_view"),
        "std::source_location": ("sim/a.h", "std::source_location where;", "SourceLocation where;"),
        "std::views": ("sim/a.cc", "for (int i : std::views::iota(0, 3)) {}", "views.push_back(1);"),
        "std::hash": ("sim/a.cc", "std::hash<int>{}(3);", "StableHash(3); my_std::hash();"),
        "std::unordered_": ("tests/sim/a.cc", "std::unordered_set<int> s;", "std::set<int> s;"),
        "absl::flat_hash_": ("sim/a.cc", "absl::flat_hash_map<int, int> m;", "absl::btree_map<int, int> m;"),
        "absl::Hash": ("sim/a.cc", "absl::Hash<int> h; ", "absl::HashState h; Hash128 k;"),
        "<unordered_map>": ("sim/a.cc", "#include <unordered_map>", "#include <map>"),
        "%p": ("sim/a.cc", 'absl::StrFormat("%p", this);', 'absl::StrFormat("%d", id);'),
        "<random>": ("sim/a.cc", "#include <random>", '#include "runtime/env/random.h"'),
        "rand": ("sim/a.cc", "int x = std::rand();", "int x = Operand(); random();"),
        "rapidcheck": ("sim/a.cc", "#include <rapidcheck.h>", "#include <algorithm>"),
        "absl::Now": ("sim/a.cc", "auto t = absl::Now();", "auto t = clock.Now();"),
        "<chrono>": ("runtime/task/a.cc", "#include <chrono>", "#include <array>"),
        "clock": ("sim/a.cc", "clock_gettime(CLOCK_REALTIME, &t); ", "Instant time(); env.clock().Now();"),
        "<thread>": ("sim/a.cc", "#include <thread>", "#include <tuple>"),
        "<mutex>": ("sim/a.cc", "#include <mutex>", "#include <memory>"),
        "<atomic>": ("sim/a.cc", "#include <atomic>", "#include <array>"),
        "thread_local": ("sim/a.cc", "thread_local int x;", "int thread_local_count;"),
        "co_await": ("sim/a.cc", "co_return 1;", "int co_returned;"),
        "getenv": ("sim/a.cc", 'getenv("HOME");', "options.getenv_count;"),
        "<locale>": ("sim/a.cc", "#include <locale>", "#include <string>"),
        "std::tolower": ("sim/a.cc", "std::isdigit(c);", "absl::ascii_isdigit(c);"),
        "printf": ("sim/a.cc", "std::cout << 1;", 'absl::StrFormat("printf(");'),
        "throw": ("sim/a.cc", "throw 1;", "int throws; // throw"),
        "try": ("sim/a.cc", "try { F(); } ", "int retry{3};"),
        "catch": ("sim/a.cc", "} catch (...) {}", "Fish catch_of_the_day;"),
        "CHECK(": ("sim/a.cc", "CHECK(x);", "WEIR_CHECK(x);"),
        "assert(": ("sim/a.cc", "assert(x);", "static_assert(x);"),
        "absl::InternalError": ("sim/a.cc", "return absl::InternalError(x);", "return absl::AbortedError(x);"),
        "shared_ptr": ("runtime/task/a.h", "std::shared_ptr<int> p;", "std::unique_ptr<int> p;"),
        "double": ("faults/a.cc", "double p = 1;", "int doubled = 1;"),
        "using-namespace": ("sim/a.cc", "using namespace std;", "using std::string;"),
        "<rocksdb>": ("runtime/state/a.cc", "#include <rocksdb/db.h>", "#include <map>"),
        "<CLI11>": ("campaign/a.cc", "#include <CLI/CLI.hpp>", "#include <map>"),
        "to-do": ("sim/a.cc", "// TO" "DO: later", "// TODOS is a word"),
    }

    def test_every_ban_catches_its_case_and_spares_its_like(self):
        self.assertEqual(set(self.CASES), {ban.token for ban in banned.BANS})
        for token, (path, bad, good) in self.CASES.items():
            self.assertIn(token, self.tokens(path, bad), bad)
            self.assertNotIn(token, self.tokens(path, good), good)

    def test_bans_end_where_they_should(self):
        self.assertEqual(self.tokens("runtime/host/clock.cc", "#include <chrono>"), [])
        self.assertEqual(self.tokens("tests/sim/a.cc", "CHECK(x);"), [])
        self.assertEqual(self.tokens("runtime/types/a.cc", "double x;"), [])
        self.assertEqual(self.tokens("runtime/state/rocksdb/a.cc", "#include <rocksdb/db.h>"), [])

    def test_an_exception_covers_its_path_and_token_only(self):
        exceptions = source.Exceptions("sim/a.cc throw because\nfaults/ try because")
        self.assertEqual(self.tokens("sim/a.cc", "throw 1;", exceptions), [])
        self.assertEqual(self.tokens("sim/b.cc", "throw 1;", exceptions), ["throw"])
        self.assertEqual(self.tokens("sim/a.cc", "try {", exceptions), ["try"])
        self.assertEqual(len(exceptions.unused({"throw", "try"})), 1)
        self.assertEqual(len(source.Exceptions("sim/a.cc throw").errors), 1)

    def test_a_finding_names_place_and_replacement(self):
        found = banned.check_file("sim/a.cc", "int x;\nthrow x;\n", NO_EXCEPTIONS)
        self.assertEqual(found, ["sim/a.cc:2: throw: use " + banned.STATUS])


class Headers(unittest.TestCase):
    GOOD = (headers.LICENCE + "\n//\n// What it is.\n#ifndef WEIR_SIM_A_B_H_\n#define WEIR_SIM_A_B_H_\nint x;\n"
            "#endif  // WEIR_SIM_A_B_H_\n")

    def test_good_header(self):
        self.assertEqual(headers.check_file("sim/a_b.h", self.GOOD, NO_EXCEPTIONS), [])

    def test_licence_guard_length(self):
        for bad, what in ((self.GOOD.replace("Licensed", "Licenced"), "licence"), (self.GOOD.replace("SIM_A_B", "SIM_B"), "guard"),
                          (self.GOOD.replace("#ifndef", "int y;\n#ifndef"), "guard"),
                          (self.GOOD.replace("int x;\n", "int x;\n" * 300), "lines")):
            found = headers.check_file("sim/a_b.h", bad, NO_EXCEPTIONS)
            self.assertEqual(len(found), 1, found)
            self.assertIn(what, found[0])
        self.assertEqual(len(headers.check_file("sim/a.cc", "\n" * 801, NO_EXCEPTIONS)), 1)
        self.assertEqual(headers.check_file("sim/a.cc", "\n" * 801, source.Exceptions("sim/a.cc lines tables")), [])


class TestNames(unittest.TestCase):
    def findings(self, text):
        return test_names.check_file("tests/a_test.cc", text)

    def test_what_ctest_cannot_run(self):
        for name in ("one; two", "value[0]", "x]", "all*", "~not", r"a \"b\""):
            found = self.findings(f'\nTEST_CASE("{name}", "[a][b]") {{}}\n')
            self.assertEqual(len(found), 1, name)
            self.assertIn("tests/a_test.cc:2: test name: ", found[0])
        self.assertEqual(len(self.findings('TEMPLATE_TEST_CASE(\n    "one "\n    "; two", "[a]", int) {}')), 1)
        self.assertEqual(len(self.findings('TEST_CASE_METHOD(Fixture, "one; two") {}')), 1)

    def test_what_it_can(self):
        for text in ('TEST_CASE("one, two: it\'s <3 (a-b)", "[a];") { Run("x;"); }', '// TEST_CASE("a; b")',
                     'TEST_CASE("one", "[a]") { CHECK(Text("a; b") == "[c]"); }'):
            self.assertEqual(self.findings(text), [], text)


class Symbols(unittest.TestCase):
    def tokens(self, symbol):
        found = symbols.check_symbols("sim", f"\nlibweir_sim.a:world.cc.o:\n    U {symbol}\n", NO_EXCEPTIONS)
        return [f.split(": ")[2] for f in found]

    def test_banned(self):
        for symbol, token in (("clock_gettime@GLIBC_2.17", "clock"), ("std::chrono::_V2::steady_clock::now()", "clock"),
                              ("absl::lts_20220623::Now()", "clock"), ("rand", "random"),
                              ("std::random_device::_M_getval()", "random"), ("pthread_create", "thread"),
                              ("pthread_mutex_lock", "thread"), ("absl::lts_20220623::Mutex::Lock()", "mutex"),
                              ("getenv", "getenv"), ("std::_Hash_bytes(void const*, unsigned long, unsigned long)", "std-hash"),
                              ("absl::lts_20220623::hash_internal::MixingHashState::kSeed", "hash-seed"),
                              ("exp", "libm"), ("powf", "libm")):
            self.assertEqual(self.tokens(symbol), [f"symbol:{token}"], symbol)

    def test_spared(self):
        for symbol in ("weir::sim::Clock::time()", "memcpy", "absl::lts_20220623::StrCat(a, b)", "weir::exp(int)",
                       "operator new(unsigned long)", "XXH3_128bits", "weir::log::Append(int)"):
            self.assertEqual(self.tokens(symbol), [], symbol)

    def test_a_real_library(self):
        with Tree({"bad.cc": "#include <ctime>\nlong F() { return std::time(nullptr); }\n"}) as root:
            subprocess.run(["g++", "-c", "-o", "bad.o", "bad.cc"], cwd=root, check=True)
            subprocess.run(["ar", "rcs", "libbad.a", "bad.o"], cwd=root, check=True)
            output = subprocess.run(["nm", "-C", "-u", "libbad.a"], cwd=root, capture_output=True, text=True, check=True)
            self.assertEqual(symbols.check_symbols("sim", output.stdout, NO_EXCEPTIONS),
                             ["sim: bad.o: symbol:clock: needs time; use the Clock of runtime/env"])


class Format(unittest.TestCase):
    def test_finds_and_fixes(self):
        with Tree({"sim/a.cc": "int  x;\n", "sim/b.cc": "int x;\n", ".clang-format": "BasedOnStyle: Google\n"}) as root:
            self.assertEqual([f.split(":")[0] for f in format_check.check(root, fix=False)], ["sim/a.cc"])
            format_check.check(root, fix=True)
            self.assertEqual(format_check.check(root, fix=False), [])
            self.assertEqual(source.read(root, "sim/a.cc"), "int x;\n")


if __name__ == "__main__":
    unittest.main()
