// How much of what may go wrong the oracle sees: one thing is changed in what a stack that obeys
// sends, and the run is judged again. What is printed is the share of scenarios in which it is
// found, by what was changed. Not all of it is wrong: what is withheld may have been lost, and a
// smaller window is a choice where the edge does not move back.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/adapters/stacks.h"
#include "harness/cli/seeds_for_test.h"
#include "harness/driver/session.h"
#include "harness/scenario/generate.h"
#include "harness/sut/tampered_stack.h"
#include "stack/base/prng.h"
#include "stack/wire/packet.h"

namespace assay::cli {
namespace {

using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kSyn;

// A TCP segment on its way out: its header, and its octets to write to.
struct Outgoing {
  wire::Header header;
  wire::OptionSet options;
  size_t text = 0;
  wire::MutableOctets octets;

  void SetSeq(uint32_t seq) const { wire::OctetWriter(octets.subspan(4)).U32(seq); }
  void SetAck(uint32_t ack) const { wire::OctetWriter(octets.subspan(8)).U32(ack); }
  void SetControl(int control) const { octets[13] = static_cast<std::byte>(control); }
  void SetWindow(int window) const {
    wire::OctetWriter(octets.subspan(14)).U16(static_cast<uint16_t>(window));
  }
  // The value of the option of this kind, to write to; none if it is not there.
  wire::MutableOctets Value(wire::OptionKind kind) const {
    const size_t end = octets.size() - text;
    wire::OptionWalk walk(octets.first(end).subspan(wire::kHeaderMin));
    while (const auto option = walk.Next()) {
      if (option->kind != static_cast<uint8_t>(kind)) continue;
      const auto at = static_cast<size_t>(option->value.data() - octets.data());
      return octets.subspan(at, option->value.size());
    }
    return {};
  }
  // Adds `more` to the number of 32 bits that stands `at` octets behind the option's kind and
  // length.
  void AddTo(wire::OptionKind kind, size_t at, uint32_t more) const {
    const wire::MutableOctets value = Value(kind);
    ASSAY_CHECK(value.size() >= at + 4);
    const uint32_t before = wire::OctetReader(value.subspan(at)).U32();
    wire::OctetWriter(value.subspan(at)).U32(before + more);
  }
};

enum class How : uint8_t {
  kChanged,
  kUnsealed,  // changed, and its checksum left as it was
  kWithheld,
  kTwice,      // sent again at once
  kAgainLate,  // sent again when time has moved, before a timer of the stack can have fired
};

struct Corruption {
  const char* name;
  double floor_percent;  // of the scenarios, at least so many are caught
  bool (*fits)(const Outgoing&);
  void (*apply)(const Outgoing&) = nullptr;
  How how = How::kChanged;
};

bool IsAny(const Outgoing&) { return true; }
bool IsAck(const Outgoing& s) { return s.header.has_ack() && !s.header.rst(); }
bool IsPureAck(const Outgoing& s) { return s.header.control == kAck && s.text == 0; }
bool IsSyn(const Outgoing& s) { return s.header.syn(); }
bool IsRst(const Outgoing& s) { return s.header.rst(); }
bool HasText(const Outgoing& s) { return s.text > 0 && !s.header.rst(); }
bool HasFin(const Outgoing& s) { return s.header.fin(); }
bool HasTimestamps(const Outgoing& s) { return s.options.timestamps.has_value(); }

constexpr Corruption kCorruptions[] = {
    {"ACK number + 1", 98, IsAck, [](const Outgoing& s) { s.SetAck(s.header.ack + 1); }},
    {"ACK number - 1", 99, IsAck, [](const Outgoing& s) { s.SetAck(s.header.ack - 1); }},
    {"SEQ + 1, not of a SYN", 99,
     [](const Outgoing& s) { return !s.header.rst() && !s.header.syn(); },
     [](const Outgoing& s) { s.SetSeq(s.header.seq + 1); }},
    {"SEQ + 1 of a SYN", 93, IsSyn, [](const Outgoing& s) { s.SetSeq(s.header.seq + 1); }},
    {"ACK bit off", 99, IsAck, [](const Outgoing& s) { s.SetControl(s.header.control & ~kAck); }},
    {"FIN bit off", 77, HasFin, [](const Outgoing& s) { s.SetControl(s.header.control & ~kFin); }},
    {"FIN bit on", 95, [](const Outgoing& s) { return IsAck(s) && !s.header.fin(); },
     [](const Outgoing& s) { s.SetControl(s.header.control | kFin); }},
    {"SYN bit on", 95, [](const Outgoing& s) { return IsAck(s) && !s.header.syn(); },
     [](const Outgoing& s) { s.SetControl(s.header.control | kSyn); }},
    {"first octet of text flipped", 99, HasText,
     [](const Outgoing& s) { s.octets[s.octets.size() - s.text] ^= std::byte{1}; }},
    {"last octet of text flipped", 99, HasText,
     [](const Outgoing& s) { s.octets.back() ^= std::byte{1}; }},
    {"window 2000 smaller", 86,
     [](const Outgoing& s) { return IsAck(s) && !s.header.syn() && s.header.window >= 2'000; },
     [](const Outgoing& s) { s.SetWindow(s.header.window - 2'000); }},
    {"RST numbers + 1", 99, IsRst,
     [](const Outgoing& s) {
       s.SetSeq(s.header.seq + 1);
       if (s.header.has_ack()) s.SetAck(s.header.ack + 1);
     }},
    {"MSS option 1 larger", 80, [](const Outgoing& s) { return s.options.mss.has_value(); },
     [](const Outgoing& s) {
       wire::OctetWriter(s.Value(wire::OptionKind::kMss))
           .U16(static_cast<uint16_t>(*s.options.mss + 1));
     }},
    {"MSS option left out", 99, [](const Outgoing& s) { return s.options.mss.has_value(); },
     [](const Outgoing& s) {
       const auto value = s.Value(wire::OptionKind::kMss);
       std::fill_n(value.data() - 2, 4, std::byte{1});
     }},
    {"TSval + 100000", 60, HasTimestamps,
     [](const Outgoing& s) { s.AddTo(wire::OptionKind::kTimestamps, 0, 100'000); }},
    {"TSecr + 1", 94, [](const Outgoing& s) { return HasTimestamps(s) && s.header.has_ack(); },
     [](const Outgoing& s) { s.AddTo(wire::OptionKind::kTimestamps, 4, 1); }},
    {"SACK block 1 longer", 80, [](const Outgoing& s) { return !s.options.sack.empty(); },
     [](const Outgoing& s) { s.AddTo(wire::OptionKind::kSack, 4, 1); }},
    {"wrong checksum", 99, IsAny, [](const Outgoing& s) { s.octets[16] ^= std::byte{1}; },
     How::kUnsealed},
    {"withheld", 57, IsAny, nullptr, How::kWithheld},
    {"an ACK twice", 22, IsPureAck, nullptr, How::kTwice},
    {"text twice", 22, HasText, nullptr, How::kTwice},
    {"text again before its time", 54, HasText, nullptr, How::kAgainLate},
};
constexpr size_t kKinds = std::size(kCorruptions);

// Counts the packets that fit each corruption, and applies one of them to one packet.
class Corrupter {
 public:
  void CountOnly() {
    chosen_ = nullptr;
    Restart();
  }
  void Apply(const Corruption& corruption, uint32_t to) {
    chosen_ = &corruption;
    at_ = to;
    Restart();
  }
  uint32_t fitting(size_t corruption) const { return fitting_[corruption]; }

  size_t operator()(wire::MutableOctets out, size_t size) {
    const wire::Packet packet = wire::DecodePacket(out.first(size));
    const auto header = wire::DecodeHeader(packet.payload);
    if (!header.has_value()) return size;
    const wire::Segment decoded = wire::DecodeSegment(packet.payload);
    const Outgoing segment{*header, wire::DecodeOptions(decoded.options), decoded.payload.size(),
                           out.subspan(size - packet.payload.size(), packet.payload.size())};
    for (size_t i = 0; i < kKinds; ++i) {
      const Corruption& corruption = kCorruptions[i];
      if (!corruption.fits(segment)) continue;
      const uint32_t number = fitting_[i]++;
      if (chosen_ != &corruption || number != at_) continue;
      switch (corruption.how) {
        case How::kWithheld:
          return 0;
        case How::kTwice:
        case How::kAgainLate:
          copy_.assign(out.begin(), out.begin() + static_cast<ptrdiff_t>(size));
          return size;
        case How::kChanged:
          corruption.apply(segment);
          wire::SealTcp(packet.source, packet.destination, segment.octets);
          return size;
        case How::kUnsealed:
          corruption.apply(segment);
          return size;
      }
    }
    return size;
  }

  // There is something to be sent besides.
  bool holds() const { return !copy_.empty(); }
  // What is to be sent besides, now that the stack itself has nothing to say.
  size_t Besides(wire::MutableOctets out, bool later) {
    if (copy_.empty() || (chosen_->how == How::kAgainLate && !later)) return 0;
    std::ranges::copy(copy_, out.begin());
    return std::exchange(copy_, {}).size();
  }

 private:
  void Restart() {
    fitting_.fill(0);
    copy_.clear();
  }

  const Corruption* chosen_ = nullptr;
  uint32_t at_ = 0;
  std::array<uint32_t, kKinds> fitting_{};
  std::vector<std::byte> copy_;
};

// A stack whose packets go through a Corrupter, which may send one again.
class CorruptedStack : public sut::TamperedStack {
 public:
  // Below the least time-out of any profile, and above no time at all.
  static constexpr Duration kLate = Duration::Milliseconds(5);

  CorruptedStack(std::unique_ptr<sut::StackUnderTest> stack, Corrupter& corrupter)
      : TamperedStack(std::move(stack), std::ref(corrupter)), corrupter_(corrupter) {}

  wire::Octets Poll(wire::MutableOctets out) override {
    const wire::Octets packet = TamperedStack::Poll(out);
    if (!packet.empty()) return packet;
    return wire::Octets(out).first(corrupter_.Besides(out, moved_));
  }
  void Deliver(wire::Octets packet) override {
    moved_ = false;
    TamperedStack::Deliver(packet);
  }
  Duration Advance(Duration duration, bool stop_at_output) override {
    moved_ = corrupter_.holds() && duration >= kLate;
    return TamperedStack::Advance(moved_ ? kLate : duration, stop_at_output);
  }

 private:
  Corrupter& corrupter_;
  bool moved_ = false;
};

TEST(Oracle, SeesOneThingChangedInWhatAStackSends) {
  auto stack = adapters::OpenStack("reference", "");
  ASSERT_TRUE(stack.ok());
  Corrupter corrupter;
  CorruptedStack corrupted(std::move(stack->stack), corrupter);
  driver::Session session(corrupted, stack->profile);
  std::array<int, kKinds> tried{};
  std::array<int, kKinds> caught{};
  Prng prng(2);
  for (const uint64_t seed : SeedsForTest(3'000)) {
    const scenario::Scenario scenario = scenario::RandomScenario(seed);
    corrupter.CountOnly();
    ASSERT_TRUE(session.Run(scenario));
    ASSERT_EQ(session.judge().unexplained(), nullptr) << "seed " << seed;
    const Corrupter clean = corrupter;
    for (size_t i = 0; i < kKinds; ++i) {
      if (clean.fitting(i) == 0) continue;
      corrupter.Apply(kCorruptions[i], prng.Below(clean.fitting(i)));
      ASSERT_TRUE(session.Run(scenario));
      ++tried[i];
      if (session.judge().unexplained() != nullptr) ++caught[i];
    }
  }
  for (size_t i = 0; i < kKinds; ++i) {
    const Corruption& corruption = kCorruptions[i];
    const double percent = 100.0 * caught[i] / std::max(1, tried[i]);
    std::printf("%-28s %6.2f %% of %d scenarios caught\n", corruption.name, percent, tried[i]);
    EXPECT_GE(tried[i], 50) << corruption.name;
    EXPECT_GE(percent, corruption.floor_percent) << corruption.name;
  }
}

}  // namespace
}  // namespace assay::cli
