// The canary: a stack with one bug, which must always be caught. A run of it that finds nothing
// shows that the alarm does not ring.

#include "fuzz/sequence.h"
#include "harness/adapters/stacks.h"
#include "harness/sut/tampered_stack.h"
#include "stack/base/check.h"
#include "stack/wire/packet.h"

namespace {

// Acknowledges octets that were never sent, at a window that has moved: some way into a connection.
// They lie beyond any text that a SYN left behind, which an ACK might mean otherwise.
size_t AcknowledgeTooMuch(assay::wire::MutableOctets out, size_t size) {
  namespace wire = assay::wire;
  const wire::Packet packet = wire::DecodePacket(out.first(size));
  const auto header = wire::DecodeHeader(packet.payload);
  if (!header.has_value() || header->control != wire::kAck || header->window > 64'000) return size;
  const wire::MutableOctets segment =
      out.subspan(size - packet.payload.size(), packet.payload.size());
  wire::OctetWriter(segment.subspan(8)).U32(header->ack + 100'000);
  wire::SealTcp(packet.source, packet.destination, segment);
  return size;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto stack = assay::adapters::OpenStack("reference", "");
  ASSAY_CHECK(stack.ok());
  static assay::sut::TamperedStack tampered(std::move(stack->stack), AcknowledgeTooMuch);
  static assay::fuzz::SequenceTarget target(tampered, stack->profile, "canary");
  return target.Run(data, size);
}
