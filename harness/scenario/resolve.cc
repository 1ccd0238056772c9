#include "harness/scenario/resolve.h"

#include <algorithm>
#include <array>

#include "harness/scenario/stream.h"
#include "stack/base/prng.h"
#include "stack/wire/checksum.h"
#include "stack/wire/icmp.h"
#include "stack/wire/options.h"
#include "stack/wire/packet.h"

namespace assay::scenario {
namespace {

// The numbers that a delta's units count with, in one direction.
enum Count : uint8_t { kNothing, kMss, kWindow, kInFlight, kLastLength, kCounts };
using Counts = std::array<uint32_t, kCounts>;

// A unit: that many times a number, and a number that is always the same. A table, where a switch
// would be mispredicted twice a segment.
struct UnitValue {
  Count count = kNothing;
  int8_t halves = 0;
  uint32_t constant = 0;
};

constexpr auto kUnits = [] {
  std::array<UnitValue, 16> units;
  const auto set = [&units](Unit unit, UnitValue value) {
    units[static_cast<size_t>(unit)] = value;
  };
  set(Unit::kMss, {kMss, 2});
  set(Unit::kMinusMss, {kMss, -2});
  set(Unit::kTwoMss, {kMss, 4});
  set(Unit::kHalfWindow, {kWindow, 1});
  set(Unit::kWindow, {kWindow, 2});
  set(Unit::kMinusWindow, {kWindow, -2});
  set(Unit::kInFlight, {kInFlight, 2});
  set(Unit::kMinusInFlight, {kInFlight, -2});
  set(Unit::kPlus64Ki, {.constant = 1u << 16});
  set(Unit::kMinus64Ki, {.constant = 0 - (1u << 16)});
  set(Unit::kPlus1Gi, {.constant = 1u << 30});
  set(Unit::kMinus1Gi, {.constant = 0 - (1u << 30)});
  set(Unit::kHalfCircle, {.constant = 1u << 31});
  set(Unit::kLastLength, {kLastLength, 2});
  set(Unit::kMinusLastLength, {kLastLength, -2});
  return units;
}();

uint32_t Distance(Delta delta, const Counts& counts) {
  const UnitValue unit = kUnits[static_cast<size_t>(delta.unit)];
  const int64_t counted = int64_t{counts[unit.count]} * unit.halves / 2;
  return static_cast<uint32_t>(counted) + unit.constant +
         static_cast<uint32_t>(int32_t{delta.fine});
}

uint32_t SeqOf(SeqBase base, const TesterView& view) {
  switch (base) {
    case SeqBase::kNext:
      return view.next;
    case SeqBase::kUnacknowledged:
      return view.unacknowledged;
    case SeqBase::kIss:
      return view.iss;
    case SeqBase::kRightEdge:
      return view.right_edge;
    case SeqBase::kLast:
      return view.last_seq;
    case SeqBase::kZero:
      return 0;
  }
  CheckFailed(__FILE__, __LINE__, "a SeqBase");
}

uint32_t AckOf(AckBase base, const TesterView& view) {
  switch (base) {
    case AckBase::kExpected:
      return view.expected;
    case AckBase::kHighest:
      return view.highest;
    case AckBase::kIrs:
      return view.irs;
    case AckBase::kAcknowledged:
      return view.acknowledged;
    case AckBase::kLastStart:
      return view.last_start;
    case AckBase::kZero:
      return 0;
  }
  CheckFailed(__FILE__, __LINE__, "an AckBase");
}

// Options that no well-behaved peer sends: known and unknown kinds with right and wrong lengths.
size_t RawOptions(uint8_t seed, std::array<std::byte, wire::kOptionsMax>& out) {
  static constexpr std::array<uint8_t, 16> kKinds = {0, 1,  1,  2,  3,   4,   5,   8,
                                                     8, 19, 28, 30, 253, 254, 255, 34};
  Prng prng(seed);
  const size_t words = 1 + prng.Below(10);
  size_t at = 0;
  while (at < words * 4) {
    out[at++] = static_cast<std::byte>(kKinds[prng.Below(kKinds.size())]);
    if (at < words * 4 && out[at - 1] > std::byte{1}) {
      const uint32_t length = prng.OneIn(4) ? prng.Below(256) : 2 + prng.Below(9);
      out[at++] = static_cast<std::byte>(length);
      for (uint32_t i = 2; i < length && at < words * 4; ++i) {
        out[at++] = static_cast<std::byte>(prng.Next());
      }
    }
  }
  return words * 4;
}

wire::OptionSet HonestOptions(const Event& event, const Offers& offers, Instant now,
                              const wire::Header& header, const TesterView& view) {
  wire::OptionSet options;
  wire::Timestamps timestamps{static_cast<uint32_t>(now.ns() / 1'000'000) + 1,
                              header.has_ack() ? view.recent_timestamp : 0};
  if (event.twist == Twist::kOldTimestamp) timestamps.value -= 1 + uint32_t{event.options} * 16;
  if (event.twist == Twist::kLateTimestamp) timestamps.value += 3'600'000;
  if (header.syn()) {
    const SynOptions word = SynOptionsOf(event.options);
    if (word.mss_present) options.mss = word.mss;
    if (word.window_scale || offers.window_scale) options.window_scale = word.shift;
    options.sack_permitted = word.sack_permitted || offers.sack;
    if (word.timestamps || offers.timestamps) options.timestamps = timestamps;
  } else {
    if (view.timestamps && event.twist != Twist::kWithoutTimestamp) options.timestamps = timestamps;
    if (view.sack && header.has_ack() && !header.rst()) {
      for (const wire::SackBlock& block : view.held) options.sack.push_back(block);
    }
  }
  return options;
}

// Cuts the packet short: its IP header says so, or (from 128 on) still claims the whole length.
wire::Octets Truncate(uint8_t word, size_t ip_size, wire::MutableOctets packet) {
  const size_t segment = packet.size() - ip_size;
  const size_t kept = (word & 127) % segment;
  if ((word & 128) == 0) {
    const wire::Packet whole = wire::DecodePacket(packet);
    wire::EncodeIpHeader(whole, kept, packet);
  }
  return packet.first(ip_size + kept);
}

// --- ICMP: an error about a segment of the stack's (RFC 792; RFC 4443) ---

struct IcmpWords {
  uint8_t type, code;
};
IcmpWords IcmpWordsOf(Twist twist, bool ipv6) {
  switch (twist) {
    case Twist::kNetUnreachable:
      return ipv6 ? IcmpWords{1, 0} : IcmpWords{3, 0};
    case Twist::kHostUnreachable:
      return ipv6 ? IcmpWords{1, 3} : IcmpWords{3, 1};
    case Twist::kProtocolUnreachable:  // version 6 says it as a parameter problem
      return ipv6 ? IcmpWords{4, 1} : IcmpWords{3, 2};
    case Twist::kPortUnreachable:
      return ipv6 ? IcmpWords{1, 4} : IcmpWords{3, 3};
    case Twist::kPacketTooBig:
      return ipv6 ? IcmpWords{2, 0} : IcmpWords{3, 4};
    case Twist::kTimeExceeded:
      return ipv6 ? IcmpWords{3, 0} : IcmpWords{11, 0};
    default:  // version 6 has no source quench; an echo reply, which is no error, stands for it
      return ipv6 ? IcmpWords{129, 0} : IcmpWords{4, 0};
  }
}

wire::Octets ResolveIcmp(const Event& event, const TesterView& view, uint32_t seq,
                         wire::MutableOctets out) {
  const bool ipv6 = view.tester.address.family() == wire::IpFamily::kIpv6;
  const size_t ip_size = wire::IpHeaderSize(view.tester.address.family());
  const IcmpWords words = IcmpWordsOf(event.twist, ipv6);
  constexpr size_t kQuotedTcp = 8;
  const size_t size = 8 + ip_size + kQuotedTcp;

  wire::Packet packet;
  packet.source = view.tester.address;
  packet.destination = view.stack.address;
  packet.protocol = ipv6 ? wire::kProtocolIcmpV6 : wire::kProtocolIcmp;
  wire::EncodeIpHeader(packet, size, out);
  const wire::MutableOctets icmp = out.subspan(ip_size, size);
  wire::OctetWriter writer(icmp);
  writer.U8(words.type);
  writer.U8(words.code);
  writer.U16(0);
  writer.U32(event.twist == Twist::kPacketTooBig ? uint32_t{event.options} * 8 : 0);
  wire::Packet quoted;
  quoted.source = view.stack.address;
  quoted.destination = view.tester.address;
  wire::EncodeIpHeader(quoted, view.mtu - ip_size, icmp.subspan(8));
  wire::OctetWriter tcp(icmp.subspan(8 + ip_size));
  tcp.U16(view.stack.port);
  tcp.U16(view.tester.port);
  tcp.U32(seq);

  uint64_t sum = wire::OnesComplementSum(icmp);
  if (ipv6) {
    sum += wire::OnesComplementSum(packet.source.octets());
    sum += wire::OnesComplementSum(packet.destination.octets()) + size + packet.protocol;
  }
  wire::OctetWriter(icmp.subspan(2)).U16(static_cast<uint16_t>(~wire::FoldSum(sum)));
  return out.first(ip_size + size);
}

// --- addresses that no segment comes from, or that none is answered to ---

wire::IpAddress Group(bool ipv6) {
  return ipv6 ? wire::IpAddress::V6({0xff02, 0, 0, 0, 0, 0, 0, 1})
              : wire::IpAddress::V4(224, 0, 0, 1);
}
wire::IpAddress SourceOf(Twist twist, const wire::IpAddress& own) {
  const bool ipv6 = own.family() == wire::IpFamily::kIpv6;
  switch (twist) {
    case Twist::kFromGroup:
      return Group(ipv6);
    case Twist::kFromNowhere:
      return ipv6 ? wire::IpAddress::V6({}) : wire::IpAddress::V4(0, 0, 0, 0);
    case Twist::kFromLoopback:
      return ipv6 ? wire::IpAddress::V6({0, 0, 0, 0, 0, 0, 0, 1})
                  : wire::IpAddress::V4(127, 0, 0, 1);
    default:
      return own;
  }
}

}  // namespace

uint8_t PoliteControl(const TesterView& view, bool has_data) {
  if (!view.syn_sent) {
    return static_cast<uint8_t>(view.stack_syn_seen ? wire::kSyn | wire::kAck : wire::kSyn);
  }
  if (!view.stack_syn_seen) return wire::kSyn;
  return static_cast<uint8_t>(has_data ? wire::kAck | wire::kPsh : wire::kAck);
}

uint32_t OctetsOf(Length length, const TesterView& view, uint32_t most) {
  int64_t octets = length.fine;
  switch (length.unit) {
    case LengthUnit::kNone:
      break;
    case LengthUnit::kMss:
      octets += view.MaxSegment();
      break;
    case LengthUnit::kWindow:
      octets += view.window;
      break;
    case LengthUnit::kHalfWindow:
      octets += view.window / 2;
      break;
  }
  return static_cast<uint32_t>(std::clamp<int64_t>(octets, 0, most));
}

wire::Octets Resolve(const Event& event, const Offers& offers, Instant now, TesterView& view,
                     wire::MutableOctets out) {
  const size_t ip_size = wire::IpHeaderSize(view.tester.address.family());
  const uint32_t mss = view.MaxSegment();

  const uint32_t wanted = OctetsOf(event.length, view, static_cast<uint32_t>(kLargestPacket));
  wire::Header header;
  header.source_port = view.tester.port;
  header.destination_port = view.stack.port;
  header.control = event.polite ? PoliteControl(view, wanted > 0) : event.control;
  header.window = WindowOf(event.window);

  SeqBase seq_base = event.seq_base;
  // A SYN that is sent again is the same SYN.
  if (event.polite && header.syn() && view.syn_sent && seq_base == SeqBase::kNext) {
    seq_base = SeqBase::kIss;
  }
  header.seq = SeqOf(seq_base, view) +
               Distance(event.seq_delta,
                        {0, mss, view.window, view.next - view.unacknowledged, view.last_length});
  if (header.has_ack()) {
    header.ack = AckOf(event.ack_base, view) +
                 Distance(event.ack_delta, {0, mss, header.window, view.highest - view.acknowledged,
                                            view.last_size});
  }
  if (header.urg() && !header.syn()) header.urgent = UrgentOf(event.options);
  if (IsIcmp(event.twist)) {
    const uint32_t about =
        AckOf(event.ack_base, view) +
        Distance(event.ack_delta,
                 {0, mss, header.window, view.highest - view.acknowledged, view.last_size});
    return ResolveIcmp(event, view, about, out);
  }
  const wire::IpAddress from = SourceOf(event.twist, view.tester.address);
  const bool to_group = event.twist == Twist::kToGroup;
  const wire::IpAddress to =
      to_group ? Group(view.stack.address.family() == wire::IpFamily::kIpv6) : view.stack.address;

  const bool raw = event.lie == Lie::kRawOptions;
  wire::OptionSet set;
  std::array<std::byte, wire::kOptionsMax> raw_octets;
  wire::Octets raw_options;
  if (raw) {
    raw_options = wire::Octets(raw_octets).first(RawOptions(event.options, raw_octets));
  } else {
    set = HonestOptions(event, offers, now, header, view);
  }

  const size_t headers =
      ip_size + wire::kHeaderMin + (raw ? raw_options.size() : wire::EncodedSize(set));
  const uint32_t room = view.mtu > headers ? view.mtu - static_cast<uint32_t>(headers) : 0;
  const uint32_t octets = std::min(wanted, room);
  const uint32_t first = header.seq + (header.syn() ? 1 : 0);
  const wire::Octets payload = StreamOctets(Stream::kTester, TesterOffset(first, view.iss), octets);
  const uint32_t length = octets + uint32_t{header.syn()} + uint32_t{header.fin()};

  if (event.lie == Lie::kReservedBits) {
    header.offset_and_reserved = static_cast<uint8_t>(0x50 | (event.options & 15) | 1);
  }
  if (event.lie == Lie::kOtherPort)
    header.source_port = static_cast<uint16_t>(header.source_port + 1);
  if (event.lie == Lie::kClosedPort) {
    header.destination_port = static_cast<uint16_t>(header.destination_port + 1);
  }
  const wire::MutableOctets packet =
      raw ? wire::EncodeTcpPacket(from, to, header, raw_options, payload, out)
          : wire::EncodeTcpPacketWithOptions(from, to, header, set, payload, out);
  const wire::MutableOctets segment = packet.subspan(ip_size);
  // Segments to or from elsewhere say nothing about this connection.
  const bool elsewhere = event.lie == Lie::kOtherPort || event.lie == Lie::kClosedPort ||
                         from != view.tester.address || to_group;
  const bool honest = event.lie == Lie::kNone || event.lie == Lie::kReservedBits;
  if (!elsewhere) view.Sent(header, length, set, honest);

  switch (event.lie) {
    case Lie::kBadChecksum:
      segment[16] ^= static_cast<std::byte>(event.options | 1);
      return packet;
    case Lie::kBadOffset: {
      const unsigned offset = (event.options & 1) != 0 ? (event.options >> 1) % 5u : 15u;
      segment[12] = static_cast<std::byte>(offset << 4);
      // An offset that the segment is long enough for makes options of what was text; the text that
      // is left still says where it stands.
      if (size_t{offset} * 4 >= wire::kHeaderMin && size_t{offset} * 4 < segment.size()) {
        const wire::MutableOctets text = segment.subspan(size_t{offset} * 4);
        std::ranges::copy(StreamOctets(Stream::kTester, TesterOffset(first, view.iss), text.size()),
                          text.begin());
      }
      wire::SealTcp(from, to, segment);
      return packet;
    }
    case Lie::kTruncated:
      return Truncate(event.options, ip_size, packet);
    default:
      return packet;
  }
}

}  // namespace assay::scenario
