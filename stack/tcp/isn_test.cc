#include "stack/tcp/isn.h"

#include <cstdint>
#include <initializer_list>

#include "gtest/gtest.h"
#include "stack/base/siphash.h"
#include "stack/wire/octets_for_test.h"

namespace assay::tcp {
namespace {

constexpr SipHashKey kKey{0x0123'4567'89ab'cdef, 0xfedc'ba98'7654'3210};

struct Ends {
  wire::Endpoint local;
  wire::Endpoint remote;
};
const Ends kEnds[] = {
    {{wire::IpAddress::V4(192, 0, 2, 1), 1025}, {wire::IpAddress::V4(203, 0, 113, 254), 0xfe50}},
    {{wire::IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 1}), 7},
     {wire::IpAddress::V6({0x2001, 0xdb8, 0, 0, 0xffff, 0, 0, 2}), 443}},
};

// Address and port of each end as they stand on the wire, one behind the other.
uint64_t Expected(const Ends& ends) {
  wire::OctetVector octets;
  for (const wire::Endpoint* end : {&ends.local, &ends.remote}) {
    const wire::Octets address = end->address.octets();
    octets.insert(octets.end(), address.begin(), address.end());
    octets.push_back(static_cast<std::byte>(end->port >> 8));
    octets.push_back(static_cast<std::byte>(end->port & 0xff));
  }
  return SipHash24(kKey, octets);
}

TEST(InitialSequenceNumber, IsAKeyedHashOfBothEndsAndAClockOfFourMicroseconds) {
  for (const Ends& ends : kEnds) {
    const auto hash = static_cast<uint32_t>(Expected(ends));
    EXPECT_EQ(InitialSequenceNumber(kKey, ends.local, ends.remote, Instant()).wire(), hash);
    const Instant later = Instant::FromNanoseconds(8'000'000);
    EXPECT_EQ(InitialSequenceNumber(kKey, ends.local, ends.remote, later).wire(), hash + 2000);
  }
}

TEST(TimestampOffset, IsTheOtherHalfOfSuchAHash) {
  for (const Ends& ends : kEnds) {
    EXPECT_EQ(TimestampOffset(kKey, ends.local, ends.remote),
              static_cast<uint32_t>(Expected(ends) >> 32));
  }
}

}  // namespace
}  // namespace assay::tcp
