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
#include "stack/tcp/timestamps.h"
#include "stack/wire/checksum.h"
#include "stack/wire/icmp.h"
#include "stack/wire/options.h"
#include "stack/wire/segment.h"

namespace assay::host {
namespace {

// How far beyond the numbers of an old incarnation the next begins, if the clock is not there yet:
// more than a window.
constexpr uint32_t kReopenStep = 0x1'0001;
// So that one handle in five at least is free when a new one is looked for.
constexpr uint32_t NamesFor(uint32_t connections) {
  return std::bit_ceil(connections + connections / 4);
}

}  // namespace

void Host::Reset(const Config& config) {
  const bool resized = buckets_.empty() || config.max_connections != config_.max_connections;
  if (resized) {
    ASSAY_CHECK(config.max_connections < kNoSlot);
    buckets_.assign(std::bit_ceil(config.max_connections), kNoSlot);
    names_.assign(NamesFor(config.max_connections), Name{});
    timers_.Reserve(config.max_connections);
  } else {
    for (Slot slot = 0; slot < used_; ++slot) {
      const Connection& connection = At(slot);
      if (connection.use != Use::kConnection) continue;
      buckets_[BucketOf(connection)] = kNoSlot;
    }
    const auto named = static_cast<size_t>(next_handle_);
    std::fill_n(names_.begin(), std::min(named, names_.size()), Name{});
  }
  for (Slot slot = 0; slot < used_; ++slot) At(slot).use = Use::kFree;
  if (config.policy.send_buffer != config_.policy.send_buffer ||
      config.policy.receive_buffer != config_.policy.receive_buffer) {
    for (const auto& slots : slots_) {
      for (Connection& connection : *slots) connection.buffers.reset();
    }
  }
  config_ = config;
  now_ = {};
  Prng keys(config.seed);
  isn_key_ = {keys.Next(), keys.Next()};
  next_port_ = static_cast<uint16_t>(keys.Below(kDynamicPorts));
  timestamp_key_ = {keys.Next(), keys.Next()};
  port_key_ = {keys.Next(), keys.Next()};
  first_iss_used_ = !config.use_first_iss;
  advice_.clear();
  used_ = 0;
  free_ = kNoSlot;
  dead_first_ = kNoSlot;
  dead_last_ = kNoSlot;
  listeners_.clear();
  next_handle_ = 0;
  timers_.Clear();
  for (Slot slot : unset_timers_) At(slot).timer_unset = false;
  unset_timers_.clear();
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
    if (slot == slots_.size() * kSlotsAtOnce) slots_.push_back(std::make_unique<Slots>());
  } else if (dead_first_ != kNoSlot) {
    slot = dead_first_;
    dead_first_ = At(slot).next;
    if (dead_first_ == kNoSlot) dead_last_ = kNoSlot;
    NameOf(At(slot).handle).slot = kNoSlot;
  } else {
    return kNoSlot;
  }
  Connection& connection = At(slot);
  // The rest of the block is OPEN's to make.
  connection.tcb.state = spec::State::kClosed;
  connection.tcb.rcv.wanted = 0;
  connection.error = Error::kNone;
  connection.accept_waiting = false;
  connection.named_peer = false;
  connection.dscp = 0;
  connection.received_dscp = 0;
  connection.reports.clear();
  connection.handle = kNoHandle;
  connection.listener = kNoSlot;
  connection.next = kNoSlot;
  connection.chain = kNoSlot;
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
  // A name that is still in use is passed over; there are more names than slots.
  for (;;) {
    const Handle handle = next_handle_++;
    Name& name = NameOf(handle);
    if (name.slot != kNoSlot) continue;
    name.slot = slot;
    name.error = Error::kNone;
    At(slot).handle = handle;
    return handle;
  }
}

Host::Slot Host::Find(Handle handle) const {
  if (handle < 0) return kNoSlot;
  const Slot slot = NameOf(handle).slot;
  return slot != kNoSlot && At(slot).handle == handle ? slot : kNoSlot;
}

