#include "harness/observer/arrival_parts.h"

#include <algorithm>

namespace assay::observer {
namespace {

using spec::State;

}  // namespace

void Permit(Hypothesis& h, const Arrival& a, uint8_t acks) {
  h.ack_permits = static_cast<uint8_t>(std::min(3, h.ack_permits + acks));
  h.permits_until = a.deadline();
}

void Owe(Hypothesis& h, const Arrival& a, Reason reason) {
  if (a.profile.throttle > Duration() && reason != Reason::kData &&
      a.seg.at - a.facts.last_answer < a.profile.throttle) {
    return;
  }
  if (h.ack.owed()) return;
  h.ack = {a.deadline(), h.rcv_nxt.lo, reason};
}

AllowedRst Formula(const Arrival& a) {
  const uint32_t end = a.seg.header.seq + a.seg.len();
  if (a.has_ack()) return {a.seg.header.ack, end, false};
  return {0, end, true};
}

void AllowRst(Hypothesis& h, const AllowedRst& form) {
  if (!h.rst_forms.TryPush(form)) h.rst_any = true;
}

void OweRst(Hypothesis& h, const Arrival& a, Reason reason) {
  AllowRst(h, Formula(a));
  h.rst = {a.soon(), 0, reason};
}

void PutResetCountingOnce(State state, const Hypothesis& before, const Arrival& a) {
  const wire::Header& header = a.seg.header;
  if (!header.syn() || !header.fin() || !a.profile.quirks.Has(Quirk::kResetCountsSynFinOnce)) {
    return;
  }
  Hypothesis quirky = before;
  AllowedRst form = Formula(a);
  --form.ack;
  AllowRst(quirky, form);
  a.out.PutQuirk(state, quirky, Quirk::kResetCountsSynFinOnce);
}

void Die(const Hypothesis& h, const Arrival& a) {
  Hypothesis dead = h;
  dead.ack = dead.rst = dead.syn = {};
  dead.ack_permits = dead.syn_permits = 0;
  dead.since = a.seg.at;
  a.out.Put(a.out.nobody, dead);
}

}  // namespace assay::observer
