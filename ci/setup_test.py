"""ci/setup asks no package manager when nothing is missing, and says plainly what it cannot do.

Runs the script in a tree of its own, with a dpkg-query, an apt-get and a ci/fetch-lwip that only note
how they were called.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TOOLS = ("bash", "cat", "dirname", "env", "mkdir", "tail")


class Setup(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.root.chmod(0o777)
        for part in ("ci", "bin", "build"):
            (self.root / part).mkdir(mode=0o777)
            (self.root / part).chmod(0o777)
        for file in ("setup", "lib.sh"):
            shutil.copy(HERE / file, self.root / "ci")
        (self.root / "ci/packages.txt").write_text("# why\n\ng++  # builds\ncmake  # and\ntshark\n")
        # Nothing but these is on the path: sudo is there only where a test puts it.
        for tool in TOOLS:
            (self.root / "bin" / tool).symlink_to(shutil.which(tool))
        self.program("bin/apt-get", 'echo "$DEBIAN_FRONTEND apt-get $*" >>"$CALLS"')
        self.installed("ii  g++", "ii  cmake", "ii  tshark")
        self.fetch_lwip(0)

    def program(self, path, text):
        (self.root / path).write_text("#!/bin/bash\n" + text + "\n")
        (self.root / path).chmod(0o755)

    def installed(self, *lines):
        self.program("bin/dpkg-query", "\n".join(f"echo '{line}'" for line in lines))

    def fetch_lwip(self, status):
        self.program("ci/fetch-lwip", f"exit {status}")

    def run_setup(self, user=None):
        """Exit code, all that was said, and the calls of apt-get and sudo."""
        calls = self.root / "calls"
        calls.write_text("")
        calls.chmod(0o666)
        done = subprocess.run(
            [self.root / "ci/setup"], cwd="/", user=user, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            env={"PATH": str(self.root / "bin"), "CALLS": str(calls)})
        return done.returncode, done.stdout, calls.read_text().splitlines()

    def test_nothing_missing_asks_no_package_manager(self):
        code, says, calls = self.run_setup()
        self.assertEqual((code, calls), (0, []), says)

    def test_a_removed_package_is_missing(self):
        self.installed("ii  g++", "ii  cmake", "rc  tshark")
        _, says, _ = self.run_setup()
        self.assertIn("packages missing: tshark\n", says)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_root_installs_what_is_missing_and_nothing_else(self):
        self.installed("ii  cmake")
        code, says, calls = self.run_setup()
        self.assertEqual(code, 0, says)
        self.assertEqual(len(calls), 2, calls)
        self.assertRegex(calls[0], "^noninteractive apt-get .*update$")
        self.assertRegex(
            calls[1], "^noninteractive apt-get .*install -y --no-install-recommends g[+][+] tshark$")

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_package_lists_that_are_out_of_reach_do_not_stop_it(self):
        self.installed("ii  cmake")
        self.program("bin/apt-get", '[[ $* != *update ]] && echo "$*" >>"$CALLS"')
        code, says, calls = self.run_setup()
        self.assertEqual((code, len(calls)), (0, 1), says)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_an_installation_that_fails_stops_it_and_shows_why(self):
        self.installed("ii  cmake")
        self.program("bin/apt-get", 'echo "E: disk full"; exit 100')
        code, says, _ = self.run_setup()
        self.assertEqual(code, 1)
        self.assertIn("E: disk full", says)

    def as_somebody(self):
        """Runs it as a user who is not root."""
        return self.run_setup("nobody" if os.geteuid() == 0 else None)

    def test_without_root_and_sudo_it_names_the_packages_and_fails(self):
        self.installed("ii  cmake")
        code, says, calls = self.as_somebody()
        self.assertEqual((code, calls), (1, []), says)
        self.assertIn("as root: apt-get install g++ tshark", says)

    def test_without_root_sudo_is_used_and_asks_nobody(self):
        self.installed("ii  cmake")
        self.program("bin/sudo", 'echo "sudo $*" >>"$CALLS"; shift; exec "$@"')
        (self.root / "bin/true").symlink_to(shutil.which("true"))
        code, says, calls = self.as_somebody()
        self.assertEqual(code, 0, says)
        self.assertTrue(all(c.startswith(("sudo -n ", "noninteractive")) for c in calls), calls)
        self.assertRegex(calls[-1], "install -y --no-install-recommends g[+][+] tshark$")

    def test_a_sudo_that_refuses_is_told(self):
        self.installed("ii  cmake")
        self.program("bin/sudo", "exit 1")
        code, says, _ = self.as_somebody()
        self.assertEqual(code, 1)
        self.assertIn("sudo refuses; as root: apt-get install g++ tshark", says)

    def test_without_the_source_of_lwip_it_goes_on(self):
        self.fetch_lwip(3)
        code, says, _ = self.run_setup()
        self.assertEqual(code, 0)
        self.assertIn("Debian's liblwip.so", says)

    def test_any_other_failure_to_fetch_it_stops(self):
        self.fetch_lwip(4)
        self.assertEqual(self.run_setup()[0], 4)

    def test_what_is_no_debian_is_told_so(self):
        (self.root / "bin/dpkg-query").unlink()
        code, says, _ = self.run_setup()
        self.assertEqual(code, 1)
        self.assertIn("no Debian", says)

    def test_every_line_of_the_list_says_why(self):
        for line in (HERE / "packages.txt").read_text().splitlines():
            if line and not line.startswith("#"):
                self.assertRegex(line, r"^[a-z0-9.+-]+ +# \S")


if __name__ == "__main__":
    unittest.main()
