// The program as its users meet it: what they type, the exit code, and the one line that says what
// was wrong.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libxml/parser.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace assay::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ContainsRegex;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

std::string Contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string Quoted(const std::string& word) {
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// A folder of its own for each test, and gone with it.
class Commands : public testing::Test {
 protected:
  Commands() {
    std::string pattern = testing::TempDir() + "/commands.XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~Commands() override { fs::remove_all(folder_); }

  Ran Run(const std::vector<std::string>& arguments) {
    std::string command = Quoted(ASSAY_PROGRAM);
    for (const std::string& argument : arguments) command += " " + Quoted(argument);
    const std::string err = Path("stderr");
    command += " 2>" + Quoted(err);
    Ran ran;
    FILE* pipe = popen(command.c_str(), "r");
    std::array<char, 4096> buffer;
    while (const size_t n = fread(buffer.data(), 1, buffer.size(), pipe)) {
      ran.out.append(buffer.data(), n);
    }
    const int status = pclose(pipe);
    ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ran.err = Contents(err);
    return ran;
  }
  // Wrong use: exit code 2, nothing printed, and this one line.
  void ExpectRefused(const std::vector<std::string>& arguments, const std::string& line) {
    const Ran ran = Run(arguments);
    EXPECT_EQ(ran.code, 2) << ran.err;
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(ran.err, "tcp-assay: " + line + "\n");
  }

  std::string Path(std::string_view name) const { return folder_ + "/" + std::string(name); }
  std::string Write(std::string_view name, const std::string& contents) const {
    std::ofstream(Path(name), std::ios::binary) << contents;
    return Path(name);
  }
  // A scenario of one polite event: a SYN.
  static std::string Seed() {
    std::string seed(8 + 12, '\0');
    seed[0] = 1;
    return seed;
  }

 private:
  std::string folder_;
};

TEST_F(Commands, WithoutAVerbTheHelpIsAComplaint) {
  const Ran ran = Run({});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, StartsWith("tcp-assay: finds out whether"));
}

TEST_F(Commands, HelpAndVersionAreAnswers) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--help"},
                                                    {"-h"},
                                                    {"help"},
                                                    {"--version"},
                                                    {"check", "--help"},
                                                    {"discover", "--help"},
                                                    {"replay", "--help"},
                                                    {"list", "--help"},
                                                    {"show", "--help"},
                                                    {"seeds", "-h"}}) {
    const Ran ran = Run(arguments);
    EXPECT_EQ(ran.code, 0) << arguments[0];
    EXPECT_EQ(ran.err, "") << arguments[0];
    EXPECT_NE(ran.out, "") << arguments[0];
  }
}

TEST_F(Commands, WrongWordsAreRefusedInOneLine) {
  const std::string flags =
      "--stack, --profile, --filter, --scenarios, --seed, --junit, --pcapng, --all, "
      "--packets-only, --strict, --slow";
  ExpectRefused({"frob"},
                "unknown verb \"frob\"; there are: check, discover, replay, show, list, seeds");
  ExpectRefused({"check", "--frob"}, "unknown flag \"--frob\"; there are: " + flags);
  ExpectRefused({"check", "--absolute"}, "unknown flag \"--absolute\"; there are: " + flags);
  ExpectRefused({"check", "-x"}, "unknown flag \"-x\"");
  ExpectRefused({"check", "--profile"}, "\"--profile\" wants a value");
  ExpectRefused({"check", "--scenarios=many"},
                "\"--scenarios=many\": Illegal value 'many' specified for flag 'scenarios'");
  ExpectRefused({"check", "reference"}, "check takes no \"reference\"; did you mean --stack?");
  ExpectRefused({"list", "frobs"},
                "list wants one of: stacks, cases, rules, requirements, classics");
  ExpectRefused({"list"}, "list wants one of: stacks, cases, rules, requirements, classics");
  ExpectRefused({"show"}, "show wants one NAME; see tcp-assay list classics");
  ExpectRefused({"seeds"}, "seeds wants one FOLDER");
  ExpectRefused({"replay"}, "replay wants one FILE, or --seed N; see tcp-assay replay --help");
}

TEST_F(Commands, AnUnknownStackOrProfileIsToldWhichThereAre) {
  const Ran stack = Run({"check", "--stack", "frob"});
  EXPECT_EQ(stack.code, 2);
  EXPECT_THAT(stack.err,
              AllOf(StartsWith("tcp-assay: unknown stack \"frob\"; there are: reference, "),
                    EndsWith("or the path of a shim library (.so)\n")));
  ExpectRefused({"check", "--profile", "rfc1"},
                "unknown profile \"rfc1\"; there are: rfc793, rfc9293, hardened, discovered");
  ExpectRefused({"discover", "lwip"}, "discover takes no \"lwip\"; did you mean --stack?");
}

