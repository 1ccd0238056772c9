#include "harness/observer/trace.h"

#include "stack/base/check.h"

namespace assay::observer {

std::string_view Name(Call call) {
  switch (call) {
    case Call::kListen:
      return "listen";
    case Call::kConnect:
      return "connect";
    case Call::kAccept:
      return "accept";
    case Call::kSend:
      return "send";
    case Call::kReceive:
      return "recv";
    case Call::kShutdown:
      return "shutdown";
    case Call::kClose:
      return "close";
    case Call::kAbort:
      return "abort";
  }
  CheckFailed(__FILE__, __LINE__, "a Call");
}

void Trace::Clear() {
  events_.clear();
  octets_.clear();
}

void Trace::AddPacket(TraceKind kind, Instant at, wire::Octets packet, Fate fate) {
  TraceEvent event;
  event.kind = kind;
  event.fate = fate;
  event.at = at;
  event.octets_at = octets_.size();
  event.octets_size = packet.size();
  octets_.insert(octets_.end(), packet.begin(), packet.end());
  events_.push_back(event);
}

void Trace::AddCall(Instant at, Call call, int32_t handle, sut::CallError error, uint64_t count) {
  TraceEvent event;
  event.kind = TraceKind::kCall;
  event.at = at;
  event.call = call;
  event.handle = handle;
  event.error = error;
  event.count = count;
  events_.push_back(event);
}

void Trace::AddTime(Instant at, Duration elapsed) {
  TraceEvent event;
  event.kind = TraceKind::kTime;
  event.at = at;
  event.elapsed = elapsed;
  events_.push_back(event);
}

uint64_t Trace::digest() const {
  Digest digest;
  for (const TraceEvent& event : events_) {
    digest.Add(static_cast<uint64_t>(event.kind) | static_cast<uint64_t>(event.fate) << 8 |
               static_cast<uint64_t>(event.call) << 16 |
               static_cast<uint64_t>(event.by_tester) << 24);
    digest.Add(static_cast<uint64_t>(event.at.ns()));
    digest.Add(static_cast<uint64_t>(event.elapsed.ns()));
    digest.Add(static_cast<uint64_t>(static_cast<int64_t>(event.handle)));
    digest.Add(static_cast<uint64_t>(static_cast<int64_t>(event.error)));
    digest.Add(event.count);
    digest.Add(packet(event));
  }
  return digest.value();
}

}  // namespace assay::observer
