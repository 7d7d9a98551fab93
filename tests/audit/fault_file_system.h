#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "audit/file.h"

namespace weir::audit {

// A disk in memory that fails and forgets. Every operation that changes it is counted; at operation `fail_at` it either
// reports an error once (fail_error != 0; of a write, half is done), or the machine stops: that operation is done by
// half, and it and all later ones throw until Crash().
//
// Crash() loses what was not synced, by seed: of each file's unsynced bytes some 512-byte pieces reach the disk, some
// are zeroes, the size is anything between; each unsynced name in a folder is there or not.
class FaultFileSystem final : public FileSystem {
 public:
  explicit FaultFileSystem(std::uint64_t seed) : random_(seed) {}

  std::uint64_t fail_at = 0;  // 0: never
  int fail_error = 0;
  std::uint64_t operations() const { return operations_; }
  void Crash();

  std::unique_ptr<File> Open(const std::string& path, OpenMode mode) override;
  std::optional<std::string> ReadAll(const std::string& path, std::uint64_t limit) override;
  void DropFromMemory(const std::string&) override {}
  void WriteAtomically(const std::string& path, std::string_view bytes) override;
  void Write(const std::string& path, std::string_view bytes) override;
  void SyncFiles(const std::vector<std::string>& paths) override;
  void SyncFolder(const std::string& folder) override;
  std::unique_ptr<FileLock> Lock(const std::string& path) override;
  bool IsLocked(const std::string& path) override { return locked_.contains(path); }
  void Rename(const std::string& from, const std::string& to) override;
  void Remove(const std::string& path) override;
  void MakeFolders(const std::string& path) override { folders_.insert(path); }
  std::vector<std::string> List(const std::string& folder) override;
  bool Exists(const std::string& path) override;

 private:
  friend class FaultFile;
  friend class FaultLock;
  struct Inode {
    std::string bytes;    // as a running program sees it
    std::string durable;  // as it was at the last sync
    bool synced = true;   // bytes == durable
  };
  using Names = std::map<std::string, std::shared_ptr<Inode>>;  // an inode lives as long as a name or an open file

  // Counts; true: this operation must fail after half of it is done.
  bool Step();
  [[noreturn]] void FailNow(std::string_view operation, const std::string& path);
  void SyncInode(Inode* inode, const std::string& path);
  std::shared_ptr<Inode> Find(const std::string& path) const;
  void Decay(Inode* inode);

  std::mt19937_64 random_;
  std::uint64_t operations_ = 0;
  bool stopped_ = false;
  Names names_;
  Names durable_names_;
  std::set<std::string> folders_;
  std::set<std::string> locked_;
};

}  // namespace weir::audit
