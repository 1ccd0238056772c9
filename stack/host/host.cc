#include "stack/host/host.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "stack/base/prng.h"
#include "stack/tcp/connection.h"
#include "stack/tcp/isn.h"
#include "stack/tcp/step.h"
#include "stack/wire/checksum.h"
#include "stack/wire/options.h"
#include "stack/wire/segment.h"

namespace assay::host {
namespace {

constexpr uint16_t kFirstDynamicPort = 49152;
constexpr uint32_t kDynamicPorts = 16384;
// How far beyond the numbers of an old incarnation the next begins, if the clock is not there yet:
// more than a window.
constexpr uint32_t kReopenStep = 0x1'0001;
// How many handles are remembered at least, for each connection that there may be.
constexpr uint32_t kNamesPerConnection = 4;

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
  }
  CheckFailed(__FILE__, __LINE__, "an Answer");
}

}  // namespace

void Host::Reset(const Config& config) {
  const bool resized = buckets_.empty() || config.max_connections != config_.max_connections;
  if (resized) {
    buckets_.assign(std::bit_ceil(config.max_connections), kNoSlot);
    names_.assign(std::bit_ceil(config.max_connections * kNamesPerConnection), Named{});
  } else {
    for (Slot slot = 0; slot < used_; ++slot) {
      const Connection& connection = At(slot);
      if (connection.use != Use::kConnection) continue;
      buckets_[Bucket(connection.local_port, connection.remote)] = kNoSlot;
    }
    const auto named = static_cast<size_t>(next_handle_);
    std::fill_n(names_.begin(), std::min(named, names_.size()), Named{});
  }
  for (Slot slot = 0; slot < used_; ++slot) At(slot).use = Use::kFree;
  config_ = config;
  now_ = {};
  Prng keys(config.seed);
  isn_key_ = {keys.Next(), keys.Next()};
  next_port_ = static_cast<uint16_t>(keys.Below(kDynamicPorts));
  first_iss_used_ = !config.use_first_iss;
  used_ = 0;
  free_ = kNoSlot;
  dead_first_ = kNoSlot;
  dead_last_ = kNoSlot;
  listeners_.clear();
  next_handle_ = 0;
  timers_.Clear();
  octets_used_ = 0;
  packets_.clear();
  polled_ = 0;
}

// --- Slots and handles. ---

Host::Slot Host::TakeSlot() {
  Slot slot = kNoSlot;
  if (free_ != kNoSlot) {
    slot = free_;
    free_ = At(slot).next;
  } else if (used_ < config_.max_connections) {
    slot = used_++;
    if (slot == slots_.size()) slots_.push_back(std::make_unique<Connection>());
  } else if (dead_first_ != kNoSlot) {
    slot = dead_first_;
    dead_first_ = At(slot).next;
    if (dead_first_ == kNoSlot) dead_last_ = kNoSlot;
    Named& named = names_[static_cast<size_t>(At(slot).handle) & (names_.size() - 1)];
    named.slot = kNoSlot;
  } else {
    return kNoSlot;
  }
  Connection& connection = At(slot);
  connection.tcb = {};
  connection.error = Error::kNone;
  connection.accept_waiting = false;
  connection.handle = kNoHandle;
  connection.listener = kNoSlot;
  connection.next = kNoSlot;
  connection.chain = kNoSlot;
  connection.backlog = 0;
  connection.pending = 0;
  connection.queue_first = kNoSlot;
  connection.queue_last = kNoSlot;
  return slot;
}

void Host::FreeSlot(Slot slot) {
  Connection& connection = At(slot);
  connection.use = Use::kFree;
  connection.next = free_;
  free_ = slot;
  timers_.Set(slot, kNever);
}

void Host::Bury(Slot slot) {
  Connection& connection = At(slot);
  connection.use = Use::kDead;
  connection.next = kNoSlot;
  if (dead_last_ == kNoSlot) {
    dead_first_ = slot;
  } else {
    At(dead_last_).next = slot;
  }
  dead_last_ = slot;
  timers_.Set(slot, kNever);
}

Handle Host::NewHandle(Slot slot) {
  const size_t mask = names_.size() - 1;
  // A name that is still in use is passed over; there are more names than slots.
  for (;;) {
    const Handle handle = next_handle_++;
    Named& named = names_[static_cast<size_t>(handle) & mask];
    if (named.slot != kNoSlot) continue;
    named = {handle, slot, Error::kNone};
    At(slot).handle = handle;
    return handle;
  }
}

