// Reporting: what SACK blocks and emissions tell of a stack's scoreboard. It fills in Reports
// (reports.h).

#ifndef ASSAY_HARNESS_OBSERVER_REPORTING_H_
#define ASSAY_HARNESS_OBSERVER_REPORTING_H_

#include "harness/observer/emission.h"
#include "harness/observer/facts.h"
#include "harness/observer/offset.h"
#include "harness/observer/segment_seen.h"

namespace assay::observer {

// Blocks with an ACK of nothing that was never sent. `sure`: the segment is taken, whatever else.
void NoteReports(const SegmentSeen& segment, Offset ack, Range una, bool sure, Facts& facts);
// SND.UNA surely moved on, to `una`.
void NoteReportsBelow(Offset una, Facts& facts);
// Before SND.MAX is moved.
void NoteResent(Facts& facts, const Emission& emission, Range una);

// True if all that SACK told the stack is known, and nothing but it is why text is sent again.
bool ReportsAreKnown(const Facts& facts, Offset una);

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_REPORTING_H_
