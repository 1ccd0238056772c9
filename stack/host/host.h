// Host: many connections and listeners behind one address (RFC 9293, 3.10; RFC 1122, 4.2).
//
// Whole IP packets go in and come out; user calls are those of RFC 9293, 3.9.1, in the form of
// sockets. It knows no clock and does no I/O: time moves in Advance(), and packets wait in a queue
// until they are polled. ICMP errors find their connection; fragments and routing are not its
// affair.
//
// Memory is taken when connection slots are used for the first time and kept over Reset(); in the
// steady state nothing is allocated. Handles are never given out twice between two Reset()s. What
// is known of a connection that is gone (its error, and octets not yet read) is kept until its user
// lets go of it, or until the slot is needed.

#ifndef ASSAY_STACK_HOST_HOST_H_
#define ASSAY_STACK_HOST_HOST_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "stack/base/bounded_vector.h"
#include "stack/base/siphash.h"
#include "stack/base/time.h"
#include "stack/host/ring.h"
#include "stack/host/timer_heap.h"
#include "stack/spec/state.h"
#include "stack/tcp/effects.h"
#include "stack/tcp/event.h"
#include "stack/tcp/policy.h"
#include "stack/tcp/status.h"
#include "stack/tcp/step.h"
#include "stack/tcp/tcb.h"
#include "stack/wire/icmp.h"
#include "stack/wire/ip_address.h"
#include "stack/wire/octets.h"
#include "stack/wire/packet.h"

namespace assay::host {

struct Config {
  wire::IpAddress address = wire::IpAddress::V4(192, 0, 2, 1);
  BoundedVector<wire::IpAddress, 3> more_addresses;  // of either family
  uint8_t prefix_length = 24;  // of the IPv4 networks: the last address of each is its broadcast
  uint8_t hop_limit = 64;      // MUST-49: TTL of all that is sent
  uint32_t mtu = 1500;
  uint64_t seed = 0;           // of the ISN key and the port choice
  bool use_first_iss = false;  // the first connection's ISS is first_iss
  uint32_t first_iss = 0;
  uint32_t max_connections = 64;
  tcp::Policy policy;
};

using Handle = int32_t;
inline constexpr Handle kNoHandle = -1;

enum class Error : uint8_t {
  kNone,
  kAgain,  // nothing now: no data, no room, nobody to accept
  kReset,
  kRefused,
  kTimedOut,
  kUnreachable,
  kClosed,  // closing, gone, or never was
  kInUse,
  kNoResources,
  kInvalid,
};

struct Opened {
  Handle handle = kNoHandle;
  Error error = Error::kNone;
};

struct Accepted {
  Handle handle = kNoHandle;
  wire::Endpoint from;
  Error error = Error::kNone;
};

// Octets moved, or why none were. Receive with 0 octets and no error is the end of the stream.
struct Transfer {
  size_t octets = 0;
  Error error = Error::kNone;
};

// What the user of a connection is told without having asked (RFC 9293, 3.9.1.8).
enum class ReportKind : uint8_t {
  kSoftError,        // ICMP: `icmp` says what
  kDeliveryTrouble,  // R1 was reached
  kUrgent,           // urgent data lies ahead, or more of it
};
struct Report {
  ReportKind kind = ReportKind::kSoftError;
  std::optional<wire::IcmpKind> icmp;
};

// STATUS (RFC 9293, 3.10.6).
struct Status {
  tcp::Status tcp;
  wire::Endpoint local;
  wire::Endpoint remote;
  uint8_t dscp = 0;
  uint8_t received_dscp = 0;  // MAY-9: of the last segment that arrived
};

enum class Stop : uint8_t { kAtEnd, kAtOutput };

class Host {
 public:
  explicit Host(const Config& config) { Reset(config); }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // As newly made with `config`, time at 0. Costs what the connections used since the last one do.
  void Reset(const Config& config);

  void Deliver(wire::Octets packet);
  // The oldest packet that waits, or none. It is good until this host is called again.
  wire::Octets Poll();
  // The same, written to the front of `out`, so that its text need not be copied twice. Too little
  // room is a mistake of the caller's.
  wire::MutableOctets PollInto(wire::MutableOctets out);
  bool HasOutput() const { return polled_ < packets_.size(); }