const Host::Listener& Host::ListenerAt(Slot slot) const {
  const auto found = std::ranges::find(listeners_, slot, &Listener::slot);
  ASSAY_CHECK(found != listeners_.end());
  return *found;
}

Host::Listener& Host::ListenerAt(Slot slot) {
  return const_cast<Listener&>(std::as_const(*this).ListenerAt(slot));
}

void Host::MakeBuffers(Connection& connection) const {
  if (connection.buffers != nullptr) return;
  connection.buffers = std::make_unique_for_overwrite<std::byte[]>(
      size_t{config_.policy.send_buffer} + config_.policy.receive_buffer);
}

// --- Demultiplexing. ---

uint32_t Host::Bucket(uint16_t local_port, const wire::IpAddress& remote,
                      uint16_t remote_port) const {
  uint32_t address;
  std::memcpy(&address, remote.octets().last(4).data(), sizeof address);
  // Not in the header's order: two fields that were just decoded, read as one, would stall.
  uint64_t h = uint64_t{address} << 32 | uint64_t{remote_port} << 16 | local_port;
  h = (h ^ isn_key_.k0) * 0x9e37'79b9'7f4a'7c15;
  return static_cast<uint32_t>(h >> 32) & static_cast<uint32_t>(buckets_.size() - 1);
}

Host::Listener* Host::FindListener(const wire::Endpoint& local) {
  Listener* of_all = nullptr;
  for (Listener& listener : listeners_) {
    const wire::Endpoint& at = listener.local;
    if (at.port != local.port) continue;
    if (at.address == local.address) return &listener;
    if (at.address.IsUnspecified()) of_all = &listener;
  }
  return of_all;
}

uint8_t Host::NumberAmongMore(const wire::IpAddress& address) const {
  for (uint8_t i = 0; i < config_.more_addresses.size(); ++i) {
    if (address == config_.more_addresses[i]) return i + 1;
  }
  return kNotOwn;
}

bool Host::IsPossiblePeer(const wire::IpAddress& address) const {
  if (!address.IsValidSource()) return false;
  return !address.IsBroadcastOf(config_.address, config_.prefix_length) &&
         std::ranges::none_of(config_.more_addresses, [&](const wire::IpAddress& own) {
           return address.IsBroadcastOf(own, config_.prefix_length);
         });
}

std::optional<wire::IpAddress> Host::LocalFor(const wire::Endpoint& local,
                                              const wire::Endpoint& remote) const {
  const wire::IpFamily family = remote.address.family();
  //= MUST-43
  if (!local.address.IsUnspecified()) {
    if (!IsOwn(local.address) || local.address.family() != family) return std::nullopt;
    return local.address;
  }
  //= MUST-44
  if (config_.address.family() == family) return config_.address;
  for (const wire::IpAddress& own : config_.more_addresses) {
    if (own.family() == family) return own;
  }
  return std::nullopt;
}

void Host::Link(Slot slot) {
  Connection& connection = At(slot);
  Slot& bucket = buckets_[BucketOf(connection)];
  connection.chain = bucket;
  bucket = slot;
}

void Host::Unlink(Slot slot) {
  const Connection& connection = At(slot);
  Slot* at = &buckets_[BucketOf(connection)];
  while (*at != slot) at = &At(*at).chain;
  *at = connection.chain;
}

// --- Packets. ---

