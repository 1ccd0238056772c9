// The user's calls: OPEN to STATUS in the form of sockets (RFC 9293, 3.9.1).

#include <algorithm>
#include <utility>

#include "stack/base/prng.h"
#include "stack/host/host.h"
#include "stack/tcp/isn.h"
#include "stack/tcp/step.h"
#include "stack/tcp/timestamps.h"

namespace assay::host {
namespace {

Error ErrorFrom(tcp::Answer answer) {
  switch (answer) {
    case tcp::Answer::kOk:
      return Error::kNone;
    case tcp::Answer::kInsufficientResources:
      return Error::kAgain;
    case tcp::Answer::kAlreadyExists:
      return Error::kInUse;
    case tcp::Answer::kRemoteUnspecified:
      return Error::kInvalid;
    case tcp::Answer::kDoesNotExist:
    case tcp::Answer::kClosing:
      return Error::kClosed;
    case tcp::Answer::kReset:
      return Error::kReset;
    case tcp::Answer::kRefused:
      return Error::kRefused;
    case tcp::Answer::kTimedOut:
      return Error::kTimedOut;
    case tcp::Answer::kUnreachable:
      return Error::kUnreachable;
  }
  CheckFailed(__FILE__, __LINE__, "an Answer");
}

}  // namespace

tcp::Open Host::OpenEvent(tcp::OpenMode mode, const wire::Endpoint& local) const {
  tcp::Open open;
  open.mode = mode;
  open.family = local.address.family();
  open.mtu = config_.mtu;
  open.remote = tcp::Flag::kNo;
  return open;
}

Opened Host::Listen(const wire::Endpoint& local, uint32_t backlog) {
  if (local.port == 0) return {kNoHandle, Error::kInvalid};
  if (!local.address.IsUnspecified() && !IsOwn(local.address)) return {kNoHandle, Error::kInvalid};
  for (const Listener& other : listeners_) {
    if (other.local == local) return {kNoHandle, Error::kInUse};
  }
  const Slot slot = TakeSlot();
  if (slot == kNoSlot) return {kNoHandle, Error::kNoResources};
  Connection& connection = At(slot);
  connection.use = Use::kListener;
  connection.remote = {};
  tcp::Step(connection.tcb, config_.policy, OpenEvent(tcp::OpenMode::kPassive, local), now_,
            effects_);
  listeners_.push_back({.slot = slot, .local = local, .backlog = std::max(backlog, 1u)});
  return {NewHandle(slot), Error::kNone};
}

uint16_t Host::ChoosePort(const wire::IpAddress& local, const wire::Endpoint& remote) {
  const uint32_t offset = tcp::PortOffset(port_key_, local, remote);
  for (uint32_t tries = 0; tries < kDynamicPorts; ++tries) {
    const uint32_t at = (offset + next_port_++) % kDynamicPorts;
    const wire::Endpoint end{local, static_cast<uint16_t>(kFirstDynamicPort + at)};
    //= 6056:2.2
    const bool taken = FindConnection(OwnEndOf(end), remote) != kNoSlot;
    if (!taken && FindListener(end) == nullptr) return end.port;
  }
  return 0;
}

Opened Host::OpenBetween(tcp::OpenMode mode, const wire::Endpoint& wanted,
                         const wire::Endpoint& remote) {
  //= MUST-46
  if (remote.port == 0 || !IsPossiblePeer(remote.address)) return {kNoHandle, Error::kInvalid};
  const auto address = LocalFor(wanted, remote);
  if (!address.has_value()) return {kNoHandle, Error::kInvalid};
  wire::Endpoint local{*address, wanted.port};
  if (local.port == 0) local.port = ChoosePort(*address, remote);
  if (local.port == 0) return {kNoHandle, Error::kNoResources};
  const bool active = mode == tcp::OpenMode::kActive;
  const OwnEnd own = OwnEndOf(local);
  Slot slot = FindConnection(own, remote);
  if (slot != kNoSlot && !(active && At(slot).tcb.state == spec::State::kListen)) {
    return {kNoHandle, Error::kInUse};
  }
  if (slot == kNoSlot) {
    slot = TakeSlot();
    if (slot == kNoSlot) return {kNoHandle, Error::kNoResources};
    Connection& connection = At(slot);
    connection.use = Use::kConnection;
    connection.local = own;
    connection.remote = remote;
    connection.named_peer = !active;
    MakeBuffers(connection);
    Link(slot);
    NewHandle(slot);
  }
  const Handle handle = At(slot).handle;
  tcp::Open open = OpenEvent(mode, local);
  open.remote = tcp::Flag::kYes;
  if (active) {
    open.iss = NewIss(local, remote);
    open.timestamp_offset = NewTimestampOffset(local, remote);
  }
  Run(slot, open, {});
  return {handle, Error::kNone};
}

Opened Host::Connect(const wire::Endpoint& local, const wire::Endpoint& remote) {
  return OpenBetween(tcp::OpenMode::kActive, local, remote);
}

Opened Host::OpenPassive(const wire::Endpoint& local, const wire::Endpoint& remote) {
  if (local.port == 0) return {kNoHandle, Error::kInvalid};
  return OpenBetween(tcp::OpenMode::kPassive, local, remote);
}

Accepted Host::Accept(Handle handle) {
  const Slot slot = Find(handle);
  if (slot == kNoSlot) return {kNoHandle, {}, Error::kClosed};
  if (At(slot).use != Use::kListener) return {kNoHandle, {}, Error::kInvalid};
  const Slot child = ListenerAt(slot).queue_first;
  if (child == kNoSlot) return {kNoHandle, {}, Error::kAgain};
  LeaveListener(child);
  return {NewHandle(child), At(child).remote, Error::kNone};
}

Transfer Host::Send(Handle handle, wire::Octets data, tcp::Flag push, tcp::Flag urgent) {
  const Slot slot = Find(handle);
  if (slot == kNoSlot || At(slot).tcb.rcv.reader_gone) return {0, Error::kClosed};
  Connection& connection = At(slot);
  if (connection.use == Use::kListener) return {0, Error::kInvalid};
  if (connection.use == Use::kDead) {
    return {0, connection.error == Error::kNone ? Error::kClosed : connection.error};
  }
  // The step may send what it takes at once, so the octets are put where it will find them first.
  tcp::Tcb& tcb = connection.tcb;
  if (tcb.state == spec::State::kListen) Renumber(slot);
  const size_t room = std::min<size_t>(data.size(), tcp::Writable(tcb));
  if (room > 0) {
    if (HasOutput()) CompleteAll();
    SendBuffer(connection).Write(Distance(tcb.iss + 1, tcb.snd.end), data.first(room));
  }
  const auto size = static_cast<uint32_t>(std::min<size_t>(data.size(), UINT32_MAX));
  tcp::Step(tcb, config_.policy, tcp::Send{size, push, urgent}, now_, effects_);
  const Transfer transfer{effects_.accepted.size, ErrorFrom(effects_.answer)};
  Apply(slot, connection, {});
  return transfer;
}

Transfer Host::Receive(Handle handle, wire::MutableOctets out) {
  const Slot slot = Find(handle);
  if (slot == kNoSlot || At(slot).tcb.rcv.reader_gone) return {0, Error::kClosed};
  Connection& connection = At(slot);
  if (connection.use == Use::kListener) return {0, Error::kInvalid};
  if (connection.error != Error::kNone) return {0, connection.error};
  const auto size = static_cast<uint32_t>(std::min<size_t>(out.size(), UINT32_MAX));
  tcp::Step(connection.tcb, config_.policy, tcp::Receive{size}, now_, effects_);
  const tcp::StreamRange range = effects_.delivered;
  if (range.size == 0) {
    // Nothing has changed. The end of the stream is no error.
    if (effects_.answer == tcp::Answer::kClosing) return {0, Error::kNone};
    return {0, ErrorFrom(effects_.answer)};
  }
  ReceiveBuffer(connection).Read(range.offset, out.first(range.size));
  Apply(slot, connection, {});
  return {range.size, Error::kNone};
}

Error Host::Shutdown(Handle handle) {
  const Slot slot = Find(handle);
  if (slot == kNoSlot || At(slot).tcb.rcv.reader_gone) return Error::kClosed;
  if (At(slot).use == Use::kListener) return Error::kInvalid;
  if (At(slot).use == Use::kDead) return Error::kClosed;
  tcp::Step(At(slot).tcb, config_.policy, tcp::Close{}, now_, effects_);
  const Error error = ErrorFrom(effects_.answer);
  Apply(slot, At(slot), {});
  return error;
}

Error Host::Close(Handle handle) {
  const Slot slot = Find(handle);
  if (slot == kNoSlot) return Error::kClosed;
  Connection& connection = At(slot);
  if (connection.use == Use::kConnection) {
    if (connection.tcb.rcv.reader_gone) return Error::kClosed;
    Run(slot, tcp::Close{tcp::Reader::kGone}, {});
    return Error::kNone;
  }
  if (connection.use == Use::kListener) {
    // Children that nobody has accepted go with their listener.
    for (Slot child = 0; child < used_; ++child) {
      if (At(child).use == Use::kConnection && At(child).listener == slot) {
        Run(child, tcp::Abort{}, {});
      }
    }
    std::erase_if(listeners_, [slot](const Listener& listener) { return listener.slot == slot; });
  } else {
    Slot before = kNoSlot;
    for (Slot at = dead_first_; at != slot; at = At(at).next) before = at;
    (before == kNoSlot ? dead_first_ : At(before).next) = connection.next;
    if (dead_last_ == slot) dead_last_ = before;
  }
  NameOf(handle).slot = kNoSlot;
  FreeSlot(slot);
  return Error::kNone;
}

Error Host::Abort(Handle handle) {
  const Slot slot = Find(handle);
  if (slot == kNoSlot || At(slot).tcb.rcv.reader_gone) return Error::kClosed;
  if (At(slot).use == Use::kListener) return Close(handle);
  if (At(slot).use == Use::kDead) return Error::kClosed;
  Run(slot, tcp::Abort{}, {});
  return Error::kNone;
}

Error Host::Flush(Handle handle) {
  const Slot slot = Find(handle);
  if (slot == kNoSlot || At(slot).use != Use::kConnection) return Error::kClosed;
  Run(slot, tcp::Flush{}, {});
  return Error::kNone;
}

Error Host::SetNagle(Handle handle, tcp::Flag on) {
  const Slot slot = Find(handle);
  if (slot == kNoSlot || At(slot).use == Use::kDead) return Error::kClosed;
  if (At(slot).use == Use::kListener) {
    At(slot).tcb.snd.nagle = on == tcp::Flag::kYes;
  } else {
    Run(slot, tcp::SetNagle{on}, {});
  }
  return Error::kNone;
}

Error Host::SetUserTimeout(Handle handle, Duration timeout) {
  const Slot slot = Find(handle);
  if (slot == kNoSlot || At(slot).use == Use::kDead) return Error::kClosed;
  if (timeout < Duration()) return Error::kInvalid;
  At(slot).tcb.user_timeout = timeout;
  return Error::kNone;
}

Error Host::SetKeepAlive(Handle handle, tcp::Flag on, Duration idle) {
  const Slot slot = Find(handle);
  if (slot == kNoSlot || At(slot).use == Use::kDead) return Error::kClosed;
  if (idle < Duration()) return Error::kInvalid;
  Run(slot, tcp::SetKeepAlive{on, idle}, {});
  return Error::kNone;
}

//= MUST-48
//= SHLD-21
Error Host::SetDscp(Handle handle, uint8_t dscp) {
  const Slot slot = Find(handle);
  if (slot == kNoSlot || At(slot).use == Use::kDead) return Error::kClosed;
  if (dscp > 63) return Error::kInvalid;
  At(slot).dscp = dscp;
  return Error::kNone;
}

//= SHLD-20
Error Host::SetErrorReports(Handle handle, tcp::Flag on) {
  const Slot slot = Find(handle);
  if (slot == kNoSlot || At(slot).use == Use::kDead) return Error::kClosed;
  Run(slot, tcp::SetErrorReports{on}, {});
  return Error::kNone;
}

std::optional<Report> Host::NextReport(Handle handle) {
  const Slot slot = Find(handle);
  if (slot == kNoSlot || At(slot).reports.empty()) return std::nullopt;
  const NotedReport noted = At(slot).reports[0];
  At(slot).reports.Erase(0, 1);
  Report report{noted.kind, std::nullopt};
  if (noted.kind == ReportKind::kSoftError) report.icmp = noted.icmp;
  return report;
}

std::optional<wire::IpAddress> Host::TakeAdvice() {
  if (advice_.empty()) return std::nullopt;
  const wire::IpAddress address = advice_[0];
  advice_.Erase(0, 1);
  return address;
}

Status Host::StatusOf(Handle handle) const {
  Status status;
  const Slot slot = Find(handle);
  if (slot == kNoSlot) {
    status.tcp.answer = tcp::Answer::kDoesNotExist;
    return status;
  }
  const Connection& connection = At(slot);
  status.tcp = tcp::StatusOf(connection.tcb, config_.policy);
  status.local = connection.use == Use::kListener ? ListenerAt(slot).local : LocalOf(connection);
  status.remote = connection.remote;
  status.dscp = connection.dscp;
  //= MAY-9
  status.received_dscp = connection.received_dscp;
  return status;
}

spec::State Host::State(Handle handle) const {
  const tcp::Tcb* tcb = TcbOf(handle);
  return tcb == nullptr ? spec::State::kClosed : tcb->state;
}

Error Host::ErrorOf(Handle handle) const {
  if (handle < 0 || handle >= next_handle_) return Error::kClosed;
  const Name& name = NameOf(handle);
  const bool is_newest = static_cast<size_t>(next_handle_ - handle) <= names_.size();
  const bool known = name.slot == kNoSlot ? is_newest : At(name.slot).handle == handle;
  return known ? name.error : Error::kNone;
}

const tcp::Tcb* Host::TcbOf(Handle handle) const {
  const Slot slot = Find(handle);
  return slot == kNoSlot ? nullptr : &At(slot).tcb;
}

}  // namespace assay::host