  Instant now() const { return now_; }
  // Moves time on, firing timers in their order; returns how far.
  Duration Advance(Duration duration, Stop stop);
  Instant NextTimer() const {
    SetTimers();
    return timers_.Next();
  }

  // An unspecified local address stands for all of the host's. A SYN goes to the listener of its
  // very address, if there is one, before that of all.
  Opened Listen(const wire::Endpoint& local, uint32_t backlog);
  Opened Listen(uint16_t port, uint32_t backlog) { return Listen({{}, port}, backlog); }
  // A local port of 0, or an unspecified local address: the host chooses. Turns active what
  // OpenPassive() opened between the same ends.
  Opened Connect(const wire::Endpoint& local, const wire::Endpoint& remote);
  Opened Connect(uint16_t local_port, const wire::Endpoint& remote) {
    return Connect({{}, local_port}, remote);
  }
  // The RFC's passive OPEN with the remote socket given: one connection, in LISTEN for its peer
  // alone, before any listener. A SEND turns it active.
  Opened OpenPassive(const wire::Endpoint& local, const wire::Endpoint& remote);
  Accepted Accept(Handle listener);
  Transfer Send(Handle handle, wire::Octets data, tcp::Flag push, tcp::Flag urgent);
  Transfer Receive(Handle handle, wire::MutableOctets out);
  Error Shutdown(Handle handle);  // CLOSE in the RFC's sense
  Error Close(Handle handle);     // the application lets go
  Error Abort(Handle handle);
  Error Flush(Handle handle);
  Error SetNagle(Handle handle, tcp::Flag on);
  Error SetUserTimeout(Handle handle, Duration timeout);
  // An `idle` of 0 is the policy's.
  Error SetKeepAlive(Handle handle, tcp::Flag on, Duration idle = {});
  // DSCP, 0 to 63, of what is sent from now on.
  Error SetDscp(Handle handle, uint8_t dscp);
  Error SetErrorReports(Handle handle, tcp::Flag on);
  // The oldest report that was not taken; of those that find no room the last are lost.
  std::optional<Report> NextReport(Handle handle);
  // What TCP tells IP (3.8.3): a remote address that may need another way.
  std::optional<wire::IpAddress> TakeAdvice();

  spec::State State(Handle handle) const;
  Status StatusOf(Handle handle) const;
  // Why the connection ended; kNone while it has not, or if both ends closed it. Of one that its
  // user has let go it is known until about as many more have been opened as there may be at once.
  Error ErrorOf(Handle handle) const;
  // The block of a connection whose slot is still held, or null.
  const tcp::Tcb* TcbOf(Handle handle) const;

 private:
  using Slot = uint32_t;
  static constexpr uint32_t kSlotBits = 28;
  static constexpr Slot kNoSlot = (Slot{1} << kSlotBits) - 1;
  //= 6056:3.2
  static constexpr uint16_t kFirstDynamicPort = 1024;
  static constexpr uint32_t kDynamicPorts = 65536 - kFirstDynamicPort;

  enum class Use : uint8_t {
    kFree,
    kListener,
    kConnection,
    kDead,  // CLOSED; kept for its user
  };

  // A connection's end here: which of the host's addresses, see OwnAddress(), and the port.
  struct OwnEnd {
    uint16_t port = 0;
    uint8_t address = kNotOwn;
    friend bool operator==(const OwnEnd&, const OwnEnd&) = default;
  };
  static constexpr uint8_t kNotOwn = UINT8_MAX;

  // A Report while it waits.
  struct NotedReport {
    ReportKind kind : 2;
    wire::IcmpKind icmp : 6;  // of a soft error
  };

  // There may be many.
  struct Connection {
    tcp::Tcb tcb;
    // The send buffer and behind it the receive buffer, of the policy's sizes. Kept over reuse.
    std::unique_ptr<std::byte[]> buffers;
    Handle handle = kNoHandle;  // none before ACCEPT, and after the user has let go
    Slot listener = kNoSlot;    // until accepted
    Slot next = kNoSlot;        // in the list that it is in: accept queue, free or dead
    Slot chain = kNoSlot;       // of the hash bucket
    wire::Endpoint remote;
    OwnEnd local;  // of a listener its Listener knows
    Use use = Use::kFree;
    Error error = Error::kNone;
    uint8_t dscp = 0;
    uint8_t received_dscp = 0;
    bool accept_waiting : 1 = false;  // in its listener's queue
    bool named_peer : 1 = false;      // opened by OpenPassive(): stays when it is in LISTEN again
    bool timer_unset : 1 = false;     // among unset_timers_
    BoundedVector<NotedReport, 8> reports;
  };
  // Slots are made so many at a time.
  static constexpr size_t kSlotsAtOnce = 16;
  using Slots = std::array<Connection, kSlotsAtOnce>;

