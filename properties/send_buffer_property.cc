// The send buffer against two counters: what SEND took, and what is acknowledged. Between the two
// lies all that may be sent, and whatever is sent is what was given.

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "properties/connection_bench.h"
#include "properties/general_generators.h"
#include "properties/policy_generators.h"
#include "properties/property.h"
#include "rapidcheck.h"
#include "stack/base/prng.h"
#include "stack/tcp/invariants.h"

namespace assay::properties {
namespace {

enum class Doing : uint8_t { kSend, kSendPushed, kAck, kOldAck, kAckOfTheFuture, kTime, kClose };

struct Deed {
  Doing what = Doing::kSend;
  uint32_t octets = 0;  // to send; or of those in flight, acknowledged
  uint16_t window = 0;
  uint32_t ms = 0;
};

void showValue(const Deed& deed, std::ostream& out) {
  switch (deed.what) {
    case Doing::kSend:
    case Doing::kSendPushed:
      out << "\n  SEND " << deed.octets;
      break;
    case Doing::kAck:
      out << "\n  ACK of " << deed.octets << " more, window " << deed.window;
      break;
    case Doing::kOldAck:
      out << "\n  ACK " << deed.octets << " behind, window " << deed.window;
      break;
    case Doing::kAckOfTheFuture:
      out << "\n  ACK " << deed.octets << " beyond SND.NXT";
      break;
    case Doing::kTime:
      out << "\n  " << deed.ms << " ms";
      break;
    case Doing::kClose:
      out << "\n  CLOSE";
      break;
  }
}

rc::Gen<std::vector<Deed>> AnyDeeds() {
  const auto what = rc::gen::weightedElement<Doing>({{30, Doing::kSend},
                                                     {15, Doing::kSendPushed},
                                                     {40, Doing::kAck},
                                                     {5, Doing::kOldAck},
                                                     {3, Doing::kAckOfTheFuture},
                                                     {15, Doing::kTime},
                                                     {1, Doing::kClose}});
  const auto octets =
      rc::gen::weightedOneOf<uint32_t>({{1, rc::gen::inRange<uint32_t>(0, 4)},
                                        {3, rc::gen::inRange<uint32_t>(0, 3000)},
                                        {1, rc::gen::inRange<uint32_t>(0, 12'000)}});
  const auto window = rc::gen::weightedOneOf<uint16_t>({{1, rc::gen::inRange<uint16_t>(0, 2)},
                                                        {2, rc::gen::inRange<uint16_t>(0, 3000)},
                                                        {2, rc::gen::arbitrary<uint16_t>()}});
  const auto ms = rc::gen::inRange<uint32_t>(0, 3000);
  return MostlyLarge(UpTo(60, rc::gen::construct<Deed>(what, octets, window, ms)));
}

std::byte OctetAt(uint64_t offset) { return static_cast<std::byte>(Prng(offset).Next()); }

// Offsets are 64-bit and count from the octet behind the SYN.
class Model {
 public:
  explicit Model(const ConnectionBench& bench) : bench_(bench) {}

  uint64_t taken = 0;
  uint64_t acked = 0;
  uint64_t sent = 0;  // behind the highest octet
  uint64_t edge = 0;  // the furthest right edge that was ever offered
  bool closed = false;
  bool fin_sent = false;
  uint32_t again = 0;  // segments of octets that were sent before

  // Everything that the bench has just sent.
  void Hear() {
    for (const ConnectionBench::Sent& s : bench_.sent) {
      if (s.has(wire::kSyn) || s.has(wire::kRst)) continue;
      const uint64_t from = Unwrap(s.segment.seq.wire() - bench_.iss - 1);
      if (s.text.empty() && !s.has(wire::kFin)) continue;
      const uint64_t to = from + s.text.size();
      RC_ASSERT(from >= acked);
      RC_ASSERT(to <= taken);
      RC_ASSERT(from <= sent);
      RC_ASSERT(s.text.size() <= bench_.tcb.snd.mss);
      // One octet may probe a window that is closed.
      RC_ASSERT(to <= edge || to <= sent || to == acked + 1);
      for (uint64_t at = from; at < to; ++at) RC_ASSERT(s.text[at - from] == OctetAt(at));
      again += uint32_t{from < sent};
      if (s.has(wire::kFin)) {
        RC_ASSERT(closed);
        RC_ASSERT(to == taken);
        fin_sent = true;
      }
      RC_ASSERT(!fin_sent || to <= taken);
      sent = std::max(sent, to);
    }
  }

  uint64_t writable() const { return closed ? 0 : bench_.policy.send_buffer - (taken - acked); }

 private:
  // The 64-bit offset near `acked` that is `low` modulo 2^32.
  uint64_t Unwrap(uint32_t low) const {
    const uint32_t ahead = low - static_cast<uint32_t>(acked);
    return acked + static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(ahead)));
  }

  const ConnectionBench& bench_;
};

void SendsWhatItWasGiven(const Sabotage& sabotage) {
  const auto iss = *rc::gen::oneOf(
      rc::gen::map(rc::gen::inRange<uint32_t>(0, 100'000), [](uint32_t n) { return -n; }),
      rc::gen::arbitrary<uint32_t>());
  tcp::Policy policy = (*AnyPolicy()).policy();
  policy.r2 = policy.r2_syn = Duration::Seconds(1'000'000);  // giving up is another property's
  const uint32_t early = *rc::gen::inRange<uint32_t>(0, 3000);
  const std::vector<Deed> deeds = *AnyDeeds();

  ConnectionBench bench(policy, iss, 5000, sabotage);
  Model model(bench);
  const auto send = [&](uint32_t octets, tcp::Flag push) {
    std::vector<std::byte> text(octets);
    for (uint32_t i = 0; i < octets; ++i) text[i] = OctetAt(model.taken + i);
    const uint64_t room = std::min<uint64_t>(octets, model.writable());
    bench.SendCall(text, push);
    if (model.closed) {
      RC_ASSERT(bench.out.answer == tcp::Answer::kClosing);
    } else if (octets > 0 && room == 0) {
      RC_ASSERT(bench.out.answer == tcp::Answer::kInsufficientResources);
    } else {
      RC_ASSERT(bench.out.answer == tcp::Answer::kOk);
      RC_ASSERT(bench.out.accepted.size == room);
      RC_ASSERT(bench.out.accepted.offset == static_cast<uint32_t>(model.taken));
    }
    model.taken += room;
    model.Hear();
  };
  const auto ack = [&](uint64_t to, uint32_t window) {
    const uint64_t all = model.taken + uint64_t{model.fin_sent};
    model.acked = std::min(to, all);
    model.edge = std::max(model.edge, to + window);
    bench.Arrives(wire::kAck, 1, static_cast<uint32_t>(to + 1), static_cast<uint16_t>(window));
    model.acked = std::min(model.acked, model.taken);
    model.Hear();
  };

  // What is sent before the connection is open waits for it.
  bench.Do(tcp::Open{tcp::OpenMode::kActive, wire::SndSeq(iss)});
  send(early, tcp::Flag::kNo);
  model.edge = 2000;
  bench.Arrives(wire::kSyn | wire::kAck, 0, 1, 2000);
  model.Hear();

  bool full = false;
  for (const Deed& deed : deeds) {
    switch (deed.what) {
      case Doing::kSend:
      case Doing::kSendPushed:
        send(deed.octets, deed.what == Doing::kSend ? tcp::Flag::kNo : tcp::Flag::kYes);
        break;
      case Doing::kAck:
        ack(std::min(model.acked + deed.octets, model.sent), deed.window);
        break;
      case Doing::kOldAck: {
        const auto behind = static_cast<uint32_t>(std::min<uint64_t>(deed.octets, model.acked));
        const uint64_t acked = model.acked;
        bench.Arrives(wire::kAck, 1, static_cast<uint32_t>(acked - behind + 1), deed.window);
        if (behind == 0) model.edge = std::max(model.edge, acked + deed.window);
        model.Hear();
        break;
      }
      case Doing::kAckOfTheFuture:
        bench.Arrives(
            wire::kAck, 1,
            static_cast<uint32_t>(model.sent + 2 + uint64_t{model.fin_sent} + deed.octets),
            deed.window);
        model.Hear();
        break;
      case Doing::kTime:
        bench.Pass(Duration::Milliseconds(deed.ms));
        model.Hear();
        break;
      case Doing::kClose:
        bench.Do(tcp::Close{});
        model.closed = true;
        model.Hear();
        break;
    }
    full = full || model.writable() == 0;
    RC_ASSERT(tcp::Writable(bench.tcb) == model.writable());
    RC_ASSERT(tcp::CheckInvariants(bench.tcb).empty());
  }
  RC_TAG(model.again > 0 ? "sent again" : "sent once", full ? "full once" : "never full",
         model.closed ? "closed" : "open");

  // A peer that acknowledges and has room gets all of it.
  for (int round = 0; model.acked < model.taken; ++round) {
    RC_ASSERT(round < 5000);
    ack(model.sent, 60'000);
    if (model.sent < model.taken || model.acked < model.taken) {
      bench.Pass(Duration::Milliseconds(500));
      model.Hear();
    }
  }
  RC_ASSERT(tcp::Writable(bench.tcb) == (model.closed ? 0 : policy.send_buffer));
}

PROPERTY(SendBufferProperty, SendsWhatItWasGiven, 10) { SendsWhatItWasGiven(nullptr); }

TEST(SendBufferMutant, TextFromAnotherPlaceIsSeen) {
  const std::string said = Falsified(
      [] {
        SendsWhatItWasGiven([](tcp::Tcb&, tcp::Effects& out) {
          for (tcp::SegmentToSend& segment : out.segments) segment.text.offset += 1;
        });
      },
      500);
  EXPECT_THAT(said, testing::HasSubstr("OctetAt(at)"));
}

TEST(SendBufferMutant, OctetsThatWereNotGivenAreSeen) {
  const std::string said = Falsified(
      [] {
        SendsWhatItWasGiven([](tcp::Tcb&, tcp::Effects& out) {
          for (tcp::SegmentToSend& segment : out.segments) {
            if (segment.text.size > 0) segment.text.size += 1;
          }
        });
      },
      2000);
  EXPECT_THAT(said, testing::HasSubstr("to <= "));
}

TEST(SendBufferMutant, ABufferThatTakesTooMuchIsSeen) {
  const std::string said = Falsified(
      [] {
        SendsWhatItWasGiven([](tcp::Tcb& tcb, tcp::Effects& out) {
          if (out.accepted.size > 0 && tcp::Writable(tcb) == 0) out.accepted.size += 1;
        });
      },
      2000, Shrinking::kOff);
  EXPECT_THAT(said, testing::HasSubstr("accepted.size == room"));
}

TEST(SendBufferMutant, SendingBeyondTheWindowIsSeen) {
  const std::string said = Falsified(
      [] {
        SendsWhatItWasGiven([](tcp::Tcb& tcb, tcp::Effects&) {
          if (tcb.state == spec::State::kEstablished && tcb.snd.wnd > 10) {
            tcb.snd.wnd += 3000;
            tcb.snd.max_wnd = std::max(tcb.snd.max_wnd, tcb.snd.wnd);
          }
        });
      },
      2000);
  EXPECT_THAT(said, testing::HasSubstr("to <= edge"));
}

}  // namespace
}  // namespace assay::properties
