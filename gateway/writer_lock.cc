#include "gateway/writer_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "audit/file.h"
#include "gateway/sync_state.h"

namespace weir::gateway {
namespace {

constexpr std::size_t kNumberWidth = 19;

// " (process 4711)", or nothing when the file does not tell.
std::string Holder(int file) {
  char digits[kNumberWidth];
  const ssize_t got = ::pread(file, digits, sizeof digits, 0);
  std::string number;
  for (ssize_t i = 0; i < got && digits[i] >= '0' && digits[i] <= '9'; ++i) number.push_back(digits[i]);
  return number.empty() ? std::string() : " (process " + number + ")";
}

}  // namespace

WriterLock::WriterLock(const std::string& folder) {
  const std::string path = folder + "/lock";
  file_ = FileDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file_.good()) throw audit::FileError("open", path, errno);
  while (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) throw audit::FileError("lock", path, errno);
    throw StateBusyError("W-STATE-002", "the state in `" + folder + "` is in use by another run of this sync" +
                                            Holder(file_.get()) + "; wait until it ends");
  }
  // Of one width, so that it covers the one before. Only a message depends on it, so a full disk does not matter here.
  std::string number = std::to_string(::getpid());
  number.resize(kNumberWidth, ' ');
  number.push_back('\n');
  [[maybe_unused]] const ssize_t written = ::pwrite(file_.get(), number.data(), number.size(), 0);
}

}  // namespace weir::gateway
