// Invariants: what holds of every TCB between two steps, each with a name.
//
// They are data, written down apart from the code that keeps them, and are checked after every step
// in tests and fuzzers. They say what is true of one connection by itself; what its peer may
// conclude is the oracle's.

#ifndef ASSAY_STACK_TCP_INVARIANTS_H_
#define ASSAY_STACK_TCP_INVARIANTS_H_

#include <span>
#include <string_view>

#include "stack/base/bounded_vector.h"
#include "stack/tcp/tcb.h"

namespace assay::tcp {

struct Invariant {
  std::string_view name;
  bool (*holds)(const Tcb&);
};

std::span<const Invariant> Invariants();

using InvariantNames = BoundedVector<std::string_view, 48>;

// The names of those that do not hold.
InvariantNames CheckInvariants(const Tcb& tcb);

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_INVARIANTS_H_
