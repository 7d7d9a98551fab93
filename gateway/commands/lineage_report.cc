#include "gateway/commands/lineage_report.h"

#include <algorithm>
#include <map>

#include "gateway/table.h"

namespace weir::gateway {
namespace {

using manifest::LineageCounts;
using manifest::LineageProof;

constexpr std::size_t kMostReasons = 6;

// Rounded down: no share is called whole that is not.
std::string Percent(std::size_t part, std::size_t whole) {
  if (whole == 0) return "";
  const std::size_t tenths = part * 1000 / whole;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "%";
}

std::string SourcesText(const manifest::ColumnLineage& lineage) {
  if (lineage.from.empty()) return "nothing: a constant";
  std::string text = lineage.proof == LineageProof::kConservative ? "" : lineage.copied ? "copy of " : "made of ";
  bool first = true;
  for (const manifest::ColumnSource& source : lineage.from) {
    text += (first ? "" : ", ") + source.node + "." + source.column;
    first = false;
  }
  return text;
}

}  // namespace

LineageReport ReportLineage(const manifest::Project& project, const manifest::ProjectLineage& lineage) {
  LineageReport report{project, lineage, lineage.Count(project), {}, {}};
  std::map<std::string, std::size_t> unproven;
  for (const manifest::Node& node : project.nodes) {
    if (node.type != manifest::ResourceType::kModel && node.type != manifest::ResourceType::kSnapshot) continue;
    for (const manifest::Column& column : node.columns) {
      LineageReport::Row& row = report.rows.emplace_back();
      row.node = &node;
      row.column = column.name;
      row.lineage = lineage.Of(project, node, column.name);
      if (row.lineage.remark.empty()) continue;
      ++unproven[row.lineage.remark == manifest::ProjectLineage::kNotRead ? "SQL is not read: " + lineage.unavailable()
                                                                          : row.lineage.remark];
    }
  }
  report.unproven.assign(unproven.begin(), unproven.end());
  std::stable_sort(report.unproven.begin(), report.unproven.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return report;
}

double ProvenShare(const LineageCounts& counts) {
  return counts.of == 0 ? 1.0 : static_cast<double>(counts.proven()) / static_cast<double>(counts.of);
}

void PrintLineage(const LineageReport& report, Terminal& out) {
  const LineageCounts& counts = report.counts;
  if (counts.of == 0) return;
  out.Line();
  out.Line(Spans{{"Where columns come from", Style::kBold}});
  Table table({"PROVEN BY", "COLUMNS", "SHARE"});
  const std::pair<LineageProof, std::size_t> ways[] = {{LineageProof::kInfoSchema, counts.info_schema},
                                                       {LineageProof::kSql, counts.sql},
                                                       {LineageProof::kConservative, counts.conservative}};
  for (const auto& [proof, count] : ways) {
    const bool nothing = proof == LineageProof::kConservative;
    table.AddRow({{nothing ? "nothing: all columns of all parents" : std::string(Name(proof))},
                  {std::to_string(count), Style::kBold},
                  {Percent(count, counts.of), nothing && count > 0 ? Style::kWarning : Style::kPlain}});
  }
  table.Print(out, 2);
  for (std::size_t i = 0; i < report.unproven.size() && i < kMostReasons; ++i) {
    const auto& [why, count] = report.unproven[i];
    out.Line(Spans{{"  " + std::to_string(count) + (count == 1 ? " column: " : " columns: ") + why, Style::kDim}});
  }
  if (report.unproven.size() > kMostReasons) {
    out.Line(Spans{{"  and " + std::to_string(report.unproven.size() - kMostReasons) +
                        " more reasons; `--columns` tells each column's",
                    Style::kDim}});
  }
}

void PrintColumns(const std::vector<LineageReport::Row>& rows, const std::string& unavailable, Terminal& out) {
  bool unread = false;
  Table table({"COLUMN", "PROOF", "FROM"});
  for (const LineageReport::Row& row : rows) {
    const bool proven = row.lineage.proof != LineageProof::kConservative;
    std::string from = SourcesText(row.lineage);
    const bool not_read = row.lineage.remark == manifest::ProjectLineage::kNotRead;
    unread = unread || not_read;
    if (!proven && !not_read) from += " (" + row.lineage.remark + ")";
    table.AddRow({{row.node->unique_id + "." + row.column},
                  {std::string(Name(row.lineage.proof)), proven ? Style::kGood : Style::kWarning},
                  {from, Style::kDim}});
  }
  if (!table.empty()) table.Print(out);
  if (unread) out.Line(Spans{{"SQL is not read: " + unavailable, Style::kWarning}});
}

}  // namespace weir::gateway
