// The bench of one TCB, driven through Step().

#include <algorithm>
#include <utility>

#include "stack/host/row_bench_for_test.h"
#include "stack/host/transition_row_for_test.h"
#include "stack/tcp/status.h"
#include "stack/tcp/subject_for_test.h"
#include "stack/wire/options.h"

namespace assay::host {
namespace {

using tcp::Signal;

std::string_view TokenOf(Signal signal) {
  switch (signal) {
    case Signal::kEstablished:
      return "open ok";
    case Signal::kRefused:
      return "refused";
    case Signal::kReset:
      return "reset";
    case Signal::kTimedOut:
      return "timed out";
    case Signal::kUrgent:
      return "urgent";
    case Signal::kEndOfStream:
      return "closing";
    case Signal::kUnreachable:
      return "unreachable";
    case Signal::kSoftError:
      return "soft error";
    default:
      return {};  // of the path, and of states, which are looked at by themselves
  }
}

class StepBench : public RowBench {
 public:
  explicit StepBench(const Conditions& given)
      : RowBench(given), subject_(given.policy, given.iss, given.irs) {}

  bool Has(std::string_view step, tcp::Origin) const override {
    for (std::string_view field : {"<SUM", "<OFFSET", "<FROM", "<TO"}) {
      if (step.find(field) != std::string_view::npos) return false;
    }
    for (std::string_view other :
         {"OPEN active to", "OPEN passive to other", "FULL", "BACKLOG", "FORGE", "GIVEN LISTEN"}) {
      if (step.starts_with(other)) return false;
    }
    return true;
  }
  bool Tells(std::string_view) const override { return true; }

  std::optional<spec::State> state() const override { return subject_.tcb.state; }
  const tcp::Tcb* tcb() const override { return &subject_.tcb; }

  uint32_t NewOctets() override {
    const uint32_t readable = tcp::Readable(subject_.tcb) + given;
    return readable > readable_before_ ? readable - readable_before_ : 0;
  }

 protected:
  void Open(Mode mode, std::string_view to) override {
    const tcp::OpenMode how =
        mode == Mode::kActive ? tcp::OpenMode::kActive : tcp::OpenMode::kPassive;
    tcp::Open open{
        .mode = how, .iss = tcp::SndSeq(conditions().iss), .family = conditions().family};
    open.remote = mode == Mode::kActive || to == "peer" ? tcp::Flag::kYes : tcp::Flag::kNo;
    Call(open);
  }
  void Arrives(const RowSegment& segment) override {
    tcp::FromPeer peer;
    peer.control = segment.header.control;
    peer.seq = segment.header.seq - subject_.irs;
    peer.ack = segment.header.ack - subject_.iss;
    peer.text = segment.text;
    peer.window = segment.header.window;
    peer.urgent = segment.header.urgent;
    peer.options = wire::DecodeOptions(segment.options);
    subject_.Arrives(peer);
    Collect();
  }
  void Send(uint32_t octets, tcp::Flag urgent) override {
    Call(tcp::Send{octets, tcp::Flag::kNo, urgent});
  }
  void Receive(uint32_t octets) override {
    Call(tcp::Receive{octets});
    given += subject_.out.delivered.size;
  }
  void Close(tcp::Reader reader) override { Call(tcp::Close{reader}); }
  void Abort() override { Call(tcp::Abort{}); }
  void SetUserTimeout(Duration timeout) override { Call(tcp::SetUserTimeout{timeout}); }
  void KeepAlive(Duration idle) override { Call(tcp::SetKeepAlive{tcp::Flag::kYes, idle}); }
  void Status() override {
    const tcp::Status status = tcp::StatusOf(subject_.tcb, subject_.policy);
    if (status.answer != tcp::Answer::kOk) {
      Answered({"error: " + std::string(Name(status.answer))});
    } else if (status.state == subject_.tcb.state) {
      Answered({"ok"});
    }
  }
  void Icmp(wire::IcmpKind kind, uint32_t mtu) override {
    subject_.Do(tcp::IcmpArrived{kind, subject_.tcb.snd.una, mtu});
    Collect();
  }
  void Other(std::string_view step) override { Malformed("not a step", step); }
  Instant Now() const override { return subject_.now; }
  Instant NextTimer() const override { return tcp::NextTimer(subject_.tcb); }
  void AdvanceTo(Instant then) override {
    subject_.now = then;
    subject_.Do(tcp::TimePassed{});
    Collect();
  }
  void Baseline() override { readable_before_ = tcp::Readable(subject_.tcb); }

 private:
  void Call(const tcp::Event& event) {
    subject_.Do(event);
    const tcp::Answer answer = subject_.out.answer;
    Answered({answer == tcp::Answer::kOk ? "ok" : "error: " + std::string(Name(answer))});
    Collect();
  }
  void Collect() {
    for (const tcp::SegmentToSend& segment : subject_.sent) {
      sent.push_back({.seq = segment.seq.wire(),
                      .ack = segment.ack.wire(),
                      .text = segment.text.size,
                      .window = segment.window,
                      .urgent = segment.urgent,
                      .control = segment.control});
    }
    for (; signals_seen_ < subject_.signals.size(); ++signals_seen_) {
      const std::string_view token = TokenOf(subject_.signals[signals_seen_]);
      if (!token.empty()) told.emplace_back(token);
    }
  }

  tcp::Subject subject_;
  size_t signals_seen_ = 0;
  uint32_t readable_before_ = 0;
};

}  // namespace

std::unique_ptr<RowBench> MakeStepBench(const RowBench::Conditions& given) {
  return std::make_unique<StepBench>(given);
}

}  // namespace assay::host
