#include "audit/tree_store.h"

#include <algorithm>
#include <utility>

#include "audit/merkle.h"

namespace weir::audit {
namespace {

constexpr std::uint64_t kMaxCheckpointBytes = 1 << 20;
constexpr std::uint64_t kMaxBundleBytes = kTileWidth * (2 + 65'535);
constexpr std::size_t kDigest = 32;

std::string_view TileBytes(std::span<const Digest> hashes) { return Text(std::as_bytes(hashes)); }

// How many bytes the first `count` entries of a bundle take; nullopt when it holds fewer.
std::optional<std::size_t> BundlePrefix(std::string_view bundle, std::uint64_t count) {
  const auto entries = ParseBundle(bundle);
  if (!entries || entries->size() < count) return std::nullopt;
  std::size_t size = 0;
  for (std::uint64_t i = 0; i < count; ++i) size += 2 + (*entries)[i].size();
  return size;
}

}  // namespace

TreeStore::TreeStore(FileSystem& files, std::string directory, std::string origin, const SecretKey& signing_seed)
    : files_(files), directory_(std::move(directory)), origin_(std::move(origin)), seed_(signing_seed.Clone()) {}

void TreeStore::Open() {
  const auto note = files_.ReadAll(directory_ + "/checkpoint", kMaxCheckpointBytes);
  if (!note) return;
  std::string error;
  const auto checkpoint = OpenCheckpoint(*note, NoteKeyOf(origin_, seed_), &error);
  if (!checkpoint) {
    throw LogError("the checkpoint of the log at `" + directory_ + "` does not verify under this log's key: " + error +
                   "; restore the log and its keys from one backup");
  }
  if (!ResumeFromTiles(*checkpoint)) RebuildFromBundles(*checkpoint);
  published_size_ = checkpoint->size;
  checkpoint_ = *note;
  for (unsigned level = 0; level < 8; ++level) {
    const std::uint64_t hashes = published_size_ >> (8 * level);
    if (hashes % kTileWidth != 0) RemovePartials(level, hashes / kTileWidth, hashes % kTileWidth);
  }
}

std::optional<std::string> TreeStore::ReadWidth(bool bundle, unsigned level, std::uint64_t index,
                                                std::uint64_t width) const {
  const auto path = [&](std::uint64_t of_width) {
    return directory_ + "/" + (bundle ? BundlePath(index, of_width) : TilePath(level, index, of_width));
  };
  auto bytes = files_.ReadAll(path(width), kMaxBundleBytes);
  // A full one may be there already when the partial one is gone: it begins with the same hashes or entries.
  if (!bytes && width != kTileWidth) bytes = files_.ReadAll(path(kTileWidth), kMaxBundleBytes);
  return bytes;
}

bool TreeStore::ResumeFromTiles(const Checkpoint& checkpoint) {
  std::vector<std::vector<Digest>> partial;
  for (unsigned level = 0; level < 8 && checkpoint.size >> (8 * level) != 0; ++level) {
    const std::uint64_t hashes = checkpoint.size >> (8 * level);
    const std::uint64_t width = hashes % kTileWidth;
    auto& row = partial.emplace_back();
    if (width == 0) continue;
    const auto bytes = ReadWidth(false, level, hashes / kTileWidth, width);
    if (!bytes || bytes->size() < width * kDigest) return false;
    auto parsed = ParseTile(std::string_view(*bytes).substr(0, width * kDigest));
    if (!parsed) return false;
    row = *std::move(parsed);
    row.reserve(kTileWidth);
  }
  const std::uint64_t open_entries = checkpoint.size % kTileWidth;
  std::string bundle;
  if (open_entries != 0) {
    const auto bytes = ReadWidth(true, 0, checkpoint.size / kTileWidth, open_entries);
    const auto prefix = bytes ? BundlePrefix(*bytes, open_entries) : std::nullopt;
    if (!prefix) return false;
    bundle = bytes->substr(0, *prefix);
    const auto entries = ParseBundle(bundle);
    for (std::uint64_t i = 0; i < open_entries; ++i) {
      if (LeafHash((*entries)[i]) != partial[0][i]) return false;
    }
  }
  auto tree = TileTree::Resume(checkpoint.size, std::move(partial));
  if (!tree || tree->Root() != checkpoint.root) return false;
  tree_ = *std::move(tree);
  bundle_ = std::move(bundle);
  return true;
}

template <typename Visit>
void TreeStore::ForEachBundle(std::uint64_t size, const Visit& visit) const {
  for (std::uint64_t first = 0; first < size; first += kTileWidth) {
    const std::uint64_t width = std::min(kTileWidth, size - first);
    const auto bytes = ReadWidth(true, 0, first / kTileWidth, width);
    const auto prefix = bytes ? BundlePrefix(*bytes, width) : std::nullopt;
    if (!prefix) {
      throw LogError("the entry bundle `" + BundlePath(first / kTileWidth, width) + "` of the log at `" + directory_ +
                     "` is missing or cut; restore the log from a backup");
    }
    visit(std::string_view(*bytes).substr(0, *prefix));
  }
}

void TreeStore::RebuildFromBundles(const Checkpoint& checkpoint) {
  const auto build = [&](TileTree* tree, const TileTree::Emit& emit) {
    ForEachBundle(checkpoint.size, [&](std::string_view bundle) {
      const auto entries = ParseBundle(bundle);
      for (const std::string_view entry : *entries) tree->Append(LeafHash(entry), emit);
    });
  };
  // First without writing: what does not verify stays as it was found.
  TileTree trial;
  build(&trial, [](unsigned, std::uint64_t, std::span<const Digest>) {});
  if (trial.Root() != checkpoint.root) {
    throw LogError("the entries of the log at `" + directory_ + "` do not give the root of its checkpoint of " +
                   std::to_string(checkpoint.size) +
                   " entries: they were changed; find where with `weir-verify`, and restore the log from a backup");
  }
  TileTree tree;
  build(&tree, [this](unsigned level, std::uint64_t index, std::span<const Digest> hashes) {
    WriteTile(level, index, hashes);
  });
  tree_ = std::move(tree);
  for (unsigned level = 0; level < tree_.partial().size(); ++level) {
    if (!tree_.partial()[level].empty()) {
      WriteTile(level, checkpoint.size >> (8 * (level + 1)), tree_.partial()[level]);
    }
  }
  bundle_.clear();
  const std::uint64_t open_entries = checkpoint.size % kTileWidth;
  if (open_entries != 0) {
    const auto bytes = ReadWidth(true, 0, checkpoint.size / kTileWidth, open_entries);
    bundle_ = bytes->substr(0, *BundlePrefix(*bytes, open_entries));
  }
  files_.SyncFiles(unsynced_);
  unsynced_.clear();
}

void TreeStore::Put(const std::string& path, std::string_view bytes) {
  const std::string full = directory_ + "/" + path;
  const std::string folder = full.substr(0, full.rfind('/'));
  // Of each kind of tile only the last folder is remembered: indices rise, so an older one does not come back.
  std::string& made = made_folders_[path.substr(0, path.find('/', sizeof("tile/") - 1))];
  if (made != folder) {
    files_.MakeFolders(folder);
    made = folder;
  }
  files_.Write(full, bytes);
  unsynced_.push_back(full);
}

void TreeStore::WriteTile(unsigned level, std::uint64_t index, std::span<const Digest> hashes) {
  Put(TilePath(level, index, hashes.size()), TileBytes(hashes));
}

void TreeStore::Append(std::string_view entry) {
  AppendBundleEntry(entry, &bundle_);
  tree_.Append(LeafHash(entry), [this](unsigned level, std::uint64_t index, std::span<const Digest> hashes) {
    if (level == 0) {
      Put(BundlePath(index, kTileWidth), bundle_);
      bundle_.clear();
    }
    WriteTile(level, index, hashes);
  });
}

void TreeStore::Publish() {
  const std::uint64_t size = tree_.size();
  if (size == published_size_) return;
  for (unsigned level = 0; level < tree_.partial().size(); ++level) {
    const std::vector<Digest>& hashes = tree_.partial()[level];
    const bool as_published = size >> (8 * level) == published_size_ >> (8 * level);
    if (hashes.empty() || as_published) continue;
    const std::uint64_t index = size >> (8 * (level + 1));
    const std::uint64_t old_hashes = published_size_ >> (8 * level);
    // The first partial file of this tile: others there were written for a checkpoint that never came.
    if (old_hashes % kTileWidth == 0 || old_hashes / kTileWidth != index) RemovePartials(level, index, 0);
    WriteTile(level, index, hashes);
    if (level == 0) Put(BundlePath(size / kTileWidth, hashes.size()), bundle_);
  }
  files_.SyncFiles(unsynced_);
  unsynced_.clear();
  const std::string note = SignCheckpoint({origin_, size, tree_.Root()}, seed_);
  files_.WriteAtomically(directory_ + "/checkpoint", note);
  const std::uint64_t old_size = std::exchange(published_size_, size);
  checkpoint_ = note;
  RemoveSuperseded(old_size);
}

// tlog-tiles: partial tiles of published sizes stay until the full tile is there, so that whoever holds an older
// checkpoint can still prove with it.
void TreeStore::RemoveSuperseded(std::uint64_t old_size) {
  for (unsigned level = 0; level < 8; ++level) {
    const std::uint64_t old_hashes = old_size >> (8 * level);
    const std::uint64_t index = old_hashes / kTileWidth;
    if (old_hashes % kTileWidth == 0 || (published_size_ >> (8 * level)) / kTileWidth == index) continue;
    RemovePartials(level, index, 0);
  }
}

void TreeStore::RemovePartials(unsigned level, std::uint64_t index, std::uint64_t keep_width) {
  std::vector<std::string> folders = {directory_ + "/" + TilePath(level, index, kTileWidth) + ".p"};
  if (level == 0) folders.push_back(directory_ + "/" + BundlePath(index, kTileWidth) + ".p");
  for (const std::string& folder : folders) {
    for (const std::string& name : files_.List(folder)) {
      const auto address = ParseTileAddress(std::to_string(level), "000.p/" + name);
      if (!address || address->width > keep_width) files_.Remove(folder + "/" + name);
    }
    if (keep_width == 0) files_.Remove(folder);
  }
}

}  // namespace weir::audit
