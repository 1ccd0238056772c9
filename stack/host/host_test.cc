#include "stack/host/host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "stack/host/pair_for_test.h"

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
                         [](const auto& info) {
                           return info.param == IpFamily::kIpv4 ? "Ipv4" : "Ipv6";
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

}  // namespace
}  // namespace assay::host
