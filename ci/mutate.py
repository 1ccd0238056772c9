"""Changes the reference stack in one place at a time and asks the oracle what is wrong with it.

A mutant (mutants.py) is compiled, linked with all that did not change into a library of its own,
and put on trial by mutant_judge: the conformance cases and random scenarios in each profile, judged
by what an outsider sees. No state that the stack reports, no sanitizer, no unit test has a say.

Each is one line of out/mutate/results.tsv as soon as it is known, so that an interrupt loses none:
  killed           a rule was broken; which, and after how many cases and scenarios
  case             no rule, but an expectation of a conformance case was not met
  crashed          a check of the stack's own, a signal, or no end within the limit of CPU time
  survived         nothing was seen
  not reached      nothing could be: no case or scenario comes to the line
  equivalent       the table mutants.tsv says why nobody could see it, or what allows it
  same code        the compiler makes the same code of it
  does not compile

What counts is killed, case and crashed, of all but the last three.
"""

import argparse
import collections
import concurrent.futures
import csv
import dataclasses
import fnmatch
import hashlib
import json
import os
import pathlib
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import mutants
import rfc2525

TREE = pathlib.Path(__file__).resolve().parent.parent
TABLE = "ci/mutants.tsv"
FIGURES = "ci/mutation.tsv"

# What is mutated. Left out: policy.h, whose every value is somebody's choice; invariants.cc and
# validate.cc, which judge; status.cc and the names in effects.cc, which tell a user; icmp.cc and
# icmp_arrives.cc, of whose messages scenarios have only some.
FILES = (
    *(f"stack/tcp/{name}" for name in (
        "congestion.cc", "congestion.h", "connection.cc", "isn.cc", "keep_alive.cc", "output.cc",
        "reassembly.cc", "rto.h", "scoreboard.cc", "segment_arrives.cc", "step.cc", "tcb.h",
        "timeouts.cc", "timestamps.cc", "timestamps.h", "user_calls.cc")),
    *(f"stack/host/{name}" for name in ("host.cc", "host_calls.cc", "ring.h", "timer_heap.cc")),
    *(f"stack/wire/{name}" for name in (
        "checksum.cc", "options.cc", "options.h", "packet.cc", "segment.cc", "segment.h",
        "seq_num.h")),
)

KILLED = ("killed", "case", "crashed")
LEFT = ("survived", "not reached")
EXCUSED = ("equivalent", "same code", "does not compile")
COLUMNS = ("id", "file", "line", "function", "operator", "before", "after", "nth", "outcome",
           "what", "level", "runs", "where", "seconds")


class Trouble(Exception):
    """A sentence for whoever started this."""


# --- the table of equivalents ---

@dataclasses.dataclass(frozen=True)
class Claim:
    """A row of mutants.tsv: mutants that nobody could tell from the original, and why.

    `operator`, `before`, `after` are patterns with * and ?; [ stands for itself.
    """
    line: int
    file: str
    function: str
    operator: str
    before: str
    after: str
    argument: str

    def covers(self, mutant):
        return (self.file == mutant.file and self.function == mutant.function and
                all(fnmatch.fnmatchcase(text, pattern.replace("[", "[[]")) for text, pattern in (
                    (mutant.operator, self.operator), (mutant.before, self.before),
                    (mutant.after, self.after))))


def read_claims(path):
    claims = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != 6 or not all(fields):
            raise Trouble(f"{path.name}:{number}: {len(fields)} fields, not 6 that say something")
        claims.append(Claim(number, *fields))
    return claims


def stale_claims(claims, found):
    """Claims that no mutant fits: the source has moved on."""
    return [claim for claim in claims if not any(claim.covers(mutant) for mutant in found)]


# --- building ---

LIBRARIES = re.compile(
    r"CMakeFiles/assay_(base|spec|wire|tcp|host|adapter_reference|reference|sut)\.dir/")
# Read once and not for each mutant: half of the time that a compiler takes.
STANDARD = "".join(f"#include <{name}>\n" for name in (
    "algorithm", "array", "bit", "cstddef", "cstdint", "cstring", "limits", "memory", "optional",
    "span", "string", "string_view", "type_traits", "utility", "variant", "vector"))
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


