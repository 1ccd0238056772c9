// Checksum, header fields and options.

#include "harness/cases/case.h"
#include "harness/cases/steps.h"

namespace assay::cases {
namespace {

constexpr std::string_view kChecksum[] = {"RFC9293-MUST-3"};
constexpr std::string_view kOffset[] = {"RFC9293-MUST-3", "RFC9293-P-3.4-ACCEPT"};
constexpr std::string_view kReserved[] = {"RFC9293-P-3.1-RSVD"};
constexpr std::string_view kPorts[] = {"RFC9293-P-3.5.2-RST-NOCONN"};
constexpr std::string_view kIllegal[] = {"RFC9293-MUST-7"};
constexpr std::string_view kNoMss[] = {"RFC9293-MUST-15"};
constexpr std::string_view kSmallMss[] = {"RFC9293-MUST-14", "RFC9293-MUST-16", "RFC9293-SHLD-28"};
constexpr std::string_view kOffered[] = {"RFC9293-SHLD-5", "RFC9293-MUST-67"};

void GoodChecksum(Dialogue& d) {
  d.Handshake();
  d.Peer(Polite(10));
  d.Acknowledges(11);
  d.HasRead(10);
}

void BadChecksum(Dialogue& d) {
  d.Handshake();
  d.Peer(Lying(Polite(10), Lie::kBadChecksum, 0x10));
  d.Silent();
  d.Wait(TimeWord::k1s);
  d.Silent();
  d.HasRead(0);
  d.InState(State::kEstablished);
  d.Peer(Polite(10));
  d.Acknowledges(11);
  d.HasRead(10);
}

void BadChecksumInListen(Dialogue& d) {
  d.Peer(Lying(Flags(kSyn), Lie::kBadChecksum));
  d.Silent();
  d.InState(State::kListen);
  d.Handshake();
}

void OffsetTooSmall(Dialogue& d) {
  d.Handshake();
  for (uint8_t offset = 0; offset < 5; ++offset) {
    d.Peer(Lying(Polite(10), Lie::kBadOffset, static_cast<uint8_t>(offset << 1 | 1)));
    d.Silent();
  }
  d.HasRead(0);
  d.InState(State::kEstablished);
}

void OffsetPastEnd(Dialogue& d) {
  d.Handshake();
  d.Peer(Lying(Polite(10), Lie::kBadOffset));
  d.Silent();
  d.HasRead(0);
  d.InState(State::kEstablished);
}

void ReservedBits(Dialogue& d) {
  d.Handshake();
  for (uint8_t bits : std::initializer_list<uint8_t>{1, 2, 4, 8, 15})
    d.Peer(Lying(Polite(10), Lie::kReservedBits, bits));
  d.Acknowledges(51);
  d.HasRead(50);
}

void OtherPort(Dialogue& d) {
  d.Handshake();
  d.Peer(Lying(Flags(kAck | kPsh, 10), Lie::kOtherPort));
  d.ExpectRst();
  d.HasRead(0);
  d.Peer(Polite(10));
  d.Acknowledges(11);
}

void IllegalOptionLengths(Dialogue& d) {
  for (uint8_t seed = 0; seed < 12; ++seed) {
    d.Peer(Lying(At(Flags(kSyn), SeqBase::kIss, static_cast<int16_t>(1000 + 50 * seed)),
                 Lie::kRawOptions, seed));
    d.Peer(At(Flags(kRst), SeqBase::kLast, 1));
  }
  d.Peer(Flags(kSyn));
  d.Expect({.control = kSyn | kAck, .ack = 1});
  d.Peer(Flags(kAck));
  d.Silent();
  d.InState(State::kEstablished);
}

void NoMssOption(Dialogue& d) {
  const bool v6 = d.session().config().stack.family() == wire::IpFamily::kIpv6;
  const size_t mss = v6 ? 1220 : 536;
  d.Peer(WithOptions(Polite(), 8));
  d.Peer(Polite());
  d.User(Call::kSend, 2000);
  d.Expect({.control = kAck, .seq = 1});
  const size_t text = d.Last().payload.size();
  d.That(text > 0 && text <= mss, "text of at most " + std::to_string(mss) + " octets",
         std::to_string(text));
}

void SmallMss(Dialogue& d) {
  d.Peer(WithOptions(Polite(), scenario::MssWord(536)));
  d.Peer(Polite());
  d.User(Call::kSend, 2000);
  d.Expect({.control = kAck, .seq = 1, .text = 536});
}

void OffersMss(Dialogue& d) {
  d.Peer(Polite());
  const wire::Segment reply = d.Last();
  const wire::OptionSet options = wire::DecodeOptions(reply.options);
  const uint32_t largest =
      d.session().config().mtu -
      static_cast<uint32_t>(wire::IpHeaderSize(d.session().config().stack.family())) - 20;
  d.That(options.mss.has_value(), "an MSS option on the SYN,ACK", "none");
  d.That(options.mss.value_or(0) <= largest, "an MSS of at most " + std::to_string(largest),
         std::to_string(options.mss.value_or(0)));
}

constexpr Case kCases[] = {
    {.name = "CKS-01",
     .area = "Checksum",
     .title = "a segment with a correct checksum is acknowledged and delivered",
     .requirements = kChecksum,
     .run = GoodChecksum},
    {.name = "CKS-02",
     .area = "Checksum",
     .title = "a segment with one bit of its checksum flipped has no effect at all",
     .requirements = kChecksum,
     .run = BadChecksum},
    {.name = "CKS-05",
     .area = "Checksum",
     .title = "a SYN with a bad checksum leaves LISTEN as it was",
     .requirements = kChecksum,
     .run = BadChecksumInListen},
    {.name = "HDR-02",
     .area = "Header fields",
     .title = "a data offset below 5 is dropped without a reply",
     .requirements = kOffset,
     .run = OffsetTooSmall},
    {.name = "HDR-03",
     .area = "Header fields",
     .title = "a data offset beyond the segment's end is dropped without a reply",
     .requirements = kOffset,
     .run = OffsetPastEnd},
    {.name = "HDR-04",
     .area = "Header fields",
     .title = "reserved bits are ignored on receipt",
     .requirements = kReserved,
     .run = ReservedBits},
    {.name = "HDR-05",
     .area = "Header fields",
     .title = "a segment from another port does not touch the connection",
     .requirements = kPorts,
     .run = OtherPort},
    {.name = "OPT-03",
     .area = "Options generally and MSS",
     .title = "illegal options on a SYN are survived, and the next handshake works",
     .requirements = kIllegal,
     .run = IllegalOptionLengths},
    {.name = "OPT-08",
     .area = "Options generally and MSS",
     .title = "text is cut to the MSS that the peer offered",
     .requirements = kSmallMss,
     .run = SmallMss},
    {.name = "OPT-10",
     .area = "Options generally and MSS",
     .title = "without an MSS option 536 (IPv6: 1220) octets are the most",
     .requirements = kNoMss,
     .run = NoMssOption},
    {.name = "OPT-11",
     .area = "Options generally and MSS",
     .title = "a SYN,ACK carries an MSS option that fits the link",
     .requirements = kOffered,
     .level = rules::Level::kShould,
     .run = OffersMss},
};

}  // namespace

std::span<const Case> SegmentCases() { return kCases; }

}  // namespace assay::cases
