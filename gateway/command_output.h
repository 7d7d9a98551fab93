#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::gateway {

// What a shell command wrote and how it ended.
struct CommandOutput {
  enum class End : std::uint8_t { kExited, kSignalled, kTimedOut, kTooMuch, kNotStarted };
  End end = End::kNotStarted;
  int status = 0;    // exit status; number of the signal; errno when it could not be started
  std::string text;  // standard output
};

// A program that is started without a shell: found along $PATH, with texts for it to read from descriptors that are
// files without a name.
struct ProgramCall {
  std::vector<std::string> arguments;  // the program first
  std::string input;                   // its standard input
  std::vector<std::string> files;      // descriptors 3, 4, …: named `/dev/fd/3`, … in its arguments
  std::vector<std::string> environment;  // all that it has: `TZ=UTC`; $PATH is added. Ignored when `asks`
  bool asks = false;                   // may use the terminal and our environment; standard error is ours
};

// Never throws for what the program does. Killed when the time is up, or when it writes more than `limit` bytes. Its
// standard error is thrown away unless it asks. kNotStarted with ENOENT: there is no such program.
CommandOutput RunProgram(const ProgramCall& call, std::chrono::milliseconds timeout, std::size_t limit);

// Runs `/bin/sh -c command` in `folder`, standard input empty, standard error passed on. Its process group is killed
// when the time is up or when it writes more than `limit` bytes. Never throws for what the command does.
CommandOutput RunCommand(const std::string& command, const std::string& folder, std::chrono::milliseconds timeout,
                         std::size_t limit);

}  // namespace weir::gateway
