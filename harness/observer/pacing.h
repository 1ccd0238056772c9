// Pacing: what ACKs and emissions tell of a stack's timers, its congestion window and the size of
// its segments, and how long it may be silent. It fills in Pace (pace.h).

#ifndef ASSAY_HARNESS_OBSERVER_PACING_H_
#define ASSAY_HARNESS_OBSERVER_PACING_H_

#include "harness/observer/emission.h"
#include "harness/observer/facts.h"
#include "harness/observer/profile.h"
#include "harness/observer/segment_seen.h"
#include "stack/base/time.h"
#include "stack/spec/state.h"

namespace assay::observer {

// What an ACK may do to the congestion window, and what it says of losses (RFC 5681, 2 and 3.1).
// `before`: the highest ACK so far. `sure`: the segment is taken, whatever else.
void NoteAck(const SegmentSeen& segment, Offset ack, Offset before, bool same_window, bool sure,
             const Profile& profile, Facts& facts);
// What the segment says of the stack's timers and of the size of its segments. Before SND.MAX is
// moved.
void NotePace(Facts& facts, const Emission& emission, const Profile& profile);

// True for what the retransmission timer sends; for a probe of a window that is surely closed; for
// text that is surely less than a full segment.
bool IsTimedResend(const Facts& facts, const Emission& emission);
// The same where it surely counts as a time-out: with a quirk an octet may probe a window that
// nobody closed.
bool IsTimeOut(const Facts& facts, const Emission& e);
// The head of what is unacknowledged, at an instant at which its timer may fire for the first time
// although a stimulus is open: one of another connection's, or a call's.
bool MayBeTimed(const Facts& facts, const Profile& profile, const Emission& emission);
bool IsProbe(const Facts& facts, const Emission& emission);
bool IsSmall(const Facts& facts, const Profile& profile, const Emission& emission);
// And so little that it is silly. What was cut for the default MSS before the handshake is not.
bool IsSilly(const Facts& facts, const Emission& emission);

// The retransmission gives up no earlier than this after the first sending (R2).
Duration GiveUpAfter(spec::State state, const Profile& profile);

// The longest that a stack with something to send may stay silent.
Duration LongestSilence(const Facts& facts, const Profile& profile);
// The same with quirks of the retransmission timer: a round trip measured wrong, a back-off that
// the SYN's resends began.
Duration LongestSilence(const Facts& facts, const Profile& profile, QuirkSet quirks);

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_PACING_H_
