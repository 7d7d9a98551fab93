#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <sstream>

#include "manifest/artifacts.h"
#include "manifest/project_counts.h"
#include "manifest/project_diff.h"
#include "tests/manifest/samples.h"

namespace weir::manifest {
namespace {

std::string CountsText(const Project& project) {
  std::string text;
  for (const auto& [name, count] : CountsOf(project).Named()) {
    text += (text.empty() ? "" : " ") + name + "=" + std::to_string(count);
  }
  return text;
}

std::vector<std::string> Lines(const std::string& command) {
  std::vector<std::string> lines;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  if (pipe == nullptr) return lines;
  std::string text;
  char buffer[4096];
  while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, pipe.get()))
    text.append(buffer, count);
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(Counts, EverySampleHoldsWhatPythonFindsInIt) {
  std::vector<std::filesystem::path> samples = Samples("manifest");
  const auto shop = std::filesystem::path(WEIR_SOURCE_DIR) / "examples/shop/target/manifest.json";
  if (std::filesystem::exists(shop)) samples.push_back(shop);
  if (samples.empty()) GTEST_SKIP() << "no samples";
  std::string command = "python3 '" WEIR_SOURCE_DIR "/tests/manifest/counts.py'";
  for (const auto& sample : samples) command += " '" + sample.string() + "'";
  const std::vector<std::string> lines = Lines(command);
  ASSERT_EQ(lines.size(), samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    EXPECT_EQ(samples[i].string() + " " + CountsText(ReadProject(samples[i].string())), lines[i]);
  }
}

// A part of a text that is looked at ahead may end anywhere; the project is the same.
TEST(Counts, NoSampleDependsOnHowFarItIsLookedAhead) {
  std::size_t changes = 0, nodes = 0;
  for (const auto& path : Samples("manifest")) {
    const Project expected = ReadProject(path.string(), {.digest = false, .descriptions = true});
    for (const std::size_t ahead : {1000u, 20'000u, 1'000'000'000u}) {
      std::optional<ArtifactFile> file = ArtifactFile::Open(path.string());
      ASSERT_TRUE(file.has_value());
      file->set_window_bytes(ahead);
      const Project found = ReadProjectFrom(*file, {.digest = true, .descriptions = true});
      EXPECT_EQ(CountsText(found), CountsText(expected)) << path;
      changes += DiffProjects({.project = &expected}, {.project = &found}).changes.size();
      nodes += found.nodes.size();
    }
  }
  if (nodes == 0) GTEST_SKIP() << "no samples";
  EXPECT_EQ(changes, 0u);
}

TEST(Counts, EverySampleOfResultsAndCatalogsIsRead) {
  const auto results = Samples("run_results");
  const auto catalogs = Samples("catalog");
  if (results.empty()) GTEST_SKIP() << "no samples";
  for (const auto& path : results) {
    const std::optional<RunResults> run = ReadRunResults(path.string());
    ASSERT_TRUE(run.has_value()) << path;
    EXPECT_FALSE(run->results.empty()) << path;
    EXPECT_FALSE(run->which.empty()) << path;
    for (const TestResult& result : run->results) EXPECT_FALSE(result.status.empty()) << path;
  }
  for (const auto& path : catalogs) {
    const std::optional<Catalog> catalog = ReadCatalog(path.string());
    ASSERT_TRUE(catalog.has_value()) << path;
    EXPECT_FALSE(catalog->tables.empty()) << path;
    for (const CatalogTable& table : catalog->tables) EXPECT_FALSE(table.columns.empty()) << table.unique_id;
  }
}

}  // namespace
}  // namespace weir::manifest