TEST_F(Commands, AFileThatIsNoScenarioIsRefusedWithWhereAndWhy) {
  ExpectRefused({"replay", Path("nowhere")}, Path("nowhere") + ": cannot be opened");
  fs::create_directory(Path("folder"));
  ExpectRefused({"replay", Path("folder")}, Path("folder") + ": is a folder, not a scenario");
  const auto refuse = [&](const std::string& contents, const std::string& why) {
    const std::string path = Write("input", contents);
    ExpectRefused({"replay", path}, path + ": " + why);
  };
  refuse("", "offset 0: ends within the header of 8 octets");
  refuse(Seed().substr(0, 7), "offset 7: ends within the header of 8 octets");
  refuse(Seed().substr(0, 19), "offset 8: truncated, the last event has 11 of 12 octets");
  refuse(Seed() + "x", "offset 20: truncated, the last event has 1 of 12 octets");
  refuse(std::string(1, '\x02') + Seed().substr(1),
         "offset 0: record version 2, this program knows 1");
  refuse(std::string(100, '\xab'), "offset 0: record version 171, this program knows 1");
  refuse(std::string(1, '\x01') + std::string(7 + 33 * 12, '\0'),
         "offset 392: more than 32 events");
}

TEST_F(Commands, ReplayingASeedTellsADigestThatIsTheSameAgain) {
  const std::string seed = Write("seed", Seed());
  const Ran once = Run({"replay", seed});
  EXPECT_EQ(once.code, 0);
  EXPECT_EQ(once.err, "");
  EXPECT_THAT(once.out, HasSubstr("SYN-RECEIVED"));
  EXPECT_THAT(once.out, ContainsRegex("reference .*: conforms\ndigest: [0-9a-f]{16}\n$"));
  EXPECT_EQ(Run({"replay", seed}).out, once.out);
}

TEST_F(Commands, TheScenarioOfANumberIsReplayedWithoutAFile) {
  const Ran once = Run({"replay", "--seed", "1"});
  EXPECT_EQ(once.code, 0);
  EXPECT_THAT(once.out, HasSubstr(": conforms\ndigest: "));
  EXPECT_EQ(Run({"replay", "--seed=1"}).out, once.out);
  EXPECT_NE(Run({"replay", "--seed=2"}).out, once.out);
  // And written, to be replayed as a file.
  EXPECT_EQ(Run({"replay", "--seed=1", "--save", Path("one.scenario")}).code, 0);
  EXPECT_EQ(Run({"replay", Path("one.scenario")}).out, once.out);
  EXPECT_EQ(Run({"replay", "--seed=1", "file"}).code, 2);
}

// What the stack would have reported stays possible, and more with it.
TEST_F(Commands, PacketsAloneAreJudgedWhereThatIsAskedFor) {
  const std::vector<std::string> replay = {"replay", "--seed=7634363601088719007"};
  std::vector<std::string> by_packets = replay;
  by_packets.emplace_back("--packets-only");
  const Ran told = Run(replay), kept = Run(by_packets);
  EXPECT_EQ(kept.code, 0);
  EXPECT_NE(kept.out, told.out);
  EXPECT_EQ(Run({"check", "--packets-only", "--scenarios", "100"}).code, 0);
}

TEST_F(Commands, ReplayingWritesACaptureWhereItIsTold) {
  const Ran ran = Run({"replay", Write("seed", Seed()), "--pcapng", Path("out.pcapng")});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("capture: " + Path("out.pcapng")));
  EXPECT_THAT(Contents(Path("out.pcapng")), StartsWith("\x0a\x0d\x0d\x0a"));
}

TEST_F(Commands, ReplayTakesOneStack) {
  ExpectRefused({"replay", Write("seed", Seed()), "--stack", "reference,reference"},
                "replay takes one stack");
}

