"""Runs the examples of the top README and compares what they print.

An example is a fenced block marked `console`: a line that starts with `$ tcp-assay`, and what it
prints. A line `...` stands for any number of lines. A README
is kept true by hand, so that somebody has read the new output.

usage: readme_test.py TCP_ASSAY [--without-lwip]
"""

import pathlib
import shlex
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent


def examples(text):
    """Yields (command, expected lines) for each console block of the text."""
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        if lines[at] != "```console":
            at += 1
            continue
        end = lines.index("```", at)
        command, expected = lines[at + 1], lines[at + 2 : end]
        assert command.startswith("$ tcp-assay"), command
        yield command[2:], expected
        at = end + 1


def matches(expected, seen):
    """True if the lines are the same, `...` standing for any number of lines."""
    if not expected:
        return not seen
    if expected[0] == "...":
        return any(matches(expected[1:], seen[skip:]) for skip in range(len(seen) + 1))
    return bool(seen) and expected[0].rstrip() == seen[0].rstrip() and matches(expected[1:], seen[1:])


class Readme(unittest.TestCase):
    program = None
    without_lwip = False

    def test_examples_print_what_they_say(self):
        found = list(examples((ROOT / "README.md").read_text()))
        self.assertGreaterEqual(len(found), 4)
        for command, expected in found:
            if self.without_lwip and "lwip" in command:
                continue
            with self.subTest(command):
                words = shlex.split(command)
                run = subprocess.run(
                    [self.program, *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False
                )
                seen = (run.stdout + (run.stderr if run.returncode == 2 else "")).split("\n")
                while seen and not seen[-1]:
                    seen.pop()
                self.assertTrue(matches(expected, seen), "prints:\n" + "\n".join(seen))

    def test_a_wrong_example_is_seen(self):
        self.assertTrue(matches(["a", "...", "c"], ["a", "b", "b", "c"]))
        self.assertFalse(matches(["a", "...", "c"], ["a", "b", "d"]))
        self.assertFalse(matches(["a"], ["a", "b"]))
        self.assertFalse(matches(["a", "b"], ["a"]))


if __name__ == "__main__":
    Readme.program = sys.argv.pop(1)
    if "--without-lwip" in sys.argv:
        sys.argv.remove("--without-lwip")
        Readme.without_lwip = True
    unittest.main()
