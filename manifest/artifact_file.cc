#include "manifest/artifact_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "manifest/artifacts.h"

namespace weir::manifest {
namespace {

std::int64_t Nanoseconds(const timespec& time) { return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec; }

[[noreturn]] void ThrowUnreadable(const std::string& path, const std::string& why) {
  throw ArtifactError("W-ART-001", path + ": cannot be read: " + why);
}

}  // namespace

ArtifactFile::ArtifactFile(ArtifactFile&& other) noexcept
    : path_(std::move(other.path_)),
      text_(std::move(other.text_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(std::exchange(other.size_, 0)),
      written_(other.written_),
      changed_(other.changed_),
      window_bytes_(other.window_bytes_) {}

ArtifactFile::~ArtifactFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

ArtifactFile ArtifactFile::FromText(std::string path, std::string text) {
  ArtifactFile file(std::move(path));
  file.text_ = std::move(text);
  file.size_ = file.text_.size();
  return file;
}

std::optional<ArtifactFile> ArtifactFile::Open(const std::string& path) {
  ArtifactFile file(path);
  file.descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file.descriptor_ < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    ThrowUnreadable(path, std::strerror(errno));
  }
  struct stat status = {};
  if (::fstat(file.descriptor_, &status) != 0) ThrowUnreadable(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) ThrowUnreadable(path, "it is not a file");
  file.size_ = static_cast<std::size_t>(status.st_size);
  file.written_ = Nanoseconds(status.st_mtim);
  file.changed_ = Nanoseconds(status.st_ctim);
  if (file.size_ > kMaxBytes) {
    throw ArtifactError("W-ART-004", path + ": " + std::to_string(file.size_) + " bytes are more than weir reads (" +
                                         std::to_string(kMaxBytes) + ")");
  }
  return file;
}

bool ArtifactFile::HasChanged() const {
  struct stat status = {};
  if (descriptor_ < 0) return false;
  return ::fstat(descriptor_, &status) != 0 || static_cast<std::size_t>(status.st_size) != size_ ||
         Nanoseconds(status.st_mtim) != written_ || Nanoseconds(status.st_ctim) != changed_;
}

std::size_t ArtifactFile::Read(std::size_t offset, char* out, std::size_t size) const {
  size = offset < size_ ? std::min(size, size_ - offset) : 0;
  if (descriptor_ < 0) {
    text_.copy(out, size, std::min(offset, text_.size()));
    return size;
  }
  std::size_t done = 0;
  while (done < size) {
    const ::ssize_t count = ::pread(descriptor_, out + done, size - done, static_cast<::off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) ThrowUnreadable(path_, std::strerror(errno));
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

}  // namespace weir::manifest
