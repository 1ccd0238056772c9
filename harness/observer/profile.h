// Profile: the choices that a stack makes once, where the RFCs leave one; and its quirks.
//
// A profile is declared by the adapter and holds for a run. It widens nothing that the RFCs forbid:
// what a stack is known to get wrong is a Quirk, an extra transition of the observer under a name
// of its own, so that the observer keeps believing what the stack really does, and the deviation is
// reported each time that it alone explains what was seen.

#ifndef ASSAY_HARNESS_OBSERVER_PROFILE_H_
#define ASSAY_HARNESS_OBSERVER_PROFILE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "stack/base/index_set.h"
#include "stack/base/time.h"

namespace assay::observer {

enum class Quirk : uint8_t {
  kSynSentIgnoresSyn,            // a bare SYN in SYN-SENT is dropped
  kSynSentResetsBareAck,         // an acceptable ACK alone is answered with RST (and the SYN again)
  kSynSentAbortSendsRst,         // ABORT before anything was heard sends RST
  kSynSentTakesResetWithoutAck,  // RST without ACK kills if its ACK field fits
  kSynSentSendsData,             // data goes out before the handshake is over
  kSynReceivedSkipsSequence,     // an ACK anywhere in sequence space establishes
  kSynReceivedIgnoresSyn,        // a SYN in the window has no effect at all
  kSynReceivedDiesEarly,         // gives up a half-open connection long before R2
  kSynDiesEarly,                 // gives up an active open long before R2
  kAckBitNotTested,              // segments without ACK are taken as if they had it
  kTakesTextWithBadAck,          // text and FIN behind an ACK of what was never sent are taken
  kResetCountsSynFinOnce,        // SYN+FIN counts one octet in the ACK of a RST
  kResetIgnoresAckBit,           // the RST to a segment without ACK takes SEQ from its ACK field
  kFinWait2DiesEarly,            // lifetime of FIN-WAIT-2 runs from the last arrival
  kLastAckDiesEarly,             // lifetime of LAST-ACK runs from the last arrival
  kTimeWaitResetsSyn,            // a SYN in TIME-WAIT is answered with RST and TIME-WAIT stays
  kEarlyFin,                     // FIN on the first part of a split segment
  kMovedFin,                     // a FIN is acknowledged where none was sent
  kResetOnRightEdge,             // a RST on the right edge is challenged
  kAnswersTwice,                 // two ACKs for one arrival
  kAckLostBehindNagle,           // an ACK that is due waits for ever behind data that Nagle holds
  kAssertInsaneOffset,           // fails an assertion on text half a circle away
  kTimeWaitDiesEarly,            // lifetime of TIME-WAIT runs from the last arrival before it
  kQueuedDataStalls,             // data queued before a smaller MSS came is never sent
  kMssFromAnySegment,            // an MSS option counts on any segment
  kAssertBeyondWindow,           // fails an assertion on text that fills the window behind a gap
  kAssertMssTooSmall,            // fails an assertion when SEND follows a smaller MSS
  kAssertPersistWithoutData,     // fails an assertion when the persist timer has nothing to send
  kSynReceivedTakesSynAck,       // SYN,ACK in SYN-RECEIVED is taken as an ACK, its SYN as text
  kWindowFromBadAck,             // an ACK of what was never sent sets SND.WND
  kTakesTextBeyondWindow,        // text is kept untrimmed beyond the window, and taken later
  kSamplesAnyAck,                // any higher ACK ends an RTT sample, and a resend begins one
  kBackoffOutlivesSyn,           // the back-off of the SYN goes on for the data
  kAssertOversize,               // fails an assertion when SEND follows a smaller MSS, short data
  kAssertFinBeyondWindow,        // fails an assertion on a FIN that is moved behind a full window
  kStallsOnPartialAck,           // an ACK inside a segment, with a small window, ends all sending
  kAssertSplitBeyondMss,  // fails an assertion on a window between the MSS and what is queued
  kAssertNotTrimmed,      // fails an assertion on text before some that an octet too much overlaps
  kSynWithoutBackoff,     // the SYN is sent again and again after the same time
  kIgnoresSmallerWindow,  // a smaller window that comes with the same SEQ and ACK is not taken
  kInitialWindowAfterLoss,  // the congestion window begins as ever where SYNs were lost
  kAnswersInvalidSource,    // a segment from an address that can be nobody's is answered
  kKeepAliveDiesEarly,      // an idle connection is gone without a probe, with keep-alives on
  kIgnoresPacketTooBig,     // there is no path MTU discovery
  kResetLeftOfWindow,       // a RST left of the window is challenged if it reaches the last ACK
  kResetAtSackEdge,         // a RST where the highest SACK block ends kills
  kResetBehindFin,          // a RST in the place of the FIN that was taken kills
  kResetsTextAcrossFin,   // text from before a FIN that was taken to behind it is answered with RST
  kRightEdgeIsInside,     // a segment at the right edge passes the sequence test
  kFinWait2ResetsSyn,     // after CLOSE a SYN in FIN-WAIT-2 is answered with RST, or not at all
  kFinWait2TakesAnyRst,   // after CLOSE any RST in the window kills in FIN-WAIT-2
  kFinWait2AnswersReset,  // after CLOSE a RST outside of the window is answered in FIN-WAIT-2
  kFinWait2IgnoresAck,    // after CLOSE SEG.ACK is not looked at in FIN-WAIT-2
  kSynReceivedTakesIssAck,  // in a simultaneous open an ACK of the ISS establishes
  kSynReceivedRefusesEcho,  // in SYN-RECEIVED only a TSecr of the SYN,ACK counts, of no ACK since
  kTakesBehindFin,          // ahead of a gap text or a FIN right behind a FIN is kept, and counted
  kTimeWaitWindowWraps,     // TIME-WAIT offers the window modulo 2^16
  kOpenDiesOfSoftError,     // a soft ICMP error ends an active open
  kRecoversAfterTimeout,    // a time-out ends no recovery, and duplicates go on to count
  kEndsAtPartialAck,        // a partial ACK ends fast recovery, as before RFC 6582
  kAveragesFromZero,        // SRTT begins with an eighth of the first sample
  kTakesUnstamped,          // text without the timestamps that were agreed on is taken
  kHalvesCwnd,              // at a fast retransmit half of cwnd counts, not of what is in flight
  kNewSeqIsNoDuplicate,     // an ACK with a later SEQ than the last counts as a window update
  kSmallWhereFull,          // Nagle's algorithm is off while the send buffer is full
  kResetUnstamped,          // a RST in reply to a segment carries no timestamps
  kWindowStands,            // the window does not grow, and its edge moves with each small segment
  kNeedsFourInFlight,       // with fewer than four segments in flight nothing is sent again fast
  kUrgentCopied,            // pieces of a segment sent again carry the first one's urgent pointer
  kNamedByEachPiece,        // each segment of a burst names the duplicate that its first one names
  kFinWait1DropsText,       // after CLOSE old text with the ACK of the FIN is not answered
  kCutWhenQueued,           // text is cut by the largest window at SEND, and stays so
  kOldBlocksBesideFin,      // the ACK of a FIN behind a gap reports what it takes in as well
  kUnstampedAtZero,         // an ACK of SYN-RECEIVED or TIME-WAIT has no timestamps if TSecr is 0
  kFinLost,                // a FIN goes with the text it was put behind, and counts as acknowledged
  kAnswersAtClosedWindow,  // an ACK at RCV.NXT is answered where the window is closed
};
inline constexpr size_t kQuirkCount = 76;

// The name in known.tsv: "syn-sent.ignores-syn".
std::string_view Name(Quirk quirk);
std::optional<Quirk> QuirkNamed(std::string_view name);

class QuirkSet {
 public:
  constexpr QuirkSet() = default;
  constexpr void Add(Quirk q) { set_.Add(static_cast<size_t>(q)); }
  constexpr bool Has(Quirk q) const { return set_.Has(static_cast<size_t>(q)); }
  constexpr bool empty() const { return set_.empty(); }
  friend constexpr QuirkSet operator|(QuirkSet a, const QuirkSet& b) {
    a.set_ |= b.set_;
    return a;
  }
  friend constexpr bool operator==(const QuirkSet&, const QuirkSet&) = default;

