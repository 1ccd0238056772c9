"""The known TCP implementation problems of RFC 2525, each as a change to the reference stack.

ci/mutate --rfc2525 puts each on trial. `requirements`: of the registry; a rule or case that cites
one of them should see the problem. An edit is a piece of source and what takes its place; it
must be there once, so that a change that no longer applies is an error and never a problem missed.
"""

import dataclasses


class DoesNotApply(Exception):
    """The source has moved on, and the edit has to follow."""


@dataclasses.dataclass(frozen=True)
class Edit:
    file: str
    before: str
    after: str


@dataclasses.dataclass(frozen=True)
class Problem:
    section: str
    name: str
    requirements: tuple
    edits: tuple


ARRIVES, OUTPUT = "stack/tcp/segment_arrives.cc", "stack/tcp/output.cc"
CONGESTION, CONNECTION = "stack/tcp/congestion.cc", "stack/tcp/connection.cc"
KEEP_ALIVE, TIMEOUTS = "stack/tcp/keep_alive.cc", "stack/tcp/timeouts.cc"
CALLS = "stack/tcp/user_calls.cc"

PROBLEMS = (
    Problem(
        "2.1", "no initial slow start",
        ("RFC5681-3.1-1", "RFC5681-2-1", "RFC9293-MUST-19", "RFC6928-2-1"),
        (Edit(CONGESTION,
              "c.cwnd = policy.congestion == Congestion::kNone ? kUnlimited "
              ": InitialWindowOf(tcb, policy);",
              "c.cwnd = kUnlimited;"),)),
    Problem(
        "2.2", "no slow start after a retransmission time-out",
        ("RFC5681-3.1-8", "RFC5681-2-1", "RFC9293-MUST-19"),
        (Edit(CONGESTION, "c.cwnd = tcb.snd.mss;\n  c.acked = 0;", "c.acked = 0;"),
         Edit(TIMEOUTS, "SendOldest(tcb, policy, now, out);\n    tcb.snd.held = true;",
              "SendOldest(tcb, policy, now, out);"))),
    # Of a peer whose SYN had no MSS option.
    Problem(
        "2.3", "uninitialised cwnd",
        ("RFC5681-3.1-1", "RFC5681-2-1", "RFC9293-MUST-19", "RFC6928-2-1"),
        (Edit(ARRIVES, "TakeSynOptions(a);\n  StartCongestion(tcb, a.policy);",
              "TakeSynOptions(a);\n  StartCongestion(tcb, a.policy);\n"
              "  if (!a.arrived.options.mss.has_value()) tcb.congestion.cwnd = 0x3fff'ffff;"),
         Edit(ARRIVES, "snd.syn_outstanding = false;\n    StartCongestion(tcb, a.policy);",
              "snd.syn_outstanding = false;"))),
    # What is sent again is another octet of the stream.
    Problem(
        "2.4", "inconsistent retransmission",
        ("RFC9293-P-INCONS-RTX",),
        (Edit(OUTPUT, "if (text > 0) segment.text = {StreamOffset(tcb, seq), text};",
              "if (text > 0) {\n"
              "    const uint32_t wrong = Before(seq, tcb.snd.nxt) ? 1 : 0;\n"
              "    segment.text = {StreamOffset(tcb, seq) + wrong, text};\n"
              "  }"),)),
    Problem(
        "2.5", "failure to retain above-sequence data",
        ("RFC9293-SHLD-31",),
        (Edit(ARRIVES, "if (!a.policy.hold_out_of_order) return Next::kContinue;",
              "return Next::kContinue;"),)),
    Problem(
        "2.6", "extra additive constant in congestion avoidance",
        ("RFC5681-3.1-6", "RFC5681-2-1"),
        (Edit(CONGESTION, "c.acked = std::min(c.acked - c.cwnd, c.cwnd);\n  c.cwnd += smss;",
              "c.acked = std::min(c.acked - c.cwnd, c.cwnd);\n  c.cwnd += smss + smss / 8;"),)),
    Problem(
        "2.7", "initial RTO too low",
        ("RFC6298-2.1-1", "RFC6298-1-1", "RFC9293-MUST-18"),
        (Edit(CONNECTION, "tcb.rtt.rto = policy.rto_initial;",
              "tcb.rtt.rto = policy.rto_initial / 5;"),
         Edit(ARRIVES, "tcb.rtt.rto = a.policy.rto_initial;",
              "tcb.rtt.rto = a.policy.rto_initial / 5;"))),
    Problem(
        "2.8", "failure of window deflation after loss recovery",
        ("RFC5681-3.2-7", "RFC5681-2-1"),
        (Edit(CONGESTION, "if (tcb.sack) return;  // was not inflated", "return;"),)),
    Problem(
        "2.9", "excessively short keep-alive connection time-out",
        ("RFC9293-MUST-29",),
        (Edit(KEEP_ALIVE, "tcb.keep_alive.probes >= std::max<uint8_t>(policy.keep_alive_probes, 2)",
              "tcb.keep_alive.probes >= 1"),
         Edit(KEEP_ALIVE, "tcb.timer.keep_alive = now + policy.keep_alive_interval;",
              "tcb.timer.keep_alive = now + tcb.rtt.rto;"))),
    Problem(
        "2.10", "failure to back off the retransmission time-out",
        ("RFC6298-5.5-1", "RFC9293-MUST-19"),
        (Edit("stack/tcp/rto.h", "rtt.rto = std::min(rtt.rto * 2, policy.rto_max);",
              "rtt.rto = std::min(rtt.rto, policy.rto_max);"),)),
    Problem(
        "2.11", "insufficient interval between keep-alives",
        ("RFC9293-MUST-28", "RFC9293-MUST-26"),
        (Edit(KEEP_ALIVE, "return policy.keep_alive_idle;",
              "return policy.keep_alive_interval;"),)),
    # At a closed window everything is outside it, the ACKs for what was sent included.
    Problem(
        "2.12", "window probe deadlock",
        ("RFC9293-MUST-66", "RFC9293-P-3.4-ACCEPT", "RFC9293-MUST-36"),
        (Edit(ARRIVES,
              "return rcv.wnd == 0 ? seg.seq == rcv.nxt : InWindow(seg.seq, rcv.nxt, rcv.wnd);",
              "return InWindow(seg.seq, rcv.nxt, rcv.wnd);"),
         Edit(ARRIVES, "if (tcb.rcv.wnd == 0 && seg.seq == tcb.rcv.nxt && !seg.syn) {",
              "if (false) {"))),
    Problem(
        "2.13", "stretch ACK violation",
        ("RFC9293-SHLD-19", "RFC5681-4.2-2"),
        (Edit(ARRIVES, "rcv.unacked >= 2 * uint32_t{rcv.largest}",
              "rcv.unacked >= 8 * uint32_t{rcv.largest}"),)),
    Problem(
        "2.14", "retransmission sends multiple packets",
        ("RFC5681-3.1-8", "RFC9293-MUST-19"),
        (Edit(TIMEOUTS, "SendOldest(tcb, policy, now, out);\n    tcb.snd.held = true;",
              "SendOldest(tcb, policy, now, out);\n"
              "    tcb.congestion.cwnd = 4 * uint32_t{tcb.snd.mss};"),)),
    # It waits until all that was sent before it is acknowledged.
    Problem(
        "2.15", "failure to send FIN notification promptly",
        ("RFC9293-P-3.6-FIN-RELIABLE", "RFC9293-P-3.8-WINLIMIT"),
        (Edit(OUTPUT, "if (queued == 0 && !snd.fin_queued) return false;",
              "if (queued == 0 && (!snd.fin_queued || snd.una != snd.ptr)) return false;"),
         Edit(OUTPUT, "const bool fin = last && snd.fin_queued && usable > text;",
              "const bool fin = last && snd.fin_queued && usable > text && text == 0;"))),
    # 3.6.1 leaves the choice; these two are of a TCP that has made it (MAY-1), the hardened one.
    Problem(
        "2.16", "failure to send a RST after half duplex close",
        ("RFC9293-SHLD-3",),
        (Edit(ARRIVES,
              "if (seg.text > 0 && rcv.reader_gone && a.policy.let_go == LetGo::kHalfDuplex) {",
              "if (false) {"),)),
    Problem(
        "2.17", "failure to RST on close with data pending",
        ("RFC9293-SHLD-3",),
        (Edit(CALLS, "if (open && Readable(tcb) > 0 && policy.let_go == LetGo::kHalfDuplex) {",
              "if (false) {"),)),
    Problem(
        "2.18", "options missing from TCP MSS calculation",
        ("RFC6691-2-2", "RFC9293-MUST-16"),
        (Edit(OUTPUT,
              "return tcb.ts.on ? static_cast<uint16_t>(mss - wire::kTimestampsOnWordsSize) : mss;",
              "return mss;"),)),
)


def changed(problem, tree):
    """The files that the problem changes: {path: text}."""
    texts = {}
    for edit in problem.edits:
        if edit.file not in texts:
            texts[edit.file] = (tree / edit.file).read_text(encoding="utf-8")
        times = texts[edit.file].count(edit.before)
        if times != 1:
            raise DoesNotApply(f"RFC 2525, {problem.section}: {edit.file} has this {times} times: "
                               f"{edit.before.splitlines()[0]}")
        texts[edit.file] = texts[edit.file].replace(edit.before, edit.after)
    return texts
