// Runs a SCENARIO row: two hosts A and B, what each does, what crosses between them, and what both
// have come to in the end.
//
// Its drive cell is a script: "A OPEN active" and the other calls; "DELIVER": all that is sent
// crosses, until silence; "CARRY A": one packet of A's does; "DELAY A": it is kept back until
// "RELEASE"; "LOSE A": it is lost; "OVERHEAR A": what A sends is seen and goes nowhere; "A REBOOT":
// A forgets everything; "FORGE A <..>": a packet from A that A has not sent; "WAIT 2s". "CONNECT"
// opens a connection from A to B, and what went before it counts for nothing.

#ifndef ASSAY_STACK_HOST_ROW_SCENARIO_FOR_TEST_H_
#define ASSAY_STACK_HOST_ROW_SCENARIO_FOR_TEST_H_

#include "stack/host/row_runner_for_test.h"

namespace assay::host {

// Over IPv4 and over IPv6.
RowReport DriveScenario(const TransitionRow& row, const tcp::Policy& policy);

}  // namespace assay::host

#endif  // ASSAY_STACK_HOST_ROW_SCENARIO_FOR_TEST_H_
