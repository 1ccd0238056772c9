#include "harness/report/numbering.h"

#include <algorithm>

namespace assay::report {
namespace {

void SeeSent(Direction& direction, const wire::Header& header) {
  if (header.syn() && !direction.has_iss) {
    direction = {.has_iss = true, .has_base = true, .base = header.seq};
  } else if (!direction.has_base) {
    direction = {.has_iss = false, .has_base = true, .base = header.seq - 1};
  }
}

void SeeAcknowledged(Direction& direction, const wire::Header& header) {
  if (!header.has_ack() || direction.has_base) return;
  direction = {.has_iss = false, .has_base = true, .base = header.ack - 1};
}

}  // namespace

Numbering::Numbering(const observer::Trace& trace) {
  for (const observer::TraceEvent& event : trace.events()) {
    of_event_.emplace_back();
    const bool to_stack = event.kind == observer::TraceKind::kToStack;
    if (!to_stack && event.kind != observer::TraceKind::kFromStack) continue;
    const wire::Packet packet = wire::DecodePacket(trace.packet(event));
    if (packet.error != wire::PacketError::kNone) continue;
    const std::optional<wire::Header> header = wire::DecodeHeader(packet.payload);
    if (!header.has_value()) continue;

    wire::Endpoint tester{packet.source, header->source_port};
    wire::Endpoint stack{packet.destination, header->destination_port};
    if (!to_stack) std::swap(tester, stack);
    auto it = std::ranges::find_if(
        connections_, [&](const Connection& c) { return c.tester == tester && c.stack == stack; });
    if (it == connections_.end()) {
      it = connections_.insert(it, Connection{tester, stack, {}, {}});
    }
    of_event_.back() = static_cast<size_t>(it - connections_.begin());
    SeeSent(to_stack ? it->from_tester : it->from_stack, *header);
    SeeAcknowledged(to_stack ? it->from_stack : it->from_tester, *header);
  }
}

}  // namespace assay::report
