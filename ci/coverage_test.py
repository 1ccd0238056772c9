"""coverage.py on small exports: what it counts, and that each fault it looks for fails."""

import contextlib
import io
import json
import pathlib
import tempfile
import unittest

import coverage

# As clang would be given it: two functions, of which the tests of SOUND take every branch but one.
SOURCE = """\
#include "stack/base/check.h"
int Sign(int n) {
  ASSAY_CHECK(n != 7);
  if (n < 0) return -1;
  return n > 0 && n < 100 ? 1 : 0;
}
int Size(Kind kind) {
  switch (kind) {
    case Kind::kSmall: return 1;
    case Kind::kLarge: return 2;
  }
  CheckFailed();
}
bool operator==(Kind, Kind) = default;
""".splitlines()

PATH = "stack/tcp/sign.cc"
REASONS = f"""\
# What no test takes.
{PATH}
  never true: n < 0
    Nothing negative
    gets here.
"""


def function(name, branches, regions, path=PATH):
    return {"name": name, "filenames": [path, coverage.CHECK], "branches": branches,
            "regions": regions}


def export(negative=0, small=1, folded=False, path=PATH, more=(), mcdc=(True, True)):
    """What llvm-cov would write: how often `n < 0` was true, and `kSmall` was met."""
    sign = function("_Z4Signi", [
        [16, 4, 16, 15, 9, 0, 1, 0, 4],
        [4, 7, 4, 12, *((0, 0) if folded else (negative, 9)), 0, 0, 4],
        [5, 10, 5, 15, 5, 4, 0, 0, 6],
        [5, 19, 5, 26, 2, 3, 0, 0, 6]], [[2, 17, 6, 2, 9, 0, 0, 0]], path)
    size = function("_Z4Size4Kind", [
        [8, 11, 8, 15, 0, 3, 0, 0, 4],
        [9, 5, 9, 22, small, 2, 0, 0, 4],
        [10, 5, 10, 22, 2, 1, 0, 0, 4]], [[7, 21, 13, 2, 3, 0, 0, 0]], path)
    same = function("_Zeq4KindS_", [[14, 31, 14, 32, 1, 0, 0, 0, 4]],
                    [[14, 31, 14, 38, 1, 0, 0, 0]], path)
    file = {"filename": path, "summary": {"lines": {"count": 12, "covered": 11}},
            "mcdc_records": [[5, 10, 5, 26, 0, 5, list(mcdc)]]}
    return {"data": [{"files": [file], "functions": [sign, size, same, *more]}]}


def read(**changes):
    return coverage.read(export(**changes), lambda path: SOURCE)


def faults(reasons=REASONS, floor=0.0, **changes):
    parsed, problems = coverage.read_reasons(reasons)
    return problems + coverage.judge(read(**changes), parsed, floor)


