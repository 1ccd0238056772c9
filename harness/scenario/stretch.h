// Stretch: events in a row that lead to what single ones seldom reach: an idle connection, a full
// receive buffer, a round trip that was measured, TIME-WAIT as it begins anew.

#ifndef ASSAY_HARNESS_SCENARIO_STRETCH_H_
#define ASSAY_HARNESS_SCENARIO_STRETCH_H_

#include "harness/scenario/event.h"
#include "stack/base/prng.h"

namespace assay::scenario {

using Stretch = BoundedVector<Event, 16>;

// One of them, for a connection that is open, or that `header` opens; it changes what else it needs
// in the header.
Stretch GenerateStretch(Header& header, Prng& prng);

}  // namespace assay::scenario

#endif  // ASSAY_HARNESS_SCENARIO_STRETCH_H_
