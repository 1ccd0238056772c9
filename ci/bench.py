"""Makes the table of ci/bench from what google-benchmark wrote.

usage: bench.py FOLDER

Reads FOLDER/PRESET-PROGRAM.json. Of the repetitions of a benchmark the quickest counts. A row whose
benchmark is not there says so; a file that is no result of google-benchmark is an error (exit 2).
"""

import json
import pathlib
import sys

NANOSECONDS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}


class Results:
    """The quickest repetition of each benchmark, by "PRESET-PROGRAM:NAME"."""

    def __init__(self):
        self.best = {}

    def read(self, path):
        try:
            runs = json.loads(path.read_text())["benchmarks"]
            for run in runs:
                if run.get("run_type") != "iteration" or "error_message" in run:
                    continue
                name = f"{path.stem}:{run['run_name']}"
                run["ns"] = run["cpu_time"] * NANOSECONDS[run["time_unit"]]
                if name not in self.best or run["ns"] < self.best[name]["ns"]:
                    self.best[name] = run
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path}: no result of google-benchmark: {error!r}") from error

    def ns(self, name):
        return self.best[name]["ns"]

    def rate(self, name, counter):
        """Of a counter that is a rate: a second."""
        return self.best[name][counter]


def time_of(ns):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if ns >= size:
            return f"{ns / size:.3g} {unit}"
    return f"{ns:.3g} ns"


def count_of(value):
    for unit, size in ((" G", 1e9), (" M", 1e6)):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:,.0f}"


# What is measured, who measures it, the figure, and what is aimed for. A figure is a function of
# Results; a benchmark that it asks for and that is not there raises KeyError.
def scenarios(preset, stack):
    name = f"{preset}-sequence_benchmark:Sequence/{stack}"
    return lambda r: f"{time_of(r.ns(name))} = {1e9 / r.ns(name):,.0f}/s"


def times(mine, peer):
    """How many times as fast as the peer."""
    return lambda r: (f"{time_of(r.ns(mine))}, {time_of(r.ns(peer))}: "
                      f"{r.ns(peer) / r.ns(mine):.1f} times")


def rates(name, counter, unit):
    def figure(r):
        mine, peer = (r.rate(f"release-peers_benchmark:{name}/{stack}", counter)
                      for stack in ("reference", "lwip"))
        return f"{count_of(mine)}{unit}, {count_of(peer)}{unit}: {mine / peer:.1f} times"
    return figure


def slower(name):
    """How many times as long with the oracle as without it."""
    return lambda r: (f"{time_of(r.ns(name + '_judged'))}, {time_of(r.ns(name + '_driven'))}: "
                      f"{r.ns(name + '_judged') / r.ns(name + '_driven'):.1f} times as long")


def checksum(size):
    ours, chain, textbook = (f"release-checksum_benchmark:Sum<{who}>/{size}"
                             for who in ("Ours", "CarryChain", "Textbook"))
    return lambda r: (f"{time_of(r.ns(ours))}, {time_of(r.ns(chain))}, {time_of(r.ns(textbook))}: "
                      f"{r.ns(chain) / r.ns(ours):.1f} and {r.ns(textbook) / r.ns(ours):.1f} times")


def one(name):
    return lambda r: time_of(r.ns(name))


def flat(name, few, many):
    return lambda r: (f"{time_of(r.ns(f'{name}/{few}'))}, {time_of(r.ns(f'{name}/{many}'))}: "
                      f"{r.ns(f'{name}/{many}') / r.ns(f'{name}/{few}'):.1f} times as long")


def octets(size):
    name = f"release-host_benchmark:BM_OctetsOfAConnection/{size}/iterations:1"
    return lambda r: f"{r.rate(name, 'TCB'):,.0f} in the TCB, {r.rate(name, 'all'):,.0f} in all"


CODEC = "release-codec_benchmark:"
HOST = "release-host_benchmark:"
STEP = "release-step_benchmark:"

