#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/file.h"
#include "audit/log.h"
#include "audit/secret.h"
#include "audit/tile.h"

namespace weir::audit {

// The public side of a log as its writer has it: tiles, entry bundles and the checkpoint. Full tiles and bundles are
// written as soon as they are full, without waiting for the disk; Publish makes them durable and then signs.
//
// INVARIANT: the checkpoint on disk never says more than what is durable in tiles and bundles.
// INVARIANT: a tile or bundle that a checkpoint on disk needs is never written again.
//
// Holds one bundle and the partial tiles, a few hundred KiB, whatever the size. Not thread-safe. Throws FileError when
// the disk fails, after which it must not be used again, and LogError when the contents do not verify.
class TreeStore {
 public:
  TreeStore(FileSystem& files, std::string directory, std::string origin, const SecretKey& signing_seed);

  // The tree as the checkpoint on disk has it, read from the partial tiles; from all bundles when these do not give the
  // checkpoint's root, and then the tiles are written again. Size 0 when there is no checkpoint.
  void Open();

  void Append(std::string_view entry);
  // Nothing to do when the size is that of the last checkpoint.
  void Publish();

  std::uint64_t size() const { return tree_.size(); }
  std::uint64_t published_size() const { return published_size_; }
  const std::string& checkpoint() const { return checkpoint_; }  // text of the signed note; empty before the first

 private:
  bool ResumeFromTiles(const Checkpoint& checkpoint);
  void RebuildFromBundles(const Checkpoint& checkpoint);
  // Streams the entries of bundles below `size`; throws LogError when one is missing or malformed.
  template <typename Visit>
  void ForEachBundle(std::uint64_t size, const Visit& visit) const;
  std::optional<std::string> ReadWidth(bool bundle, unsigned level, std::uint64_t index, std::uint64_t width) const;
  void WriteTile(unsigned level, std::uint64_t index, std::span<const Digest> hashes);
  void Put(const std::string& path, std::string_view bytes);
  void RemoveSuperseded(std::uint64_t old_size);
  // Of one tile, and of its bundle at level 0: those wider than `keep_width`.
  void RemovePartials(unsigned level, std::uint64_t index, std::uint64_t keep_width);

  FileSystem& files_;
  std::string directory_;
  std::string origin_;
  SecretKey seed_;
  TileTree tree_;
  std::string bundle_;  // of the entries after the last full bundle
  std::vector<std::string> unsynced_;
  std::map<std::string, std::string> made_folders_;  // by the first folders of a path: the last one made, of that level
  std::uint64_t published_size_ = 0;
  std::string checkpoint_;
};

}  // namespace weir::audit