Host::Slot Host::Find(Handle handle) const {
  if (handle < 0 || names_.empty()) return kNoSlot;
  const Named& named = names_[static_cast<size_t>(handle) & (names_.size() - 1)];
  return named.handle == handle ? named.slot : kNoSlot;
}

// --- Demultiplexing. ---

uint32_t Host::Bucket(uint16_t local_port, const wire::Endpoint& remote) const {
  uint32_t address;
  std::memcpy(&address, remote.address.octets().last(4).data(), sizeof address);
  uint64_t h = uint64_t{address} << 32 | uint64_t{local_port} << 16 | remote.port;
  h = (h ^ isn_key_.k0) * 0x9e37'79b9'7f4a'7c15;
  return static_cast<uint32_t>(h >> 32) & static_cast<uint32_t>(buckets_.size() - 1);
}

Host::Slot Host::FindConnection(uint16_t local_port, const wire::Endpoint& remote) const {
  Slot slot = buckets_[Bucket(local_port, remote)];
  while (slot != kNoSlot) {
    const Connection& connection = At(slot);
    if (connection.local_port == local_port && connection.remote.port == remote.port &&
        connection.remote.address == remote.address) {
      break;
    }
    slot = connection.chain;
  }
  return slot;
}

Host::Slot Host::FindListener(uint16_t port) const {
  for (Slot slot : listeners_) {
    if (At(slot).local_port == port) return slot;
  }
  return kNoSlot;
}

void Host::Link(Slot slot) {
  Connection& connection = At(slot);
  Slot& bucket = buckets_[Bucket(connection.local_port, connection.remote)];
  connection.chain = bucket;
  bucket = slot;
}

void Host::Unlink(Slot slot) {
  const Connection& connection = At(slot);
  Slot* at = &buckets_[Bucket(connection.local_port, connection.remote)];
  while (*at != slot) at = &At(*at).chain;
  *at = connection.chain;
}

// --- Packets. ---

void Host::Deliver(wire::Octets octets) {
  const wire::Packet packet = wire::DecodePacket(octets);
  if (packet.error != wire::PacketError::kNone) return;
  //= MUST-57
  if (packet.destination != config_.address) return;
  tcp::Event event(std::in_place_type<tcp::SegmentArrived>);
  auto& arrived = *std::get_if<tcp::SegmentArrived>(&event);
  arrived.segment = wire::DecodeSegment(packet.payload);
  const wire::Segment& segment = arrived.segment;
  if (!segment.header.has_value()) return;
  const size_t claimed = size_t{segment.header->data_offset()} * 4;
  if (claimed < wire::kHeaderMin || claimed > packet.payload.size()) return;
  //= MUST-3
  if (!wire::TcpChecksumIsRight(packet.source, packet.destination, packet.payload)) return;
  if (!segment.options.empty()) arrived.options = wire::DecodeOptions(segment.options);

  const wire::Endpoint remote{packet.source, segment.header->source_port};
  const uint16_t local_port = segment.header->destination_port;
  const Slot slot = FindConnection(local_port, remote);
  if (slot != kNoSlot) {
    if (At(slot).tcb.state == spec::State::kTimeWait && Reopens(slot, arrived)) return;
    Run(slot, event, segment.payload);
    return;
  }
  // No connection has such a remote end, so it is enough to look here.
  //= MUST-63
  if (!packet.source.IsValidSource()) return;
  const Slot listener = FindListener(local_port);
  if (listener != kNoSlot) {
    ArriveAtListener(listener, arrived, remote);
    return;
  }
  if (const auto reset = tcp::ResetFor(segment)) Emit(local_port, remote, *reset, nullptr);
}

