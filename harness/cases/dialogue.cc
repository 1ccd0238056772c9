#include "harness/cases/dialogue.h"

#include "absl/strings/str_cat.h"
#include "stack/wire/packet.h"

namespace assay::cases {
namespace {

using observer::TraceEvent;
using observer::TraceKind;

int64_t Relative(uint32_t number, uint32_t initial) {
  return static_cast<int32_t>(number - initial);
}

}  // namespace

std::string ToString(const Reply& reply) {
  std::string out = wire::ControlNames(reply.control);
  if (reply.seq.has_value()) absl::StrAppend(&out, " seq=", *reply.seq);
  if (reply.ack.has_value()) absl::StrAppend(&out, " ack=", *reply.ack);
  if (reply.window.has_value()) absl::StrAppend(&out, " win=", *reply.window);
  if (reply.text.has_value()) absl::StrAppend(&out, " len=", *reply.text);
  return out;
}

void Dialogue::Do(const scenario::Event& event) {
  if (!recorded_.events.TryPush(event)) fits_ = false;
  cursor_ = session_.trace().events().size();
  session_.Do(event);
}

void Dialogue::Handshake() {
  if (session_.view().syn_sent || session_.view().stack_syn_seen) {
    Peer(scenario::Polite());  // SYN,ACK to the stack's SYN
    Expect({.control = wire::kAck, .seq = 1, .ack = 1});
  } else {
    Peer(scenario::Polite());
    Expect({.control = wire::kSyn | wire::kAck, .seq = 0, .ack = 1});
    Peer(scenario::Polite());
    Silent();
  }
  InState(spec::State::kEstablished);
}

std::optional<wire::Segment> Dialogue::Next() {
  const auto& events = session_.trace().events();
  while (cursor_ < events.size()) {
    const TraceEvent& event = events[cursor_++];
    if (event.kind != TraceKind::kFromStack) continue;
    const wire::Packet packet = wire::DecodePacket(session_.trace().packet(event));
    return wire::DecodeSegment(packet.payload);
  }
  return std::nullopt;
}

bool Dialogue::Matches(const Reply& reply, const wire::Segment& segment) const {
  if (!segment.header.has_value()) return false;
  const wire::Header& header = *segment.header;
  const auto control = [&](uint8_t bits) {
    return reply.exactly ? bits : static_cast<uint8_t>(bits & ~wire::kPsh);
  };
  const scenario::TesterView& view = session_.view();
  if (control(header.control) != control(reply.control)) return false;
  if (reply.seq.has_value() && Relative(header.seq, view.irs) != *reply.seq) return false;
  if (reply.ack.has_value() && Relative(header.ack, view.iss) != *reply.ack) return false;
  if (reply.text.has_value() && segment.payload.size() != *reply.text) return false;
  return !reply.window.has_value() || header.window == *reply.window;
}

std::string Dialogue::Describe(const wire::Segment& segment) const {
  if (!segment.header.has_value()) return "an undecodable packet";
  const wire::Header& header = *segment.header;
  std::string out = wire::ControlNames(header.control);
  absl::StrAppend(&out, " seq=", Relative(header.seq, session_.view().irs));
  if (header.has_ack()) absl::StrAppend(&out, " ack=", Relative(header.ack, session_.view().iss));
  absl::StrAppend(&out, " win=", header.window, " len=", segment.payload.size());
  return out;
}

void Dialogue::Fail(const std::string& expected, const std::string& seen) {
  if (!ok() || session_.gave_up()) return;
  failure_ = absl::StrCat("expected ", expected, ", saw ", seen);
  const size_t size = session_.trace().events().size();
  failed_at_ = size == 0 ? 0 : size - 1;
}

void Dialogue::Expect(const Reply& reply) {
  if (!ok()) return;
  const std::optional<wire::Segment> next = Next();
  if (!next.has_value()) return Fail(ToString(reply), "silence");
  if (!Matches(reply, *next)) Fail(ToString(reply), Describe(*next));
}

void Dialogue::ExpectSome(const Reply& reply) {
  if (!ok()) return;
  std::string seen;
  while (const std::optional<wire::Segment> next = Next()) {
    if (Matches(reply, *next)) return;
    absl::StrAppend(&seen, seen.empty() ? "" : "; ", Describe(*next));
  }
  Fail(ToString(reply), seen.empty() ? "silence" : seen);
}

void Dialogue::ExpectRst(std::optional<int64_t> seq) {
  if (!ok()) return;
  const Reply wanted{.control = wire::kRst, .seq = seq};
  const std::optional<wire::Segment> next = Next();
  if (!next.has_value()) return Fail(ToString(wanted), "silence");
  const bool reset = next->header.has_value() && next->header->rst() &&
                     (!seq.has_value() || Relative(next->header->seq, session_.view().irs) == *seq);
  if (!reset) Fail(ToString(wanted), Describe(*next));
}

void Dialogue::Silent() {
  if (!ok()) return;
  if (const std::optional<wire::Segment> next = Next()) Fail("silence", Describe(*next));
}

void Dialogue::Acknowledges(int64_t ack) {
  if (!ok()) return;
  const auto acknowledged = [&] {
    const auto& events = session_.trace().events();
    bool found = false;
    for (size_t i = cursor_; i < events.size(); ++i) {
      if (events[i].kind != TraceKind::kFromStack) continue;
      const wire::Segment segment =
          wire::DecodeSegment(wire::DecodePacket(session_.trace().packet(events[i])).payload);
      if (segment.header.has_value() && segment.header->has_ack() && !segment.header->rst() &&
          Relative(segment.header->ack, session_.view().iss) == ack) {
        cursor_ = i + 1;
        found = true;
      }
    }
    return found;
  };
  if (acknowledged()) return;
  const size_t before = cursor_;
  session_.Do(scenario::Wait(scenario::TimeWord::k500ms));
  session_.Do(scenario::Wait(scenario::TimeWord::k250ms));
  if (!recorded_.events.TryPush(scenario::Wait(scenario::TimeWord::k500ms)) ||
      !recorded_.events.TryPush(scenario::Wait(scenario::TimeWord::k250ms))) {
    fits_ = false;
  }
  if (acknowledged()) return;
  cursor_ = before;
  const std::optional<wire::Segment> next = Next();
  Fail(absl::StrCat("an ACK of ", ack, " within 0.5 s"),
       next.has_value() ? Describe(*next) : std::string("silence"));
}

void Dialogue::InState(spec::State state) {
  if (!ok()) return;
  const spec::StateSet states = session_.judge().States();
  if (states.Has(state)) return;
  std::string seen;
  for (spec::State s : spec::kAllStates) {
    if (states.Has(s)) absl::StrAppend(&seen, seen.empty() ? "" : " or ", std::string(Name(s)));
  }
  Fail(std::string(Name(state)), seen.empty() ? "no state at all" : seen);
}

void Dialogue::HasRead(uint64_t octets) {
  if (!ok()) return;
  const uint64_t read = session_.octets_read();
  if (read != octets) {
    Fail(absl::StrCat(octets, " octets delivered"), absl::StrCat(read, " octets"));
  }
}

void Dialogue::EndOfStream() {
  if (ok() && !session_.end_of_stream()) {
    Fail("the end of the stream told to the application", "nothing");
  }
}

void Dialogue::Error(sut::CallError error) {
  if (!ok() || session_.error() == error) return;
  Fail(absl::StrCat("the application told \"", sut::Name(error), "\""),
       absl::StrCat("\"", sut::Name(session_.error()), "\""));
}

void Dialogue::That(bool holds, const std::string& what, const std::string& seen) {
  if (ok() && !holds) Fail(what, seen);
}

size_t Dialogue::Sent() const {
  const auto& events = session_.trace().events();
  return static_cast<size_t>(
      std::ranges::count(events, TraceKind::kFromStack, &observer::TraceEvent::kind));
}

wire::Segment Dialogue::Last() const {
  const auto& events = session_.trace().events();
  for (size_t i = events.size(); i-- > 0;) {
    if (events[i].kind != TraceKind::kFromStack) continue;
    return wire::DecodeSegment(wire::DecodePacket(session_.trace().packet(events[i])).payload);
  }
  return {};
}

Duration Dialogue::GapOfLastTwo() const {
  const auto& events = session_.trace().events();
  std::optional<Instant> last;
  for (size_t i = events.size(); i-- > 0;) {
    if (events[i].kind != TraceKind::kFromStack) continue;
    if (last.has_value()) return *last - events[i].at;
    last = events[i].at;
  }
  return Duration();
}

}  // namespace assay::cases
