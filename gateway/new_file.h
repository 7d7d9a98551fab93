#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/file_descriptor.h"

namespace weir::gateway {

// A file being written under a temporary name (mode 0600; one left by a crash is replaced). Buffered; nothing is
// durable before Sync returns. Not thread-safe. Every function throws audit::FileError, and the file is then of no use.
class NewFile {
 public:
  explicit NewFile(std::string path);
  void Append(std::string_view bytes);
  void WriteAt(std::uint64_t offset, std::string_view bytes);  // what was appended is written before
  void Sync();                                                 // fdatasync of everything
  std::uint64_t size() const { return size_; }
  const std::string& path() const { return path_; }

 private:
  void Flush();

  std::string path_;
  FileDescriptor file_;
  std::string buffer_;
  std::uint64_t size_ = 0;        // with what is in the buffer
  std::uint64_t on_its_way_ = 0;  // bytes that the disk was told to write
};

// Tells the disk about names created, renamed and removed in it. Throws audit::FileError.
void SyncFolder(const std::string& folder);

}  // namespace weir::gateway
