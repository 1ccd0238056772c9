// How lwIP was built: what differs between the source that we compile and Debian's shared library.
//
// The shim is the same for both. A port brings the stack up, gives it a clock and ISNs, and takes
// it back to where it began.

#ifndef ASSAY_HARNESS_ADAPTERS_LWIP_LWIP_PORT_H_
#define ASSAY_HARNESS_ADAPTERS_LWIP_LWIP_PORT_H_

#include <cstdint>

#include "lwip/ip_addr.h"

namespace assay::lwip {

// Reset restores every octet of the stack.
extern const bool kExactReset;

// lwIP as it is right after lwip_init, with no interface, no connection and no timer running. The
// clock must stand at 0. What an earlier connection leaves behind is the port's to say
// (kExactReset).
void StartAfresh();

// What the ports' hooks ask of the shim.
uint32_t ClockMs();
uint32_t NextIss(const ip_addr_t& local, uint16_t local_port, const ip_addr_t& remote,
                 uint16_t remote_port);
uint32_t NextRandom();
// Ends the call into the stack that is under way.
[[noreturn]] void AssertionFailed(const char* what, const char* file, int line);

}  // namespace assay::lwip

#endif  // ASSAY_HARNESS_ADAPTERS_LWIP_LWIP_PORT_H_
