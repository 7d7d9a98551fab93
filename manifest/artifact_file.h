#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir::manifest {

// One artifact's bytes, with zeros behind them as simdjson needs.
class ArtifactFile {
 public:
  static constexpr std::size_t kPadding = 64;
  static constexpr std::size_t kMaxBytes = std::size_t{512} << 20;

  // nullopt: no such file. Throws ArtifactError: W-ART-001 when it cannot be read, W-ART-004 above kMaxBytes.
  static std::optional<ArtifactFile> Read(const std::string& path);
  // For tests: `path` is only named in messages.
  static ArtifactFile FromText(std::string path, std::string_view text);

  const std::string& path() const { return path_; }
  std::string_view text() const { return {bytes_.get(), size_}; }
  std::string Digest() const;  // SHA-256, hexadecimal

 private:
  ArtifactFile(std::string path, std::size_t size);

  std::string path_;
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace weir::manifest
