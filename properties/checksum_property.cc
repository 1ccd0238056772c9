// The Internet checksum against the textbook, against itself in parts, and against damage.

#include <algorithm>

#include "gtest/gtest.h"
#include "properties/property.h"
#include "properties/wire_generators.h"
#include "rapidcheck.h"
#include "stack/wire/checksum.h"
#include "stack/wire/textbook_checksum.h"

namespace assay::properties {
namespace {

using wire::MutableOctets;
using wire::Octets;
using wire::OctetVector;

using Sum = uint16_t (*)(Octets, uint16_t);
using Update = uint16_t (*)(uint16_t checksum, uint16_t before, uint16_t after);

void TagSize(size_t size) {
  RC_TAG(size < 20 ? "below 20" : size <= 60 ? "20 to 60" : size < 1460 ? "61 to 1459" : "1460 up");
}

void IsTheTextbookSum(Sum sum) {
  const Bytes bytes = *LongOctets(66000);
  const auto skipped = *rc::gen::inRange<size_t>(0, std::min<size_t>(bytes.octets.size(), 64) + 1);
  const Octets octets = bytes.view().subspan(skipped);
  TagSize(octets.size());
  RC_CLASSIFY(octets.size() % 2 == 1, "odd");
  RC_ASSERT(sum(octets, 0) == wire::TextbookSum(octets));
}

void OfThePartsIsOfTheWhole(Sum sum) {
  const Bytes bytes = *LongOctets(3000);
  const size_t at = *rc::gen::inRange<size_t>(0, bytes.octets.size() / 2 + 1) * 2;
  TagSize(bytes.octets.size());
  const uint16_t front = sum(bytes.view().first(at), 0);
  RC_ASSERT(sum(bytes.view().subspan(at), front) == sum(bytes.view(), 0));
}

// RFC 1624: a sum of one's complement numbers has two zeros, and only one of them comes out of the
// whole. A third of the changes are such that the checksum becomes it.
void UpdatedIsOfTheWhole(Update update) {
  Bytes bytes = *LongOctets(200);
  RC_PRE(bytes.octets.size() >= 4);
  // A header's first octet is never zero, so that the sum of nothing but zeros does not come up.
  bytes.octets[0] |= std::byte{0x40};
  const size_t words = bytes.octets.size() / 2;
  const size_t at = *rc::gen::inRange<size_t>(1, words) * 2;
  const uint16_t before = wire::OctetReader(bytes.view().subspan(at)).U16();
  const uint16_t old = wire::InternetChecksum(bytes.octets);
  auto after = *AnyField<uint16_t>();
  if (*rc::gen::inRange(0, 3) == 0) {
    // What is missing to a sum of all ones.
    after = static_cast<uint16_t>((uint32_t{before} + old) % 0xffff);
  }
  wire::OctetWriter(MutableOctets(bytes.octets).subspan(at)).U16(after);
  const uint16_t whole = wire::InternetChecksum(bytes.octets);
  RC_TAG(whole == 0 ? "becomes zero" : before == after ? "unchanged" : "changed");
  RC_ASSERT(update(old, before, after) == whole);
}

void SeesEveryFlippedBit(bool pseudo_header) {
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
  if (pseudo_header || at >= addresses) {
    (at < addresses ? ends[at] : segment[at - addresses]) ^= bit;
  }
  RC_ASSERT(!wire::TcpChecksumIsRight(
      wire::IpAddress::FromOctets(Octets(ends).first(addresses / 2)),
      wire::IpAddress::FromOctets(Octets(ends).subspan(addresses / 2)), segment));
}

PROPERTY(ChecksumProperty, IsTheTextbookSum, 10) { IsTheTextbookSum(wire::OnesComplementSum); }
PROPERTY(ChecksumProperty, OfThePartsIsOfTheWhole, 10) {
  OfThePartsIsOfTheWhole(wire::OnesComplementSum);
}
PROPERTY(ChecksumProperty, UpdatedIsOfTheWhole, 2) { UpdatedIsOfTheWhole(wire::UpdateChecksum); }
PROPERTY(ChecksumProperty, SeesEveryFlippedBit, 10) { SeesEveryFlippedBit(true); }

// A sum that adds the carry of each word to the next but forgets the last.
uint16_t WithoutTheLastCarry(Octets octets, uint16_t initial) {
  uint32_t sum = initial;
  for (size_t i = 0; i < octets.size(); i += 2) {
    sum = (sum & 0xffff) + (sum >> 16) + (static_cast<uint32_t>(octets[i]) << 8) +
          (i + 1 < octets.size() ? static_cast<uint32_t>(octets[i + 1]) : 0);
  }
  return static_cast<uint16_t>(sum);
}

// RFC 1141's equation, which RFC 1624 corrects: it gives the other zero.
uint16_t Rfc1141(uint16_t checksum, uint16_t before, uint16_t after) {
  const uint32_t sum = uint32_t{checksum} + before + static_cast<uint16_t>(~after);
  return wire::FoldSum(sum);
}

TEST(ChecksumMutant, AForgottenCarryIsSeen) {
  EXPECT_NE(Falsified([] { IsTheTextbookSum(WithoutTheLastCarry); }, 100), "");
  EXPECT_NE(Falsified([] { OfThePartsIsOfTheWhole(WithoutTheLastCarry); }, 1000), "");
}

TEST(ChecksumMutant, TheEquationOfRfc1141IsToldApart) {
  EXPECT_NE(Falsified([] { UpdatedIsOfTheWhole(Rfc1141); }, 100), "");
}

TEST(ChecksumMutant, AnAddressThatDoesNotCountIsSeen) {
  EXPECT_NE(Falsified([] { SeesEveryFlippedBit(false); }, 100), "");
}

}  // namespace
}  // namespace assay::properties