  struct Listener {
    Slot slot = kNoSlot;
    wire::Endpoint local;
    uint32_t backlog = 0;
    uint32_t pending = 0;  // children not accepted, embryonic ones included
    Slot queue_first = kNoSlot;
    Slot queue_last = kNoSlot;
  };

  // What a handle stands for. It is found at the handle modulo their number, and is that handle's
  // as long as it names a slot that has the handle, or names none and no later handle came by.
  struct Name {
    uint32_t slot : kSlotBits = kNoSlot;
    Error error : 32 - kSlotBits = Error::kNone;
  };

  // Not two endpoints: addresses that are copied and at once read in larger pieces stall.
  struct Ends {
    const wire::IpAddress& local;
    const wire::IpAddress& remote;
    uint16_t local_port;
    uint16_t remote_port;
  };

  // Its place among octets_ has room for all of it. Text stays in the send buffer until it is
  // polled, or something else is about to be written there.
  struct QueuedPacket {
    size_t at;
    wire::PacketHeaders headers;
    wire::Octets text;  // what is not in its place yet
    size_t size;        // of all of it
  };

  // Slots.
  Slot TakeSlot();
  void FreeSlot(Slot slot);
  void Bury(Slot slot);
  Handle NewHandle(Slot slot);
  Slot Find(Handle handle) const;
  Name& NameOf(Handle handle) { return names_[static_cast<size_t>(handle) & (names_.size() - 1)]; }
  const Name& NameOf(Handle handle) const {
    return names_[static_cast<size_t>(handle) & (names_.size() - 1)];
  }
  Connection& At(Slot slot) { return (*slots_[slot / kSlotsAtOnce])[slot % kSlotsAtOnce]; }
  const Connection& At(Slot slot) const {
    return (*slots_[slot / kSlotsAtOnce])[slot % kSlotsAtOnce];
  }
  // Of the slot of a listener.
  const Listener& ListenerAt(Slot slot) const;
  Listener& ListenerAt(Slot slot);
  void MakeBuffers(Connection& connection) const;
  Ring SendBuffer(const Connection& connection) const {
    return Ring({connection.buffers.get(), config_.policy.send_buffer});
  }
  Ring ReceiveBuffer(const Connection& connection) const {
    return Ring(
        {connection.buffers.get() + config_.policy.send_buffer, config_.policy.receive_buffer});
  }

  // Demultiplexing.
  uint32_t Bucket(uint16_t local_port, const wire::IpAddress& remote, uint16_t remote_port) const;
  uint32_t BucketOf(const Connection& connection) const {
    return Bucket(connection.local.port, connection.remote.address, connection.remote.port);
  }
  // A slot and what is in it: kNoSlot and null if there is none.
  struct Found {
    Slot slot;
    Connection* connection;
  };
  Found FindConnection(const OwnEnd& local, const wire::IpAddress& remote, uint16_t remote_port) {
    Slot slot = buckets_[Bucket(local.port, remote, remote_port)];
    while (slot != kNoSlot) {
      Connection& connection = At(slot);
      if (connection.local == local && connection.remote.port == remote_port &&
          connection.remote.address == remote) {
        return {slot, &connection};
      }
      slot = connection.chain;
    }
    return {kNoSlot, nullptr};
  }
  Slot FindConnection(const OwnEnd& local, const wire::Endpoint& remote) {
    return FindConnection(local, remote.address, remote.port).slot;
  }
  Listener* FindListener(const wire::Endpoint& local);
  // 0 is the first.
  const wire::IpAddress& OwnAddress(uint8_t number) const {
    return number == 0 ? config_.address : config_.more_addresses[number - 1u];
  }
  // Of an address that is none of them: kNotOwn.
  uint8_t NumberOf(const wire::IpAddress& address) const {
    return address == config_.address ? 0 : NumberAmongMore(address);
  }
  uint8_t NumberAmongMore(const wire::IpAddress& address) const;
  bool IsOwn(const wire::IpAddress& address) const { return NumberOf(address) != kNotOwn; }
  OwnEnd OwnEndOf(const wire::Endpoint& end) const { return {end.port, NumberOf(end.address)}; }
  wire::Endpoint LocalOf(const Connection& connection) const {
    return {OwnAddress(connection.local.address), connection.local.port};
  }
  // May be the other end of a connection.
  bool IsPossiblePeer(const wire::IpAddress& address) const;
  // The own address from which `remote` is reached, or none.
  std::optional<wire::IpAddress> LocalFor(const wire::Endpoint& local,
                                          const wire::Endpoint& remote) const;
  uint16_t ChoosePort(const wire::IpAddress& local, const wire::Endpoint& remote);
  void Link(Slot slot);
  void Unlink(Slot slot);

