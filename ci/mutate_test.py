"""ci/mutate: what the operators make of small pieces of code, how tables are read, what is told,
and that tables and the changes of RFC 2525 fit the source as it is."""

import contextlib
import io
import pathlib
import signal
import tempfile
import unittest

import mutants
import mutate
import registry
import rfc2525

TREE = pathlib.Path(__file__).resolve().parent.parent


def made(body, operator, head="void F(Tcb& tcb)"):
    """What `operator` makes of a function with this body: the changed lines."""
    source = f"namespace a {{\n{head} {{\n{body}\n}}\n}}  // namespace a\n"
    return [m.after for m in mutants.mutants_of("f.cc", source) if m.operator == operator]


class Operators(unittest.TestCase):
    def test_a_relation_becomes_its_neighbour_and_equality_its_opposite(self):
        self.assertEqual(made("if (a < b || c == d) f();", "relation"),
                         ["if (a <= b || c == d) f();", "if (a < b || c != d) f();"])

    def test_the_circle_of_sequence_numbers_has_a_boundary_of_its_own(self):
        self.assertEqual(made("x = Before(a, b) && AtOrBefore(c, d);", "relation"),
                         ["x = AtOrBefore(a, b) && AtOrBefore(c, d);",
                          "x = Before(a, b) && Before(c, d);"])

    def test_a_bound_from_above_becomes_one_from_below(self):
        self.assertEqual(made("x = std::min<uint32_t>(a, b);", "relation"),
                         ["x = std::max<uint32_t>(a, b);"])

    def test_brackets_of_templates_are_no_relations(self):
        self.assertEqual(made("std::array<Check, 8> s;\nx = static_cast<int>(y);", "relation"), [])
        self.assertEqual(made("std::array<Check, 8> steps;", "constant"), [])

    def test_sums_become_differences(self):
        self.assertEqual(made("x += a + b * c;", "arithmetic"),
                         ["x -= a + b * c;", "x += a - b * c;", "x += a + b / c;"])
        self.assertEqual(made("++x;", "arithmetic"), ["--x;"])

    def test_a_sign_is_no_difference(self):
        self.assertEqual(made("f(-x, *y, &z);", "arithmetic"), [])

    def test_a_constant_goes_up_and_down_by_one(self):
        self.assertEqual(made("x = 2 * y;", "constant"), ["x = 3 * y;", "x = 1 * y;"])
        self.assertEqual(made("x = 0;", "constant"), ["x = 1;"])
        self.assertEqual(made("x = 0xffffu;", "constant"), ["x = 65536u;", "x = 65534u;"])

    def test_a_constant_of_the_namespace_has_its_own_name(self):
        source = "namespace a {\nconstexpr uint32_t kMost = 8;\n}\n"
        found = mutants.mutants_of("f.cc", source)
        self.assertEqual([(m.function, m.after) for m in found],
                         [("kMost", "constexpr uint32_t kMost = 9;"),
                          ("kMost", "constexpr uint32_t kMost = 7;")])

    def test_control_bits_are_left_out_and_mistaken(self):
        self.assertEqual(made("Send(kRst | kAck);", "flag"),
                         ["Send(kSyn | kAck);", "Send( kAck);", "Send(kRst | kPsh);",
                          "Send(kRst );"])
        self.assertEqual(made("x = seg.syn || header.fin();", "flag"),
                         ["x = seg.fin || header.fin();", "x = seg.syn || header.syn();"])
        self.assertEqual(made("return Next::kDone;", "flag"), ["return Next::kContinue;"])

    def test_states_are_mistaken_but_not_where_they_are_cases(self):
        self.assertEqual(
            made("switch (s) {\ncase State::kClosing:\ntcb.state = State::kFinWait1;\n}", "state"),
            ["tcb.state = State::kFinWait2;"])

    def test_conditions_are_negated(self):
        self.assertEqual(made("if (a && !b) f();", "negation"),
                         ["if (!(a && !b)) f();", "if (a || !b) f();", "if (a && b) f();"])
        self.assertEqual(made("x = y + (a > b ? c : d);", "negation"),
                         ["x = y + (!(a > b) ? c : d);"])
        self.assertEqual(made("if (const auto* p = f()) g();", "negation"), [])

    def test_una_nxt_and_wnd_are_taken_for_each_other(self):
        self.assertEqual(made("x = tcb.snd.una + tcb.rcv.wnd;", "variable"),
                         ["x = tcb.snd.nxt + tcb.rcv.wnd;", "x = tcb.snd.una + tcb.rcv.capacity;"])
        self.assertEqual(made("x = y.una;", "variable"), [])

    def test_assignments_and_ways_out_are_deleted(self):
        self.assertEqual(made("tcb.x = 1;\n*at = y;\nif (a) return;\n++n;", "deletion"),
                         [";", ";", "if (a) ;", ";"])

    def test_declarations_are_not(self):
        self.assertEqual(made("Seg seg = f(x);\nauto& y = tcb.x;\nTcb opened;\nconst int z = 1;\n"
                              "wire::OctetWriter out(octets);", "deletion"), [])
        self.assertEqual(made("wire::OctetWriter out(octets);\nTcb opened;", "call"), [])

    def test_the_last_way_out_of_a_function_or_lambda_stays(self):
        self.assertEqual(made("if (a) return 1;\nreturn 2;", "deletion", "int F()"), ["if (a) ;"])
        self.assertEqual(made("g([&] {\nreturn 1;\n});", "deletion"), [])

    def test_calls_are_dropped(self):
        self.assertEqual(made("Send(a, b);\nout.signals.push_back(x);\nstd::fill_n(p, 3);", "call"),
                         [";", ";", ";"])

    def test_a_call_behind_a_label_is_one(self):
        self.assertEqual(made("switch (s) {\ncase State::kA:\nf();\nbreak;\n}", "call"), [";"])
        self.assertEqual(made("switch (s) {\ncase State::kA:\nf();\nbreak;\n}", "deletion"), [";"])

    def test_checks_comments_and_names_are_left_alone(self):
        self.assertEqual(made("ASSAY_CHECK(a < b);  // c < d\nstatic_assert(1 < 2);", "relation"),
                         [])
        self.assertEqual(made("return a == b;", "relation", "std::string_view Name(S a)"), [])
        self.assertEqual(mutants.mutants_of("f.cc", "#define A(x) \\\n  if (x < 1) f();\n"), [])

    def test_a_method_is_known_by_its_class(self):
        source = ("class C {\n public:\n  bool f() const { return a_ < 1; }\n};\n"
                  "void C::g() { h(); }\n")
        self.assertEqual(sorted({m.function for m in mutants.mutants_of("f.h", source)}),
                         ["C::f", "C::g"])


