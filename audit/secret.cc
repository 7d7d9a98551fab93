#include "audit/secret.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

#include "audit/digest.h"

namespace weir::audit {

SecretKey::SecretKey(std::span<const std::byte, kSize> bytes) { std::copy(bytes.begin(), bytes.end(), bytes_.begin()); }

SecretKey::~SecretKey() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

SecretKey::SecretKey(SecretKey&& other) noexcept : bytes_(other.bytes_) {
  OPENSSL_cleanse(other.bytes_.data(), other.bytes_.size());
}

SecretKey& SecretKey::operator=(SecretKey&& other) noexcept {
  if (this != &other) {
    bytes_ = other.bytes_;
    OPENSSL_cleanse(other.bytes_.data(), other.bytes_.size());
  }
  return *this;
}

SecretKey SecretKey::Clone() const { return SecretKey(bytes_); }

bool SecretKey::IsZero() const {
  std::byte any{0};
  for (const std::byte byte : bytes_) any |= byte;
  return any == std::byte{0};
}

SecretKey SecretKey::Random() {
  SecretKey key;
  if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(key.bytes_.data()), static_cast<int>(kSize)) != 1) {
    throw CryptoError("the system's random generator failed; no key was made");
  }
  return key;
}

}  // namespace weir::audit
