// The user's calls as a host offers them: ports, passive opens with a peer, and what the user is
// told without asking (RFC 9293, 3.9.1).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "stack/host/bench_for_test.h"
#include "stack/wire/checksum.h"

namespace assay::host {
namespace {

using spec::State;
using wire::IpFamily;
using wire::kAck;
using wire::kRst;
using wire::kSyn;
using wire::kUrg;

class CallsOfBothFamilies : public testing::TestWithParam<IpFamily> {};
INSTANTIATE_TEST_SUITE_P(, CallsOfBothFamilies, testing::Values(IpFamily::kIpv4, IpFamily::kIpv6),
                         [](const auto& param) {
                           return param.param == IpFamily::kIpv4 ? "Ipv4" : "Ipv6";
                         });

//= MUST-42 type=test
TEST_P(CallsOfBothFamilies, APortListensWhileItsConnectionsOpen) {
  Bench bench(GetParam());
  bench.host.Connect(80, bench.Peer(9));  // SYN-SENT on port 80
  EXPECT_EQ(bench.Told(), "SYN");
  const Handle listener = bench.host.Listen(80, 4).handle;
  bench.Arrives(bench.Peer(5555), bench.Own(80), {.control = kSyn, .seq = 5000, .ack = 0});
  EXPECT_EQ(bench.Told(), "SYN,ACK");  // SYN-RECEIVED on port 80
  bench.Arrives(bench.Peer(5556), bench.Own(80), {.control = kSyn, .seq = 5000, .ack = 0});
  EXPECT_EQ(bench.Told(), "SYN,ACK");
  EXPECT_EQ(bench.host.State(listener), State::kListen);
}

// --- A passive OPEN that names its peer. ---

//= 3.10.1 type=test
TEST_P(CallsOfBothFamilies, APassiveOpenWithAPeerComesBeforeAListener) {
  Bench bench(GetParam());
  const Handle listener = bench.host.Listen(80, 4).handle;
  const Handle named = bench.host.OpenPassive(bench.Own(80), bench.Peer(5555)).handle;
  EXPECT_EQ(bench.host.State(named), State::kListen);
  EXPECT_EQ(bench.host.OpenPassive(bench.Own(80), bench.Peer(5555)).error, Error::kInUse);
  bench.Arrives(bench.Peer(6666), bench.Own(80), {.control = kSyn, .seq = 5000, .ack = 0});
  EXPECT_EQ(bench.Told(), "SYN,ACK");
  EXPECT_EQ(bench.host.State(named), State::kListen) << "that was another peer";
  bench.Arrives(bench.Peer(5555), bench.Own(80), {.control = kSyn, .seq = 5000, .ack = 0});
  const auto sent = bench.Sent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(bench.host.State(named), State::kSynReceived);
  bench.Arrives(bench.Peer(5555), bench.Own(80), {.ack = sent[0].header.seq + 1});
  EXPECT_EQ(bench.host.State(named), State::kEstablished);
  EXPECT_EQ(bench.host.Accept(listener).error, Error::kAgain) << "it is nobody's child";
}

//= MUST-11 type=test
TEST_P(CallsOfBothFamilies, APassiveOpenWithAPeerListensAgainAfterAReset) {
  Bench bench(GetParam());
  const Handle named = bench.host.OpenPassive(bench.Own(80), bench.Peer(5555)).handle;
  for (int round = 0; round < 3; ++round) {
    bench.Arrives(bench.Peer(5555), bench.Own(80), {.control = kSyn, .seq = 5000, .ack = 0});
    EXPECT_EQ(bench.Told(), "SYN,ACK");
    bench.Arrives(bench.Peer(5555), bench.Own(80), {.control = kRst, .seq = 5001});
    EXPECT_EQ(bench.host.State(named), State::kListen);
    EXPECT_EQ(bench.host.NextTimer(), kNever);
  }
  EXPECT_EQ(bench.host.Close(named), Error::kNone);
  bench.Arrives(bench.Peer(5555), bench.Own(80), {.control = kSyn, .seq = 5000, .ack = 0});
  EXPECT_EQ(bench.Told(), "RST,ACK");
}

//= 3.10.2 type=test
TEST_P(CallsOfBothFamilies, ASendTurnsAPassiveOpenActive) {
  Bench bench(GetParam());
  const Handle named = bench.host.OpenPassive(bench.Own(80), bench.Peer(5555)).handle;
  EXPECT_EQ(bench.Say(named, 10).octets, 10u);
  EXPECT_EQ(bench.host.State(named), State::kSynSent);
  const auto sent = bench.Sent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].header.control, kSyn);
  bench.Arrives(bench.Peer(5555), bench.Own(80),
                {.control = kSyn | kAck, .seq = 5000, .ack = sent[0].header.seq + 1});
  EXPECT_EQ(bench.Told(), "PSH,ACK(10)");
  const Handle listener = bench.host.Listen(81, 1).handle;
  EXPECT_EQ(bench.Say(listener, 10).error, Error::kInvalid) << "whose peer nobody named";
}

