// Dialogue: a conformance case as a conversation: what the peer and the user do, what must come
// back.
//
// A case drives a Session step by step and states expectations on what the stack sends between one
// step and the next. The oracle judges all of it as well, so a case says only what the rules cannot
// know: that this stimulus was meant to have that effect. The steps are events of a scenario and
// are recorded, so that each case is also a seed. After a first unmet expectation nothing more is
// expected; the steps go on, so that the diagram shows what followed.
//
// Numbers are relative: SEQ to the stack's ISS, ACK to the tester's.

#ifndef ASSAY_HARNESS_CASES_DIALOGUE_H_
#define ASSAY_HARNESS_CASES_DIALOGUE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "harness/driver/session.h"
#include "harness/scenario/event.h"
#include "stack/spec/state.h"
#include "stack/wire/segment.h"

namespace assay::cases {

// A segment that the stack must send. PSH is free unless `exactly` is set.
struct Reply {
  uint8_t control = wire::kAck;
  std::optional<int64_t> seq = std::nullopt;
  std::optional<int64_t> ack = std::nullopt;
  std::optional<size_t> text = std::nullopt;
  std::optional<uint16_t> window = std::nullopt;
  bool exactly = false;
};

std::string ToString(const Reply& reply);

class Dialogue {
 public:
  explicit Dialogue(driver::Session& session) : session_(session) {}

  // --- steps ---
  void Peer(const scenario::Event& event) { Do(event); }
  void User(scenario::Call call, int16_t octets = 0) { Do(scenario::Calls(call, octets)); }
  void Lose(scenario::Fault fault) { Do(scenario::Fails(fault)); }
  void Wait(scenario::TimeWord word) { Do(scenario::Wait(word)); }
  // SYN, SYN,ACK, ACK; or the answers to the stack's SYN. Expects ESTABLISHED.
  void Handshake();

  // --- expectations on what the stack sent since the last step ---
  // The next segment is this; consumes it.
  void Expect(const Reply& reply);
  // One of the segments is this; consumes all up to it.
  void ExpectSome(const Reply& reply);
  // The next segment is a RST, with this SEQ if one is given; its ACK bit is free.
  void ExpectRst(std::optional<int64_t> seq = std::nullopt);
  // Nothing (more) came.
  void Silent();
  // An acknowledgment of `ack`, alone or with others before it, now or within the 0.5 s of a
  // delayed ACK.
  void Acknowledges(int64_t ack);
  // The oracle believes that the stack may be in this state (and in this alone, if it reports it).
  void InState(spec::State state);
  // What the application has read in all.
  void HasRead(uint64_t octets);
  void EndOfStream();
  void Error(sut::CallError error);
  // Any other claim; `what` completes "expected ...".
  void That(bool holds, const std::string& what, const std::string& seen);

  // How many packets the stack has sent.
  size_t Sent() const;
  // The last segment that the stack sent, or an empty one.
  wire::Segment Last() const;
  // How long ago it was sent, counted from the one before it.
  Duration GapOfLastTwo() const;

  bool ok() const { return failure_.empty(); }
  // "expected SYN,ACK ack=1, saw silence", and where.
  const std::string& failure() const { return failure_; }
  size_t failed_at() const { return failed_at_; }
  const scenario::Scenario& recorded() const { return recorded_; }
  // False if the steps were more than a scenario holds.
  bool fits_scenario() const { return fits_; }
  driver::Session& session() { return session_; }

 private:
  void Do(const scenario::Event& event);
  std::optional<wire::Segment> Next();
  bool Matches(const Reply& reply, const wire::Segment& segment) const;
  std::string Describe(const wire::Segment& segment) const;
  void Fail(const std::string& expected, const std::string& seen);

  driver::Session& session_;
  size_t cursor_ = 0;
  std::string failure_;
  size_t failed_at_ = 0;
  scenario::Scenario recorded_;
  bool fits_ = true;
};

}  // namespace assay::cases

#endif  // ASSAY_HARNESS_CASES_DIALOGUE_H_
