// Discovery: which of the choices that the RFCs leave a stack has made, found out by asking it.
//
// Each choice is asked for by a short dialogue of its own with a fresh stack; nothing is judged.
// What a stack does not show stays open: the dialogue does not get there, the answer is one of
// neither kind, or the stack's time is real and the question one of waiting. From then on the stack
// can be held to what it showed (HoldTo): a choice that it makes otherwise in mid-run breaks a
// rule.

#ifndef ASSAY_HARNESS_CASES_DISCOVERY_H_
#define ASSAY_HARNESS_CASES_DISCOVERY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "harness/observer/profile.h"
#include "harness/sut/stack_under_test.h"
#include "stack/base/time.h"

namespace assay::cases {

// What answers a SYN in TIME-WAIT whose SEQ lies above all that was received (RFC 9293, 3.6.1).
enum class Reopening : uint8_t { kOpensAnew, kAcknowledges, kResets, kIgnores };

struct Discovery {
  std::optional<bool> challenges_reset;  // RFC 5961, 3.2; else RFC 793's: it kills
  std::optional<bool> challenges_syn;    // RFC 5961, 4.2; else RFC 793's: it kills
  std::optional<bool> resets_unread;     // CLOSE over unread text (RFC 9293, 3.6.1); else a FIN
  std::optional<Reopening> in_time_wait;
  // On a SYN that offers them (RFC 7323, RFC 2018).
  std::optional<bool> window_scale;
  std::optional<bool> sack;
  std::optional<bool> timestamps;
  std::optional<Duration> first_rto;       // of a SYN,ACK (RFC 6298, 2.1)
  std::optional<Duration> least_rto;       // of text, after a round-trip time of nothing (2.4)
  std::optional<Duration> delayed_ack;     // of one small segment (RFC 9293, 3.8.6.3)
  std::optional<Duration> two_msl;         // how long TIME-WAIT lasts (3.6.1)
  std::optional<uint32_t> initial_window;  // octets sent before an ACK of text (RFC 5681, 3.1)
};

Discovery Discover(sut::StackUnderTest& stack);

// Narrows the profile to what was shown. Times stay as the adapter declares them: one measurement
// does not tell how they vary.
void HoldTo(const Discovery& shown, observer::Profile& profile);

// A line for each choice: "RST in the window, not exact   challenged (RFC 5961, 3.2)".
std::string ToString(const Discovery& shown);

}  // namespace assay::cases

#endif  // ASSAY_HARNESS_CASES_DISCOVERY_H_
