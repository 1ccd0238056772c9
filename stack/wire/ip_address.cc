#include "stack/wire/ip_address.h"

#include <algorithm>
#include <charconv>

namespace assay::wire {
namespace {

void AppendNumber(std::string& out, unsigned value, int base) {
  char text[8];
  const auto result = std::to_chars(text, text + sizeof text, value, base);
  out.append(text, result.ptr);
}

void AppendDecimals(std::string& out, Octets four) {
  for (size_t i = 0; i < four.size(); ++i) {
    if (i > 0) out += '.';
    AppendNumber(out, static_cast<uint8_t>(four[i]), 10);
  }
}

// An IPv4 address inside an IPv6 address (RFC 4291, 2.5.5.2).
constexpr std::array<std::byte, 12> kMappedPrefix = {
    std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0},    std::byte{0},
    std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0xff}, std::byte{0xff}};

}  // namespace

bool IpAddress::IsGroup() const {
  const auto first = static_cast<uint8_t>(octets_[0]);
  if (family_ == IpFamily::kIpv6) return first == 0xff;
  const bool limited_broadcast = LoadBig<uint32_t>(octets_.data()) == UINT32_MAX;
  return (first >= 224 && first < 240) || limited_broadcast;
}

// IPv4 leaves the rest of the octets zero.
bool IpAddress::IsUnspecified() const { return octets_ == std::array<std::byte, 16>{}; }

bool IpAddress::IsLoopback() const {
  if (family_ == IpFamily::kIpv4) return octets_[0] == std::byte{127};
  return octets_[15] == std::byte{1} &&
         std::ranges::all_of(octets().first(15), [](std::byte b) { return b == std::byte{0}; });
}

bool IpAddress::IsBroadcastOf(const IpAddress& own, uint8_t prefix_length) const {
  // A network of two addresses or one has none (RFC 3021).
  if (family_ != IpFamily::kIpv4 || own.family_ != family_ || prefix_length > 30) return false;
  const uint32_t host = UINT32_MAX >> prefix_length;
  return OctetReader(octets()).U32() == (OctetReader(own.octets()).U32() | host);
}

std::string IpAddress::ToString() const {
  std::string out;
  if (family_ == IpFamily::kIpv4) {
    AppendDecimals(out, octets());
    return out;
  }
  if (std::ranges::equal(octets().first(12), kMappedPrefix)) {
    out = "::ffff:";
    AppendDecimals(out, octets().last(4));
    return out;
  }
  std::array<unsigned, 8> groups;
  for (size_t i = 0; i < 8; ++i) {
    groups[i] =
        static_cast<unsigned>(octets_[2 * i]) << 8 | static_cast<unsigned>(octets_[2 * i + 1]);
  }
  size_t best_at = 8;
  size_t best_length = 1;  // a single zero group is not shortened
  for (size_t i = 0; i < 8; ++i) {
    size_t length = 0;
    while (i + length < 8 && groups[i + length] == 0) ++length;
    if (length > best_length) {
      best_at = i;
      best_length = length;
    }
  }
  for (size_t i = 0; i < 8; ++i) {
    if (i == best_at) {
      out += "::";
      i += best_length - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    AppendNumber(out, groups[i], 16);
  }
  return out;
}

std::string ToString(const Endpoint& endpoint) {
  std::string out = endpoint.address.ToString();
  if (endpoint.address.family() == IpFamily::kIpv6) {
    out.insert(out.begin(), '[');
    out += ']';
  }
  out += ':';
  AppendNumber(out, endpoint.port, 10);
  return out;
}

}  // namespace assay::wire
