// Steps: the words in which cases say what the peer sends.

#ifndef ASSAY_HARNESS_CASES_STEPS_H_
#define ASSAY_HARNESS_CASES_STEPS_H_

#include "harness/scenario/event.h"
#include "stack/wire/segment.h"

namespace assay::cases {

inline constexpr uint8_t kSyn = wire::kSyn;
inline constexpr uint8_t kAck = wire::kAck;
inline constexpr uint8_t kFin = wire::kFin;
inline constexpr uint8_t kRst = wire::kRst;
inline constexpr uint8_t kPsh = wire::kPsh;
inline constexpr uint8_t kUrg = wire::kUrg;

using scenario::AckBase;
using scenario::Call;
using scenario::Event;
using scenario::Fault;
using scenario::Flags;
using scenario::Lie;
using scenario::Polite;
using scenario::SeqBase;
using scenario::TimeWord;
using spec::State;

// The same segment at another sequence number.
inline Event At(Event event, SeqBase base, int16_t delta = 0) {
  event.seq_base = base;
  event.seq_delta.fine = delta;
  return event;
}
inline Event At(Event event, int16_t delta) { return At(event, SeqBase::kNext, delta); }

// The same segment with another acknowledgment number.
inline Event Acking(Event event, AckBase base, int16_t delta = 0) {
  event.ack_base = base;
  event.ack_delta.fine = delta;
  return event;
}
inline Event Acking(Event event, int16_t delta) { return Acking(event, AckBase::kExpected, delta); }

inline Event Lying(Event event, Lie lie, uint8_t word = 0) {
  event.lie = lie;
  event.options = word;
  return event;
}

// The same segment with this window: one that a window word stands for.
inline Event Offering(Event event, uint16_t window) {
  event.window = scenario::WindowWord(window);
  return event;
}

inline Event WithOptions(Event event, uint8_t word) {
  event.options = word;
  return event;
}

}  // namespace assay::cases

#endif  // ASSAY_HARNESS_CASES_STEPS_H_
