// The legal transitions between states, as data: Figure 5 of RFC 9293 with its notes and errata.
//
// This table is written down apart from the code that makes the transitions, so that the one can be
// checked against the other. It knows which changes of state exist and what can cause them; what a
// segment must look like to cause one is in stack/tcp, and what an outsider concludes from one is
// in harness/observer.

#ifndef ASSAY_STACK_SPEC_TRANSITION_H_
#define ASSAY_STACK_SPEC_TRANSITION_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "stack/spec/state.h"

namespace assay::spec {

enum class Cause : uint8_t {
  kPassiveOpen,
  kActiveOpen,
  kSend,  // SEND on a LISTEN that names a remote (3.10.2)
  kClose,
  kAbort,
  kSegment,  // SEGMENT ARRIVES, other than a RST
  kReset,    // a RST arrives
  kTimeout,  // user, retransmission or TIME-WAIT time-out
};

std::string_view Name(Cause cause);

struct Transition {
  State from;
  State to;
  Cause cause;
  std::string_view section;  // of RFC 9293 unless it names another
};

// Every change of state that one event can make. An event may pass through several (a segment that
// acknowledges a SYN and carries a FIN); IsLegalPath knows.
std::span<const Transition> Transitions();

// True if some event that `cause` names changes `from` to `to`, passing through other states where
// one segment or call does several things; staying where one is is always legal.
bool IsLegal(State from, State to, Cause cause);

// The same for a cause that is not known.
bool IsLegal(State from, State to);

}  // namespace assay::spec

#endif  // ASSAY_STACK_SPEC_TRANSITION_H_
