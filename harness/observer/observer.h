// Observer: all that an outsider may conclude in one run, by four-tuple.
//
// It keeps the connections that a run touches and says which one a packet or a call is about. It
// judges nothing: rules do (harness/rules), and drop what they find contradicted.

#ifndef ASSAY_HARNESS_OBSERVER_OBSERVER_H_
#define ASSAY_HARNESS_OBSERVER_OBSERVER_H_

#include <array>
#include <cstdint>

#include "harness/observer/connection.h"
#include "harness/observer/profile.h"
#include "stack/wire/icmp.h"

namespace assay::observer {

class Observer {
 public:
  static constexpr size_t kMostConnections = 6;

  // A fresh run. `mtu` is the link's.
  void Begin(const wire::IpAddress& stack, const wire::IpAddress& tester, const Profile& profile);

  const Profile& profile() const { return profile_; }

  // The connection that a packet to, or from, the stack is about; one is made if there is none and
  // room for it. nullptr if there is no room, or the packet is not between the two addresses.
  Connection* OfArrival(const SegmentSeen& segment);
  Connection* OfEmission(const SegmentSeen& segment);
  // The connection of the segment that an ICMP error quotes; nullptr if there is none.
  Connection* OfIcmp(const wire::IcmpError& error);
  // What a handle stands for: a connection and its incarnation. No connection if it is not known,
  // or if the incarnation is so long gone that its place was taken. Where it may be either of two,
  // a call changes nobody knows which, and nothing is judged any more; a report says nothing.
  struct Bound {
    Connection* connection = nullptr;
    size_t incarnation = 0;
  };
  Bound OfCall(sut::Handle handle);
  Bound OfReport(sut::Handle handle);

  // The segment went from the stack to the tester.
  bool IsBetweenTheTwo(const SegmentSeen& segment) const {
    return segment.packet.source == stack_ && segment.packet.destination == tester_;
  }

  // Somebody listens on the stack's port from now on.
  void Listens(uint16_t port);
  // The application opened a connection; the stack's port is learnt from its SYN if it is 0.
  void Connects(sut::Handle handle, uint16_t local_port, uint16_t remote_port, Instant now);
  void Accepts(sut::Handle handle, const wire::Endpoint& from);

  // More connections than there is room for: nothing is known any more, and nothing is judged.
  bool overwhelmed() const { return overwhelmed_; }

  size_t size() const { return overwhelmed_ ? 0 : count_; }
  Connection& at(size_t i) { return connections_[i]; }
  const Connection& at(size_t i) const { return connections_[i]; }

  // The states that the connection which has got furthest may be in: for diagrams.
  spec::StateSet States() const;

 private:
  struct Binding {
    sut::Handle handle = sut::kNoHandle;
    size_t connection = 0;
    size_t incarnation = 0;
    uint32_t generation = 0;
  };

  Bound OfHandle(sut::Handle handle);
  Connection* Find(uint16_t stack_port, const wire::IpAddress& tester, uint16_t tester_port);
  Connection* Make(uint16_t stack_port, const wire::Endpoint& tester);
  bool Listening(uint16_t port) const;
  uint32_t default_mss() const { return stack_.family() == wire::IpFamily::kIpv4 ? 536 : 1220; }

  Profile profile_;
  wire::IpAddress stack_;
  wire::IpAddress tester_;
  size_t count_ = 0;
  bool overwhelmed_ = false;
  std::array<Connection, kMostConnections> connections_;
  BoundedVector<uint16_t, 8> listeners_;
  BoundedVector<Binding, 16> bindings_;
};

}  // namespace assay::observer

#endif  // ASSAY_HARNESS_OBSERVER_OBSERVER_H_
