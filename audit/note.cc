#include "audit/note.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "audit/digest.h"
#include "audit/utf8.h"

namespace weir::audit {
namespace {

constexpr char kEd25519Type = 0x01;
constexpr std::size_t kSignature = 64;
constexpr std::size_t kMaxNote = 1 << 20;
constexpr std::size_t kMaxSignatures = 100;
constexpr std::string_view kDash = "\xe2\x80\x94 ";  // em dash, space

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using PublicOrPrivateKey = std::unique_ptr<EVP_PKEY, FreeKey>;
using SignContext = std::unique_ptr<EVP_MD_CTX, FreeKey>;

const unsigned char* In(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

PublicOrPrivateKey PrivateKey(const SecretKey& seed) {
  if (seed.IsZero()) throw CryptoError("the log's signing key is missing (all zero)");
  PublicOrPrivateKey key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, In(Text(seed.bytes())), 32));
  if (key == nullptr) throw CryptoError("the cryptographic library refused the log's signing key");
  return key;
}

std::array<std::byte, 4> KeyId(std::string_view name, std::span<const std::byte, 32> public_key) {
  std::string input(name);
  input += '\n';
  input += kEd25519Type;
  input += Text(public_key);
  const Digest digest = Sha256(input);
  return {digest[0], digest[1], digest[2], digest[3]};
}

// No spaces of Unicode (White_Space), no plus, not empty, well-formed.
bool IsKeyName(std::string_view name) {
  if (name.empty()) return false;
  static constexpr std::string_view kSpaces[] = {
      "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9",
      "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t length = Utf8Length(name.substr(at));
    if (length == 0) return false;
    const std::string_view letter = name.substr(at, length);
    if (length == 1 && (static_cast<unsigned char>(letter[0]) <= 0x20 || letter[0] == '+')) return false;
    if (std::find(std::begin(kSpaces), std::end(kSpaces), letter) != std::end(kSpaces)) return false;
    if (letter >= "\xe2\x80\x80" && letter <= "\xe2\x80\x8a" && length == 3) return false;  // U+2000 to U+200A
    at += length;
  }
  return true;
}

bool IsNoteText(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = Utf8Length(text.substr(at));
    if (length == 0 || (length == 1 && static_cast<unsigned char>(text[at]) < 0x20 && text[at] != '\n')) return false;
    at += length;
  }
  return true;
}

bool SignatureIsGood(const NoteKey& key, std::string_view text, std::string_view signature) {
  if (signature.size() != kSignature) return false;
  PublicOrPrivateKey public_key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, In(Text(key.public_key)), key.public_key.size()));
  SignContext context(EVP_MD_CTX_new());
  return public_key != nullptr && context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, public_key.get()) == 1 &&
         EVP_DigestVerify(context.get(), In(signature), signature.size(), In(text), text.size()) == 1;
}

std::optional<OpenedNote> Refuse(std::string* error, std::string message) {
  if (error != nullptr) *error = std::move(message);
  return std::nullopt;
}

}  // namespace

std::optional<NoteKey> NoteKey::Parse(std::string_view vkey) {
  const std::size_t first = vkey.find('+');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = vkey.find('+', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  NoteKey key;
  key.name = vkey.substr(0, first);
  std::string material;
  if (!IsKeyName(key.name) || !DecodeBase64(vkey.substr(second + 1), &material)) return std::nullopt;
  if (material.size() != 33 || material[0] != kEd25519Type) return std::nullopt;
  std::memcpy(key.public_key.data(), material.data() + 1, key.public_key.size());
  key.id = KeyId(key.name, key.public_key);
  if (vkey.substr(first + 1, second - first - 1) != Hex(key.id)) return std::nullopt;
  return key;
}

std::string NoteKey::ToText() const {
  std::string material(1, kEd25519Type);
  material += Text(public_key);
  return name + "+" + Hex(id) + "+" + Base64(Bytes(material));
}

NoteKey NoteKeyOf(std::string_view name, const SecretKey& seed) {
  const PublicOrPrivateKey private_key = PrivateKey(seed);
  NoteKey key;
  key.name = name;
  std::size_t size = key.public_key.size();
  if (!IsKeyName(name)) throw CryptoError("`" + std::string(name) + "` cannot be the name of a note key");
  if (EVP_PKEY_get_raw_public_key(private_key.get(), reinterpret_cast<unsigned char*>(key.public_key.data()), &size) !=
          1 ||
      size != key.public_key.size()) {
    throw CryptoError("the cryptographic library gave no public key");
  }
  key.id = KeyId(name, key.public_key);
  return key;
}

std::string VerifierKey(const LogIds& ids, const SecretKey& signing_seed) {
  return NoteKeyOf(ids.origin(), signing_seed).ToText();
}

std::string SignNote(std::string_view text, std::string_view name, const SecretKey& seed) {
  if (text.empty() || text.back() != '\n' || !IsNoteText(text)) {
    throw CryptoError("a note must be UTF-8 without control characters and end with a newline");
  }
  const NoteKey key = NoteKeyOf(name, seed);
  const PublicOrPrivateKey private_key = PrivateKey(seed);
  SignContext context(EVP_MD_CTX_new());
  std::string signature(Text(key.id));
  signature.resize(key.id.size() + kSignature);
  std::size_t size = kSignature;
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, private_key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()) + key.id.size(), &size,
                     In(text), text.size()) != 1 ||
      size != kSignature) {
    throw CryptoError("signing the checkpoint failed in the cryptographic library");
  }
  std::string note(text);
  note += '\n';
  note += kDash;
  note += name;
  note += ' ';
  note += Base64(Bytes(signature));
  note += '\n';
  return note;
}

std::optional<OpenedNote> OpenNote(std::string_view note, std::span<const NoteKey> known, std::string* error) {
  if (note.size() > kMaxNote) return Refuse(error, "the note is longer than 1 MiB");
  if (!IsNoteText(note)) return Refuse(error, "the note holds control characters or is no UTF-8");
  const std::size_t blank = note.rfind("\n\n");
  if (blank == std::string_view::npos) return Refuse(error, "the note has no signature (no empty line)");
  OpenedNote opened;
  opened.text = note.substr(0, blank + 1);
  std::string_view rest = note.substr(blank + 2);
  if (rest.empty() || rest.back() != '\n') return Refuse(error, "the note's last line is cut");
  std::size_t count = 0;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (++count > kMaxSignatures) return Refuse(error, "the note has more than 100 signatures");
    if (!line.starts_with(kDash)) return Refuse(error, "a signature line does not start with an em dash");
    line.remove_prefix(kDash.size());
    const std::size_t space = line.find(' ');
    std::string signature;
    if (space == std::string_view::npos || !IsKeyName(line.substr(0, space)) ||
        !DecodeBase64(line.substr(space + 1), &signature) || signature.size() < 5) {
      return Refuse(error, "a signature line is malformed");
    }
    const std::string_view name = line.substr(0, space);
    const auto key = std::find_if(known.begin(), known.end(), [&](const NoteKey& candidate) {
      return candidate.name == name && Text(candidate.id) == std::string_view(signature).substr(0, 4);
    });
    if (key == known.end()) {
      opened.unknown.emplace_back(name);
    } else if (!SignatureIsGood(*key, opened.text, std::string_view(signature).substr(4))) {
      return Refuse(error, "the signature of `" + std::string(name) + "` is wrong");
    } else if (std::find(opened.verified.begin(), opened.verified.end(), name) == opened.verified.end()) {
      opened.verified.emplace_back(name);
    }
  }
  if (opened.verified.empty()) return Refuse(error, "no known key signed it");
  return opened;
}

}  // namespace weir::audit