TEST_F(Commands, AShimThatDoesNotFitIsRefusedWithWhy) {
  const auto refuse = [&](const std::string& shim, const std::string& why) {
    const std::string path = ASSAY_TEST_SHIMS + shim + "_shim.so";
    ExpectRefused({"check", "--stack", path}, path + ": " + why);
  };
  refuse("no_symbol", "no symbol assay_shim_get, so this is no shim");
  refuse("null", "assay_shim_get answered NULL for ABI version 1");
  refuse("abi_99", "the shim has ABI version 99; this program wants 1");
  refuse("no_deliver", "the required function deliver is missing");
  const Ran missing = Run({"check", "--stack", Path("nowhere.so")});
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.err, StartsWith("tcp-assay: cannot load the shim: " + Path("nowhere.so")));
}

TEST_F(Commands, AStackThatOnlyEchoesPacketsDoesNotConform) {
  const Ran ran = Run({"check", "--stack", std::string(ASSAY_TEST_SHIMS) + "good_shim.so",
                       "--filter", "CKS-01", "--scenarios", "20"});
  EXPECT_EQ(ran.code, 1) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("echo fails CKS-01"));
}

TEST_F(Commands, EachListHasALineForEachThing) {
  struct Listed {
    const char* what;
    const char* holds;
    size_t at_least;
  };
  for (const Listed& listed : {Listed{"stacks", "reference ", 1},
                               {"cases", "CKS-01 ", 60},
                               {"rules", "ack.only-with-cause ", 45},
                               {"requirements", "RFC9293-MUST-2 ", 250},
                               {"classics", "three-way-handshake ", 15}}) {
    const Ran ran = Run({"list", listed.what});
    EXPECT_EQ(ran.code, 0) << listed.what;
    EXPECT_EQ(ran.err, "") << listed.what;
    EXPECT_THAT(ran.out, HasSubstr(listed.holds));
    EXPECT_GE(static_cast<size_t>(std::ranges::count(ran.out, '\n')), listed.at_least)
        << listed.what;
  }
}

TEST_F(Commands, AnUnknownClassicIsToldWhichThereAre) {
  const Ran ran = Run({"show", "frob"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(
      ran.err,
      StartsWith("tcp-assay: no classic is called \"frob\"; there are: three-way-handshake, "));
  EXPECT_EQ(std::ranges::count(ran.err, '\n'), 1);
}

TEST_F(Commands, AClassicIsShown) {
  const Ran ran = Run({"show", "three-way-handshake"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("SYN,ACK"));
}

TEST_F(Commands, CheckWritesWhatABuildServerReads) {
  const Ran ran = Run({"check", "--filter", "CKS-01", "--scenarios", "10", "--junit",
                       Path("out.xml"), "--pcapng", Path("captures")});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.err, "reference: 2 cases run\nreference: 10 random scenarios judged\n");
  EXPECT_THAT(ran.out, HasSubstr("JUnit:    " + Path("out.xml")));
  xmlDocPtr doc = xmlReadFile(Path("out.xml").c_str(), nullptr, XML_PARSE_NONET);
  ASSERT_NE(doc, nullptr);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(xmlDocGetRootElement(doc)->name)),
            "testsuites");
  xmlFreeDoc(doc);
  for (const char* family : {"ipv4", "ipv6"}) {
    EXPECT_THAT(Contents(Path("captures/reference/CKS-01-" + std::string(family) + ".pcapng")),
                StartsWith("\x0a\x0d\x0d\x0a"));
  }
}

TEST_F(Commands, CheckSaysWhereItCannotWrite) {
  // A folder that is missing is made; one that cannot be is named.
  const std::string file = Write("file", "");
  const Ran ran =
      Run({"check", "--filter", "CKS-01", "--scenarios", "0", "--junit", file + "/out.xml"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr(file));
}

TEST_F(Commands, KnownDeviationsDoNotFail) {
  if (Run({"list", "stacks"}).out.find("lwip ") == std::string::npos) {
    GTEST_SKIP() << "built without lwIP";
  }
  const Ran ran = Run({"check", "--stack", "lwip", "--scenarios", "0"});
  EXPECT_EQ(ran.code, 0) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("known"));
}

TEST_F(Commands, AFilterThatMatchesNothingIsRefused) {
  const Ran ran = Run({"check", "--filter", "no-such-case", "--scenarios", "0"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, EndsWith("tcp-assay: no case has \"no-such-case\" in its name; see "
                                "tcp-assay list cases\n"));
}

TEST_F(Commands, SeedsAreScenariosThatReplay) {
  const Ran ran = Run({"seeds", Path("seeds")});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, ContainsRegex("^[0-9]+ seeds in "));
  EXPECT_EQ(Run({"replay", Path("seeds/CKS-01.scenario")}).code, 0);
}

}  // namespace
}  // namespace assay::cli
