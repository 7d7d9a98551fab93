#include "gateway/published_log.h"

#include <cstring>

#include "audit/checkpoint.h"
#include "audit/log.h"
#include "audit/merkle.h"
#include "audit/seal.h"
#include "audit/tile_reader.h"
#include "gateway/state_format.h"

namespace weir::gateway {
namespace {

constexpr std::string_view kMagic = "WEIRPUBL";
constexpr std::string_view kPlace = "published";  // associated data of the seal
constexpr std::uint64_t kMaxCheckpointBytes = 1 << 20;
constexpr std::size_t kPlainBytes = 8 + sizeof(audit::Digest);

std::optional<audit::Checkpoint> ReadCheckpoint(audit::FileSystem& files, const std::string& directory,
                                                const audit::NoteKey& key, const PublishedLog& known) {
  std::optional<std::string> note;
  try {
    note = files.ReadAll(directory + "/checkpoint", kMaxCheckpointBytes);
  } catch (const audit::FileError& error) {
    throw audit::LogError("the log at `" + directory + "` cannot be opened: " + error.what());
  }
  if (!note) {
    throw StateError("W-STATE-012", "the log at `" + directory + "` has no checkpoint, but the state knows one of " +
                                        std::to_string(known.size) +
                                        " entries: the log was removed or cut; restore it from a backup");
  }
  std::string error;
  return audit::OpenCheckpoint(*note, key, &error);
}

}  // namespace

std::string EncodePublishedLog(const PublishedLog& published, const audit::SecretKey& key) {
  std::string plain;
  AppendLittleEndian64(published.size, &plain);
  plain.append(audit::Text(published.root));
  std::string bytes(kMagic);
  audit::Sealer(key).Seal(plain, kPlace, &bytes);
  return bytes;
}

std::optional<PublishedLog> DecodePublishedLog(std::string_view bytes, const audit::SecretKey& key) {
  if (!bytes.starts_with(kMagic)) return std::nullopt;
  std::string plain;
  try {
    audit::Sealer(key).Open(bytes.substr(kMagic.size()), kPlace, &plain);
  } catch (const audit::SealError&) {
    return std::nullopt;
  }
  if (plain.size() != kPlainBytes) return std::nullopt;
  PublishedLog published;
  published.size = LoadLittleEndian64(plain.data());
  std::memcpy(published.root.data(), plain.data() + 8, published.root.size());
  return published;
}

PublishedLog PublishedOf(const std::string& checkpoint, const audit::NoteKey& key) {
  std::string error;
  const auto opened = audit::OpenCheckpoint(checkpoint, key, &error);
  if (!opened) throw audit::LogError("the log's own checkpoint does not verify: " + error);
  return {opened->size, opened->root};
}

void CheckLogIsThere(audit::FileSystem& files, const std::string& directory, const audit::NoteKey& key,
                     const PublishedLog& known) {
  const auto checkpoint = ReadCheckpoint(files, directory, key, known);
  if (!checkpoint || checkpoint->size >= known.size) return;
  throw StateError("W-STATE-012", "the log at `" + directory + "` ends at entry " + std::to_string(checkpoint->size) +
                                      ", but the state knows a checkpoint of " + std::to_string(known.size) +
                                      " entries: one of them was restored from an older copy, or the log was cut; "
                                      "restore both from one backup");
}

void CheckLogExtends(audit::FileSystem& files, const std::string& directory, const audit::NoteKey& key,
                     const PublishedLog& known) {
  const auto checkpoint = ReadCheckpoint(files, directory, key, known);
  if (checkpoint && known.size == 0) return;
  if (checkpoint && checkpoint->size >= known.size) {
    audit::TileReader tiles(files, directory, checkpoint->size);
    const audit::Digest root =
        checkpoint->size == known.size
            ? checkpoint->root
            : audit::RangeRoot(0, known.size,
                               [&](unsigned height, std::uint64_t index) { return tiles.Subtree(height, index); });
    if (root == known.root) return;
  }
  throw StateError("W-STATE-012", "the first " + std::to_string(known.size) + " entries of the log at `" + directory +
                                      "` are not those that the state knows: the log was rewritten or is another one; "
                                      "restore state and log from one backup");
}

}  // namespace weir::gateway