TEST(HostCallsTest, AnActiveOpenTakesUpAPassiveOne) {
  Bench bench;
  const Handle named = bench.host.OpenPassive(bench.Own(80), bench.Peer(5555)).handle;
  const Opened opened = bench.host.Connect(80, bench.Peer(5555));
  EXPECT_EQ(opened.handle, named);
  EXPECT_EQ(bench.Told(), "SYN");
  EXPECT_EQ(bench.host.Connect(80, bench.Peer(5555)).error, Error::kInUse);
}

// --- Ports. ---

//= 6056:3.2 type=test
//= 6056:3.3 type=test
//= 6056:2.2 type=test
TEST(HostPortTest, PortsAreSpreadAndNeverTaken) {
  Config config = Bench::ConfigOf();
  config.max_connections = 2000;
  Bench bench(config);
  std::set<uint16_t> ports;
  uint16_t lowest = 65535;
  uint16_t highest = 0;
  std::set<int> steps;
  int before = 0;
  for (int i = 0; i < 1000; ++i) {
    const Handle h = bench.host.Connect(0, bench.Peer(static_cast<uint16_t>(1 + i % 200))).handle;
    const uint16_t port = bench.host.StatusOf(h).local.port;
    EXPECT_GE(port, 1024);
    ports.insert(port);
    lowest = std::min(lowest, port);
    highest = std::max(highest, port);
    steps.insert(port - before);
    before = port;
  }
  EXPECT_LT(lowest, 5000);
  EXPECT_GT(highest, 60'000);
  EXPECT_GT(steps.size(), 100u) << "no constant increment";

  // What listens is left alone, and so is what is in use.
  Bench few;
  const Handle first = few.host.Connect(0, few.Peer(80)).handle;
  const uint16_t next = static_cast<uint16_t>(few.host.StatusOf(first).local.port + 1);
  few.host.Listen(next, 1);
  const Handle second = few.host.Connect(0, few.Peer(80)).handle;
  EXPECT_NE(few.host.StatusOf(second).local.port, next);
}

// --- What IP is asked for. ---

//= MUST-20 type=test
//= SHLD-9 type=test
//= SHLD-10 type=test
//= U-3.9.1.8-1 type=test
TEST_P(CallsOfBothFamilies, AtR1TheUserAndIpHearOfTrouble) {
  Bench bench(GetParam());
  const Handle h = bench.Established();
  bench.Say(h, 10);
  bench.host.Advance(Duration::Seconds(6), Stop::kAtEnd);  // two retransmissions
  EXPECT_FALSE(bench.host.NextReport(h).has_value());
  EXPECT_FALSE(bench.host.TakeAdvice().has_value());
  bench.host.Advance(Duration::Seconds(6), Stop::kAtEnd);  // and the third
  EXPECT_EQ(bench.host.NextReport(h)->kind, ReportKind::kDeliveryTrouble);
  EXPECT_EQ(bench.host.TakeAdvice(), bench.Peer(80).address);
  EXPECT_FALSE(bench.host.TakeAdvice().has_value());
  EXPECT_EQ(bench.host.State(h), State::kEstablished) << "R2 is far";
}

//= MUST-22 type=test
//= MUST-23 type=test
TEST_P(CallsOfBothFamilies, ASynThatNobodyAnswersGoesTheSameWay) {
  Bench bench(GetParam());
  const Handle h = bench.host.Connect(0, bench.Peer(80)).handle;
  bench.host.Advance(Duration::Seconds(179), Stop::kAtEnd);
  EXPECT_EQ(bench.host.State(h), State::kSynSent);
  EXPECT_EQ(bench.host.NextReport(h)->kind, ReportKind::kDeliveryTrouble);
  EXPECT_TRUE(bench.host.TakeAdvice().has_value());
  bench.host.Advance(Duration::Seconds(100), Stop::kAtEnd);
  EXPECT_EQ(bench.host.State(h), State::kClosed);
  EXPECT_EQ(bench.host.ErrorOf(h), Error::kTimedOut);
}

//= MUST-32 type=test
//= MUST-33 type=test
//= U-3.9.1.8-1 type=test
TEST(HostReportTest, UrgentDataIsReportedAndMeasured) {
  Bench bench;
  const Handle h = bench.Established();
  wire::Header header;
  header.source_port = 80;
  header.destination_port = 4000;
  header.seq = 5001;
  header.ack = 1001;
  header.control = kAck | kUrg;
  header.window = 1000;
  header.urgent = 30;
  std::array<std::byte, 200> out;
  const std::vector<std::byte> text(50);
  bench.host.Deliver(
      wire::EncodeTcpPacket(bench.Peer(80).address, bench.config.address, header, {}, text, out));
  EXPECT_EQ(bench.host.NextReport(h)->kind, ReportKind::kUrgent);
  EXPECT_EQ(bench.host.StatusOf(h).tcp.urgent_ahead, 30u);
}

TEST(HostReportTest, ReportsThatNobodyTakesAreBounded) {
  Bench bench;
  const Handle h = bench.Established();
  bench.Say(h, 10);
  const auto sent = bench.Sent();
  for (int i = 0; i < 1000; ++i) bench.RouterSays(3, 1, 0, sent[0]);
  int reports = 0;
  while (bench.host.NextReport(h).has_value()) ++reports;
  EXPECT_EQ(reports, 8);
}

// --- The rest. ---

//= MUST-24 type=test
//= MAY-6 type=test
TEST_P(CallsOfBothFamilies, KeepAliveIsOneConnectionsAffair) {
  Config config = Bench::ConfigOf(GetParam());
  config.policy.keep_alive_octet = true;
  Bench bench(config);
  const Handle h = bench.Established(80);
  const Handle other = bench.host.Connect(4001, bench.Peer(81)).handle;
  const uint32_t iss = bench.Sent()[0].header.seq;
  bench.Arrives(bench.Peer(81), bench.Own(4001),
                {.control = kSyn | kAck, .seq = 5000, .ack = iss + 1});
  bench.Sent();
  EXPECT_EQ(bench.host.SetKeepAlive(h, tcp::Flag::kYes, Duration::Seconds(60)), Error::kNone);
  EXPECT_EQ(bench.host.SetKeepAlive(h, tcp::Flag::kYes, Duration::Seconds(-1)), Error::kInvalid);
  bench.host.Advance(Duration::Seconds(61), Stop::kAtEnd);
  const auto sent = bench.Sent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].header.destination_port, 80);
  EXPECT_EQ(sent[0].header.seq, 1000u);
  EXPECT_EQ(sent[0].text, 1u);
  EXPECT_EQ(wire::DecodeSegment(sent[0].packet.payload).payload[0], std::byte{0});
  EXPECT_EQ(bench.host.State(other), State::kEstablished);
}

