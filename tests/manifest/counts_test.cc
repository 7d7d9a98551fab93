#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <sstream>

#include "manifest/artifacts.h"
#include "tests/manifest/samples.h"

namespace weir::manifest {
namespace {

bool Documented(const Node& node) {
  return node.type == ResourceType::kModel || node.type == ResourceType::kSeed ||
         node.type == ResourceType::kSnapshot;
}

std::string CountsOf(const Project& project) {
  std::size_t columns = 0, with_meta = 0;
  const auto count_columns = [&](const std::vector<Column>& of_it) {
    columns += of_it.size();
    for (const Column& column : of_it) with_meta += column.meta.members().empty() ? 0 : 1;
  };
  std::size_t models = 0, seeds = 0, snapshots = 0, tests = 0, unit_tests = 0;
  for (const Node& node : project.nodes) {
    models += node.type == ResourceType::kModel ? 1 : 0;
    seeds += node.type == ResourceType::kSeed ? 1 : 0;
    snapshots += node.type == ResourceType::kSnapshot ? 1 : 0;
    if (Documented(node)) count_columns(node.columns);
  }
  for (const Source& source : project.sources) count_columns(source.columns);
  for (const Test& test : project.tests) (test.unit ? unit_tests : tests) += 1;
  std::ostringstream out;
  out << "models=" << models << " seeds=" << seeds << " snapshots=" << snapshots
      << " sources=" << project.sources.size() << " tests=" << tests << " unit_tests=" << unit_tests
      << " exposures=" << project.exposures.size() << " columns=" << columns
      << " columns_with_meta=" << with_meta << " disabled=" << project.disabled.size();
  return out.str();
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
    EXPECT_EQ(samples[i].string() + " " + CountsOf(ReadProject(samples[i].string())), lines[i]);
  }
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
