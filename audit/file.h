#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace weir::audit {

// A file operation failed. what() names the operation, the path and the system's reason ("No space left on device").
class FileError : public std::runtime_error {
 public:
  FileError(std::string_view operation, const std::string& path, int error_number);
  int error_number() const { return error_number_; }

 private:
  int error_number_;
};

// One open file. Not thread-safe. Every function throws FileError; after a failed Sync the contents are unknown and
// the file must not be used again.
class File {
 public:
  virtual ~File() = default;
  virtual void Append(std::string_view bytes) = 0;                    // at the end, all of it
  virtual std::string Read(std::uint64_t offset, std::size_t size) = 0;  // shorter at the end of the file
  virtual void Sync() = 0;                                            // fdatasync
  virtual std::uint64_t Size() = 0;
  virtual void Truncate(std::uint64_t size) = 0;
  // False when the path no longer names this file, or its size is not what this object left it with: somebody deleted,
  // replaced, cut or extended it.
  virtual bool IsLive() = 0;
};

// Held until destruction.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

// kAppend: created if need be; kCreate: must not exist. Both mode 0600; the name is durable after SyncFolder.
enum class OpenMode { kRead, kAppend, kCreate };

// The disk, so that tests can have it fail, tear and forget. Thread-safe. Every function throws FileError.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual std::unique_ptr<File> Open(const std::string& path, OpenMode mode) = 0;
  virtual std::optional<std::string> ReadAll(const std::string& path, std::uint64_t limit) = 0;  // nullopt: not there
  // Temporary file beside it, sync, rename, sync of the folder: after a crash the old contents or the new, never less.
  virtual void WriteAtomically(const std::string& path, std::string_view bytes) = 0;
  // Creates the file or replaces its contents, mode 0600. Durable only after SyncFiles.
  virtual void Write(const std::string& path, std::string_view bytes) = 0;
  // On return these files, given to Write before, and their names in their folders are durable.
  virtual void SyncFiles(const std::vector<std::string>& paths) = 0;
  // A hint that nobody here reads this durable file again: its pages need not stay in memory. Never fails.
  virtual void DropFromMemory(const std::string& path) = 0;
  virtual void SyncFolder(const std::string& folder) = 0;  // the names in it
  // An exclusive lock on a file that is created if need be, released when the process ends however it ends. Null: held
  // by somebody else, in this process or another.
  virtual std::unique_ptr<FileLock> Lock(const std::string& path) = 0;
  virtual bool IsLocked(const std::string& path) = 0;  // false when the file is not there
  virtual void Rename(const std::string& from, const std::string& to) = 0;  // and sync of the folder
  virtual void Remove(const std::string& path) = 0;  // a file or an empty folder; no error when it is not there
  virtual void MakeFolders(const std::string& path) = 0;  // and those above; mode 0700; durable on return
  virtual std::vector<std::string> List(const std::string& folder) = 0;     // names, sorted; empty when not there
  virtual bool Exists(const std::string& path) = 0;
};

FileSystem& RealFileSystem();

}  // namespace weir::audit
