#include "stack/spec/transition.h"

#include <array>

#include "stack/base/check.h"

namespace assay::spec {
namespace {

using enum State;

constexpr Transition kTransitions[] = {
    {kClosed, kListen, Cause::kPassiveOpen, "3.10.1"},
    {kClosed, kSynSent, Cause::kActiveOpen, "3.10.1"},

    {kListen, kSynSent, Cause::kActiveOpen, "3.10.1"},
    {kListen, kSynSent, Cause::kSend, "3.10.2"},
    {kListen, kClosed, Cause::kClose, "3.10.4"},
    {kListen, kClosed, Cause::kAbort, "3.10.5"},
    {kListen, kSynReceived, Cause::kSegment, "3.10.7.2"},
    {kListen, kClosed, Cause::kTimeout, "3.10.8"},

    {kSynSent, kClosed, Cause::kClose, "3.10.4"},
    {kSynSent, kClosed, Cause::kAbort, "3.10.5"},
    {kSynSent, kSynReceived, Cause::kSegment, "3.10.7.3"},
    {kSynSent, kEstablished, Cause::kSegment, "3.10.7.3"},
    {kSynSent, kClosed, Cause::kReset, "3.10.7.3"},
    {kSynSent, kClosed, Cause::kTimeout, "3.10.8"},

    {kSynReceived, kEstablished, Cause::kSegment, "3.10.7.4"},
    {kSynReceived, kListen, Cause::kSegment, "3.10.7.4"},  // erratum 8710: a SYN in the window
    {kSynReceived, kClosed, Cause::kSegment, "793:3.9"},   // the same, active origin
    {kSynReceived, kListen, Cause::kReset, "3.10.7.4"},
    {kSynReceived, kClosed, Cause::kReset, "3.10.7.4"},
    {kSynReceived, kFinWait1, Cause::kClose, "3.10.4"},
    {kSynReceived, kFinWait1, Cause::kSegment, "3.10.4"},  // a CLOSE that waited for the handshake
    {kSynReceived, kClosed, Cause::kAbort, "3.10.5"},
    {kSynReceived, kTimeWait, Cause::kAbort, "3.5.2"},
    {kSynReceived, kClosed, Cause::kTimeout, "3.10.8"},
    {kSynReceived, kListen, Cause::kTimeout, "3.10.8"},

    {kEstablished, kFinWait1, Cause::kClose, "3.10.4"},
    {kEstablished, kCloseWait, Cause::kSegment, "3.10.7.4"},
    {kEstablished, kClosed, Cause::kSegment, "793:3.9"},  // a SYN in the window, without RFC 5961
    {kEstablished, kClosed, Cause::kReset, "3.10.7.4"},
    {kEstablished, kClosed, Cause::kClose, "3.6.1"},  // half-duplex close with unread data
    {kEstablished, kClosed, Cause::kAbort, "3.10.5"},
    {kEstablished, kTimeWait, Cause::kAbort, "3.5.2"},
    {kEstablished, kClosed, Cause::kTimeout, "3.10.8"},

    {kFinWait1, kFinWait2, Cause::kSegment, "3.10.7.4"},
    {kFinWait1, kClosing, Cause::kSegment, "3.10.7.4"},
    {kFinWait1, kTimeWait, Cause::kSegment, "3.10.7.4"},  // note 2 of Figure 5
    {kFinWait1, kClosed, Cause::kSegment, "3.6.1"},       // new data after a half-duplex close
    {kFinWait1, kClosed, Cause::kClose, "3.6.1"},         // half-duplex, after a CLOSE to send
    {kFinWait1, kClosed, Cause::kReset, "3.10.7.4"},
    {kFinWait1, kClosed, Cause::kAbort, "3.10.5"},
    {kFinWait1, kTimeWait, Cause::kAbort, "3.5.2"},
    {kFinWait1, kClosed, Cause::kTimeout, "3.10.8"},

    {kFinWait2, kTimeWait, Cause::kSegment, "3.10.7.4"},
    {kFinWait2, kClosed, Cause::kSegment, "3.6.1"},
    {kFinWait2, kClosed, Cause::kClose, "3.6.1"},
    {kFinWait2, kClosed, Cause::kReset, "3.10.7.4"},
    {kFinWait2, kClosed, Cause::kAbort, "3.10.5"},
    {kFinWait2, kTimeWait, Cause::kAbort, "3.5.2"},
    {kFinWait2, kClosed, Cause::kTimeout, "3.10.8"},

    {kCloseWait, kLastAck, Cause::kClose, "3.10.4"},
    {kCloseWait, kLastAck, Cause::kSegment, "3.10.4"},  // a CLOSE that waited for the window
    {kCloseWait, kLastAck, Cause::kTimeout, "3.10.4"},  // the same, as a probe
    {kCloseWait, kClosed, Cause::kClose, "3.6.1"},
    {kCloseWait, kClosed, Cause::kSegment, "793:3.9"},
    {kCloseWait, kClosed, Cause::kReset, "3.10.7.4"},
    {kCloseWait, kClosed, Cause::kAbort, "3.10.5"},
    {kCloseWait, kTimeWait, Cause::kAbort, "3.5.2"},
    {kCloseWait, kClosed, Cause::kTimeout, "3.10.8"},

    {kClosing, kTimeWait, Cause::kSegment, "3.10.7.4"},
    {kClosing, kClosed, Cause::kSegment, "793:3.9"},
    {kClosing, kClosed, Cause::kReset, "3.10.7.4"},
    {kClosing, kClosed, Cause::kAbort, "3.10.5"},
    {kClosing, kClosed, Cause::kTimeout, "3.10.8"},

    {kLastAck, kClosed, Cause::kSegment, "3.10.7.4"},
    {kLastAck, kClosed, Cause::kReset, "3.10.7.4"},
    {kLastAck, kClosed, Cause::kAbort, "3.10.5"},
    {kLastAck, kClosed, Cause::kTimeout, "3.10.8"},

    {kTimeWait, kClosed, Cause::kTimeout, "3.10.8"},
    {kTimeWait, kClosed, Cause::kReset, "3.10.7.4"},
    {kTimeWait, kClosed, Cause::kAbort, "3.10.5"},
    {kTimeWait, kClosed, Cause::kSegment, "793:3.9"},
    {kTimeWait, kSynReceived, Cause::kSegment, "3.6.1"},  // MAY-2: reopened by a new SYN
    {kTimeWait, kSynSent, Cause::kActiveOpen, "6191:2"},
};

constexpr size_t kCauseCount = static_cast<size_t>(Cause::kTimeout) + 1;

// reach[cause][from]: where `from` can get by one event, through as many rows as it takes.
struct Reach {
  std::array<std::array<uint16_t, kStateCount>, kCauseCount> to{};

