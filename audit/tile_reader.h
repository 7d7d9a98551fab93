#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/digest.h"
#include "audit/file.h"

namespace weir::audit {

// The public files of a log of `size` entries, as they are on disk: nothing is verified here. A partial file that is
// gone is taken from the full one, which begins with the same bytes. Not thread-safe. Throws FileError.
class TileReader {
 public:
  TileReader(FileSystem& files, std::string directory, std::uint64_t size);

  // The hashes that tile `index` of `level` has in a tree of this size; nullopt: missing, cut or malformed.
  std::optional<std::vector<Digest>> Tile(unsigned level, std::uint64_t index) const;
  // The entries that bundle `index` has in a tree of this size, as they stand in the bundle's bytes; nullopt as above.
  struct Bundle {
    std::string bytes;
    std::vector<std::string_view> entries;  // into bytes, on the heap
  };
  std::optional<Bundle> ReadBundle(std::uint64_t index) const;

  // For merkle.h: the hash of a complete subtree. Throws LogError when its tile is not there.
  Digest Subtree(unsigned height, std::uint64_t index);

 private:
  std::optional<std::string> Read(const std::string& path, const std::string& full_path) const;

  FileSystem& files_;
  std::string directory_;
  std::uint64_t size_;
  std::map<std::pair<unsigned, std::uint64_t>, std::vector<Digest>> cache_;  // a proof needs two tiles a level
};

}  // namespace weir::audit
