#include "audit/verify.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

#include "audit/checkpoint.h"
#include "audit/delivery_rules.h"
#include "audit/log.h"
#include "audit/merkle.h"
#include "audit/segment_reader.h"
#include "audit/tile.h"
#include "audit/tile_reader.h"

namespace weir::audit {
namespace {

constexpr std::uint64_t kMaxCheckpointBytes = 1 << 20;

class Verifier {
 public:
  Verifier(FileSystem& files, const std::string& directory, const NoteKey& key, const VerifyOptions& options)
      : files_(files),
        directory_(directory),
        key_(key),
        options_(options),
        rules_([this](std::uint64_t index, const std::string& message) { Blame(EntryName(index), message); }) {}

  VerifyReport Run() {
    if (!files_.Exists(directory_ + "/checkpoint") && !files_.Exists(directory_ + "/segments")) {
      throw LogError("there is no log at `" + directory_ + "`: neither `checkpoint` nor `segments` is in it");
    }
    report_.origin = key_.name;
    ReadCheckpoint();
    ReadEarlierCheckpoint();
    TileReader tiles(files_, directory_, report_.size);
    CheckTree(tiles);
    CheckOlderPartials(tiles);
    CheckSegments(tiles);
    report_.intents = rules_.intents();
    report_.outcomes = rules_.outcomes();
    report_.delivery_unknown = rules_.Unknown();
    return std::move(report_);
  }

 private:
  static std::string EntryName(std::uint64_t index) { return "entry " + std::to_string(index); }

  void Blame(std::string where, std::string what) {
    if (++report_.problem_count <= options_.max_problems) report_.problems.push_back({std::move(where), std::move(what)});
  }

  void ReadCheckpoint() {
    const auto note = files_.ReadAll(directory_ + "/checkpoint", kMaxCheckpointBytes);
    if (!note) {
      Blame("checkpoint", "is missing: nothing vouches for the entries (a log that never ended a run has none yet)");
      return;
    }
    std::string error;
    const auto checkpoint = OpenCheckpoint(*note, key_, &error);
    if (!checkpoint) {
      Blame("checkpoint", "is not to be trusted: " + error);
      UseUntrusted(*note);
      return;
    }
    report_.size = checkpoint->size;
    report_.root = checkpoint->root;
    have_root_ = true;
  }

  // So that a checkpoint with a bad signature does not hide what else is wrong.
  void UseUntrusted(const std::string& note) {
    const std::size_t blank = note.rfind("\n\n");
    const auto checkpoint = blank == std::string::npos ? std::nullopt : Checkpoint::Parse(note.substr(0, blank + 1));
    // A size that the directory cannot hold must not send the verifier through 2^64 missing files.
    if (!checkpoint || (checkpoint->size > 0 &&
                        !TileReader(files_, directory_, checkpoint->size).ReadBundle((checkpoint->size - 1) / kTileWidth))) {
      return;
    }
    report_.size = checkpoint->size;
    report_.root = checkpoint->root;
    have_root_ = true;
  }

  void ReadEarlierCheckpoint() {
    if (!options_.earlier_checkpoint) return;
    std::string error;
    earlier_ = OpenCheckpoint(*options_.earlier_checkpoint, key_, &error);
    if (!earlier_) {
      Blame("earlier checkpoint", "is not to be trusted: " + error);
    } else if (earlier_->size > report_.size) {
      Blame("checkpoint", "says " + std::to_string(report_.size) + " entries, but an earlier one said " +
                              std::to_string(earlier_->size) + ": the log was rolled back");
      earlier_.reset();
    }
  }

  void CheckEarlier(const TileTree& tree) {
    if (earlier_ && earlier_->size == tree.size() && earlier_->root != tree.Root()) {
      Blame("checkpoint", "does not extend the earlier one of " + std::to_string(earlier_->size) +
                              " entries: the log was rewritten or forked");
    }
  }

  // Compares the hashes that the entries give with those of a tile on disk.
  void CompareTile(const TileReader& tiles, unsigned level, std::uint64_t index, std::span<const Digest> hashes) {
    const std::string path = TilePath(level, index, hashes.size());
    const auto found = tiles.Tile(level, index);
    if (!found) {
      Blame(path, "is missing or malformed");
      return;
    }
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      if ((*found)[i] == hashes[i]) continue;
      const std::uint64_t at = index * kTileWidth + i;
      tiles_agree_ = false;
      Blame(path, level == 0 ? "hash " + std::to_string(i) + " is not that of entry " + std::to_string(at) +
                                   ": one of them was changed"
                             : "hash " + std::to_string(i) + " is not that of the tile below it, " +
                                   TilePath(level - 1, at, kTileWidth));
    }
  }

