#include <algorithm>
#include <string>
#include <vector>

#include "policies/report.h"
#include "policies/report_escape.h"

namespace weir::policies {
namespace {

// GitHub takes 65,536 characters; a byte is at most one, and the last lines need room.
constexpr std::size_t kMaxBytes = 64'000;
// What one section may take, so that a long one does not push out those after it.
constexpr std::size_t kMaxSectionBytes = 20'000;

std::string Counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string PlaceOf(const std::string& path, std::uint32_t line) {
  return path.empty() ? "" : MarkdownCode(path + (line == 0 ? "" : ":" + std::to_string(line)));
}

// Rows of a table, as many as fit; then how many do not.
std::string Table(std::string_view header, const std::vector<std::string>& rows, std::size_t room) {
  if (rows.empty()) return {};
  std::string out(header);
  std::size_t shown = 0;
  for (const std::string& row : rows) {
    if (out.size() + row.size() > room) break;
    out += row;
    ++shown;
  }
  out += "\n";
  if (shown < rows.size()) {
    out += "_" + Counted(rows.size() - shown, "more row") + " did not fit here; `weir check` shows all._\n\n";
  }
  return out;
}

std::string FindingRow(const Finding& finding) {
  std::string what = EscapeMarkdown(finding.message);
  if (!finding.why.empty()) what += "<br>_" + EscapeMarkdown(finding.why) + "_";
  if (!finding.suppressed_by.empty()) what += "<br>" + EscapeMarkdown(finding.suppression);
  return "| " + std::string(finding.level == FindingLevel::kError ? "**error**" : "warning") + " | " +
         MarkdownCode(finding.rule) + " | " + MarkdownCode(finding.target) + " | " + what + " | " +
         PlaceOf(finding.path, finding.line) + " |\n";
}

std::vector<std::string> RowsOf(const CheckReport& report, FindingStatus status) {
  std::vector<std::string> rows;
  for (const Finding& finding : report.findings) {
    if (finding.status == status && finding.suppressed_by.empty()) rows.push_back(FindingRow(finding));
  }
  return rows;
}

std::vector<std::string> SuppressedRows(const CheckReport& report) {
  std::vector<std::string> rows;
  for (const Finding& finding : report.findings) {
    if (finding.status != FindingStatus::kFixed && !finding.suppressed_by.empty()) rows.push_back(FindingRow(finding));
  }
  return rows;
}

std::string EgressTableRow(const EgressRow& row, bool has_base) {
  const std::string_view sign = !has_base                              ? ""
                                : row.change == EgressChange::kAdded   ? "+"
                                : row.change == EgressChange::kChanged ? "~"
                                                                       : "-";
  const std::string to = row.destination + (row.purpose.empty() ? "" : " (" + row.purpose + ")");
  const std::string now = row.change == EgressChange::kRemoved ? "not sent"
                          : row.denied                         ? "**denied**"
                                                               : MarkdownCode(row.transform);
  return "| " + (sign.empty() ? std::string() : MarkdownCode(sign)) + " | " + MarkdownCode(row.column) + " | " +
         EscapeMarkdown(to) + " | " + now + " | " + MarkdownCode(row.before) + " | " + EscapeMarkdown(row.reason) + " | " +
         PlaceOf(row.path, row.line) + " |\n";
}

std::string Details(std::string_view title, std::size_t count, const std::string& table) {
  if (table.empty()) return {};
  return "<details><summary>" + std::to_string(count) + " " + std::string(title) + "</summary>\n\n" + table +
         "</details>\n\n";
}

std::string Title(const CheckReport& report, FailOn fail_on) {
  const auto failing = static_cast<std::size_t>(std::count_if(
      report.findings.begin(), report.findings.end(), [&](const Finding& one) { return Fails(one, fail_on); }));
  return failing == 0 ? "### Weir: nothing to object to\n\n" : "### Weir: " + Counted(failing, "error") + "\n\n";
}

}  // namespace

std::string RenderMarkdown(const CheckReport& report, const ReportSettings& settings) {
  constexpr std::string_view kFindings = "| | rule | of | what | where |\n|---|---|---|---|---|\n";
  constexpr std::string_view kEgress =
      "| | column | to | leaves as | was | why | where |\n|---|---|---|---|---|---|---|\n";
  std::string out = std::string(kMarkdownMarker) + "\n" + Title(report, settings.fail_on);
  const auto add = [&out](const std::string& section) {
    if (out.size() + section.size() <= kMaxBytes) out += section;
  };

  std::vector<std::string> egress;
  for (const EgressRow& row : report.egress) {
    if (!report.has_base || row.change != EgressChange::kSame) egress.push_back(EgressTableRow(row, report.has_base));
  }
  const std::vector<std::string> now = RowsOf(report, FindingStatus::kNew), before = RowsOf(report, FindingStatus::kExisting),
                                 fixed = RowsOf(report, FindingStatus::kFixed), waived = SuppressedRows(report);
  if (!now.empty()) add((report.has_base ? "**New findings**\n\n" : "**Findings**\n\n") + Table(kFindings, now, kMaxSectionBytes));
  if (!egress.empty()) {
    add((report.has_base ? "**What would leave differently**\n\n" : "**What would leave**\n\n") +
        Table(kEgress, egress, kMaxSectionBytes));
  } else {
    add(report.has_base ? "What leaves stays the same.\n\n" : "No exposure declares a sync: nothing leaves.\n\n");
  }
  add(Details("fixed", fixed.size(), Table(kFindings, fixed, kMaxSectionBytes / 3)));
  add(Details("existing", before.size(), Table(kFindings, before, kMaxSectionBytes / 2)));
  add(Details("waived", waived.size(), Table(kFindings, waived, kMaxSectionBytes / 3)));
  add(Counted(report.syncs, "sync") + (report.has_base ? ", compared with the base" : "") + ".\n");
  return out;
}

}  // namespace weir::policies
