#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace weir::gateway {

// What a shell command wrote and how it ended.
struct CommandOutput {
  enum class End : std::uint8_t { kExited, kSignalled, kTimedOut, kTooMuch, kNotStarted };
  End end = End::kNotStarted;
  int status = 0;    // exit status; number of the signal; errno when it could not be started
  std::string text;  // standard output
};

// Runs `/bin/sh -c command` in `folder`, standard input empty, standard error passed on. Its process group is killed
// when the time is up or when it writes more than `limit` bytes. Never throws for what the command does.
CommandOutput RunCommand(const std::string& command, const std::string& folder, std::chrono::milliseconds timeout,
                         std::size_t limit);

}  // namespace weir::gateway
