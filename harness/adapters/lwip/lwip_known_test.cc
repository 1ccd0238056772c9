// Each deviation of known.tsv, shown: the day that one stops happening, its test fails here.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "harness/adapters/lwip/dialogue.h"
#include "harness/adapters/lwip/lwip_stack.h"
#include "stack/wire/checksum.h"
#include "stack/wire/icmp.h"
#include "stack/wire/packet.h"

namespace assay::lwip {
namespace {

using sut::CallError;
using sut::Handle;
using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;

constexpr uint32_t kIss = 5000;
constexpr uint32_t kPeerIss = 1000;

// The option that says MSS = 100.
const std::vector<std::byte> kMss100 = {std::byte{2}, std::byte{4}, std::byte{0}, std::byte{100}};

// One stack, one peer, and the ways into the states.
class Scene {
 public:
  Scene() {
    auto made = MakeLwipStack();
    ASSAY_CHECK(made.ok());
    stack = *std::move(made);
    config.use_iss = true;
    config.iss = kIss;
    ASSAY_CHECK(stack->Reset(config));
    peer = std::make_unique<Dialogue>(*stack, config);
  }

  // SYN-SENT; the SYN has been heard.
  Handle Connect() {
    peer->stack_port = 50000;
    const Handle h = stack->Connect(50000, peer->port).handle;
    const std::optional<Said> syn = peer->Hear();
    EXPECT_TRUE(syn.has_value() && syn->control == kSyn && syn->seq == kIss);
    return h;
  }

  // ESTABLISHED, with 1000 octets queued while an MSS of 1460 was believed in, and one of 100
  // since.
  Handle QueueBeforeSmallMss() {
    const Handle h = Connect();
    EXPECT_EQ(stack->Send(h, AsOctets(std::string(1000, 'x')), sut::kSendPush).octets, 1000u);
    peer->options = kMss100;
    peer->Send(kSyn | kAck, kPeerIss, kIss + 1);
    EXPECT_EQ(Hear(), "ACK seq=1 ack=1 len=0");
    return h;
  }

  // SYN-RECEIVED; the handle is the listener's.
  Handle HalfOpen() {
    const Handle listener = stack->Listen(peer->stack_port, 4).handle;
    peer->Send(kSyn, kPeerIss);
    EXPECT_EQ(peer->Hear()->control, kSyn | kAck);
    return listener;
  }

  Handle Establish() {
    const Handle listener = HalfOpen();
    peer->Send(kAck, kPeerIss + 1, kIss + 1);
    return stack->Accept(listener).handle;
  }

  // Two segments at a time go out and are acknowledged; returns how many octets in all.
  uint32_t GrowTheWindow(Handle h, int times) {
    uint32_t sent = 0;
    for (int i = 0; i < times; ++i) {
      stack->Send(h, AsOctets(std::string(1072, 'x')), sut::kSendPush);
      sent += 1072;
      while (Hear() != "silence") continue;
      peer->Send(kAck, kPeerIss + 1, kIss + 1 + sent);
    }
    return sent;
  }

  std::string State(Handle h) { return std::string(spec::Name(stack->State(h).state)); }

  std::string Read(Handle h) {
    std::array<std::byte, 65536> buffer;
    const sut::Transfer got = stack->Recv(h, buffer);
    return std::string(reinterpret_cast<const char*>(buffer.data()), got.octets);
  }

  // "RST,ACK seq=1 ack=2 len=0", with numbers relative to both ISNs where they lie close to them;
  // "silence".
  std::string Hear() {
    const std::optional<Said> said = peer->Hear();
    if (!said.has_value()) return "silence";
    std::ostringstream out;
    out << wire::ControlNames(said->control) << " seq=" << said->seq - kIss
        << " ack=" << said->ack - kPeerIss << " len=" << said->payload.size();
    return out.str();
  }

  // Time passes; what was sent meanwhile.
  std::vector<std::string> Wait(Duration duration) {
    std::vector<std::string> heard;
    Duration passed;
    while (true) {
      passed = passed + stack->Advance(duration - passed, true);
      std::string said = Hear();
      if (said == "silence") return heard;
      heard.push_back(std::move(said));
    }
  }