// A passive OPEN goes on listening: a SYN gets a block of its own.
//= MUST-41
void Host::ArriveAtListener(Slot listener, const tcp::SegmentArrived& arrived,
                            const wire::Endpoint& remote, const tcp::Tcb* old) {
  const uint16_t local_port = At(listener).local_port;
  const wire::Header& seg = *arrived.segment.header;
  if (seg.rst()) return;
  if (seg.has_ack() || !seg.syn()) {
    tcp::Tcb unchanged = At(listener).tcb;
    tcp::Step(unchanged, config_.policy, arrived, now_, effects_);
    for (const auto& segment : effects_.segments) Emit(local_port, remote, segment, nullptr);
    return;
  }
  if (At(listener).pending >= At(listener).backlog) return;
  const Slot slot = TakeSlot();
  if (slot == kNoSlot) return;
  Connection& child = At(slot);
  child.use = Use::kConnection;
  child.remote = remote;
  child.local_port = local_port;
  child.listener = listener;
  child.tcb = At(listener).tcb;
  child.tcb.iss = NewIss(local_port, remote);
  if (old != nullptr && !Before(old->snd.nxt, child.tcb.iss)) {
    child.tcb.iss = old->snd.nxt + kReopenStep;
  }
  child.send.Allocate(config_.policy.send_buffer);
  child.receive.Allocate(config_.policy.receive_buffer);
  ++At(listener).pending;
  Link(slot);
  Run(slot, arrived, arrived.segment.payload);
}

// MAY-2: a SYN beyond all that the old incarnation received opens the connection anew, with numbers
// beyond all that it sent.
bool Host::Reopens(Slot slot, const tcp::SegmentArrived& arrived) {
  const wire::Header& seg = *arrived.segment.header;
  if (!config_.policy.reopen_time_wait) return false;
  if (!seg.syn() || seg.has_ack() || seg.rst()) return false;
  const tcp::Tcb old = At(slot).tcb;
  if (Before(wire::RcvSeq(seg.seq), old.rcv.nxt)) return false;
  const Slot listener = FindListener(At(slot).local_port);
  if (listener == kNoSlot || At(listener).pending >= At(listener).backlog) return false;
  //= MAY-2
  const wire::Endpoint remote = At(slot).remote;
  effects_.clear();
  tcp::Delete(At(slot).tcb, effects_);
  Settle(slot);
  ArriveAtListener(listener, arrived, remote, &old);
  return true;
}

wire::SndSeq Host::NewIss(uint16_t local_port, const wire::Endpoint& remote) {
  if (!first_iss_used_) {
    first_iss_used_ = true;
    return wire::SndSeq(config_.first_iss);
  }
  return tcp::InitialSequenceNumber(isn_key_, {config_.address, local_port}, remote, now_);
}

void Host::Run(Slot slot, const tcp::Event& event, wire::Octets payload) {
  tcp::Step(At(slot).tcb, config_.policy, event, now_, effects_);
  Apply(slot, payload);
}

void Host::Apply(Slot slot, wire::Octets payload) {
  Connection& connection = At(slot);
  const tcp::Store& store = effects_.store;
  if (store.to.size > 0) {
    connection.receive.Write(store.to.offset, payload.subspan(store.from, store.to.size));
  }
  for (;;) {
    for (const auto& segment : effects_.segments) {
      Emit(connection.local_port, connection.remote, segment, &connection.send);
    }
    for (tcp::Signal signal : effects_.signals) Signalled(slot, signal);
    if (connection.tcb.timer.output > now_) break;
    tcp::Step(connection.tcb, config_.policy, tcp::TimePassed{}, now_, effects_);
  }
  Settle(slot);
}

void Host::Emit(uint16_t local_port, const wire::Endpoint& remote,
                const tcp::SegmentToSend& segment, const Ring* text) {
  wire::Header header;
  header.source_port = local_port;
  header.destination_port = remote.port;
  header.seq = segment.seq.wire();
  header.ack = segment.ack.wire();
  header.control = segment.control;
  header.window = segment.window;
  header.urgent = segment.urgent;

  const size_t segment_size =
      wire::kHeaderMin + wire::EncodedSize(segment.options) + segment.text.size;
  const size_t size = wire::IpHeaderSize(config_.address.family()) + segment_size;
  if (!HasOutput()) {
    packets_.clear();
    polled_ = 0;
    octets_used_ = 0;
  }
  if (octets_.size() - octets_used_ < size) {
    octets_.resize(std::max(2 * octets_.size(), octets_used_ + size + 65536));
  }
  wire::Octets payload;
  if (segment.text.size > 0) {
    ASSAY_CHECK(text != nullptr);
    payload = text->Piece(segment.text.offset, segment.text.size);
    if (payload.size() < segment.text.size) {
      // It runs over the end of the ring.
      straightened_.resize(std::max<size_t>(straightened_.size(), segment.text.size));
      const auto whole = wire::MutableOctets(straightened_).first(segment.text.size);
      text->Read(segment.text.offset, whole);
      payload = whole;
    }
  }
  wire::EncodeTcpPacketWithOptions(config_.address, remote.address, header, segment.options,
                                   payload,
                                   wire::MutableOctets(octets_).subspan(octets_used_, size));
  packets_.emplace_back(octets_used_, size);
  octets_used_ += size;
}

