"""What the lint checks share: which files there are, their text without comments and strings, the exceptions."""
import os
import re
import sys

PRODUCT = ("runtime", "sim", "faults", "properties", "scenarios", "campaign", "reports", "cli")
FOLDERS = PRODUCT + ("tests", "bench")
CODE = (".h", ".cc")


def files(root, folders=FOLDERS, endings=CODE):
    """Paths relative to root, sorted. Build folders and hidden folders are left out."""
    found = []
    for folder in folders:
        for where, below, names in os.walk(os.path.join(root, folder)):
            below[:] = [b for b in below if not b.startswith((".", "build", "__pycache__"))]
            found += [os.path.relpath(os.path.join(where, n), root) for n in names if n.endswith(endings)]
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read()


# In this order at each place: comments, raw strings, strings, numbers (their ' is no quote), characters.
_TOKEN = re.compile(
    r"(?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)"
    r'|(?P<raw>\b(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")'
    r'|(?P<string>"(?:\\.|[^"\\\n])*")'
    r"|(?P<number>\b\d(?:'?[\w.])*)"
    r"|(?P<char>'(?:\\.|[^'\\\n])+')",
    re.DOTALL)


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def strip(text, strings=True):
    """The code alone: comments, and with `strings` also literals, become blanks. Lines and columns stay."""

    def replace(match):
        if match.lastgroup == "comment" or match.group("comment"):
            return _blank(match.group())
        if strings and (match.group("raw") or match.group("string") or match.group("char")):
            return _blank(match.group())
        return match.group()

    return _TOKEN.sub(replace, text)


_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.MULTILINE)


def includes(text):
    """(line, name, is_quoted) of each include that is not commented out."""
    code = strip(text, strings=False)
    return [(line_of(code, m.start(1) if m.group(1) else m.start(2)), m.group(1) or m.group(2), bool(m.group(1)))
            for m in _INCLUDE.finditer(code)]


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


class Exceptions:
    """The lines of exceptions.txt: path, token, reason. A path that ends in / covers the folder."""

    def __init__(self, text):
        self.entries = []
        self.errors = []
        self.used = set()
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            parts = line.split(None, 2)
            if len(parts) < 3:
                self.errors.append(f"exceptions.txt:{number}: needs a path, a token and a reason")
            else:
                self.entries.append((number, parts[0], parts[1]))

    @classmethod
    def of(cls, root):
        return cls(read(root, "tests/lint/exceptions.txt"))

    def allows(self, path, token):
        for number, where, what in self.entries:
            if what == token and (path == where or (where.endswith("/") and path.startswith(where))):
                self.used.add(number)
                return True
        return False

    def unused(self, tokens):
        """Findings for the entries about `tokens` that excused nothing: they must go."""
        return [f"exceptions.txt:{number}: {where} no longer needs its exception for {what}"
                for number, where, what in self.entries if what in tokens and number not in self.used]


def finish(name, findings):
    """Prints the findings; the exit status of the check."""
    for finding in findings:
        print(finding)
    print(f"{name}: {len(findings)} finding{'' if len(findings) == 1 else 's'}")
    return 1 if findings else 0


def root_argument():
    return os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ".")
