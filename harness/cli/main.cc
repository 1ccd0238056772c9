// tcp-assay: finds out whether a TCP stack obeys its RFCs.

#include <cstdio>
#include <string>
#include <vector>

#include "harness/cli/commands.h"

namespace {

constexpr char kHelp[] =
    R"(tcp-assay: finds out whether a TCP stack obeys its RFCs.

usage: tcp-assay VERB [arguments]

  check     put a stack through the conformance cases and random scenarios; a verdict per requirement
  discover  ask a stack which of the choices that the RFCs leave it has made
  replay    run one scenario (a crash file, a seed) on a stack and show what happened
  show      run a classic between two hosts and draw it: a handshake, a close, a lost ACK ...
  list      print the stacks, cases, rules, requirements or classics that there are
  seeds     write the scenarios of the cases as a fuzzer's first corpus

`tcp-assay VERB --help` tells more. Exit codes: 0 conforming, 1 violations found, 2 wrong use or bad
input.
)";

}  // namespace

int main(int argc, char** argv) {
  using namespace assay::cli;
  std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  if (arguments.empty()) {
    std::fputs(kHelp, stderr);
    return kWrongUse;
  }
  const std::string verb = arguments.front();
  arguments.erase(arguments.begin());
  if (verb == "--help" || verb == "-h" || verb == "help") {
    std::fputs(kHelp, stdout);
    return kConforming;
  }
  if (verb == "--version") {
    std::puts("tcp-assay " ASSAY_VERSION);
    return kConforming;
  }
  if (verb == "check") return RunCheck(arguments);
  if (verb == "discover") return RunDiscover(arguments);
  if (verb == "replay") return RunReplay(arguments);
  if (verb == "show") return RunShow(arguments);
  if (verb == "list") return RunList(arguments);
  if (verb == "seeds") return RunSeeds(arguments);
  return Refuse("unknown verb \"" + verb +
                "\"; there are: check, discover, replay, show, list, seeds");
}
