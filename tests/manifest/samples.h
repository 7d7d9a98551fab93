#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "manifest/artifact_file.h"

namespace weir::manifest {

// Real artifacts of many dbt versions, beside the repository or where WEIR_TEST_DATA says; empty when absent.
inline std::filesystem::path SampleFolder() {
  const char* named = std::getenv("WEIR_TEST_DATA");
  std::filesystem::path folder = named != nullptr
                                     ? std::filesystem::path(named)
                                     : std::filesystem::path(WEIR_SOURCE_DIR) / ".." / "shared" / "data";
  folder /= "dbt";
  return std::filesystem::is_directory(folder) ? folder : std::filesystem::path();
}

// The files below the samples whose names begin with `prefix` or hold it behind a dot, sorted.
inline std::vector<std::filesystem::path> Samples(const std::string& word) {
  std::vector<std::filesystem::path> found;
  const std::filesystem::path folder = SampleFolder();
  if (folder.empty()) return found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && name.ends_with(".json") && name.find(word) != std::string::npos) {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

inline std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A whole manifest around `body`, which holds further fields with a comma in front.
inline std::string ManifestWith(const std::string& nodes, const std::string& more = "",
                                const std::string& sources = "", const std::string& exposures = "") {
  return R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
 "dbt_version": "1.11.2", "generated_at": "2026-05-01T10:00:10.000000Z", "invocation_id": "run-1",
 "adapter_type": "postgres", "project_name": "shop"},
 "nodes": {)" +
         nodes + R"(},
 "sources": {)" +
         sources + R"(},
 "exposures": {)" +
         exposures + "}" + more + "}";
}

inline ArtifactFile AsFile(const std::string& text, const std::string& path = "target/manifest.json",
                           std::size_t window_bytes = ArtifactFile::kWindowBytes) {
  ArtifactFile file = ArtifactFile::FromText(path, text);
  file.set_window_bytes(window_bytes);
  return file;
}

}  // namespace weir::manifest