class Keys(unittest.TestCase):
    BODY = "void F() {\n  x = y;\n  g();\n  x = y;\n}\n"

    def test_a_mutant_stays_itself_where_lines_move(self):
        before = mutants.mutants_of("f.cc", self.BODY)
        after = mutants.mutants_of("f.cc", "// A line more.\n\n" + self.BODY.replace("  ", "    "))
        self.assertEqual([m.id for m in before], [m.id for m in after])
        self.assertNotEqual([m.line for m in before], [m.line for m in after])

    def test_those_that_are_alike_are_told_apart(self):
        found = mutants.mutants_of("f.cc", self.BODY)
        self.assertEqual([m.nth for m in found if m.before == "x = y;"], [0, 1])
        self.assertEqual(len({m.id for m in found}), len(found))

    def test_a_change_keeps_the_number_of_lines(self):
        source = "void F() {\n  f(a,\n    b);\n  g();\n}\n"
        for mutant in mutants.mutants_of("f.cc", source):
            self.assertEqual(mutant.apply(source).count("\n"), source.count("\n"), mutant)


class Claims(unittest.TestCase):
    ROW = "f.cc\tF\tdeletion\tx = a[1]*\t;\tnobody reads x\n"

    def read(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "mutants.tsv"
            path.write_text(text)
            return mutate.read_claims(path)

    def test_a_claim_covers_what_fits_its_patterns(self):
        claims = self.read("# A table.\n\n" + self.ROW)
        found = mutants.mutants_of("f.cc", "void F() {\n  x = a[1] + 2;\n  y = 3;\n}\n")
        self.assertEqual([m.before for m in found if claims[0].covers(m)], ["x = a[1] + 2;"])
        self.assertEqual(mutate.stale_claims(claims, found), [])

    def test_a_claim_that_fits_nothing_is_stale(self):
        claims = self.read(self.ROW)
        found = mutants.mutants_of("f.cc", "void F() { g(); }")
        self.assertEqual(mutate.stale_claims(claims, found), claims)

    def test_a_row_without_an_argument_is_refused_by_its_line(self):
        for row in ("f.cc\tF\tdeletion\tx\t;\n", "f.cc\tF\tdeletion\tx\t;\t\n"):
            with self.assertRaisesRegex(mutate.Trouble, "mutants.tsv:1: "):
                self.read(row)


def row(outcome, what="", file="a.cc", operator="call", **more):
    return {**dict.fromkeys(mutate.COLUMNS, ""), "outcome": outcome, "what": what, "file": file,
            "operator": operator, "line": "1", "id": f"{file}{operator}{outcome}{what}",
            "seconds": "1.0", **more}


class Outcomes(unittest.TestCase):
    def test_what_the_judge_says(self):
        self.assertEqual(mutate.verdict_of(1, "rule\tack.x\tMUST\trfc9293 seed 1\t77\n", ""),
                         mutate.Verdict("killed", "ack.x", "MUST", "rfc9293 seed 1", "77"))
        self.assertEqual(mutate.verdict_of(1, "case\tOPN-01\tMUST\tw\t9\n", "").outcome, "case")
        self.assertEqual(mutate.verdict_of(0, "nothing\t\t\t\t200\n", ""),
                         mutate.Verdict("survived", runs="200"))

    def test_a_signal_is_a_crash_with_its_words(self):
        self.assertEqual(mutate.verdict_of(-signal.SIGABRT, "", "a.cc:1: check failed: x\n").what,
                         "a.cc:1: check failed: x")
        self.assertEqual(mutate.verdict_of(-signal.SIGSEGV, "", "").what, "SIGSEGV")
        self.assertEqual(mutate.verdict_of(-signal.SIGXCPU, "", "").what, "does not end")

    def test_any_other_end_is_trouble_and_no_verdict(self):
        for code, out in ((2, ""), (0, ""), (1, "Segmentation"), (-signal.SIGINT, "")):
            with self.assertRaises(mutate.Trouble):
                mutate.verdict_of(code, out, "cannot open")

    def test_the_share_leaves_out_what_cannot_be_seen(self):
        rows = [row("killed", "r"), row("case", "c"), row("crashed"), row("survived"),
                row("not reached"), row("equivalent"), row("same code"), row("does not compile")]
        self.assertEqual(mutate.share(rows), (3, 5, 60.0))
        self.assertEqual(mutate.share([row("equivalent")]), (0, 0, 0.0))

    def test_the_summary_names_rules_and_shares(self):
        told = mutate.summary([row("killed", "ack.x"), row("survived", file="b.cc")])
        self.assertIn("killed 1  case 0  crashed 0  survived 1", told)
        self.assertRegex(told, r"ack\.x +1")
        self.assertRegex(told, r"b\.cc +0 +1 +0\.0")
        self.assertIn("1 of 2 mutants seen: 50.0 %; by a rule 1: 50.0 %", told)

    def test_a_claim_that_a_run_refutes_is_shown_and_fails(self):
        row = dict.fromkeys(mutate.COLUMNS, "-") | {"file": "stack/a.cc", "line": "7"}
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            self.assertEqual(mutate.refuted([row | {"outcome": "survived"}]), 0)
            self.assertEqual(mutate.refuted([row | {"outcome": "killed", "what": "rule.x"}]), 1)
        self.assertIn("stack/a.cc:7: ci/mutants.tsv is wrong, rule.x sees it", out.getvalue())

    def test_survivors_are_shown_with_their_change(self):
        told = mutate.survivors([row("survived", before="x = 1;", after="x = 2;"),
                                 row("killed", "r")])
        self.assertEqual(len(told), 1)
        self.assertIn("- x = 1;\n    + x = 2;", told[0])

    def test_figures_count_for_rules_and_for_what_they_cite(self):
        rows = [row("killed", "ack.x"), row("killed", "ack.x", operator="flag"),
                row("case", "OPN-01")]
        told = mutate.figures(rows, "sample 3", {"ack.x": ["R-1", "R-2"], "OPN-01": ["R-2"]})
        self.assertEqual(told.splitlines()[-4:], ["by\tOPN-01\t1", "by\tack.x\t2",
                                                  "requirement\tR-1\t2", "requirement\tR-2\t3"])


class Results(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "results.tsv"

    def test_a_line_at_a_time_and_on_from_there(self):
        mutate.Results(self.path, "seed 1", resume=False).add(row("killed", "r", before='"quoted'))
        with open(self.path, "a", encoding="utf-8") as file:
            file.write("half a li")
        again = mutate.Results(self.path, "seed 1", resume=True)
        self.assertEqual([r["outcome"] for r in again.rows.values()], ["killed"])
        again.add(row("survived"))
        self.assertEqual([r["before"] for r in mutate.read_rows(self.path)], ['"quoted', ""])

    def test_another_run_is_not_gone_on_with(self):
        mutate.Results(self.path, "seed 1", resume=False)
        with self.assertRaisesRegex(mutate.Trouble, "of another run: # seed 1"):
            mutate.Results(self.path, "seed 2", resume=True)


class Sample(unittest.TestCase):
    def found(self, count):
        source = "".join(f"void F{i}() {{ g(); }}\n" for i in range(count))
        return mutants.mutants_of("f.cc", source)

    def test_a_seed_gives_the_same_sample_and_another_another(self):
        found = self.found(50)
        one = mutate.choose(found, 10, 1, "")
        self.assertEqual(one, mutate.choose(list(reversed(found)), 10, 1, ""))
        self.assertNotEqual(one, mutate.choose(found, 10, 2, ""))
        self.assertEqual(len(mutate.choose(found, 0, 1, "")), 50)

    def test_a_mutant_more_leaves_most_of_a_sample_as_it_is(self):
        before = {m.id for m in mutate.choose(self.found(50), 10, 1, "")}
        after = {m.id for m in mutate.choose(self.found(51), 10, 1, "")}
        self.assertGreaterEqual(len(before & after), 9)

    def test_one_alone_by_its_id_file_function_or_operator(self):
        found = self.found(3)
        self.assertEqual(mutate.choose(found, 0, 1, found[1].id), [found[1]])
        self.assertEqual(mutate.choose(found, 0, 1, "F2"), [found[2]])
        self.assertEqual(len(mutate.choose(found, 0, 1, "call")), 3)


class Tree(unittest.TestCase):
    """The tables, held against the source as it is."""

    @classmethod
    def setUpClass(cls):
        cls.found = mutate.all_mutants(TREE)

    def test_there_are_mutants_of_every_operator_and_file_with_names_of_their_own(self):
        self.assertEqual({m.operator for m in self.found},
                         {"relation", "arithmetic", "constant", "flag", "state", "negation",
                          "variable", "deletion", "call"})
        self.assertEqual({m.file for m in self.found}, set(mutate.FILES))
        self.assertEqual(len({m.id for m in self.found}), len(self.found))
        self.assertGreater(len(self.found), 3000)

    def test_every_mutant_differs_from_its_source_in_one_place(self):
        texts = {file: (TREE / file).read_text() for file in mutate.FILES}
        for m in self.found[::17]:
            changed = m.apply(texts[m.file])
            self.assertNotEqual(changed, texts[m.file])
            self.assertEqual(changed.count("\n"), texts[m.file].count("\n"))

    def test_every_claim_of_the_table_fits_some_mutant(self):
        claims = mutate.read_claims(TREE / mutate.TABLE)
        self.assertEqual([c.line for c in mutate.stale_claims(claims, self.found)], [])

    def test_every_problem_of_rfc_2525_applies_and_names_requirements(self):
        known = {row.id for row in registry.read(TREE / "harness/requirements/requirements.tsv")}
        self.assertEqual([p.section for p in rfc2525.PROBLEMS], [f"2.{i}" for i in range(1, 19)])
        for problem in rfc2525.PROBLEMS:
            for file, text in rfc2525.changed(problem, TREE).items():
                self.assertNotEqual(text, (TREE / file).read_text(), problem)
            self.assertLessEqual(set(problem.requirements), known, problem)
            self.assertTrue(problem.requirements, problem)

    def test_a_problem_that_does_not_apply_says_so(self):
        edit = rfc2525.Edit("stack/tcp/rto.h", "no such text", "")
        gone = rfc2525.Problem("2.99", "x", (), (edit,))
        with self.assertRaisesRegex(rfc2525.DoesNotApply, "2.99: stack/tcp/rto.h has this 0 times"):
            rfc2525.changed(gone, TREE)


if __name__ == "__main__":
    unittest.main()