 private:
  IndexSet<kQuirkCount> set_;
};

struct Profile {
  // RFC 5961, 3.2: a RST in the window but not at RCV.NXT is challenged; else it kills (RFC 793).
  bool challenges_reset = true;
  // RFC 5961, 4.2: a SYN in a synchronized state is challenged; else, in the window, it kills.
  bool challenges_syn = true;
  // Replies to invalid segments may be left out within this time of the last one (RFC 5961, 7).
  Duration throttle;
  // RFC 9293, 3.6.1: TIME-WAIT may be reopened by a SYN (MAY-2).
  bool reopens_time_wait = true;

  Duration tick;                                           // timers fire up to this much later
  Duration two_msl = Duration::Seconds(240);               // 3.4.2: MSL is 2 minutes
  Duration delayed_ack_max = Duration::Milliseconds(500);  // MUST-40
  Duration data_give_up = Duration::Seconds(100);          // SHLD-11: R2 is at least this
  Duration syn_give_up = Duration::Seconds(180);           // MUST-23
  // A connection that nobody will read from again may leave FIN-WAIT-2 after this (not in RFC
  // 9293).
  Duration fin_wait_2_limit = Duration::Seconds(60);
  uint32_t mss_floor = 0;                              // an MSS option below it is treated as this
  Duration rto_min = Duration::Seconds(1);             // RFC 6298, 2.4: a SHOULD
  Duration keep_alive_idle = Duration::Seconds(7200);  // MUST-28: at least 2 hours
  // RFC 5961, 5.2: an ACK far below SND.UNA is challenged (MAY-12); else it alone is ignored.
  bool refuses_old_acks = false;
  // RFC 9293, 3.6.1: CLOSE lets go of both directions (MAY-1), and what is then unread, or still
  // arrives, is answered with a RST (SHLD-3); else it may be.
  bool half_duplex_close = false;
  // RFC 5927, 4.1: an ICMP error counts only if it quotes what is in flight; else any may.
  bool checks_quotes = true;

  // The congestion control of RFC 5681, and nothing that takes back what it did at a loss (MAY-18;
  // RFC 5682). Of another no window is known.
  bool standard_congestion = true;

  // In real time an interval proves nothing but its order of magnitude.
  bool virtual_time = true;

  // What the stack can, and the run has asked for.
  bool window_scale = true;
  bool timestamps = true;

  // Of the run, not of the stack: the link's MTU, where it is known.
  uint32_t mtu = 0;
  // And the ISS that the first connection was told to take.
  std::optional<uint32_t> given_iss;

  QuirkSet quirks;
};

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_PROFILE_H_
