#include "stack/tcp/step.h"

#include "stack/tcp/icmp_arrives.h"
#include "stack/tcp/keep_alive.h"
#include "stack/tcp/segment_arrives.h"
#include "stack/tcp/timeouts.h"
#include "stack/tcp/user_calls.h"

namespace assay::tcp {

void Step(Tcb& tcb, const Policy& policy, const Event& event, Instant now, Effects& out) {
  out.clear();
  if (const auto* arrived = std::get_if<SegmentArrived>(&event)) {
    SegmentArrives(tcb, policy, *arrived, now, out);
    CompleteReceive(tcb, policy, now, out);
  } else if (std::holds_alternative<TimePassed>(event)) {
    TimersFire(tcb, policy, now, out);
  } else if (const auto* open = std::get_if<Open>(&event)) {
    OpenCall(tcb, policy, *open, now, out);
  } else if (const auto* send = std::get_if<Send>(&event)) {
    SendCall(tcb, policy, *send, now, out);
  } else if (const auto* receive = std::get_if<Receive>(&event)) {
    ReceiveCall(tcb, policy, *receive, now, out);
  } else if (const auto* close = std::get_if<Close>(&event)) {
    CloseCall(tcb, policy, *close, now, out);
  } else if (std::holds_alternative<Abort>(event)) {
    AbortCall(tcb, now, out);
  } else if (const auto* nagle = std::get_if<SetNagle>(&event)) {
    SetNagleCall(tcb, policy, *nagle, now, out);
  } else if (const auto* limit = std::get_if<SetUserTimeout>(&event)) {
    tcb.user_timeout = limit->timeout;
  } else if (std::holds_alternative<Flush>(event)) {
    FlushCall(tcb, policy, now, out);
  } else if (const auto* keep_alive = std::get_if<SetKeepAlive>(&event)) {
    SetKeepAliveCall(tcb, policy, *keep_alive, now);
  } else if (const auto* reports = std::get_if<SetErrorReports>(&event)) {
    tcb.reports_errors = reports->on == Flag::kYes;
  } else if (const auto* icmp = std::get_if<IcmpArrived>(&event)) {
    IcmpArrives(tcb, policy, *icmp, now, out);
  }
}

}  // namespace assay::tcp
