"""traceability.py finds each kind of citation, and fails on a stale file and on unknown ids."""

import contextlib
import io
import pathlib
import tempfile
import unittest

import registry
import traceability

TABLE = "\t".join(registry.COLUMNS) + "\n" + "".join(
    f"{i}\tMUST\t3.1\tA sum\twire-sender\t{seen}\tAdd it up\t{excepted}\n"
    for i, seen, excepted in (
        ("RFC9293-MUST-2", "black-box", "-"),
        ("RFC9293-MUST-20", "black-box", "-"),
        ("RFC9293-SHLD-3", "none", "binds nobody"),
        ("RFC9293-P-3.4-SEQ", "gray", "-"),
        ("RFC6298-5.1-1", "gray", "-"),
        ("RFC6298-5.1-2", "gray", "-"),
        ("RFC6298-5-1", "gray", "-")))


class Traceability(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        self.write(traceability.TABLE, TABLE)
        self.write("ci/.keep", "")

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def run_program(self, *arguments):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = traceability.main([str(self.root), *arguments])
        return code, out.getvalue()

    def line_of(self, requirement):
        """What the file says of it, behind the level, but for the counts where there are none."""
        for line in (self.root / traceability.OUT).read_text().splitlines():
            if line.startswith(requirement + " | "):
                return line.split(" | ", 2)[2].replace(" | - | - | excepted", " | excepted"
                                                       ).removesuffix(" | - | -")
        return None

    def test_each_kind_of_citation_is_found(self):
        self.write("stack/tcp/output.cc", "  //= MUST-2\n  //= 6298:5.1\n  //= 3.4#next\n")
        self.write("stack/tcp/input.cc", "  //= RFC9293-MUST-2\n  //= P-3.4-SEQ\n")
        self.write("stack/tcp/output_test.cc", "//= MUST-2 type=test\n//= 6298:5.1-2 type=test\n")
        self.write("properties/stream.cc", "//= MUST-20\n")
        self.write("harness/rules/sum.cc",
                   '{.id = "sum.right",\n .cites = {"RFC9293-MUST-2", "RFC9293-P-3.4-SEQ"}},\n'
                   '{.id = "sum.sent", .cites = {"RFC9293-MUST-2"}},\n')
        self.write("harness/rules/timer.cc",
                   'constexpr std::string_view kRto[] = {"RFC6298-5-1",\n  "RFC9293-MUST-20"};\n'
                   '{.id = "rto.doubles", .cites = kRto},\n{.id = "rto.starts", .cites = kRto},\n')
        self.write("harness/cases/open.cc",
                   '{.name = "OPN-10", .requirements = {"RFC9293-MUST-2"}},\n'
                   '{.name = "OPN-2", .requirements = {"RFC9293-MUST-2"}},\n')
        self.assertEqual(self.run_program(), (0, ""))
        self.assertEqual(self.line_of("RFC9293-MUST-2"),
                         "stack/tcp/input.cc stack/tcp/output.cc | sum.right sum.sent | "
                         "OPN-2 OPN-10 | stack/tcp/output_test.cc")
        self.assertEqual(self.line_of("RFC9293-MUST-20"),
                         "- | rto.doubles rto.starts | - | properties/stream.cc")
        self.assertEqual(self.line_of("RFC9293-SHLD-3"),
                         "- | - | - | - | excepted: binds nobody")
        self.assertEqual(self.line_of("RFC9293-P-3.4-SEQ"),
                         "stack/tcp/input.cc | sum.right | - | -")
        self.assertEqual(self.line_of("RFC6298-5.1-1"), "stack/tcp/output.cc | - | - | -")
        self.assertEqual(self.line_of("RFC6298-5.1-2"),
                         "stack/tcp/output.cc | - | - | stack/tcp/output_test.cc")
        self.assertEqual(self.line_of("RFC6298-5-1"), "- | rto.doubles rto.starts | - | -")

    def test_a_fresh_file_passes_and_writing_it_again_changes_nothing(self):
        self.write("stack/tcp/output.cc", "//= MUST-2\n")
        self.run_program()
        before = (self.root / traceability.OUT).read_bytes()
        self.assertEqual(self.run_program("--check"), (0, ""))
        self.run_program()
        self.assertEqual((self.root / traceability.OUT).read_bytes(), before)

    def test_a_missing_file_is_stale(self):
        code, says = self.run_program("--check")
        self.assertEqual(code, 1)
        self.assertIn("stale", says)
        self.assertFalse((self.root / traceability.OUT).exists())

    def test_a_lost_citation_makes_the_file_stale(self):
        self.write("stack/tcp/output.cc", "//= MUST-2\n")
        self.run_program()
        self.write("stack/tcp/output.cc", "\n")
        code, says = self.run_program("--check")
        self.assertEqual(code, 1)
        self.assertIn("stale", says)
        self.assertIn("-RFC9293-MUST-2 | MUST | stack/tcp/output.cc", says)

    def test_unknown_ids_fail_with_their_place(self):
        for path, text, says in (
                ("stack/tcp/a.cc", "\n//= MUST-70\n",
                 "stack/tcp/a.cc:2: the registry knows no RFC9293-MUST-70"),
                ("stack/tcp/a.cc", "//= RFC1-1-1\n",
                 "stack/tcp/a.cc:1: the registry knows no RFC1-1-1"),
                ("stack/tcp/a.cc", "//= 6298:5.1-3\n", "knows no RFC6298-5.1-3"),
                ("stack/tcp/a.cc", "//= must-2\n", "knows no must-2"),
                ("stack/tcp/a.cc", "//= MUST-2 type=proof\n", "not a citation"),
                ("stack/tcp/a.cc", "//=MUST-2\n", "not a citation"),
                ("stack/tcp/a_test.cc", "//= SHLD-99 type=test\n", "knows no RFC9293-SHLD-99"),
                ("harness/rules/a.cc", '.id = "a", .cites = {"RFC9293-MUST-3"}',
                 "knows no RFC9293-MUST-3"),
                ("harness/rules/a.cc", '.cites = {"RFC9293-MUST-2"}', "before any .id or .name"),
                ("harness/rules/a.cc", '.id = "a"\nconstexpr X kA[] = {"RFC9293-MUST-2"};',
                 "harness/rules/a.cc:2: nothing cites the ids of kA"),
                ("harness/rules/a.cc", 'X kA[] = {\n"RFC9293-MUST-3"};\n.id = "a", .cites = kA',
                 "harness/rules/a.cc:2: the registry knows no RFC9293-MUST-3"),
                ("harness/cases/a.cc", '.name = "A-1", {"RFC9293-MAY-2"}',
                 "knows no RFC9293-MAY-2"),
        ):
            with self.subTest(text=text):
                self.write(path, text)
                self.run_program()
                code, out = self.run_program("--check")
                self.assertEqual(code, 1)
                self.assertIn(says, out)
                (self.root / path).unlink()

    def test_what_was_counted_stands_with_what_is_covered(self):
        self.write("stack/tcp/output.cc", "  //= MUST-2\n  //= MUST-20\n")
        self.write("harness/rules/sum.cc",
                   '{.id = "sum.right", .cites = {"RFC9293-MUST-2", "RFC9293-MUST-20"}},\n')
        self.write(traceability.exercised.OUT, "# counts\nRFC9293-MUST-2\t17\n")
        self.write(traceability.MUTATION,
                   "# figures\nby\tsum.right\t3\nrequirement\tRFC9293-MUST-2\t3\n")
        self.assertEqual(self.run_program(), (0, ""))
        self.assertEqual(self.line_of("RFC9293-MUST-2"),
                         "stack/tcp/output.cc | sum.right | - | - | 17 | 3")
        self.assertIn(" 1 are covered:", (self.root / traceability.OUT).read_text())

    def test_sections_need_no_row(self):
        self.write("stack/tcp/a.cc",
                   "//= 3.10.7.4#check-rst\n//= 3.10\n//= 793:3.9\n//= 5961:3.2#x\n")
        self.assertEqual(self.run_program(), (0, ""))

    def test_the_registry_of_the_tree_is_drawn_whole(self):
        reader = traceability.read_tree(traceability.TREE)
        lines = [l for l in traceability.render(reader, {}, {}).splitlines() if l.startswith("RFC")]
        self.assertEqual(len(lines), len(reader.rows))


if __name__ == "__main__":
    unittest.main()