class Reading(unittest.TestCase):
    def test_counts_each_way_of_each_condition_that_counts(self):
        tally = read().files[PATH]
        self.assertEqual(tally.lines, [11, 12])
        # Three conditions and two cases with two ways, the switch with one; one way was not taken.
        self.assertEqual(tally.branches, [10, 11])
        self.assertEqual(tally.mcdc, [2, 2])

    def test_says_where_and_what_is_not_covered(self):
        missed = [(c.place[0], way, c.function, c.text)
                  for c in read().conditions for way in c.missed()]
        self.assertEqual(missed, [(4, "true", "Sign", "n < 0")])

    def test_leaves_out_checks_switches_and_defaulted_comparisons_and_says_how_many(self):
        self.assertEqual(read().left_out, {
            "of ASSAY_CHECK": 2, "folded by the compiler": 0, "past a switch over an enum": 1,
            "of defaulted comparisons": 2, "that ask the processor": 0})

    def test_leaves_out_what_the_processor_is_asked(self):
        asks = function("_Z4Asksv", [[15, 7, 15, 35, 1, 0, 0, 0, 4]], [[15, 1, 15, 44, 1, 0, 0, 0]])
        read_ = coverage.read(export(more=[asks]), lambda path: [
            *SOURCE, '  if (__builtin_cpu_supports("avx2")) return;'])
        self.assertEqual(read_.left_out["that ask the processor"], 2)
        self.assertEqual(read_.files[PATH].branches, [10, 11])

    def test_leaves_out_what_the_compiler_folded(self):
        folded = read(folded=True)
        self.assertEqual(folded.files[PATH].branches, [9, 9])
        self.assertEqual(folded.left_out["folded by the compiler"], 2)

    def test_a_branch_in_code_that_never_ran_is_not_folded(self):
        dead = function("_Z4Deadv", [[4, 7, 4, 12, 0, 0, 0, 0, 4]], [[2, 17, 6, 2, 0, 0, 0, 0]])
        self.assertEqual(read(folded=True, more=[dead]).files[PATH].branches, [9, 11])

    def test_takes_instantiations_of_a_template_together(self):
        other = function("_Z4SignIlEvT_", [[4, 7, 4, 12, 3, 0, 0, 0, 4]],
                         [[2, 17, 6, 2, 3, 0, 0, 0]])
        self.assertEqual(read(more=[other]).files[PATH].branches, [11, 11])

    def test_a_header_counts_under_its_name_in_the_tree(self):
        for path in ("build/coverage/include/assay_tcp/" + PATH,
                     "/src/build/coverage/include/assay_tcp/" + PATH):
            self.assertEqual(list(read(path=path).files), [PATH])

    def test_tests_and_benchmarks_and_other_folders_do_not_count(self):
        for path in ("stack/tcp/sign_test.cc", "stack/host/pair_for_test.h",
                     "stack/tcp/step_benchmark.cc", "properties/wire_laws.cc",
                     "/usr/include/gtest/gtest.h"):
            self.assertEqual(read(path=path).files, {}, path)

    def test_says_which_condition_of_a_decision_has_no_effect(self):
        self.assertEqual(read(mcdc=(True, False)).decisions,
                         [(PATH, 5, "n > 0 && n < 100", 2)])

    def test_names_a_function_without_scope_and_parameters(self):
        for text, name in (("assay::tcp::(anonymous namespace)::Grow(assay::tcp::Tcb&, int)",
                            "Grow"),
                           ("std::span<int> assay::Load<int>(void (*)(int))", "Load"),
                           ("assay::operator==(assay::A const&, assay::A const&)", "operator=="),
                           ("assay::tcp::$_3::operator()(assay::tcp::Tcb const&) const",
                            "operator()"),
                           ("assay::host::Host::~Host()", "~Host")):
            self.assertEqual(coverage.short_name(text), name)


class Judging(unittest.TestCase):
    def assert_only(self, problems, *words):
        self.assertEqual(len(problems), 1, problems)
        for word in words:
            self.assertIn(word, problems[0])

    def test_a_reason_for_each_branch_that_is_not_covered_passes(self):
        self.assertEqual(faults(), [])
        self.assertEqual(faults(REASONS.replace("true:", "true in Sign:")), [])

    def test_an_uncovered_branch_without_a_reason_fails(self):
        self.assert_only(faults(""), f"{PATH}:4: never true in Sign: n < 0", "neither a test")
        self.assert_only(faults(small=0), f"{PATH}:9: never true in Size: case Kind::kSmall")

    def test_a_reason_for_the_other_way_does_not_excuse(self):
        problems = faults(REASONS.replace("never true", "never false"))
        self.assertEqual(len(problems), 2, problems)
        self.assertIn("covered now", problems[0])
        self.assertIn("never true", problems[1])

    def test_a_reason_whose_branch_is_covered_fails(self):
        self.assert_only(faults(negative=1), "ci/coverage.txt:3", "covered now", "n < 0")

    def test_a_reason_whose_branch_is_gone_fails(self):
        for change in (("n < 0", "n < 1"), (PATH, "stack/tcp/sing.cc"),
                       ("never true:", "never true in Size:")):
            problems = faults(REASONS.replace(*change))
            self.assertEqual(len(problems), 2, problems)
            self.assertIn("the branch is gone", problems[0])

    def test_a_reason_that_would_cover_for_another_function_fails(self):
        twin = function("_Z5Othervv", [[4, 7, 4, 12, 1, 1, 0, 0, 4]],
                        [[2, 17, 6, 2, 2, 0, 0, 0]])
        moved = json.loads(json.dumps(export(more=[twin])))
        moved["data"][0]["functions"][-1]["branches"][0][0:3:2] = [15, 15]
        read_ = coverage.read(moved, lambda path: [*SOURCE, "  if (n < 0) return;"])
        reasons, _ = coverage.read_reasons(REASONS)
        self.assert_only(coverage.judge(read_, reasons, 0), "elsewhere", "in Sign")

    def test_a_reason_may_say_which_in_its_function(self):
        changed = export()
        changed["data"][0]["functions"][0]["branches"].append([15, 7, 15, 12, 1, 1, 0, 0, 4])
        read_ = coverage.read(changed, lambda path: [*SOURCE, "  if (n < 0) return;"])
        for which, right in ((" in Sign, 1.", True), (" in Sign, 2.", False), (" in Sign", False)):
            reasons, problems = coverage.read_reasons(REASONS.replace(" true", " true" + which))
            self.assertEqual(problems + coverage.judge(read_, reasons, 0) == [], right, which)

    def test_two_reasons_for_one_branch_fail(self):
        self.assert_only(faults(REASONS + REASONS), "ci/coverage.txt:8", "second reason")

    def test_an_entry_without_a_reason_fails(self):
        self.assert_only(faults("\n".join(REASONS.splitlines()[:3])), "no reason is given")

    def test_a_malformed_line_fails(self):
        for line in ("  always true: n < 0", "   never true: n < 0"):
            problems = faults(f"{PATH}\n{line}\n    why\n" + REASONS)
            self.assertTrue(any("ci/coverage.txt:2: neither" in p for p in problems), problems)

    def test_less_than_the_floor_fails(self):
        # 10 of 11 are 90.9 %.
        self.assertEqual(faults(floor=90.0), [])
        self.assert_only(faults(floor=98.0), "90.91 % of branches", "98 %")

    def test_the_floor_is_98_percent(self):
        self.assertEqual(coverage.FLOOR, 98.0)

    def test_nothing_measured_fails(self):
        self.assert_only(faults("", floor=98.0, path="harness/x.cc"), "nothing was measured")


