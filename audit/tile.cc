#include "audit/tile.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "audit/merkle.h"

namespace weir::audit {
namespace {

std::string IndexPath(std::uint64_t index) {
  std::string path;
  do {
    std::string group = std::to_string(index % 1000);
    group.insert(0, 3 - group.size(), '0');
    path = path.empty() ? group : "x" + group + "/" + path;
    index /= 1000;
  } while (index != 0);
  return path;
}

std::string WithWidth(std::string path, std::uint64_t width) {
  if (width != kTileWidth) path += ".p/" + std::to_string(width);
  return path;
}

// Decimal without leading zeroes, at most `limit`.
std::optional<std::uint64_t> ParseNumber(std::string_view text, std::uint64_t limit) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value > limit) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> ParseIndex(std::string_view text) {
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 63;
  std::uint64_t index = 0;
  for (bool last = false; !last;) {
    const std::size_t slash = text.find('/');
    last = slash == std::string_view::npos;
    std::string_view group = text.substr(0, slash);
    if (!last) {
      if (group.empty() || group[0] != 'x') return std::nullopt;
      group.remove_prefix(1);
      text.remove_prefix(slash + 1);
    }
    if (group.size() != 3 || index > kLimit / 1000) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : group) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    index = index * 1000 + value;
  }
  return index;
}

}  // namespace

std::string TilePath(unsigned level, std::uint64_t index, std::uint64_t width) {
  return WithWidth("tile/" + std::to_string(level) + "/" + IndexPath(index), width);
}

std::string BundlePath(std::uint64_t index, std::uint64_t width) {
  return WithWidth("tile/entries/" + IndexPath(index), width);
}

std::optional<TileAddress> ParseTileAddress(std::string_view level, std::string_view rest) {
  TileAddress address;
  const auto parsed_level = ParseNumber(level, kMaxTileLevel);
  if (!parsed_level) return std::nullopt;
  address.level = static_cast<unsigned>(*parsed_level);
  const std::size_t partial = rest.find(".p/");
  if (partial != std::string_view::npos) {
    const auto width = ParseNumber(rest.substr(partial + 3), kTileWidth - 1);
    if (!width || *width == 0) return std::nullopt;
    address.width = *width;
    rest = rest.substr(0, partial);
  }
  const auto index = ParseIndex(rest);
  // An index spelt with more groups than it needs is another spelling of the same tile.
  if (!index || IndexPath(*index) != rest) return std::nullopt;
  address.index = *index;
  return address;
}

std::uint64_t TileWidthIn(std::uint64_t size, unsigned level, std::uint64_t index) {
  const std::uint64_t hashes = level >= 8 ? 0 : size >> (8 * level);
  if (index >= hashes / kTileWidth + (hashes % kTileWidth != 0)) return 0;
  return std::min(kTileWidth, hashes - index * kTileWidth);
}

std::optional<std::vector<Digest>> ParseTile(std::string_view bytes) {
  if (bytes.empty() || bytes.size() % 32 != 0 || bytes.size() > kTileWidth * 32) return std::nullopt;
  std::vector<Digest> hashes(bytes.size() / 32);
  std::memcpy(hashes.data(), bytes.data(), bytes.size());
  return hashes;
}

void AppendBundleEntry(std::string_view entry, std::string* bundle) {
  bundle->push_back(static_cast<char>(entry.size() >> 8 & 0xff));
  bundle->push_back(static_cast<char>(entry.size() & 0xff));
  bundle->append(entry);
}

std::optional<std::vector<std::string_view>> ParseBundle(std::string_view bytes) {
  std::vector<std::string_view> entries;
  while (!bytes.empty()) {
    if (bytes.size() < 2) return std::nullopt;
    const std::size_t size = static_cast<std::size_t>(static_cast<unsigned char>(bytes[0])) << 8 |
                             static_cast<unsigned char>(bytes[1]);
    if (bytes.size() - 2 < size) return std::nullopt;
    entries.push_back(bytes.substr(2, size));
    bytes.remove_prefix(2 + size);
  }
  return entries;
}

Digest TileRoot(std::span<const Digest> hashes) {
  // Pairs are joined level by level; an odd last hash rises unchanged, which is RFC 6962's split for every width.
  std::array<Digest, kTileWidth> level;
  std::copy(hashes.begin(), hashes.end(), level.begin());
  for (std::size_t width = hashes.size(); width > 1; width = (width + 1) / 2) {
    for (std::size_t i = 0; i + 1 < width; i += 2) level[i / 2] = NodeHash(level[i], level[i + 1]);
    if (width % 2 != 0) level[width / 2] = level[width - 1];
  }
  return level[0];
}

std::optional<TileTree> TileTree::Resume(std::uint64_t size, std::vector<std::vector<Digest>> partial) {
  TileTree tree;
  tree.size_ = size;
  for (unsigned level = 0; level < 8; ++level) {
    const std::uint64_t width = (size >> (8 * level)) % kTileWidth;
    if ((level < partial.size() ? partial[level].size() : 0) != width) return std::nullopt;
  }
  tree.partial_ = std::move(partial);
  return tree;
}

void TileTree::Append(const Digest& leaf, const Emit& emit) {
  ++size_;
  Digest hash = leaf;
  for (unsigned level = 0;; ++level) {
    if (partial_.size() <= level) partial_.emplace_back().reserve(kTileWidth);
    std::vector<Digest>& hashes = partial_[level];
    hashes.push_back(hash);
    if (hashes.size() < kTileWidth) return;
    const std::uint64_t index = (size_ >> (8 * (level + 1))) - 1;
    emit(level, index, hashes);
    hash = TileRoot(hashes);
    hashes.clear();
  }
}

Digest TileTree::Root() const {
  if (size_ == 0) return EmptyRoot();
  // From the lowest level up: what lies right of a level's hashes joins them as one more leaf, of a smaller subtree.
  std::optional<Digest> right;
  for (const std::vector<Digest>& hashes : partial_) {
    if (hashes.empty() && !right) continue;
    std::vector<Digest> row = hashes;
    if (right) row.push_back(*right);
    right = TileRoot(row);
  }
  return *right;
}

}  // namespace weir::audit