class Builder:
    """Compiles and links changed copies of the stack, with the commands of the preset `mutate`."""

    def __init__(self, tree, build, scratch):
        self.tree, self.build, self.scratch = tree, build, scratch
        path = build / "compile_commands.json"
        if not path.is_file():
            raise Trouble(f"{path} is not there: ci/mutate makes it")
        self.commands = {}
        for entry in json.loads(path.read_text()):
            words = shlex.split(entry["command"])
            output = words[words.index("-o") + 1]
            file = pathlib.Path(entry["file"]).relative_to(tree).as_posix()
            if LIBRARIES.search(output) and file != "harness/sut/shim_stack.cc":
                self.commands[file] = words
        self.compiler = self.commands["stack/tcp/step.cc"][0]
        self.includes = {file: self.includes_of(file) for file in self.commands}
        self.precompile()
        self.originals = {}
        self.told = ""  # by the compiler, last

    def includes_of(self, file, seen=None):
        seen = set() if seen is None else seen
        for path in INCLUDE.findall((self.tree / file).read_text(encoding="utf-8")):
            if path not in seen and (self.tree / path).is_file():
                seen.add(path)
                self.includes_of(path, seen)
        return seen

    def sources_with(self, files):
        """The sources to compile when these files change."""
        return [s for s in self.commands if s in files or self.includes[s] & set(files)]

    def precompile(self):
        """The standard headers, for sources that are compiled as those of the stack are."""
        header, out = self.scratch / "standard.h", self.scratch / "standard.pch"
        header.write_text(STANDARD)
        flags = [w for w in self.commands["stack/tcp/step.cc"] if w.startswith(("-f", "-std"))]
        done = subprocess.run([self.compiler, *flags, "-O1", "-w", "-x", "c++-header", str(header),
                               "-o", str(out)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Trouble(f"the standard headers: {done.stderr}")
        self.standard = ("-include-pch", str(out))

    def compile(self, source, folder, extra=()):
        """Compiles a source as it stands below `folder` or else in the tree; None if it cannot."""
        out = folder / (source.replace("/", "_") + ".o")
        words = [w for w in self.commands[source] if not w.startswith(("-W", "-O"))]
        words[words.index("-o") + 1] = str(out)
        path = folder / source
        words[words.index("-c") + 1] = str(path if path.is_file() else self.tree / source)
        # Changed headers come first; a file has one name, wherever it stands.
        words[1:1] = [f"-I{folder}", "-O1", "-w", f"-ffile-prefix-map={folder}/=", *extra]
        if source.startswith("stack/") and not extra:
            words[1:1] = self.standard
        done = subprocess.run(words, cwd=self.build, capture_output=True, text=True, check=False,
                              timeout=300)
        if done.returncode < 0:
            raise Trouble(f"{self.compiler} on {source}: {signal.Signals(-done.returncode).name}")
        self.told = done.stderr
        return out if done.returncode == 0 else None

    def original(self, source):
        """The object of a source that did not change."""
        if source not in self.originals:
            folder = self.scratch / "original"
            folder.mkdir(parents=True, exist_ok=True)
            out = self.compile(source, folder)
            if out is None:
                raise Trouble(f"{source} does not compile: {self.told}")
            self.originals[source] = out
        return self.originals[source]

    def link(self, objects, out, extra=()):
        symbols = self.tree / "harness/adapters/reference/reference_library.map"
        done = subprocess.run(
            [self.compiler, "-shared", "-fuse-ld=lld-19", f"-Wl,--version-script={symbols}",
             "-Wl,-z,defs", *extra, "-o", str(out), *map(str, objects)],
            capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Trouble(f"does not link: {done.stderr.strip().splitlines()[0]}")
        return out

    def library(self, folder, changed):
        """The stack with these files changed ({path: text}), as (outcome, library)."""
        for file, text in changed.items():
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        sources = self.sources_with(changed)
        objects = {}
        same = True
        for source in sources:
            objects[source] = self.compile(source, folder)
            if objects[source] is None:
                return "does not compile", None
            same = same and (objects[source].read_bytes() == self.original(source).read_bytes())
        if same:
            return "same code", None
        rest = [self.original(source) for source in self.commands if source not in objects]
        return None, self.link([*objects.values(), *rest], folder / "stack.so")

    def reached(self, trial):
        """Lines of each file to how often the whole trial of the unchanged stack comes there."""
        folder = self.scratch / "reached"
        folder.mkdir(parents=True, exist_ok=True)
        flags = ("-fprofile-instr-generate", "-fcoverage-mapping")
        with concurrent.futures.ThreadPoolExecutor(trial.jobs) as pool:
            objects = list(pool.map(lambda s: self.compile(s, folder, flags), self.commands))
        library = self.link(objects, folder / "stack.so", flags[:1])
        raw, merged = folder / "raw.profraw", folder / "merged.profdata"
        trial.run(library, {"LLVM_PROFILE_FILE": str(raw)}, slow=10)
        subprocess.run(["llvm-profdata-19", "merge", "-o", merged, raw], check=True)
        told = subprocess.run(
            ["llvm-cov-19", "export", "--format=lcov", f"--instr-profile={merged}", library],
            check=True, capture_output=True, text=True).stdout
        lines, file = collections.defaultdict(dict), None
        for line in told.splitlines():
            if line.startswith("SF:"):
                file = line[line.index("stack/"):] if "stack/" in line else None
            elif line.startswith("DA:") and file:
                number, count = line[3:].split(",")[:2]
                lines[file][int(number)] = int(count)
        return lines


# --- judging ---

@dataclasses.dataclass(frozen=True)
class Verdict:
    outcome: str
    what: str = ""
    level: str = ""
    where: str = ""
    runs: str = ""


class Trial:
    def __init__(self, judge, options):
        self.judge, self.scenarios, self.seed = judge, options.scenarios, options.seed
        self.cpu_seconds, self.states, self.jobs = options.cpu_seconds, options.states, options.jobs

    def run(self, library, environment=None, slow=1):
        def limit():
            if self.cpu_seconds:
                resource.setrlimit(resource.RLIMIT_CPU, (self.cpu_seconds * slow,) * 2)
            resource.setrlimit(resource.RLIMIT_AS, (1 << 30,) * 2)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        words = [self.judge, library, str(self.scenarios), str(self.seed)]
        if self.states:
            words.append("--states")
        done = subprocess.run(words, capture_output=True, text=True, check=False, preexec_fn=limit,
                              env={**os.environ, **(environment or {})})
        return verdict_of(done.returncode, done.stdout, done.stderr)


def verdict_of(code, out, err):
    fields = out.rstrip("\n").split("\t")
    if code in (0, 1) and len(fields) == 5:
        by, what, level, where, runs = fields
        outcome = {"rule": "killed", "case": "case", "nothing": "survived"}.get(by, "killed")
        return Verdict(outcome, what or ("" if by == "nothing" else by), level, where, runs)
    if code == -signal.SIGXCPU or code == -signal.SIGKILL:
        return Verdict("crashed", "does not end")
    if code < 0 and -code not in (signal.SIGINT, signal.SIGTERM):
        told = [line for line in err.splitlines() if line.strip()]
        return Verdict("crashed", told[0][:120] if told else signal.Signals(-code).name)
    raise Trouble(f"mutant_judge ended with {code}: {(err or out).strip()}")


# --- the run ---

def choose(found, sample, seed, only):
    """In an order of its own for each seed that hangs on nothing but the mutants' names."""
    if only:
        found = [m for m in found if m.id.startswith(only) or only in m.file or
                 only in m.function or only == m.operator]
    found = sorted(found, key=lambda m: hashlib.sha256(f"{seed} {m.id}".encode()).digest())
    return found[:sample] if sample else found


def row_of(mutant, verdict, seconds):
    return dict(zip(COLUMNS, (
        mutant.id, mutant.file, mutant.line, mutant.function, mutant.operator, mutant.before,
        mutant.after, mutant.nth, verdict.outcome, verdict.what, verdict.level, verdict.runs,
        verdict.where, f"{seconds:.1f}")))


class Results:
    """The file of results, a line as soon as it is known. No settings: those of the file."""

    def __init__(self, path, settings, resume):
        self.path, self.lock = path, threading.Lock()
        self.rows = {}
        heading = f"# {settings}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if resume and path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines() or ["empty"]
            heading = lines[0] if settings is None else heading
            if lines[0] != heading:
                raise Trouble(f"{path} is of another run: {lines[0]}")
            for row in read_rows(path):
                self.rows[row["id"]] = row
        self.settings = heading.lstrip("# ")
        # Written anew: of an interrupted line nothing is left.
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"{heading}\n" + "\t".join(COLUMNS) + "\n")
            for row in self.rows.values():
                file.write(line_of(row))

    def add(self, row):
        with self.lock:
            self.rows[row["id"]] = row
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(line_of(row))


def line_of(row):
    return "\t".join(str(row[c]).replace("\t", " ") for c in COLUMNS) + "\n"


def read_rows(path):
    lines = [line for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
             if not line.startswith("#") and line.endswith("\n")]
    return [row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            if row["seconds"] is not None]


def judge_one(mutant, builder, trial, claims, lines):
    begin = time.monotonic()
    verdict = None
    if any(claim.covers(mutant) for claim in claims):
        verdict = Verdict("equivalent")
    elif lines and lines.get(mutant.file, {}).get(mutant.line) == 0:
        verdict = Verdict("not reached")
    if verdict is None:
        folder = pathlib.Path(tempfile.mkdtemp(dir=builder.scratch))
        try:
            source = (builder.tree / mutant.file).read_text(encoding="utf-8")
            outcome, library = builder.library(folder, {mutant.file: mutant.apply(source)})
            verdict = Verdict(outcome) if outcome else trial.run(library)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return row_of(mutant, verdict, time.monotonic() - begin)


# --- what is told ---

def share(rows):
    """Of mutants that could be seen, how many were: (seen, all, percent)."""
    counted = [r for r in rows if r["outcome"] not in EXCUSED]
    seen = sum(r["outcome"] in KILLED for r in counted)
    return seen, len(counted), 100.0 * seen / len(counted) if counted else 0.0


def summary(rows):
    lines = []
    counts = collections.Counter(r["outcome"] for r in rows)
    lines.append("  ".join(f"{name} {counts[name]}" for name in (*KILLED, *LEFT, *EXCUSED)))
    for title, column in (("operator", "operator"), ("file", "file")):
        lines += ["", f"{title:<32}{'seen':>6}{'of':>6}{'%':>7}"]
        groups = collections.defaultdict(list)
        for row in rows:
            groups[row[column]].append(row)
        for name, group in sorted(groups.items()):
            seen, total, percent = share(group)
            if total:
                lines.append(f"{name:<32}{seen:>6}{total:>6}{percent:>7.1f}")
    lines += ["", f"{'killed by':<44}{'mutants':>8}"]
    by = collections.Counter(r["what"] for r in rows if r["outcome"] in ("killed", "case"))
    lines += [f"{name:<44}{count:>8}" for name, count in by.most_common()]
    seen, total, percent = share(rows)
    ruled = sum(r["outcome"] == "killed" for r in rows)
    lines += ["", f"{seen} of {total} mutants seen: {percent:.1f} %; "
                  f"by a rule {ruled}: {100.0 * ruled / total if total else 0.0:.1f} %"]
    return "\n".join(lines)


def survivors(rows):
    return [f"{r['file']}:{r['line']}: {r['id']} {r['outcome']} "
            f"({r['operator']}, {r['function']})\n    - {r['before']}\n    + {r['after']}\n"
            for r in sorted(rows, key=lambda r: (r["file"], int(r["line"])))
            if r["outcome"] in LEFT]


def figures(rows, settings, cites):
    """FIGURES: which rule or case killed how many, and so for the requirements that it cites."""
    by = collections.Counter(r["what"] for r in rows if r["outcome"] in ("killed", "case"))
    of = collections.Counter()
    for name, count in by.items():
        for requirement in cites.get(name, ()):
            of[requirement] += count
    seen, total, percent = share(rows)
    head = ["# How many mutants of the reference each rule or case killed, and so each requirement",
            "# that it cites: written by ci/mutate --write, not by hand.",
            f"# {settings}: {seen} of {total} seen, {percent:.1f} %", "#", "# kind\tname\tmutants"]
    body = [f"by\t{name}\t{by[name]}" for name in sorted(by)]
    body += [f"requirement\t{name}\t{of[name]}" for name in sorted(of)]
    return "\n".join(head + body) + "\n"


def cites_of(tree):
    """Rules and cases to the requirements that they cite."""
    import traceability
    cites = collections.defaultdict(list)
    for requirement, found in traceability.read_tree(tree).found.items():
        for name in found.rules | found.cases:
            cites[name].append(requirement)
    return cites


# --- the known implementation problems ---

def judge_problems(builder, trial, cites, tell):
    """Each problem of RFC 2525; how many no rule or case saw that cites what the problem breaks."""
    missed = 0
    tell(f"{'RFC 2525':<10}{'problem':<52}seen by")
    for problem in rfc2525.PROBLEMS:
        folder = pathlib.Path(tempfile.mkdtemp(dir=builder.scratch))
        try:
            changed = rfc2525.changed(problem, builder.tree)
            outcome, library = builder.library(folder, changed)
            if outcome:
                raise Trouble(f"RFC 2525, {problem.section}: the change {outcome}")
            verdict = trial.run(library)
        except rfc2525.DoesNotApply as trouble:
            raise Trouble(str(trouble)) from trouble
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        seen = verdict.outcome in ("killed", "case")
        right = seen and bool(set(cites.get(verdict.what, ())) & set(problem.requirements))
        missed += not right
        said = f"{verdict.what} ({verdict.where}; {verdict.runs} runs)" if seen else "not caught"
        if verdict.outcome == "crashed":
            said = f"crashed: {verdict.what}"
        if seen and not right:
            said += f"; cites none of {' '.join(problem.requirements)}"
        tell(f"{problem.section:<10}{problem.name:<52}{said}")
    count = len(rfc2525.PROBLEMS)
    tell(f"{count - missed} of {count} caught by what should see them")
    return missed


def all_mutants(tree):
    found = []
    for file in FILES:
        found += mutants.mutants_of(file, (tree / file).read_text(encoding="utf-8"))
    return found


def parse(arguments):
    parser = argparse.ArgumentParser(prog="ci/mutate", description=__doc__.split("\n\n")[0])
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="N mutants, not all")
    parser.add_argument("--seed", type=int, default=1, help="of the sample and of the scenarios")
    parser.add_argument("--scenarios", type=int, default=200_000, help="random scenarios for each")
    parser.add_argument("--only", default="", metavar="WHAT",
                        help="a file, function, operator or id")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="at a time")
    parser.add_argument("--cpu-seconds", type=int, default=0,
                        help="for each trial; else ten times what the unchanged stack takes")
    parser.add_argument("--floor", type=float, default=0.0, metavar="PERCENT",
                        help="fail if less are seen")
    parser.add_argument("--states", action="store_true", help="judge the reported state as well")
    parser.add_argument("--resume", action="store_true",
                        help="go on with the run that was interrupted")
    parser.add_argument("--summary", action="store_true",
                        help="tell what is known of the last run, and judge none")
    parser.add_argument("--write", action="store_true", help=f"write {FIGURES}")
    parser.add_argument("--list", action="store_true", help="print the mutants and judge none")
    parser.add_argument("--claimed", action="store_true",
                        help=f"judge those that {TABLE} claims instead: fail if one is seen")
    parser.add_argument("--rfc2525", action="store_true",
                        help="judge the known implementation problems of RFC 2525 instead")
    parser.add_argument("--missed", type=int, default=0, metavar="N",
                        help="with --rfc2525: so many of them may be missed")
    parser.add_argument("--out", type=lambda path: pathlib.Path(path).resolve(),
                        default=TREE / "out/mutate", help="the folder for what is found")
    return parser.parse_args(arguments)


