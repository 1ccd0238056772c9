// Congesting: what ACKs and emissions tell of a stack's congestion window. It fills in Congestion
// (congestion.h).

#ifndef ASSAY_HARNESS_OBSERVER_CONGESTING_H_
#define ASSAY_HARNESS_OBSERVER_CONGESTING_H_

#include "harness/observer/emission.h"
#include "harness/observer/facts.h"
#include "harness/observer/offset.h"
#include "harness/observer/profile.h"
#include "harness/observer/segment_seen.h"

namespace assay::observer {

// The most that a full segment of the stack's may hold.
Offset LargestSegment(const Facts& facts, const Profile& profile);

// Once text was sent: an ACK of nothing that was never sent. `una`: what SND.UNA may have been
// before it. `sure`: the segment is taken, whatever else.
void NoteCongestionAck(const SegmentSeen& segment, Offset ack, Range una, bool same_window,
                       bool sure, const Profile& profile, Facts& facts);
// The segment surely moved SND.UNA on by `octets`, to `una`.
void NoteProgress(const SegmentSeen& segment, Offset una, Offset octets, const Profile& profile,
                  Facts& facts);
// Before SND.MAX is moved, and before NotePace.
void NoteCongestion(Facts& facts, const Emission& emission, Range una, const Profile& profile);

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_CONGESTING_H_
