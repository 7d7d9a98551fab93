#include "manifest/locked_duckdb.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "manifest/duckdb_api.h"
#include "manifest/query_answer.h"

namespace weir::manifest {
namespace {

using Clock = std::chrono::steady_clock;
using Answer = LockedDuckdb::Answer;

std::string FindProgram(const std::string& configured) {
  namespace fs = std::filesystem;
  if (!configured.empty()) return configured;
  std::error_code ignored;
  const fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const fs::path& place : {folder / "weir-duckdb", folder / "../weir-duckdb"}) {
    if (place.is_absolute() && fs::exists(place, ignored)) return place.lexically_normal().string();
  }
  return {};
}

// Runs between fork and exec, where only system calls are safe.
[[noreturn]] void BecomeProgram(int in, int out, const char* program, char* const* arguments) {
  const int null = ::open("/dev/null", O_WRONLY);
  if (null < 0 || ::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(null, 2) < 0) ::_exit(127);
  // Everything else is closed: connections, key files, locks.
  if (::syscall(SYS_close_range, 3U, ~0U, 0U) != 0) {
    for (int descriptor = 3; descriptor < 65'536; ++descriptor) ::close(descriptor);
  }
  char* const nothing[] = {nullptr};
  ::execve(program, arguments, nothing);
  ::_exit(127);
}

}  // namespace

class LockedDuckdb::Process {
 public:
  Process(const std::string& program, const std::string& library, const std::string& folder) {
    int to[2] = {-1, -1}, from[2] = {-1, -1};
    if (::pipe2(to, O_CLOEXEC) != 0) return;
    if (::pipe2(from, O_CLOEXEC) != 0) {
      ::close(to[0]);
      ::close(to[1]);
      return;
    }
    std::string name = "weir-duckdb", first = library, second = folder;
    char* const arguments[] = {name.data(), first.data(), second.data(), nullptr};
    child_ = ::fork();
    if (child_ == 0) BecomeProgram(to[0], from[1], program.c_str(), arguments);
    ::close(to[0]);
    ::close(from[1]);
    to_ = to[1];
    from_ = from[0];
    ::fcntl(to_, F_SETFL, O_NONBLOCK);
  }
  ~Process() {
    if (to_ >= 0) ::close(to_);
    if (from_ >= 0) ::close(from_);
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool started() const { return child_ > 0; }

  // Until when the next functions wait.
  void SetDeadline(Clock::time_point deadline) { deadline_ = deadline; }
  bool timed_out() const { return timed_out_; }

  // A process that is gone is a failed write; SIGPIPE is ignored or blocked around it.
  bool Send(std::string_view bytes) {
    sigset_t pipe_signal, before;
    ::sigemptyset(&pipe_signal);
    ::sigaddset(&pipe_signal, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    bool sent = true;
    while (sent && !bytes.empty()) {
      const ssize_t count = ::write(to_, bytes.data(), bytes.size());
      if (count >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(count));
      } else if (errno == EPIPE) {
        const timespec none = {0, 0};
        ::sigtimedwait(&pipe_signal, nullptr, &none);
        sent = false;
      } else {
        sent = errno == EINTR || (errno == EAGAIN && WaitFor(to_, POLLOUT));
      }
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return sent;
  }

  bool Receive(void* bytes, std::size_t size) {
    char* out = static_cast<char*>(bytes);
    while (size > 0) {
      if (next_ < held_) {
        const std::size_t count = std::min(size, held_ - next_);
        std::memcpy(out, buffer_.data() + next_, count);
        next_ += count, out += count, size -= count;
        continue;
      }
      if (!WaitFor(from_, POLLIN)) return false;
      const ssize_t count = ::read(from_, buffer_.data(), buffer_.size());
      if (count == 0) return false;
      if (count < 0 && errno != EINTR) return false;
      next_ = 0;
      held_ = count < 0 ? 0 : static_cast<std::size_t>(count);
    }
    return true;
  }

 private:
  bool WaitFor(int descriptor, short events) {
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
      timed_out_ = left <= 0;
      if (timed_out_) return false;
      pollfd wanted = {descriptor, events, 0};
      const int ready = ::poll(&wanted, 1, static_cast<int>(left));
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return false;
    }
  }

  pid_t child_ = -1;
  int to_ = -1, from_ = -1;
  Clock::time_point deadline_;
  bool timed_out_ = false;
  std::array<char, 65'536> buffer_;
  std::size_t next_ = 0, held_ = 0;
};

LockedDuckdb::LockedDuckdb(Options options) : options_(std::move(options)) {}
LockedDuckdb::~LockedDuckdb() = default;

Answer LockedDuckdb::Query(const std::string& sql) {
  Answer answer;
  if (sql.size() > kMaxQueryBytes) {
    answer.status = Answer::Status::kRefused;
    answer.problem = "the statement is larger than 4 MiB";
    return answer;
  }
  const auto receive = [this, &answer] {
    return ReceiveAnswer([this](void* bytes, std::size_t size) { return process_->Receive(bytes, size); }, &answer);
  };
  const auto fail = [&](const char* otherwise) {
    answer = Answer{};
    answer.status = Answer::Status::kDied;
    answer.problem = process_->timed_out() ? "reading took longer than " + std::to_string(options_.timeout.count()) + " ms"
                                           : std::string(otherwise);
    process_.reset();
    return answer;
  };
  if (process_ == nullptr) {
    if (unavailable_.empty()) {
      if (starts_ >= kMaxStarts) unavailable_ = "the process that reads it died too often";
      const std::string program = FindProgram(options_.program);
      if (program.empty()) unavailable_ = "the program `weir-duckdb` is not beside this one";
      const std::string library = unavailable_.empty() ? FindDuckdb(options_.library, &unavailable_) : std::string();
      if (unavailable_.empty()) {
        ++starts_;
        process_ = std::make_unique<Process>(program, library, options_.folder);
        process_->SetDeadline(Clock::now() + options_.timeout);
        if (!process_->started() || !receive()) {
          return fail("`weir-duckdb` did not start");
        }
        if (answer.status != Answer::Status::kRows) unavailable_ = answer.problem;
      }
    }
    if (!unavailable_.empty()) {
      process_.reset();
      answer.status = Answer::Status::kUnavailable;
      answer.problem = unavailable_;
      return answer;
    }
  }
  answer = Answer{};
  process_->SetDeadline(Clock::now() + options_.timeout);
  const std::uint32_t length = static_cast<std::uint32_t>(sql.size());
  std::string frame(reinterpret_cast<const char*>(&length), 4);
  frame += sql;
  if (!process_->Send(frame) || !receive()) {
    return fail("the process that reads it crashed, or ran out of memory");
  }
  return answer;
}

std::optional<std::string> SqlLiteral(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  std::string out = "'";
  for (const char c : text) {
    out += c;
    if (c == '\'') out += c;
  }
  return out + "'";
}

}  // namespace weir::manifest