void Host::Deliver(wire::Octets octets) {
  const wire::Packet packet = wire::DecodePacket(octets);
  // What is sent to a broadcast or multicast address is sent to none of ours.
  //= MUST-57
  const uint8_t own = NumberOf(packet.destination);
  if (own == kNotOwn) return;
  if (packet.error == wire::PacketError::kNotTcp) return DeliverIcmp(packet);
  if (packet.error != wire::PacketError::kNone) return;
  tcp::Event event(std::in_place_type<tcp::SegmentArrived>, packet.payload);
  auto& arrived = *std::get_if<tcp::SegmentArrived>(&event);
  const wire::Segment& segment = arrived.segment;
  if (!segment.header.has_value()) return;
  const size_t claimed = size_t{segment.header->data_offset()} * 4;
  if (claimed < wire::kHeaderMin || claimed > packet.payload.size()) return;
  //= MUST-3
  if (!wire::TcpChecksumIsRight(packet.source, packet.destination, packet.payload)) return;
  //= MUST-5
  wire::DecodeOptionsTo(arrived.options, segment.options);

  const uint16_t remote_port = segment.header->source_port;
  const uint16_t local_port = segment.header->destination_port;
  const uint8_t dscp = packet.traffic_class >> 2;
  const auto [slot, found] = FindConnection({local_port, own}, packet.source, remote_port);
  if (found != nullptr) {
    Connection& connection = *found;
    const spec::State state = connection.tcb.state;
    if (state == spec::State::kTimeWait && ArriveInTimeWait(slot, arrived, dscp)) return;
    const wire::Header& seg = *segment.header;
    const bool asks = seg.syn() && !seg.has_ack() && !seg.rst();
    if (state == spec::State::kListen && asks) Renumber(slot);
    connection.received_dscp = dscp;
    tcp::Step(connection.tcb, config_.policy, event, now_, effects_);
    Apply(slot, connection, segment.payload);
    return;
  }
  // No connection has such a remote end, so it is enough to look here.
  //= MUST-63
  //= RFC1122-3.2.1.3-1
  if (!IsPossiblePeer(packet.source)) return;
  const wire::Endpoint local{packet.destination, local_port};
  const wire::Endpoint remote{packet.source, remote_port};
  if (Listener* listener = FindListener(local)) {
    ArriveAtListener(*listener, arrived, local, remote, dscp);
    return;
  }
  const auto reset = tcp::ResetFor(config_.policy, arrived);
  if (reset.has_value()) Emit(local, remote, *reset);
}

// An ICMP error goes to the connection whose segment it quotes, and to no other.
//= MUST-54
void Host::DeliverIcmp(const wire::Packet& packet) {
  const auto error = wire::DecodeIcmpError(packet);
  if (!error.has_value()) return;
  const Slot slot = FindConnection(OwnEndOf(error->source), error->destination);
  if (slot == kNoSlot) return;
  Run(slot, tcp::IcmpArrived{error->kind, wire::SndSeq(error->seq), error->mtu}, {});
}

// A passive OPEN goes on listening: a SYN gets a block of its own.
//= MUST-41
//= MUST-42
void Host::ArriveAtListener(Listener& to, const tcp::SegmentArrived& arrived,
                            const wire::Endpoint& local, const wire::Endpoint& remote, uint8_t dscp,
                            const tcp::Tcb* old) {
  const Slot listener = to.slot;
  const wire::Header& seg = *arrived.segment.header;
  if (seg.rst()) return;
  if (seg.has_ack() || !seg.syn()) {
    tcp::Tcb unchanged = At(listener).tcb;
    tcp::Step(unchanged, config_.policy, arrived, now_, effects_);
    for (const auto& segment : effects_.segments) Emit(local, remote, segment);
    return;
  }
  if (to.pending >= to.backlog) return;
  const Slot slot = TakeSlot();
  if (slot == kNoSlot) return;
  Connection& child = At(slot);
  child.use = Use::kConnection;
  child.local = OwnEndOf(local);
  child.remote = remote;
  child.listener = listener;
  child.received_dscp = dscp;
  child.dscp = At(listener).dscp;
  tcp::Step(child.tcb, config_.policy, OpenEvent(tcp::OpenMode::kPassive, local), now_, effects_);
  // What the user has set for the listener holds for what comes of it.
  const tcp::Tcb& parent = At(listener).tcb;
  child.tcb.snd.nagle = parent.snd.nagle;
  child.tcb.user_timeout = parent.user_timeout;
  child.tcb.keep_alive = parent.keep_alive;
  child.tcb.reports_errors = parent.reports_errors;
  Renumber(slot);
  if (old != nullptr && !Before(old->snd.nxt, child.tcb.iss)) {
    child.tcb.iss = old->snd.nxt + kReopenStep;
  }
  MakeBuffers(child);
  ++to.pending;
  Link(slot);
  Run(slot, arrived, arrived.segment.payload);
}

