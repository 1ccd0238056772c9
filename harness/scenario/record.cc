#include "harness/scenario/record.h"

#include <algorithm>
#include <array>

#include "stack/base/check.h"

namespace assay::scenario {
namespace {

using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;
using wire::kUrg;

constexpr std::array<EventKind, 16> kKinds = [] {
  using enum EventKind;
  return std::array<EventKind, 16>{kSegment, kSegment, kSegment, kSegment, kSegment, kSegment,
                                   kSegment, kSegment, kSegment, kCall,    kCall,    kCall,
                                   kCall,    kTime,    kTime,    kFault};
}();

constexpr std::array<Lie, 16> kLies = [] {
  using enum Lie;
  return std::array<Lie, 16>{kNone,         kNone,        kNone,       kNone,
                             kNone,         kNone,        kNone,       kNone,
                             kNone,         kBadChecksum, kTruncated,  kBadOffset,
                             kReservedBits, kOtherPort,   kClosedPort, kRawOptions};
}();

constexpr uint8_t kEverything = kSyn | kFin | kRst | kPsh | kAck | kUrg;

// Word 0 is polite; its entry here is not used.
constexpr std::array<uint8_t, 16> kFlagWords = {
    0,    kAck,        kAck,        kPsh | kAck,       kFin | kAck, kFin | kAck,
    kSyn, kSyn | kAck, kRst,        kRst | kAck,       kFin,        kSyn | kFin,
    0,    kAck | kUrg, kEverything, kSyn | kRst | kAck};

constexpr std::array<SeqBase, 16> kSeqBases = [] {
  using enum SeqBase;
  return std::array<SeqBase, 16>{
      kNext,           kNext,           kNext, kNext,      kNext,      kNext, kNext, kNext,
      kUnacknowledged, kUnacknowledged, kIss,  kRightEdge, kRightEdge, kLast, kLast, kZero};
}();

constexpr std::array<AckBase, 16> kAckBases = [] {
  using enum AckBase;
  return std::array<AckBase, 16>{kExpected,     kExpected,  kExpected,  kExpected,
                                 kExpected,     kExpected,  kExpected,  kExpected,
                                 kHighest,      kHighest,   kIrs,       kAcknowledged,
                                 kAcknowledged, kLastStart, kLastStart, kZero};
}();

constexpr std::array<Call, 16> kCalls = [] {
  using enum Call;
  return std::array<Call, 16>{kSend,    kSend,    kSend,     kSend,     kSend,  kReceive,
                              kReceive, kReceive, kShutdown, kShutdown, kClose, kClose,
                              kClose,   kAbort,   kListen,   kConnect};
}();

constexpr std::array<TimeWord, 16> kTimes = [] {
  using enum TimeWord;
  return std::array<TimeWord, 16>{kUntilOutput10s,
                                  kUntilOutput10s,
                                  kUntilOutput10s,
                                  kUntilOutput10s,
                                  k250ms,
                                  k250ms,
                                  k1ms,
                                  k10ms,
                                  k500ms,
                                  k1s,
                                  k3s,
                                  k20s,
                                  k75s,
                                  k120s,
                                  k241s,
                                  kUntilOutput250s};
}();

// Octet 11, of which the first makers of records wrote 0 alone: half of its words say nothing, and
// nothing is also what a twist says that is of another kind of event.
constexpr std::array<Twist, 40> kTwists = [] {
  std::array<Twist, 40> words{};
  for (size_t i = 1; i < kTwistCount; ++i) words[20 + i] = static_cast<Twist>(i);
  return words;
}();
constexpr Twist DecodeTwist(EventKind kind, uint8_t word) {
  const Twist twist = kTwists[word % kTwists.size()];
  return twist != Twist::kNone && KindOf(twist) == kind ? twist : Twist::kNone;
}

template <typename T, size_t N>
uint8_t FirstWord(const std::array<T, N>& table, T value) {
  const auto at = std::ranges::find(table, value);
  ASSAY_CHECK(at != table.end());
  return static_cast<uint8_t>(at - table.begin());
}

constexpr Delta DecodeDelta(uint16_t word) {
  const int fine = word & 0xfff;
  return {static_cast<Unit>(word >> 12), static_cast<int16_t>(fine >= 2048 ? fine - 4096 : fine)};
}
constexpr uint16_t EncodeDelta(Delta delta) {
  return static_cast<uint16_t>(static_cast<unsigned>(delta.unit) << 12 |
                               (static_cast<unsigned>(delta.fine) & 0xfff));
}

constexpr Length DecodeLength(uint16_t word) {
  const int fine = word & 0x3fff;
  return {static_cast<LengthUnit>(word >> 14),
          static_cast<int16_t>(fine >= 8192 ? fine - 16384 : fine)};
}
constexpr uint16_t EncodeLength(Length length) {
  return static_cast<uint16_t>(static_cast<unsigned>(length.unit) << 14 |
                               (static_cast<unsigned>(length.fine) & 0x3fff));
}

using Record = std::array<uint8_t, kEventOctets>;

constexpr uint16_t Low16(const Record& r, size_t at) {
  return static_cast<uint16_t>(r[at] | r[at + 1] << 8);
}
constexpr void PutLow16(Record& r, size_t at, uint16_t value) {
  r[at] = static_cast<uint8_t>(value);
  r[at + 1] = static_cast<uint8_t>(value >> 8);
}

// Fields that the kind of an event does not use keep their defaults, so that two records of one
// meaning are one value.
Event DecodeEvent(const Record& r) {
  Event event;
  event.kind = kKinds[r[0] & 15];
  event.twist = DecodeTwist(event.kind, r[11]);
  const uint8_t word = r[1];
  switch (event.kind) {
    case EventKind::kSegment:
      event.lie = kLies[r[0] >> 4];
      event.polite = word < 128 && (word & 15) == 0;
      if (!event.polite) event.control = word < 128 ? kFlagWords[word & 15] : word & 63;
      event.seq_base = kSeqBases[r[2] & 15];
      event.ack_base = kAckBases[r[2] >> 4];
      event.window = r[3];
      event.seq_delta = DecodeDelta(Low16(r, 4));
      event.ack_delta = DecodeDelta(Low16(r, 6));
      event.length = DecodeLength(Low16(r, 8));
      event.options = r[10];
      break;
    case EventKind::kCall:
      event.call = kCalls[word & 15];
      event.length = DecodeLength(Low16(r, 8));
      break;
    case EventKind::kTime:
      event.time = kTimes[word & 15];
      break;
    case EventKind::kFault:
      event.fault = static_cast<Fault>(word & 3);
      break;
  }
  return event;
}

Record EncodeEvent(const Event& event) {
  Record r{};
  r[0] = FirstWord(kKinds, event.kind);
  r[11] = FirstWord(kTwists, event.twist);
  switch (event.kind) {
    case EventKind::kSegment:
      r[0] |= static_cast<uint8_t>(FirstWord(kLies, event.lie) << 4);
      if (!event.polite) {
        const auto* word = std::find(kFlagWords.begin() + 1, kFlagWords.end(), event.control);
        r[1] = word != kFlagWords.end() ? static_cast<uint8_t>(word - kFlagWords.begin())
                                        : static_cast<uint8_t>(0x80 | (event.control & 63));
      }
      r[2] = static_cast<uint8_t>(FirstWord(kSeqBases, event.seq_base) |
                                  FirstWord(kAckBases, event.ack_base) << 4);
      r[3] = event.window;
      PutLow16(r, 4, EncodeDelta(event.seq_delta));
      PutLow16(r, 6, EncodeDelta(event.ack_delta));
      PutLow16(r, 8, EncodeLength(event.length));
      r[10] = event.options;
      break;
    case EventKind::kCall:
      r[1] = FirstWord(kCalls, event.call);
      PutLow16(r, 8, EncodeLength(event.length));
      break;
    case EventKind::kTime:
      r[1] = FirstWord(kTimes, event.time);
      break;
    case EventKind::kFault:
      r[1] = static_cast<uint8_t>(event.fault);
      break;
  }
  return r;
}

}  // namespace

Scenario DecodeRecords(wire::Octets octets) {
  Scenario scenario;
  std::array<uint8_t, kHeaderOctets> h{};
  for (size_t i = 0; i < h.size() && i < octets.size(); ++i) h[i] = static_cast<uint8_t>(octets[i]);
  Header& header = scenario.header;
  header.opening = (h[1] & 3) == 1 ? Opening::kStackConnects : Opening::kStackListens;
  header.ipv6 = (h[1] & 4) != 0;
  header.reads_when_told = (h[2] & 1) != 0;
  header.closes_at_end = (h[2] & 2) != 0;
  header.echoes = (h[2] & 4) != 0;
  header.mtu = h[3] & 7;
  header.stack_iss = h[4] & 15;
  header.tester_iss = h[5] & 15;
  header.window_scale = (h[6] & 1) != 0;
  header.sack = (h[6] & 2) != 0;
  header.timestamps = (h[6] & 4) != 0;
  header.seed = h[7];

  for (size_t at = kHeaderOctets; at < octets.size() && !scenario.events.full();
       at += kEventOctets) {
    Record r{};
    for (size_t i = 0; i < r.size() && at + i < octets.size(); ++i) {
      r[i] = static_cast<uint8_t>(octets[at + i]);
    }
    scenario.events.push_back(DecodeEvent(r));
  }
  return scenario;
}

wire::MutableOctets EncodeRecords(const Scenario& scenario, wire::MutableOctets out) {
  wire::OctetWriter writer(out);
  const Header& header = scenario.header;
  writer.U8(kRecordVersion);
  writer.U8(static_cast<uint8_t>((header.opening == Opening::kStackConnects ? 1 : 0) |
                                 (header.ipv6 ? 4 : 0)));
  writer.U8(static_cast<uint8_t>((header.reads_when_told ? 1 : 0) | (header.closes_at_end ? 2 : 0) |
                                 (header.echoes ? 4 : 0)));
  writer.U8(header.mtu & 7);
  writer.U8(header.stack_iss & 15);
  writer.U8(header.tester_iss & 15);
  writer.U8(static_cast<uint8_t>((header.window_scale ? 1 : 0) | (header.sack ? 2 : 0) |
                                 (header.timestamps ? 4 : 0)));
  writer.U8(header.seed);
  for (const Event& event : scenario.events) {
    for (uint8_t octet : EncodeEvent(event)) writer.U8(octet);
  }
  return out.first(writer.position());
}

std::string CheckRecords(wire::Octets octets) {
  if (octets.size() < kHeaderOctets) {
    return "offset " + std::to_string(octets.size()) + ": ends within the header of " +
           std::to_string(kHeaderOctets) + " octets";
  }
  const auto version = static_cast<unsigned>(octets[0]);
  if (version != kRecordVersion) {
    return "offset 0: record version " + std::to_string(version) + ", this program knows " +
           std::to_string(unsigned{kRecordVersion});
  }
  const size_t events = octets.size() - kHeaderOctets;
  if (events % kEventOctets != 0) {
    const size_t at = kHeaderOctets + events / kEventOctets * kEventOctets;
    return "offset " + std::to_string(at) + ": truncated, the last event has " +
           std::to_string(events % kEventOctets) + " of " + std::to_string(kEventOctets) +
           " octets";
  }
  if (events / kEventOctets > kMostEvents) {
    return "offset " + std::to_string(kMostOctets) + ": more than " + std::to_string(kMostEvents) +
           " events";
  }
  return "";
}

}  // namespace assay::scenario
