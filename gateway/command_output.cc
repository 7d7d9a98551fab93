#include "gateway/command_output.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

extern char** environ;

namespace weir::gateway {
namespace {

using SteadyClock = std::chrono::steady_clock;

// 0, or the errno of the first step that failed. On success the child writes to pipe[1].
int Start(const std::string& command, const std::string& folder, const int (&pipe)[2], pid_t* child) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  if (const int error = ::posix_spawn_file_actions_init(&actions); error != 0) return error;
  if (const int error = ::posix_spawnattr_init(&attributes); error != 0) {
    ::posix_spawn_file_actions_destroy(&actions);
    return error;
  }
  int error = ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  if (error == 0) error = ::posix_spawn_file_actions_adddup2(&actions, pipe[1], 1);
  if (error == 0 && !folder.empty()) error = ::posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  if (error == 0) error = ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  if (error == 0) {
    std::string shell = "sh", flag = "-c", text = command;
    char* arguments[] = {shell.data(), flag.data(), text.data(), nullptr};
    error = ::posix_spawn(child, "/bin/sh", &actions, &attributes, arguments, environ);
  }
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Reads until the end, the limit or the deadline.
CommandOutput::End ReadAll(int descriptor, SteadyClock::time_point deadline, std::size_t limit, std::string* text) {
  char buffer[4096];
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
    if (left <= 0) return CommandOutput::End::kTimedOut;
    pollfd wait{descriptor, POLLIN, 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready < 0 && errno != EINTR) return CommandOutput::End::kExited;
    if (ready <= 0) continue;
    const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return CommandOutput::End::kExited;
    text->append(buffer, static_cast<std::size_t>(got));
    if (text->size() > limit) return CommandOutput::End::kTooMuch;
  }
}

// A command may close its output and stay: waits until the deadline.
CommandOutput::End WaitUntil(pid_t child, SteadyClock::time_point deadline, int* status) {
  for (;;) {
    const pid_t ended = ::waitpid(child, status, WNOHANG);
    if (ended == child) return CommandOutput::End::kExited;
    // Somebody else took its status: whether it succeeded cannot be known.
    if (ended < 0 && errno != EINTR) return CommandOutput::End::kNotStarted;
    if (SteadyClock::now() >= deadline) return CommandOutput::End::kTimedOut;
    ::poll(nullptr, 0, 5);
  }
}

}  // namespace

CommandOutput RunCommand(const std::string& command, const std::string& folder, std::chrono::milliseconds timeout,
                         std::size_t limit) {
  CommandOutput output;
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) {
    output.status = errno;
    return output;
  }
  pid_t child = -1;
  const int error = Start(command, folder, pipe, &child);
  ::close(pipe[1]);
  if (error != 0) {
    ::close(pipe[0]);
    output.status = error;
    return output;
  }
  const SteadyClock::time_point deadline = SteadyClock::now() + timeout;
  output.end = ReadAll(pipe[0], deadline, limit, &output.text);
  ::close(pipe[0]);
  int status = 0;
  if (output.end == CommandOutput::End::kExited) output.end = WaitUntil(child, deadline, &status);
  if (output.end == CommandOutput::End::kNotStarted) {
    output.status = errno;
    output.text.clear();
    return output;
  }
  if (output.end != CommandOutput::End::kExited) {
    ::kill(-child, SIGKILL);
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    output.text.clear();
    return output;
  }
  if (WIFSIGNALED(status)) {
    output.end = CommandOutput::End::kSignalled;
    output.status = WTERMSIG(status);
  } else {
    output.status = WEXITSTATUS(status);
  }
  return output;
}

}  // namespace weir::gateway
