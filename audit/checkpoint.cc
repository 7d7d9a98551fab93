#include "audit/checkpoint.h"

#include <charconv>
#include <cstring>
#include <span>

namespace weir::audit {
namespace {

// The next line without its newline; nullopt when there is none.
std::optional<std::string_view> TakeLine(std::string_view* text) {
  const std::size_t end = text->find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string Checkpoint::ToText() const {
  return origin + "\n" + std::to_string(size) + "\n" + Base64(root) + "\n";
}

std::optional<Checkpoint> Checkpoint::Parse(std::string_view text) {
  Checkpoint checkpoint;
  const auto origin = TakeLine(&text);
  const auto size = TakeLine(&text);
  const auto root = TakeLine(&text);
  std::string digest;
  if (!origin || origin->empty() || !size || size->empty() || !root) return std::nullopt;
  if (size->size() > 1 && size->front() == '0') return std::nullopt;
  const auto [end, status] = std::from_chars(size->data(), size->data() + size->size(), checkpoint.size);
  if (status != std::errc() || end != size->data() + size->size()) return std::nullopt;
  if (!DecodeBase64(*root, &digest) || digest.size() != checkpoint.root.size()) return std::nullopt;
  while (!text.empty()) {
    const auto extension = TakeLine(&text);
    if (!extension || extension->empty()) return std::nullopt;
  }
  checkpoint.origin = *origin;
  std::memcpy(checkpoint.root.data(), digest.data(), digest.size());
  return checkpoint;
}

std::string SignCheckpoint(const Checkpoint& checkpoint, const SecretKey& seed) {
  return SignNote(checkpoint.ToText(), checkpoint.origin, seed);
}

std::optional<Checkpoint> OpenCheckpoint(std::string_view note, const NoteKey& key, std::string* error) {
  const auto opened = OpenNote(note, std::span(&key, 1), error);
  if (!opened) return std::nullopt;
  auto checkpoint = Checkpoint::Parse(opened->text);
  if (!checkpoint) {
    *error = "its text is no checkpoint";
    return std::nullopt;
  }
  if (checkpoint->origin != key.name) {
    *error = "it is of another log, `" + checkpoint->origin + "`";
    return std::nullopt;
  }
  return checkpoint;
}

}  // namespace weir::audit
