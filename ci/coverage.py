#!/usr/bin/env python3
"""Judges how much of stack/ its own tests cover: lines, branches and MC/DC, from an llvm-cov export.

Reads the JSON that ci/coverage has llvm-cov write, and coverage.txt, which gives a reason for each
branch that no test takes. Prints a table by file and by folder, then the branches that are not
covered, then what is wrong: a branch without a reason, a reason whose branch is covered or gone, or
a total below the floor. Exits 1 if anything is.

A branch is one way of one condition, so each condition has two; those of the instantiations of a
template are taken together. Five classes are not counted:

* What ASSAY_CHECK tests. It ends the program when Assay itself is wrong, which no input can bring
  about; a test that could would have found a bug.
* What the compiler folds: a condition that is a constant in this instantiation has no other way.
  llvm-cov gives it no counts at all, although the code around it ran.
* The way past a switch that names enumerators and has no default: -Wswitch sees that it names them
  all, so only a value outside its enum goes there, and meets CheckFailed.
* The comparisons that `= default` writes: nobody wrote a branch there.
* What the processor is asked that it can do: it is one processor, and says the same each time.
"""

import argparse
import collections
import dataclasses
import json
import pathlib
import re
import shutil
import subprocess
import sys

FLOOR = 98.0
CHECK = "stack/base/check.h"
# A header is compiled by the name that it has in the include tree of its library.
# What stands before a file's name in the tree: the include tree through which it was read, or the
# folder of the build, where the compiler was given the whole path and ours was cut off it.
BEFORE_NAME = re.compile(r"^(?:(?:.*/)?include/assay_\w+/|build/coverage/(?:\.\./\.\./)?)")
NOT_COUNTED = re.compile(r"(_test|_benchmark|_for_test)\.(h|cc)$")
PROCESSOR = "__builtin_cpu_supports("
DEFAULTED = re.compile(r"= default;")
ENUMERATOR = re.compile(r"case (\w+::)*k[A-Z]\w*")
ENTRY = re.compile(r"never (true|false)(?: in ([^\s,]+?)(?:, (\d+)\.)?)?: (\S.*)")
CODE = 0  # the kind of a region that holds statements


@dataclasses.dataclass
class Condition:
    """A condition of the source, with how often each way was taken in all functions that hold it."""
    file: str
    place: tuple  # first line and column, last line and column
    text: str
    function: str
    true: int = 0
    false: int = 0
    ways: tuple = ("true", "false")  # those that count
    nth: int = 1  # of those in its function that read the same

    def missed(self):
        return [way for way in self.ways if not getattr(self, way)]


@dataclasses.dataclass
class Tally:
    lines: list = dataclasses.field(default_factory=lambda: [0, 0])
    branches: list = dataclasses.field(default_factory=lambda: [0, 0])
    mcdc: list = dataclasses.field(default_factory=lambda: [0, 0])

    def add(self, other):
        for mine, theirs in ((self.lines, other.lines), (self.branches, other.branches),
                             (self.mcdc, other.mcdc)):
            mine[0] += theirs[0]
            mine[1] += theirs[1]


@dataclasses.dataclass
class Coverage:
    files: dict       # path to Tally
    conditions: list  # of Condition, by file and place
    decisions: list   # (file, line, text, number of the condition, from 1) whose effect is not shown
    left_out: dict    # class to how many branches of it are not counted


def path_of(name):
    """A file of stack/ that counts, by its name in the tree; None for any other."""
    name = BEFORE_NAME.sub("", name)
    return name if name.startswith("stack/") and not NOT_COUNTED.search(name) else None


def text_at(source, place):
    """What stands in the source from a first to a last line and column, on one line."""
    first, start, last, end = place
    lines = source[first - 1:last]
    if not lines:
        return ""
    lines = [*lines[:-1], lines[-1][:end - 1]]
    lines[0] = lines[0][start - 1:]
    return " ".join(" ".join(lines).split())


def demangle(names):
    """Mangled name to the function's own name, without scope and parameters."""
    tool = shutil.which("llvm-cxxfilt-19") or shutil.which("c++filt")
    long = names
    if tool and names:
        # A function with internal linkage is written file:name or file;name.
        bare = [re.split(r"[:;]", name)[-1] for name in names]
        long = subprocess.run([tool], input="\n".join(bare), text=True, check=True,
                              stdout=subprocess.PIPE).stdout.splitlines()
    return {name: short_name(text) for name, text in zip(names, long)}


def short_name(text):
    text = text.replace("(anonymous namespace)::", "")
    operator = re.search(r"\b(operator\(\)|operator[^\w\s(]+)", text)
    if operator:
        return operator.group(1)
    arguments = None
    while arguments != text:
        arguments, text = text, re.sub(r"<[^<>]*>", "", text)
    match = re.search(r"([~\w$]+)\(", text)
    return match.group(1) if match else text


