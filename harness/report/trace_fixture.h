// A trace put together by hand, packet by packet: what the tests of reports draw and write.

#ifndef ASSAY_HARNESS_REPORT_TRACE_FIXTURE_H_
#define ASSAY_HARNESS_REPORT_TRACE_FIXTURE_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "harness/observer/trace.h"
#include "stack/base/check.h"
#include "stack/base/time.h"
#include "stack/spec/state.h"
#include "stack/wire/ip_address.h"
#include "stack/wire/options.h"
#include "stack/wire/packet.h"
#include "stack/wire/segment.h"

namespace assay::report {

// One segment, its numbers counted from the ISS of each end.
struct Sent {
  uint8_t control = wire::kAck;
  int64_t seq = 0;
  int64_t ack = 0;
  size_t length = 0;
  uint16_t window = 65535;
  wire::OptionSet options = {};
  observer::Fate fate = observer::Fate::kDelivered;
};

class TraceFixture {
 public:
  static constexpr uint32_t kTesterIss = 1'000;
  static constexpr uint32_t kStackIss = 4'294'967'000;  // wraps with the 296th octet

  explicit TraceFixture(wire::IpFamily family = wire::IpFamily::kIpv4) {
    if (family == wire::IpFamily::kIpv4) return;
    tester.address = wire::IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 2});
    stack.address = wire::IpAddress::V6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 1});
  }

  observer::TraceEvent& ToStack(const Sent& sent) {
    Add(observer::TraceKind::kToStack, tester, stack, tester_iss, stack_iss, sent);
    return trace.last();
  }
  observer::TraceEvent& FromStack(const Sent& sent) {
    Add(observer::TraceKind::kFromStack, stack, tester, stack_iss, tester_iss, sent);
    return trace.last();
  }
  // Octets as they are, sound or not.
  observer::TraceEvent& Raw(observer::TraceKind kind, wire::Octets octets) {
    trace.AddPacket(kind, now, octets, observer::Fate::kDelivered);
    return trace.last();
  }
  // A packet whose octet at `at`, counted from the end, is turned over.
  observer::TraceEvent& Damaged(const Sent& sent, size_t at_from_end) {
    std::vector<std::byte> octets = Encode(tester, stack, tester_iss, stack_iss, sent);
    ASSAY_CHECK(at_from_end <= octets.size());
    octets[octets.size() - at_from_end] ^= std::byte{0xff};
    return Raw(observer::TraceKind::kToStack, octets);
  }
  observer::TraceEvent& Called(observer::Call call, int32_t handle, uint64_t count,
                               sut::CallError error = sut::CallError::kNone) {
    trace.AddCall(now, call, handle, error, count);
    return trace.last();
  }
  observer::TraceEvent& Passes(Duration elapsed) {
    now = now + elapsed;
    trace.AddTime(now, elapsed);
    return trace.last();
  }
  // What is known of both ends after the last event, and, until the next call, after those that
  // follow.
  void Know(spec::State of_tester, spec::StateSet of_stack) {
    of_tester_ = of_tester;
    of_stack_ = of_stack;
    Stamp();
  }
  // Copies what is known to the last event.
  void Stamp() {
    trace.last().tester_state = of_tester_;
    trace.last().stack_states = of_stack_;
  }

  observer::Trace trace;
  Instant now;
  wire::Endpoint tester{wire::IpAddress::V4(192, 0, 2, 2), 40000};
  wire::Endpoint stack{wire::IpAddress::V4(192, 0, 2, 1), 80};
  uint32_t tester_iss = kTesterIss;
  uint32_t stack_iss = kStackIss;

 private:
  static std::vector<std::byte> Encode(const wire::Endpoint& from, const wire::Endpoint& to,
                                       uint32_t from_iss, uint32_t to_iss, const Sent& sent) {
    const wire::Header header{
        .source_port = from.port,
        .destination_port = to.port,
        .seq = from_iss + static_cast<uint32_t>(sent.seq),
        .ack = (sent.control & wire::kAck) != 0 ? to_iss + static_cast<uint32_t>(sent.ack) : 0,
        .control = sent.control,
        .window = sent.window};
    std::array<std::byte, wire::kOptionsMax> options;
    const std::vector<std::byte> data(sent.length, std::byte{'a'});
    std::vector<std::byte> packet(2048 + sent.length);
    const wire::MutableOctets encoded = wire::EncodeTcpPacket(
        from.address, to.address, header, wire::EncodeOptions(sent.options, options), data, packet);
    return {encoded.begin(), encoded.end()};
  }

  void Add(observer::TraceKind kind, const wire::Endpoint& from, const wire::Endpoint& to,
           uint32_t from_iss, uint32_t to_iss, const Sent& sent) {
    trace.AddPacket(kind, now, Encode(from, to, from_iss, to_iss, sent), sent.fate);
    Stamp();
  }

  spec::State of_tester_ = spec::State::kClosed;
  spec::StateSet of_stack_;
};

}  // namespace assay::report

#endif  // ASSAY_HARNESS_REPORT_TRACE_FIXTURE_H_
