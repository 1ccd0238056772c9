"""ci/bench.py takes the quickest repetition, says what was not measured, and refuses what is no result."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import bench

HERE = pathlib.Path(__file__).resolve().parent


def run(name, cpu_time, unit="ns", **more):
    return {"name": name, "run_name": name, "run_type": "iteration", "cpu_time": cpu_time,
            "time_unit": unit, **more}


class Bench(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, file, *runs):
        (self.folder / file).write_text(json.dumps({"benchmarks": runs}))

    def table(self):
        done = subprocess.run([sys.executable, "-B", HERE / "bench.py", self.folder],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def row(self, start):
        _, out, _ = self.table()
        rows = [line for line in out.splitlines() if line.startswith(f"| {start}")]
        self.assertEqual(len(rows), 1, out)
        return rows[0]

    def test_the_quickest_repetition_counts_whatever_its_unit(self):
        name = "Sequence/reference"
        self.write("fast-sequence_benchmark.json", run(name, 12, "us"), run(name, 10_000),
                   run(name, 11, "us"), {**run(name, 1), "run_type": "aggregate"})
        self.assertIn("10 µs = 100,000/s", self.row("fuzz/sequence"))

    def test_a_ratio_is_of_the_peer_to_ours(self):
        self.write("release-codec_benchmark.json", run("DecodeTheSegment/1", 5),
                   run("LibtinsDecodesTheSegment/1", 40))
        self.assertIn("5 ns, 40 ns: 8.0 times", self.row("with timestamps: libtins | 5 ns"))

    def test_rates_are_those_of_the_quickest_repetition(self):
        self.write("release-peers_benchmark.json",
                   run("BulkIn/reference", 2, bytes_per_second=1e9),
                   run("BulkIn/reference", 1, bytes_per_second=2e9),
                   run("BulkIn/lwip", 1, bytes_per_second=1e9))
        self.assertIn("2 GB/s, 1 GB/s: 2.0 times", self.row("bulk in"))

    def test_what_was_not_measured_is_said(self):
        self.write("release-codec_benchmark.json", run("DecodeTheSegment/1", 5))
        self.assertIn("| not measured: release-codec_benchmark:LibtinsDecodesTheSegment/1 | 5 ns",
                      self.table()[1])
        self.assertEqual(self.table()[0], 0)

    def test_a_benchmark_that_stopped_with_an_error_is_not_measured(self):
        self.write("fast-sequence_benchmark.json",
                   run("Sequence/lwip", 0, error_occurred=True, error_message="not in this build"))
        self.assertIn("not measured", self.row("the same: lwIP (fast)"))

    def test_a_file_that_is_no_result_is_refused_by_name(self):
        (self.folder / "release-x.json").write_text("{}")
        code, out, err = self.table()
        self.assertEqual((code, out), (2, ""))
        self.assertIn("release-x.json: no result of google-benchmark", err)

    def test_an_empty_folder_is_refused(self):
        code, _, err = self.table()
        self.assertEqual(code, 2)
        self.assertIn("no results in", err)

    def test_every_row_asks_for_a_benchmark_that_a_source_file_has(self):
        sources = "\n".join(path.read_text() for folder in ("stack", "harness", "fuzz")
                            for path in (HERE.parent / folder).rglob("*_benchmark.cc"))
        for what, figure, _ in bench.ROWS:
            with self.assertRaises(KeyError, msg=what) as missing:
                figure(bench.Results())
            name = missing.exception.args[0].split(":", 1)[1]
            for part in name.split("/")[0].replace("<", " ").replace(">", " ").split():
                self.assertIn(part, sources, what)


if __name__ == "__main__":
    unittest.main()
