#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace weir::audit {

// 32 bytes of key material. Wiped on destruction; movable, not copyable except by Clone(). Has no stream operator and
// no formatter on purpose, so that no log line can hold one. Thread-safe for reading.
class SecretKey {
 public:
  static constexpr std::size_t kSize = 32;

  SecretKey() = default;  // all zero: IsZero(), which every user refuses
  explicit SecretKey(std::span<const std::byte, kSize> bytes);
  ~SecretKey();
  SecretKey(SecretKey&& other) noexcept;
  SecretKey& operator=(SecretKey&& other) noexcept;
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;

  SecretKey Clone() const;
  std::span<const std::byte, kSize> bytes() const { return bytes_; }
  bool IsZero() const;

  // From the operating system's generator. Throws CryptoError when that fails.
  static SecretKey Random();

 private:
  std::array<std::byte, kSize> bytes_{};
};

}  // namespace weir::audit
