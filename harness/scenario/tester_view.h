// TesterView: what the tester knows of a connection, from nothing but what it sent and received.
//
// The fields of a scenario's segments are relative to it. It moves by one rule each way: a segment
// without a lie that starts at the tester's next octet advances that; what the stack sends advances
// the next expected octet if it starts there. Hostile segments do not move it, so a scenario comes
// back in step by itself. It judges nothing.

#ifndef ASSAY_HARNESS_SCENARIO_TESTER_VIEW_H_
#define ASSAY_HARNESS_SCENARIO_TESTER_VIEW_H_

#include <cstdint>

#include "stack/base/bounded_vector.h"
#include "stack/spec/state.h"
#include "stack/wire/ip_address.h"
#include "stack/wire/options.h"
#include "stack/wire/segment.h"

namespace assay::scenario {

class TesterView {
 public:
  // `iss`: the sequence number of the tester's SYN.
  TesterView(const wire::Endpoint& tester, const wire::Endpoint& stack, uint32_t iss, uint32_t mtu);
  TesterView() = default;

  wire::Endpoint tester;
  wire::Endpoint stack;
  uint32_t mtu = 1500;

  // The tester's own numbers.
  uint32_t iss = 0;
  uint32_t next = 0;            // the first octet not sent yet
  uint32_t unacknowledged = 0;  // the first that the stack has not acknowledged
  uint32_t right_edge = 0;      // of the window that the stack offered
  uint32_t window = 0;          // that window, in octets
  uint32_t last_seq = 0;        // where the last segment began
  uint32_t last_length = 0;     // its octets of sequence space

  // The stack's numbers.
  uint32_t irs = 0;
  uint32_t expected = 0;      // the next octet expected
  uint32_t highest = 0;       // behind the highest octet seen
  uint32_t acknowledged = 0;  // what the tester acknowledged last
  uint32_t last_start = 0;    // where the last segment began
  uint32_t last_size = 0;     // its octets of sequence space

  bool syn_sent = false;
  bool syn_acknowledged = false;
  bool stack_syn_seen = false;
  bool fin_sent = false;
  bool fin_acknowledged = false;
  bool stack_fin_seen = false;
  bool reset = false;  // a RST went either way since the last SYN

  uint16_t stack_mss = 536;
  uint8_t stack_shift = 0;  // of windows that the stack offers, once both ends sent the option
  bool sent_window_scale = false;
  bool timestamps = false;  // both SYNs carried them
  bool sent_timestamps = false;
  bool sack = false;  // both SYNs permitted it
  bool sent_sack = false;
  // What the stack sent behind a gap: at most three pieces, the newest first.
  BoundedVector<wire::SackBlock, 3> held;
  uint32_t recent_timestamp = 0;

  // The most data that fits one segment.
  uint32_t MaxSegment() const;

  // What the tester sent. `honest`: without a lie.
  void Sent(const wire::Header& header, uint32_t length, const wire::OptionSet& options,
            bool honest);
  // What the stack sent to the tester, as it arrived. `length`: SEG.LEN.
  void Received(const wire::Header& header, uint32_t length, const wire::OptionSet& options);

  // The state that a TCP in the tester's place would be in: for diagrams.
  spec::State state() const;

 private:
  void Hold(uint32_t left, uint32_t right);
  // Takes what is held and begins at the next expected octet, or below it.
  void TakeHeld();
  void UpdateShift(const wire::OptionSet& options);
};

}  // namespace assay::scenario

#endif  // ASSAY_HARNESS_SCENARIO_TESTER_VIEW_H_
