// RowBench: the reference stack as transition rows see it: steps go in, segments and answers come
// out. There are two: one TCB by itself, driven through Step(), which shows signals and answers as
// they are; and a host, driven by IP packets and sockets, which shows what a user of it sees.
//
// Every step of the language of stack/spec/transitions.tsv is done here. A bench that has no such
// step says so with Has(), and one that finds that it cannot come about, from Do().

#ifndef ASSAY_STACK_HOST_ROW_BENCH_FOR_TEST_H_
#define ASSAY_STACK_HOST_ROW_BENCH_FOR_TEST_H_

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "stack/base/time.h"
#include "stack/host/row_formula_for_test.h"
#include "stack/spec/state.h"
#include "stack/tcp/event.h"
#include "stack/tcp/policy.h"
#include "stack/tcp/tcb.h"
#include "stack/wire/icmp.h"
#include "stack/wire/ip_address.h"
#include "stack/wire/octets.h"
#include "stack/wire/segment.h"

namespace assay::host {

// A segment of the peer's, and what is wrong with it.
struct RowSegment {
  wire::Header header;
  uint32_t text = 0;
  std::vector<std::byte> options;
  bool checksum_bad = false;
  std::optional<uint8_t> offset;  // the data offset as it is claimed
  std::string from;               // "broadcast", "multicast", "unspecified", or empty: the peer
  std::string to;
};

enum class Done : uint8_t {
  kYes,
  kCannotHappen,  // no such timer runs, or what a step takes for granted is not so
};

class RowBench {
 public:
  struct Conditions {
    wire::IpFamily family = wire::IpFamily::kIpv4;
    tcp::Policy policy;
    uint32_t iss = 0;
    uint32_t irs = 0;
  };

  explicit RowBench(const Conditions& conditions) : conditions_(conditions) {}
  virtual ~RowBench() = default;

  // Whether the step exists here; `origin` is how the connection was opened.
  virtual bool Has(std::string_view step, tcp::Origin origin) const = 0;
  // Whether a user here is told such a thing at all.
  virtual bool Tells(std::string_view token) const = 0;

  // The peer's segments carry the timestamps option from now on (RFC 7323).
  void StampSegments() { stamps_ = true; }
  // By the shortest way from CLOSED.
  void Bring(spec::State state, tcp::Origin origin);
  Done Do(std::string_view step);
  // Lets time pass, timers firing in their order.
  void Wait(Duration duration);

  // None if nothing here can name the connection.
  virtual std::optional<spec::State> state() const = 0;
  virtual const tcp::Tcb* tcb() const = 0;
  // The variables by their names. Without a block: what they are by what has been on the wire.
  Values Variables() const;

  // Since the last Forget():
  std::vector<SentSegment> sent;
  std::vector<std::string> told;      // what the user was told
  std::set<std::string> answers;      // the names of the answer to the first call, if there was one
  uint32_t given = 0;                 // octets that RECEIVE gave out
  std::optional<RowSegment> arrived;  // the last one
  void Forget();
  // Octets that became readable since, those given out included.
  virtual uint32_t NewOctets() = 0;

 protected:
  enum class Mode : uint8_t { kActive, kPassive };

  virtual void Open(Mode mode, std::string_view to) = 0;
  virtual void Arrives(const RowSegment& segment) = 0;
  virtual void Send(uint32_t octets, tcp::Flag urgent) = 0;
  virtual void Receive(uint32_t octets) = 0;
  virtual void Close(tcp::Reader reader) = 0;
  virtual void Abort() = 0;
  virtual void SetUserTimeout(Duration timeout) = 0;
  virtual void KeepAlive(Duration idle) = 0;
  virtual void Status() = 0;
  // An ICMP error quotes what stands at SND.UNA.
  virtual void Icmp(wire::IcmpKind kind, uint32_t mtu) = 0;
  // Steps that one bench alone has.
  virtual void Other(std::string_view step) = 0;
  virtual Instant Now() const = 0;
  virtual Instant NextTimer() const = 0;
  virtual void AdvanceTo(Instant then) = 0;
  virtual void Baseline() = 0;

  void Answered(std::set<std::string> names);
  const Conditions& conditions() const { return conditions_; }

 private:
  RowSegment Form(std::string_view text);
  Done TimeOut(std::string_view what);

  Conditions conditions_;
  bool stamps_ = false;
  uint16_t peer_window_ = 0xffff;
};

std::unique_ptr<RowBench> MakeStepBench(const RowBench::Conditions& config);
std::unique_ptr<RowBench> MakeHostBench(const RowBench::Conditions& config);

}  // namespace assay::host

#endif  // ASSAY_STACK_HOST_ROW_BENCH_FOR_TEST_H_