wire::Octets Host::Poll() {
  if (!HasOutput()) return {};
  const QueuedPacket& packet = packets_[polled_++];
  return wire::Octets(octets_).subspan(packet.at, packet.size);
}

void Host::Signalled(Slot slot, tcp::Signal signal) {
  Connection& connection = At(slot);
  switch (signal) {
    case tcp::Signal::kEstablished:
      if (connection.listener != kNoSlot) {
        Connection& listener = At(connection.listener);
        connection.accept_waiting = true;
        connection.next = kNoSlot;
        if (listener.queue_last == kNoSlot) {
          listener.queue_first = slot;
        } else {
          At(listener.queue_last).next = slot;
        }
        listener.queue_last = slot;
      }
      break;
    case tcp::Signal::kRefused:
      connection.error = Error::kRefused;
      break;
    case tcp::Signal::kReset:
      connection.error = Error::kReset;
      break;
    case tcp::Signal::kTimedOut:
      connection.error = Error::kTimedOut;
      break;
    case tcp::Signal::kDeliveryTrouble:
    case tcp::Signal::kUrgent:
    case tcp::Signal::kEndOfStream:
    case tcp::Signal::kReturnedToListen:
    case tcp::Signal::kDeleted:
      break;
  }
}

void Host::LeaveListener(Slot slot) {
  Connection& connection = At(slot);
  if (connection.listener == kNoSlot) return;
  Connection& listener = At(connection.listener);
  if (connection.accept_waiting) {
    Slot before = kNoSlot;
    for (Slot at = listener.queue_first; at != slot; at = At(at).next) before = at;
    (before == kNoSlot ? listener.queue_first : At(before).next) = connection.next;
    if (listener.queue_last == slot) listener.queue_last = before;
    connection.accept_waiting = false;
  }
  --listener.pending;
  connection.listener = kNoSlot;
  connection.next = kNoSlot;
}

// After a step: the slot's timer, and what becomes of a connection that is gone.
void Host::Settle(Slot slot) {
  Connection& connection = At(slot);
  if (connection.use != Use::kConnection) return;
  const spec::State state = connection.tcb.state;
  if (state != spec::State::kClosed && state != spec::State::kListen) {
    timers_.Set(slot, tcp::NextTimer(connection.tcb));
    return;
  }
  Unlink(slot);
  LeaveListener(slot);
  if (connection.handle == kNoHandle) {
    FreeSlot(slot);
    return;
  }
  Named& named = names_[static_cast<size_t>(connection.handle) & (names_.size() - 1)];
  named.error = connection.error;
  if (connection.tcb.rcv.reader_gone) {
    named.slot = kNoSlot;
    FreeSlot(slot);
  } else {
    Bury(slot);
  }
}

// --- Time. ---

Duration Host::Advance(Duration duration, Stop stop) {
  const Instant start = now_;
  const Instant end = start + duration;
  while (!(stop == Stop::kAtOutput && HasOutput())) {
    const Instant next = timers_.Next();
    if (next > end) {
      now_ = end;
      break;
    }
    now_ = std::max(now_, next);
    Run(timers_.NextSlot(), tcp::TimePassed{}, {});
  }
  return now_ - start;
}

// --- User calls. ---

tcp::Open Host::OpenEvent(tcp::OpenMode mode, wire::SndSeq iss) const {
  return {mode, iss, config_.address.family(), config_.mtu};
}

Opened Host::Listen(uint16_t port, uint32_t backlog) {
  if (port == 0) return {kNoHandle, Error::kInvalid};
  if (FindListener(port) != kNoSlot) return {kNoHandle, Error::kInUse};
  const Slot slot = TakeSlot();
  if (slot == kNoSlot) return {kNoHandle, Error::kNoResources};
  Connection& listener = At(slot);
  listener.use = Use::kListener;
  listener.local_port = port;
  listener.remote = {};
  listener.backlog = std::max(backlog, 1u);
  tcp::Step(listener.tcb, config_.policy, OpenEvent(tcp::OpenMode::kPassive, {}), now_, effects_);
  listeners_.push_back(slot);
  return {NewHandle(slot), Error::kNone};
}

