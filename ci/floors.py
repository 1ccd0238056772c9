#!/usr/bin/env python3
"""Checks that nothing runs back up: the floors, and the wall between oracle and reference.

Reads every #include of the folders below and every link list of their CMakeLists.txt. It does not
compile anything; wall_test.py shows that the compiler refuses the same. Prints file:line and what
is wrong, and exits 1 if anything is.
"""

import argparse
import collections
import dataclasses
import pathlib
import re
import sys

# Folder, floor; lowest first. A file includes, and a target links, what is in its own folder or in
# an earlier row.
FLOORS = (
    ("stack/base", 0),
    ("stack/spec", 0),
    ("stack/wire", 0),
    ("stack/tcp", 1),
    ("stack/host", 2),
    ("harness/requirements", 2),
    ("harness/scenario", 3),
    ("harness/sut", 3),
    ("harness/observer", 4),
    ("harness/rules", 5),
    ("harness/driver", 6),
    ("harness/cases", 7),
    ("harness/report", 7),
    ("harness/adapters", 7),
    ("harness/cli", 8),
    ("properties", 9),
    ("fuzz", 9),
)

# An oracle that shares the reference's code shares its bugs: what stands left of the wall never
# reaches what stands right of it, not even through what it includes or links.
ORACLE = ("harness/observer", "harness/rules")
REFERENCE = ("stack/tcp", "stack/host")

ROW = {folder: row for row, (folder, _) in enumerate(FLOORS)}
SOURCES = {".h", ".cc", ".c"}
INCLUDE = re.compile(r'^\s*#\s*include\b\s*(?:"([^"]*)"|<([^>]*)>|(.*))')
COMMAND = re.compile(r"(\w+)\s*\(([^()]*)\)")


@dataclasses.dataclass(frozen=True)
class Include:
    line: int
    path: str     # as written
    quoted: bool  # "..." and not <...>


@dataclasses.dataclass
class Target:
    name: str
    file: str
    line: int
    folder: str
    links: dict  # name to line


def folder_of(path):
    """The row that holds a path of the tree, or None."""
    for folder, _ in FLOORS:
        if path.startswith(folder + "/"):
            return folder
    return None


def floor_of(folder):
    return FLOORS[ROW[folder]][1]


def check_folders(root):
    """Every source file of stack/ and harness/ is on some floor."""
    return [f"{path}:1: this file is on no floor: name its folder in ci/floors.py"
            for top in ("stack", "harness") for file in sorted((root / top).rglob("*"))
            if file.suffix in SOURCES
            and folder_of(path := file.relative_to(root).as_posix()) is None]


