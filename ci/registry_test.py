"""registry.py takes the table as it is and refuses each kind of malformed row with its line."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import registry

HERE = pathlib.Path(__file__).resolve().parent
TABLE = HERE.parent / "harness" / "requirements" / "requirements.tsv"
HEAD = "\t".join(registry.COLUMNS) + "\n"
GOOD = "RFC9293-MUST-2\tMUST\t3.1\tA sum\twire-sender\tblack-box\tAdd it up\t-\n"


class Registry(unittest.TestCase):
    def read(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "table.tsv")
            with open(path, "w", encoding="utf-8", newline="") as table:
                table.write(text)
            try:
                return registry.read(path)
            except registry.Malformed as problem:
                return str(problem).replace(folder + "/", "")

    def test_the_table_is_read_whole(self):
        rows = registry.read(TABLE)
        self.assertEqual(len(rows), len(TABLE.read_text().splitlines()) - 1)
        self.assertEqual(rows[0].id, "RFC9293-MUST-1")
        self.assertEqual(rows[0].excepted, "")

    def test_a_good_row_is_taken(self):
        self.assertEqual(self.read(HEAD + GOOD)[0].section, "3.1")

    def test_malformed_rows_are_refused_with_file_and_line(self):
        for change, says in (
                (("\tMUST\t", "\tSHALL\t"), "level SHALL is none of"),
                (("wire-sender", "wire"), "scope wire is none of"),
                (("black-box", "white"), "without a reason"),
                (("black-box", "box"), "observability box is none of"),
                (("\t-\n", "\n"), "7 columns"),
                (("\t-\n", "\t\n"), "write - for no exception"),
                (("A sum", ""), "empty summary"),
                (("A sum", " A sum"), "blank at the edge of summary"),
                (("A sum", "A\x07sum"), "control character"),
                (("A sum", "A s\u00fcm"), "outside ASCII"),
                (("RFC9293-MUST-2", "MUST-2"), "id MUST-2 is not of the form"),
                (("\t-\n", "\t-"), "the last line does not end"),
        ):
            with self.subTest(says=says):
                answer = self.read(HEAD + GOOD.replace("-2", "-1") + GOOD.replace(*change))
                self.assertTrue(str(answer).startswith("table.tsv:3: "), answer)
                self.assertIn(says, answer)

    def test_an_id_twice_is_refused(self):
        self.assertEqual(self.read(HEAD + GOOD + GOOD),
                         "table.tsv:3: id RFC9293-MUST-2 again, first on line 2")

    def test_other_columns_are_refused(self):
        self.assertIn("table.tsv:1: ", self.read(GOOD))

    def test_no_rows_are_refused(self):
        self.assertIn("no rows", self.read(HEAD))

    def test_the_program_fails_and_writes_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            table, out = os.path.join(folder, "t.tsv"), os.path.join(folder, "t.cc")
            pathlib.Path(table).write_text(HEAD + GOOD + GOOD)
            done = subprocess.run([sys.executable, "-B", HERE / "registry.py", table, out],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"{table}:3: ", done.stderr)
            self.assertFalse(os.path.exists(out))

    def test_quotes_and_backslashes_survive_into_cpp(self):
        rows = [registry.Requirement("RFC1-2-3", "MAY", "2", 'say "a\\b"', "timer", "gray", "c",
                                     "")]
        self.assertIn('"say \\"a\\\\b\\""', registry.cpp(rows))


if __name__ == "__main__":
    unittest.main()
