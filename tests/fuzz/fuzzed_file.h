#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "manifest/artifacts.h"

namespace weir::manifest {

// Reads the bytes as an artifact: an answer, or an ArtifactError that names the file. Anything else ends the program.
template <typename Read>
int Fuzz(const std::uint8_t* data, std::size_t size, Read read) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ArtifactFile file = ArtifactFile::FromText("artifact.json", std::string(text));
  file.set_window_bytes(256);
  try {
    read(file);
  } catch (const ArtifactError& error) {
    const std::string_view what = error.what();
    if (!error.code().starts_with("W-ART-00") || !what.starts_with("artifact.json:")) std::abort();
    if (what.find('\n') != std::string_view::npos) std::abort();
  }
  return 0;
}

}  // namespace weir::manifest
