"""minimize.py against oracles whose answer is known."""

import pathlib
import stat
import tempfile
import unittest

import minimize

HEAD = bytes([1]) + bytes(7)


def event(kind):
    return bytes([kind]) + bytes(minimize.EVENT - 1)


def needs(*kinds):
    """Breaks `rule` when events of these kinds follow each other in this order, gaps allowed."""
    def rule_of(octets):
        seen = iter(octets[minimize.HEADER::minimize.EVENT])
        return "rule" if all(kind in seen for kind in kinds) else None
    return rule_of


class Minimize(unittest.TestCase):
    def test_keeps_the_events_that_are_needed_and_no_other(self):
        long = HEAD + b"".join(event(kind) for kind in (9, 3, 9, 9, 5, 9))
        self.assertEqual(minimize.minimize(long, needs(3, 5)), ("rule", HEAD + event(3) + event(5)))

    def test_sets_to_zero_what_does_not_matter_but_never_the_version(self):
        octets = bytes([1, 4, 4]) + bytes(5) + bytes([3]) + bytes([7] * 11)
        self.assertEqual(minimize.minimize(octets, needs(3)), ("rule", HEAD + event(3)))

    def test_does_not_trade_one_rule_for_another(self):
        def rule_of(octets):
            return "one" if len(octets) > minimize.HEADER + minimize.EVENT else "other"
        octets = HEAD + event(1) + event(2) + event(3)
        rule, shorter = minimize.minimize(octets, rule_of)
        self.assertEqual(rule, "one")
        self.assertEqual(len(shorter), minimize.HEADER + 2 * minimize.EVENT)

    def test_leaves_alone_what_breaks_nothing(self):
        self.assertEqual(minimize.minimize(HEAD, needs(1)), (None, HEAD))


class Program(unittest.TestCase):
    def run_with(self, script, octets, most=400):
        with tempfile.TemporaryDirectory() as folder:
            assay = pathlib.Path(folder) / "assay"
            assay.write_text("#!/bin/sh\n" + script)
            assay.chmod(assay.stat().st_mode | stat.S_IXUSR)
            file = pathlib.Path(folder) / "finding.scenario"
            file.write_bytes(octets)
            status = minimize.main([str(file), "--stack", "x", "--assay", str(assay),
                                    "--most", str(most)])
            return status, file.read_bytes()

    def test_reads_the_verdict_of_replay(self):
        ladder = "echo '>> MUST broken: known.one (X)'; echo '>> MUST broken: a.b (X)'; exit 1"
        status, after = self.run_with(ladder, HEAD + event(3))
        self.assertEqual((status, after), (0, HEAD))

    def test_a_stack_that_conforms_is_no_finding(self):
        status, after = self.run_with("exit 0", HEAD + event(3))
        self.assertEqual((status, after), (1, HEAD + event(3)))

    def test_stops_after_so_many_replays(self):
        status, after = self.run_with("echo 'MUST broken: a.b'; exit 1",
                                      HEAD + event(3) * 8, most=3)
        self.assertEqual((status, len(after)), (0, len(HEAD) + 6 * minimize.EVENT))


if __name__ == "__main__":
    unittest.main()
