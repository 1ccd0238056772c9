// Octets as tests write them down and compare them; tests, properties and fuzzers only.

#ifndef ASSAY_STACK_WIRE_OCTETS_FOR_TEST_H_
#define ASSAY_STACK_WIRE_OCTETS_FOR_TEST_H_

#include <string>
#include <string_view>
#include <vector>

#include "stack/wire/octets.h"

namespace assay::wire {

using OctetVector = std::vector<std::byte>;

inline OctetVector ToVector(Octets octets) { return OctetVector(octets.begin(), octets.end()); }

// The octets that `text` writes in hexadecimal; blanks between octets are for the reader.
inline OctetVector Hex(std::string_view text) {
  const auto digit = [](char c) {
    const size_t value = std::string_view("0123456789abcdef").find(c);
    ASSAY_CHECK(value < 16);
    return static_cast<unsigned>(value);
  };
  OctetVector octets;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') continue;
    ASSAY_CHECK(i + 1 < text.size());
    octets.push_back(static_cast<std::byte>(digit(text[i]) << 4 | digit(text[i + 1])));
    ++i;
  }
  return octets;
}

inline std::string ToHex(Octets octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::byte b : octets) {
    text += kDigits[static_cast<uint8_t>(b) >> 4];
    text += kDigits[static_cast<uint8_t>(b) & 0x0f];
  }
  return text;
}

// One after the other.
inline OctetVector Concat(std::initializer_list<Octets> parts) {
  OctetVector whole;
  for (const Octets part : parts) whole.insert(whole.end(), part.begin(), part.end());
  return whole;
}

// `size` octets that differ from their neighbours.
// Not inlined, or g++ 12 sees loops over sizes that the code under test never reads.
[[gnu::noinline]] inline OctetVector Ramp(size_t size) {
  OctetVector octets(size);
  for (size_t i = 0; i < size; ++i) octets[i] = static_cast<std::byte>(i * 37 + i / 251 + 1);
  return octets;
}

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_OCTETS_FOR_TEST_H_
