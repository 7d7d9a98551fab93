#pragma once

#include <atomic>
#include <iosfwd>
#include <string>
#include <vector>

#include "audit/clock.h"

namespace weir::gateway {

// Where a command line writes. A descriptor tells whether the stream is a terminal; -1: it is none.
struct Streams {
  std::ostream& out;
  std::ostream& err;
  int out_descriptor = -1;
  int err_descriptor = -1;
};

// Parses `arguments` (without the program's name), runs the command and returns the exit status. The boundary of the
// program: every exception becomes a message `weir: error: … [CODE]` and a status here. `stop` is read by long commands.
int RunCommandLine(const std::vector<std::string>& arguments, const Streams& streams, const audit::Clock& clock,
                   const std::atomic<bool>& stop);

}  // namespace weir::gateway
