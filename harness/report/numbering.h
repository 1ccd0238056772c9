// Numbering: which connection each packet of a trace belongs to, and what its sequence numbers are
// counted from.
//
// Only for display: the first SYN of each direction gives its base, whoever the sender was and
// whatever became of it. Where no SYN was seen, the first number of the direction, sent or
// acknowledged, counts as 1, as it would behind a SYN. Nothing here decides what is valid.

#ifndef ASSAY_HARNESS_REPORT_NUMBERING_H_
#define ASSAY_HARNESS_REPORT_NUMBERING_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/observer/trace.h"
#include "stack/wire/ip_address.h"
#include "stack/wire/packet.h"
#include "stack/wire/segment.h"

namespace assay::report {

// One direction of a connection.
struct Direction {
  bool has_iss = false;   // a SYN was seen
  bool has_base = false;  // any number was seen
  uint32_t base = 0;      // the ISS, or the number before the first one seen
};

struct Connection {
  wire::Endpoint tester;
  wire::Endpoint stack;
  Direction from_tester;
  Direction from_stack;
};

class Numbering {
 public:
  explicit Numbering(const observer::Trace& trace);

  // In the order of their first packets. Empty if no packet of the trace holds a TCP header.
  const std::vector<Connection>& connections() const { return connections_; }
  // The index of the connection that the event's packet belongs to; none if the event is no packet
  // or the packet holds no TCP header.
  std::optional<size_t> ConnectionOf(size_t event) const { return of_event_[event]; }

 private:
  std::vector<Connection> connections_;
  std::vector<std::optional<size_t>> of_event_;
};

// `number` counted from `base`: below half a circle ahead, or negative.
constexpr int64_t Relative(uint32_t number, uint32_t base) {
  return static_cast<int32_t>(number - base);
}

}  // namespace assay::report

#endif  // ASSAY_HARNESS_REPORT_NUMBERING_H_
