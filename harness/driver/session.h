// Session: one stack under test on one end of a wire, the tester on the other, for one run.
//
// It turns the events of a scenario into packets, calls and time, plays the application on the
// stack's side (accepts, reads, closes as the scenario's header says), and tells the judge
// everything in order. It decides nothing: which packets a stack may send is the rules' matter.
//
//  1. Everything happens in one order: (time, then the order of causes). There is no other clock.
//  2. After each stimulus the stack is drained: all that it sends now is seen before the next one.
//  3. A stack that does not come to rest is stopped at a bound and found out.
//  4. A stack in real time has gone on by itself when a stimulus comes: what it did until then
//  comes
//     first, at its own time.
//  5. Buffers are kept between runs; a run allocates nothing once they have grown.

#ifndef ASSAY_HARNESS_DRIVER_SESSION_H_
#define ASSAY_HARNESS_DRIVER_SESSION_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/observer/trace.h"
#include "harness/rules/judge.h"
#include "harness/scenario/event.h"
#include "harness/scenario/resolve.h"
#include "harness/scenario/tester_view.h"
#include "harness/sut/stack_under_test.h"

namespace assay::driver {

// The ports of a run: where the stack listens, where the tester does, and where the tester comes
// from.
inline constexpr uint16_t kStackPort = 7;
inline constexpr uint16_t kTesterListens = 9;
inline constexpr uint16_t kTesterPort = 40'000;

// Whether a run leaves a trace. Without one it is quicker; the verdict is the same, and the same
// scenario run again with one gives the trace of what was found.
enum class Recording : uint8_t { kOn, kOff };

class Session {
 public:
  // The stack outlives the session.
  Session(sut::StackUnderTest& stack, const observer::Profile& profile);

  void set_recording(Recording recording) { recording_ = recording; }

  // How long a run waits for a stack in real time; one that would wait longer is given up.
  void set_patience(Duration patience) { patience_ = patience; }

  // A fresh stack, opened as the header says. False if the stack cannot be reset so.
  bool Begin(const scenario::Header& header);
  void Do(const scenario::Event& event);
  // Time enough for what is owed, and the last look.
  void End();

  // All of it. False if the stack cannot be reset so.
  bool Run(const scenario::Scenario& scenario);

  // For cases that need more than a scenario says.
  void Deliver(wire::Octets packet);
  void Elapse(Duration duration, bool stop_at_output);
  sut::Transfer Send(size_t octets, uint32_t flags);
  void SetOption(sut::Option option, int64_t value);

  // The run was given up: what did not happen in it proves nothing.
  bool gave_up() const { return gave_up_; }
  // How late the latest stimulus was, in real time: the stack's own timers may have come first.
  Duration longest_stall() const { return longest_stall_; }

  const observer::Trace& trace() const { return trace_; }
  const rules::Judge& judge() const { return judge_; }
  rules::Judge& judge() { return judge_; }
  const scenario::TesterView& view() const { return view_; }
  sut::StackUnderTest& stack() { return stack_; }
  const observer::Profile& profile() const { return profile_; }
  const sut::Config& config() const { return config_; }
  // The application's view: the newest connection, octets read in all, whether its stream has
  // ended.
  sut::Handle handle() const { return apps_.empty() ? sut::kNoHandle : apps_.back().handle; }
  uint64_t octets_read() const { return apps_.empty() ? 0 : apps_.back().read; }
  bool end_of_stream() const { return !apps_.empty() && apps_.back().ended; }
  sut::CallError error() const {
    return apps_.empty() ? sut::CallError::kNone : apps_.back().error;
  }

 private:
  // The application's side of one connection.
  struct App {
    sut::Handle handle = sut::kNoHandle;
    uint64_t sent = 0;
    uint64_t read = 0;
    bool ended = false;
    bool closed = false;
    sut::CallError error = sut::CallError::kNone;
  };

  // A packet of the tester's, where it was made.
  struct Made {
    std::vector<std::byte> room;
    wire::Octets packet;
  };

  void Open();
  void CatchUp();
  void GiveUp();
  void Call(const scenario::Event& event);
  void Connect();
  void Drain();
  bool PollAll();
  bool ServeApplication();
  bool Read(App& app, size_t most);
  void Close(App& app);
  void Recorded();
  void RecordPacket(observer::TraceKind kind, wire::Octets packet, observer::Fate fate);
  void RecordCall(observer::Call call, sut::Handle handle, sut::CallError error, uint64_t count);
  void RecordTime(Duration elapsed);
  void CheckFault();
  void Annotate();

  sut::StackUnderTest& stack_;
  observer::Profile profile_;
  rules::Judge judge_;
  Recording recording_ = Recording::kOn;
  observer::Trace trace_;
  size_t events_ = 0;  // of this run, recorded or not
  scenario::TesterView view_;
  scenario::Header header_;
  scenario::Offers offers_;
  sut::Config config_;
  Instant now_;             // of the stack: it moves in Begin(), CatchUp() and Elapse() alone
  bool port_known_ = true;  // of the stack, for this connection
  sut::Handle listener_ = sut::kNoHandle;
  BoundedVector<App, 8> apps_;
  uint32_t to_lose_ = 0;  // packets of the stack
  uint32_t packets_ = 0;  // polled since the last event
  bool stopped_ = false;  // the stack failed: nothing more is done to it
  const bool real_time_;
  Duration patience_ = Duration::Nanoseconds(INT64_MAX);
  Duration waited_;
  bool gave_up_ = false;
  Duration longest_stall_;
  std::vector<std::byte> polled_;   // being polled
  std::vector<std::byte> reading_;  // being read by the application
  std::array<Made, 2> recent_;      // the tester's last packets, newest first
};

}  // namespace assay::driver

#endif  // ASSAY_HARNESS_DRIVER_SESSION_H_
