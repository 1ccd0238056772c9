// ICMP errors find the connection whose segment they quote, and do no harm otherwise
// (RFC 9293, 3.9.2.2; RFC 5927).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "stack/base/prng.h"
#include "stack/host/bench_for_test.h"
#include "stack/tcp/invariants.h"

namespace assay::host {
namespace {

using spec::State;
using wire::IcmpKind;
using wire::IpFamily;

class HostIcmpTest : public testing::TestWithParam<IpFamily> {
 protected:
  HostIcmpTest() : bench_(GetParam()) {}

  bool v4() const { return GetParam() == IpFamily::kIpv4; }
  void PortUnreachable(const SentPacket& about) {
    bench_.RouterSays(v4() ? 3 : 1, v4() ? 3 : 4, 0, about);
  }
  void HostUnreachable(const SentPacket& about) {
    bench_.RouterSays(v4() ? 3 : 1, v4() ? 1 : 3, 0, about);
  }
  void TooBig(const SentPacket& about, uint32_t mtu) {
    bench_.RouterSays(v4() ? 3 : 2, v4() ? 4 : 0, mtu, about);
  }

  Bench bench_;
};
INSTANTIATE_TEST_SUITE_P(, HostIcmpTest, testing::Values(IpFamily::kIpv4, IpFamily::kIpv6),
                         [](const auto& param) {
                           return param.param == IpFamily::kIpv4 ? "Ipv4" : "Ipv6";
                         });

//= SHLD-26 type=test
//= RFC1122-3.2.2.1-1 type=test
TEST_P(HostIcmpTest, AHardErrorEndsAnOpenWithAnErrorOfItsOwn) {
  const Handle h = bench_.host.Connect(4000, bench_.Peer(80)).handle;
  PortUnreachable(bench_.Sent()[0]);
  EXPECT_EQ(bench_.host.State(h), State::kClosed);
  EXPECT_EQ(bench_.host.ErrorOf(h), Error::kUnreachable);
  EXPECT_EQ(bench_.Told(), "");
}

//= MUST-54 type=test
TEST_P(HostIcmpTest, OnlyTheConnectionThatIsQuotedHearsOfIt) {
  const Handle h = bench_.Established();
  const Handle other = bench_.host.Connect(4001, bench_.Peer(81)).handle;
  bench_.Sent();
  bench_.Say(h, 100);
  const auto sent = bench_.Sent();
  PortUnreachable(sent[0]);
  EXPECT_EQ(bench_.host.ErrorOf(h), Error::kUnreachable);
  EXPECT_EQ(bench_.host.State(other), State::kSynSent);
  PortUnreachable(sent[0]);  // of a connection that is gone
  EXPECT_EQ(bench_.host.State(other), State::kSynSent);
}

//= MUST-47 type=test
//= MUST-56 type=test
//= SHLD-20 type=test
//= SHLD-25 type=test
//= U-3.9.1.8-1 type=test
TEST_P(HostIcmpTest, ASoftErrorIsReportedUnlessReportsAreOff) {
  const Handle h = bench_.Established();
  bench_.Say(h, 100);
  const auto sent = bench_.Sent();
  HostUnreachable(sent[0]);
  EXPECT_EQ(bench_.host.State(h), State::kEstablished);
  EXPECT_EQ(bench_.host.ErrorOf(h), Error::kNone);
  const auto report = bench_.host.NextReport(h);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->kind, ReportKind::kSoftError);
  EXPECT_EQ(report->icmp, IcmpKind::kHostUnreachable);
  EXPECT_FALSE(bench_.host.NextReport(h).has_value());
  bench_.host.SetErrorReports(h, tcp::Flag::kNo);
  HostUnreachable(sent[0]);
  EXPECT_FALSE(bench_.host.NextReport(h).has_value());
  EXPECT_EQ(bench_.host.StatusOf(h).tcp.soft_error, IcmpKind::kHostUnreachable)
      << "who asks is told";
}

//= 1191:3 type=test
//= 7323:5.7 type=test
TEST_P(HostIcmpTest, ASmallerPathMakesSmallerPackets) {
  wire::OptionSet options;
  options.mss = 1440;
  const Handle h = bench_.Established(80, options);
  bench_.Say(h, 4000);
  const auto sent = bench_.Sent();
  ASSERT_EQ(sent[0].text, 1440u);
  TooBig(sent[0], 1300);
  auto again = bench_.Sent();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].octets.size(), 1300u);
  bench_.Say(h, 10'000);
  bench_.Arrives(bench_.Peer(80), bench_.Own(4000),
                 {.ack = 1001 + static_cast<uint32_t>(again[0].text)});
  again = bench_.Sent();
  EXPECT_FALSE(again.empty());
  for (const SentPacket& packet : again) EXPECT_LE(packet.octets.size(), 1300u);
}

