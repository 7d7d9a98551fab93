#include "manifest/artifact_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "audit/digest.h"
#include "manifest/artifacts.h"
#include "manifest/large_pages.h"

namespace weir::manifest {
namespace {

class Descriptor {
 public:
  explicit Descriptor(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

[[noreturn]] void ThrowUnreadable(const std::string& path, int error_number) {
  throw ArtifactError("W-ART-001", path + ": cannot be read: " + std::strerror(error_number));
}

}  // namespace

ArtifactFile::ArtifactFile(std::string path, std::size_t size)
    : path_(std::move(path)), bytes_(std::make_unique_for_overwrite<char[]>(size + kPadding)), size_(size) {
  AskForLargePages(bytes_.get(), size + kPadding);
  std::memset(bytes_.get() + size, 0, kPadding);
}

ArtifactFile ArtifactFile::FromText(std::string path, std::string_view text) {
  ArtifactFile file(std::move(path), text.size());
  if (!text.empty()) std::memcpy(file.bytes_.get(), text.data(), text.size());
  return file;
}

std::optional<ArtifactFile> ArtifactFile::Read(const std::string& path) {
  const Descriptor descriptor(path);
  if (descriptor.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    ThrowUnreadable(path, errno);
  }
  struct stat status = {};
  if (::fstat(descriptor.get(), &status) != 0) ThrowUnreadable(path, errno);
  if (!S_ISREG(status.st_mode)) throw ArtifactError("W-ART-001", path + ": cannot be read: it is not a file");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > kMaxBytes) {
    throw ArtifactError("W-ART-004", path + ": " + std::to_string(size) +
                                         " bytes are more than weir reads (" + std::to_string(kMaxBytes) +
                                         ")");
  }
  ArtifactFile file(path, size);
  std::size_t done = 0;
  while (done < size) {
    const ::ssize_t count = ::read(descriptor.get(), file.bytes_.get() + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) ThrowUnreadable(path, errno);
    if (count == 0) break;  // it shrank meanwhile: what is there is judged as it is
    done += static_cast<std::size_t>(count);
  }
  std::memset(file.bytes_.get() + done, 0, size - done);
  file.size_ = done;
  return file;
}

std::string ArtifactFile::Digest() const { return audit::Hex(audit::Sha256(text())); }

}  // namespace weir::manifest