  void CheckTree(const TileReader& tiles) {
    TileTree tree;
    bool whole = true;  // every entry was read
    const auto compare = [&](unsigned level, std::uint64_t index, std::span<const Digest> hashes) {
      CompareTile(tiles, level, index, hashes);
    };
    CheckEarlier(tree);
    for (std::uint64_t first = 0; first < report_.size; first += kTileWidth) {
      const std::uint64_t index = first / kTileWidth;
      const std::uint64_t width = TileWidthIn(report_.size, 0, index);
      const auto bundle = tiles.ReadBundle(index);
      if (bundle) {
        for (std::size_t i = 0; i < width; ++i) {
          if (whole) rules_.Check(first + i, bundle->entries[i]);
          tree.Append(LeafHash(bundle->entries[i]), compare);
          CheckEarlier(tree);
        }
        continue;
      }
      Blame(BundlePath(index, width), "is missing, cut or malformed: entries " + std::to_string(first) + " to " +
                                          std::to_string(first + width - 1) + " cannot be read");
      if (whole) report_.remarks.push_back("entries from " + std::to_string(first) + " on were not compared with one another");
      whole = false;
      const auto hashes = tiles.Tile(0, index);
      if (!hashes) {
        report_.remarks.push_back("the tree could not be recomputed from entry " + std::to_string(first) + " on");
        return;
      }
      for (const Digest& hash : *hashes) {
        tree.Append(hash, compare);
        CheckEarlier(tree);
      }
    }
    whole_ = whole;
    for (unsigned level = 0; level < tree.partial().size(); ++level) {
      const std::vector<Digest>& hashes = tree.partial()[level];
      if (!hashes.empty()) CompareTile(tiles, level, report_.size >> (8 * (level + 1)), hashes);
    }
    if (have_root_ && tree.Root() != report_.root) {
      Blame("checkpoint", "its root is not that of the entries: entries were changed, swapped, removed or inserted");
    } else if (have_root_ && !tiles_agree_) {
      report_.remarks.push_back("the entries give the checkpoint's root: the tiles are what was changed");
    }
  }

  // Partial files of earlier checkpoints may lie beside the last one's: what they say must be its beginning.
  void CheckOlderPartials(const TileReader& tiles) {
    for (unsigned level = 0; level < 8; ++level) {
      const std::uint64_t hashes = report_.size >> (8 * level);
      if (hashes % kTileWidth == 0) continue;
      const std::uint64_t index = hashes / kTileWidth;
      if (const auto tile = tiles.Tile(level, index)) {
        CheckPrefixes(TilePath(level, index, kTileWidth) + ".p", hashes % kTileWidth,
                      Text(std::as_bytes(std::span(*tile))), [](std::uint64_t width) { return width * 32; });
      }
      if (level != 0) continue;
      if (const auto bundle = tiles.ReadBundle(index)) {
        CheckPrefixes(BundlePath(index, kTileWidth) + ".p", hashes % kTileWidth, bundle->bytes,
                      [&](std::uint64_t width) {
                        std::uint64_t size = 0;
                        for (std::size_t i = 0; i < width; ++i) size += 2 + bundle->entries[i].size();
                        return size;
                      });
      }
    }
  }

  template <typename SizeOf>
  void CheckPrefixes(const std::string& folder, std::uint64_t last_width, std::string_view bytes, const SizeOf& size_of) {
    for (const std::string& name : files_.List(directory_ + "/" + folder)) {
      std::uint64_t width = 0;
      const auto [end, status] = std::from_chars(name.data(), name.data() + name.size(), width);
      // What is wider than the checkpoint needs was written for one that never came, and nobody may rely on it.
      if (status != std::errc() || end != name.data() + name.size() || width == 0 || width > last_width) continue;
      const auto found = files_.ReadAll(directory_ + "/" + folder + "/" + name, UINT64_C(1) << 25);
      if (found && *found != bytes.substr(0, static_cast<std::size_t>(size_of(width)))) {
        Blame(folder + "/" + name, "is not the beginning of the wider one beside it");
      }
    }
  }

