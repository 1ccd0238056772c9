#include "stack/tcp/isn.h"

#include <array>

#include "stack/wire/octets.h"

namespace assay::tcp {

wire::SndSeq InitialSequenceNumber(const SipHashKey& key, const wire::Endpoint& local,
                                   const wire::Endpoint& remote, Instant now) {
  std::array<std::byte, 36> octets{};
  wire::OctetWriter out(octets);
  out.Copy(local.address.octets());
  out.U16(local.port);
  out.Copy(remote.address.octets());
  out.U16(remote.port);
  //= MUST-9
  //= SHLD-1
  const uint64_t hash = SipHash24(key, std::span(octets).first(out.position()));
  //= MUST-8
  const auto clock = static_cast<uint32_t>(now.ns() / 4000);
  return wire::SndSeq(clock + static_cast<uint32_t>(hash));
}

}  // namespace assay::tcp
