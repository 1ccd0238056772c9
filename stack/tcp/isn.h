// Initial sequence numbers by RFC 6528: a clock of 4 us plus a keyed hash of the four-tuple.

#ifndef ASSAY_STACK_TCP_ISN_H_
#define ASSAY_STACK_TCP_ISN_H_

#include "stack/base/siphash.h"
#include "stack/base/time.h"
#include "stack/wire/ip_address.h"
#include "stack/wire/seq_num.h"

namespace assay::tcp {

wire::SndSeq InitialSequenceNumber(const SipHashKey& key, const wire::Endpoint& local,
                                   const wire::Endpoint& remote, Instant now);

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_ISN_H_
