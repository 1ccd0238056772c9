#include "stack/tcp/keep_alive.h"

#include <algorithm>

#include "stack/tcp/connection.h"
#include "stack/tcp/output.h"

namespace assay::tcp {
namespace {

using spec::State;

// A user may ask for any interval: 49 days are as good as for ever.
constexpr Duration kTick = Duration::Milliseconds(1);
constexpr Duration kLongestIdle = Duration::Milliseconds(UINT32_MAX);

Duration IdleTime(const Tcb& tcb, const Policy& policy) {
  //= MUST-27
  if (tcb.keep_alive.idle_ms > 0) return Duration::Milliseconds(tcb.keep_alive.idle_ms);
  //= MUST-28
  return policy.keep_alive_idle;
}

}  // namespace

//= MUST-24
void SetKeepAliveCall(Tcb& tcb, const Policy& policy, const SetKeepAlive& call, Instant now) {
  tcb.keep_alive.on = call.on == Flag::kYes;
  const Duration idle = std::clamp(call.idle, Duration(), kLongestIdle);
  tcb.keep_alive.idle_ms = static_cast<uint32_t>((idle.ns() + kTick.ns() - 1) / kTick.ns());
  HeardFromPeer(tcb);
  ArrangeKeepAlive(tcb, policy, now);
}

bool IsIdle(const Tcb& tcb) {
  const bool open = tcb.state == State::kEstablished || tcb.state == State::kCloseWait ||
                    tcb.state == State::kFinWait2;
  return open && tcb.snd.una == tcb.snd.nxt &&
         tcb.snd.nxt == tcb.snd.end + uint32_t{tcb.snd.fin_queued};
}

void HeardFromPeer(Tcb& tcb) {
  tcb.keep_alive.probes = 0;
  tcb.timer.keep_alive = kNever;
}

void ArrangeKeepAlive(Tcb& tcb, const Policy& policy, Instant now) {
  //= MUST-25
  //= MUST-26
  if (!tcb.keep_alive.on || !IsIdle(tcb)) {
    HeardFromPeer(tcb);
  } else if (tcb.timer.keep_alive == kNever) {
    tcb.timer.keep_alive = now + IdleTime(tcb, policy);
  }
}

void KeepAliveFires(Tcb& tcb, const Policy& policy, Instant now, Effects& out) {
  tcb.timer.keep_alive = kNever;
  // ACKs without text are not sent again if they are lost: one probe without an answer says little.
  //= MUST-29
  if (tcb.keep_alive.probes >= std::max<uint8_t>(policy.keep_alive_probes, 2)) {
    TellQueued(tcb, Answer::kTimedOut, out);
    out.signals.push_back(Signal::kTimedOut);
    Delete(tcb, out);
    return;
  }
  ++tcb.keep_alive.probes;
  //= MAY-5
  SendKeepAlive(tcb, policy, now, out);
  tcb.timer.keep_alive = now + policy.keep_alive_interval;
}

}  // namespace assay::tcp
