#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/digest.h"

// Tiles and entry bundles of C2SP tlog-tiles v0.1.0: paths, contents, and the tree as tiles.
namespace weir::audit {

inline constexpr std::uint64_t kTileWidth = 256;
inline constexpr unsigned kMaxTileLevel = 63;

// `tile/<L>/<N>` when width is 256, else `tile/<L>/<N>.p/<W>`. N in groups of three digits, all but the last after x.
std::string TilePath(unsigned level, std::uint64_t index, std::uint64_t width);
std::string BundlePath(std::uint64_t index, std::uint64_t width);  // `tile/entries/<N>[.p/<W>]`

struct TileAddress {
  unsigned level = 0;
  std::uint64_t index = 0;
  std::uint64_t width = kTileWidth;
};
// The `<L>` and `<N>[.p/<W>]` of a path; nullopt when it is not spelt exactly as TilePath spells it.
std::optional<TileAddress> ParseTileAddress(std::string_view level, std::string_view rest);

// How many hashes tile `index` of `level` has in a tree of `size` leaves: 0 (not there) to 256.
std::uint64_t TileWidthIn(std::uint64_t size, unsigned level, std::uint64_t index);

// nullopt: not 1 to 256 hashes of 32 bytes each.
std::optional<std::vector<Digest>> ParseTile(std::string_view bytes);

// An entry with its length before it, 16 bits, big-endian. `entry` has at most 65,535 bytes.
void AppendBundleEntry(std::string_view entry, std::string* bundle);
// Views into `bytes`; nullopt: a length runs past the end.
std::optional<std::vector<std::string_view>> ParseBundle(std::string_view bytes);

// The root over a tile's hashes taken as leaves of their own; hashes.size() is 1 to 256.
Digest TileRoot(std::span<const Digest> hashes);

// The tree as a writer keeps it: of each level the hashes of its rightmost, partial tile and nothing else, at most
// 255 * 32 bytes a level. Full tiles leave through `emit` as soon as they are full, lower levels first.
class TileTree {
 public:
  using Emit = std::function<void(unsigned level, std::uint64_t index, std::span<const Digest> hashes)>;

  TileTree() = default;
  // A tree of `size` leaves whose partial tiles are `partial`, one for each level from 0, empty where the width is 0.
  // nullopt when their widths are not those of `size`.
  static std::optional<TileTree> Resume(std::uint64_t size, std::vector<std::vector<Digest>> partial);

  void Append(const Digest& leaf, const Emit& emit);
  std::uint64_t size() const { return size_; }
  Digest Root() const;
  // By level, from 0; the last may be followed by nothing.
  const std::vector<std::vector<Digest>>& partial() const { return partial_; }

 private:
  std::uint64_t size_ = 0;
  std::vector<std::vector<Digest>> partial_;
};

}  // namespace weir::audit