namespace {

enum class Newness : uint8_t { kNew, kOld, kUnknown };

// Whether a SYN is of a newer incarnation than the one in TIME-WAIT. kOld: dropped without a word;
// kUnknown: the connection in TIME-WAIT answers.
Newness NewnessOf(const tcp::Policy& policy, const tcp::Tcb& old,
                  const tcp::SegmentArrived& arrived) {
  const bool beyond = !Before(wire::RcvSeq(arrived.segment.header->seq), old.rcv.nxt);
  //= MAY-2
  if (!policy.reopen_by_timestamps) return beyond ? Newness::kNew : Newness::kUnknown;
  const auto& timestamps = arrived.options.timestamps;
  bool is_new = beyond;
  //= SHLD-4
  //= 6191:2
  if (timestamps.has_value() && policy.timestamps) {
    is_new = !old.ts.on || tcp::IsOlder(old.ts.recent, timestamps->value) ||
             (old.ts.recent == timestamps->value && beyond);
  }
  return is_new ? Newness::kNew : Newness::kOld;
}

}  // namespace

// MAY-2: a new SYN opens the connection anew, with numbers beyond all that the old incarnation
// sent.
bool Host::ArriveInTimeWait(Slot slot, const tcp::SegmentArrived& arrived, uint8_t dscp) {
  const wire::Header& seg = *arrived.segment.header;
  if (!config_.policy.reopen_time_wait) return false;
  if (!seg.syn() || seg.has_ack() || seg.rst()) return false;
  const wire::Endpoint local = LocalOf(At(slot));
  const wire::Endpoint remote = At(slot).remote;
  Listener* const listener = FindListener(local);
  if (listener == nullptr || listener->pending >= listener->backlog) return false;
  const tcp::Tcb old = At(slot).tcb;
  const Newness newness = NewnessOf(config_.policy, old, arrived);
  if (newness != Newness::kNew) return newness == Newness::kOld;
  effects_.clear();
  tcp::Delete(At(slot).tcb, effects_);
  Settle(slot, At(slot));
  ArriveAtListener(*listener, arrived, local, remote, dscp, &old);
  return true;
}

wire::SndSeq Host::NewIss(const wire::Endpoint& local, const wire::Endpoint& remote) {
  if (!first_iss_used_) {
    first_iss_used_ = true;
    return wire::SndSeq(config_.first_iss);
  }
  return tcp::InitialSequenceNumber(isn_key_, local, remote, now_);
}

uint32_t Host::NewTimestampOffset(const wire::Endpoint& local, const wire::Endpoint& remote) const {
  return config_.policy.timestamps ? tcp::TimestampOffset(timestamp_key_, local, remote) : 0;
}

void Host::Renumber(Slot slot) {
  Connection& connection = At(slot);
  const wire::Endpoint local = LocalOf(connection);
  connection.tcb.iss = NewIss(local, connection.remote);
  connection.tcb.ts.offset = NewTimestampOffset(local, connection.remote);
  tcp::StartNumbers(connection.tcb);
}

void Host::Run(Slot slot, const tcp::Event& event, wire::Octets payload) {
  Connection& connection = At(slot);
  tcp::Step(connection.tcb, config_.policy, event, now_, effects_);
  Apply(slot, connection, payload);
}

