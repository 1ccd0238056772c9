// The eleven states of a connection, as RFC 9293, 3.3.2 names them.

#ifndef ASSAY_STACK_SPEC_STATE_H_
#define ASSAY_STACK_SPEC_STATE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace assay::spec {

enum class State : uint8_t {
  kClosed,
  kListen,
  kSynSent,
  kSynReceived,
  kEstablished,
  kFinWait1,
  kFinWait2,
  kCloseWait,
  kClosing,
  kLastAck,
  kTimeWait,
};

inline constexpr size_t kStateCount = 11;

inline constexpr std::array<State, kStateCount> kAllStates = {
    State::kClosed,      State::kListen,   State::kSynSent,  State::kSynReceived,
    State::kEstablished, State::kFinWait1, State::kFinWait2, State::kCloseWait,
    State::kClosing,     State::kLastAck,  State::kTimeWait};

// As the RFC prints it: "SYN-RECEIVED".
std::string_view Name(State state);

// Both ends have synchronised their sequence numbers (RFC 9293, 3.5.2, group 3).
constexpr bool IsSynchronized(State state) { return state >= State::kEstablished; }

// A set of states, one bit each.
class StateSet {
 public:
  constexpr StateSet() = default;
  constexpr StateSet(std::initializer_list<State> states) {
    for (State s : states) Add(s);
  }
  static constexpr StateSet FromBits(uint16_t bits) {
    StateSet set;
    set.bits_ = bits;
    return set;
  }

  constexpr void Add(State s) { bits_ = static_cast<uint16_t>(bits_ | Bit(s)); }
  constexpr void Remove(State s) { bits_ = static_cast<uint16_t>(bits_ & ~Bit(s)); }
  constexpr bool Has(State s) const { return (bits_ & Bit(s)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr uint16_t bits() const { return bits_; }
  friend constexpr bool operator==(StateSet, StateSet) = default;
  friend constexpr StateSet operator|(StateSet a, StateSet b) {
    return FromBits(static_cast<uint16_t>(a.bits_ | b.bits_));
  }

 private:
  static constexpr uint16_t Bit(State s) {
    return static_cast<uint16_t>(1u << static_cast<unsigned>(s));
  }
  uint16_t bits_ = 0;
};

}  // namespace assay::spec

#endif  // ASSAY_STACK_SPEC_STATE_H_