ROWS = (
    ("fuzz/sequence, 16 events: reference (fast)", scenarios("fast", "reference"), "100,000/s"),
    ("the same: reference (release)", scenarios("release", "reference"), "-"),
    ("the same: lwIP (fast)", scenarios("fast", "lwip"), "60,000/s"),
    ("the same: lwIP (release)", scenarios("release", "lwip"), "-"),
    ("a scenario judged, and only driven: reference",
     slower("release-oracle_benchmark:Scenarios/reference"), "2 times"),
    ("the same: lwIP", slower("release-oracle_benchmark:Scenarios/lwip"), "2 times"),
    ("all cases once: reference", one("release-cases_benchmark:Cases/reference"), "200 ms"),
    ("all cases once: lwIP", one("release-cases_benchmark:Cases/lwip"), "200 ms"),
    ("a connection with ten echoes: segments a second, lwIP", rates("OpenEchoClose", "segments", "/s"),
     "1.5 times"),
    ("both ends, open, exchange, close: connections a second, lwIP",
     rates("OpenExchangeClose", "items_per_second", "/s"), "2 times"),
    ("both ends, bulk: lwIP", rates("Bulk", "bytes_per_second", "B/s"), "2 times"),
    ("bulk in: lwIP", rates("BulkIn", "bytes_per_second", "B/s"), "-"),
    ("bulk out: lwIP", rates("BulkOut", "bytes_per_second", "B/s"), "-"),
    ("two hosts: open, exchange, close", one(HOST + "BM_OpenExchangeClose"), "-"),
    ("two hosts: bulk, a second",
     lambda r: count_of(r.rate(HOST + "BM_Bulk", "bytes_per_second")) + "B", "-"),
    ("a full segment in, and its share of the ACK: Step",
     lambda r: count_of(r.rate(STEP + "BM_SegmentIn", "items_per_second")) + " segments/s", "-"),
    ("a full segment out, and the ACK for it: Step",
     lambda r: count_of(r.rate(STEP + "BM_SegmentOutAndAck", "items_per_second")) + " segments/s",
     "-"),
    ("an echo, of one among 1 and 100,000 connections",
     flat(HOST + "BM_EchoOfOneAmong", 1, 100_000), "1.5 times"),
    ("an echo, of each of 1 and 100,000 connections in turn",
     flat(HOST + "BM_EchoOfEachOf", 1, 100_000), "-"),
    ("octets a connection, of 1,000, buffers aside", octets(1_000), "512"),
    ("octets a connection, of 100,000, buffers aside", octets(100_000), "512"),
    *((f"checksum of {size:,} octets: a carry chain, the textbook", checksum(size),
       "1.5 times the chain" if size >= 1460 else "3.5 ns" if size <= 40 else "-")
      for size in (20, 40, 64, 576, 1460, 9000, 65535)),
    ("1,460 octets copied and summed: at once, and one after the other",
     times("release-checksum_benchmark:CopyAndSumAtOnce/1460",
           "release-checksum_benchmark:CopyThenSum/1460"), "-"),
    ("a bare segment decoded: libtins",
     times(CODEC + "DecodeTheSegment/0", CODEC + "LibtinsDecodesTheSegment/0"), "-"),
    ("with timestamps: libtins",
     times(CODEC + "DecodeTheSegment/1", CODEC + "LibtinsDecodesTheSegment/1"), "5 ns, 5 times"),
    ("with 60 octets of header: libtins",
     times(CODEC + "DecodeTheSegment/2", CODEC + "LibtinsDecodesTheSegment/2"), "-"),
    ("a segment with timestamps encoded, checksum included",
     one(CODEC + "EncodeTheSegmentWithChecksum/1/0"), "8 ns"),
    ("a bare packet encoded: libtins",
     times(CODEC + "EncodeThePacket/0/0", CODEC + "LibtinsEncodesThePacket/0"), "-"),
    ("with timestamps: libtins",
     times(CODEC + "EncodeThePacket/1/0", CODEC + "LibtinsEncodesThePacket/1"), "5 times"),
)


def table(results):
    lines = [("what: its peers", "figure, peers' figures", "aim"), ("---", "---", "---")]
    for what, figure, aim in ROWS:
        try:
            lines.append((what, figure(results), aim))
        except KeyError as missing:
            lines.append((what, f"not measured: {missing.args[0]}", aim))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(arguments):
    if len(arguments) != 1:
        print(__doc__.split("\n\n")[1], file=sys.stderr)
        return 2
    files = sorted(pathlib.Path(arguments[0]).glob("*.json"))
    if not files:
        print(f"bench: no results in {arguments[0]}", file=sys.stderr)
        return 2
    results = Results()
    try:
        for path in files:
            results.read(path)
    except ValueError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
