#include "harness/observer/hypothesis.h"

#include <algorithm>

namespace assay::observer {
namespace {

Debt Weaker(const Debt& a, const Debt& b) {
  if (!a.owed() || !b.owed()) return {};
  Debt weaker = a.deadline >= b.deadline ? a : b;
  weaker.value = std::min(a.value, b.value);
  return weaker;
}

// The same where one may be empty.
Range HullOfAny(const Range& a, const Range& b) {
  if (a.empty()) return b;
  return b.empty() ? a : Hull(a, b);
}

}  // namespace

void OweReset(Hypothesis& h, Instant deadline, Reason reason) {
  h.aborting = true;
  h.rst_in_flight = true;
  h.ack = h.syn = {};
  h.rst = {deadline, 0, reason};
}

Hypothesis Join(const Hypothesis& a, const Hypothesis& b) {
  Hypothesis out = a;
  out.rcv_nxt = Hull(a.rcv_nxt, b.rcv_nxt);
  out.snd_una = Hull(a.snd_una, b.snd_una);
  out.ack = Weaker(a.ack, b.ack);
  out.rst = Weaker(a.rst, b.rst);
  out.syn = Weaker(a.syn, b.syn);
  out.rst_any = a.rst_any || b.rst_any;
  for (const AllowedRst& form : b.rst_forms) {
    const bool there = std::ranges::find(out.rst_forms, form) != out.rst_forms.end();
    if (!there && !out.rst_forms.TryPush(form)) out.rst_any = true;
  }
  out.rst_in_flight = a.rst_in_flight || b.rst_in_flight;
  out.rst_or_ack = a.rst_or_ack || b.rst_or_ack;
  out.aborting = a.aborting && b.aborting;
  out.app_gone = a.app_gone || b.app_gone;
  out.earlier_ack = HullOfAny(a.earlier_ack, b.earlier_ack);
  out.before_text = HullOfAny(a.before_text, b.before_text);
  if (a.hole != b.hole) out.hole = kSomewhere;
  out.ack_permits = std::max(a.ack_permits, b.ack_permits);
  out.syn_permits = std::max(a.syn_permits, b.syn_permits);
  out.permits_until = std::max(a.permits_until, b.permits_until);
  out.time_wait_since = std::min(a.time_wait_since, b.time_wait_since);
  out.time_wait_latest = std::max(a.time_wait_latest, b.time_wait_latest);
  out.since = std::min(a.since, b.since);
  out.origin = static_cast<uint8_t>(a.origin | b.origin);
  out.quirks = a.quirks | b.quirks;
  return out;
}

void Beliefs::Put(size_t lane, size_t incarnation, spec::State state,
                  const Hypothesis& hypothesis) {
  Hypothesis& slot = At(lane, incarnation, state);
  if (Live(lane, incarnation, state)) {
    slot = Join(slot, hypothesis);
  } else {
    slot = hypothesis;
  }
  live_ |= uint64_t{1} << BitOf(lane, incarnation, state);
}

void Beliefs::Promote() {
  live_ &= ~uint64_t{0} << FirstBit(1, 0);
  ForEach([this](size_t, size_t inc, spec::State state, const Hypothesis& h) {
    Hypothesis moved = h;
    moved.quirks = QuirkSet();
    Put(0, inc, state, moved);
  });
  live_ &= ~(~uint64_t{0} << FirstBit(1, 0));
}

}  // namespace assay::observer
