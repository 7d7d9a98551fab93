#include "gateway/sealed_scratch.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "audit/file.h"
#include "audit/secret.h"

namespace weir::gateway {
namespace {

// A piece opens at its own place only.
std::string Place(std::uint64_t number) { return "scratch " + std::to_string(number); }

}  // namespace

SealedScratch::SealedScratch(std::string folder)
    : folder_(std::move(folder)), sealer_(audit::SecretKey::Random()) {}

void SealedScratch::OpenFile() {
  audit::RealFileSystem().MakeFolders(folder_);
  file_ = FileDescriptor(::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file_.good()) return;
  // Not every file system knows unnamed files.
  std::string path = folder_ + "/.scratch-XXXXXX";
  file_ = FileDescriptor(::mkostemp(path.data(), O_CLOEXEC));
  if (!file_.good()) throw audit::FileError("create a temporary file in", folder_, errno);
  if (::unlink(path.c_str()) != 0) throw audit::FileError("remove", path, errno);
}

std::size_t SealedScratch::Append(std::string_view plain) {
  if (!file_.good()) OpenFile();
  sealed_.clear();
  sealer_.Seal(plain, Place(extents_.size()), &sealed_);
  std::size_t done = 0;
  while (done < sealed_.size()) {
    const ssize_t wrote =
        ::pwrite(file_.get(), sealed_.data() + done, sealed_.size() - done, static_cast<off_t>(end_ + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) throw audit::FileError("write a temporary file in", folder_, errno);
    done += static_cast<std::size_t>(wrote);
  }
  extents_.push_back({end_, sealed_.size()});
  end_ += sealed_.size();
  return extents_.size() - 1;
}

void SealedScratch::Read(std::size_t number, std::string* plain) {
  const Extent extent = extents_.at(number);
  sealed_.resize(extent.size);
  std::size_t done = 0;
  while (done < sealed_.size()) {
    const ssize_t got =
        ::pread(file_.get(), sealed_.data() + done, sealed_.size() - done, static_cast<off_t>(extent.offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw audit::FileError("read a temporary file in", folder_, errno);
    if (got == 0) throw audit::FileError("read a temporary file in", folder_, EIO);
    done += static_cast<std::size_t>(got);
  }
  plain->clear();
  sealer_.Open(sealed_, Place(number), plain);
}

void SealedScratch::GiveBack(std::size_t number) {
  const Extent extent = extents_.at(number);
  // Not every file system can; the space is then free when the file is.
  [[maybe_unused]] const int done =
      ::fallocate(file_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(extent.offset),
                  static_cast<off_t>(extent.size));
}

}  // namespace weir::gateway