//= 3.10.6 type=test
TEST_P(CallsOfBothFamilies, StatusNamesBothSockets) {
  Bench bench(GetParam());
  const Handle h = bench.Established();
  bench.host.SetDscp(h, 10);
  const Status status = bench.host.StatusOf(h);
  EXPECT_EQ(status.tcp.state, State::kEstablished);
  EXPECT_EQ(status.local, bench.Own(4000));
  EXPECT_EQ(status.remote, bench.Peer(80));
  EXPECT_EQ(status.dscp, 10);
  EXPECT_EQ(bench.host.StatusOf(12345).tcp.answer, tcp::Answer::kDoesNotExist);
}

// Text stays in the send buffer until its packet is taken, but not when others take its place.
TEST_P(CallsOfBothFamilies, WhatWaitsKeepsItsTextWhateverComesAfterIt) {
  Config config = Bench::ConfigOf(GetParam());
  config.policy.send_buffer = 2048;
  Bench bench(config);
  const Handle h = bench.Established();
  const auto say = [&](char what) {
    const std::vector<std::byte> text(2048, static_cast<std::byte>(what));
    return bench.host.Send(h, text, tcp::Flag::kYes, tcp::Flag::kNo).octets;
  };
  EXPECT_EQ(say('a'), 2048u);
  bench.Arrives(bench.Peer(80), bench.Own(4000), {.ack = 1001 + 500});
  EXPECT_EQ(say('b'), 500u);
  bench.Arrives(bench.Peer(80), bench.Own(4000), {.ack = 1001 + 536});
  size_t octets = 0;
  for (const SentPacket& sent : bench.Sent()) {
    EXPECT_TRUE(
        wire::TcpChecksumIsRight(sent.packet.source, sent.packet.destination, sent.packet.payload));
    const wire::Octets text = sent.packet.payload.last(sent.text);
    for (size_t i = 0; i < text.size(); ++i) {
      const size_t at = sent.header.seq - 1001 + i;
      ASSERT_EQ(static_cast<char>(text[i]), at < 2048 ? 'a' : 'b') << at;
    }
    octets += text.size();
  }
  EXPECT_GE(octets, 1024u);
}

