// StreamRun: two hosts, a wire on which things go wrong, and users who send, receive and close.
//
// Chaos() plays the plan, faults and all: safety. Rest() takes the wire's faults away and has both
// users finish: what they meant to send is sent, everything is read, both ends close, and no timer
// is left: liveness. What goes wrong is said in broken(), the first of it; nothing is said twice.
//
// The octets of a stream are a function of their offset, so that any that is lost, doubled or out
// of its place is seen where it is read.

#ifndef ASSAY_PROPERTIES_STREAM_RUN_H_
#define ASSAY_PROPERTIES_STREAM_RUN_H_

#include <array>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "properties/faulty_wire.h"
#include "properties/policy_generators.h"
#include "stack/base/digest.h"
#include "stack/host/host.h"

namespace assay::properties {

enum class Verb : uint8_t { kSend, kSendPushed, kSendUrgent, kReceive, kClose, kNagle, kWait };
inline constexpr size_t kVerbs = 7;

// What a user does, and how long the other waits afterwards.
struct UserAct {
  Side who = Side::kA;
  Verb verb = Verb::kWait;
  uint32_t octets = 0;
  uint32_t then_ms = 0;
};

enum class Opening : uint8_t {
  kOneListens,
  kSimultaneous,  // both call OPEN, and their SYNs cross
};

struct StreamPlan {
  wire::IpFamily family = wire::IpFamily::kIpv4;
  Opening opening = Opening::kOneListens;
  struct End {
    PolicyChoice policy;
    uint32_t mtu = 1500;
    uint32_t first_iss = 0;
    uint32_t goal = 0;      // octets that are sent in all
    uint32_t reads = 4000;  // octets at a time, once the wire is whole
  };
  std::array<End, 2> ends;
  uint32_t delay_ms = 0;
  std::vector<Fault> faults;
  std::vector<UserAct> acts;
};

void showValue(const StreamPlan& plan, std::ostream& out);

class StreamRun {
 public:
  // How many empty segments may answer one another before it counts as a storm.
  static constexpr uint32_t kLongestChain = 4;

  explicit StreamRun(const StreamPlan& plan);

  // `after_act` is called behind each act of the plan, with its index.
  void Chaos(const std::function<void(size_t)>& after_act = nullptr);
  void Rest();

  // A packet that neither end has sent arrives.
  void Inject(Side to, wire::Octets packet) { Arrive({to, 0, {packet.begin(), packet.end()}}); }

  const std::string& broken() const { return broken_; }
  const FaultyWire& wire() const { return wire_; }
  const host::Host& host(Side side) const { return hosts_[Index(side)]; }
  // The block of that side's connection, or null.
  const tcp::Tcb* tcb(Side side) const { return host(side).TcbOf(users_[Index(side)].handle); }
  wire::Endpoint endpoint(Side side) const;
  uint32_t heard(Side side) const { return users_[Index(side)].heard; }
  uint32_t longest_chain() const { return longest_chain_; }
  Duration healing() const { return healing_; }  // from Rest() until both had all that was sent
  // Of all that went over the wire: the same plan gives the same number.
  uint64_t digest() const { return digest_.value(); }

 private:
  struct User {
    host::Handle handle = host::kNoHandle;
    host::Handle listener = host::kNoHandle;
    uint32_t said = 0;
    uint32_t heard = 0;
    bool closed = false;
    bool ended = false;  // has seen the end of the stream
  };

  void Act(const UserAct& act);
  void Send(Side side, uint32_t octets, tcp::Flag push, tcp::Flag urgent);
  void Receive(Side side, uint32_t octets);
  void Close(Side side);
  void Accept();
  void Pass(Duration duration);
  void Arrive(const FaultyWire::Arrival& arrival);
  // Takes what a host has sent to the wire. `answer`: a packet has just arrived, which was the
  // `chain`th of empty ones that answered one another.
  void Collect(Side side, bool answer, uint32_t chain);
  void Check(Side side);
  void Break(const std::string& what);
  bool Done() const;
  std::string Where() const;

  StreamPlan plan_;
  std::array<host::Host, 2> hosts_;
  std::array<User, 2> users_;
  FaultyWire wire_;
  std::string broken_;
  std::vector<std::byte> room_;
  Digest digest_;
  uint32_t longest_chain_ = 0;
  uint32_t packets_at_once_ = 0;  // since time last moved
  Duration healing_;
};

}  // namespace assay::properties

#endif  // ASSAY_PROPERTIES_STREAM_RUN_H_
