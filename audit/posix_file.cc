#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "audit/file.h"

namespace weir::audit {
namespace {

// Above this many files one syncfs costs less than a sync of each.
constexpr std::size_t kSyncEachLimit = 32;

[[noreturn]] void Fail(std::string_view operation, const std::string& path) { throw FileError(operation, path, errno); }

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  int get() const { return fd_; }
  bool good() const { return fd_ >= 0; }

 private:
  int fd_;
};

Descriptor OpenFd(const std::string& path, int flags) {
  for (;;) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    if (fd >= 0 || errno != EINTR) return Descriptor(fd);
  }
}

void WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      Fail("write", path);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void SyncData(int fd, const std::string& path) {
  if (::fdatasync(fd) != 0) Fail("sync", path);
}

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

class PosixFile final : public File {
 public:
  PosixFile(std::string path, Descriptor fd) : path_(std::move(path)), fd_(std::move(fd)) { expected_size_ = Size(); }

  void Append(std::string_view bytes) override {
    WriteAll(fd_.get(), bytes, path_);
    expected_size_ += bytes.size();
  }

  std::string Read(std::uint64_t offset, std::size_t size) override {
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < size) {
      const ssize_t got = ::pread(fd_.get(), bytes.data() + have, size - have, static_cast<off_t>(offset + have));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) Fail("read", path_);
      if (got == 0) break;
      have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
  }

  void Sync() override { SyncData(fd_.get(), path_); }

  std::uint64_t Size() override {
    struct stat status {};
    if (::fstat(fd_.get(), &status) != 0) Fail("stat", path_);
    return static_cast<std::uint64_t>(status.st_size);
  }

  void Truncate(std::uint64_t size) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) Fail("truncate", path_);
    expected_size_ = size;
  }

  bool IsLive() override {
    struct stat named {};
    struct stat open {};
    if (::stat(path_.c_str(), &named) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return false;
      Fail("stat", path_);
    }
    if (::fstat(fd_.get(), &open) != 0) Fail("stat", path_);
    return named.st_dev == open.st_dev && named.st_ino == open.st_ino &&
           static_cast<std::uint64_t>(open.st_size) == expected_size_;
  }

 private:
  std::string path_;
  Descriptor fd_;
  std::uint64_t expected_size_ = 0;
};

class PosixLock final : public FileLock {
 public:
  explicit PosixLock(Descriptor fd) : fd_(std::move(fd)) {}

 private:
  Descriptor fd_;  // closing it releases the lock
};

