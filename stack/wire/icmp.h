// ICMP errors about TCP segments, as far as a TCP needs them (RFC 792; RFC 4443).
//
// An error quotes the packet that caused it: its IP header, and at least the first eight octets of
// the segment. Decoding is total; what is not an error about a TCP segment, or is too short to say
// about which, is none. Whether the quoted segment was ever sent is for others to find out.

#ifndef ASSAY_STACK_WIRE_ICMP_H_
#define ASSAY_STACK_WIRE_ICMP_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "stack/wire/ip_address.h"
#include "stack/wire/octets.h"
#include "stack/wire/packet.h"

namespace assay::wire {

inline constexpr uint8_t kProtocolIcmp = 1;
inline constexpr uint8_t kProtocolIcmpV6 = 58;

enum class IcmpKind : uint8_t {
  kNetUnreachable,       // v4: 0 and others of the net; v6: no route
  kHostUnreachable,      // v4: 1 and all that is not named here; v6: address unreachable
  kProtocolUnreachable,  // v4: 2
  kPortUnreachable,
  kProhibited,         // v6: administratively
  kSourceRouteFailed,  // v4: 5
  kPacketTooBig,       // v4: fragmentation needed and DF set
  kTimeExceeded,
  kParameterProblem,
  kSourceQuench,  // v4
};

std::string_view Name(IcmpKind kind);

struct IcmpError {
  IcmpKind kind = IcmpKind::kHostUnreachable;
  uint32_t mtu = 0;  // of the next hop, in kPacketTooBig; never 0 there
  Endpoint source;   // of the quoted segment: this end
  Endpoint destination;
  uint32_t seq = 0;
};

// `packet` as DecodePacket() gave it, with the error kNotTcp.
std::optional<IcmpError> DecodeIcmpError(const Packet& packet);

// The largest MTU in use below `size` (RFC 1191, 7): the guess for routers that say none.
uint32_t PlateauBelow(uint32_t size);

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_ICMP_H_
