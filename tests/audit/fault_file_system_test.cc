#include "tests/audit/fault_file_system.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

namespace weir::audit {

class FaultFile final : public File {
 public:
  FaultFile(FaultFileSystem* files, std::string path, std::shared_ptr<FaultFileSystem::Inode> inode)
      : files_(files), path_(std::move(path)), inode_(std::move(inode)), expected_(inode_->bytes.size()) {}

  void Append(std::string_view bytes) override {
    const bool fails = files_->Step();
    inode_->bytes += fails ? bytes.substr(0, bytes.size() / 2) : bytes;
    inode_->synced = false;
    expected_ = inode_->bytes.size();
    if (fails) files_->FailNow("write", path_);
  }
  std::string Read(std::uint64_t offset, std::size_t size) override {
    return offset >= inode_->bytes.size() ? "" : inode_->bytes.substr(static_cast<std::size_t>(offset), size);
  }
  void Sync() override { files_->SyncInode(inode_.get(), path_); }
  std::uint64_t Size() override { return inode_->bytes.size(); }
  void Truncate(std::uint64_t size) override {
    if (files_->Step()) files_->FailNow("truncate", path_);
    inode_->bytes.resize(static_cast<std::size_t>(size));
    inode_->synced = false;
    expected_ = size;
  }
  bool IsLive() override { return files_->Find(path_) == inode_ && inode_->bytes.size() == expected_; }

 private:
  FaultFileSystem* files_;
  std::string path_;
  std::shared_ptr<FaultFileSystem::Inode> inode_;
  std::uint64_t expected_;
};

class FaultLock final : public FileLock {
 public:
  FaultLock(FaultFileSystem* files, std::string path) : files_(files), path_(std::move(path)) {
    files_->locked_.insert(path_);
  }
  ~FaultLock() override { files_->locked_.erase(path_); }

 private:
  FaultFileSystem* files_;
  std::string path_;
};

bool FaultFileSystem::Step() {
  if (stopped_) throw FileError("reach", "the disk", EIO);
  return ++operations_ == fail_at;
}

void FaultFileSystem::FailNow(std::string_view operation, const std::string& path) {
  stopped_ = fail_error == 0;
  throw FileError(operation, path, stopped_ ? EIO : fail_error);
}

std::shared_ptr<FaultFileSystem::Inode> FaultFileSystem::Find(const std::string& path) const {
  const auto found = names_.find(path);
  return found == names_.end() ? nullptr : found->second;
}

void FaultFileSystem::SyncInode(Inode* inode, const std::string& path) {
  if (Step()) {
    if (random_() % 2 == 0) Decay(inode);  // some of it may have reached the disk
    FailNow("sync", path);
  }
  inode->durable = inode->bytes;
  inode->synced = true;
}

std::unique_ptr<File> FaultFileSystem::Open(const std::string& path, OpenMode mode) {
  auto inode = Find(path);
  if (mode == OpenMode::kRead && inode == nullptr) throw FileError("open", path, ENOENT);
  if (mode == OpenMode::kCreate && inode != nullptr) throw FileError("open", path, EEXIST);
  if (inode == nullptr) {
    if (Step()) FailNow("open", path);
    inode = names_[path] = std::make_shared<Inode>();
  }
  return std::make_unique<FaultFile>(this, path, inode);
}

std::optional<std::string> FaultFileSystem::ReadAll(const std::string& path, std::uint64_t) {
  const auto inode = Find(path);
  if (inode == nullptr) return std::nullopt;
  return inode->bytes;
}

void FaultFileSystem::Write(const std::string& path, std::string_view bytes) {
  const bool fails = Step();
  auto& inode = names_[path];
  if (inode == nullptr) inode = std::make_shared<Inode>();
  inode->bytes = fails ? bytes.substr(0, bytes.size() / 2) : bytes;
  inode->synced = false;
  if (fails) FailNow("write", path);
}

void FaultFileSystem::WriteAtomically(const std::string& path, std::string_view bytes) {
  Write(path + ".tmp", bytes);
  SyncInode(Find(path + ".tmp").get(), path + ".tmp");
  Rename(path + ".tmp", path);
}

void FaultFileSystem::SyncFiles(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    SyncInode(Find(path).get(), path);
    durable_names_[path] = Find(path);
  }
}

void FaultFileSystem::SyncFolder(const std::string& folder) {
  if (Step()) FailNow("sync", folder);
  const auto inside = [&](const std::string& path) {
    return path.starts_with(folder + "/") && path.find('/', folder.size() + 1) == std::string::npos;
  };
  std::erase_if(durable_names_, [&](const auto& item) { return inside(item.first); });
  for (const auto& [path, inode] : names_) {
    if (inside(path)) durable_names_[path] = inode;
  }
}

