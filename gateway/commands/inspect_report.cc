#include "gateway/commands/inspect_report.h"

#include <nlohmann/json.hpp>
#include <algorithm>
#include <map>
#include <string_view>

#include "gateway/table.h"
#include "manifest/project_counts.h"
#include "manifest/run_history.h"

namespace weir::gateway {
namespace {

using manifest::Artifacts;
using manifest::Project;
using manifest::TestVerdict;
using nlohmann::ordered_json;

std::string Counted(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

std::string Shortened(const std::string& text, std::size_t most) {
  return text.size() <= most ? text : text.substr(0, most) + "…";
}

// Resource type and file of whatever a unique_id names, and where it is declared in it; 0: not known.
struct Resource {
  std::string_view type;
  std::string path;
  manifest::Position position;
};
Resource FindWritten(const Project& project, const std::string& unique_id) {
  if (const manifest::Node* node = project.FindNode(unique_id)) {
    return {node->resource_type, node->original_file_path, {}};
  }
  if (const manifest::Source* source = project.FindSource(unique_id)) return {"source", source->original_file_path, {}};
  if (const manifest::Test* test = project.FindTest(unique_id)) {
    return {test->unit ? "unit_test" : "test", test->original_file_path, {}};
  }
  const manifest::Exposure* const exposure = project.FindExposure(unique_id);
  return {"exposure", exposure == nullptr ? std::string() : exposure->original_file_path.str(), {}};
}

Resource Find(const Inspection& inspection, const std::string& unique_id) {
  Resource resource = FindWritten(inspection.artifacts.project, unique_id);
  if (inspection.declarations == nullptr) return resource;
  if (const std::optional<manifest::DeclaredAt> at = inspection.declarations->Of(unique_id)) {
    resource.path = at->file;
    resource.position = at->position;
  }
  return resource;
}

// The tests of one model, seed or snapshot by what the artifacts prove of them.
struct NodeEvidence {
  const manifest::Node* node = nullptr;
  manifest::BuildEvidence build;
  std::vector<manifest::TestEvidence> tests;

  std::size_t Count(TestVerdict verdict) const {
    return static_cast<std::size_t>(std::count_if(
        tests.begin(), tests.end(), [verdict](const manifest::TestEvidence& test) { return test.verdict == verdict; }));
  }
};

std::vector<NodeEvidence> EvidenceTable(const Artifacts& artifacts) {
  std::map<std::string_view, std::vector<const manifest::Test*>> tests;
  for (const manifest::Test& test : artifacts.project.tests) {
    if (!test.attached_node.empty()) tests[test.attached_node].push_back(&test);
  }
  std::vector<NodeEvidence> table;
  for (const manifest::Node& node : artifacts.project.nodes) {
    if (node.type == manifest::ResourceType::kOther) continue;
    NodeEvidence& row = table.emplace_back();
    row.node = &node;
    row.build = BuildOf(artifacts, node);
    for (const manifest::Test* test : tests[node.unique_id]) {
      row.tests.push_back(EvidenceOf(artifacts, *test, node.relation_name));
    }
  }
  return table;
}

std::map<std::string_view, std::vector<const policies::SyncSpec*>> SyncsByExposure(const Inspection& inspection) {
  std::map<std::string_view, std::vector<const policies::SyncSpec*>> syncs;
  for (const policies::SyncSpec& sync : inspection.syncs) syncs[sync.exposure_id].push_back(&sync);
  return syncs;
}

// Rules that dbt copies to every test are many; a table of the first is enough to see how columns are marked.
constexpr std::size_t kMostMarks = 25;
constexpr std::size_t kMostRows = 40;

void PrintHead(const Inspection& inspection, Terminal& out) {
  const manifest::Metadata& metadata = inspection.artifacts.project.metadata;
  const auto line = [&out](const char* name, const std::string& text) {
    out.Line(Spans{{std::string("  ") + name + std::string(14 - std::string_view(name).size(), ' '), Style::kDim},
                   {text.empty() ? "unknown" : text}});
  };
  out.Line(Spans{{inspection.artifacts.project.path, Style::kBold}});
  line("project", metadata.project_name);
  line("schema", metadata.schema);
  line("dbt", metadata.dbt_version);
  line("adapter", metadata.adapter_type);
  line("generated", metadata.generated_at);
  if (inspection.artifacts.run_results) {
    line("results", "of `dbt " + inspection.artifacts.run_results->which + "`, " +
                        inspection.artifacts.run_results->generated_at);
  } else {
    line("results", "no run_results.json: nothing proves that a test ran");
  }
  line("freshness", inspection.artifacts.freshness ? inspection.artifacts.freshness->generated_at
                                                   : "no sources.json: no source is known to be fresh");
  line("catalog", inspection.artifacts.catalog ? inspection.artifacts.catalog->generated_at
                                               : "no catalog.json: only documented columns are known");
  out.Line();
  Table counts({"WHAT", "COUNT"});
  for (const auto& [name, count] : CountsOf(inspection.artifacts.project).Named()) {
    std::string words = name;
    std::replace(words.begin(), words.end(), '_', ' ');
    counts.AddRow({{words}, {std::to_string(count), Style::kBold}});
  }
  counts.Print(out, 2);
}

void PrintMarks(const Inspection& inspection, Terminal& out) {
  const std::vector<manifest::ColumnMark> marks = ColumnMarks(inspection.artifacts.project);
  out.Line();
  if (marks.empty()) {
    out.Line("No column has meta, tags or classifiers of its own: only names can tell what is personal.");
    return;
  }
  out.Line(Spans{{"How columns are marked", Style::kBold}});
  Table table({"MARK", "COLUMNS", "VALUES"});
  for (std::size_t i = 0; i < marks.size() && i < kMostMarks; ++i) {
    std::string values;
    for (const auto& [value, count] : marks[i].values) {
      values += (values.empty() ? "" : ", ") + Shortened(value, 40) + " ×" + std::to_string(count);
    }
    table.AddRow({{marks[i].kind + " " + marks[i].name}, {std::to_string(marks[i].columns), Style::kBold},
                  {Shortened(values, 120), Style::kDim}});
  }
  table.Print(out, 2);
  if (marks.size() > kMostMarks) {
    out.Line("  and " + std::to_string(marks.size() - kMostMarks) + " more; `--format json` has all");
  }
}

void PrintExposures(const Inspection& inspection, Terminal& out) {
  const Project& project = inspection.artifacts.project;
  if (project.exposures.empty()) return;
  const auto syncs = SyncsByExposure(inspection);
  out.Line();
  out.Line(Spans{{"Exposures", Style::kBold}});
  Table table({"NAME", "TYPE", "OWNER", "SYNC"});
  std::size_t plain = 0;
  for (const manifest::Exposure& exposure : project.exposures) {
    const auto found = syncs.find(exposure.unique_id);
    if (found == syncs.end() && ++plain > kMostRows) continue;
    std::string text;
    if (found != syncs.end()) {
      for (const policies::SyncSpec* sync : found->second) {
        text += (text.empty() ? "" : "; ") + sync->name + " to " + sync->destination;
      }
    }
    table.AddRow({{exposure.name}, {exposure.type}, {exposure.owner.name},
                  {text.empty() ? "no" : text, text.empty() ? Style::kDim : Style::kGood}});
  }
  table.Print(out, 2);
  if (plain > kMostRows) out.Line("  and " + std::to_string(plain - kMostRows) + " more that are no syncs");
}

// The runs of dbt that this evidence is from, each once.
std::string RunsText(const NodeEvidence& row) {
  std::vector<const manifest::RunResults*> runs = {row.build.run};
  for (const manifest::TestEvidence& test : row.tests) runs.push_back(test.run);
  std::string text;
  for (auto run = runs.begin(); run != runs.end(); ++run) {
    if (*run == nullptr || std::find(runs.begin(), run, *run) != run) continue;
    text += (text.empty() ? "" : "; ") + manifest::RunText(**run);
  }
  return text;
}

std::string VerdictsText(const NodeEvidence& row) {
  std::map<std::string, std::size_t> counts;
  for (const manifest::TestEvidence& test : row.tests) ++counts[std::string(Name(test.verdict))];
  std::string text;
  for (const auto& [name, count] : counts) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + name;
  return text.empty() ? "no tests" : text;
}

void PrintEvidence(const Inspection& inspection, Terminal& out) {
  const bool merged = !inspection.artifacts.earlier_runs.empty();
  if (!inspection.artifacts.run_results && !merged) return;
  const std::vector<NodeEvidence> rows = EvidenceTable(inspection.artifacts);
  if (rows.empty()) return;
  out.Line();
  out.Line(Spans{{merged ? "What the runs that are kept prove" : "What the last run proves", Style::kBold}});
  std::vector<std::string> head = {"NODE", "BUILT", "TESTS", "WHY NOT"};
  if (merged) head.push_back("RUNS");
  Table table(head);
  std::size_t left_out = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const NodeEvidence& row = rows[i];
    if (i >= kMostRows) {
      ++left_out;
      continue;
    }
    const auto bad = std::find_if(row.tests.begin(), row.tests.end(), [](const manifest::TestEvidence& test) {
      return test.verdict != TestVerdict::kPassed && test.verdict != TestVerdict::kWarned;
    });
    const std::string reason = !row.build.succeeded ? row.build.reason : bad == row.tests.end() ? "" : bad->reason;
    std::vector<Span> cells = {{row.node->name + (row.node->version.empty() ? "" : ".v" + row.node->version)},
                               {row.build.succeeded ? "yes" : row.build.known ? row.build.status : "unknown",
                                row.build.succeeded ? Style::kGood : Style::kWarning},
                               {VerdictsText(row), bad == row.tests.end() ? Style::kPlain : Style::kWarning},
                               {reason, Style::kDim}};
    if (merged) cells.push_back({RunsText(row), Style::kDim});
    table.AddRow(cells);
  }
  table.Print(out, 2);
  if (left_out > 0) out.Line("  and " + Counted(left_out, "more node") + "; `--format json` has all");
}

void PrintSelected(const Inspection& inspection, Terminal& out) {
  Table table({"NODE", "TYPE", "DECLARED IN"});
  for (const std::string& unique_id : *inspection.selected) {
    const Resource resource = Find(inspection, unique_id);
    const std::string line = resource.position.line == 0 ? "" : ":" + std::to_string(resource.position.line);
    table.AddRow({{unique_id}, {std::string(resource.type)}, {resource.path + line, Style::kDim}});
  }
  if (!table.empty()) table.Print(out);
}

ordered_json ExposuresJson(const Inspection& inspection) {
  const auto syncs = SyncsByExposure(inspection);
  ordered_json exposures = ordered_json::array();
  for (const manifest::Exposure& exposure : inspection.artifacts.project.exposures) {
    ordered_json names = ordered_json::array();
    if (const auto found = syncs.find(exposure.unique_id); found != syncs.end()) {
      for (const policies::SyncSpec* sync : found->second) names.push_back(sync->name);
    }
    exposures.push_back({{"unique_id", exposure.unique_id},
                         {"type", exposure.type},
                         {"owner", exposure.owner.name},
                         {"depends_on", exposure.depends_on},
                         {"syncs", std::move(names)}});
  }
  return exposures;
}

ordered_json EvidenceJson(const Artifacts& artifacts) {
  ordered_json rows = ordered_json::array();
  for (const NodeEvidence& row : EvidenceTable(artifacts)) {
    ordered_json tests = ordered_json::array();
    for (const manifest::TestEvidence& test : row.tests) {
      tests.push_back({{"unique_id", test.test->unique_id},
                       {"verdict", Name(test.verdict)},
                       {"reason", test.reason},
                       {"completed_at", test.completed_at},
                       {"invocation_id", test.invocation_id}});
    }
    rows.push_back({{"node", row.node->unique_id},
                    {"built", row.build.succeeded},
                    {"status", row.build.status},
                    {"reason", row.build.reason},
                    {"completed_at", row.build.completed_at},
                    {"invocation_id", row.build.run == nullptr ? "" : row.build.run->invocation_id},
                    {"tests", std::move(tests)}});
  }
  return rows;
}

std::vector<LineageReport::Row> ShownColumns(const Inspection& inspection) {
  std::vector<LineageReport::Row> rows = inspection.lineage->rows;
  if (!inspection.selected) return rows;
  std::erase_if(rows, [&inspection](const LineageReport::Row& row) {
    return !std::binary_search(inspection.selected->begin(), inspection.selected->end(), row.node->unique_id);
  });
  return rows;
}

ordered_json LineageJson(const Inspection& inspection) {
  const manifest::LineageCounts& counts = inspection.lineage->counts;
  ordered_json unproven = ordered_json::array();
  for (const auto& [reason, columns] : inspection.lineage->unproven) {
    unproven.push_back({{"reason", reason}, {"columns", columns}});
  }
  ordered_json document = {{"columns", counts.of},
                           {"information_schema", counts.info_schema},
                           {"sql", counts.sql},
                           {"conservative", counts.conservative},
                           {"proven_share", ProvenShare(counts)},
                           {"unproven", std::move(unproven)}};
  if (!inspection.each_column) return document;
  ordered_json rows = ordered_json::array();
  for (const LineageReport::Row& row : ShownColumns(inspection)) {
    ordered_json from = ordered_json::array();
    for (const manifest::ColumnSource& source : row.lineage.from) {
      from.push_back({{"node", source.node}, {"column", source.column}});
    }
    rows.push_back({{"node", row.node->unique_id},
                    {"column", row.column},
                    {"proof", Name(row.lineage.proof)},
                    {"copied", row.lineage.copied},
                    {"from", std::move(from)},
                    {"remark", row.lineage.remark}});
  }
  document["of_columns"] = std::move(rows);
  return document;
}

ordered_json FreshnessJson(const Artifacts& artifacts) {
  ordered_json rows = ordered_json::array();
  for (const manifest::Source& source : artifacts.project.sources) {
    const manifest::FreshnessEvidence evidence = FreshnessOf(artifacts, source);
    rows.push_back({{"source", source.unique_id},
                    {"verdict", Name(evidence.verdict)},
                    {"reason", evidence.reason},
                    {"max_loaded_at", evidence.max_loaded_at}});
  }
  return rows;
}

}  // namespace

void PrintInspection(const Inspection& inspection, Terminal& out) {
  if (inspection.each_column) {
    PrintColumns(ShownColumns(inspection), inspection.lineage->lineage.unavailable(), out);
    return;
  }
  if (inspection.selected) {
    PrintSelected(inspection, out);
    return;
  }
  PrintHead(inspection, out);
  PrintMarks(inspection, out);
  if (inspection.lineage != nullptr) PrintLineage(*inspection.lineage, out);
  PrintExposures(inspection, out);
  PrintEvidence(inspection, out);
}

std::string InspectionJson(const Inspection& inspection) {
  const Project& project = inspection.artifacts.project;
  const manifest::Metadata& metadata = project.metadata;
  ordered_json document = {{"document", "weir.inspect"},
                           {"version", 1},
                           {"manifest", project.path},
                           {"digest", project.digest},
                           {"schema", metadata.schema},
                           {"dbt_version", metadata.dbt_version},
                           {"adapter_type", metadata.adapter_type},
                           {"project_name", metadata.project_name},
                           {"generated_at", metadata.generated_at},
                           {"invocation_id", metadata.invocation_id}};
  ordered_json counts = ordered_json::object();
  for (const auto& [name, count] : CountsOf(project).Named()) counts[name] = count;
  document["counts"] = std::move(counts);
  if (inspection.selected) {
    ordered_json selected = ordered_json::array();
    for (const std::string& unique_id : *inspection.selected) {
      const Resource resource = Find(inspection, unique_id);
      selected.push_back({{"unique_id", unique_id}, {"resource_type", resource.type}, {"path", resource.path}});
      if (resource.position.line == 0) continue;
      selected.back()["line"] = resource.position.line;
      selected.back()["column"] = resource.position.column;
    }
    document["selected"] = std::move(selected);
  }
  ordered_json marks = ordered_json::array();
  for (const manifest::ColumnMark& mark : ColumnMarks(project)) {
    marks.push_back({{"kind", mark.kind}, {"name", mark.name}, {"columns", mark.columns}});
  }
  document["marks"] = std::move(marks);
  if (inspection.lineage != nullptr) document["lineage"] = LineageJson(inspection);
  document["exposures"] = ExposuresJson(inspection);
  document["results_of"] = inspection.artifacts.run_results ? inspection.artifacts.run_results->which : "";
  document["evidence"] =
      inspection.artifacts.run_results || !inspection.artifacts.earlier_runs.empty() ? EvidenceJson(inspection.artifacts)
                                                                                     : ordered_json::array();
  document["freshness"] = inspection.artifacts.freshness ? FreshnessJson(inspection.artifacts) : ordered_json::array();
  document["remarks"] = inspection.remarks;
  return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace weir::gateway
