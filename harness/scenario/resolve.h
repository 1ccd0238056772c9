// Resolve: the one place where an event of a scenario becomes a packet.

#ifndef ASSAY_HARNESS_SCENARIO_RESOLVE_H_
#define ASSAY_HARNESS_SCENARIO_RESOLVE_H_

#include <cstdint>

#include "harness/scenario/event.h"
#include "harness/scenario/tester_view.h"
#include "stack/base/time.h"
#include "stack/wire/octets.h"

namespace assay::scenario {

inline constexpr size_t kLargestPacket = 65535;

// Which of the tester's options a polite segment carries; a choice of the scenario's header.
struct Offers {
  bool window_scale = false;
  bool sack = false;
  bool timestamps = false;
};

// Writes the packet that the segment event stands for, given what the tester knows, into `out`
// (kLargestPacket octets), notes in `view` that it was sent, and returns it.
// An event with a twist of ICMP makes an ICMP error.
wire::Octets Resolve(const Event& event, const Offers& offers, Instant now, TesterView& view,
                     wire::MutableOctets out);

// The control bits of a polite segment: SYN if nothing was said, SYN,ACK if the stack opened, else
// an ACK of all received (PSH with data).
uint8_t PoliteControl(const TesterView& view, bool has_data);

// The octets that a Length stands for, at most `most`.
uint32_t OctetsOf(Length length, const TesterView& view, uint32_t most);

}  // namespace assay::scenario

#endif  // ASSAY_HARNESS_SCENARIO_RESOLVE_H_
