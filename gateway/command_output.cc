#include "gateway/command_output.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "gateway/file_descriptor.h"

extern char** environ;

namespace weir::gateway {
namespace {

using SteadyClock = std::chrono::steady_clock;

// File actions and attributes of one start.
class Launch {
 public:
  Launch() {
    error_ = ::posix_spawn_file_actions_init(&actions_);
    if (error_ != 0) return;
    error_ = ::posix_spawnattr_init(&attributes_);
    if (error_ != 0) ::posix_spawn_file_actions_destroy(&actions_);
    good_ = error_ == 0;
  }
  ~Launch() {
    if (!good_) return;
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }
  Launch(const Launch&) = delete;
  Launch& operator=(const Launch&) = delete;

  void Open(int descriptor, const char* path, int flags) {
    if (error_ == 0) error_ = ::posix_spawn_file_actions_addopen(&actions_, descriptor, path, flags, 0);
  }
  void Give(int ours, int theirs) {
    if (error_ == 0) error_ = ::posix_spawn_file_actions_adddup2(&actions_, ours, theirs);
  }
  void In(const std::string& folder) {
    if (error_ == 0 && !folder.empty()) error_ = ::posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
  }
  void InAGroupOfItsOwn() {
    if (error_ == 0) error_ = ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP);
  }
  // 0, or the errno of the first step that failed.
  int Start(std::vector<std::string> arguments, std::vector<std::string>* environment, pid_t* child) {
    if (error_ != 0) return error_;
    const auto pointers = [](std::vector<std::string>& texts) {
      std::vector<char*> out;
      for (std::string& text : texts) out.push_back(text.data());
      out.push_back(nullptr);
      return out;
    };
    const std::vector<char*> argv = pointers(arguments);
    std::vector<char*> given;
    if (environment != nullptr) given = pointers(*environment);
    return ::posix_spawnp(child, argv[0], &actions_, &attributes_, argv.data(),
                          environment == nullptr ? environ : given.data());
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
  int error_ = 0;
  bool good_ = false;
};

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

// Follows a child that writes to `pipe` until it ended, or ends it. `group`: it is the leader of one.
CommandOutput Follow(pid_t child, const FileDescriptor& pipe, bool group, std::chrono::milliseconds timeout,
                     std::size_t limit) {
  CommandOutput output;
  const SteadyClock::time_point deadline = SteadyClock::now() + timeout;
  output.end = ReadAll(pipe.get(), deadline, limit, &output.text);
  int status = 0;
  if (output.end == CommandOutput::End::kExited) output.end = WaitUntil(child, deadline, &status);
  if (output.end == CommandOutput::End::kNotStarted) {
    output.status = errno;
    output.text.clear();
    return output;
  }
  if (output.end != CommandOutput::End::kExited) {
    ::kill(group ? -child : child, SIGKILL);
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

CommandOutput NotStarted(int error) {
  CommandOutput output;
  output.status = error;
  return output;
}

// A file without a name that holds `text`, at a descriptor above all that a child is given. Not good: errno says why.
FileDescriptor TextFile(std::string_view text) {
  constexpr int kAboveThose = 64;
  const FileDescriptor made(::memfd_create("weir", MFD_CLOEXEC));
  if (!made.good()) return {};
  while (!text.empty()) {
    const ssize_t done = ::write(made.get(), text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return {};
    text.remove_prefix(static_cast<std::size_t>(done));
  }
  if (::lseek(made.get(), 0, SEEK_SET) != 0) return {};
  return FileDescriptor(::fcntl(made.get(), F_DUPFD_CLOEXEC, kAboveThose));
}

}  // namespace

CommandOutput RunCommand(const std::string& command, const std::string& folder, std::chrono::milliseconds timeout,
                         std::size_t limit) {
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) return NotStarted(errno);
  const FileDescriptor reads(pipe[0]);
  FileDescriptor writes(pipe[1]);
  Launch launch;
  launch.Open(0, "/dev/null", O_RDONLY);
  launch.Give(writes.get(), 1);
  launch.In(folder);
  launch.InAGroupOfItsOwn();
  pid_t child = -1;
  if (const int error = launch.Start({"/bin/sh", "-c", command}, nullptr, &child); error != 0) return NotStarted(error);
  writes = FileDescriptor();
  return Follow(child, reads, true, timeout, limit);
}

CommandOutput RunProgram(const ProgramCall& call, std::chrono::milliseconds timeout, std::size_t limit) {
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) return NotStarted(errno);
  const FileDescriptor reads(pipe[0]);
  FileDescriptor writes(pipe[1]);
  std::vector<FileDescriptor> texts;
  texts.push_back(TextFile(call.input));
  for (const std::string& file : call.files) texts.push_back(TextFile(file));
  for (const FileDescriptor& text : texts) {
    if (!text.good()) return NotStarted(errno);
  }
  Launch launch;
  launch.Give(writes.get(), 1);
  launch.Give(texts[0].get(), 0);
  for (std::size_t i = 1; i < texts.size(); ++i) launch.Give(texts[i].get(), static_cast<int>(i) + 2);
  if (!call.asks) launch.Open(2, "/dev/null", O_WRONLY);
  // Who asks must stay in the foreground of its terminal.
  if (!call.asks) launch.InAGroupOfItsOwn();
  std::vector<std::string> environment = call.environment;
  const char* const path = std::getenv("PATH");
  environment.push_back(std::string("PATH=") + (path == nullptr ? "/usr/bin:/bin" : path));
  pid_t child = -1;
  if (const int error = launch.Start(call.arguments, call.asks ? nullptr : &environment, &child); error != 0) {
    return NotStarted(error);
  }
  writes = FileDescriptor();
  return Follow(child, reads, !call.asks, timeout, limit);
}

}  // namespace weir::gateway
