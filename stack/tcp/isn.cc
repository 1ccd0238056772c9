#include "stack/tcp/isn.h"

#include <array>

#include "stack/wire/octets.h"

namespace assay::tcp {

namespace {

uint64_t HashOf(const SipHashKey& key, const wire::Endpoint& local, const wire::Endpoint& remote) {
  if (local.address.family() == wire::IpFamily::kIpv4) {  // and so the remote one
    // The same twelve octets as below, as they are read: read as words right after they were
    // written one by one, they would stall.
    const uint64_t from = wire::LoadBig<uint32_t>(local.address.octets().data());
    const uint64_t to = wire::LoadBig<uint32_t>(remote.address.octets().data());
    std::array<std::byte, 12> octets;
    wire::OctetWriter out(octets);
    out.U64(from << 32 | uint64_t{local.port} << 16 | to >> 16);
    out.U32(static_cast<uint32_t>(to << 16 | remote.port));
    return SipHash24(key, octets);
  }
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
