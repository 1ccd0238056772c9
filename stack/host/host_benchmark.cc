// Whole packets between two hosts, or into one, checksums on: connections and octets a second, and
// what many connections cost.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <array>
#include <memory>
#include <vector>

#include "stack/base/check.h"
#include "stack/host/pair_for_test.h"
#include "stack/wire/segment.h"

namespace assay::host {
namespace {

void BM_OpenExchangeClose(benchmark::State& state) {
  Pair pair;
  pair.set_logging(false);
  std::vector<std::byte> text(100);
  int64_t packets = 0;
  const auto settle = [&] {
    for (bool any = true; any;) {
      any = false;
      for (Side side : {Side::kA, Side::kB}) {
        while (pair.Cross(side)) any = true, ++packets;
      }
    }
  };
  for (auto _ : state) {
    pair.Reset();
    const Handle listener = pair.b().Listen(80, 8).handle;
    const Handle a = pair.a().Connect(0, pair.At(Side::kB, 80)).handle;
    settle();
    const Handle b = pair.b().Accept(listener).handle;
    pair.a().Send(a, text, tcp::Flag::kNo, tcp::Flag::kNo);
    settle();
    pair.b().Receive(b, text);
    pair.b().Send(b, text, tcp::Flag::kNo, tcp::Flag::kNo);
    settle();
    pair.a().Receive(a, text);
    pair.a().Close(a);
    settle();
    pair.b().Close(b);
    settle();
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["packets"] =
      benchmark::Counter(static_cast<double>(packets), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_OpenExchangeClose);

void BM_Bulk(benchmark::State& state) {
  Pair pair;
  pair.set_logging(false);
  const auto [a, b] = pair.Connect();
  std::vector<std::byte> text(32 * 1024);
  int64_t octets = 0;
  for (auto _ : state) {
    pair.a().Send(a, text, tcp::Flag::kNo, tcp::Flag::kNo);
    pair.Settle();
    octets += static_cast<int64_t>(pair.b().Receive(b, text).octets);
  }
  state.SetBytesProcessed(octets);
}
BENCHMARK(BM_Bulk);

void BM_ResetAfterOneConnection(benchmark::State& state) {
  const Config config = Pair::ConfigOf(Side::kA, wire::IpFamily::kIpv4);
  Host host(config);
  const wire::Endpoint remote{wire::IpAddress::V4(192, 0, 2, 2), 80};
  for (auto _ : state) {
    host.Reset(config);
    host.Connect(1000, remote);
    benchmark::DoNotOptimize(host.Poll());
  }
}
BENCHMARK(BM_ResetAfterOneConnection);

// One host and a peer that is played by hand, with any number of connections between them.
class Crowd {
  static constexpr uint16_t kPort = 80;

  struct Member {
    wire::Endpoint remote;
    uint32_t seq = 0;
    uint32_t ack = 0;
    Handle handle = kNoHandle;
  };

 public:
  static constexpr uint32_t kBuffer = 1024;  // small, so that the connections themselves are seen
  static constexpr size_t kOfThePeer = sizeof(Member);  // what is kept here for each

  explicit Crowd(uint32_t connections) : host_(ConfigOf(connections)) {
    members_.reserve(connections);
    const Handle listener = host_.Listen(kPort, connections).handle;
    for (uint32_t i = 0; i < connections; ++i) {
      Member member;
      member.remote = {wire::IpAddress::V4(198, 51, static_cast<uint8_t>(100 + i / 50'000), 1),
                       static_cast<uint16_t>(1024 + i % 50'000)};
      member.seq = 1;
      Send(member, wire::kSyn, {});
      const wire::Segment answer = wire::DecodeSegment(wire::DecodePacket(host_.Poll()).payload);
      ASSAY_CHECK(answer.header.has_value() && answer.header->syn());
      member.ack = answer.header->seq + 1;
      Send(member, wire::kAck, {});
      member.handle = host_.Accept(listener).handle;
      ASSAY_CHECK(member.handle != kNoHandle);
      members_.push_back(member);
    }
  }

  size_t size() const { return members_.size(); }

  // A hundred octets arrive, are read, and are acknowledged together with an answer as long.
  void Echo(size_t i) {
    Member& member = members_[i];
    std::array<std::byte, 100> text{};
    Send(member, wire::kAck | wire::kPsh, text);
    ASSAY_CHECK(host_.Receive(member.handle, text).octets == text.size());
    host_.Send(member.handle, text, tcp::Flag::kNo, tcp::Flag::kNo);
    for (wire::Octets packet = host_.Poll(); !packet.empty(); packet = host_.Poll()) {
      member.ack += wire::DecodeSegment(wire::DecodePacket(packet).payload).len();
    }
  }

 private:
  static Config ConfigOf(uint32_t connections) {
    Config config = Pair::ConfigOf(Side::kB, wire::IpFamily::kIpv4);
    config.max_connections = connections + 1;  // the listener's
    config.policy.send_buffer = config.policy.receive_buffer = kBuffer;
    return config;
  }

  void Send(Member& member, uint8_t control, wire::Octets text) {
    wire::Header header;
    header.source_port = member.remote.port;
    header.destination_port = kPort;
    header.seq = member.seq;
    header.ack = member.ack;
    header.control = control;
    header.window = 0xffff;
    member.seq += static_cast<uint32_t>(text.size()) + uint32_t{header.syn()};
    host_.Deliver(
        wire::EncodeTcpPacket(member.remote.address, host_address_, header, {}, text, packet_));
  }

  wire::IpAddress host_address_ = Pair::ConfigOf(Side::kB, wire::IpFamily::kIpv4).address;
  Host host_;
  std::vector<Member> members_;
  std::array<std::byte, 2048> packet_;
};

// One of many talks: what finding it costs.
void BM_EchoOfOneAmong(benchmark::State& state) {
  Crowd crowd(static_cast<uint32_t>(state.range(0)));
  for (auto _ : state) crowd.Echo(crowd.size() / 2);
  state.SetItemsProcessed(state.iterations() * 2);
}
BENCHMARK(BM_EchoOfOneAmong)->RangeMultiplier(10)->Range(1, 100'000);

// All talk in turn: what each costs when it is no longer in the cache.
void BM_EchoOfEachOf(benchmark::State& state) {
  Crowd crowd(static_cast<uint32_t>(state.range(0)));
  size_t next = 0;
  for (auto _ : state) {
    crowd.Echo(next);
    next = next + 1 == crowd.size() ? 0 : next + 1;
  }
  state.SetItemsProcessed(state.iterations() * 2);
}
BENCHMARK(BM_EchoOfEachOf)->RangeMultiplier(10)->Range(1, 100'000);

// Octets on the heap for each connection, with its part of all tables; buffers, and what the peer
// here keeps, left out.
void BM_OctetsOfAConnection(benchmark::State& state) {
  const auto connections = static_cast<uint32_t>(state.range(0));
  double octets = 0;
  for (auto _ : state) {
    const size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    const auto crowd = std::make_unique<Crowd>(connections);
    const size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
    octets = static_cast<double>(after - before - sizeof(Crowd)) / connections;
  }
  state.counters["TCB"] = sizeof(tcp::Tcb);
  state.counters["all"] = octets - 2 * Crowd::kBuffer - Crowd::kOfThePeer;
}
BENCHMARK(BM_OctetsOfAConnection)->Arg(1'000)->Arg(10'000)->Arg(100'000)->Iterations(1);

}  // namespace
}  // namespace assay::host
