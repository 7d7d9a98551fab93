#include <csignal>
#include <unistd.h>

#include <atomic>
#include <iostream>
#include <string>
#include <vector>

#include "audit/clock.h"
#include "gateway/command_line.h"
#include "gateway/exit_status.h"

namespace {

std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

// The first signal asks for an orderly end: the request under way is finished and logged. The second ends the process
// at once; what was under way is then closed as unknown by the next run.
extern "C" void RequestStop(int) {
  if (stop_requested.exchange(true)) _exit(weir::gateway::kExitInterrupted);
}

void InstallSignalHandlers() {
  struct sigaction action {};
  action.sa_handler = RequestStop;
  sigemptyset(&action.sa_mask);
  action.sa_flags = 0;  // system calls return: a wait ends early
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // `weir plan | head` ends by a failed write, a destination by its reply
}

}  // namespace

int main(int argc, char** argv) {
  InstallSignalHandlers();
  const weir::gateway::Streams streams{std::cout, std::cerr, STDOUT_FILENO, STDERR_FILENO};
  return weir::gateway::RunCommandLine(std::vector<std::string>(argv + 1, argv + argc), streams,
                                       weir::audit::SystemClock(), stop_requested);
}
