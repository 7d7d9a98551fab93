#include "audit/tile_reader.h"

#include <span>

#include "audit/log.h"
#include "audit/tile.h"

namespace weir::audit {
namespace {

constexpr std::uint64_t kMaxBundleBytes = kTileWidth * (2 + 65'535);
constexpr std::size_t kDigest = 32;

}  // namespace

TileReader::TileReader(FileSystem& files, std::string directory, std::uint64_t size)
    : files_(files), directory_(std::move(directory)), size_(size) {}

std::optional<std::string> TileReader::Read(const std::string& path, const std::string& full_path) const {
  auto bytes = files_.ReadAll(directory_ + "/" + path, kMaxBundleBytes);
  if (!bytes && path != full_path) bytes = files_.ReadAll(directory_ + "/" + full_path, kMaxBundleBytes);
  return bytes;
}

std::optional<std::vector<Digest>> TileReader::Tile(unsigned level, std::uint64_t index) const {
  const std::uint64_t width = TileWidthIn(size_, level, index);
  if (width == 0) return std::nullopt;
  const auto bytes = Read(TilePath(level, index, width), TilePath(level, index, kTileWidth));
  if (!bytes || (bytes->size() != width * kDigest && bytes->size() != kTileWidth * kDigest)) return std::nullopt;
  return ParseTile(std::string_view(*bytes).substr(0, width * kDigest));
}

std::optional<TileReader::Bundle> TileReader::ReadBundle(std::uint64_t index) const {
  const std::uint64_t width = TileWidthIn(size_, 0, index);
  if (width == 0) return std::nullopt;
  auto bytes = Read(BundlePath(index, width), BundlePath(index, kTileWidth));
  if (!bytes) return std::nullopt;
  Bundle bundle;
  bundle.bytes = *std::move(bytes);
  bundle.bytes.reserve(64);  // on the heap whatever its length, so that moving the string moves no byte
  auto entries = ParseBundle(bundle.bytes);
  if (!entries || (entries->size() != width && entries->size() != kTileWidth)) return std::nullopt;
  entries->resize(width);
  bundle.entries = *std::move(entries);
  return bundle;
}

Digest TileReader::Subtree(unsigned height, std::uint64_t index) {
  const unsigned level = height / 8;
  const std::uint64_t width = std::uint64_t{1} << (height % 8);
  const std::uint64_t first = index * width;
  const std::uint64_t tile = first / kTileWidth;
  auto found = cache_.find({level, tile});
  if (found == cache_.end()) {
    auto hashes = Tile(level, tile);
    if (!hashes) {
      throw LogError("`" + directory_ + "/" + TilePath(level, tile, TileWidthIn(size_, level, tile)) +
                     "` is missing or malformed; verify the log with `weir-verify`");
    }
    found = cache_.emplace(std::make_pair(level, tile), *std::move(hashes)).first;
  }
  if (first % kTileWidth + width > found->second.size()) throw LogError("a tile is narrower than the tree needs");
  return TileRoot(std::span(found->second).subspan(first % kTileWidth, width));
}

}  // namespace weir::audit