Opened Host::Connect(uint16_t local_port, const wire::Endpoint& remote) {
  //= MUST-46
  if (remote.port == 0 || remote.address.family() != config_.address.family() ||
      !remote.address.IsValidSource()) {
    return {kNoHandle, Error::kInvalid};
  }
  if (local_port == 0) {
    for (uint32_t tries = 0; local_port == 0 && tries < kDynamicPorts; ++tries) {
      const auto port = static_cast<uint16_t>(kFirstDynamicPort + next_port_++ % kDynamicPorts);
      if (FindConnection(port, remote) == kNoSlot && FindListener(port) == kNoSlot) {
        local_port = port;
      }
    }
    if (local_port == 0) return {kNoHandle, Error::kNoResources};
  } else if (FindConnection(local_port, remote) != kNoSlot) {
    return {kNoHandle, Error::kInUse};
  }
  const Slot slot = TakeSlot();
  if (slot == kNoSlot) return {kNoHandle, Error::kNoResources};
  Connection& connection = At(slot);
  connection.use = Use::kConnection;
  connection.remote = remote;
  connection.local_port = local_port;
  connection.send.Allocate(config_.policy.send_buffer);
  connection.receive.Allocate(config_.policy.receive_buffer);
  Link(slot);
  const Handle handle = NewHandle(slot);
  Run(slot, OpenEvent(tcp::OpenMode::kActive, NewIss(local_port, remote)), {});
  return {handle, Error::kNone};
}

Accepted Host::Accept(Handle handle) {
  const Slot slot = Find(handle);
  if (slot == kNoSlot) return {kNoHandle, {}, Error::kClosed};
  Connection& listener = At(slot);
  if (listener.use != Use::kListener) return {kNoHandle, {}, Error::kInvalid};
  const Slot child = listener.queue_first;
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
  const size_t room = std::min<size_t>(data.size(), tcp::Writable(tcb));
  if (room > 0) {
    connection.send.Write(Distance(tcb.iss + 1, tcb.snd.end), data.first(room));
  }
  const auto size = static_cast<uint32_t>(std::min<size_t>(data.size(), UINT32_MAX));
  tcp::Step(tcb, config_.policy, tcp::Send{size, push, urgent}, now_, effects_);
  const Transfer transfer{effects_.accepted.size, ErrorFrom(effects_.answer)};
  Apply(slot, {});
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
  if (range.size > 0) connection.receive.Read(range.offset, out.first(range.size));
  const tcp::Answer answer = effects_.answer;
  Apply(slot, {});
  if (range.size > 0) return {range.size, Error::kNone};
  // The end of the stream is no error.
  if (answer == tcp::Answer::kClosing) return {0, Error::kNone};
  return {0, ErrorFrom(answer)};
}

Error Host::Shutdown(Handle handle) {
  const Slot slot = Find(handle);
  if (slot == kNoSlot || At(slot).tcb.rcv.reader_gone) return Error::kClosed;
  if (At(slot).use == Use::kListener) return Error::kInvalid;
  if (At(slot).use == Use::kDead) return Error::kClosed;
  tcp::Step(At(slot).tcb, config_.policy, tcp::Close{}, now_, effects_);
  const Error error = ErrorFrom(effects_.answer);
  Apply(slot, {});
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
    std::erase(listeners_, slot);
  } else {
    Slot before = kNoSlot;
    for (Slot at = dead_first_; at != slot; at = At(at).next) before = at;
    (before == kNoSlot ? dead_first_ : At(before).next) = connection.next;
    if (dead_last_ == slot) dead_last_ = before;
  }
  names_[static_cast<size_t>(handle) & (names_.size() - 1)].slot = kNoSlot;
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

spec::State Host::State(Handle handle) const {
  const tcp::Tcb* tcb = TcbOf(handle);
  return tcb == nullptr ? spec::State::kClosed : tcb->state;
}

Error Host::ErrorOf(Handle handle) const {
  if (handle < 0 || handle >= next_handle_) return Error::kClosed;
  const Named& named = names_[static_cast<size_t>(handle) & (names_.size() - 1)];
  return named.handle == handle ? named.error : Error::kNone;
}

const tcp::Tcb* Host::TcbOf(Handle handle) const {
  const Slot slot = Find(handle);
  return slot == kNoSlot ? nullptr : &At(slot).tcb;
}

}  // namespace assay::host