  void CheckSegments(const TileReader& tiles) {
    std::vector<std::uint64_t> numbers;
    for (const std::string& name : files_.List(directory_ + "/segments")) {
      if (const auto number = ParseSegmentName(name)) numbers.push_back(*number);
    }
    if (numbers.empty()) {
      report_.remarks.push_back("there are no segments: only the public part was checked");
      return;
    }
    const bool writer = files_.IsLocked(directory_ + "/lock");
    std::uint64_t next_frame = 0;
    std::uint64_t next_entry = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const bool last = i + 1 == numbers.size();
      const std::string name = "segments/" + SegmentName(numbers[i]);
      const auto segment = SegmentReader::Open(files_, directory_ + "/" + name);
      if (segment == nullptr || segment->header().first_frame != numbers[i]) {
        if (!last || !writer) Blame(name, "does not begin with the header of this segment");
        continue;
      }
      if (i == 0) {
        next_frame = segment->next_frame();
        next_entry = segment->next_entry();
      }
      if (i == 0 && next_entry > report_.size) {
        Blame(name, "begins with entry " + std::to_string(next_entry) + ", but the checkpoint ends at " +
                        std::to_string(report_.size) + ": entries between are missing");
      }
      if (segment->next_frame() != next_frame || segment->next_entry() != next_entry) {
        Blame(name, "begins with frame " + std::to_string(segment->next_frame()) + ", but frame " +
                        std::to_string(next_frame) + " is next: frames are missing");
      }
      CheckFrames(*segment, name, tiles);
      if (segment->offset() < segment->size()) CheckTail(*segment, name, last, writer);
      next_frame = segment->next_frame();
      next_entry = segment->next_entry();
    }
    if (next_entry < report_.size && !writer) {
      Blame("segments", "end at entry " + std::to_string(next_entry) + ", but the checkpoint says " +
                            std::to_string(report_.size) + ": their end was cut off");
    }
  }

  void CheckFrames(SegmentReader& segment, const std::string& name, const TileReader& tiles) {
    std::optional<TileReader::Bundle> bundle;
    std::uint64_t bundle_index = UINT64_MAX;
    while (const auto frame = segment.Next()) {
      if (frame->kind != FrameKind::kEntry) continue;
      const std::uint64_t index = frame->entry_index;
      if (index >= report_.size) {
        ++report_.unpublished;
        if (whole_ || report_.size == 0) rules_.Check(index, frame->bytes);
        continue;
      }
      if (index / kTileWidth != bundle_index) {
        bundle_index = index / kTileWidth;
        bundle = tiles.ReadBundle(bundle_index);
      }
      if (bundle && bundle->entries[index % kTileWidth] != frame->bytes) {
        Blame(EntryName(index), "is another one in " + name + " than in " +
                                    BundlePath(bundle_index, TileWidthIn(report_.size, 0, bundle_index)));
      }
    }
  }

  void CheckTail(SegmentReader& segment, const std::string& name, bool last, bool writer) {
    const std::string place = "byte " + std::to_string(segment.offset()) + " (frame " +
                              std::to_string(segment.next_frame()) + ")";
    if (!last || segment.BadFrameWasDurable()) {
      Blame(name, "is damaged at " + place + ", and durable frames follow");
    } else if (writer) {
      report_.remarks.push_back(name + " is being written: what follows " + place + " was not read");
    } else {
      Blame(name, "ends in " + std::to_string(segment.size() - segment.offset()) + " bytes at " + place +
                      " that are no whole frame: a crash, which the next run repairs, or a change");
    }
  }

  FileSystem& files_;
  const std::string& directory_;
  const NoteKey& key_;
  const VerifyOptions& options_;
  DeliveryRules rules_;
  VerifyReport report_;
  std::optional<Checkpoint> earlier_;
  bool have_root_ = false;
  bool tiles_agree_ = true;
  bool whole_ = false;
};

}  // namespace

VerifyReport Verify(FileSystem& files, const std::string& directory, const NoteKey& key, const VerifyOptions& options) {
  try {
    return Verifier(files, directory, key, options).Run();
  } catch (const FileError& error) {
    throw LogError("the log at `" + directory + "` cannot be read: " + error.what());
  }
}

}  // namespace weir::audit
