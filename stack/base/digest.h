// A 64-bit digest of a run, printed at its end: two runs with the same digest did the same.
//
// FNV-1a. It detects differences between runs of ours; it does not resist an adversary.

#ifndef ASSAY_STACK_BASE_DIGEST_H_
#define ASSAY_STACK_BASE_DIGEST_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace assay {

class Digest {
 public:
  constexpr uint64_t value() const { return value_; }

  constexpr void Add(std::span<const std::byte> octets) {
    for (std::byte b : octets) Mix(static_cast<uint8_t>(b));
  }
  constexpr void Add(uint64_t number) {
    for (int i = 0; i < 8; ++i) Mix(static_cast<uint8_t>(number >> (8 * i)));
  }

 private:
  constexpr void Mix(uint8_t octet) { value_ = (value_ ^ octet) * 0x100'0000'01b3; }
  uint64_t value_ = 0xcbf2'9ce4'8422'2325;
};

}  // namespace assay

#endif  // ASSAY_STACK_BASE_DIGEST_H_