  constexpr Reach() {
    for (size_t c = 0; c < kCauseCount; ++c) {
      for (size_t s = 0; s < kStateCount; ++s) to[c][s] = static_cast<uint16_t>(1u << s);
      for (const Transition& t : kTransitions) {
        if (static_cast<size_t>(t.cause) == c) {
          to[c][static_cast<size_t>(t.from)] |=
              static_cast<uint16_t>(1u << static_cast<unsigned>(t.to));
        }
      }
    }
    // Only a segment does several things at once: it may acknowledge our SYN, then our FIN, and
    // then carry a FIN. TIME-WAIT and what is dead take part in no chain: what reopens them is new.
    auto& segment = to[static_cast<size_t>(Cause::kSegment)];
    constexpr State kChain[] = {kSynSent, kSynReceived, kEstablished, kFinWait1, kFinWait2};
    for (int round = 0; round < 4; ++round) {
      for (State from : kChain) {
        for (State via : kChain) {
          if (segment[static_cast<size_t>(from)] & (1u << static_cast<unsigned>(via))) {
            segment[static_cast<size_t>(from)] |= segment[static_cast<size_t>(via)];
          }
        }
      }
    }
  }
};

constexpr Reach kReach;

}  // namespace

std::string_view Name(Cause cause) {
  static constexpr std::array<std::string_view, kCauseCount> kNames = {
      "passive OPEN", "active OPEN", "SEND", "CLOSE", "ABORT", "segment", "RST", "time-out"};
  const auto index = static_cast<size_t>(cause);
  ASSAY_CHECK(index < kNames.size());
  return kNames[index];
}

std::span<const Transition> Transitions() { return kTransitions; }

bool IsLegal(State from, State to, Cause cause) {
  return (kReach.to[static_cast<size_t>(cause)][static_cast<size_t>(from)] >>
          static_cast<unsigned>(to)) &
         1u;
}

bool IsLegal(State from, State to) {
  for (size_t c = 0; c < kCauseCount; ++c) {
    if (IsLegal(from, to, static_cast<Cause>(c))) return true;
  }
  return false;
}

}  // namespace assay::spec