def read_includes(root):
    """Path of each source file to the list of its includes."""
    includes, problems = {}, []
    for folder, _ in FLOORS:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in SOURCES or not file.is_file():
                continue
            path = file.relative_to(root).as_posix()
            found = includes[path] = []
            text = file.read_text(encoding="utf-8", errors="replace")
            for number, line in enumerate(text.splitlines(), start=1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                quoted, angled, other = match.groups()
                if other is not None:
                    problems.append(f"{path}:{number}: an include must name its file: {other}")
                else:
                    found.append(Include(number, quoted or angled or "", quoted is not None))
    return includes, problems


def is_above(here, there):
    return ROW[there] > ROW[here]


def where(folder):
    return f"{folder} (floor {floor_of(folder)})"


def check_includes(root, includes):
    problems = []
    for path, found in includes.items():
        here = folder_of(path)
        for include in found:
            place = f"{path}:{include.line}"
            there = folder_of(include.path)
            if there is None and include.path.startswith(("stack/", "harness/")):
                problems.append(f"{place}: \"{include.path}\" is on no floor: name its folder in "
                                "ci/floors.py")
            elif there is None:
                beside = root / pathlib.PurePosixPath(path).parent / include.path
                if ".." in include.path.split("/") or (include.quoted and beside.is_file()):
                    problems.append(f"{place}: \"{include.path}\" must be written from the top of "
                                    "the tree, or its floor cannot be seen")
            elif is_above(here, there):
                problems.append(f"{place}: {where(here)} includes \"{include.path}\", which is up "
                                f"in {where(there)}")
    return problems


def check_wall_of_includes(includes):
    """Follows every include of the oracle's files; one problem for each way through the wall."""
    problems = []
    for path, found in includes.items():
        if folder_of(path) not in ORACLE:
            continue
        for include in found:
            chain = path_to_reference(include.path, includes)
            if chain:
                problems.append(f"{path}:{include.line}: through the wall: the oracle includes "
                                + ", which includes ".join(chain))
    return problems


def path_to_reference(start, includes):
    """The shortest chain of includes from `start` into the reference, or None."""
    queue, seen = collections.deque([[start]]), {start}
    while queue:
        chain = queue.popleft()
        if folder_of(chain[-1]) in REFERENCE:
            return chain
        for include in includes.get(chain[-1], ()):
            if include.path not in seen:
                seen.add(include.path)
                queue.append(chain + [include.path])
    return None


def read_targets(root):
    """Name to Target, from every CMakeLists.txt of the floors."""
    targets = {}
    for folder, _ in FLOORS:
        for file in sorted((root / folder).rglob("CMakeLists.txt")):
            path = file.relative_to(root).as_posix()
            # A comment becomes blanks, so that lines can still be counted.
            text = re.sub(r"#[^\n]*", lambda m: " " * len(m.group()), file.read_text())
            for match in COMMAND.finditer(text):
                read_command(path, folder, text, match, targets)
    return targets


def read_command(path, folder, text, match, targets):
    command, linking = match.group(1), None
    words = [(m.group(), match.start(2) + m.start()) for m in re.finditer(r"\S+", match.group(2))]
    if not words or "$" in words[0][0]:
        return

    def line(at):
        return text.count("\n", 0, at) + 1

    if command == "target_link_libraries":
        linking = True
    elif command in ("add_library", "add_executable") or command.startswith("assay_"):
        linking = False
    else:
        return
    name = words[0][0]
    target = targets.setdefault(name, Target(name, path, line(match.start()), folder, {}))
    for word, at in words[1:]:
        if word in ("LINK", "PRIVATE_LINK", "PUBLIC", "PRIVATE", "INTERFACE"):
            linking = linking if command in ("add_library", "add_executable") else True
        elif re.fullmatch(r"[A-Z_]{3,}", word):
            linking = False
        elif linking:
            target.links.setdefault(word, line(at))


def check_links(targets):
    problems = []
    for target in targets.values():
        for link, line in target.links.items():
            place = f"{target.file}:{line}"
            if link not in targets:
                continue
            there = targets[link].folder
            if is_above(target.folder, there):
                problems.append(f"{place}: {target.name} of {where(target.folder)} links {link}, "
                                f"which is up in {where(there)}")
            if target.folder in ORACLE:
                chain = path_to_reference_target(link, targets)
                if chain:
                    problems.append(f"{place}: through the wall: {target.name} links "
                                    + ", which links ".join(chain))
    return problems


def path_to_reference_target(start, targets):
    queue, seen = collections.deque([[start]]), {start}
    while queue:
        chain = queue.popleft()
        target = targets.get(chain[-1])
        if target is None:
            continue
        if target.folder in REFERENCE:
            return chain
        for link in target.links:
            if link not in seen:
                seen.add(link)
                queue.append(chain + [link])
    return None


def check(root):
    """Everything that is wrong in the tree at `root`, one line each, and how much was read."""
    includes, problems = read_includes(root)
    targets = read_targets(root)
    problems += check_folders(root)
    problems += check_includes(root, includes)
    problems += check_wall_of_includes(includes)
    problems += check_links(targets)
    return problems, len(includes), len(targets)


def main(arguments):
    parser = argparse.ArgumentParser(description="Check the floors and the wall.")
    parser.add_argument("root", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    problems, files, targets = check(parser.parse_args(arguments).root)
    for problem in problems:
        print(problem)
    if not files or not targets:
        print("nothing to check: is this the top of the tree?")
        return 1
    print(f"floors: {files} files and {targets} targets, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
