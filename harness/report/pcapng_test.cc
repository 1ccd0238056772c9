#include "harness/report/pcapng.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/report/trace_fixture.h"

namespace assay::report {
namespace {

namespace fs = std::filesystem;
using observer::Call;
using observer::Fate;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Hex(wire::Octets octets) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < octets.size(); ++i) {
    if (i > 0 && i % 4 == 0) out += i % 16 == 0 ? '\n' : ' ';
    out += kDigits[static_cast<uint8_t>(octets[i]) >> 4];
    out += kDigits[static_cast<uint8_t>(octets[i]) & 0xf];
  }
  return out;
}

uint32_t U32(wire::Octets octets, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value |= static_cast<uint32_t>(octets[at + i]) << (8 * i);
  return value;
}

// The types of the blocks, whose lengths must lead from each to the next and stand at both ends.
std::vector<uint32_t> BlockTypes(wire::Octets capture) {
  std::vector<uint32_t> types;
  while (!capture.empty()) {
    const uint32_t length = U32(capture, 4);
    EXPECT_EQ(length % 4, 0u);
    EXPECT_LE(length, capture.size());
    if (length < 12 || length > capture.size()) return {};
    EXPECT_EQ(U32(capture, length - 4), length);
    types.push_back(U32(capture, 0));
    capture = capture.subspan(length);
  }
  return types;
}

Violation NoAnswer(size_t event) {
  return {.rule = "ack.owed",
          .level = "MUST",
          .requirements = {"RFC9293-MUST-58"},
          .section = "RFC 9293, 3.8.6.3",
          .seen = "nothing for 1 s",
          .legal = "an ACK",
          .known = "",
          .event = event};
}

TEST(Pcapng, HasTheOctetsOfTheDraft) {
  TraceFixture f;
  f.now = Instant::FromNanoseconds(0x1'0000'0002);
  f.Raw(observer::TraceKind::kFromStack, std::array{std::byte{0xaa}, std::byte{0xbb}}).fate =
      Fate::kLost;
  EXPECT_EQ(Hex(PcapngOf(f.trace, {.stack_name = "lwip"})),
            // Section header: type, length, magic, version 1.0, length unknown, application.
            "0a0d0d0a 30000000 4d3c2b1a 01000000\n"
            "ffffffff ffffffff 04000900 7463702d\n"
            "61737361 79000000 00000000 30000000\n"
            // Interface: RAW, not cut, name, nanoseconds.
            "01000000 28000000 65000000 00000000\n"
            "02000400 6c776970 09000100 09000000\n"
            "00000000 28000000 "
            // Packet: interface 0, time high and low, two lengths, two octets and padding.
            "06000000 44000000\n"
            "00000000 01000000 02000000 02000000\n"
            "02000000 aabb0000 "
            // "lost on the wire", outbound.
            "01001000 6c6f7374\n"
            "206f6e20 74686520 77697265 02000400\n"
            "02000000 00000000 44000000");
}

TEST(Pcapng, NamesBothAddresses) {
  TraceFixture f;
  f.ToStack({.control = wire::kSyn});
  const std::vector<std::byte> capture = PcapngOf(f.trace, {.stack_name = "lwip 2.1.3"});
  EXPECT_THAT(BlockTypes(capture), ElementsAre(0x0a0d0d0a, 1, 4, 6));
  const size_t names = U32(capture, 4) + U32(capture, U32(capture, 4) + 4);
  EXPECT_EQ(Hex(wire::Octets(capture).subspan(names, U32(capture, names + 4))),
            "04000000 34000000 "
            "01000b00 c0000202\n74657374 65720000 "           // 192.0.2.2 "tester"
            "01000f00 c0000201\n6c776970 2d322e31 2e330000 "  // 192.0.2.1 "lwip-2.1.3"
            "00000000\n34000000");
}

TEST(Pcapng, HasABlockAPacketAndNoneForAnythingElse) {
  TraceFixture f(wire::IpFamily::kIpv6);
  f.Called(Call::kListen, 1, 80);
  for (size_t length = 0; length < 9; ++length) f.ToStack({.length = length});
  f.Passes(Duration::Seconds(1));
  EXPECT_THAT(BlockTypes(PcapngOf(f.trace, {})),
              ElementsAre(0x0a0d0d0a, 1, 4, 6, 6, 6, 6, 6, 6, 6, 6, 6));
  EXPECT_THAT(BlockTypes(PcapngOf(observer::Trace(), {})), ElementsAre(0x0a0d0d0a, 1));
}

