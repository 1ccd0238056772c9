#!/usr/bin/env python3
"""Draws requirements, code, rules, cases and tests together into ci/traceability.txt.

Reads what the sources cite, and what was counted elsewhere: how often the rules and cases of a
requirement applied (ci/exercised.tsv), and how many mutants they killed (ci/mutation.tsv). Covered
is what is implemented, judged and exercised. With --check it writes nothing, and fails if the file is stale or a citation
names what the registry does not know.

Citations, each on a line of its own:
  //= MUST-58                 a label of RFC 9293; also SHLD-, MAY-, REC-, and our U- and P- ids
  //= RFC5961-3.2-1           any id of the registry
  //= 6298:5.1                every row of that section, where the registry has rows of it
  //= 3.10.7.4#check-rst      a step of RFC 9293 (or 5961:3.2#name): for the reader, counted nowhere
with type=test, type=rule or type=case behind it. Without one, a citation in stack/ says where a
requirement is implemented, and elsewhere the kind of file decides.

In harness/rules and harness/cases every quoted id of the registry is a citation too: it belongs to
the rule whose .id, or the case whose .name, was named last. An array of ids that stands by itself
(constexpr std::string_view kCause[] = {...}) counts where its name is used.
"""

import argparse
import collections
import dataclasses
import difflib
import pathlib
import re
import sys

import exercised
import registry

TREE = pathlib.Path(__file__).resolve().parent.parent
OUT = "ci/traceability.txt"
TABLE = "harness/requirements/requirements.tsv"
FOLDERS = ("stack", "harness", "properties", "fuzz")
MUTATION = "ci/mutation.tsv"
RULES, CASES = "harness/rules/", "harness/cases/"

CITATION = re.compile(r"//=(.*)$")
WORDS = re.compile(r"\s+(\S+)(?:\s+type=(rule|test|case))?\s*")
LABEL = re.compile(r"(MUST|SHLD|MAY|REC|U|P)-\S+")
SECTION = re.compile(r"(?:(\d+):)?(\d+(?:\.\d+)*)(#[a-z0-9-]+)?")
NAMED = re.compile(r'\.(id|name)\s*=\s*"([^"]+)"')
QUOTED = re.compile(r'"(RFC\d+-[^"\s]*)"')
ARRAY = re.compile(r'(?<![.\w])(k\w+)(?:\[\w*\])?\s*=\s*\{((?:\s*"[^"]*"\s*,?)+)\s*\}')


@dataclasses.dataclass
class Found:
    """What stands for one requirement."""
    code: set = dataclasses.field(default_factory=set)
    rules: set = dataclasses.field(default_factory=set)
    cases: set = dataclasses.field(default_factory=set)
    tests: set = dataclasses.field(default_factory=set)


class Reader:
    """Collects the citations of a tree; `problems` are those that name nothing."""

    def __init__(self, rows):
        self.rows = {row.id: row for row in rows}
        self.found = collections.defaultdict(Found)
        self.problems = []

    def read(self, path, text):
        for number, line in enumerate(text.splitlines(), start=1):
            match = CITATION.search(line)
            if match:
                self.cite(path, f"{path}:{number}", match.group(1))
        if path.startswith((RULES, CASES)) and not is_test(path):
            self.read_catalogue(path, text)

    def read_catalogue(self, path, text):
        """The ids that rules or cases quote, or name an array of."""

        def place(at):
            return f"{path}:{text.count(chr(10), 0, at) + 1}"

        arrays, unused = {}, {}
        for array in ARRAY.finditer(text):
            ids = [(m.group(1), array.start(2) + m.start())
                   for m in QUOTED.finditer(array.group(2))]
            if ids:
                arrays[array.group(1)] = ids
                unused[array.group(1)] = array.start()
        # Blanks for what has been read, so that places can still be counted.
        rest = ARRAY.sub(lambda m: re.sub(r"\S", " ", m[0]) if m[1] in arrays else m[0], text)
        name = None  # of the rule or case that was named last
        token = "|".join([NAMED.pattern, QUOTED.pattern, *(rf"(?<![:\w]){a}\b" for a in arrays)])
        for match in re.finditer(token, rest):
            if match.group(2):
                name = match.group(2)
            elif match.group(3):
                self.quote(path, place(match.start()), match.group(3), name)
            else:
                unused.pop(match.group(), None)
                for requirement, at in arrays[match.group()]:
                    self.quote(path, place(at), requirement, name)
        for array, at in unused.items():
            self.problems.append(f"{place(at)}: nothing cites the ids of {array}")

    def cite(self, path, place, text):
        match = WORDS.fullmatch(text)
        if not match:
            self.problems.append(f"{place}: not a citation: //={text}")
            return
        what, kind = match.groups()
        for requirement in self.resolve(place, what):
            found = self.found[requirement]
            kind = kind or kind_of(path)
            if kind == "test":
                found.tests.add(path)
            elif kind == "rule":
                found.rules.add(path)
            elif kind == "case":
                found.cases.add(path)
            elif path.startswith("stack/"):
                found.code.add(path)

    def resolve(self, place, what):
        """The ids that a citation stands for."""
        section = SECTION.fullmatch(what)
        if section:
            rfc, number, slug = section.groups()
            if slug or not rfc:
                return ()
            return [i for i in self.rows if re.fullmatch(rf"RFC{rfc}-{re.escape(number)}-[^-]+", i)]
        if LABEL.fullmatch(what):
            what = "RFC9293-" + what
        elif re.fullmatch(r"\d+:\S+", what):
            what = "RFC" + what.replace(":", "-")
        if what not in self.rows:
            self.problems.append(f"{place}: the registry knows no {what}")
            return ()
        return (what,)

    def quote(self, path, place, what, name):
        if what not in self.rows:
            problem = f"{place}: the registry knows no {what}"
            if problem not in self.problems:
                self.problems.append(problem)
        elif name is None:
            self.problems.append(f"{place}: {what} is cited before any .id or .name")
        elif path.startswith(RULES):
            self.found[what].rules.add(name)
        else:
            self.found[what].cases.add(name)


