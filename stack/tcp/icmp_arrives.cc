#include "stack/tcp/icmp_arrives.h"

#include <algorithm>

#include "stack/tcp/connection.h"
#include "stack/tcp/output.h"

namespace assay::tcp {
namespace {

using spec::State;
using wire::IcmpKind;

// Destination Unreachable, codes 2 and 3 (4 is kPacketTooBig); in ICMPv6, 1 and 4.
bool IsHard(IcmpKind kind) {
  return kind == IcmpKind::kProtocolUnreachable || kind == IcmpKind::kPortUnreachable ||
         kind == IcmpKind::kProhibited;
}

// RFC 5927, 4.1: SND.UNA =< SEG.SEQ < SND.NXT.
bool WasInFlight(const Tcb& tcb, SndSeq seq) {
  return InWindow(seq, tcb.snd.una, Distance(tcb.snd.una, tcb.snd.nxt));
}

void End(Tcb& tcb, const Policy& policy, Effects& out) {
  if (tcb.state == State::kSynReceived && tcb.origin == Origin::kPassive) {
    ReturnToListen(tcb, policy, out);
  } else {
    DeleteAndFlush(tcb, Signal::kUnreachable, out);
  }
}

// One message makes at most one segment go again, and only if it lowers the path MTU.
void LowerPathMtu(Tcb& tcb, const Policy& policy, uint32_t mtu, Instant now, Effects& out) {
  const bool v4 = tcb.family == wire::IpFamily::kIpv4;
  //= 1191:3
  if (mtu < LeastMtu(tcb.family)) return;
  if (v4) mtu = std::max(mtu, policy.path_mtu_floor);
  const auto mss = static_cast<uint16_t>(std::min<uint32_t>(mtu - HeadersOf(tcb.family), 0xffff));
  if (mss >= tcb.snd.path_mss) return;
  tcb.snd.path_mss = mss;
  const uint16_t effective = EffectiveMss(tcb, mss);
  if (effective >= tcb.snd.mss) return;
  tcb.snd.mss = effective;
  const bool sent =
      spec::IsSynchronized(tcb.state) && !tcb.snd.syn_outstanding && tcb.snd.una != tcb.snd.nxt;
  if (!sent || tcb.snd.wnd == 0) return;
  tcb.rtt.running = false;
  SendOldest(tcb, policy, now, out);
  tcb.snd.held = true;
}

}  // namespace

//= MUST-54
void IcmpArrives(Tcb& tcb, const Policy& policy, const IcmpArrived& icmp, Instant now,
                 Effects& out) {
  //= MUST-55
  //= 6633:3
  if (icmp.kind == IcmpKind::kSourceQuench) return;
  if (tcb.state == State::kClosed || tcb.state == State::kListen || tcb.state == State::kTimeWait) {
    return;
  }
  //= 5927:4.1
  if (policy.icmp_checks_sequence && !WasInFlight(tcb, icmp.seq)) return;
  const bool opening = tcb.state == State::kSynSent || tcb.state == State::kSynReceived;
  if (icmp.kind == IcmpKind::kPacketTooBig) {
    //= 7323:5.7
    if (policy.path_mtu_discovery) LowerPathMtu(tcb, policy, icmp.mtu, now, out);
  } else if (IsHard(icmp.kind) && (opening || policy.hard_errors_abort)) {
    //= SHLD-26
    //= RFC1122-3.2.2.1-1
    End(tcb, policy, out);
  } else if (opening && policy.soft_errors_end_opening) {
    //= 5461:4
    End(tcb, policy, out);
  } else {
    //= MUST-56
    //= SHLD-25
    tcb.soft_error = icmp.kind;
    if (tcb.reports_errors) out.signals.push_back(Signal::kSoftError);
  }
  if (tcb.state != State::kClosed && tcb.state != State::kListen) Output(tcb, policy, now, out);
}

}  // namespace assay::tcp
