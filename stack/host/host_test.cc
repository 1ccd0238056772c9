#include "stack/host/host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "stack/base/prng.h"
#include "stack/host/pair_for_test.h"
#include "stack/tcp/invariants.h"
#include "stack/wire/checksum.h"

namespace assay::host {
namespace {

using spec::State;
using wire::IpFamily;

wire::Octets AsOctets(std::string_view text) { return std::as_bytes(std::span(text)); }

Transfer Say(Host& host, Handle handle, std::string_view text) {
  return host.Send(handle, AsOctets(text), tcp::Flag::kNo, tcp::Flag::kNo);
}

std::string Hear(Host& host, Handle handle) {
  std::string text(1 << 17, '\0');
  const Transfer got = host.Receive(handle, std::as_writable_bytes(std::span(text)));
  text.resize(got.octets);
  return text;
}

class BothFamilies : public testing::TestWithParam<IpFamily> {};
INSTANTIATE_TEST_SUITE_P(, BothFamilies, testing::Values(IpFamily::kIpv4, IpFamily::kIpv6),
                         [](const auto& param) {
                           return param.param == IpFamily::kIpv4 ? "Ipv4" : "Ipv6";
                         });

//= 3.5 type=test
TEST_P(BothFamilies, ThreeWayHandshakeTakesThreeSegments) {
  Pair pair(GetParam());
  const auto [a, b] = pair.Connect();
  EXPECT_EQ(pair.Story(), "a:SYN b:SYN,ACK a:ACK");
  EXPECT_EQ(pair.a().State(a), State::kEstablished);
  EXPECT_EQ(pair.b().State(b), State::kEstablished);
}

TEST_P(BothFamilies, OctetsGoBothWays) {
  Pair pair(GetParam());
  const auto [a, b] = pair.Connect();
  EXPECT_EQ(Say(pair.a(), a, "ping").octets, 4u);
  pair.Settle();
  EXPECT_EQ(Hear(pair.b(), b), "ping");
  Say(pair.b(), b, "pong");
  pair.Settle();
  EXPECT_EQ(Hear(pair.a(), a), "pong");
}

// RFC 9293, A.2: by Table 6 an ACK at SND.NXT lies outside of a window that lost octets have
// filled.
TEST(HostTest, TwoEndsThatHaveFilledEachOthersWindowsDoNotAnswerOneAnotherForEver) {
  for (const bool timestamps : {false, true}) {
    tcp::Policy policy;
    policy.receive_buffer = 512;
    policy.timestamps = timestamps;
    Pair pair(IpFamily::kIpv4, policy);
    const Handle listener = pair.b().Listen(80, 1).handle;
    const Handle a = pair.a().Connect(0, pair.At(Side::kB, 80)).handle;
    pair.Cross(Side::kA);
    const wire::Octets polled = pair.b().Poll();
    const std::vector<std::byte> syn_ack(polled.begin(), polled.end());
    pair.a().Deliver(syn_ack);
    pair.Settle();
    const Handle b = pair.b().Accept(listener).handle;
    // Each fills the other's window, and all of it is lost.
    pair.Lose(Side::kA, 1);
    pair.Lose(Side::kB, 1);
    Say(pair.a(), a, std::string(512, 'a'));
    Say(pair.b(), b, std::string(512, 'b'));
    pair.Settle();
    pair.ClearLog();
    pair.a().Deliver(syn_ack);  // once more, late
    EXPECT_TRUE(pair.Settle(100));
    EXPECT_EQ(pair.Story(), "a:ACK b:ACK");
    pair.Pass(Duration::Seconds(3));
    EXPECT_EQ(Hear(pair.a(), a), std::string(512, 'b'));
    EXPECT_EQ(Hear(pair.b(), b), std::string(512, 'a'));
  }
}

//= 3.6 type=test
TEST(HostTest, NormalCloseIsThatOfFigure12) {
  Pair pair;
  const auto [a, b] = pair.Connect();
  pair.ClearLog();
  EXPECT_EQ(pair.a().Shutdown(a), Error::kNone);
  pair.Settle();
  EXPECT_EQ(pair.a().State(a), State::kFinWait2);
  EXPECT_EQ(pair.b().State(b), State::kCloseWait);
  EXPECT_EQ(pair.b().Shutdown(b), Error::kNone);
  pair.Settle();
  EXPECT_EQ(pair.Story(), "a:FIN,ACK b:ACK b:FIN,ACK a:ACK");
  EXPECT_EQ(pair.a().State(a), State::kTimeWait);
  EXPECT_EQ(pair.b().State(b), State::kClosed);
  pair.Pass(Duration::Seconds(239));
  EXPECT_EQ(pair.a().State(a), State::kTimeWait);
  pair.Pass(Duration::Seconds(1));
  EXPECT_EQ(pair.a().State(a), State::kClosed);
  EXPECT_EQ(pair.a().ErrorOf(a), Error::kNone);
}

//= 3.6 type=test
TEST(HostTest, SimultaneousCloseTakesBothThroughClosing) {
  Pair pair;
  const auto [a, b] = pair.Connect();
  pair.ClearLog();
  pair.a().Shutdown(a);
  pair.b().Shutdown(b);
  pair.Settle();
  EXPECT_EQ(pair.a().State(a), State::kTimeWait);
  EXPECT_EQ(pair.b().State(b), State::kTimeWait);
  pair.Pass(Duration::Seconds(240));
  EXPECT_EQ(pair.a().State(a), State::kClosed);
  EXPECT_EQ(pair.b().State(b), State::kClosed);
}

//= MUST-10 type=test
TEST_P(BothFamilies, SimultaneousOpenGivesOneConnection) {
  Pair pair(GetParam());
  const Handle a = pair.a().Connect(1000, pair.At(Side::kB, 2000)).handle;
  const Handle b = pair.b().Connect(2000, pair.At(Side::kA, 1000)).handle;
  EXPECT_TRUE(pair.Settle(20));
  EXPECT_EQ(pair.a().State(a), State::kEstablished);
  EXPECT_EQ(pair.b().State(b), State::kEstablished);
  Say(pair.a(), a, "x");
  pair.Settle();
  EXPECT_EQ(Hear(pair.b(), b), "x");
}

TEST_P(BothFamilies, ManyOctetsArriveOnceAndInOrderOverALossyWire) {
  Pair pair(GetParam());
  const auto [a, b] = pair.Connect();
  std::string text(300'000, '\0');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31 + i / 251);
  std::string heard;
  size_t sent = 0;
  int round = 0;
  while (heard.size() < text.size()) {
    ASSERT_LT(++round, 5000);
    sent += Say(pair.a(), a, std::string_view(text).substr(sent)).octets;
    if (round % 5 == 0) pair.Lose(Side::kA, 1);
    if (round % 7 == 0) pair.Lose(Side::kB, 1);
    pair.Pass(Duration::Milliseconds(300));
    heard += Hear(pair.b(), b);
  }
  EXPECT_TRUE(heard == text);
  EXPECT_EQ(pair.a().State(a), State::kEstablished);
}

TEST(HostTest, SeveralLossesInOneFlightAreRecoveredWithoutATimeOut) {
  for (bool sack : {false, true}) {
    tcp::Policy policy = tcp::Policy::Rfc9293();
    policy.sack = sack;
    policy.timestamps = false;  // ten whole segments of 1460 octets
    Pair pair(IpFamily::kIpv4, policy);
    const auto [a, b] = pair.Connect();
    ASSERT_EQ(pair.a().TcbOf(a)->sack, sack);
    pair.ClearLog();
    std::string text(14'600, '\0');
    for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31 + i / 251);
    Say(pair.a(), a, text);
    for (int i = 0; i < 10; ++i) {
      if (i == 0 || i == 3 || i == 6) pair.Lose(Side::kA, 1);
      ASSERT_TRUE(pair.Cross(Side::kA));
    }
    const Instant before = pair.a().now();
    pair.Settle();
    EXPECT_TRUE(Hear(pair.b(), b) == text);
    EXPECT_EQ(pair.a().now(), before);
    int with_text = 0;
    for (const Pair::Crossing& crossing : pair.log()) with_text += crossing.text > 0;
    // With SACK the last hole goes twice: rule 4 of NextSeg() asks only how far HighACK has come.
    EXPECT_EQ(with_text, sack ? 14 : 13);
  }
}

TEST(HostTest, AnyRecoveryDeliversEverythingOverAWireThatLosesAtRandom) {
  tcp::Policy slow = tcp::Policy::Rfc9293();
  slow.full_ack = tcp::FullAck::kSsthresh;
  slow.partial_ack_timer = tcp::PartialAckTimer::kEachRestarts;
  slow.rearm_in_recovery = true;
  slow.limited_transmit = false;
  Prng prng(5681);
  for (tcp::Policy policy :
       {tcp::Policy::Rfc793(), tcp::Policy::Rfc9293(), tcp::Policy::Hardened(), slow}) {
    for (bool sack : {false, true}) {
      policy.sack = sack;
      Pair pair(IpFamily::kIpv4, policy);
      pair.set_logging(false);
      const auto [a, b] = pair.Connect();
      std::string text(400'000, '\0');
      for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31 + i / 251);
      std::string heard;
      size_t sent = 0;
      int recoveries = 0;
      bool recovering = false;
      for (int round = 0; heard.size() < text.size(); ++round) {
        ASSERT_LT(round, 20'000) << heard.size();
        sent += Say(pair.a(), a, std::string_view(text).substr(sent)).octets;
        for (bool any = true; any;) {
          any = false;
          for (Side side : {Side::kA, Side::kB}) {
            pair.Lose(side, prng.OneIn(12) ? 1 : 0);
            any = pair.Cross(side) || any;
            ASSERT_EQ(tcp::CheckInvariants(*pair.host(side).TcbOf(side == Side::kA ? a : b)).size(),
                      0u);
          }
          const bool now = pair.a().TcbOf(a)->congestion.recovering;
          recoveries += now && !recovering;
          recovering = now;
        }
        heard += Hear(pair.b(), b);
        pair.a().Advance(Duration::Milliseconds(20), Stop::kAtEnd);
        pair.b().Advance(Duration::Milliseconds(20), Stop::kAtEnd);
      }
      EXPECT_TRUE(heard == text);
      EXPECT_GT(recoveries, 3) << "there was something to see";
    }
  }
}

//= RFC2018-3-1 type=test
TEST_P(BothFamilies, SackBlocksCrossTheWireAsTheyAre) {
  Pair pair(GetParam());
  const auto [a, b] = pair.Connect();
  Say(pair.a(), a, std::string(1000, 'x'));
  pair.Lose(Side::kA, 1);
  pair.Cross(Side::kA);
  ASSERT_EQ(pair.a().SetNagle(a, tcp::Flag::kNo), Error::kNone);
  Say(pair.a(), a, "yz");
  pair.Cross(Side::kA);
  const wire::Octets packet = pair.b().Poll();
  const wire::Segment ack = wire::DecodeSegment(wire::DecodePacket(packet).payload);
  const wire::OptionSet options = wire::DecodeOptions(ack.options);
  ASSERT_EQ(options.sack.size(), 1u);
  const uint32_t una = pair.a().TcbOf(a)->snd.una.wire();
  EXPECT_EQ(options.sack[0], (wire::SackBlock{una + 1000, una + 1002}));
}

//= MUST-16 type=test
//= MUST-67 type=test
TEST(HostTest, NothingIsLargerThanTheSmallestLinkCarries) {
  constexpr uint32_t kSmallest = 68;
  for (const bool timestamps : {true, false}) {
    tcp::Policy policy = tcp::Policy::Rfc9293();
    policy.timestamps = timestamps;
    policy.window_scale = true;
    policy.sack = false;
    Config a_config = Pair::ConfigOf(Side::kA, IpFamily::kIpv4, policy);
    Config b_config = Pair::ConfigOf(Side::kB, IpFamily::kIpv4, policy);
    a_config.mtu = b_config.mtu = kSmallest;
    Pair pair(a_config, b_config);
    const auto [a, b] = pair.Connect();
    pair.set_logging(false);
    // Both talk, and every third packet is lost.
    size_t largest = 0;
    size_t packets = 0;
    for (int round = 0; round < 200; ++round) {
      Say(pair.a(), a, std::string(500, 'a'));
      Say(pair.b(), b, std::string(500, 'b'));
      std::array<std::byte, 4000> read;
      pair.a().Receive(a, read);
      pair.b().Receive(b, read);
      for (Side side : {Side::kA, Side::kB}) {
        for (wire::Octets packet = pair.host(side).Poll(); !packet.empty();
             packet = pair.host(side).Poll()) {
          largest = std::max(largest, packet.size());
          if (++packets % 3 != 0) pair.host(Other(side)).Deliver(packet);
        }
      }
      pair.Pass(Duration::Milliseconds(300));
    }
    EXPECT_EQ(largest, kSmallest);
  }
}

TEST(HostTest, AReaderThatPausesClosesTheWindowAndProbingGoesOnUntilItReads) {
  Pair pair;
  const auto [a, b] = pair.Connect();
  pair.set_logging(false);
  const std::string text(100'000, 'x');
  size_t sent = 0;
  for (int i = 0; i < 100; ++i) {
    sent += Say(pair.a(), a, std::string_view(text).substr(sent)).octets;
    pair.Pass(Duration::Seconds(10));
  }
  EXPECT_EQ(pair.a().State(a), State::kEstablished);
  EXPECT_EQ(pair.b().TcbOf(b)->rcv.wnd, 0u);
  std::string heard;
  for (int i = 0; i < 100; ++i) {
    heard += Hear(pair.b(), b);
    pair.Pass(Duration::Seconds(1));
  }
  EXPECT_EQ(heard, text);
}

//= MUST-12 type=test
TEST(HostTest, AnEndOfStreamAndAResetAreToldApart) {
  Pair pair;
  const auto [a, b] = pair.Connect();
  std::byte octet[1];
  EXPECT_EQ(pair.b().Receive(b, octet).error, Error::kAgain);
  pair.a().Shutdown(a);
  pair.Settle();
  const Transfer end = pair.b().Receive(b, octet);
  EXPECT_EQ(end.octets, 0u);
  EXPECT_EQ(end.error, Error::kNone);
  pair.a().Abort(a);
  pair.Settle();
  EXPECT_EQ(pair.b().Receive(b, octet).error, Error::kReset);
  EXPECT_EQ(pair.b().ErrorOf(b), Error::kReset);
  EXPECT_EQ(pair.b().State(b), State::kClosed);
}

TEST(HostTest, WhatWasReceivedCanBeReadAfterBothEndsHaveClosed) {
  Pair pair;
  const auto [a, b] = pair.Connect();
  Say(pair.a(), a, "last words");
  pair.a().Shutdown(a);
  pair.Settle();
  pair.b().Shutdown(b);
  pair.Settle();
  EXPECT_EQ(pair.b().State(b), State::kClosed);
  EXPECT_EQ(Hear(pair.b(), b), "last words");
  std::byte octet[1];
  EXPECT_EQ(pair.b().Receive(b, octet).error, Error::kNone);
}

//= 3.10.7.1 type=test
TEST(HostTest, ASegmentOfNobodyDrawsAResetAndAConnectIsRefused) {
  Pair pair;
  const Handle a = pair.a().Connect(0, pair.At(Side::kB, 81)).handle;
  pair.Settle();
  EXPECT_EQ(pair.Story(), "a:SYN b:RST,ACK");
  EXPECT_EQ(pair.a().State(a), State::kClosed);
  EXPECT_EQ(pair.a().ErrorOf(a), Error::kRefused);
}

// Takes a's next packet, changes it, and gives it to b.
template <typename Change>
void Forge(Pair& pair, Change change) {
  const wire::Octets packet = pair.a().Poll();
  ASSERT_FALSE(packet.empty());
  std::vector<std::byte> copy(packet.begin(), packet.end());
  change(copy);
  pair.b().Deliver(copy);
}

//= MUST-3 type=test
//= MUST-57 type=test
//= MUST-63 type=test
TEST(HostTest, BadChecksumsForeignAddressesAndBadSourcesDrawNothing) {
  const auto deliver = [](auto change) {
    Pair pair;
    pair.b().Listen(80, 1);
    pair.a().Connect(0, pair.At(Side::kB, 80));
    Forge(pair, change);
    return pair.b().HasOutput();
  };
  const auto readdress = [](size_t at, std::array<uint8_t, 4> address) {
    return [at, address](std::vector<std::byte>& packet) {
      for (size_t i = 0; i < 4; ++i) packet[at + i] = std::byte{address[i]};
      packet[10] = packet[11] = std::byte{0};
      const uint16_t sum = wire::InternetChecksum(wire::Octets(packet).first(20));
      packet[10] = static_cast<std::byte>(sum >> 8);
      packet[11] = static_cast<std::byte>(sum);
      const wire::Packet decoded = wire::DecodePacket(packet);
      wire::SealTcp(decoded.source, decoded.destination, wire::MutableOctets(packet).subspan(20));
    };
  };
  EXPECT_TRUE(deliver([](auto&) {}));
  EXPECT_TRUE(deliver(readdress(12, {198, 51, 100, 7})));
  EXPECT_FALSE(deliver([](auto& packet) { packet[36] ^= std::byte{1}; })) << "TCP checksum";
  EXPECT_FALSE(deliver(readdress(16, {224, 0, 0, 1}))) << "to a group";
  EXPECT_FALSE(deliver(readdress(16, {255, 255, 255, 255}))) << "to everybody";
  EXPECT_FALSE(deliver(readdress(16, {192, 0, 2, 9}))) << "to somebody else";
  EXPECT_FALSE(deliver(readdress(12, {224, 0, 0, 1}))) << "from a group";
  EXPECT_FALSE(deliver(readdress(12, {0, 0, 0, 0}))) << "from nowhere";
  EXPECT_FALSE(deliver(readdress(12, {127, 0, 0, 1}))) << "from the loopback";
}

//= MUST-41 type=test
TEST(HostTest, AListenerStaysAndItsBacklogCountsEmbryos) {
  Pair pair;
  const Handle listener = pair.b().Listen(80, 2).handle;
  std::vector<Handle> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(pair.a().Connect(0, pair.At(Side::kB, 80)).handle);
  pair.Settle();
  EXPECT_EQ(pair.b().State(listener), State::kListen);
  EXPECT_EQ(pair.a().State(clients[1]), State::kEstablished);
  EXPECT_EQ(pair.a().State(clients[2]), State::kSynSent) << "the backlog is full";
  const Accepted first = pair.b().Accept(listener);
  EXPECT_EQ(first.error, Error::kNone);
  EXPECT_EQ(first.from.address, pair.At(Side::kA, 0).address);
  pair.Pass(Duration::Seconds(1));  // the SYN goes again
  EXPECT_EQ(pair.a().State(clients[2]), State::kEstablished);
  EXPECT_EQ(pair.b().Accept(listener).error, Error::kNone);
  EXPECT_EQ(pair.b().Accept(listener).error, Error::kNone);
  EXPECT_EQ(pair.b().Accept(listener).error, Error::kAgain);
}

TEST(HostTest, AnAbortBeforeAcceptTakesTheConnectionOutOfTheQueue) {
  Pair pair;
  const Handle listener = pair.b().Listen(80, 1).handle;
  const Handle first = pair.a().Connect(0, pair.At(Side::kB, 80)).handle;
  pair.Settle();
  pair.a().Abort(first);
  pair.Settle();
  EXPECT_EQ(pair.b().Accept(listener).error, Error::kAgain);
  pair.a().Connect(0, pair.At(Side::kB, 80));
  pair.Settle();
  EXPECT_EQ(pair.b().Accept(listener).error, Error::kNone);
}

TEST(HostTest, ClosingAListenerResetsWhatNobodyAccepted) {
  Pair pair;
  const Handle listener = pair.b().Listen(80, 8).handle;
  const Handle a = pair.a().Connect(0, pair.At(Side::kB, 80)).handle;
  pair.Settle();
  EXPECT_EQ(pair.b().Close(listener), Error::kNone);
  pair.Settle();
  EXPECT_EQ(pair.a().ErrorOf(a), Error::kReset);
  EXPECT_EQ(pair.b().State(listener), State::kClosed);
}

//= MAY-2 type=test
TEST(HostTest, ANewSynReopensTimeWaitWithHigherNumbers) {
  Pair pair;
  const Handle listener = pair.b().Listen(80, 8).handle;
  const Handle a = pair.a().Connect(4000, pair.At(Side::kB, 80)).handle;
  pair.Settle();
  const Handle b = pair.b().Accept(listener).handle;
  pair.b().Shutdown(b);
  pair.Settle();
  pair.a().Shutdown(a);
  pair.Settle();
  ASSERT_EQ(pair.b().State(b), State::kTimeWait);
  ASSERT_EQ(pair.a().State(a), State::kClosed);
  const wire::SndSeq old_nxt = pair.b().TcbOf(b)->snd.nxt;
  // Half a circle of the 4 us clock would be an hour; a second is enough to be ahead.
  pair.Pass(Duration::Seconds(1));
  const Handle again = pair.a().Connect(4000, pair.At(Side::kB, 80)).handle;
  pair.Settle();
  EXPECT_EQ(pair.a().State(again), State::kEstablished);
  const Handle accepted = pair.b().Accept(listener).handle;
  ASSERT_NE(accepted, kNoHandle);
  EXPECT_TRUE(Before(old_nxt, pair.b().TcbOf(accepted)->iss));
}

TEST(HostTest, FirstIssIsAsConfiguredAndTheNextFollowsTheClock) {
  Config config = Pair::ConfigOf(Side::kA, IpFamily::kIpv4);
  config.use_first_iss = true;
  config.first_iss = 0xffff'ffff;
  Host host(config);
  const wire::Endpoint remote{wire::IpAddress::V4(192, 0, 2, 2), 80};
  const Handle first = host.Connect(1000, remote).handle;
  EXPECT_EQ(host.TcbOf(first)->iss, wire::SndSeq(0xffff'ffff));
  const Handle second = host.Connect(1001, remote).handle;
  const wire::SndSeq before = host.TcbOf(second)->iss;
  host.Abort(second);
  host.Advance(Duration::Milliseconds(4), Stop::kAtEnd);
  const Handle third = host.Connect(1001, remote).handle;
  //= MUST-8 type=test
  EXPECT_EQ(Distance(before, host.TcbOf(third)->iss), 1000u);
}

TEST(HostTest, HandlesAreNeverGivenOutTwiceAndNamesOfTheDeadAreRemembered) {
  Pair pair;
  pair.set_logging(false);
  const Handle listener = pair.b().Listen(80, 8).handle;
  Handle last = -1;
  for (int i = 0; i < 3000; ++i) {
    const Opened opened = pair.a().Connect(0, pair.At(Side::kB, 80));
    ASSERT_EQ(opened.error, Error::kNone);
    ASSERT_GT(opened.handle, last);
    last = opened.handle;
    pair.Settle();
    const Handle accepted = pair.b().Accept(listener).handle;
    ASSERT_NE(accepted, kNoHandle);
    pair.a().Abort(opened.handle);
    pair.Settle();
    ASSERT_EQ(pair.a().State(opened.handle), State::kClosed);
    ASSERT_EQ(pair.b().ErrorOf(accepted), Error::kReset);
  }
  EXPECT_EQ(pair.b().State(listener), State::kListen);
}

TEST(HostTest, ResetLeavesNoTrace) {
  Pair used;
  const auto play = [](Pair& pair) {
    const auto [a, b] = pair.Connect();
    Say(pair.a(), a, "something");
    pair.Lose(Side::kB, 1);
    pair.Pass(Duration::Seconds(5));
    pair.b().Close(b);
    pair.Pass(Duration::Seconds(5));
    pair.a().Abort(a);
    pair.Settle();
  };
  const auto same = [](const Pair& x, const Pair& y) {
    if (x.log().size() != y.log().size()) return false;
    for (size_t i = 0; i < x.log().size(); ++i) {
      if (x.log()[i].header != y.log()[i].header) return false;
    }
    return true;
  };
  play(used);
  used.Reset();
  Pair fresh;
  play(used);
  play(fresh);
  EXPECT_TRUE(same(used, fresh)) << used.Story() << "\n" << fresh.Story();
}

TEST(HostTest, AdvanceStopsAtTheFirstOutputIfAsked) {
  Pair pair;
  const auto [a, b] = pair.Connect();
  Say(pair.a(), a, "lost");
  pair.a().Poll();
  EXPECT_EQ(pair.a().Advance(Duration::Seconds(100), Stop::kAtOutput).ns(),
            Duration::Seconds(1).ns());
  EXPECT_TRUE(pair.a().HasOutput());
  EXPECT_EQ(pair.a().Advance(Duration::Seconds(100), Stop::kAtOutput).ns(), 0);
  pair.a().Poll();
  EXPECT_EQ(pair.a().Advance(Duration::Seconds(1), Stop::kAtOutput).ns(),
            Duration::Seconds(1).ns());
  EXPECT_FALSE(pair.a().HasOutput());
}

TEST(TimerHeapTest, GivesTheEarliestAndOfEqualsTheFirst) {
  TimerHeap heap;
  const auto at = [](int64_t n) { return Instant::FromNanoseconds(n); };
  for (uint32_t slot = 0; slot < 100; ++slot) heap.Set(slot, at(slot * 37 % 50));
  for (uint32_t slot = 0; slot < 100; slot += 3) heap.Set(slot, kNever);
  for (uint32_t slot = 1; slot < 100; slot += 3) heap.Set(slot, at(100 - slot));
  Instant last;
  uint32_t last_slot = 0;
  int taken = 0;
  for (; heap.Next() != kNever; ++taken) {
    const Instant next = heap.Next();
    const uint32_t slot = heap.NextSlot();
    EXPECT_TRUE(last < next || (last == next && (taken == 0 || last_slot < slot)));
    last = next;
    last_slot = slot;
    heap.Set(slot, kNever);
  }
  EXPECT_EQ(taken, 66);
}

}  // namespace
}  // namespace assay::host
