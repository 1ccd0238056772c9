#include "harness/cases/discovery.h"

#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "harness/cases/steps.h"
#include "harness/driver/session.h"
#include "stack/wire/options.h"
#include "stack/wire/packet.h"

namespace assay::cases {
namespace {

using observer::TraceKind;
using sut::Capability;

// What the stack sent in answer to one step.
struct Answer {
  wire::Header header;
  wire::OptionSet options;
  size_t text = 0;
  Instant at;
};

// One fresh stack, and what it says step by step.
class Conversation {
 public:
  Conversation(sut::StackUnderTest& stack, const scenario::Header& header)
      : session_(stack, observer::Profile()), begun_(session_.Begin(header)) {}

  std::vector<Answer> Say(const Event& event) {
    const size_t from = session_.trace().events().size();
    if (begun_) session_.Do(event);
    return Since(from);
  }
  std::vector<Answer> Wait(Duration duration, bool stop_at_output) {
    const size_t from = session_.trace().events().size();
    if (begun_) session_.Elapse(duration, stop_at_output);
    return Since(from);
  }
  // The SYN,ACK, if it came to a connection.
  std::optional<Answer> Handshake(const Event& syn = Polite()) {
    const std::vector<Answer> answers = Say(syn);
    if (answers.size() != 1 || answers[0].header.control != (kSyn | kAck)) return std::nullopt;
    Say(Polite());
    if (session_.handle() == sut::kNoHandle) return std::nullopt;
    return answers[0];
  }
  // The stack closes first, and the tester at once.
  bool ToTimeWait() {
    if (!Handshake().has_value()) return false;
    const std::vector<Answer> fin = Say(Calls(Call::kShutdown));
    if (fin.size() != 1 || !fin[0].header.fin()) return false;
    Say(Polite());
    const std::vector<Answer> ack = Say(Flags(kFin | kAck));
    return ack.size() == 1 && ack[0].header.control == kAck;
  }
  Instant now() { return session_.stack().Now(); }

 private:
  std::vector<Answer> Since(size_t from) const {
    std::vector<Answer> answers;
    const auto& events = session_.trace().events();
    for (size_t i = from; i < events.size(); ++i) {
      if (events[i].kind != TraceKind::kFromStack) continue;
      const wire::Packet packet = wire::DecodePacket(session_.trace().packet(events[i]));
      const wire::Segment segment = wire::DecodeSegment(packet.payload);
      if (!segment.header.has_value()) continue;
      answers.push_back({*segment.header, wire::DecodeOptions(segment.options),
                         segment.payload.size(), events[i].at});
    }
    return answers;
  }