def run(options):
    found = all_mutants(TREE)
    claims = read_claims(TREE / TABLE)
    for claim in stale_claims(claims, found):
        raise Trouble(f"{TABLE}:{claim.line}: no mutant is so any more")
    if options.claimed:
        found = [m for m in found if any(claim.covers(m) for claim in claims)]
        claims = []
    chosen = choose(found, options.sample, options.seed, options.only)
    if options.list:
        for m in chosen:
            print(f"{m.id} {m.file}:{m.line} {m.operator} {m.function}\n"
                  f"    - {m.before}\n    + {m.after}")
        return 0
    if options.summary:
        return tell(options, Results(options.out / "results.tsv", None, True), chosen, claims)
    build = TREE / "build/mutate"
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.out) as scratch:
        builder = Builder(TREE, build, pathlib.Path(scratch))
        trial = Trial(build / "harness/cli/mutant_judge", options)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            objects = list(pool.map(builder.original, builder.commands))
        whole = builder.link(objects, pathlib.Path(scratch) / "whole.so")
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        verdict = trial.run(whole)
        taken = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        # What takes ten times as long as the stack that obeys does not end.
        trial.cpu_seconds = options.cpu_seconds or int(10 * taken) + 2
        if verdict.outcome != "survived":
            raise Trouble(f"the unchanged stack: {verdict.outcome} {verdict.what} {verdict.where}")
        if options.rfc2525:
            missed = judge_problems(builder, trial, cites_of(TREE), print)
            return 1 if missed > options.missed else 0
        return judge_all(options, builder, trial, chosen, claims)