class Program(unittest.TestCase):
    def run_main(self, reasons, **changes):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / PATH).parent.mkdir(parents=True)
            (root / PATH).write_text("\n".join(SOURCE))
            (root / "export.json").write_text(json.dumps(export(**changes)))
            (root / "coverage.txt").write_text(reasons)
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                status = coverage.main([str(root / "export.json"), "--root", folder,
                                        "--reasons", str(root / "coverage.txt")])
            return status, out.getvalue()

    def test_prints_the_figures_and_passes(self):
        status, out = self.run_main("", negative=1)
        self.assertEqual(status, 0, out)
        self.assertRegex(out, r"stack/tcp/sign\.cc +11/12 +91\.67 % +11/11 +100\.00 % +2/2")
        self.assertIn("branches not covered: 0", out)

    def test_prints_the_reason_and_fails_below_the_floor(self):
        status, out = self.run_main(REASONS)
        self.assertEqual(status, 1)
        self.assertIn("never true in Sign: n < 0\n      Nothing negative gets here.", out)
        self.assertIn("90.91 %", out)

    def test_fails_when_a_reason_is_missing(self):
        status, out = self.run_main("")
        self.assertEqual(status, 1)
        self.assertIn("neither a test nor a reason", out)


class Paths(unittest.TestCase):
    def test_a_file_has_one_name_however_the_compiler_was_given_it(self):
        for before in ("", "build/coverage/", "build/coverage/../../",
                       "build/coverage/build/include/assay_tcp/", "/somewhere/include/assay_tcp/"):
            self.assertEqual(coverage.path_of(before + "stack/tcp/step.cc"), "stack/tcp/step.cc")

    def test_what_is_not_of_the_stack_has_none(self):
        for name in ("harness/stack/tcp/step.cc", "/usr/include/stack/x.h", "build/fuzz/stack/x.cc",
                     "stack/tcp/step_test.cc"):
            self.assertIsNone(coverage.path_of(name), name)


class Tree(unittest.TestCase):
    def test_the_reasons_of_the_tree_are_well_formed_and_name_what_is_there(self):
        root = pathlib.Path(__file__).resolve().parent.parent
        reasons, problems = coverage.read_reasons((root / "ci/coverage.txt").read_text())
        self.assertEqual(problems, [])
        for reason in reasons:
            self.assertEqual(coverage.path_of(reason.file), reason.file)
            text = " ".join((root / reason.file).read_text().split())
            self.assertIn(reason.text, text, f"ci/coverage.txt:{reason.line}")


if __name__ == "__main__":
    unittest.main()
