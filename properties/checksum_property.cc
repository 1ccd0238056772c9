// The Internet checksum against the textbook, against itself in parts, and against damage.

#include "gtest/gtest.h"
#include "properties/wire_generators.h"
#include "rapidcheck/gtest.h"
#include "stack/wire/checksum.h"
#include "stack/wire/textbook_checksum.h"

namespace assay::properties {
namespace {

using wire::MutableOctets;
using wire::Octets;
using wire::OctetVector;

void TagSize(size_t size) {
  RC_TAG(size < 20 ? "below 20" : size <= 60 ? "20 to 60" : size < 1460 ? "61 to 1459" : "1460 up");
}

RC_GTEST_PROP(ChecksumProperty, IsTheTextbookSum, ()) {
  const Bytes bytes = *LongOctets(66000);
  const auto skipped = *rc::gen::inRange<size_t>(0, std::min<size_t>(bytes.octets.size(), 64) + 1);
  const Octets octets = bytes.view().subspan(skipped);
  TagSize(octets.size());
  RC_CLASSIFY(octets.size() % 2 == 1, "odd");
  RC_ASSERT(wire::OnesComplementSum(octets) == wire::TextbookSum(octets));
}

RC_GTEST_PROP(ChecksumProperty, OfThePartsIsOfTheWhole, ()) {
  const Bytes bytes = *LongOctets(3000);
  const size_t at = *rc::gen::inRange<size_t>(0, bytes.octets.size() / 2 + 1) * 2;
  TagSize(bytes.octets.size());
  const uint16_t front = wire::OnesComplementSum(bytes.view().first(at));
  RC_ASSERT(wire::OnesComplementSum(bytes.view().subspan(at), front) ==
            wire::OnesComplementSum(bytes.view()));
}

RC_GTEST_PROP(ChecksumProperty, UpdatedIsOfTheWhole, ()) {
  Bytes bytes = *LongOctets(200);
  RC_PRE(bytes.octets.size() >= 2);
  // A header's first octet is never zero, so that the sum of nothing but zeros does not come up.
  bytes.octets[0] |= std::byte{0x40};
  const size_t words = bytes.octets.size() / 2;
  const size_t at = *rc::gen::inRange<size_t>(0, words) * 2;
  auto after = *AnyField<uint16_t>();
  if (at == 0) after |= 0x4000;
  const uint16_t before = wire::OctetReader(bytes.view().subspan(at)).U16();
  RC_TAG(before == after ? "unchanged" : after == 0 || after == 0xffff ? "to a zero" : "changed");
  const uint16_t old = wire::InternetChecksum(bytes.octets);
  wire::OctetWriter(MutableOctets(bytes.octets).subspan(at)).U16(after);
  RC_ASSERT(wire::UpdateChecksum(old, before, after) == wire::InternetChecksum(bytes.octets));
}

RC_GTEST_PROP(ChecksumProperty, SeesEveryFlippedBit, ()) {
  const auto [source, destination] = *AnyEnds();
  OctetVector segment = *rc::gen::map(
      rc::gen::suchThat(LongOctets(1500), [](const Bytes& b) { return b.octets.size() >= 20; }),
      [](const Bytes& b) { return b.octets; });
  wire::SealTcp(source, destination, segment);
  RC_ASSERT(wire::TcpChecksumIsRight(source, destination, segment));

  const size_t addresses = source.octets().size() + destination.octets().size();
  const size_t at = *rc::gen::inRange<size_t>(0, addresses + segment.size());
  const auto bit = static_cast<std::byte>(1 << *rc::gen::inRange(0, 8));
  RC_TAG(at < addresses ? "in an address" : at < addresses + 20 ? "in the header" : "behind it");
  OctetVector ends = wire::Concat({source.octets(), destination.octets()});
  (at < addresses ? ends[at] : segment[at - addresses]) ^= bit;
  RC_ASSERT(!wire::TcpChecksumIsRight(
      wire::IpAddress::FromOctets(Octets(ends).first(addresses / 2)),
      wire::IpAddress::FromOctets(Octets(ends).subspan(addresses / 2)), segment));
}

}  // namespace
}  // namespace assay::properties
