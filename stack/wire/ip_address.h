// An IPv4 or IPv6 address, and an endpoint: an address with a port.

#ifndef ASSAY_STACK_WIRE_IP_ADDRESS_H_
#define ASSAY_STACK_WIRE_IP_ADDRESS_H_

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

#include "stack/wire/octets.h"

namespace assay::wire {

enum class IpFamily : uint8_t { kIpv4, kIpv6 };

class IpAddress {
 public:
  constexpr IpAddress() = default;
  static constexpr IpAddress V4(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
    IpAddress ip;
    ip.octets_[0] = std::byte{a};
    ip.octets_[1] = std::byte{b};
    ip.octets_[2] = std::byte{c};
    ip.octets_[3] = std::byte{d};
    return ip;
  }
  // `groups`: the eight 16-bit groups as they are written.
  static constexpr IpAddress V6(const std::array<uint16_t, 8>& groups) {
    IpAddress ip;
    ip.family_ = IpFamily::kIpv6;
    for (size_t i = 0; i < 8; ++i) {
      ip.octets_[2 * i] = static_cast<std::byte>(groups[i] >> 8);
      ip.octets_[2 * i + 1] = static_cast<std::byte>(groups[i] & 0xff);
    }
    return ip;
  }
  // `octets`: 4 for IPv4, 16 for IPv6; any other length is a mistake.
  static constexpr IpAddress FromOctets(Octets octets) {
    IpAddress ip;
    ip.Assign(octets);
    return ip;
  }
  // The same in place, for what is decoded packet by packet: in whole words, since what is read in
  // one piece while its parts are still being written stalls the processor.
  constexpr void Assign(Octets octets) {
    ASSAY_CHECK(octets.size() == 4 || octets.size() == 16);
    family_ = octets.size() == 4 ? IpFamily::kIpv4 : IpFamily::kIpv6;
    if (std::is_constant_evaluated()) {
      octets_ = {};
      std::ranges::copy(octets, octets_.begin());
      return;
    }
    uint64_t first = 0;
    uint64_t second = 0;
    if (octets.size() == 4) {
      std::memcpy(&first, octets.data(), 4);
    } else {
      std::memcpy(&first, octets.data(), 8);
      std::memcpy(&second, octets.data() + 8, 8);
    }
    std::memcpy(octets_.data(), &first, 8);
    std::memcpy(octets_.data() + 8, &second, 8);
  }

  constexpr IpFamily family() const { return family_; }
  constexpr Octets octets() const {
    return Octets(octets_).first(family_ == IpFamily::kIpv4 ? 4 : 16);
  }

  // Multicast, or the IPv4 limited broadcast address: never one end of a connection.
  bool IsGroup() const;
  // 0.0.0.0 or ::.
  bool IsUnspecified() const;
  bool IsLoopback() const;
  // The directed broadcast address of the IPv4 network that `own` is in.
  bool IsBroadcastOf(const IpAddress& own, uint8_t prefix_length) const;
  // May stand as the source of a segment from the wire (RFC 9293, 3.9.2.3; RFC 1122, 3.2.1.3).
  bool IsValidSource() const { return !IsGroup() && !IsUnspecified() && !IsLoopback(); }

  // "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1" (RFC 5952, 4 and 5).
  std::string ToString() const;

  friend constexpr bool operator==(const IpAddress& a, const IpAddress& b) {
    // In words, of which IPv4 fills but the first: every packet is compared several times, and is
    // often just written.
    const auto word = [](const IpAddress& ip, size_t i) {
      return std::bit_cast<std::array<uint64_t, 2>>(ip.octets_)[i];
    };
    if (a.family_ != b.family_ || word(a, 0) != word(b, 0)) return false;
    return a.family_ == IpFamily::kIpv4 || word(a, 1) == word(b, 1);
  }

 private:
  std::array<std::byte, 16> octets_{};
  IpFamily family_ = IpFamily::kIpv4;
};

struct Endpoint {
  IpAddress address;
  uint16_t port = 0;
  friend constexpr bool operator==(const Endpoint&, const Endpoint&) = default;
};

// "192.0.2.1:80", "[2001:db8::1]:80".
std::string ToString(const Endpoint& endpoint);

}  // namespace assay::wire

#endif  // ASSAY_STACK_WIRE_IP_ADDRESS_H_
