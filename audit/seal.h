#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "audit/secret.h"

namespace weir::audit {

// The sealed bytes are not what was sealed under this key and this associated data.
class SealError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce: nonce | ciphertext | 128-bit tag, 28 bytes longer than the
// plaintext. Key set up once. One key seals at most 2^32 messages (Seal throws CryptoError beyond). Not thread-safe.
class Sealer {
 public:
  static constexpr std::size_t kOverhead = 28;

  explicit Sealer(const SecretKey& key);
  ~Sealer();
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  // Appends to *out. `associated` is authenticated, not stored: it binds the message to its place.
  void Seal(std::string_view plaintext, std::string_view associated, std::string* out);
  // Appends the plaintext to *out. Throws SealError; *out is then as it was.
  void Open(std::string_view sealed, std::string_view associated, std::string* out);

 private:
  struct State;
  State* state_;  // owned
};

}  // namespace weir::audit
