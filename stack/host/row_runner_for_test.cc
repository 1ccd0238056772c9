#include "stack/host/row_runner_for_test.h"

#include <algorithm>
#include <array>

#include "stack/wire/segment.h"

namespace assay::host {
namespace {

using spec::State;
using tcp::Origin;

// One way to bring a row about, every value chosen.
struct Script {
  Origin origin = Origin::kActive;
  State from = State::kClosed;
  bool stamps = false;
  std::vector<std::string> setup;
  std::vector<std::string> event;
  std::string text;
};

std::vector<std::string> Texts(const std::vector<std::string_view>& views) {
  return {views.begin(), views.end()};
}

// A list of steps that "or" separates from the next: "<" opens a segment, in which "or" is no word.
std::vector<Script> ScriptsOf(const TransitionRow& row) {
  const auto state = StateNamed(row.state);
  if (!state.has_value()) Malformed("not a state", row.state);
  std::vector<Script> scripts;
  for (std::string_view way : Split(row.drive, " or ")) {
    for (const std::string& chosen : ChooseValues(way)) {
      std::string_view rest = chosen;
      Script script;
      script.text = chosen;
      script.from = *state;
      script.stamps = TakePrefix(rest, "with timestamps:");
      std::vector<Origin> origins = {Origin::kActive};
      if (TakePrefix(rest, "passive:")) {
        origins = {Origin::kPassive};
      } else if (!TakePrefix(rest, "active:") && *state == State::kSynReceived) {
        origins.push_back(Origin::kPassive);
      }
      if (TakePrefix(rest, "from ")) {
        const size_t colon = rest.find(':');
        const auto from = StateNamed(rest.substr(0, colon));
        if (!from.has_value()) Malformed("not a state", rest);
        script.from = *from;
        // FIN-WAIT-1 out of SYN-RECEIVED: the handshake is still to be had.
        if (*from == State::kSynReceived && !chosen.starts_with("active:")) {
          origins = {Origin::kActive, Origin::kPassive};
        }
        rest.remove_prefix(colon + 1);
      }
      const auto parts = Split(rest, "->");
      if (parts.size() == 2) {
        script.setup = Texts(Split(parts[0], ";"));
        script.event = Texts(Split(parts[1], ";"));
      } else {
        script.setup = Texts(Split(parts[0], ";"));
        script.event = {script.setup.back()};
        script.setup.pop_back();
      }
      for (Origin origin : origins) {
        script.origin = origin;
        scripts.push_back(script);
      }
    }
  }
  return scripts;
}

// The same segment with nothing but its RST, or without its options.
std::string TwinOf(std::string_view next, const std::string& step) {
  const SegmentPattern pattern = ParseSegment(step);
  const bool rst_alone = next.find("as the RST alone") != std::string_view::npos;
  std::string twin;
  for (const auto& field : pattern.fields) {
    std::string value(field.value);
    if (rst_alone && (field.name == "TEXT" || field.name == "UP")) continue;
    if (!rst_alone && field.name == "OPT") continue;
    if (rst_alone && field.name == "CTL") {
      const uint8_t control = ParseControl(field.value).required;
      value = (control & wire::kAck) != 0 ? "RST,ACK" : "RST";
    }
    twin += "<" + std::string(field.name) + "=" + value + ">";
  }
  return twin;
}

// The alternatives of a cell that hold for this origin.
std::vector<std::string_view> Alternatives(std::string_view cell, Origin origin) {
  std::vector<std::string_view> all;
  for (std::string_view one : Split(cell, "|")) {
    if (TakePrefix(one, "active:")) {
      if (origin == Origin::kPassive) continue;
    } else if (TakePrefix(one, "passive:")) {
      if (origin != Origin::kPassive) continue;
    }
    all.push_back(one);
  }
  return all;
}

bool StatesAre(std::string_view path, const std::vector<std::optional<State>>& states) {
  const auto names = Split(path, ">");
  if (names.size() == 1) return !states.back().has_value() || Name(*states.back()) == names[0];
  if (names.size() != states.size()) Malformed("not as many states as steps", path);
  for (size_t i = 0; i < names.size(); ++i) {
    if (states[i].has_value() && Name(*states[i]) != names[i]) return false;
  }
  return true;
}

// The variables as one alternative of the sets cell has them.
Values Assigned(std::string_view sets, const Values& before) {
  Values after = before;
  if (sets == "-") return after;
  for (std::string_view assignment : Split(sets, ";")) {
    const auto sides = Split(assignment, "<-");
    if (sides.size() != 2) Malformed("not an assignment", assignment);
    after[std::string(sides[0])] = Evaluate(sides[1], before);
  }
  return after;
}

// Whether the connection's variables are what the row makes of them: always these, and what the row
// names besides.
bool VariablesAre(std::string_view sets, const Values& want, const Values& have,
                  std::string& wrong) {
  std::vector<std::string_view> names = {"ISS", "IRS", "SND.UNA", "SND.NXT", "RCV.NXT"};
  if (sets != "-") {
    for (std::string_view assignment : Split(sets, ";")) {
      names.push_back(Split(assignment, "<-")[0]);
    }
  }
  for (std::string_view name : names) {
    const auto wanted = want.find(name);
    const auto had = have.find(name);
    if (wanted == want.end() || had == have.end()) Malformed("not a variable", name);
    if (wanted->second != had->second) {
      wrong = std::string(name) + " is " + std::to_string(had->second) + " and not " +
              std::to_string(wanted->second);
      return false;
    }
  }
  return true;
}

bool SentFrom(const std::vector<SegmentPattern>& patterns, size_t pattern,
              const std::vector<SentSegment>& sent, size_t segment, Values& values) {
  if (pattern == patterns.size()) return segment == sent.size();
  if (segment < sent.size() && Matches(patterns[pattern], sent[segment], values) &&
      SentFrom(patterns, pattern + 1, sent, segment + 1, values)) {
    return true;
  }
  return patterns[pattern].optional && SentFrom(patterns, pattern + 1, sent, segment, values);
}

bool SentIs(std::string_view sequence, const std::vector<SentSegment>& sent, Values values) {
  if (sequence == "none") return sent.empty();
  if (sequence == "smaller") {
    // What stood at SND.UNA goes again, and nothing is as large as it was (1400 octets).
    const auto fits = [](const SentSegment& segment) { return segment.text < 1400; };
    return !sent.empty() && sent.front().seq == values["SND.UNA"] &&
           std::all_of(sent.begin(), sent.end(), fits);
  }
  std::vector<SegmentPattern> patterns;
  for (std::string_view segment : Split(sequence, ";")) patterns.push_back(ParseSegment(segment));
  return SentFrom(patterns, 0, sent, 0, values);
}

bool ToldIs(std::string_view alternative, const RowOutcome& outcome, const RowBench& bench) {
  std::vector<std::string> want;
  bool answer_right = true;
  bool answer_named = false;
  uint32_t octets = 0;
  uint32_t given = 0;
  for (std::string_view token : Split(alternative, ";")) {
    if (token == "none") continue;
    if (token == "ok" || token.starts_with("error:")) {
      answer_named = true;
      answer_right = outcome.answers.contains(std::string(token));
    } else if (TakePrefix(token, "gives ")) {
      given = Evaluate(token, outcome.before);
    } else if (TakePrefix(token, "data ")) {
      octets = Evaluate(token, outcome.before);
    } else if (bench.Tells(token)) {
      want.emplace_back(token);
    }
  }
  std::vector<std::string> have = outcome.told;
  std::sort(want.begin(), want.end());
  std::sort(have.begin(), have.end());
  return answer_right && answer_named == !outcome.answers.empty() && want == have &&
         outcome.octets == octets && outcome.given == given;
}

std::string TellStates(const RowOutcome& outcome) {
  std::string told;
  for (const auto& state : outcome.states) {
    if (!told.empty()) told += " > ";
    told += state.has_value() ? spec::Name(*state) : "not seen";
  }
  return told;
}

std::string TellTold(const RowOutcome& outcome) {
  std::string told;
  for (const auto& list :
       {std::vector<std::string>(outcome.answers.begin(), outcome.answers.end()), outcome.told}) {
    for (const std::string& token : list) told += token + "; ";
  }
  return told + "gives " + std::to_string(outcome.given) + "; data " +
         std::to_string(outcome.octets);
}

// Why a script came to no judgement.
enum class Played : uint8_t { kThrough, kNotHere, kCannotHappen, kWrongStart };

Played Play(const TransitionRow& row, const Script& script, std::string_view last, RowBench& bench,
            RowOutcome& outcome) {
  if (script.stamps) bench.StampSegments();
  bench.Bring(script.from, script.origin);
  bench.Forget();
  const auto step = [&](std::string_view text) {
    if (!bench.Has(text, script.origin)) return Played::kNotHere;
    return bench.Do(text) == Done::kYes ? Played::kThrough : Played::kCannotHappen;
  };
  for (const std::string& text : script.setup) {
    if (const Played played = step(text); played != Played::kThrough) return played;
  }
  const auto state = bench.state();
  if (state.has_value() && Name(*state) != row.state) return Played::kWrongStart;
  bench.Forget();
  outcome = {};
  outcome.origin = script.origin;
  outcome.before = bench.Variables();
  for (size_t i = 0; i < script.event.size(); ++i) {
    const bool is_last = i + 1 == script.event.size();
    if (const Played played = step(is_last ? last : script.event[i]); played != Played::kThrough) {
      return played;
    }
    outcome.states.push_back(bench.state());
  }
  if (bench.arrived.has_value()) {
    const wire::Header& seg = bench.arrived->header;
    auto& values = outcome.before;
    values["SEG.SEQ"] = seg.seq;
    values["SEG.ACK"] = seg.ack;
    values["SEG.TEXT"] = bench.arrived->text;
    values["SEG.LEN"] = bench.arrived->text + uint32_t{seg.syn()} + uint32_t{seg.fin()};
    values["SEG.WND"] = seg.window;
    values["SEG.UP"] = seg.urgent;
  }
  const auto end = bench.state();
  const bool lives = end.has_value() && *end != State::kClosed && *end != State::kListen;
  if (lives && bench.tcb() != nullptr) outcome.after = bench.Variables();
  if (row.sends.starts_with("within")) {
    std::string_view time = row.sends;
    TakePrefix(time, "within ");
    bench.Wait(Duration::Milliseconds(MillisecondsIn(time.substr(0, time.find(':')))));
  }
  outcome.sent = bench.sent;
  outcome.given = bench.given;
  outcome.answers = bench.answers;
  outcome.octets = bench.NewOctets();
  outcome.told = bench.told;
  return Played::kThrough;
}

}  // namespace

std::string Judge(const TransitionRow& row, const RowOutcome& outcome, const RowOutcome* twin,
                  const RowBench& bench) {
  bool state_right = false;
  for (std::string_view path : Alternatives(row.next, outcome.origin)) {
    if (path.starts_with("as ")) {
      // All of it at once.
      if (twin != nullptr && outcome.states == twin->states && outcome.sent == twin->sent &&
          outcome.told == twin->told && outcome.octets == twin->octets &&
          outcome.after == twin->after) {
        return "";
      }
      continue;
    }
    if (!StateNamed(Split(path, ">")[0]).has_value()) Malformed("not a state", path);
    state_right = state_right || StatesAre(path, outcome.states);
  }
  if (!state_right) return "the state is " + TellStates(outcome) + " and not " + row.next;

  std::string_view sends = row.sends;
  if (TakePrefix(sends, "within")) sends = Split(sends, "ms:")[1];
  TakePrefix(sends, "throttled:");
  std::string wrong;
  bool sets_right = false;
  bool sends_right = false;
  for (std::string_view sets : Alternatives(row.sets, outcome.origin)) {
    const Values want = Assigned(sets, outcome.before);
    if (!outcome.after.empty() && !VariablesAre(sets, want, outcome.after, wrong)) continue;
    sets_right = true;
    for (std::string_view sequence : Alternatives(sends, outcome.origin)) {
      sends_right = sends_right || SentIs(sequence, outcome.sent, want);
    }
  }
  if (!sets_right) return wrong;
  if (!sends_right) return "it sends " + Tell(outcome.sent) + " and not " + row.sends;

  for (std::string_view tells : Alternatives(row.tells, outcome.origin)) {
    if (ToldIs(tells, outcome, bench)) return "";
  }
  return "it tells " + TellTold(outcome) + " and not " + row.tells;
}

RowReport DriveRow(const TransitionRow& row, const tcp::Policy& policy, Until until) {
  struct Numbers {
    uint32_t iss;
    uint32_t irs;
  };
  static constexpr std::array<Numbers, 2> kNumbers = {
      {{1'000'000, 5'000'000}, {0xffff'ffa0, 0xffff'ffd0}}};
  using Maker = std::unique_ptr<RowBench> (*)(const RowBench::Conditions&);
  static constexpr std::array<std::pair<const char*, Maker>, 2> kBenches = {
      {{"step", MakeStepBench}, {"host", MakeHostBench}}};

  RowReport report;
  for (const Script& script : ScriptsOf(row)) {
    for (const auto& [bench_name, make] : kBenches) {
      for (wire::IpFamily family : {wire::IpFamily::kIpv4, wire::IpFamily::kIpv6}) {
        for (const Numbers& numbers : kNumbers) {
          if (until == Until::kAFailure && !report.failures.empty()) return report;
          const RowBench::Conditions config{family, policy, numbers.iss, numbers.irs};
          const auto bench = make(config);
          RowOutcome outcome;
          const std::string& last = script.event.back();
          const Played played = Play(row, script, last, *bench, outcome);
          const std::string story = row.id + " " + bench_name +
                                    (family == wire::IpFamily::kIpv4 ? ", IPv4: " : ", IPv6: ") +
                                    (script.origin == Origin::kPassive ? "passive: " : "") +
                                    script.text + ": ";
          if (played == Played::kNotHere) {
            ++report.not_here;
            continue;
          }
          if (played == Played::kCannotHappen) {
            ++report.cannot_happen;
            continue;
          }
          ++report.runs;
          if (played == Played::kWrongStart) {
            report.failures.push_back(story + "it does not lead to " + row.state);
            continue;
          }
          RowOutcome twin;
          bool has_twin = false;
          if (row.next.find("as ") != std::string::npos) {
            const auto other = make(config);
            has_twin = Play(row, script, TwinOf(row.next, last), *other, twin) == Played::kThrough;
          }
          const std::string wrong = Judge(row, outcome, has_twin ? &twin : nullptr, *bench);
          if (!wrong.empty()) report.failures.push_back(story + wrong);
        }
      }
    }
  }
  return report;
}

}  // namespace assay::host
