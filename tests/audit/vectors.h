#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "audit/digest.h"

namespace weir::audit {

// Published test vectors lie outside the repository: $WEIR_TEST_DATA, or beside the working tree. nullopt: not there.
inline std::optional<std::filesystem::path> TlogVectors() {
  const char* chosen = std::getenv("WEIR_TEST_DATA");
  const std::filesystem::path data =
      chosen != nullptr ? std::filesystem::path(chosen) : std::filesystem::path(WEIR_SOURCE_DIR) / "../shared/data";
  const std::filesystem::path vectors = data / "vectors/tlog";
  std::error_code ignored;
  if (!std::filesystem::exists(vectors, ignored)) return std::nullopt;
  return vectors;
}

inline std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

// Of lower-case hexadecimal.
inline std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

inline Digest DigestFromHex(std::string_view hex) {
  Digest digest{};
  const std::string bytes = FromHex(hex);
  std::copy_n(Bytes(bytes).begin(), std::min(bytes.size(), digest.size()), digest.begin());
  return digest;
}

}  // namespace weir::audit
