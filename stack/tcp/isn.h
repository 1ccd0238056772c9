// What a connection takes from a keyed hash of its four-tuple: initial sequence numbers by RFC 6528
// (with a clock of 4 us), the offset of its timestamp clock, and where the search for a port
// begins.

#ifndef ASSAY_STACK_TCP_ISN_H_
#define ASSAY_STACK_TCP_ISN_H_

#include "stack/base/siphash.h"
#include "stack/base/time.h"
#include "stack/wire/ip_address.h"
#include "stack/wire/seq_num.h"

namespace assay::tcp {

wire::SndSeq InitialSequenceNumber(const SipHashKey& key, const wire::Endpoint& local,
                                   const wire::Endpoint& remote, Instant now);

// The same for each incarnation of a four-tuple, so that the timestamps of one follow those of the
// other (RFC 7323, 7; RFC 6191, 2).
uint32_t TimestampOffset(const SipHashKey& key, const wire::Endpoint& local,
                         const wire::Endpoint& remote);

// RFC 6056, 3.3.3: a counter that begins elsewhere for each remote end.
uint32_t PortOffset(const SipHashKey& key, const wire::IpAddress& local,
                    const wire::Endpoint& remote);

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_ISN_H_
