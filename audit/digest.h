#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "audit/secret.h"

namespace weir::audit {

// OpenSSL refused an operation; nothing that depends on its result may go on.
class CryptoError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

using Digest = std::array<std::byte, 32>;  // SHA-256, FIPS 180-4

std::span<const std::byte> Bytes(std::string_view text);
std::string_view Text(std::span<const std::byte> bytes);

Digest Sha256(std::span<const std::byte> data);
Digest Sha256(std::string_view data);
// Of one byte, then `first`, then `second`: what RFC 6962 hashes, without copying.
Digest Sha256Prefixed(std::uint8_t prefix, std::string_view first, std::string_view second = {});

// SHA-256 of what comes piece by piece. Not thread-safe.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void Update(std::string_view piece);
  Digest Finish();  // once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Hexadecimal; RFC 1321. To recognise names that others hash so, as dbt does its project's: it protects nothing.
std::string Md5(std::string_view text);

// Lower-case hexadecimal, and base64 (RFC 4648 section 4 with padding; section 5 "url" without).
std::string Hex(std::span<const std::byte> bytes);
void AppendHex(std::span<const std::byte> bytes, std::string* out);
std::string Base64(std::span<const std::byte> bytes);
std::string Base64Url(std::span<const std::byte> bytes);
// Base64Url into memory that the caller has, four bytes for every three begun; where it ends.
char* WriteBase64Url(std::span<const std::byte> bytes, char* out);
// Strict: no white space, canonical padding and trailing bits. False when `text` is not such.
bool DecodeBase64(std::string_view text, std::string* out);

// HMAC-SHA-256 (RFC 2104) with one key for many messages: the two key blocks are hashed once.
// Not thread-safe: one for each thread. Throws CryptoError when the key is all zero.
class Hmac {
 public:
  explicit Hmac(const SecretKey& key);
  ~Hmac();
  Hmac(Hmac&&) noexcept;
  Hmac& operator=(Hmac&&) noexcept;

  Digest Compute(std::string_view message);
  // In pieces: Begin, any number of Update, Finish.
  void Begin();
  void Update(std::string_view piece);
  Digest Finish();

 private:
  struct State;
  State* state_;  // owned
};

// Domain separation by length: every field is preceded by its length as 8 bytes, big-endian, so that no two
// sequences of fields have the same bytes.
void AppendField(std::string* out, std::string_view field);

// HKDF-SHA-256 (RFC 5869), the first 32 bytes of output key material.
SecretKey Hkdf(std::span<const std::byte> input_key, std::string_view salt, std::string_view info);

// HKDF-SHA-256, no salt, info = the fields, each length-prefixed as AppendField does. trust.md names the
// order: purpose, algorithm, tenant, destination, entity type, version. Throws CryptoError when `root` is all zero.
SecretKey DeriveKey(const SecretKey& root, std::span<const std::string_view> fields);

}  // namespace weir::audit
