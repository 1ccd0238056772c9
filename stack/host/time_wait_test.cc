// A SYN for a connection in TIME-WAIT (RFC 9293, 3.6.1; RFC 6191).

#include <gtest/gtest.h>

#include <optional>

#include "stack/host/bench_for_test.h"

namespace assay::host {
namespace {

using spec::State;
using wire::kAck;
using wire::kFin;
using wire::kRst;
using wire::kSyn;

wire::OptionSet Stamped(std::optional<uint32_t> value) {
  wire::OptionSet options;
  if (value.has_value()) options.timestamps = wire::Timestamps{*value, 0};
  return options;
}

// A bench whose connection from the peer's 5555 to port 80 is in TIME-WAIT. The peer's FIN stood at
// 5001, and its last timestamp, if it had any, was 100.
struct Waiting {
  explicit Waiting(std::optional<uint32_t> value,
                   const tcp::Policy& policy = tcp::Policy::Rfc9293())
      : bench(wire::IpFamily::kIpv4, policy) {
    listener = bench.host.Listen(80, 4).handle;
    Peer({.control = kSyn, .seq = 5000, .ack = 0, .options = Stamped(value)});
    bench.Sent();
    Peer({.options = Stamped(value)});
    old = bench.host.Accept(listener).handle;
    bench.host.Shutdown(old);
    Peer({.control = kFin | kAck, .ack = 1002, .options = Stamped(value)});
    bench.Sent();
    EXPECT_EQ(bench.host.State(old), State::kTimeWait);
    old_nxt = bench.host.TcbOf(old)->snd.nxt;
    bench.host.Advance(Duration::Seconds(1), Stop::kAtEnd);
  }
  void Peer(const PeerSegment& segment) { bench.Arrives(bench.Peer(5555), bench.Own(80), segment); }

  Bench bench;
  Handle listener = kNoHandle;
  Handle old = kNoHandle;
  wire::SndSeq old_nxt;
};

//= 6191:2 type=test
//= SHLD-4 type=test
//= MAY-2 type=test
TEST(TimeWaitReuseTest, TimestampsSayWhetherASynIsNew) {
  struct Row {
    std::optional<uint32_t> before;
    std::optional<uint32_t> now;
    uint32_t seq;  // the old FIN stood at 5001
    bool is_new;
  };
  for (const Row& row : {
           Row{100, 101, 3000, true},           // a later timestamp, whatever SEQ
           Row{100, 101, 9000, true},           //
           Row{100, 100, 9000, true},           // the same one: SEQ decides
           Row{100, 100, 5001, false},          //
           Row{100, 99, 9000, false},           // an earlier one
           Row{100, std::nullopt, 9000, true},  // none any more: SEQ decides
           Row{100, std::nullopt, 5001, false},
           Row{std::nullopt, 1, 3000, true},  // none before: the option itself is new
           Row{std::nullopt, std::nullopt, 9000, true},
           Row{std::nullopt, std::nullopt, 5001, false},
       }) {
    SCOPED_TRACE(testing::Message() << row.before.value_or(0) << " then " << row.now.value_or(0)
                                    << ", seq " << row.seq);
    Waiting w(row.before);
    w.Peer({.control = kSyn, .seq = row.seq, .ack = 0, .options = Stamped(row.now)});
    const auto sent = w.bench.Sent();
    if (!row.is_new) {
      EXPECT_TRUE(sent.empty()) << "dropped without a word";
      EXPECT_EQ(w.bench.host.State(w.old), State::kTimeWait);
      continue;
    }
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].header.control, kSyn | kAck);
    EXPECT_TRUE(Before(w.old_nxt, wire::SndSeq(sent[0].header.seq)));
    w.Peer({.seq = row.seq + 1, .ack = sent[0].header.seq + 1, .options = Stamped(row.now)});
    EXPECT_NE(w.bench.host.Accept(w.listener).handle, kNoHandle);
  }
}

TEST(TimeWaitReuseTest, WithoutRfc6191TheNumberAloneDecidesAndAnOldSynIsAnswered) {
  tcp::Policy policy;
  policy.reopen_by_timestamps = false;
  Waiting old(100, policy);
  old.Peer({.control = kSyn, .seq = 3000, .ack = 0, .options = Stamped(101)});
  EXPECT_EQ(old.bench.Told(), "ACK");
  Waiting fresh(100, policy);
  fresh.Peer({.control = kSyn, .seq = 9000, .ack = 0, .options = Stamped(101)});
  EXPECT_EQ(fresh.bench.Told(), "SYN,ACK");
}

TEST(TimeWaitReuseTest, ThePolicyCanKeepTimeWaitClosed) {
  tcp::Policy policy;
  policy.reopen_time_wait = false;
  Waiting w(100, policy);
  w.Peer({.control = kSyn, .seq = 9000, .ack = 0, .options = Stamped(101)});
  EXPECT_EQ(w.bench.Told(), "ACK");
}

TEST(TimeWaitReuseTest, TimestampsThatThePolicyDoesNotUseDecideNothing) {
  tcp::Policy policy;
  policy.timestamps = false;
  Waiting old(std::nullopt, policy);
  old.Peer({.control = kSyn, .seq = 3000, .ack = 0, .options = Stamped(101)});
  EXPECT_EQ(old.bench.Told(), "") << "an old number, and timestamps are no news";
  Waiting fresh(std::nullopt, policy);
  fresh.Peer({.control = kSyn, .seq = 9000, .ack = 0, .options = Stamped(101)});
  EXPECT_EQ(fresh.bench.Told(), "SYN,ACK");
}

TEST(TimeWaitReuseTest, WithAFullBacklogTheOldConnectionAnswers) {
  Waiting w(100);
  for (uint16_t port = 7000; w.bench.Told() != "" || port == 7000; ++port) {
    w.bench.Arrives(w.bench.Peer(port), w.bench.Own(80), {.control = kSyn, .seq = 1, .ack = 0});
    ASSERT_LT(port, 8000) << "the backlog has an end";
  }
  w.Peer({.control = kSyn, .seq = 9000, .ack = 0, .options = Stamped(101)});
  EXPECT_EQ(w.bench.Told(), "ACK");
  EXPECT_EQ(w.bench.host.State(w.old), State::kTimeWait);
}

TEST(TimeWaitReuseTest, WithoutAListenerOrRoomTheOldConnectionAnswers) {
  Waiting w(100);
  w.bench.host.Close(w.listener);
  w.Peer({.control = kSyn, .seq = 9000, .ack = 0, .options = Stamped(101)});
  EXPECT_EQ(w.bench.Told(), "ACK");
  EXPECT_EQ(w.bench.host.State(w.old), State::kTimeWait);
}

TEST(TimeWaitReuseTest, TheTimestampsOfTheNextFollowThoseOfTheOld) {
  Waiting w(100);
  const uint32_t before = w.bench.host.TcbOf(w.old)->ts.offset;
  w.Peer({.control = kSyn, .seq = 9000, .ack = 0, .options = Stamped(101)});
  const auto sent = w.bench.Sent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].options.timestamps->value, before + 1000) << "a second later";
  EXPECT_EQ(sent[0].options.timestamps->echo, 101u);
}

}  // namespace
}  // namespace assay::host
