// Subject: one TCB on the bench, with numbers that are easy to read.
//
// Its peer's sequence numbers count from irs and its own from iss: Arrives({.seq = 1}) is the first
// octet behind the peer's SYN. What it sends is told in the same numbers.

#ifndef ASSAY_STACK_TCP_SUBJECT_FOR_TEST_H_
#define ASSAY_STACK_TCP_SUBJECT_FOR_TEST_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "stack/base/check.h"
#include "stack/tcp/effects.h"
#include "stack/tcp/event.h"
#include "stack/tcp/policy.h"
#include "stack/tcp/step.h"
#include "stack/tcp/tcb.h"

namespace assay::tcp {

// A segment of the peer, relative to the two initial sequence numbers.
struct FromPeer {
  uint8_t control = wire::kAck;
  int64_t seq = 1;
  int64_t ack = 1;
  size_t text = 0;
  uint16_t window = 0xffff;
  uint16_t urgent = 0;
  wire::OptionSet options = {};
};

class Subject {
 public:
  explicit Subject(const Policy& with = Policy::Rfc9293(), uint32_t own_iss = 1000,
                   uint32_t peer_iss = 5000)
      : policy(with), iss(own_iss), irs(peer_iss) {}

  void Do(const Event& event) {
    Step(tcb, policy, event, now, out);
    sent.clear();
    Collect();
    while (tcb.more_to_send) {
      Step(tcb, policy, TimePassed{}, now, out);
      Collect();
    }
  }

  void Arrives(const FromPeer& peer) {
    SegmentArrived arrived;
    wire::Header header;
    header.seq = irs + static_cast<uint32_t>(peer.seq);
    header.ack = iss + static_cast<uint32_t>(peer.ack);
    header.control = peer.control;
    header.window = peer.window;
    header.urgent = peer.urgent;
    arrived.segment.header = header;
    static const std::array<std::byte, 1 << 17> kText{};
    ASSAY_CHECK(peer.text <= kText.size());
    arrived.segment.payload = wire::Octets(kText).first(peer.text);
    arrived.options = peer.options;
    Do(arrived);
  }

  // Time passes to the next timer, which fires. What it made the subject send is in `sent`.
  Duration NextFires() {
    const Instant next = NextTimer(tcb);
    ASSAY_CHECK(next != kNever);
    const Duration waited = next - now;
    now = std::max(now, next);
    Do(TimePassed{});
    return waited;
  }

  void OpenActive(wire::IpFamily family = wire::IpFamily::kIpv4, uint32_t mtu = 1500) {
    Do(Open{OpenMode::kActive, SndSeq(iss), family, mtu});
  }
  // `remote`: whether the OPEN names its peer.
  void OpenPassive(Flag remote = Flag::kNo) {
    Do(Open{.mode = OpenMode::kPassive, .iss = SndSeq(iss), .remote = remote});
  }

  void Establish(uint16_t window = 0xffff, uint16_t mss = 1460) {
    OpenActive();
    wire::OptionSet options;
    options.mss = mss;
    Arrives({.control = wire::kSyn | wire::kAck, .seq = 0, .window = window, .options = options});
    ASSAY_CHECK(tcb.state == spec::State::kEstablished);
  }

  // Plays the subject into `state` by the shortest way. SYN-RECEIVED is of passive origin.
  void Play(spec::State state) {
    using spec::State;
    using wire::kAck;
    using wire::kFin;
    switch (state) {
      case State::kClosed:
        return;
      case State::kListen:
        OpenPassive();
        return;
      case State::kSynSent:
        OpenActive();
        return;
      case State::kSynReceived:
        OpenPassive();
        Arrives({.control = wire::kSyn, .seq = 0, .ack = 0});
        return;
      case State::kEstablished:
        Establish();
        return;
      case State::kFinWait1:
        Establish();
        Do(Close{});
        return;
      case State::kFinWait2:
        Play(State::kFinWait1);
        Arrives({.ack = 2});
        return;
      case State::kCloseWait:
        Establish();
        Arrives({.control = kFin | kAck});
        return;
      case State::kClosing:
        Play(State::kFinWait1);
        Arrives({.control = kFin | kAck});
        return;
      case State::kLastAck:
        Play(State::kCloseWait);
        Do(Close{});
        return;
      case State::kTimeWait:
        Play(State::kFinWait2);
        Arrives({.control = kFin | kAck, .ack = 2});
        return;
    }
  }

  // A segment that it sent, as "ACK 1:1461(1460) ack 1": numbers relative, text in parentheses.
  std::string Tell(const SegmentToSend& segment) const {
    const uint32_t seq = segment.seq.wire() - iss;
    std::string told = wire::ControlNames(segment.control);
    told += ' ';
    told += std::to_string(seq);
    if (segment.text.size > 0) {
      told += ':';
      told += std::to_string(seq + segment.text.size);
      told += '(';
      told += std::to_string(segment.text.size);
      told += ')';
    }
    if ((segment.control & wire::kAck) != 0) {
      told += " ack ";
      told += std::to_string(segment.ack.wire() - irs);
    }
    return told;
  }
  // All that the last event made it send.
  std::string Told() const {
    std::string told;
    for (const SegmentToSend& segment : sent) {
      if (!told.empty()) told += "; ";
      told += Tell(segment);
    }
    return told;
  }
  bool Signalled(Signal signal) const {
    return std::find(signals.begin(), signals.end(), signal) != signals.end();
  }

  Tcb tcb;
  Policy policy;
  uint32_t iss;
  uint32_t irs;
  Instant now;
  Effects out;
  std::vector<SegmentToSend> sent;  // by the last event
  std::vector<Signal> signals;      // so far

 private:
  void Collect() {
    sent.insert(sent.end(), out.segments.begin(), out.segments.end());
    signals.insert(signals.end(), out.signals.begin(), out.signals.end());
  }
};

}  // namespace assay::tcp

#endif  // ASSAY_STACK_TCP_SUBJECT_FOR_TEST_H_
