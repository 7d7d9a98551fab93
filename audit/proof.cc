#include "audit/proof.h"

#include <charconv>
#include <cstring>

#include "audit/checkpoint.h"
#include "audit/log.h"
#include "audit/merkle.h"
#include "audit/tile.h"
#include "audit/tile_reader.h"

namespace weir::audit {
namespace {

constexpr std::string_view kMagic = "c2sp.org/tlog-proof@v1\n";
constexpr std::size_t kMaxHashes = 64;

std::optional<Checkpoint> Unverified(std::string_view note) {
  const std::size_t blank = note.rfind("\n\n");
  return blank == std::string_view::npos ? std::nullopt : Checkpoint::Parse(note.substr(0, blank + 1));
}

bool TakeLine(std::string_view* text, std::string_view* line) {
  const std::size_t end = text->find('\n');
  if (end == std::string_view::npos) return false;
  *line = text->substr(0, end);
  text->remove_prefix(end + 1);
  return true;
}

}  // namespace

std::string TlogProof::ToText() const {
  std::string text(kMagic);
  if (!extra.empty()) text += "extra " + Base64(Bytes(extra)) + "\n";
  text += "index " + std::to_string(index) + "\n";
  for (const Digest& hash : hashes) text += Base64(hash) + "\n";
  return text + "\n" + checkpoint;
}

std::optional<TlogProof> TlogProof::Parse(std::string_view text) {
  TlogProof proof;
  std::string_view line;
  if (!text.starts_with(kMagic)) return std::nullopt;
  text.remove_prefix(kMagic.size());
  if (!TakeLine(&text, &line)) return std::nullopt;
  if (line.starts_with("extra ")) {
    if (!DecodeBase64(line.substr(6), &proof.extra) || !TakeLine(&text, &line)) return std::nullopt;
  }
  if (!line.starts_with("index ")) return std::nullopt;
  line.remove_prefix(6);
  const auto [end, status] = std::from_chars(line.data(), line.data() + line.size(), proof.index);
  if (status != std::errc() || end != line.data() + line.size() || (line.size() > 1 && line[0] == '0')) {
    return std::nullopt;
  }
  for (;;) {
    std::string bytes;
    if (!TakeLine(&text, &line)) return std::nullopt;
    if (line.empty()) break;
    if (proof.hashes.size() == kMaxHashes || !DecodeBase64(line, &bytes) || bytes.size() != sizeof(Digest)) {
      return std::nullopt;
    }
    std::memcpy(proof.hashes.emplace_back().data(), bytes.data(), bytes.size());
  }
  proof.checkpoint = text;
  return proof;
}

std::string Prove(FileSystem& files, const std::string& directory, std::uint64_t index) {
  try {
    const auto note = files.ReadAll(directory + "/checkpoint", 1 << 20);
    const auto checkpoint = note ? Unverified(*note) : std::nullopt;
    if (!checkpoint) throw LogError("the log at `" + directory + "` has no checkpoint to prove anything under");
    if (index >= checkpoint->size) {
      throw LogError("entry " + std::to_string(index) + " is not under the checkpoint of `" + directory +
                     "`, which covers " + std::to_string(checkpoint->size) + " entries");
    }
    TileReader tiles(files, directory, checkpoint->size);
    TlogProof proof;
    proof.index = index;
    proof.checkpoint = *note;
    const auto subtree = [&](unsigned height, std::uint64_t at) { return tiles.Subtree(height, at); };
    proof.hashes = InclusionProof(index, checkpoint->size, subtree);
    const auto bundle = tiles.ReadBundle(index / kTileWidth);
    if (!bundle || !VerifyInclusion(index, checkpoint->size, LeafHash(bundle->entries[index % kTileWidth]),
                                    proof.hashes, checkpoint->root)) {
      throw LogError("entry " + std::to_string(index) + " of the log at `" + directory +
                     "` does not give the checkpoint's root; find what was changed with `weir-verify`");
    }
    return proof.ToText();
  } catch (const FileError& error) {
    throw LogError("the log at `" + directory + "` cannot be read: " + error.what());
  }
}

bool VerifyProof(std::string_view text, std::string_view entry, const NoteKey& key, std::string* error) {
  const auto proof = TlogProof::Parse(text);
  if (!proof) {
    *error = "the proof is malformed";
    return false;
  }
  const auto checkpoint = OpenCheckpoint(proof->checkpoint, key, error);
  if (!checkpoint) {
    *error = "the proof's checkpoint is not to be trusted: " + *error;
    return false;
  }
  if (!VerifyInclusion(proof->index, checkpoint->size, LeafHash(entry), proof->hashes, checkpoint->root)) {
    *error = "the entry is not at index " + std::to_string(proof->index) + " of the log that the checkpoint covers";
    return false;
  }
  return true;
}

}  // namespace weir::audit
