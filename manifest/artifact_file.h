#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace weir::manifest {

// Where an artifact's bytes come from: an open file, or a text in memory. Movable; to be read by one thread at a time.
class ArtifactFile {
 public:
  static constexpr std::size_t kMaxBytes = std::size_t{512} << 20;
  static constexpr std::size_t kWindowBytes = std::size_t{512} << 10;

  // nullopt: no such file. Throws ArtifactError: W-ART-001 when it cannot be read, W-ART-004 above kMaxBytes.
  static std::optional<ArtifactFile> Open(const std::string& path);
  // `path` is only named in messages.
  static ArtifactFile FromText(std::string path, std::string text);

  ArtifactFile(ArtifactFile&& other) noexcept;
  ArtifactFile& operator=(ArtifactFile&&) = delete;
  ~ArtifactFile();

  const std::string& path() const { return path_; }
  std::size_t size() const { return size_; }  // when it was opened; no more is read

  // Since it was opened: what was read of it may be partly of before and partly of after.
  bool HasChanged() const;

  // About so much of it is to be in memory at a time: what fits into a processor's cache until it has been read. Tests ask
  // for less.
  std::size_t window_bytes() const { return window_bytes_; }
  void set_window_bytes(std::size_t bytes) { window_bytes_ = bytes; }

  // Copies the bytes from `offset` on to `out`. Returns how many: fewer than `size` only where they end, be it that the file
  // has shrunk meanwhile. Throws ArtifactError W-ART-001.
  std::size_t Read(std::size_t offset, char* out, std::size_t size) const;

 private:
  explicit ArtifactFile(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::string text_;     // of a text in memory
  int descriptor_ = -1;  // of a file; owned
  std::size_t size_ = 0;
  std::int64_t written_ = 0, changed_ = 0;  // when, in nanoseconds since 1970
  std::size_t window_bytes_ = kWindowBytes;
};

}  // namespace weir::manifest