// A packet is the same octets wherever it is written: with text in one piece and in two, and
// without.
TEST_P(CallsOfBothFamilies, APacketIsTakenInPlaceOrElsewhere) {
  Config config = Bench::ConfigOf(GetParam());
  config.policy.send_buffer = 1024;
  Bench bench(config);
  Bench other(config);
  const Handle h = bench.Established();
  ASSERT_EQ(other.Established(), h);
  std::vector<std::byte> text(700);
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<std::byte>(i);
  std::vector<std::byte> room(2000);
  size_t packets = 0;
  for (uint32_t sent = 0; sent < 7'000; sent += 700) {
    for (Bench* each : {&bench, &other}) {
      each->host.Send(h, text, tcp::Flag::kYes, tcp::Flag::kNo);
      each->Arrives(each->Peer(80), each->Own(4000), {.seq = 5001, .ack = 1001 + sent});
    }
    while (true) {
      const wire::Octets in_place = bench.host.Poll();
      const wire::Octets elsewhere = other.host.PollInto(room);
      ASSERT_TRUE(std::ranges::equal(in_place, elsewhere)) << sent;
      if (in_place.empty()) break;
      EXPECT_EQ(elsewhere.data(), room.data());
      ++packets;
    }
    for (Bench* each : {&bench, &other}) {
      each->Arrives(each->Peer(80), each->Own(4000), {.seq = 5001, .ack = 1001 + sent + 700});
    }
  }
  EXPECT_GE(packets, 10u);
}

// Timers are put in order when they are asked for, of however many connections.
TEST(HostLimitTest, EachOfManyConnectionsHasItsTimer) {
  Bench bench;
  for (uint16_t port = 1; port <= 50; ++port) {
    bench.host.Connect(port, bench.Peer(80));
    if (port % 20 == 0) bench.host.Advance(Duration::Milliseconds(1), Stop::kAtEnd);
  }
  EXPECT_EQ(bench.Sent().size(), 50u);
  const Duration until = bench.host.NextTimer() - bench.host.now();
  EXPECT_GT(until, Duration());
  EXPECT_LE(until, Duration::Seconds(1));
  bench.host.Advance(Duration::Seconds(1), Stop::kAtEnd);
  std::set<uint16_t> again;
  for (const SentPacket& sent : bench.Sent()) again.insert(sent.header.source_port);
  EXPECT_EQ(again.size(), 50u);
  EXPECT_GT(bench.host.NextTimer(), bench.host.now());
}

