#include "harness/observer/profile.h"

#include "stack/base/check.h"

namespace assay::observer {
namespace {

constexpr std::array<std::string_view, kQuirkCount> kNames = {
    "syn-sent.ignores-syn",
    "syn-sent.resets-bare-ack",
    "syn-sent.abort-sends-rst",
    "syn-sent.takes-rst-without-ack",
    "syn-sent.sends-data",
    "syn-received.skips-sequence-test",
    "syn-received.ignores-syn-in-window",
    "syn-received.dies-early",
    "syn-sent.dies-early",
    "ack-bit.not-tested",
    "ack.takes-text-with-bad-ack",
    "rst.counts-syn-fin-once",
    "rst.ignores-ack-bit",
    "fin-wait-2.dies-early",
    "last-ack.dies-early",
    "time-wait.resets-syn",
    "fin.early-on-split-segment",
    "fin.moved",
    "rst.on-right-edge-challenged",
    "ack.answers-twice",
    "ack.lost-behind-nagle",
    "assert.insane-offset",
    "time-wait.dies-early",
    "mss.queued-data-stalls",
    "mss.taken-from-any-segment",
    "assert.text-beyond-window",
    "assert.mss-too-small",
    "assert.persist-without-data",
    "syn-received.takes-syn-ack",
    "window.taken-from-bad-ack",
    "text.beyond-window-kept",
    "rto.samples-any-ack",
    "rto.backoff-outlives-syn",
    "assert.oversize",
    "assert.fin-beyond-window",
    "rto.stalls-on-partial-ack",
    "assert.split-beyond-mss",
    "assert.not-trimmed",
    "syn-sent.no-back-off",
    "window.smaller-not-taken",
    "congestion.forgets-syn-loss",
    "ip.answers-invalid-source",
    "keep-alive.dies-without-probe",
    "icmp.ignores-packet-too-big",
    "rst.left-of-window-challenged",
    "rst.at-sack-edge-kills",
    "rst.behind-fin-kills",
    "fin.resets-text-across-it",
    "window.right-edge-is-inside",
    "fin-wait-2.resets-syn",
    "fin-wait-2.takes-any-rst",
    "fin-wait-2.answers-rst",
    "fin-wait-2.ignores-bad-ack",
    "syn-received.takes-ack-of-iss",
    "syn-received.refuses-echo-of-ack",
    "fin.what-follows-is-counted",
    "time-wait.window-wraps",
    "open.dies-of-soft-error",
    "fast-retransmit.after-a-time-out",
    "recovery.ends-at-a-partial-ack",
    "rto.averages-from-zero",
    "timestamps.missing-is-taken",
    "recovery.halves-cwnd",
    "fast-retransmit.new-seq-is-no-duplicate",
    "nagle.off-with-a-full-buffer",
    "timestamps.not-on-a-rst",
    "window.stands-while-its-edge-moves",
    "fast-retransmit.needs-four-in-flight",
    "urgent.pointer-copied",
    "sack.duplicate-named-by-each-piece",
    "fin-wait-1.drops-text-with-ack-of-fin",
    "text.cut-when-queued",
    "sack.old-blocks-beside-a-fin",
    "timestamps.not-beside-an-echo-of-zero",
    "fin.lost-with-a-resend",
    "ack.answers-at-a-closed-window",
};

}  // namespace

std::string_view Name(Quirk quirk) {
  const auto index = static_cast<size_t>(quirk);
  ASSAY_CHECK(index < kNames.size());
  return kNames[index];
}

std::optional<Quirk> QuirkNamed(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Quirk>(i);
  }
  return std::nullopt;
}

}  // namespace assay::observer