//= 5927:4.1 type=test
TEST_P(HostIcmpTest, AQuoteOfWhatWasNeverSentIsNotBelieved) {
  const Handle h = bench_.Established();
  bench_.Say(h, 100);
  auto sent = bench_.Sent();
  const size_t ip_size = wire::IpHeaderSize(GetParam());
  for (int offset : {0, 1, 2, 3, 4, 5, 6, 7}) {  // ports and sequence number
    SentPacket forged = sent[0];
    forged.octets[ip_size + static_cast<size_t>(offset)] ^= std::byte{0x40};
    PortUnreachable(forged);
    EXPECT_EQ(bench_.host.State(h), State::kEstablished) << offset;
  }
  SentPacket from_elsewhere = sent[0];
  from_elsewhere.octets[v4() ? 15 : 23] ^= std::byte{2};
  PortUnreachable(from_elsewhere);
  EXPECT_EQ(bench_.host.State(h), State::kEstablished);
  PortUnreachable(sent[0]);
  EXPECT_EQ(bench_.host.State(h), State::kClosed);
}

TEST_P(HostIcmpTest, APassiveOpenThatIsUnreachableFreesItsPlace) {
  const Handle listener = bench_.host.Listen(80, 1).handle;
  for (int round = 0; round < 3; ++round) {
    bench_.Arrives(bench_.Peer(5555), bench_.Own(80),
                   {.control = wire::kSyn, .seq = 5000, .ack = 0});
    const auto sent = bench_.Sent();
    ASSERT_EQ(sent.size(), 1u) << round;
    PortUnreachable(sent[0]);
  }
  EXPECT_EQ(bench_.host.State(listener), State::kListen);
}

// Whatever a router, or somebody who says that he is one, sends: at most one packet comes back for
// one that goes in, and the connection's block stays whole.
TEST_P(HostIcmpTest, WhateverIsSaidIsAnsweredWithNoMoreThanWasSaid) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Prng prng(seed);
    Bench bench(Bench::ConfigOf(GetParam(),
                                prng.OneIn(2) ? tcp::Policy::Hardened() : tcp::Policy::Rfc9293()));
    const Handle h = bench.Established();
    bench.Say(h, 30'000);
    const auto sent = bench.Sent();
    for (int i = 0; i < 500; ++i) {
      const SentPacket& about = sent[prng.Below(static_cast<uint32_t>(sent.size()))];
      SentPacket said = about;
      if (prng.OneIn(4)) {
        said.octets[prng.Below(static_cast<uint32_t>(std::min<size_t>(said.octets.size(), 64)))] ^=
            static_cast<std::byte>(1 + prng.Below(255));
      }
      if (wire::DecodePacket(said.octets).source.family() != GetParam()) continue;
      bench.RouterSays(static_cast<uint8_t>(prng.Below(16)), static_cast<uint8_t>(prng.Below(8)),
                       prng.OneIn(2) ? prng.Below(1600) : static_cast<uint32_t>(prng.Next()), said,
                       prng.Below(120));
      ASSERT_LE(bench.Sent().size(), 1u);
      if (const tcp::Tcb* tcb = bench.host.TcbOf(h)) {
        ASSERT_TRUE(tcp::CheckInvariants(*tcb).empty());
      }
    }
  }
}

}  // namespace
}  // namespace assay::host