def is_test(path):
    return path.endswith(("_test.cc", "_benchmark.cc")) or path.startswith(("properties/", "fuzz/"))


def kind_of(path):
    if is_test(path):
        return "test"
    return "rule" if path.startswith(RULES) else "case" if path.startswith(CASES) else "code"


def read_tree(root):
    reader = Reader(registry.read(root / TABLE))
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in (".h", ".cc", ".c") and file.is_file():
                reader.read(file.relative_to(root).as_posix(),
                            file.read_text(encoding="utf-8", errors="replace"))
    return reader


def digits_as_numbers(text):
    """A key by which OPN-2 comes before OPN-10."""
    return [(int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", text)]


def listed(names):
    return " ".join(sorted(names, key=digits_as_numbers)) or "-"


def killed_by(path):
    """{requirement: how many mutants its rules and cases killed}; empty if none were counted."""
    if not path.is_file():
        return {}
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()
            if line.startswith("requirement\t"))
    return {name: int(count) for _, name, count in rows}


def render(reader, applied, killed):
    """The file, the same for the same tree. `applied` and `killed`: counts by requirement."""
    lines = []
    count = collections.Counter()
    for row in reader.rows.values():
        found = reader.found.get(row.id, Found())
        judged = bool(found.rules or found.cases)
        count["code"] += bool(found.code)
        count["judged"] += judged
        count["tests"] += bool(found.tests)
        count["excepted"] += bool(row.excepted)
        count["covered"] += bool(found.code and judged and applied.get(row.id))
        count["open"] += not (judged or found.tests or row.excepted)
        line = (f"{row.id} | {row.level} | {listed(found.code)} | {listed(found.rules)} | "
                f"{listed(found.cases)} | {listed(found.tests)} | {applied.get(row.id, '-')} | "
                f"{killed.get(row.id, '-')}")
        if row.excepted:
            line += f" | excepted: {row.excepted}"
        lines.append(line)
    head = [
        "# Which requirement is implemented, ruled on and tested where: written by",
        "# ci/traceability.py from the citations in the source, not by hand.",
        "#",
        f"# Of {len(lines)} requirements {count['code']} are cited where stack/ implements them, "
        f"{count['judged']} by a rule or",
        f"# case, {count['tests']} by a test; {count['excepted']} are excepted and {count['open']} "
        f"are open. {count['covered']} are covered: implemented, ruled on, and exercised.",
        "#",
        "# id | level | implemented in | rules | cases | tests | applied | mutants killed",
        "",
    ]
    return "\n".join(head + lines) + "\n"


def main(arguments):
    parser = argparse.ArgumentParser(description="Write ci/traceability.txt.")
    parser.add_argument("root", nargs="?", type=pathlib.Path, default=TREE)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if it is stale")
    options = parser.parse_args(arguments)
    try:
        reader = read_tree(options.root)
    except registry.Malformed as problem:
        print(problem)
        return 1
    text = render(reader, exercised.read(options.root / exercised.OUT),
                  killed_by(options.root / MUTATION))
    out = options.root / OUT
    for problem in reader.problems:
        print(problem)
    if not options.check:
        out.write_text(text, encoding="utf-8")
    elif not out.is_file() or out.read_text(encoding="utf-8") != text:
        print(f"{OUT} is stale: run ci/traceability.py and commit what it writes")
        before = out.read_text(encoding="utf-8") if out.is_file() else ""
        for line in list(difflib.unified_diff(before.splitlines(), text.splitlines(), "committed",
                                              "as it should be", n=0, lineterm=""))[:40]:
            print(line)
        return 1
    return 1 if reader.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
