#include "gateway/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "audit/file.h"
#include "gateway/fault_point.h"

namespace weir::gateway {
namespace {

constexpr std::size_t kBufferBytes = 256u << 10;
constexpr std::uint64_t kWritebackBytes = 4u << 20;

void WriteWhole(int file, const std::string& path, std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    FaultPoint("write");
    const ssize_t done = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) throw audit::FileError("write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(done));
    offset += static_cast<std::uint64_t>(done);
  }
}

}  // namespace

NewFile::NewFile(std::string path) : path_(std::move(path)) {
  FaultPoint("create");
  if (::unlink(path_.c_str()) != 0 && errno != ENOENT) throw audit::FileError("remove", path_, errno);
  file_ = FileDescriptor(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file_.good()) throw audit::FileError("create", path_, errno);
}

void NewFile::Append(std::string_view bytes) {
  buffer_.append(bytes);
  size_ += bytes.size();
  if (buffer_.size() >= kBufferBytes) Flush();
}

void NewFile::Flush() {
  WriteWhole(file_.get(), path_, size_ - buffer_.size(), buffer_);
  buffer_.clear();
  if (size_ - on_its_way_ < kWritebackBytes) return;
  // The disk begins now, and Sync waits for the rest only. A hint: what fails here fails there.
  ::sync_file_range(file_.get(), static_cast<off64_t>(on_its_way_), static_cast<off64_t>(size_ - on_its_way_),
                    SYNC_FILE_RANGE_WRITE);
  on_its_way_ = size_;
}

void NewFile::WriteAt(std::uint64_t offset, std::string_view bytes) {
  Flush();
  WriteWhole(file_.get(), path_, offset, bytes);
}

void NewFile::Sync() {
  Flush();
  FaultPoint("sync");
  if (::fdatasync(file_.get()) != 0) throw audit::FileError("sync", path_, errno);
}

void SyncFolder(const std::string& folder) {
  FaultPoint("sync folder");
  const FileDescriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.good() || ::fsync(opened.get()) != 0) throw audit::FileError("sync", folder, errno);
}

}  // namespace weir::gateway