std::string Text(wire::Octets octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

TEST(Pcapng, TellsEveryViolationSomewhere) {
  TraceFixture f;
  f.Called(Call::kListen, 1, 80);
  f.ToStack({.seq = 1});
  f.Passes(Duration::Seconds(1));
  f.Passes(Duration::Seconds(1));
  const auto captured = [&](size_t event) {
    const Violation violation = NoAnswer(event);
    return Text(PcapngOf(f.trace, {.violations = {&violation, 1}}));
  };
  EXPECT_THAT(captured(0), HasSubstr("before the first packet: MUST broken: ack.owed"));
  EXPECT_THAT(captured(1), HasSubstr("MUST broken: ack.owed (RFC9293-MUST-58; RFC 9293, 3.8.6.3); "
                                     "seen: nothing for 1 s; legal: an ACK"));
  EXPECT_THAT(captured(1), ::testing::Not(HasSubstr("this packet")));
  EXPECT_THAT(captured(3), HasSubstr("after this packet: MUST broken: ack.owed"));
  EXPECT_THAT(captured(99), HasSubstr("after this packet: MUST broken: ack.owed"));
}

TEST(Pcapng, MakesStringsFromElsewhereHarmlessAndCutsWhatIsTooLong) {
  TraceFixture f;
  f.ToStack({.seq = 1});
  Violation violation = NoAnswer(0);
  violation.seen = "\xff\x1b" + std::string(200'000, 'x');
  const std::vector<std::byte> capture =
      PcapngOf(f.trace, {.stack_name = std::string(100'000, 'n'), .violations = {&violation, 1}});
  EXPECT_EQ(BlockTypes(capture).size(), 4u);
  EXPECT_THAT(Text(capture), HasSubstr("seen: \\xff\\x1bxxx"));
  EXPECT_LT(capture.size(), 70'000u);
}

// Runs a command and gives what it wrote to both outputs, and how it ended.
struct Ran {
  std::string out;
  int exit = -1;
};
Ran RunCommand(const std::string& command) {
  Ran ran;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  std::array<char, 4096> buffer;
  for (size_t n; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    ran.out.append(buffer.data(), n);
  }
  ran.exit = pclose(pipe);
  return ran;
}

// What Wireshark, which shares no code with us, reads in a capture of ours.
class Tshark : public ::testing::TestWithParam<wire::IpFamily> {
 protected:
  void SetUp() override {
    if (RunCommand("command -v tshark").exit != 0) GTEST_SKIP() << "tshark is not installed";
    // Tests run side by side: each has a file of its own.
    std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::ranges::replace(name, '/', '_');
    path_ = fs::path(::testing::TempDir()) / absl::StrCat("assay_pcapng_", name, ".pcapng");
  }
  void TearDown() override {
    if (!path_.empty()) fs::remove(path_);
  }

  // The rows that tshark prints, each a packet's fields; anything it says beside them fails.
  std::vector<std::vector<std::string>> Fields(const std::string& filter,
                                               const std::vector<std::string>& fields) {
    std::string command = absl::StrCat("tshark -r '", path_.string(),
                                       "' -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE "
                                       "-o nameres.network_name:TRUE "
                                       "-o nameres.use_external_name_resolver:FALSE "
                                       "-T fields -E separator=/s -E quote=d -E occurrence=a");
    if (!filter.empty()) absl::StrAppend(&command, " -Y '", filter, "'");
    for (const std::string& field : fields) absl::StrAppend(&command, " -e ", field);
    const Ran ran = RunCommand(command);
    EXPECT_EQ(ran.exit, 0) << ran.out;
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines(ran.out);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("Running as user \"root\"")) continue;
      EXPECT_TRUE(line.starts_with('"')) << "tshark says: " << line;
      std::vector<std::string> row;
      for (size_t at = 0; (at = line.find('"', at)) != std::string::npos;) {
        const size_t end = line.find('"', at + 1);
        row.push_back(line.substr(at + 1, end - at - 1));
        at = end + 1;
      }
      rows.push_back(std::move(row));
    }
    return rows;
  }

  fs::path path_;
};

TEST_P(Tshark, ReadsAWholeConnection) {
  TraceFixture f(GetParam());
  wire::OptionSet options;
  options.mss = 1460;
  options.timestamps = wire::Timestamps{1, 0};
  const uint8_t push = wire::kPsh | wire::kAck;
  const uint8_t fin = wire::kFin | wire::kAck;
  f.Called(Call::kListen, 1, 80);
  f.ToStack({.control = wire::kSyn, .options = options});
  f.FromStack({.control = wire::kSyn | wire::kAck, .ack = 1, .options = options});
  f.ToStack({.seq = 1, .ack = 1});
  f.ToStack({.control = push, .seq = 1, .ack = 1, .length = 101});
  f.Passes(Duration::Nanoseconds(1'000'000'007));
  f.FromStack({.seq = 1, .ack = 102});
  f.FromStack({.control = push, .seq = 1, .ack = 102, .length = 400, .fate = Fate::kLost});
  f.FromStack({.control = push, .seq = 1, .ack = 102, .length = 400});
  f.ToStack({.control = fin, .seq = 102, .ack = 401});
  f.FromStack({.control = fin, .seq = 401, .ack = 103});
  f.ToStack({.seq = 103, .ack = 402});
  const Violation violation = NoAnswer(5);
  ASSERT_TRUE(
      WritePcapng(path_, f.trace, {.stack_name = "lwip", .violations = {&violation, 1}}).ok());

  using Row = std::vector<std::string>;
  EXPECT_THAT(Fields("", {"frame.number", "frame.time_epoch", "tcp.flags", "tcp.seq", "tcp.ack",
                          "tcp.len"}),
              ElementsAre(Row{"1", "0.000000000", "0x0002", "0", "0", "0"},
                          Row{"2", "0.000000000", "0x0012", "0", "1", "0"},
                          Row{"3", "0.000000000", "0x0010", "1", "1", "0"},
                          Row{"4", "0.000000000", "0x0018", "1", "1", "101"},
                          Row{"5", "1.000000007", "0x0010", "1", "102", "0"},
                          Row{"6", "1.000000007", "0x0018", "1", "102", "400"},
                          Row{"7", "1.000000007", "0x0018", "1", "102", "400"},
                          Row{"8", "1.000000007", "0x0011", "102", "401", "0"},
                          Row{"9", "1.000000007", "0x0011", "401", "103", "0"},
                          Row{"10", "1.000000007", "0x0010", "103", "402", "0"}));

  // "1" is good; "bad" and "unverified" have other numbers.
  const auto sums = Fields("", {"tcp.checksum.status"});
  EXPECT_EQ(sums.size(), 10u);
  EXPECT_THAT(sums, Each(ElementsAre("1")));
  EXPECT_THAT(Fields("tcp.checksum.status == 0 || ip.checksum.status == 0 || _ws.malformed",
                     {"frame.number"}),
              IsEmpty());

  EXPECT_THAT(Fields("frame.comment", {"frame.number", "frame.comment"}),
              ElementsAre(ElementsAre("4", HasSubstr("MUST broken: ack.owed")),
                          ElementsAre("6", "lost on the wire")));
  EXPECT_THAT(Fields("frame.number <= 2", {"frame.packet_flags_direction"}),
              ElementsAre(ElementsAre(HasSubstr("1")), ElementsAre(HasSubstr("2"))));

  const std::string ip = GetParam() == wire::IpFamily::kIpv4 ? "ip" : "ipv6";
  EXPECT_THAT(Fields("frame.number <= 2", {ip + ".src_host", ip + ".dst_host"}),
              ElementsAre(ElementsAre("tester", "lwip"), ElementsAre("lwip", "tester")));
}

TEST_P(Tshark, SeesADamagedChecksum) {
  TraceFixture f(GetParam());
  f.Damaged({.seq = 1, .length = 4}, 1);
  ASSERT_TRUE(WritePcapng(path_, f.trace, {}).ok());
  EXPECT_EQ(Fields("tcp.checksum.status == 0", {"frame.number"}).size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(BothFamilies, Tshark,
                         ::testing::Values(wire::IpFamily::kIpv4, wire::IpFamily::kIpv6),
                         [](const auto& param) {
                           return param.param == wire::IpFamily::kIpv4 ? "Ipv4" : "Ipv6";
                         });

}  // namespace
}  // namespace assay::report
