#!/usr/bin/env python3
"""Makes a scenario that breaks a rule shorter and plainer, while it still breaks the same rule.

Drops events, then sets octets to zero (which is the polite default of every field), as long as
`tcp-assay replay` gives the same verdict: exit code 1 and the same rule. Writes FILE anew, and
only when it became smaller or plainer.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HEADER, EVENT = 8, 12  # octets: harness/scenario/record.h
BROKEN = re.compile(r"MUST broken: (\S+)")


class Oracle:
    """What `tcp-assay replay` says of a scenario: the rule that it breaks, or None."""

    def __init__(self, assay, stack, most):
        self.command = [assay, "replay", "--stack", stack]
        self.left = most

    def __call__(self, octets):
        if self.left == 0:
            return None
        self.left -= 1
        with tempfile.NamedTemporaryFile(suffix=".scenario") as file:
            file.write(octets)
            file.flush()
            run = subprocess.run(self.command + [file.name], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        if run.returncode != 1:
            return None
        # The last one: what comes before a violation is known of the stack, and after it nothing
        # is judged.
        found = BROKEN.findall(run.stdout.decode(errors="replace"))
        return found[-1] if found else None


def minimize(octets, rule_of):
    """The shortest and plainest scenario found that breaks the rule that `octets` breaks."""
    rule = rule_of(octets)
    if rule is None:
        return None, octets
    changed = True
    while changed:
        changed = False
        for at in reversed(range(HEADER, len(octets), EVENT)):
            shorter = octets[:at] + octets[at + EVENT:]
            if rule_of(shorter) == rule:
                octets, changed = shorter, True
        # Octet 0 is the version.
        for at in range(1, len(octets)):
            plainer = octets[:at] + b"\0" + octets[at + 1:]
            if octets[at] and rule_of(plainer) == rule:
                octets, changed = plainer, True
    return rule, octets


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--stack", required=True)
    parser.add_argument("--assay", default="build/fuzz/harness/cli/tcp-assay")
    parser.add_argument("--most", type=int, default=400, help="replays")
    options = parser.parse_args(arguments)
    before = options.file.read_bytes()
    rule, after = minimize(before, Oracle(options.assay, options.stack, options.most))
    if rule is None:
        print(f"{options.file}: breaks no rule on {options.stack}", file=sys.stderr)
        return 1
    if after != before:
        beside = options.file.with_name(options.file.name + ".tmp")
        beside.write_bytes(after)
        os.replace(beside, options.file)
    print(f"{options.file}: {rule}, {len(before)} octets became {len(after)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
