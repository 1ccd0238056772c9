#include "harness/observer/observer.h"

#include <algorithm>

namespace assay::observer {

void Observer::Begin(const wire::IpAddress& stack, const wire::IpAddress& tester,
                     const Profile& profile) {
  stack_ = stack;
  tester_ = tester;
  profile_ = profile;
  count_ = 0;
  overwhelmed_ = false;
  listeners_.clear();
  bindings_.clear();
}

bool Observer::Listening(uint16_t port) const {
  return std::ranges::find(listeners_, port) != listeners_.end();
}

Connection* Observer::Find(uint16_t stack_port, const wire::IpAddress& tester,
                           uint16_t tester_port) {
  for (size_t i = 0; i < count_; ++i) {
    const wire::Endpoint& end = connections_[i].tester();
    if (connections_[i].stack().port == stack_port && end.port == tester_port &&
        end.address == tester) {
      return &connections_[i];
    }
  }
  return nullptr;
}

Connection* Observer::Make(uint16_t stack_port, const wire::Endpoint& tester) {
  if (count_ == kMostConnections) {
    overwhelmed_ = true;
    return nullptr;
  }
  // Another one between the same two hosts begins with another number, too.
  Connection::Iss latest;
  for (size_t i = 0; i < count_; ++i) {
    const Connection::Iss& iss = connections_[i].last_iss();
    if (iss.known && (!latest.known || latest.at < iss.at)) latest = iss;
  }
  latest.by_clock = false;
  Connection& made = connections_[count_++];
  made.set_last_iss(latest);
  made.Begin({stack_, stack_port}, tester, Listening(stack_port), default_mss());
  return &made;
}

Connection* Observer::OfArrival(const SegmentSeen& segment) {
  const wire::Packet& packet = segment.packet;
  // From an address that is nobody's nothing is taken (MUST-63).
  if (overwhelmed_ || packet.destination != stack_ || !packet.source.IsValidSource()) {
    return nullptr;
  }
  const uint16_t to = segment.header.destination_port;
  const uint16_t from = segment.header.source_port;
  Connection* found = Find(to, packet.source, from);
  return found != nullptr ? found : Make(to, {packet.source, from});
}

Connection* Observer::OfIcmp(const wire::IcmpError& error) {
  if (overwhelmed_ || error.source.address != stack_) return nullptr;
  return Find(error.source.port, error.destination.address, error.destination.port);
}

Connection* Observer::OfEmission(const SegmentSeen& segment) {
  const wire::Packet& packet = segment.packet;
  if (overwhelmed_ || packet.source != stack_) return nullptr;
  const uint16_t from = segment.header.source_port;
  const uint16_t to = segment.header.destination_port;
  Connection* found = Find(from, packet.destination, to);
  // The first SYN of an active OPEN tells which port the stack has chosen.
  if (segment.header.syn() && !segment.header.has_ack() && (found == nullptr || found->IsIdle())) {
    if (Connection* opening = Find(0, packet.destination, to)) {
      if (found != nullptr) found->Retire();
      opening->set_stack_port(from);
      return opening;
    }
  }
  if (found != nullptr) return found;
  return Make(from, {packet.destination, to});
}

Observer::Bound Observer::OfHandle(sut::Handle handle) {
  if (overwhelmed_) return {};
  for (size_t i = bindings_.size(); i-- > 0;) {
    const Binding& binding = bindings_[i];
    if (binding.handle != handle) continue;
    Connection& connection = connections_[binding.connection];
    if (connection.generation(binding.incarnation) != binding.generation) return {};
    return {&connection, connection.IsOfOneOpen() ? connection.Furthest() : binding.incarnation};
  }
  return {};
}

Observer::Bound Observer::OfCall(sut::Handle handle) {
  const Bound bound = OfHandle(handle);
  if (bound.connection != nullptr && bound.connection->IsOfOneOpen() &&
      bound.connection->IsAmbiguous()) {
    bound.connection->Lose();
  }
  return bound;
}

Observer::Bound Observer::OfReport(sut::Handle handle) {
  const Bound bound = OfHandle(handle);
  const bool unsure = bound.connection != nullptr && bound.connection->IsOfOneOpen() &&
                      bound.connection->IsAmbiguous();
  return unsure ? Bound() : bound;
}

void Observer::Listens(uint16_t port) {
  if (Listening(port) || !listeners_.TryPush(port)) return;
  for (size_t i = 0; i < count_; ++i) {
    if (connections_[i].stack().port == port) connections_[i].set_listening();
  }
}

void Observer::Connects(sut::Handle handle, uint16_t local_port, uint16_t remote_port,
                        Instant now) {
  const wire::Endpoint to{tester_, remote_port};
  Connection* made = Find(local_port, tester_, remote_port);
  if (made == nullptr) made = Make(local_port, to);
  if (made == nullptr) return;
  made->BeginActive({stack_, local_port}, to, default_mss(), now, profile_);
  bindings_.TryPush(
      {handle, static_cast<size_t>(made - connections_.data()), 0, made->generation(0)});
}

void Observer::Accepts(sut::Handle handle, const wire::Endpoint& from) {
  for (size_t i = 0; i < count_; ++i) {
    if (connections_[i].tester() != from || !connections_[i].listening()) continue;
    // Which of two open connections the handle is about cannot be told: nothing is judged any more.
    if (connections_[i].IsAmbiguous()) connections_[i].Lose();
    const size_t incarnation = connections_[i].Furthest();
    bindings_.TryPush({handle, i, incarnation, connections_[i].generation(incarnation)});
    return;
  }
}

spec::StateSet Observer::States() const {
  spec::StateSet best;
  for (size_t i = 0; i < count_; ++i) {
    const spec::StateSet states = connections_[i].beliefs().States();
    if (states.bits() > best.bits()) best = states;
  }
  return best;
}

}  // namespace assay::observer