  driver::Session session_;
  bool begun_;
};

bool IsPureAck(const Answer& answer) { return answer.header.control == kAck && answer.text == 0; }

// After `attack`: an ACK is RFC 5961's answer; a connection that is gone, RFC 793's.
std::optional<bool> Challenges(sut::StackUnderTest& stack, const Event& attack) {
  Conversation c(stack, {});
  if (!c.Handshake().has_value()) return std::nullopt;
  const std::vector<Answer> answers = c.Say(attack);
  if (answers.size() == 1 && IsPureAck(answers[0])) return true;
  const bool reset = answers.size() == 1 && answers[0].header.rst();
  const std::vector<Answer> after = c.Say(Flags(kAck, 10));
  const bool gone = !after.empty() && after[0].header.rst();
  return reset || gone ? std::optional(false) : std::nullopt;
}

std::optional<bool> ResetsUnread(sut::StackUnderTest& stack) {
  Conversation c(stack, {.reads_when_told = true});
  if (!c.Handshake().has_value()) return std::nullopt;
  c.Say(Polite(10));
  for (const Answer& answer : c.Say(Calls(Call::kClose))) {
    if (answer.header.rst()) return true;
    if (answer.header.fin()) return false;
  }
  return std::nullopt;
}

std::optional<Reopening> InTimeWait(sut::StackUnderTest& stack) {
  Conversation c(stack, {});
  if (!c.ToTimeWait()) return std::nullopt;
  c.Wait(Duration::Milliseconds(10), false);
  const std::vector<Answer> answers = c.Say(At(Flags(kSyn), 2'000));
  if (answers.empty()) return Reopening::kIgnores;
  const wire::Header& header = answers[0].header;
  if (header.rst()) return Reopening::kResets;
  if (header.control == (kSyn | kAck)) return Reopening::kOpensAnew;
  return IsPureAck(answers[0]) ? std::optional(Reopening::kAcknowledges) : std::nullopt;
}

void AskForOptions(sut::StackUnderTest& stack, Discovery& shown) {
  Conversation c(stack, {.window_scale = true, .sack = true, .timestamps = true});
  const std::vector<Answer> answers = c.Say(Polite());
  if (answers.size() != 1 || answers[0].header.control != (kSyn | kAck)) return;
  shown.window_scale = answers[0].options.window_scale.has_value();
  shown.sack = answers[0].options.sack_permitted;
  shown.timestamps = answers[0].options.timestamps.has_value();
}

// How long after `before` the stack speaks, within ten minutes.
std::optional<Duration> NextWord(Conversation& c, Instant before) {
  const std::vector<Answer> answers = c.Wait(Duration::Seconds(600), true);
  if (answers.empty()) return std::nullopt;
  return answers[0].at - before;
}

std::optional<Duration> FirstRto(sut::StackUnderTest& stack) {
  Conversation c(stack, {});
  const std::vector<Answer> answers = c.Say(Polite());
  if (answers.size() != 1 || !answers[0].header.syn()) return std::nullopt;
  return NextWord(c, answers[0].at);
}

std::optional<Duration> LeastRto(sut::StackUnderTest& stack) {
  Conversation c(stack, {});
  if (!c.Handshake().has_value()) return std::nullopt;
  // One that is acknowledged at once gives a sample; the next is lost.
  for (int i = 0; i < 2; ++i) {
    const std::vector<Answer> text = c.Say(Calls(Call::kSend, 100));
    if (text.size() != 1 || text[0].text != 100) return std::nullopt;
    if (i == 1) return NextWord(c, text[0].at);
    c.Say(Polite());
  }
  return std::nullopt;
}

std::optional<Duration> DelayedAck(sut::StackUnderTest& stack) {
  Conversation c(stack, {});
  if (!c.Handshake().has_value()) return std::nullopt;
  const Instant before = c.now();
  const std::vector<Answer> at_once = c.Say(Polite(10));
  if (!at_once.empty()) return Duration();
  return NextWord(c, before);
}

// Whether TIME-WAIT is over after `time`: what comes then is answered with a RST.
std::optional<bool> IsOverAfter(sut::StackUnderTest& stack, Duration time) {
  Conversation c(stack, {});
  if (!c.ToTimeWait()) return std::nullopt;
  c.Wait(time, false);
  const std::vector<Answer> answers = c.Say(At(Flags(kFin | kAck), SeqBase::kLast));
  if (answers.size() != 1) return std::nullopt;
  return answers[0].header.rst();
}

// By halves, to a millisecond.
std::optional<Duration> TwoMsl(sut::StackUnderTest& stack) {
  Duration held = Duration();
  Duration over = Duration::Seconds(1'024);
  if (IsOverAfter(stack, over) != true) return std::nullopt;
  while (over - held > Duration::Milliseconds(1)) {
    const Duration half = Duration::Nanoseconds((held.ns() + over.ns()) / 2);
    const std::optional<bool> is_over = IsOverAfter(stack, half);
    if (!is_over.has_value()) return std::nullopt;
    (*is_over ? over : held) = half;
  }
  return over;
}

std::optional<uint32_t> InitialWindow(sut::StackUnderTest& stack) {
  Conversation c(stack, {});
  if (!c.Handshake().has_value()) return std::nullopt;
  uint32_t octets = 0;
  // What one SEND does not take another may; the window of the tester is the largest there is.
  for (int i = 0; i < 4; ++i) {
    for (const Answer& answer : c.Say(Calls(Call::kSend, 8'000))) {
      octets += static_cast<uint32_t>(answer.text);
    }
  }
  return octets > 0 ? std::optional(octets) : std::nullopt;
}

std::string Line(std::string_view choice, std::string_view made) {
  return absl::StrFormat("%-34s %s\n", choice, made);
}

std::string_view YesOrNo(const std::optional<bool>& shown, std::string_view yes,
                         std::string_view no) {
  return !shown.has_value() ? "not shown" : *shown ? yes : no;
}

std::string Seconds(const std::optional<Duration>& shown) {
  if (!shown.has_value()) return "not shown";
  return absl::StrFormat("%.6g s", static_cast<double>(shown->ns()) / 1e9);
}

std::string_view Name(const std::optional<Reopening>& shown) {
  if (!shown.has_value()) return "not shown";
  switch (*shown) {
    case Reopening::kOpensAnew:
      return "opens the connection anew";
    case Reopening::kAcknowledges:
      return "acknowledged";
    case Reopening::kResets:
      return "reset";
    case Reopening::kIgnores:
      return "ignored";
  }
  return "not shown";
}

}  // namespace

Discovery Discover(sut::StackUnderTest& stack) {
  Discovery shown;
  if (!stack.capabilities().Has(Capability::kListen)) return shown;
  shown.challenges_reset = Challenges(stack, At(Flags(kRst), 1));
  shown.challenges_syn = Challenges(stack, At(Flags(kSyn), 100));
  shown.resets_unread = ResetsUnread(stack);
  shown.in_time_wait = InTimeWait(stack);
  AskForOptions(stack, shown);
  shown.initial_window = InitialWindow(stack);
  if (!stack.capabilities().Has(Capability::kVirtualTime)) return shown;
  shown.first_rto = FirstRto(stack);
  shown.least_rto = LeastRto(stack);
  shown.delayed_ack = DelayedAck(stack);
  shown.two_msl = TwoMsl(stack);
  return shown;
}

void HoldTo(const Discovery& shown, observer::Profile& profile) {
  if (shown.challenges_reset.has_value()) profile.challenges_reset = *shown.challenges_reset;
  if (shown.challenges_syn.has_value()) profile.challenges_syn = *shown.challenges_syn;
  if (shown.resets_unread.has_value()) profile.half_duplex_close = *shown.resets_unread;
  if (shown.in_time_wait.has_value()) {
    profile.reopens_time_wait = *shown.in_time_wait == Reopening::kOpensAnew;
  }
}

std::string ToString(const Discovery& shown) {
  std::string out;
  out += Line("RST in the window, not exact",
              YesOrNo(shown.challenges_reset, "challenged (RFC 5961, 3.2)",
                      "ends the connection (RFC 793)"));
  out += Line("SYN in the window", YesOrNo(shown.challenges_syn, "challenged (RFC 5961, 4.2)",
                                           "ends the connection (RFC 793)"));
  out += Line("CLOSE over unread text", YesOrNo(shown.resets_unread, "resets (RFC 9293, 3.6.1)",
                                                "sends a FIN, and takes what still comes"));
  out += Line("new SYN in TIME-WAIT", Name(shown.in_time_wait));
  out += Line("window scale, offered", YesOrNo(shown.window_scale, "agreed to", "declined"));
  out += Line("SACK, offered", YesOrNo(shown.sack, "agreed to", "declined"));
  out += Line("timestamps, offered", YesOrNo(shown.timestamps, "agreed to", "declined"));
  out += Line("first RTO, of a SYN,ACK", Seconds(shown.first_rto));
  out += Line("RTO of text after a sample of 0 s", Seconds(shown.least_rto));
  out += Line("ACK of one small segment after", Seconds(shown.delayed_ack));
  out += Line("TIME-WAIT lasts", Seconds(shown.two_msl));
  out += Line("initial window", shown.initial_window.has_value()
                                    ? absl::StrCat(*shown.initial_window, " octets")
                                    : "not shown");
  return out;
}

}  // namespace assay::cases