  sut::Config config;
  std::unique_ptr<sut::StackUnderTest> stack;
  std::unique_ptr<Dialogue> peer;
};

using Heard = std::vector<std::string>;

// An ICMP error: the stack's octet 1 went in a packet larger than `mtu`.
wire::Octets PacketTooBig(const sut::Config& config, const Dialogue& peer, uint16_t mtu) {
  static std::array<std::byte, 56> packet;
  wire::Packet outer;
  outer.source = config.tester;
  outer.destination = config.stack;
  outer.protocol = wire::kProtocolIcmp;
  wire::EncodeIpHeader(outer, 36, packet);
  const wire::MutableOctets icmp = wire::MutableOctets(packet).subspan(20);
  wire::OctetWriter writer(icmp);
  writer.U8(3);
  writer.U8(4);
  writer.U32(0);
  writer.U16(mtu);
  wire::Packet quoted;
  quoted.source = config.stack;
  quoted.destination = config.tester;
  wire::EncodeIpHeader(quoted, 556, icmp.subspan(8));
  wire::OctetWriter tcp(icmp.subspan(28));
  tcp.U16(peer.stack_port);
  tcp.U16(peer.port);
  tcp.U32(kIss + 1);
  wire::OctetWriter(icmp.subspan(2)).U16(wire::InternetChecksum(icmp));
  return packet;
}

struct Demonstration {
  const char* quirk;
  void (*show)(Scene&);
  const char* fault = "";  // part of the assertion that fails
};

constexpr Demonstration kDemonstrations[] = {
    {"syn-sent.ignores-syn",
     [](Scene& s) {
       const Handle h = s.Connect();
       s.peer->Send(kSyn, kPeerIss);
       EXPECT_EQ(s.Hear(), "silence");
       EXPECT_EQ(s.State(h), "SYN-SENT");
     }},
    {"syn-sent.resets-bare-ack",
     [](Scene& s) {
       s.Connect();
       s.peer->Send(kAck, kPeerIss + 1, kIss + 1);
       EXPECT_EQ(s.Hear(), "RST,ACK seq=1 ack=1 len=0");
       EXPECT_EQ(s.peer->Hear()->control, kSyn);
     }},
    {"syn-sent.abort-sends-rst",
     [](Scene& s) {
       const Handle h = s.Connect();
       EXPECT_EQ(s.stack->Abort(h), CallError::kNone);
       EXPECT_EQ(s.peer->Hear()->control, kRst | kAck);
     }},
    {"syn-sent.takes-rst-without-ack",
     [](Scene& s) {
       const Handle h = s.Connect();
       s.peer->Send(kRst, 0, kIss + 1);
       EXPECT_EQ(s.State(h), "CLOSED");
       EXPECT_EQ(s.stack->Error(h), CallError::kRefused);
     }},
    {"syn-sent.sends-data",
     [](Scene& s) {
       const Handle h = s.Connect();
       s.stack->SetOption(h, sut::Option::kNodelay, 1);
       EXPECT_EQ(s.stack->Send(h, AsOctets("early"), sut::kSendPush).octets, 5u);
       s.stack->Advance(Duration::Seconds(4), true);
       EXPECT_EQ(s.peer->Hear()->control, kSyn);
       const std::optional<Said> data = s.peer->Hear();
       ASSERT_TRUE(data.has_value());
       EXPECT_EQ(data->control, kPsh);
       EXPECT_EQ(data->seq, kIss + 1);
       EXPECT_EQ(data->payload, "early");
     }},
    {"syn-sent.dies-early",
     [](Scene& s) {
       const Handle h = s.Connect();
       // Six resends, 3 s apart all of them: no back-off either.
       EXPECT_EQ(s.Wait(Duration::Seconds(30)).size(), 6u);
       EXPECT_EQ(s.stack->Error(h), CallError::kTimedOut);
     }},
    {"syn-received.skips-sequence-test",
     [](Scene& s) {
       const Handle listener = s.HalfOpen();
       s.peer->Send(kAck, kPeerIss + 0x4000'0000, kIss + 1);
       const Handle h = s.stack->Accept(listener).handle;
       EXPECT_EQ(s.State(h), "ESTABLISHED");
     }},
    {"syn-received.ignores-syn-in-window",
     [](Scene& s) {
       const Handle listener = s.HalfOpen();
       s.peer->Send(kSyn, kPeerIss + 100);
       EXPECT_EQ(s.Hear(), "silence");
       s.peer->Send(kAck, kPeerIss + 1, kIss + 1);
       EXPECT_EQ(s.stack->Accept(listener).error, CallError::kNone);
     }},
    {"syn-received.takes-syn-ack",
     [](Scene& s) {
       const Handle listener = s.HalfOpen();
       // Its SYN is the first octet of its text, and that octet of "text" is gone.
       s.peer->Send(kSyn | kAck, kPeerIss, kIss + 1, "text");
       const Handle h = s.stack->Accept(listener).handle;
       EXPECT_EQ(s.State(h), "ESTABLISHED");
       EXPECT_EQ(s.Read(h), "ext");
     }},
    {"syn-received.dies-early",
     [](Scene& s) {
       s.HalfOpen();
       s.Wait(Duration::Seconds(22));
       s.peer->Send(kAck, kPeerIss + 1, kIss + 1);
       EXPECT_EQ(s.Hear(), "RST,ACK seq=1 ack=1 len=0");
     }},
    {"ack-bit.not-tested",
     [](Scene& s) {
       const Handle h = s.Establish();
       s.peer->Send(kPsh, kPeerIss + 1, 0, "no ack");
       EXPECT_EQ(s.Read(h), "no ack");
     }},
    {"ack.takes-text-with-bad-ack",
     [](Scene& s) {
       const Handle h = s.Establish();
       s.peer->Send(kAck | kPsh, kPeerIss + 1, kIss + 1000, "bad ack");
       EXPECT_EQ(s.Read(h), "bad ack");
     }},
    {"ack.answers-twice",
     [](Scene& s) {
       s.Establish();
       s.peer->Send(kAck | kPsh, kPeerIss - 20, kIss + 1000, "old");
       EXPECT_EQ(s.Hear(), "ACK seq=1 ack=1 len=0");
       EXPECT_EQ(s.Hear(), "ACK seq=1 ack=1 len=0");
     }},
    {"rst.counts-syn-fin-once",
     [](Scene& s) {
       s.peer->Send(kSyn | kFin, kPeerIss, kIss);
       EXPECT_EQ(s.Hear(), "RST,ACK seq=0 ack=1 len=0");
     }},
    {"rst.ignores-ack-bit",
     [](Scene& s) {
       s.peer->Send(kSyn, kPeerIss, kIss + 777);
       EXPECT_EQ(s.Hear(), "RST,ACK seq=777 ack=1 len=0");
     }},
    {"rst.on-right-edge-challenged",
     [](Scene& s) {
       const Handle h = s.Establish();
       s.peer->Send(kRst, kPeerIss + 1 + s.stack->capabilities().receive_buffer);
       EXPECT_EQ(s.Hear(), "ACK seq=1 ack=1 len=0");
       s.peer->Send(kRst, kPeerIss + 2 + s.stack->capabilities().receive_buffer);
       EXPECT_EQ(s.Hear(), "silence");
       EXPECT_EQ(s.State(h), "ESTABLISHED");
     }},
    {"fin-wait-2.dies-early",
     [](Scene& s) {
       const Handle h = s.Establish();
       EXPECT_EQ(s.Wait(Duration::Seconds(300)), Heard());
       EXPECT_EQ(s.stack->Close(h), CallError::kNone);
       EXPECT_EQ(s.Hear(), "FIN,ACK seq=1 ack=1 len=0");
       s.peer->Send(kAck, kPeerIss + 1, kIss + 2);
       EXPECT_EQ(s.State(h), "FIN-WAIT-2");
       EXPECT_EQ(s.Wait(Duration::Milliseconds(500)), Heard());
       EXPECT_EQ(s.State(h), "CLOSED");
     }},
    {"last-ack.dies-early",
     [](Scene& s) {
       const Handle h = s.Establish();
       s.peer->Send(kAck | kFin, kPeerIss + 1, kIss + 1);
       EXPECT_EQ(s.Hear(), "ACK seq=1 ack=2 len=0");
       EXPECT_EQ(s.Wait(Duration::Seconds(300)), Heard());
       EXPECT_EQ(s.stack->Close(h), CallError::kNone);
       EXPECT_EQ(s.Hear(), "FIN,ACK seq=1 ack=2 len=0");
       EXPECT_EQ(s.State(h), "LAST-ACK");
       EXPECT_EQ(s.Wait(Duration::Milliseconds(500)), Heard());
       EXPECT_EQ(s.State(h), "CLOSED");
     }},
    {"time-wait.resets-syn",
     [](Scene& s) {
       const Handle h = s.Establish();
       s.stack->ShutdownWrite(h);
       EXPECT_EQ(s.Hear(), "FIN,ACK seq=1 ack=1 len=0");
       s.peer->Send(kAck | kFin, kPeerIss + 1, kIss + 2);
       EXPECT_EQ(s.Hear(), "ACK seq=2 ack=2 len=0");
       s.peer->Send(kSyn, kPeerIss + 100, kIss + 50);
       EXPECT_EQ(s.Hear(), "RST,ACK seq=50 ack=101 len=0");
       EXPECT_EQ(s.State(h), "TIME-WAIT");
     }},
    {"fin.early-on-split-segment",
     [](Scene& s) {
       s.peer->window = 1;
       const Handle h = s.Establish();
       EXPECT_EQ(s.stack->Send(h, AsOctets(std::string(400, 'x')), sut::kSendPush).octets, 400u);
       s.stack->ShutdownWrite(h);
       s.stack->Advance(Duration::Seconds(30), true);
       // One octet of four hundred, and the FIN behind it.
       EXPECT_EQ(s.Hear(), "FIN,PSH,ACK seq=1 ack=1 len=1");
     }},
    {"fin.moved",
     [](Scene& s) {
       s.Establish();
       s.peer->Send(kAck | kFin, kPeerIss + 33, kIss + 1, "x");
       EXPECT_EQ(s.Hear(), "ACK seq=1 ack=1 len=0");
       s.peer->Send(kAck, kPeerIss + 1, kIss + 1, std::string(1460, 'x'));
       EXPECT_EQ(s.Hear(), "ACK seq=1 ack=1462 len=0");
     }},
    // The ACK of what arrives is due within 0.5 s; behind "b", which Nagle holds, it never comes.
    {"ack.lost-behind-nagle",
     [](Scene& s) {
       const Handle h = s.Establish();
       s.stack->Send(h, AsOctets("a"), sut::kSendPush);
       EXPECT_EQ(s.Hear(), "PSH,ACK seq=1 ack=1 len=1");
       s.stack->Send(h, AsOctets("b"), sut::kSendPush);
       s.peer->Send(kAck | kPsh, kPeerIss + 1, kIss + 1, "text");
       EXPECT_EQ(s.Wait(Duration::Seconds(1)), Heard());
       EXPECT_EQ(s.Read(h), "text");
     }},
    {"assert.insane-offset",
     [](Scene& s) {
       s.Establish();
       s.peer->Send(kAck | kPsh, kPeerIss + 1 - 0x8000'0000, kIss + 1, "x");
     },
     "insane offset!"},
    // The octet of a probe that is taken and acknowledged while the window stays closed.
    {"assert.persist-without-data",
     [](Scene& s) {
       s.peer->window = 0;
       const Handle h = s.Establish();
       s.stack->Send(h, AsOctets("x"), sut::kSendPush);
       s.stack->Advance(Duration::Seconds(10), true);
       EXPECT_EQ(s.Hear(), "ACK seq=1 ack=1 len=1");
       s.peer->Send(kAck, kPeerIss + 1, kIss + 2);
       s.Wait(Duration::Seconds(1));
     },
     "persist ticking with empty send buffer"},
    {"assert.mss-too-small",
     [](Scene& s) {
       const Handle h = s.QueueBeforeSmallMss();
       s.stack->Send(h, AsOctets("more"), 0);
     },
     "mss_local is too small"},
    {"assert.text-beyond-window",
     [](Scene& s) {
       s.Establish();
       const uint32_t window = s.stack->capabilities().receive_buffer;
       s.peer->Send(kAck, kPeerIss + window, kIss + 1, std::string(100, 'x'));
       for (uint32_t at = 0; at < window - 1;) {
         const uint32_t octets = std::min(1460u, window - 1 - at);
         s.peer->Send(kAck, kPeerIss + 1 + at, kIss + 1, std::string(octets, 'x'));
         at += octets;
       }
     },
     "ooseq tcplen > rcv_wnd"},
    {"assert.fin-beyond-window",
     [](Scene& s) {
       s.Establish();
       const uint32_t window = s.stack->capabilities().receive_buffer;
       s.peer->Send(kAck | kFin, kPeerIss + 1 + window - 100, kIss + 1);
       for (uint32_t at = 0; at < window;) {
         const uint32_t octets = std::min(1460u, window - at);
         s.peer->Send(kAck, kPeerIss + 1 + at, kIss + 1, std::string(octets, 'x'));
         at += octets;
       }
     },
     "tcplen > rcv_wnd"},
    {"assert.not-trimmed",
     [](Scene& s) {
       s.HalfOpen();
       s.peer->Send(kSyn | kAck, kPeerIss + 11, kIss + 1, std::string(20, 'x'));
       s.peer->Send(kAck, kPeerIss + 21, kIss + 1, std::string(20, 'x'));
       s.peer->Send(kAck, kPeerIss + 1, kIss + 1, std::string(10, 'x'));
       s.peer->Send(kAck, kPeerIss + 22, kIss + 1, std::string(10, 'x'));
     },
     "segment not trimmed correctly"},
    {"assert.oversize",
     [](Scene& s) {
       const Handle h = s.Connect();
       s.stack->Send(h, AsOctets("short"), 0);
       s.peer->options = kMss100;
       s.peer->Send(kSyn, kPeerIss);
       s.stack->Send(h, AsOctets("more"), 0);
     },
     "inconsistent oversize vs. space"},
    {"assert.split-beyond-mss",
     [](Scene& s) {
       s.QueueBeforeSmallMss();
       s.peer->options = {};
       s.peer->window = 0;
       s.peer->Send(kAck, kPeerIss + 1, kIss + 1);
       s.peer->window = 300;
       s.peer->Send(kAck, kPeerIss + 1, kIss + 1);
       s.Wait(Duration::Seconds(10));
     },
     "split <= mss"},
    {"window.taken-from-bad-ack",
     [](Scene& s) {
       s.peer->window = 0;
       const Handle h = s.Establish();
       s.stack->Send(h, AsOctets("text"), sut::kSendPush);
       EXPECT_EQ(s.Hear(), "silence");
       s.peer->window = 1000;
       s.peer->Send(kAck, kPeerIss + 1, kIss + 500);
       EXPECT_EQ(s.Hear(), "ACK seq=1 ack=1 len=0");
       EXPECT_EQ(s.Hear(), "PSH,ACK seq=1 ack=1 len=4");
     }},
    // All of it is acknowledged once half a window has been read, which moved the edge unsaid.
    {"text.beyond-window-kept",
     [](Scene& s) {
       const Handle h = s.Establish();
       const uint32_t window = s.stack->capabilities().receive_buffer;
       s.peer->Send(kAck, kPeerIss + 1, kIss + 1, std::string(1000, 'x'));
       s.peer->Send(kAck, kPeerIss + window - 400, kIss + 1, std::string(1000, 'y'));
       while (s.Hear() != "silence") {
       }
       for (uint32_t at = 1000; at < window - 401;) {
         EXPECT_FALSE(s.Read(h).empty());
         const uint32_t octets = std::min(1460u, window - 401 - at);
         s.peer->Send(kAck, kPeerIss + 1 + at, kIss + 1, std::string(octets, 'x'));
         at += octets;
       }
       EXPECT_NE(s.Read(h).find(std::string(1000, 'y')), std::string::npos);
     }},
    // 5 s after the text was sent again; the time-out after next is not the fourfold of 3 s.
    {"rto.samples-any-ack",
     [](Scene& s) {
       const Handle h = s.Establish();
       s.stack->Send(h, AsOctets("text"), sut::kSendPush);
       EXPECT_EQ(s.Hear(), "PSH,ACK seq=1 ack=1 len=4");
       EXPECT_EQ(s.Wait(Duration::Seconds(4)), Heard{"PSH,ACK seq=1 ack=1 len=4"});
       EXPECT_EQ(s.Wait(Duration::Seconds(4)), Heard());
       s.peer->Send(kAck, kPeerIss + 1, kIss + 500);
       EXPECT_EQ(s.Hear(), "ACK seq=5 ack=1 len=0");
       EXPECT_EQ(s.Wait(Duration::Seconds(5)), Heard{"PSH,ACK seq=1 ack=1 len=4"});
       EXPECT_EQ(s.Wait(Duration::Seconds(20)), Heard());
       EXPECT_EQ(s.Wait(Duration::Seconds(20)), Heard{"PSH,ACK seq=1 ack=1 len=4"});
     }},
    // 3 s, then 96 s: not doubled once, but for the four resends of the SYN as well.
    {"rto.backoff-outlives-syn",
     [](Scene& s) {
       const Handle h = s.Connect();
       EXPECT_EQ(s.Wait(Duration::Seconds(13)).size(), 4u);
       s.peer->Send(kSyn | kAck, kPeerIss, kIss + 1);
       EXPECT_EQ(s.Hear(), "ACK seq=1 ack=1 len=0");
       s.stack->Send(h, AsOctets("text"), sut::kSendPush);
       EXPECT_EQ(s.Hear(), "PSH,ACK seq=1 ack=1 len=4");
       EXPECT_EQ(s.Wait(Duration::Milliseconds(3250)), Heard{"PSH,ACK seq=1 ack=1 len=4"});
       EXPECT_EQ(s.Wait(Duration::Seconds(95)), Heard());
       EXPECT_EQ(s.Wait(Duration::Seconds(2)), Heard{"PSH,ACK seq=1 ack=1 len=4"});
     }},
    {"rto.stalls-on-partial-ack",
     [](Scene& s) {
       const Handle h = s.Establish();
       s.stack->Send(h, AsOctets(std::string(500, 'x')), sut::kSendPush);
       EXPECT_EQ(s.Hear(), "PSH,ACK seq=1 ack=1 len=500");
       s.peer->window = 100;
       s.peer->Send(kAck, kPeerIss + 1, kIss + 201);
       EXPECT_EQ(s.Wait(Duration::Seconds(600)), Heard());
       EXPECT_EQ(s.State(h), "ESTABLISHED");
     }},
    {"time-wait.dies-early",
     [](Scene& s) {
       const Handle h = s.Establish();
       EXPECT_EQ(s.Wait(Duration::Seconds(300)), Heard());
       EXPECT_EQ(s.stack->Close(h), CallError::kNone);
       EXPECT_EQ(s.Hear(), "FIN,ACK seq=1 ack=1 len=0");
       s.peer->Send(kAck | kFin, kPeerIss + 1, kIss + 2);
       EXPECT_EQ(s.Hear(), "ACK seq=2 ack=2 len=0");
       EXPECT_EQ(s.State(h), "TIME-WAIT");
       EXPECT_EQ(s.Wait(Duration::Milliseconds(500)), Heard());
       EXPECT_EQ(s.State(h), "CLOSED");
     }},
    {"ip.answers-invalid-source",
     [](Scene& s) {
       sut::UseIpv6(s.config);
       s.config.tester = wire::IpAddress::V6({0, 0, 0, 0, 0, 0, 0, 1});
       ASSAY_CHECK(s.stack->Reset(s.config));
       s.peer = std::make_unique<Dialogue>(*s.stack, s.config);
       s.peer->Send(kAck, kPeerIss + 1, kIss + 1);
       EXPECT_EQ(s.Hear(), "RST,ACK seq=1 ack=1 len=0");
     }},
    {"icmp.ignores-packet-too-big",
     [](Scene& s) {
       const Handle h = s.Establish();
       s.stack->Send(h, AsOctets(std::string(536, 'x')), sut::kSendPush);
       EXPECT_EQ(s.Hear(), "PSH,ACK seq=1 ack=1 len=536");
       s.stack->Deliver(PacketTooBig(s.config, *s.peer, 300));
       const Heard again = s.Wait(Duration::Seconds(4));
       ASSERT_FALSE(again.empty());
       EXPECT_EQ(again[0], "PSH,ACK seq=1 ack=1 len=536");
     }},
    {"keep-alive.dies-without-probe",
     [](Scene& s) {
       const Handle h = s.Establish();
       EXPECT_EQ(s.Wait(Duration::Seconds(3 * 3600)), Heard());
       EXPECT_EQ(s.stack->SetOption(h, sut::Option::kKeepalive, 1), CallError::kNone);
       EXPECT_EQ(s.Wait(Duration::Seconds(1)), Heard{"RST,ACK seq=1 ack=1 len=0"});
       EXPECT_EQ(s.State(h), "CLOSED");
     }},
    {"syn-sent.no-back-off",
     [](Scene& s) {
       s.Connect();
       // At 3, 6, 9 and 12 s; twice as long each time would be at 3 and 9 s.
       EXPECT_EQ(s.Wait(Duration::Seconds(13)).size(), 4u);
     }},
    {"window.smaller-not-taken",
     [](Scene& s) {
       const Handle h = s.Establish();
       s.peer->window = 100;
       s.peer->Send(kAck, kPeerIss + 1, kIss + 1);
       s.stack->Send(h, AsOctets(std::string(500, 'x')), sut::kSendPush);
       EXPECT_EQ(s.Hear(), "PSH,ACK seq=1 ack=1 len=500");
     }},
    {"congestion.forgets-syn-loss",
     [](Scene& s) {
       const Handle listener = s.HalfOpen();
       EXPECT_EQ(s.Wait(Duration::Seconds(10)).size(), 2u);
       s.peer->Send(kAck, kPeerIss + 1, kIss + 1);
       const Handle h = s.stack->Accept(listener).handle;
       s.stack->Send(h, AsOctets(std::string(1072, 'x')), sut::kSendPush);
       // One segment of 536 octets would be all that goes before an ACK.
       EXPECT_EQ(s.Hear(), "ACK seq=1 ack=1 len=536");
       EXPECT_EQ(s.Hear(), "PSH,ACK seq=537 ack=1 len=536");
     }},
    {"fast-retransmit.after-a-time-out",
     [](Scene& s) {
       const Handle h = s.Establish();
       s.stack->Send(h, AsOctets(std::string(1072, 'x')), sut::kSendPush);
       EXPECT_EQ(s.Hear(), "ACK seq=1 ack=1 len=536");
       EXPECT_EQ(s.Hear(), "PSH,ACK seq=537 ack=1 len=536");
       EXPECT_EQ(s.Wait(Duration::Seconds(4)), Heard({"ACK seq=1 ack=1 len=536"}));
       for (int i = 0; i < 2; ++i) {
         s.peer->Send(kAck, kPeerIss + 1, kIss + 1);
         EXPECT_EQ(s.Hear(), "silence");
       }
       s.peer->Send(kAck, kPeerIss + 1, kIss + 1);
       EXPECT_EQ(s.Hear(), "ACK seq=1 ack=1 len=536");
     }},
    {"recovery.ends-at-a-partial-ack",
     [](Scene& s) {
       const Handle h = s.Establish();
       s.stack->Send(h, AsOctets(std::string(2144, 'x')), sut::kSendPush);
       for (int i = 0; i < 4; ++i) EXPECT_NE(s.Hear(), "silence");
       for (int i = 0; i < 3; ++i) s.peer->Send(kAck, kPeerIss + 1, kIss + 1);
       EXPECT_EQ(s.Hear(), "ACK seq=1 ack=1 len=536");
       s.peer->Send(kAck, kPeerIss + 1, kIss + 537);
       EXPECT_EQ(s.Wait(Duration::Milliseconds(200)), Heard());
     }},
    {"rto.averages-from-zero",
     [](Scene& s) {
       const Handle h = s.Establish();
       s.stack->Send(h, AsOctets(std::string(100, 'x')), sut::kSendPush);
       EXPECT_EQ(s.Hear(), "PSH,ACK seq=1 ack=1 len=100");
       EXPECT_EQ(s.Wait(Duration::Milliseconds(2'500)), Heard());
       s.peer->Send(kAck, kPeerIss + 1, kIss + 101);
       s.stack->Send(h, AsOctets(std::string(100, 'x')), sut::kSendPush);
       EXPECT_EQ(s.Hear(), "PSH,ACK seq=101 ack=1 len=100");
       // Three times the round trip would be due.
       EXPECT_EQ(s.Wait(Duration::Seconds(6)).size(), 1u);
     }},
    {"recovery.halves-cwnd",
     [](Scene& s) {
       const Handle h = s.Establish();
       const uint32_t sent = s.GrowTheWindow(h, 8);
       s.stack->Send(h, AsOctets(std::string(2144, 'x')), sut::kSendPush);
       for (int i = 0; i < 4; ++i) EXPECT_NE(s.Hear(), "silence");
       for (int i = 0; i < 3; ++i) s.peer->Send(kAck, kPeerIss + 1, kIss + 1 + sent);
       EXPECT_NE(s.Hear(), "silence");
       EXPECT_EQ(s.Hear(), "silence");
       // Half of the four, and three for the duplicates, would let one go.
       s.stack->Send(h, AsOctets(std::string(5360, 'x')), sut::kSendPush);
       for (int i = 0; i < 3; ++i) EXPECT_NE(s.Hear(), "silence");
     }},
    {"nagle.off-with-a-full-buffer",
     [](Scene& s) {
       s.peer->window = 60'000;
       const Handle h = s.Establish();
       const uint32_t sent = s.GrowTheWindow(h, 40);
       s.stack->Send(h, AsOctets(std::string(10, 'x')), sut::kSendPush);
       EXPECT_EQ(s.Hear(), "PSH,ACK seq=" + std::to_string(1 + sent) + " ack=1 len=10");
       s.stack->Send(h, AsOctets(std::string(100'000, 'x')), sut::kSendPush);
       std::string last;
       for (std::string heard; (heard = s.Hear()) != "silence";) last = heard;
       EXPECT_THAT(last, testing::Not(testing::AnyOf("", testing::HasSubstr("len=536"))));
     }},
    {"mss.queued-data-stalls",
     [](Scene& s) {
       const Handle h = s.QueueBeforeSmallMss();
       EXPECT_EQ(s.Wait(Duration::Seconds(600)), Heard());
       EXPECT_EQ(s.State(h), "ESTABLISHED");
     }},
    {"fin.lost-with-a-resend",
     [](Scene& s) {
       const Handle h = s.Establish();
       s.stack->SetOption(h, sut::Option::kNodelay, 1);
       for (int i = 0; i < 3; ++i) {
         s.stack->Send(h, AsOctets(std::string(100, 'x')), sut::kSendPush);
         EXPECT_THAT(s.Hear(), testing::HasSubstr("len=100"));
       }
       // The window closes; three duplicates then put the second segment back, which waits for it.
       s.peer->window = 0;
       for (int i = 0; i < 4; ++i) s.peer->Send(kAck, kPeerIss + 1, kIss + 101);
       EXPECT_EQ(s.Hear(), "silence");
       EXPECT_EQ(s.stack->ShutdownWrite(h), CallError::kNone);
       s.peer->window = 65535;
       s.peer->Send(kAck, kPeerIss + 1, kIss + 301);
       EXPECT_EQ(s.Wait(Duration::Seconds(600)), Heard());
       EXPECT_EQ(s.State(h), "FIN-WAIT-2");
     }},
    {"ack.answers-at-a-closed-window",
     [](Scene& s) {
       s.Establish();
       for (uint32_t taken = 0; taken < 11680; taken += 1460) {
         s.peer->Send(kAck, kPeerIss + 1 + taken, kIss + 1, std::string(1460, 'x'));
         while (s.Hear() != "silence") continue;
       }
       for (int i = 0; i < 2; ++i) {
         s.peer->Send(kAck, kPeerIss + 11681, kIss + 1);
         EXPECT_EQ(s.Hear(), "ACK seq=1 ack=11681 len=0");
       }
     }},
    {"mss.taken-from-any-segment",
     [](Scene& s) {
       const Handle h = s.Establish();
       s.peer->options = kMss100;
       s.peer->Send(kAck, kPeerIss + 1, kIss + 1);
       s.stack->Send(h, AsOctets(std::string(200, 'x')), sut::kSendPush);
       EXPECT_EQ(s.Hear(), "ACK seq=1 ack=1 len=100");
     }},
};

std::vector<std::vector<std::string>> Known() {
  std::ifstream file(ASSAY_LWIP_KNOWN);
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "quirk\trequirement\treason\twhere");
  std::vector<std::vector<std::string>> rows;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string> fields;
    std::istringstream in(line);
    for (std::string field; std::getline(in, field, '\t');) fields.push_back(field);
    EXPECT_EQ(fields.size(), 4u) << line;
    rows.push_back(std::move(fields));
  }
  return rows;
}

class LwipKnown : public ::testing::TestWithParam<Demonstration> {};

TEST_P(LwipKnown, StillHappens) {
  Scene scene;
  GetParam().show(scene);
  const std::string fault(scene.stack->LastFault());
  EXPECT_NE(fault.find(GetParam().fault), std::string::npos) << fault;
  EXPECT_EQ(fault.empty(), std::string_view(GetParam().fault).empty()) << fault;
}

INSTANTIATE_TEST_SUITE_P(, LwipKnown, ::testing::ValuesIn(kDemonstrations), [](const auto& param) {
  std::string name;
  for (const char* c = param.param.quirk; *c != '\0'; ++c) name += std::isalnum(*c) ? *c : '_';
  return name;
});

TEST(LwipKnownTable, ListsWhatIsShownHereAndNothingElse) {
  std::set<std::string> listed;
  for (const auto& row : Known()) {
    // A case shows itself in every conformance run.
    if (!row[0].starts_with("case:")) listed.insert(row[0]);
  }
  std::set<std::string> shown;
  for (const Demonstration& demonstration : kDemonstrations) shown.insert(demonstration.quirk);
  EXPECT_EQ(listed, shown);
}

// Without the octet that the shim leaves behind each packet, AddressSanitizer ends this.
TEST(LwipKnownTable, AnOptionWithoutItsLengthIsReadBeyondTheSegment) {
  Scene scene;
  scene.stack->Listen(scene.peer->stack_port, 4);
  scene.peer->options = {std::byte{1}, std::byte{1}, std::byte{1}, std::byte{8}};
  scene.peer->Send(kSyn, kPeerIss);
  EXPECT_EQ(scene.Hear(), "SYN,ACK seq=0 ack=1 len=0");
  EXPECT_EQ(scene.stack->LastFault(), "");
}

TEST(LwipKnownTable, PointsIntoTheSource) {
  for (const auto& row : Known()) {
    const size_t colon = row[3].find(':');
    ASSERT_NE(colon, std::string::npos) << row[3];
    std::ifstream file(ASSAY_LWIP_SOURCE + ("/" + row[3].substr(0, colon)));
    if (!file.is_open()) GTEST_SKIP() << "the source of lwIP is not here";
    std::string line;
    for (int n = std::stoi(row[3].substr(colon + 1)); n > 0; --n) {
      ASSERT_TRUE(std::getline(file, line)) << row[3];
    }
    EXPECT_NE(line.find_first_not_of(" */"), std::string::npos) << row[3];
  }
}

}  // namespace
}  // namespace assay::lwip