def judge_all(options, builder, trial, chosen, claims):
    settings = (f"sample {options.sample or 'all'}, seed {options.seed}, "
                f"{options.scenarios} scenarios{', states' if options.states else ''}"
                f"{', only ' + options.only if options.only else ''}"
                f"{', claimed' if options.claimed else ''}")
    results = Results(options.out / "results.tsv", settings, options.resume)
    lines = builder.reached(trial)
    rest = [m for m in chosen if m.id not in results.rows]
    begin = told = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        futures = [pool.submit(judge_one, m, builder, trial, claims, lines) for m in rest]
        try:
            for done, future in enumerate(concurrent.futures.as_completed(futures), start=1):
                results.add(future.result())
                if time.monotonic() - told > 60:
                    told = time.monotonic()
                    print(f"assay: ... {done}/{len(rest)}", flush=True)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            print(f"assay: interrupted at {len(results.rows)} of {len(chosen)}; --resume goes on")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"assay: {time.monotonic() - begin:.0f} s; {used.ru_utime + used.ru_stime:.0f} s of a "
          "processor, all that was compiled before included")
    return tell(options, results, chosen, claims)


def tell(options, results, chosen, claims):
    """Prints and writes what is known of those that were chosen; 1 if it is below the floor."""
    rows = []
    for mutant in chosen:
        row = results.rows.get(mutant.id)
        if row is not None:
            # The table may have grown since.
            claimed = row["outcome"] in LEFT and any(claim.covers(mutant) for claim in claims)
            rows.append({**row, "outcome": "equivalent"} if claimed else row)
    left = options.out / "survivors.txt"
    left.write_text("\n".join(survivors(rows)), encoding="utf-8")
    print(summary(rows))
    print(f"each in {results.path}, those left in {left}")
    if options.write:
        text = figures(rows, f"{len(rows)} mutants ({results.settings})", cites_of(TREE))
        (TREE / FIGURES).write_text(text, encoding="utf-8")
    if options.claimed:
        return refuted(rows)
    return 1 if share(rows)[2] < options.floor else 0


def refuted(rows):
    """Prints the mutants that a claim says nobody could see and that were seen; 1 if there are."""
    seen = [row for row in rows if row["outcome"] in KILLED]
    for r in seen:
        print(f"{r['file']}:{r['line']}: {TABLE} is wrong, {r['what']} sees it ({r['where']})\n"
              f"    - {r['before']}\n    + {r['after']}")
    return 1 if seen else 0


def main(arguments):
    # What ends a job of a build server ends it as ^C does: with what is known so far.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return run(parse(arguments))
    except Trouble as trouble:
        print(f"mutate: {trouble}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
