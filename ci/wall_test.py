"""The compiler itself refuses an oracle that includes the reference.

Called by CTest as: wall_test.py COMPILER -- include folders of a target of the oracle... With
exactly these, every header of the reference must be out of reach and the oracle's own within it.
"""

import pathlib
import subprocess
import sys
import unittest

TREE = pathlib.Path(__file__).resolve().parent.parent
COMPILER, FOLDERS = None, ()


def compile_including(header):
    """Exit code and messages of compiling a file that includes `header` and nothing else."""
    command = [COMPILER, "-std=c++20", "-fsyntax-only", "-x", "c++", "-"]
    command += [option for folder in FOLDERS for option in ("-I", folder)]
    done = subprocess.run(command, input=f'#include "{header}"\n', text=True, cwd="/",
                          capture_output=True, check=False)
    return done.returncode, done.stderr


def headers(folder):
    return sorted(h.relative_to(TREE).as_posix() for h in (TREE / folder).glob("*.h"))


class Wall(unittest.TestCase):
    def test_what_the_oracle_may_read_compiles(self):
        for header in ("stack/base/time.h", "stack/spec/transition.h", "stack/wire/packet.h",
                       "harness/observer/trace.h"):
            code, messages = compile_including(header)
            self.assertEqual(code, 0, messages)

    def test_no_header_of_the_reference_is_in_reach(self):
        found = headers("stack/tcp") + headers("stack/host")
        self.assertIn("stack/tcp/tcb.h", found)
        for header in found:
            code, messages = compile_including(header)
            self.assertNotEqual(code, 0, f"{header} compiles within the oracle")
            self.assertRegex(messages, f"{header}.*(file not found|No such file)")


if __name__ == "__main__":
    split = sys.argv.index("--")
    COMPILER, FOLDERS = sys.argv[1], sys.argv[split + 1:]
    unittest.main(argv=sys.argv[:1])
