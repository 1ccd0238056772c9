// Mutation by meaning: a change to a scenario is a change to one of its events.

#ifndef ASSAY_HARNESS_SCENARIO_MUTATE_H_
#define ASSAY_HARNESS_SCENARIO_MUTATE_H_

#include "harness/scenario/event.h"
#include "stack/base/prng.h"

namespace assay::scenario {

// One to six changes, each further one half as likely: a field of an event, an event inserted,
// deleted, repeated, replaced, swapped with its neighbour, a phrase inserted, a word of the header,
// the tail cut. At most `most_events` events come out.
void Mutate(Scenario& scenario, size_t most_events, Prng& prng);

// A head of `a`, a run of `b`, sometimes the rest of `a`; never longer than the longer of the two.
Scenario CrossOver(const Scenario& a, const Scenario& b, Prng& prng);

}  // namespace assay::scenario

#endif  // ASSAY_HARNESS_SCENARIO_MUTATE_H_
