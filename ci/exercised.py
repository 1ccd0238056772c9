#!/usr/bin/env python3
"""Writes ci/exercised.tsv: how often each requirement was put to the test on the reference.

usage: ci/exercised.py TCP-ASSAY [--check]

The counts are those of `tcp-assay check --stack reference --all` with its default scenarios: how
often the rules and cases that cite a requirement applied. With --check nothing is written, and a
file that is stale fails.
"""

import argparse
import pathlib
import re
import subprocess
import sys

TREE = pathlib.Path(__file__).resolve().parent.parent
OUT = "ci/exercised.tsv"
HEAD = ("# How often the rules and cases of each requirement applied to the reference in\n"
        "# `tcp-assay check`: written by ci/exercised.py, not by hand.\n"
        "#\n# requirement\tcount\n")
HEADING = re.compile(r"RFC (\d+)")
ROW = re.compile(r"  (\S+) +[A-Z].* (passed|warned|FAILED) (\d+)")


def counts_of(table):
    """{requirement: how often it applied} of what `check --all` prints."""
    counts, rfc = {}, None
    for line in table.splitlines():
        heading = HEADING.fullmatch(line.strip())
        if heading:
            rfc = heading.group(1)
            continue
        row = ROW.fullmatch(line.rstrip())
        if rfc and row:
            counts[f"RFC{rfc}-{row.group(1)}"] = int(row.group(3))
    return counts


def render(counts):
    return HEAD + "".join(f"{name}\t{count}\n" for name, count in counts.items())


def read(path):
    """{requirement: count} of the file; empty if there is none."""
    if not path.is_file():
        return {}
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()
            if not line.startswith("#"))
    return {name: int(count) for name, count in rows}


def main(arguments):
    parser = argparse.ArgumentParser(description="Write ci/exercised.tsv.")
    parser.add_argument("program", help="tcp-assay")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if it is stale")
    options = parser.parse_args(arguments)
    done = subprocess.run([options.program, "check", "--stack", "reference", "--all"],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"tcp-assay check ended with {done.returncode}: {done.stderr.strip()}")
        return 1
    text, out = render(counts_of(done.stdout)), TREE / OUT
    if not options.check:
        out.write_text(text, encoding="utf-8")
    elif not out.is_file() or out.read_text(encoding="utf-8") != text:
        print(f"{OUT} is stale: run ci/exercised.py TCP-ASSAY and ci/traceability.py, and commit "
              "what they write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
