#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "manifest/artifacts.h"
#include "manifest/column_lineage.h"
#include "manifest/info_schema.h"
#include "manifest/query_answer.h"

namespace weir::manifest {
namespace {

// An Information Schema whose files hold nothing: what is in them is what the answers say.
std::string MakeTarget() {
  std::string folder = (std::filesystem::temp_directory_path() / "weir-fuzz-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) std::abort();
  std::filesystem::create_directories(folder + "/info_schema/v1");
  for (const char* table : {"project", "node_columns", "classifiers", "column_lineage", "models", "snapshots"}) {
    std::ofstream(folder + "/info_schema/v1/dbt." + table + ".parquet");
  }
  return folder;
}

Project SmallProject() {
  return ReadProjectFrom(ArtifactFile::FromText("manifest.json", R"({
"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "adapter_type": "duckdb"},
"nodes": {"model.shop.people": {"resource_type": "model", "name": "people", "depends_on": {"nodes": ["source.shop.raw.customers"]},
  "compiled_code": "select 1", "columns": {"email": {"name": "email"}, "label": {"name": "label"}}}},
"sources": {"source.shop.raw.customers": {"source_name": "raw", "name": "customers", "columns": {"EMAIL": {"name": "EMAIL"}}}},
"exposures": {}})"));
}

}  // namespace

// Any bytes as what weir-duckdb answers, one answer after the other: it has read what strangers wrote.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string target = MakeTarget();
  static const Project project = SmallProject();
  const ReceiveBytes receive = [&data, &size](void* bytes, std::size_t count) {
    if (size < count) return false;
    std::memcpy(bytes, data, count);
    data += count;
    size -= count;
    return true;
  };
  const AskDuckdb ask = [&receive](const std::string&) {
    LockedDuckdb::Answer answer;
    if (ReceiveAnswer(receive, &answer)) return answer;
    return LockedDuckdb::Answer{LockedDuckdb::Answer::Status::kDied, {}, "crashed"};
  };
  Diagnostics diagnostics;
  const std::optional<InfoSchema> read = ReadInfoSchemaWith(target, ask, &diagnostics);
  for (const Diagnostic& one : diagnostics.Sorted()) {
    if (one.code != "W-ART-006" || one.severity != Severity::kWarning) std::abort();
    for (const char c : one.message) {
      if (static_cast<unsigned char>(c) < ' ') std::abort();
    }
  }
  if (!read) {
    if (!diagnostics.Sorted().empty()) return 0;
    std::abort();
  }
  Project joined = project;
  JoinInfoSchema(*read, &joined);
  // There is no weir-duckdb beside this program: nothing is started.
  const ProjectLineage lineage = ProjectLineage::Trace(joined, {}, &*read);
  // What it adds is never less than what was there.
  if (joined.nodes.at(0).columns.size() < 2) std::abort();
  for (const Column& column : joined.nodes.at(0).columns) (void)lineage.Of(joined, joined.nodes.at(0), column.name);
  return 0;
}

}  // namespace weir::manifest
