// Reassembly: which octets ahead of RCV.NXT have arrived, as ranges.
//
// The octets themselves lie in the receive buffer at their stream offsets. A range that finds no
// place any more is refused, which is as if its segment had been lost.

#ifndef ASSAY_STACK_TCP_REASSEMBLY_H_
#define ASSAY_STACK_TCP_REASSEMBLY_H_

#include "stack/tcp/tcb.h"
#include "stack/wire/options.h"

namespace assay::tcp {

// Notes that `size` octets from `left`, ahead of RCV.NXT and inside the window, are held. False if
// there is no room to note it.
bool Hold(Tcb& tcb, RcvSeq left, uint32_t size);
// RCV.NXT moves over what is held next to it.
void TakeHeld(Tcb& tcb);
// What is held, as an ACK reports it (RFC 2018, 4): the range that grew last first, `most` at most.
BoundedVector<wire::SackBlock, 4> NewestHeld(const Tcb& tcb, size_t most);
// Forgets what is held from `edge` on.
void DropHeldFrom(Tcb& tcb, RcvSeq edge);

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_REASSEMBLY_H_