void Host::Apply(Slot slot, Connection& connection, wire::Octets payload) {
  const tcp::Store& store = effects_.store;
  if (store.to.size > 0) {
    ReceiveBuffer(connection).Write(store.to.offset, payload.subspan(store.from, store.to.size));
  }
  for (;;) {
    for (const auto& segment : effects_.segments) Emit(connection, segment);
    for (tcp::Signal signal : effects_.signals) Signalled(slot, connection, signal);
    if (!connection.tcb.more_to_send) break;
    tcp::Step(connection.tcb, config_.policy, tcp::TimePassed{}, now_, effects_);
  }
  Settle(slot, connection);
}

// Flat: the encoder takes the header as it is made, and not from memory.
[[gnu::flatten]] void Host::Emit(const Connection& connection, const tcp::SegmentToSend& segment) {
  const wire::Endpoint& remote = connection.remote;
  const wire::IpAddress& local = OwnAddress(connection.local.address);
  Emit({local, remote.address, connection.local.port, remote.port}, segment, &connection);
}

void Host::Emit(const wire::Endpoint& local, const wire::Endpoint& remote,
                const tcp::SegmentToSend& segment) {
  Emit({local.address, remote.address, local.port, remote.port}, segment, nullptr);
}

void Host::Emit(const Ends& ends, const tcp::SegmentToSend& segment, const Connection* connection) {
  //= P-3.1-RSVD
  wire::Header header;
  header.source_port = ends.local_port;
  header.destination_port = ends.remote_port;
  header.seq = segment.seq.wire();
  header.ack = segment.ack.wire();
  header.control = segment.control;
  header.window = segment.window;
  header.urgent = segment.urgent;

  // At most: options are laid out once, where they are written.
  const size_t room = wire::kIpv6Header + wire::kHeaderMin + wire::kOptionsMax + segment.text.size +
                      segment.garbage;
  if (!HasOutput()) {
    packets_.clear();
    polled_ = 0;
    octets_used_ = 0;
  }
  if (octets_.size() - octets_used_ < room) {
    octets_.resize(2 * octets_.size() + room);
  }
  wire::Octets payload;
  if (segment.text.size > 0) {
    ASSAY_CHECK(connection != nullptr);
    const Ring text = SendBuffer(*connection);
    payload = text.Piece(segment.text.offset, segment.text.size);
    if (payload.size() < segment.text.size) {
      // It runs over the end of the ring.
      straightened_.resize(std::max<size_t>(straightened_.size(), segment.text.size));
      const auto whole = wire::MutableOctets(straightened_).first(segment.text.size);
      text.Read(segment.text.offset, whole);
      payload = whole;
    }
  }
  static constexpr std::array<std::byte, UINT8_MAX> kGarbage{};
  if (segment.garbage > 0) {
    ASSAY_CHECK(segment.text.size == 0);
    payload = wire::Octets(kGarbage).first(segment.garbage);
  }
  //= MUST-45
  //= MUST-49
  //= SHLD-22
  const uint32_t dscp = connection != nullptr ? connection->dscp : 0;
  const wire::IpFields ip{.hop_limit = config_.hop_limit, .traffic_class = dscp << 2};
  const wire::MutableOctets out = wire::MutableOctets(octets_).subspan(octets_used_);
  const wire::PacketHeaders headers = wire::EncodeTcpHeaders(
      ends.local, ends.remote, header, segment.options, payload.size(), out, ip);
  const size_t size = headers.size + payload.size();
  // What was straightened stands there for this packet alone.
  const bool waits = segment.text.size > 0 && payload.data() != straightened_.data();
  if (!waits) wire::PutPayload(headers, payload, out);
  packets_.push_back({octets_used_, headers, waits ? payload : wire::Octets(), size});
  octets_used_ += size;
}

void Host::Complete(QueuedPacket& packet) {
  if (packet.text.empty()) return;
  wire::PutPayload(packet.headers, packet.text,
                   wire::MutableOctets(octets_).subspan(packet.at, packet.size));
  packet.text = {};
}

