// Generated events and scenarios: random, weighted towards what reaches far.

#ifndef ASSAY_HARNESS_SCENARIO_GENERATE_H_
#define ASSAY_HARNESS_SCENARIO_GENERATE_H_

#include <cstddef>
#include <cstdint>

#include "harness/scenario/event.h"
#include "stack/base/prng.h"

namespace assay::scenario {

// A segment in 10 of 16 cases, a call in 3, time in 2, a fault in 1; its fields drawn from the
// words.
Event GenerateEvent(Prng& prng);
// One that this kind of event can have.
Twist GenerateTwist(EventKind kind, Prng& prng);

// Events that belong together: a handshake, a close, data out of order, time twice, a loss.
using Phrase = BoundedVector<Event, 8>;
Phrase GeneratePhrase(Prng& prng);

// A header and `events` events, at most kMostEvents: phrases and single events mixed.
Scenario GenerateScenario(Prng& prng, size_t events);

// The random scenario of this number, of 4 to 23 events: the same everywhere.
Scenario RandomScenario(uint64_t seed);

}  // namespace assay::scenario

#endif  // ASSAY_HARNESS_SCENARIO_GENERATE_H_
