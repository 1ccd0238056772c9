"""Reads the registry of requirements, refuses what is malformed, and writes it as C++.

It judges the form of rows, never what they say. A row is seven columns that bind and one,
`excepted`, that says why no rule stands for the requirement ("-" where one does or should). Used by
the build (the table becomes a constexpr array) and by traceability.py.
"""

import argparse
import dataclasses
import re
import sys

COLUMNS = ("id", "level", "section", "summary", "scope", "observability", "how_to_check",
           "excepted")
# Word in the table, enumerator in requirement.h.
LEVELS = {"MUST": "kMust", "MUST NOT": "kMustNot", "SHOULD": "kShould", "SHOULD NOT": "kShouldNot",
          "RECOMMENDED": "kRecommended", "MAY": "kMay", "PROSE": "kProse"}
SCOPES = {"wire-sender": "kWireSender", "wire-receiver": "kWireReceiver", "timer": "kTimer",
          "app-api": "kUserCall", "ip-layer": "kIpLayer", "security": "kSecurity",
          "admin": "kAdministration"}
OBSERVABILITIES = {"black-box": "kBlackBox", "gray": "kGray", "white": "kWhite", "none": "kNone"}
# An RFC, then a section of it or the kind of id that it uses itself, then a mark.
ID = re.compile(r"RFC(\d+)-[A-Z0-9][A-Za-z0-9.]*(-[A-Za-z0-9.-]+)?")


class Malformed(Exception):
    """A row that cannot be taken, as "file:line: what is wrong"."""


@dataclasses.dataclass(frozen=True)
class Requirement:
    id: str
    level: str
    section: str
    summary: str
    scope: str
    observability: str
    how_to_check: str
    excepted: str  # empty where a rule or case stands for it, or should


def read(path):
    """The rows of the table in its order; raises Malformed."""
    with open(path, encoding="utf-8", newline="") as table:
        text = table.read()
    lines = text.split("\n")

    def refuse(number, what):
        raise Malformed(f"{path}:{number}: {what}")

    if lines[-1] != "":
        refuse(len(lines), "the last line does not end")
    if tuple(lines[0].split("\t")) != COLUMNS:
        refuse(1, "the first line must name the columns " + ", ".join(COLUMNS))
    rows, line_of = [], {}
    for number, line in enumerate(lines[1:-1], start=2):
        if not line.isprintable() and not line.replace("\t", "").isprintable():
            refuse(number, "control character")
        if not line.isascii():
            refuse(number, "character outside ASCII")
        fields = line.split("\t")
        if len(fields) != len(COLUMNS):
            refuse(number, f"{len(fields)} columns where there should be {len(COLUMNS)}")
        for name, field in zip(COLUMNS, fields):
            if not field:
                refuse(number, f"empty {name}; write - for no exception" if name == "excepted"
                       else f"empty {name}")
            if field != field.strip():
                refuse(number, f"blank at the edge of {name}")
        row = Requirement(*fields)
        if row.excepted == "-":
            row = dataclasses.replace(row, excepted="")
        if not ID.fullmatch(row.id):
            refuse(number, f"id {row.id} is not of the form RFC9293-MUST-2 or RFC5961-3.2-1")
        if row.id in line_of:
            refuse(number, f"id {row.id} again, first on line {line_of[row.id]}")
        line_of[row.id] = number
        for field, words, name in ((row.level, LEVELS, "level"), (row.scope, SCOPES, "scope"),
                                   (row.observability, OBSERVABILITIES, "observability")):
            if field not in words:
                refuse(number, f"{name} {field} is none of " + ", ".join(words))
        if row.observability in ("none", "white") and not row.excepted:
            refuse(number, f"observability {row.observability} without a reason in excepted")
        rows.append(row)
    if not rows:
        refuse(1, "no rows")
    return rows


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def cpp(rows):
    """The table as the constexpr array that requirement.cc searches."""
    out = ["// Written by ci/registry.py from requirements.tsv. Do not edit.", "",
           '#include "harness/requirements/table.h"', "", "namespace assay::requirements {", "",
           "constexpr Requirement kTable[] = {"]
    for r in rows:
        out.append("    {.id = %s, .section = %s, .summary = %s, .check = %s, .excepted = %s, "
                   ".level = Level::%s, .scope = Scope::%s, .observability = Observability::%s},"
                   % (*map(quoted, (r.id, r.section, r.summary, r.how_to_check, r.excepted)),
                      LEVELS[r.level], SCOPES[r.scope], OBSERVABILITIES[r.observability]))
    by_id = sorted(range(len(rows)), key=lambda i: rows[i].id)
    out += ["};", "", f"constexpr size_t kTableSize = {len(rows)};", "",
            "// Rows of kTable in the order of their ids, octet by octet.",
            "constexpr uint16_t kById[] = {" + ", ".join(map(str, by_id)) + "};", "",
            "}  // namespace assay::requirements"]
    return "\n".join(out) + "\n"


def main(arguments):
    parser = argparse.ArgumentParser(description="Write the registry of requirements as C++.")
    parser.add_argument("table")
    parser.add_argument("out")
    options = parser.parse_args(arguments)
    try:
        rows = read(options.table)
    except Malformed as problem:
        print(problem, file=sys.stderr)
        return 1
    with open(options.out, "w", encoding="utf-8") as out:
        out.write(cpp(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