void Host::CompleteAll() {
  for (size_t i = polled_; i < packets_.size(); ++i) Complete(packets_[i]);
}

wire::Octets Host::Poll() {
  if (!HasOutput()) return {};
  QueuedPacket& packet = packets_[polled_++];
  Complete(packet);
  return wire::Octets(octets_).subspan(packet.at, packet.size);
}

wire::MutableOctets Host::PollInto(wire::MutableOctets out) {
  if (!HasOutput()) return {};
  const QueuedPacket& packet = packets_[polled_++];
  ASSAY_CHECK(out.size() >= packet.size);
  const size_t in_place = packet.text.empty() ? packet.size : packet.headers.size;
  std::memcpy(out.data(), octets_.data() + packet.at, in_place);
  if (!packet.text.empty()) wire::PutPayload(packet.headers, packet.text, out);
  return out.first(packet.size);
}

void Host::Signalled(Slot slot, Connection& connection, tcp::Signal signal) {
  switch (signal) {
    case tcp::Signal::kEstablished:
      if (connection.listener != kNoSlot) {
        Listener& listener = ListenerAt(connection.listener);
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
    case tcp::Signal::kUnreachable:
      connection.error = Error::kUnreachable;
      break;
    //= U-3.9.1.8-1
    //= MUST-47
    case tcp::Signal::kSoftError:
      connection.reports.TryPush(NotedReport{ReportKind::kSoftError, *connection.tcb.soft_error});
      break;
    case tcp::Signal::kDeliveryTrouble:
      //= MUST-20
      advice_.TryPush(connection.remote.address);
      //= SHLD-9
      if (connection.tcb.reports_errors) {
        connection.reports.TryPush(NotedReport{ReportKind::kDeliveryTrouble, {}});
      }
      break;
    case tcp::Signal::kUrgent:
      //= MUST-32
      connection.reports.TryPush(NotedReport{ReportKind::kUrgent, {}});
      break;
    case tcp::Signal::kReceived:
    case tcp::Signal::kEndOfStream:
    case tcp::Signal::kReturnedToListen:
    case tcp::Signal::kDeleted:
      break;
  }
}

void Host::LeaveListener(Slot slot) {
  Connection& connection = At(slot);
  if (connection.listener == kNoSlot) return;
  Listener& listener = ListenerAt(connection.listener);
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

void Host::SettleEnded(Slot slot) {
  Connection& connection = At(slot);
  if (connection.use != Use::kConnection) return;
  if (connection.tcb.state == spec::State::kListen && connection.named_peer) {
    timers_.Set(slot, kNever);
    return;
  }
  Unlink(slot);
  LeaveListener(slot);
  if (connection.handle == kNoHandle) {
    FreeSlot(slot);
    return;
  }
  Name& name = NameOf(connection.handle);
  name.error = connection.error;
  if (connection.tcb.rcv.reader_gone) {
    name.slot = kNoSlot;
    FreeSlot(slot);
  } else {
    Bury(slot);
  }
}

// --- Time. ---

void Host::SetTimers() const {
  for (Slot slot : unset_timers_) {
    Connection& connection = (*slots_[slot / kSlotsAtOnce])[slot % kSlotsAtOnce];
    connection.timer_unset = false;
    // It may be gone by now, and another in its place.
    const bool open =
        connection.use == Use::kConnection && connection.tcb.state != spec::State::kListen;
    timers_.Set(slot, open ? tcp::NextTimer(connection.tcb) : kNever);
  }
  unset_timers_.clear();
}

Duration Host::Advance(Duration duration, Stop stop) {
  const Instant start = now_;
  const Instant end = start + duration;
  while (!(stop == Stop::kAtOutput && HasOutput())) {
    const Instant next = NextTimer();
    if (next > end) {
      now_ = end;
      break;
    }
    now_ = std::max(now_, next);
    Run(timers_.NextSlot(), tcp::TimePassed{}, {});
  }
  return now_ - start;
}

}  // namespace assay::host