  // `old`: the incarnation in TIME-WAIT that the segment opens anew, or null.
  void ArriveAtListener(Listener& to, const tcp::SegmentArrived& arrived,
                        const wire::Endpoint& local, const wire::Endpoint& remote, uint8_t dscp,
                        const tcp::Tcb* old = nullptr);
  // A SYN for a connection in TIME-WAIT: whether it has been dealt with.
  bool ArriveInTimeWait(Slot slot, const tcp::SegmentArrived& arrived, uint8_t dscp);
  void DeliverIcmp(const wire::Packet& packet);
  wire::SndSeq NewIss(const wire::Endpoint& local, const wire::Endpoint& remote);
  uint32_t NewTimestampOffset(const wire::Endpoint& local, const wire::Endpoint& remote) const;
  // Numbers for a connection in LISTEN whose SYN, either way, is on its way.
  void Renumber(Slot slot);

  void Run(Slot slot, const tcp::Event& event, wire::Octets payload);
  // `connection` is the slot's.
  void Apply(Slot slot, Connection& connection, wire::Octets payload);
  // Of what is no connection's.
  void Emit(const wire::Endpoint& local, const wire::Endpoint& remote,
            const tcp::SegmentToSend& segment);
  void Emit(const Connection& connection, const tcp::SegmentToSend& segment);
  void Emit(const Ends& ends, const tcp::SegmentToSend& segment, const Connection* connection);
  // Puts the text of packets that wait into its place.
  void Complete(QueuedPacket& packet);
  void CompleteAll();
  void Signalled(Slot slot, Connection& connection, tcp::Signal signal);
  void LeaveListener(Slot slot);
  void Settle(Slot slot, Connection& connection) {
    using spec::State;
    const State state = connection.tcb.state;
    if (connection.use == Use::kConnection && state != State::kClosed && state != State::kListen) {
      if (connection.timer_unset) return;
      if (unset_timers_.full()) SetTimers();
      connection.timer_unset = true;
      unset_timers_.push_back(slot);
    } else {
      SettleEnded(slot);
    }
  }
  // Tells the heap when connections that took steps are due. It is asked far less often than steps
  // are taken.
  void SetTimers() const;
  void SettleEnded(Slot slot);
  tcp::Open OpenEvent(tcp::OpenMode mode, const wire::Endpoint& local) const;
  Opened OpenBetween(tcp::OpenMode mode, const wire::Endpoint& local, const wire::Endpoint& remote);

  Config config_;
  Instant now_;
  SipHashKey isn_key_;
  SipHashKey timestamp_key_;
  SipHashKey port_key_;
  bool first_iss_used_ = false;
  uint16_t next_port_ = 0;

  std::vector<std::unique_ptr<Slots>> slots_;
  Slot used_ = 0;  // slots used since Reset()
  Slot free_ = kNoSlot;
  Slot dead_first_ = kNoSlot;
  Slot dead_last_ = kNoSlot;
  std::vector<Slot> buckets_;
  std::vector<Listener> listeners_;
  std::vector<Name> names_;
  Handle next_handle_ = 0;
  mutable TimerHeap timers_;
  mutable BoundedVector<Slot, 16> unset_timers_;
  BoundedVector<wire::IpAddress, 16> advice_;

  tcp::Effects effects_;
  std::vector<std::byte> octets_;        // of the packets that wait
  std::vector<std::byte> straightened_;  // text that stands in two pieces
  size_t octets_used_ = 0;
  std::vector<QueuedPacket> packets_;
  size_t polled_ = 0;
};

}  // namespace assay::host

#endif  // ASSAY_STACK_HOST_HOST_H_
