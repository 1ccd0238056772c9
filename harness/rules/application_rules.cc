// What the application sees, and between whom segments go. The judge applies these itself: calls
// are not segments, and a segment does not know whose it is.

#include "harness/rules/rule.h"

namespace assay::rules {
namespace {

constexpr std::string_view kAddress[] = {"RFC9293-MUST-45", "RFC9293-MUST-44", "RFC9293-MUST-63",
                                         "RFC1122-3.2.1.3-1"};
constexpr std::string_view kExact[] = {"RFC9293-P-3.10.7.4-TRIM", "RFC9293-MUST-31",
                                       "RFC9293-P-3.4-SEQ"};
constexpr std::string_view kReceived[] = {"RFC9293-P-3.5-DATA-BEFORE-EST", "RFC9293-P-3.4-ACCEPT"};
constexpr std::string_view kEnd[] = {"RFC9293-MUST-12"};
// A connection that ends before its time tells its user so.
constexpr std::string_view kReset[] = {"RFC9293-MUST-12", "RFC9293-MUST-23", "RFC9293-MUST-37",
                                       "RFC9293-SHLD-11", "RFC9293-SHLD-17", "RFC6429-4-1",
                                       "RFC5961-3.2-5",   "RFC9293-MUST-29", "RFC9293-MUST-54",
                                       "RFC9293-MUST-55", "RFC9293-MUST-56", "RFC6633-3-1"};
constexpr std::string_view kState[] = {"RFC9293-MUST-11", "RFC9293-MUST-41"};

constexpr std::string_view kOption[] = {"RFC9293-MUST-17", "RFC9293-MUST-21", "RFC9293-MUST-24"};

constexpr std::string_view kRuns[] = {"RFC9293-MUST-7"};

constexpr Rule kRules[] = {
    {.id = "header.between-the-two-addresses",
     .sentence =
         "the stack's own address as source and the tester's as destination, in each segment",
     .section = "RFC 9293, 3.9.1.1",
     .cites = kAddress,
     .excused_by = Quirk::kAnswersInvalidSource},
    {.id = "delivery.exact",
     .sentence = "the octets that the peer sent, once and in order",
     .section = "RFC 9293, 3.10.7.4, seventh",
     .cites = kExact},
    {.id = "delivery.only-what-was-received",
     .sentence = "octets that arrived, once the connection was established",
     .section = "RFC 9293, 3.10.7.4, seventh",
     .cites = kReceived},
    {.id = "delivery.end-only-after-fin",
     .sentence = "the end of the stream only when the peer's FIN was taken",
     .section = "RFC 9293, 3.10.7.4, eighth",
     .cites = kEnd},
    {.id = "error.reset-only-if-gone",
     .sentence = "an error that ends the connection only when it has ended",
     .section = "RFC 9293, 3.10.7.4, second",
     .cites = kReset},
    {.id = "state.reported-is-possible",
     .sentence = "a state that everything seen so far allows",
     .section = "RFC 9293, 3.3.2",
     .cites = kState},
    {.id = "option.is-taken-while-it-lives",
     .sentence = "an option of the user's taken for any connection that there is",
     .section = "RFC 9293, 3.7.4, 3.8.3 and 3.8.4",
     .cites = kOption},
    {.id = "stack.keeps-running",
     .sentence = "a bounded answer to any segments and calls: no assertion, no flood, no hang",
     .section = "RFC 9293, 3.1",
     .cites = kRuns},
};

}  // namespace

std::span<const Rule> ApplicationRules() { return kRules; }

}  // namespace assay::rules
