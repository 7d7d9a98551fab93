#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/log.h"
#include "audit/secret.h"

// Signed notes, C2SP signed-note v1.0.0, with Ed25519 (RFC 8032) signatures, type 0x01.
namespace weir::audit {

// A key that verifies notes: `<name>+<key ID, 8 hexadecimal digits>+<base64 of type and public key>`.
struct NoteKey {
  std::string name;
  std::array<std::byte, 4> id{};
  std::array<std::byte, 32> public_key{};

  // nullopt: malformed, a type other than Ed25519, or an id that is not that of name and key.
  static std::optional<NoteKey> Parse(std::string_view vkey);
  std::string ToText() const;
};

// The public half of the Ed25519 key whose RFC 8032 seed is `seed`. Throws CryptoError, also on a zero seed.
NoteKey NoteKeyOf(std::string_view name, const SecretKey& seed);

// What reviewers verify the log with: the verifier key of the log `ids`, whose name is its origin.
std::string VerifierKey(const LogIds& ids, const SecretKey& signing_seed);

// `text` (ends with a newline) with the signature of `seed` under `name`. Throws CryptoError.
std::string SignNote(std::string_view text, std::string_view name, const SecretKey& seed);

struct OpenedNote {
  std::string text;                   // with its final newline
  std::vector<std::string> verified;  // names of the known keys whose signature is good
  std::vector<std::string> unknown;   // names on signatures by other keys, which were not checked
};

// nullopt when the note is malformed (*error says how), no known key signed it, or a known key's signature is bad.
std::optional<OpenedNote> OpenNote(std::string_view note, std::span<const NoteKey> known, std::string* error);

}  // namespace weir::audit
