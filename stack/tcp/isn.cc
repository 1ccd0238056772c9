#include "stack/tcp/isn.h"

#include <array>

#include "stack/wire/octets.h"

namespace assay::tcp {

namespace {

uint64_t HashOf(const SipHashKey& key, const wire::Endpoint& local, const wire::Endpoint& remote) {
  std::array<std::byte, 36> octets{};
  wire::OctetWriter out(octets);
  out.Copy(local.address.octets());
  out.U16(local.port);
  out.Copy(remote.address.octets());
  out.U16(remote.port);
  return SipHash24(key, std::span(octets).first(out.position()));
}

}  // namespace

wire::SndSeq InitialSequenceNumber(const SipHashKey& key, const wire::Endpoint& local,
                                   const wire::Endpoint& remote, Instant now) {
  //= MUST-9
  //= SHLD-1
  //= 6528:3
  const uint64_t hash = HashOf(key, local, remote);
  //= MUST-8
  const auto clock = static_cast<uint32_t>(now.ns() / 4000);
  return wire::SndSeq(clock + static_cast<uint32_t>(hash));
}

uint32_t TimestampOffset(const SipHashKey& key, const wire::Endpoint& local,
                         const wire::Endpoint& remote) {
  //= 7323:7
  return static_cast<uint32_t>(HashOf(key, local, remote) >> 32);
}

uint32_t PortOffset(const SipHashKey& key, const wire::IpAddress& local,
                    const wire::Endpoint& remote) {
  //= 6056:3.3
  return static_cast<uint32_t>(HashOf(key, {local, 0}, remote) >> 16);
}

}  // namespace assay::tcp