def innermost(regions, file_id, place):
    """The count of the smallest region of code that holds a place, or 0."""
    best = None
    for first, start, last, end, count, where, _, kind in regions:
        if kind != CODE or where != file_id:
            continue
        if (first, start) <= place[:2] and place[2:] <= (last, end):
            if best is None or (first, start) >= best[0]:
                best = ((first, start), count)
    return best[1] if best else 0


def read(export, source_of):
    """What an export says of stack/. `source_of` gives the lines of a file."""
    data = export["data"][0]
    files, conditions = {}, {}
    checks, folded, defaulted, processor = set(), set(), set(), set()
    sources = {}

    def source(path):
        if path not in sources:
            sources[path] = source_of(path)
        return sources[path]

    own = demangle([function["name"] for function in data["functions"]])
    alive = set()  # places that are no constant in some instantiation
    for function in data["functions"]:
        paths = [path_of(name) for name in function["filenames"]]
        for first, start, last, end, true, false, file_id, _, _ in function["branches"]:
            path, place = paths[file_id], (first, start, last, end)
            if path is None:
                continue
            if path == CHECK:
                checks.add((function["name"], file_id, place))
                continue
            key = (path, place)
            if DEFAULTED.search(source(path)[first - 1][:end + len("efault;")]):
                defaulted.add(key)
                continue
            if text_at(source(path), place).startswith(PROCESSOR):
                processor.add(key)
                continue
            if not true and not false and innermost(function["regions"], file_id, place):
                folded.add(key)
                continue
            alive.add(key)
            if key not in conditions:
                conditions[key] = Condition(path, place, text_at(source(path), place),
                                            own[function["name"]])
            conditions[key].true += true
            conditions[key].false += false

    records = collections.defaultdict(dict)
    for file in data["files"]:
        path = path_of(file["filename"])
        if path is None or path == CHECK:
            continue
        if path in files:
            raise ValueError(f"{path} is in the export twice: which one counts?")
        lines = file["summary"]["lines"]
        files[path] = Tally(lines=[lines["covered"], lines["count"]])
        for *place, _, _, shown in file["mcdc_records"]:
            known = records[path].setdefault(tuple(place), [False] * len(shown))
            records[path][tuple(place)] = [a or b for a, b in zip(known, shown)]

    ordered = [conditions[key] for key in sorted(conditions)]
    same = collections.Counter()
    for condition in ordered:
        same[condition.file, condition.function, condition.text] += 1
        condition.nth = same[condition.file, condition.function, condition.text]
    past_switches = leave_out_past_switches(ordered, source)
    for condition in ordered:
        tally = files.setdefault(condition.file, Tally())
        tally.branches[0] += len(condition.ways) - len(condition.missed())
        tally.branches[1] += len(condition.ways)
    decisions = []
    for path, places in sorted(records.items()):
        for place, shown in sorted(places.items()):
            files[path].mcdc[0] += sum(shown)
            files[path].mcdc[1] += len(shown)
            decisions += [(path, place[0], text_at(source(path), place), number)
                          for number, yes in enumerate(shown, start=1) if not yes]
    return Coverage(dict(sorted(files.items())), ordered, decisions, {
        "of ASSAY_CHECK": 2 * len(checks), "folded by the compiler": 2 * len(folded - alive),
        "past a switch over an enum": past_switches, "of defaulted comparisons": 2 * len(defaulted),
        "that ask the processor": 2 * len(processor)})


def leave_out_past_switches(conditions, source):
    """Takes the way past it from each switch over an enum; how many there were."""
    count = 0
    for condition, after in zip(conditions, conditions[1:]):
        first, start = condition.place[:2]
        if (source(condition.file)[first - 1][:start - 1].endswith("switch (")
                and after.file == condition.file and ENUMERATOR.fullmatch(after.text)):
            condition.ways = ("false",)
            count += 1
    return count


@dataclasses.dataclass
class Reason:
    line: int
    file: str
    way: str
    function: str  # or None: wherever in the file
    nth: int       # or None: each in the function
    text: str
    why: str = ""

    def meets(self, condition):
        return (condition.file == self.file and condition.text == self.text
                and self.function in (None, condition.function)
                and self.nth in (None, condition.nth))


