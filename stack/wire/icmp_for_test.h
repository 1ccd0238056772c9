// ICMP errors as a router would write them, for tests.

#ifndef ASSAY_STACK_WIRE_ICMP_FOR_TEST_H_
#define ASSAY_STACK_WIRE_ICMP_FOR_TEST_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "stack/wire/checksum.h"
#include "stack/wire/icmp.h"
#include "stack/wire/octets.h"
#include "stack/wire/packet.h"

namespace assay::wire {

// An error of that type and code from `router` about `about`, a whole packet, of which `quoted`
// octets are quoted. `rest`: the second word, where the MTU stands.
inline std::vector<std::byte> EncodeIcmpError(const IpAddress& router, uint8_t type, uint8_t code,
                                              uint32_t rest, Octets about, size_t quoted) {
  const Packet cause = DecodePacket(about);
  const bool v6 = router.family() == IpFamily::kIpv6;
  const Octets quote = about.first(std::min(quoted, about.size()));
  Packet packet;
  packet.source = router;
  packet.destination = cause.source;
  packet.protocol = v6 ? kProtocolIcmpV6 : kProtocolIcmp;
  const size_t size = 8 + quote.size();
  std::vector<std::byte> out(IpHeaderSize(router.family()) + size);
  const size_t ip_size = EncodeIpHeader(packet, size, out);
  OctetWriter writer(MutableOctets(out).subspan(ip_size));
  writer.U8(type);
  writer.U8(code);
  writer.U16(0);
  writer.U32(rest);
  writer.Copy(quote);
  uint64_t sum = OnesComplementSum(Octets(out).subspan(ip_size));
  if (v6) {
    sum += OnesComplementSum(packet.source.octets());
    sum += OnesComplementSum(packet.destination.octets());
    sum += size + kProtocolIcmpV6;
  }
  OctetWriter(MutableOctets(out).subspan(ip_size + 2)).U16(static_cast<uint16_t>(~FoldSum(sum)));
  return out;
}

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_ICMP_FOR_TEST_H_
