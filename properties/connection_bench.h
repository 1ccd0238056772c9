// ConnectionBench: one TCB with buffers of its own, and a place to put a bug into.
//
// Numbers count from the two initial sequence numbers: 1 is the first octet behind the SYN. What
// the connection sends, stores and gives out is kept as it happens, with the octets themselves.

#ifndef ASSAY_PROPERTIES_CONNECTION_BENCH_H_
#define ASSAY_PROPERTIES_CONNECTION_BENCH_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "stack/host/ring.h"
#include "stack/tcp/effects.h"
#include "stack/tcp/event.h"
#include "stack/tcp/policy.h"
#include "stack/tcp/step.h"
#include "stack/tcp/tcb.h"

namespace assay::properties {

// What a mutant does after each step.
using Sabotage = std::function<void(tcp::Tcb&, tcp::Effects&)>;

class ConnectionBench {
 public:
  struct Sent {
    tcp::SegmentToSend segment;
    std::vector<std::byte> text;
    bool has(uint8_t control) const { return (segment.control & control) != 0; }
  };

  ConnectionBench(const tcp::Policy& with, uint32_t own_iss, uint32_t peer_iss,
                  Sabotage sabotage = nullptr)
      : policy(with), iss(own_iss), irs(peer_iss), sabotage_(std::move(sabotage)) {}

  // What the event made it send is in `sent`, its effects but for that in `out`.
  void Do(const tcp::Event& event) {
    sent.clear();
    signals.clear();
    DoStep(event);
    const tcp::Effects first = out;
    while (tcb.more_to_send) DoStep(tcp::TimePassed{});
    out = first;
  }

  // A segment of the peer; `seq` and `ack` count from the two initial numbers.
  void Arrives(uint8_t control, uint32_t seq, uint32_t ack, uint16_t window, wire::Octets text = {},
               const wire::OptionSet& options = {}) {
    tcp::SegmentArrived arrived;
    wire::Header header;
    header.control = control;
    header.seq = irs + seq;
    header.ack = iss + ack;
    header.window = window;
    arrived.segment.header = header;
    arrived.segment.payload = text;
    arrived.options = options;
    text_ = text;
    Do(arrived);
    text_ = {};
  }

  // SEND of `octets`, which it takes as far as it answers.
  void SendCall(wire::Octets octets, tcp::Flag push) {
    const size_t room = std::min<size_t>(octets.size(), tcp::Writable(tcb));
    if (room > 0) send_.Write(Distance(tcb.iss + 1, tcb.snd.end), octets.first(room));
    Do(tcp::Send{static_cast<uint32_t>(octets.size()), push});
  }

  // RECEIVE of at most that many.
  std::vector<std::byte> ReceiveCall(uint32_t octets) {
    Do(tcp::Receive{octets});
    std::vector<std::byte> got(std::min(out.delivered.size, policy.receive_buffer));
    receive_.Read(out.delivered.offset, got);
    return got;
  }

  // Time passes, and timers that come due fire.
  void Pass(Duration duration) {
    const Instant end = now + duration;
    std::vector<Sent> all;
    std::vector<tcp::Signal> said;
    for (Instant next = tcp::NextTimer(tcb); next <= end; next = tcp::NextTimer(tcb)) {
      now = std::max(now, next);
      Do(tcp::TimePassed{});
      all.insert(all.end(), sent.begin(), sent.end());
      said.insert(said.end(), signals.begin(), signals.end());
    }
    now = end;
    sent = std::move(all);
    signals = std::move(said);
  }

  tcp::Tcb tcb;
  tcp::Policy policy;
  uint32_t iss;
  uint32_t irs;
  Instant now;
  tcp::Effects out;
  std::vector<Sent> sent;
  std::vector<tcp::Signal> signals;

 private:
  void DoStep(const tcp::Event& event) {
    tcp::Step(tcb, policy, event, now, out);
    if (sabotage_) sabotage_(tcb, out);
    if (out.store.to.size > 0) {
      receive_.Write(out.store.to.offset, text_.subspan(out.store.from, out.store.to.size));
    }
    for (const tcp::SegmentToSend& segment : out.segments) {
      std::vector<std::byte> text(std::min(segment.text.size, policy.send_buffer));
      send_.Read(segment.text.offset, text);
      sent.push_back({segment, std::move(text)});
    }
    signals.insert(signals.end(), out.signals.begin(), out.signals.end());
  }

  Sabotage sabotage_;
  std::vector<std::byte> send_octets_ = std::vector<std::byte>(policy.send_buffer);
  std::vector<std::byte> receive_octets_ = std::vector<std::byte>(policy.receive_buffer);
  host::Ring send_{send_octets_};
  host::Ring receive_{receive_octets_};
  wire::Octets text_;
};

}  // namespace assay::properties

#endif  // ASSAY_PROPERTIES_CONNECTION_BENCH_H_
