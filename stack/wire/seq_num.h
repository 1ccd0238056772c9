// Sequence numbers by direction: positions on a circle of 2^32 (RFC 9293, 3.4).

#ifndef ASSAY_STACK_WIRE_SEQ_NUM_H_
#define ASSAY_STACK_WIRE_SEQ_NUM_H_

#include <cstdint>

namespace assay::wire {

// A position in one direction of a connection, modulo 2^32 (RFC 9293, 3.4).
//
// `Space` is the direction. SND.UNA and RCV.NXT count different octets, so comparing them, or
// subtracting one from the other, does not compile. There is no operator<: a circle has no order.
template <typename Space>
class SeqNum {
 public:
  constexpr SeqNum() = default;
  constexpr explicit SeqNum(uint32_t wire) : wire_(wire) {}
  constexpr uint32_t wire() const { return wire_; }

  friend constexpr bool operator==(SeqNum, SeqNum) = default;
  friend constexpr SeqNum operator+(SeqNum from, uint32_t octets) {
    return SeqNum(from.wire_ + octets);
  }
  friend constexpr SeqNum operator-(SeqNum from, uint32_t octets) {
    return SeqNum(from.wire_ - octets);
  }
  constexpr SeqNum& operator+=(uint32_t octets) {
    wire_ += octets;
    return *this;
  }

  // How far `to` lies ahead of `from`, going forward.
  //= P-3.4-SEQ
  friend constexpr uint32_t Distance(SeqNum from, SeqNum to) { return to.wire_ - from.wire_; }
  // Half a circle away is neither before nor after.
  friend constexpr bool Before(SeqNum a, SeqNum b) { return Distance(a, b) - 1 < 0x7fff'ffff; }
  friend constexpr bool AtOrBefore(SeqNum a, SeqNum b) { return a == b || Before(a, b); }
  // In [left, left + size).
  friend constexpr bool InWindow(SeqNum seq, SeqNum left, uint32_t size) {
    return Distance(left, seq) < size;
  }

 private:
  uint32_t wire_ = 0;
};

// The direction of the octets that this end sends, and of those that it receives.
struct SendSpace {};
struct ReceiveSpace {};
using SndSeq = SeqNum<SendSpace>;
using RcvSeq = SeqNum<ReceiveSpace>;

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_SEQ_NUM_H_
