#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/digest.h"
#include "audit/note.h"
#include "audit/secret.h"

// Checkpoints: C2SP tlog-checkpoint, the text of a signed note.
namespace weir::audit {

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Digest root{};

  std::string ToText() const;  // `<origin>\n<size>\n<base64 of root>\n`
  // Extension lines after the third are allowed and not kept. nullopt when malformed.
  static std::optional<Checkpoint> Parse(std::string_view text);
};

std::string SignCheckpoint(const Checkpoint& checkpoint, const SecretKey& seed);

// The checkpoint in a note signed by `key`, whose name is its origin. nullopt: *error says why not.
std::optional<Checkpoint> OpenCheckpoint(std::string_view note, const NoteKey& key, std::string* error);

}  // namespace weir::audit
