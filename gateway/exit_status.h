#pragma once

namespace weir::gateway {

// What a command tells its caller. Stable: scripts and CI depend on it.
enum ExitCode : int {
  kExitGood = 0,
  kExitFindings = 1,     // findings, or rows refused or rejected
  kExitConfig = 2,       // configuration, policy or usage is wrong
  kExitUnreadable = 3,   // an artifact, a warehouse or a destination cannot be read or reached
  kExitHeld = 4,         // the gate or a guard holds
  kExitWaiting = 5,      // waits for an approval
  kExitInDoubt = 6,      // the log or a delivery is in doubt: a person must look
  kExitInterrupted = 130,
};

// The worse of two, for a command that ran several syncs. From the worst: 6, 130, 2, 3, 4, 5, 1, 0; what needs a person
// first wins. A number that is none of these is worse than all.
int WorseExitStatus(int a, int b);

}  // namespace weir::gateway