TEST_P(CallsOfBothFamilies, TimestampsStandOnEverySegmentOfAPair) {
  Pair pair(GetParam());
  const auto [a, b] = pair.Connect();
  EXPECT_TRUE(pair.a().TcbOf(a)->ts.on);
  const std::vector<std::byte> much(20'000);
  pair.a().Send(a, much, tcp::Flag::kNo, tcp::Flag::kNo);
  const size_t ip_size = GetParam() == IpFamily::kIpv4 ? 20u : 40u;
  size_t packets = 0;
  for (wire::Octets packet = pair.a().Poll(); !packet.empty(); packet = pair.a().Poll()) {
    ++packets;
    EXPECT_LE(packet.size(), 1500u);
    const wire::Segment segment = wire::DecodeSegment(wire::DecodePacket(packet).payload);
    EXPECT_EQ(segment.payload.size(), 1500 - ip_size - 20 - 12);
    EXPECT_TRUE(wire::DecodeOptions(segment.options).timestamps.has_value());
    if (packets == 3) break;
  }
  EXPECT_EQ(packets, 3u);
}

//= 7323:7 type=test
TEST(HostTimestampsTest, TheOffsetIsTheConnectionsAndComesAgain) {
  Bench bench;
  std::set<uint32_t> values;
  for (uint16_t port = 1; port <= 20; ++port) {
    bench.host.Connect(4000, bench.Peer(port));
    values.insert(bench.Sent()[0].options.timestamps->value);
  }
  EXPECT_EQ(values.size(), 20u);
  const auto value_of = [&] {
    const Handle h = bench.host.Connect(5000, bench.Peer(99)).handle;
    const uint32_t value = bench.Sent()[0].options.timestamps->value;
    bench.host.Abort(h);
    return value;
  };
  const uint32_t first = value_of();
  bench.host.Advance(Duration::Milliseconds(500), Stop::kAtEnd);
  EXPECT_EQ(value_of() - first, 500u);
}

// --- Calls with a handle that names nothing, or something else. ---

void ExpectClosedInEveryCall(Host& host, Handle handle) {
  std::array<std::byte, 4> octets;
  EXPECT_EQ(host.Accept(handle).error, Error::kClosed);
  EXPECT_EQ(host.Send(handle, octets, tcp::Flag::kNo, tcp::Flag::kNo).error, Error::kClosed);
  EXPECT_EQ(host.Receive(handle, octets).error, Error::kClosed);
  EXPECT_EQ(host.Shutdown(handle), Error::kClosed);
  EXPECT_EQ(host.Abort(handle), Error::kClosed);
  EXPECT_EQ(host.Flush(handle), Error::kClosed);
  EXPECT_EQ(host.SetNagle(handle, tcp::Flag::kNo), Error::kClosed);
  EXPECT_EQ(host.SetUserTimeout(handle, Duration::Seconds(1)), Error::kClosed);
  EXPECT_EQ(host.SetKeepAlive(handle, tcp::Flag::kYes), Error::kClosed);
  EXPECT_EQ(host.SetDscp(handle, 1), Error::kClosed);
  EXPECT_EQ(host.SetErrorReports(handle, tcp::Flag::kNo), Error::kClosed);
  EXPECT_FALSE(host.NextReport(handle).has_value());
  EXPECT_EQ(host.State(handle), State::kClosed);
  EXPECT_EQ(host.StatusOf(handle).tcp.answer, tcp::Answer::kDoesNotExist);
  EXPECT_EQ(host.Close(handle), Error::kClosed);
}

TEST(HostHandleTest, OneThatWasNeverGivenOutIsClosedInEveryCall) {
  Bench bench;
  bench.Established();
  for (Handle handle : {kNoHandle, Handle{-7}, Handle{12'345}}) {
    ExpectClosedInEveryCall(bench.host, handle);
    EXPECT_EQ(bench.host.ErrorOf(handle), Error::kClosed);
  }
}

TEST(HostHandleTest, OneThatItsUserHasLetGoOfIsClosedInEveryCall) {
  Bench bench;
  const Handle h = bench.Established();
  bench.Arrives(bench.Peer(80), bench.Own(4000), {.control = kRst});
  EXPECT_EQ(bench.host.Close(h), Error::kNone);
  ExpectClosedInEveryCall(bench.host, h);
  EXPECT_EQ(bench.host.ErrorOf(h), Error::kReset) << "what became of it is remembered";
}

TEST(HostHandleTest, AConnectionThatIsGoneTakesNoMoreSettings) {
  Bench bench;
  const Handle h = bench.Established();
  bench.Arrives(bench.Peer(80), bench.Own(4000), {.control = kRst});
  EXPECT_EQ(bench.host.Flush(h), Error::kClosed);
  EXPECT_EQ(bench.host.SetNagle(h, tcp::Flag::kNo), Error::kClosed);
  EXPECT_EQ(bench.host.SetUserTimeout(h, Duration::Seconds(1)), Error::kClosed);
  EXPECT_EQ(bench.host.SetKeepAlive(h, tcp::Flag::kYes), Error::kClosed);
  EXPECT_EQ(bench.host.SetDscp(h, 1), Error::kClosed);
  EXPECT_EQ(bench.host.SetErrorReports(h, tcp::Flag::kNo), Error::kClosed);
  EXPECT_EQ(bench.host.NextTimer(), kNever);
}

TEST(HostHandleTest, WhatIsNoPortNoListenerOrNoTimeIsRefused) {
  Bench bench;
  const Handle h = bench.Established();
  EXPECT_EQ(bench.host.Listen(0, 1).error, Error::kInvalid);
  EXPECT_EQ(bench.host.OpenPassive(bench.Own(0), bench.Peer(80)).error, Error::kInvalid);
  EXPECT_EQ(bench.host.Accept(h).error, Error::kInvalid);
  EXPECT_EQ(bench.host.SetUserTimeout(h, Duration() - Duration::Seconds(1)), Error::kInvalid);
  EXPECT_EQ(bench.host.TcbOf(h)->user_timeout, Duration());
}

TEST(HostHandleTest, WhatEndedAConnectionIsForgottenAfterManyMore) {
  Config config = Bench::ConfigOf();
  config.max_connections = 1;
  Bench bench(config);
  const Handle first = bench.host.Connect(0, bench.Peer(80)).handle;
  bench.host.Abort(first);
  EXPECT_EQ(bench.host.State(first), State::kClosed);
  for (int i = 0; i < 8; ++i) {
    const Opened opened = bench.host.Connect(0, bench.Peer(80));
    ASSERT_EQ(opened.error, Error::kNone) << "the slot of the dead is taken";
    ASSERT_GT(opened.handle, first);
    bench.host.Abort(opened.handle);
  }
  EXPECT_EQ(bench.host.ErrorOf(first), Error::kNone);
  EXPECT_EQ(bench.host.TcbOf(first), nullptr);
}

// --- Limits. ---

TEST(HostLimitTest, ASynThatFindsNoRoomIsDropped) {
  Config config = Bench::ConfigOf();
  config.max_connections = 2;
  Bench bench(config);
  bench.host.Listen(80, 8);
  bench.Arrives(bench.Peer(5001), bench.Own(80), {.control = kSyn, .seq = 1, .ack = 0});
  EXPECT_EQ(bench.Told(), "SYN,ACK");
  bench.Arrives(bench.Peer(5002), bench.Own(80), {.control = kSyn, .seq = 1, .ack = 0});
  EXPECT_EQ(bench.Told(), "");
}

TEST(HostLimitTest, OneConnectionThatEndsLeavesTheOthersReachable) {
  Config config = Bench::ConfigOf();
  config.max_connections = 32;
  Bench bench(config);
  std::vector<Handle> handles;
  for (uint16_t port = 0; port < 32; ++port) {
    handles.push_back(bench.host.Connect(4000, bench.Peer(uint16_t(100 + port))).handle);
  }
  const auto syns = bench.Sent();
  ASSERT_EQ(syns.size(), 32u);
  for (size_t i = 0; i < handles.size(); ++i) {
    EXPECT_EQ(bench.host.State(handles[i]), State::kSynSent);
    bench.Arrives(bench.Peer(syns[i].header.destination_port), bench.Own(4000),
                  {.control = kRst | kAck, .seq = 0, .ack = syns[i].header.seq + 1});
    EXPECT_EQ(bench.host.ErrorOf(handles[i]), Error::kRefused);
  }
}

TEST(HostLimitTest, AResetMayChangeHowManyConnectionsThereAre) {
  Bench bench;
  bench.host.Connect(0, bench.Peer(80));
  EXPECT_NE(bench.host.NextTimer(), kNever);
  Config config = Bench::ConfigOf();
  config.max_connections = 3;
  bench.host.Reset(config);
  EXPECT_EQ(bench.host.NextTimer(), kNever);
  EXPECT_EQ(bench.Told(), "");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(bench.host.Connect(0, bench.Peer(80)).error, Error::kNone);
  }
  EXPECT_EQ(bench.host.Connect(0, bench.Peer(80)).error, Error::kNoResources);
}

// The buffers of connections are kept from one run to the next, but not where others are asked for.
TEST(HostLimitTest, AResetMayChangeHowMuchAConnectionHolds) {
  Bench bench;
  Config config = Bench::ConfigOf();
  for (const uint32_t octets : {1024u, 2048u, 2048u, 512u}) {
    config.policy.send_buffer = octets;
    bench.host.Reset(config);
    const Handle handle = bench.host.Connect(0, bench.Peer(80)).handle;
    const std::vector<std::byte> data(5'000);
    EXPECT_EQ(bench.host.Send(handle, data, tcp::Flag::kNo, tcp::Flag::kNo).octets, octets);
  }
}

//= 6056:2.2 type=test
TEST(HostPortTest, APortThatIsInUseWithTheSamePeerIsNotChosen) {
  Bench bench;
  const Handle first = bench.host.Connect(0, bench.Peer(80)).handle;
  const auto next = static_cast<uint16_t>(bench.host.StatusOf(first).local.port + 1);
  ASSERT_EQ(bench.host.Connect(next, bench.Peer(80)).error, Error::kNone);
  const Opened second = bench.host.Connect(0, bench.Peer(80));
  ASSERT_EQ(second.error, Error::kNone);
  EXPECT_NE(bench.host.StatusOf(second.handle).local.port, next);
}

TEST(HostPortTest, WhenAllAreInUseWithOnePeerOthersCanStillBeReached) {
  Config config = Bench::ConfigOf();
  config.max_connections = 1u << 16;
  config.policy.send_buffer = config.policy.receive_buffer = 64;
  Bench bench(config);
  for (int port = 1024; port < 65536; ++port) {
    ASSERT_EQ(bench.host.Connect(0, bench.Peer(80)).error, Error::kNone) << port;
    bench.host.Poll();
  }
  EXPECT_EQ(bench.host.Connect(0, bench.Peer(80)).error, Error::kNoResources);
  EXPECT_EQ(bench.host.Connect(0, bench.Peer(81)).error, Error::kNone);
}

//= 3.10.7.2 type=test
TEST(HostCallsTest, AnAckForAPassiveOpenWithAPeerDrawsAReset) {
  Bench bench;
  const Handle h = bench.host.OpenPassive(bench.Own(80), bench.Peer(5555)).handle;
  bench.Arrives(bench.Peer(5555), bench.Own(80), {.ack = 777});
  const auto sent = bench.Sent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].header.control & kRst, kRst);
  EXPECT_EQ(sent[0].header.seq, 777u);
  EXPECT_EQ(bench.host.State(h), State::kListen);
}

//= MAY-14 type=test
TEST(HostCallsTest, AFlushTakesBackWhatTheWindowDoesNotCover) {
  Bench bench;
  const Handle h = bench.Established();
  EXPECT_EQ(bench.host.Flush(h), Error::kNone) << "nothing there";
  bench.Say(h, 10);
  EXPECT_EQ(bench.Told(), "PSH,ACK(10)");
  EXPECT_EQ(bench.host.Flush(h), Error::kNone);
  EXPECT_EQ(bench.host.StatusOf(h).tcp.awaiting_acknowledgment, 10u) << "what is sent stays";
}

//= SHLD-20 type=test
TEST(HostReportTest, AUserWhoWantsNoReportsGetsNoneAndIpStillHears) {
  Bench bench;
  const Handle h = bench.Established();
  EXPECT_EQ(bench.host.SetErrorReports(h, tcp::Flag::kNo), Error::kNone);
  bench.Say(h, 10);
  bench.host.Advance(Duration::Seconds(12), Stop::kAtEnd);
  EXPECT_FALSE(bench.host.NextReport(h).has_value());
  EXPECT_EQ(bench.host.TakeAdvice(), bench.Peer(80).address);
}

}  // namespace
}  // namespace assay::host