struct flock WholeFile(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

class PosixFileSystem final : public FileSystem {
 public:
  std::unique_ptr<File> Open(const std::string& path, OpenMode mode) override {
    int flags = O_RDONLY;
    if (mode == OpenMode::kAppend) flags = O_RDWR | O_APPEND | O_CREAT;
    if (mode == OpenMode::kCreate) flags = O_RDWR | O_APPEND | O_CREAT | O_EXCL;
    Descriptor fd = OpenFd(path, flags);
    if (!fd.good()) Fail("open", path);
    return std::make_unique<PosixFile>(path, std::move(fd));
  }

  std::optional<std::string> ReadAll(const std::string& path, std::uint64_t limit) override {
    Descriptor fd = OpenFd(path, O_RDONLY);
    if (!fd.good() && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
    if (!fd.good()) Fail("open", path);
    PosixFile file(path, std::move(fd));
    const std::uint64_t size = file.Size();
    if (size > limit) throw FileError("read", path, EFBIG);
    return file.Read(0, static_cast<std::size_t>(size));
  }

  void WriteAtomically(const std::string& path, std::string_view bytes) override {
    const std::string temporary = path + ".tmp";
    // What was not renamed is not left behind: on a full disk it would keep it full.
    struct Leftover {
      const std::string& path;
      ~Leftover() { ::unlink(path.c_str()); }
    } leftover{temporary};
    {
      Descriptor fd = OpenFd(temporary, O_WRONLY | O_CREAT | O_TRUNC);
      if (!fd.good()) Fail("open", temporary);
      WriteAll(fd.get(), bytes, temporary);
      SyncData(fd.get(), temporary);
    }
    Rename(temporary, path);
  }

  void Write(const std::string& path, std::string_view bytes) override {
    Descriptor fd = OpenFd(path, O_WRONLY | O_CREAT | O_TRUNC);
    if (!fd.good()) Fail("open", path);
    WriteAll(fd.get(), bytes, path);
  }

  void SyncFiles(const std::vector<std::string>& paths) override {
    if (paths.empty()) return;
    if (paths.size() > kSyncEachLimit) {
      // Since Linux 5.8 syncfs reports write-back errors that this descriptor has not seen; opened first, so that an
      // error between the write and this call cannot pass unseen by both.
      Descriptor fd = OpenFd(paths.front(), O_RDONLY);
      if (!fd.good()) Fail("open", paths.front());
      if (::syncfs(fd.get()) != 0) Fail("sync the file system of", paths.front());
      return;
    }
    std::vector<std::string> folders;
    for (const std::string& path : paths) {
      Descriptor fd = OpenFd(path, O_RDONLY);
      if (!fd.good()) Fail("open", path);
      SyncData(fd.get(), path);
      folders.push_back(FolderOf(path));
    }
    std::sort(folders.begin(), folders.end());
    folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
    for (const std::string& folder : folders) SyncFolder(folder);
  }

  void DropFromMemory(const std::string& path) override {
    const Descriptor fd = OpenFd(path, O_RDONLY);
    if (fd.good()) ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
  }

  void SyncFolder(const std::string& folder) override {
    Descriptor fd = OpenFd(folder, O_RDONLY | O_DIRECTORY);
    if (!fd.good()) Fail("open", folder);
    if (::fsync(fd.get()) != 0) Fail("sync", folder);
  }

  std::unique_ptr<FileLock> Lock(const std::string& path) override {
    Descriptor fd = OpenFd(path, O_RDWR | O_CREAT);
    if (!fd.good()) Fail("open", path);
    // Of the open file, not of the process: two logs in one process exclude each other as well.
    struct flock lock = WholeFile(F_WRLCK);
    if (::fcntl(fd.get(), F_OFD_SETLK, &lock) != 0) {
      if (errno == EAGAIN || errno == EACCES) return nullptr;
      Fail("lock", path);
    }
    return std::make_unique<PosixLock>(std::move(fd));
  }

  bool IsLocked(const std::string& path) override {
    Descriptor fd = OpenFd(path, O_RDONLY);
    if (!fd.good() && errno == ENOENT) return false;
    if (!fd.good()) Fail("open", path);
    struct flock lock = WholeFile(F_WRLCK);
    if (::fcntl(fd.get(), F_OFD_GETLK, &lock) != 0) Fail("read the lock of", path);
    return lock.l_type != F_UNLCK;
  }

  void Rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) Fail("rename", from);
    SyncFolder(FolderOf(to));
  }

  void Remove(const std::string& path) override {
    if (::remove(path.c_str()) != 0 && errno != ENOENT) Fail("remove", path);
  }

  void MakeFolders(const std::string& path) override {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) {
      if (!S_ISDIR(status.st_mode)) throw FileError("make the folder", path, ENOTDIR);
      return;
    }
    const std::string above = FolderOf(path);
    if (above != path) MakeFolders(above);
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) Fail("make the folder", path);
    SyncFolder(above);
  }

  std::vector<std::string> List(const std::string& folder) override {
    std::vector<std::string> names;
    DIR* stream = ::opendir(folder.c_str());
    if (stream == nullptr && errno == ENOENT) return names;
    if (stream == nullptr) Fail("list", folder);
    while (const dirent* item = ::readdir(stream)) {
      const std::string name = item->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    ::closedir(stream);
    std::sort(names.begin(), names.end());
    return names;
  }

  bool Exists(const std::string& path) override {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    Fail("stat", path);
  }
};

}  // namespace

FileError::FileError(std::string_view operation, const std::string& path, int error_number)
    : std::runtime_error("cannot " + std::string(operation) + " `" + path +
                         "`: " + std::generic_category().message(error_number)),
      error_number_(error_number) {}

FileSystem& RealFileSystem() {
  static PosixFileSystem files;
  return files;
}

}  // namespace weir::audit