std::unique_ptr<FileLock> FaultFileSystem::Lock(const std::string& path) {
  if (locked_.contains(path)) return nullptr;
  return std::make_unique<FaultLock>(this, path);
}

void FaultFileSystem::Rename(const std::string& from, const std::string& to) {
  if (Step()) FailNow("rename", from);
  names_[to] = names_.at(from);
  names_.erase(from);
  SyncFolder(to.substr(0, to.rfind('/')));
}

void FaultFileSystem::Remove(const std::string& path) {
  if (Step()) FailNow("remove", path);
  names_.erase(path);
}

std::vector<std::string> FaultFileSystem::List(const std::string& folder) {
  std::set<std::string> found;
  for (const auto& [path, inode] : names_) {
    if (!path.starts_with(folder + "/")) continue;
    found.insert(path.substr(folder.size() + 1, path.find('/', folder.size() + 1) - folder.size() - 1));
  }
  return {found.begin(), found.end()};
}

bool FaultFileSystem::Exists(const std::string& path) {
  return names_.contains(path) || folders_.contains(path) || !List(path).empty();
}

// What a power loss leaves of a file: its durable bytes, and of the difference to its newest bytes any pieces.
void FaultFileSystem::Decay(Inode* inode) {
  if (inode->synced) return;
  constexpr std::size_t kPiece = 512;
  std::string result = inode->durable;
  const std::size_t longest = std::max(inode->bytes.size(), inode->durable.size());
  const std::size_t shortest = std::min(inode->bytes.size(), inode->durable.size());
  result.resize(shortest + (longest == shortest ? 0 : random_() % (longest - shortest + 1)), '\0');
  for (std::size_t at = 0; at < std::min(result.size(), inode->bytes.size()); at += kPiece) {
    const std::size_t size = std::min(kPiece, std::min(result.size(), inode->bytes.size()) - at);
    if (random_() % 2 == 0) result.replace(at, size, inode->bytes, at, size);
  }
  inode->durable = result;
}

void FaultFileSystem::Crash() {
  stopped_ = false;
  fail_at = 0;
  locked_.clear();
  Names after;
  std::set<std::string> paths;
  for (const auto& [path, inode] : names_) paths.insert(path);
  for (const auto& [path, inode] : durable_names_) paths.insert(path);
  for (const std::string& path : paths) {
    const auto live = names_.find(path);
    const auto durable = durable_names_.find(path);
    const bool take_live = random_() % 2 == 0;
    const auto& from = take_live ? names_ : durable_names_;
    const auto& item = take_live ? live : durable;
    if (item != from.end()) after[path] = item->second;
  }
  std::set<Inode*> decayed;
  for (auto& [path, inode] : after) {
    if (!decayed.insert(inode.get()).second) continue;
    Decay(inode.get());
    inode->bytes = inode->durable;
    inode->synced = true;
  }
  names_ = after;
  durable_names_ = after;
}

namespace {

TEST(FaultFileSystem, ForgetsWhatWasNotSyncedAndKeepsWhatWas) {
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    FaultFileSystem files(seed);
    auto file = files.Open("/d/f", OpenMode::kCreate);
    file->Append("durable");
    file->Sync();
    files.SyncFolder("/d");
    file->Append("lost");
    files.WriteAtomically("/d/a", "old");
    files.Write("/d/b", "unsynced");
    files.Crash();
    const std::string kept = *files.ReadAll("/d/f", 100);
    EXPECT_TRUE(kept.starts_with("durable"));
    EXPECT_EQ(files.ReadAll("/d/a", 100), "old");
    lost += kept != "durablelost" || !files.Exists("/d/b");
  }
  EXPECT_GT(lost, 50);
}

TEST(FaultFileSystem, FailsAtTheNthOperation) {
  FaultFileSystem files(1);
  files.fail_at = 2;
  files.fail_error = ENOSPC;
  auto file = files.Open("/f", OpenMode::kCreate);
  try {
    file->Append("abcd");
    ADD_FAILURE();
  } catch (const FileError& error) {
    EXPECT_EQ(error.error_number(), ENOSPC);
    EXPECT_STREQ(error.what(), "cannot write `/f`: No space left on device");
  }
  EXPECT_EQ(files.ReadAll("/f", 100), "ab");
}

}  // namespace
}  // namespace weir::audit