def read_reasons(text, name="ci/coverage.txt"):
    """The reasons of coverage.txt, and what is malformed in it."""
    reasons, problems, file = [], [], None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        indent, line = len(line) - len(line.lstrip()), line.strip()
        entry = ENTRY.fullmatch(line) if indent == 2 else None
        if indent == 0:
            file = line
        elif entry and file:
            way, function, nth, condition = entry.groups()
            reasons.append(Reason(number, file, way, function, nth and int(nth), condition))
        elif indent >= 4 and reasons:
            reasons[-1].why = f"{reasons[-1].why} {line}".strip()
        else:
            problems.append(f"{name}:{number}: neither a file, nor \"  never true|false [in "
                            "Function[, 2.]]: condition\", nor a reason below one")
    problems += [f"{name}:{reason.line}: no reason is given" for reason in reasons
                 if not reason.why]
    return reasons, problems


def judge(coverage, reasons, floor=FLOOR, name="ci/coverage.txt"):
    """Everything that is wrong, one line each."""
    problems, excused = [], set()
    for reason in reasons:
        place = f"{name}:{reason.line}"
        met = [condition for condition in coverage.conditions if reason.meets(condition)]
        open_ = [condition for condition in met if reason.way in condition.missed()]
        if not met:
            problems.append(f"{place}: the branch is gone: {reason.file}: {reason.text}")
        elif not open_:
            problems.append(f"{place}: the branch is covered now: {reason.file}: {reason.text} "
                            f"was {reason.way}")
        elif len(open_) < len(met):
            problems.append(f"{place}: elsewhere this branch is covered: say which is not, with "
                            f"\"in {open_[0].function}\" or \"in {open_[0].function}, "
                            f"{open_[0].nth}.\"")
        for condition in open_:
            key = (id(condition), reason.way)
            if key in excused:
                problems.append(f"{place}: a second reason for the same branch")
            excused.add(key)
    for condition in coverage.conditions:
        for way in condition.missed():
            if (id(condition), way) not in excused:
                problems.append(f"{condition.file}:{condition.place[0]}: never {way} in "
                                f"{condition.function}: {condition.text}: neither a test nor a "
                                f"reason in {name}")
    total = totals(coverage)[1].branches
    if not total[1]:
        problems.append("nothing was measured: is this an export of the stack's tests?")
    elif share(total) < floor:
        problems.append(f"{share(total):.2f} % of branches are covered; at least {floor:g} % "
                        "must be")
    return problems


def totals(coverage):
    """Folder to Tally, and the Tally of everything."""
    folders, everything = {}, Tally()
    for path, tally in coverage.files.items():
        folders.setdefault(path.rsplit("/", 1)[0], Tally()).add(tally)
        everything.add(tally)
    return folders, everything


def share(pair):
    return 100.0 * pair[0] / pair[1] if pair[1] else 100.0


def table(coverage):
    """The figures by file, by folder and in all."""
    def row(name, tally):
        cells = "".join(f"  {covered:>5}/{count:<5}{share((covered, count)):>7.2f} %"
                        if count else f"  {'-':>18}  "
                        for covered, count in (tally.lines, tally.branches, tally.mcdc))
        return f"{name:<34}{cells}"

    folders, everything = totals(coverage)
    rows = [f"{'':<34}  {'lines':<20}  {'branches':<20}  {'MC/DC conditions':<20}".rstrip()]
    rows += [row(path, tally) for path, tally in coverage.files.items()]
    rows += [""] + [row(path + "/", tally) for path, tally in folders.items()]
    rows += [row("all", everything)]
    rows += ["", "branches not counted: " + ", ".join(
        f"{count} {what}" for what, count in coverage.left_out.items())]
    return rows


def main(arguments):
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description="Judge the coverage of stack/ by its own tests.")
    parser.add_argument("export", type=pathlib.Path, help="what llvm-cov export wrote")
    parser.add_argument("--reasons", type=pathlib.Path, default=here / "coverage.txt")
    parser.add_argument("--root", type=pathlib.Path, default=here.parent)
    options = parser.parse_args(arguments)
    coverage = read(json.loads(options.export.read_text()),
                    lambda path: (options.root / path).read_text().splitlines())
    reasons, problems = read_reasons(options.reasons.read_text())
    problems += judge(coverage, reasons)

    print("\n".join(table(coverage)))
    missed = [(condition, way) for condition in coverage.conditions for way in condition.missed()]
    print(f"\nbranches not covered: {len(missed)}")
    for condition, way in missed:
        why = next((reason.why for reason in reasons
                    if reason.way == way and reason.meets(condition)), "no reason given")
        print(f"  {condition.file}:{condition.place[0]}: never {way} in {condition.function}: "
              f"{condition.text}\n      {why}")
    print(f"\nconditions whose effect on their decision no pair of runs shows (MC/DC): "
          f"{len(coverage.decisions)}")
    for file, line, text, number in coverage.decisions:
        print(f"  {file}:{line}: condition {number} of {text}")
    if problems:
        print(f"\nproblems: {len(problems)}")
        for problem in problems:
            print(f"  {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
