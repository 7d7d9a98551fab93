#include <algorithm>

#include "manifest/diagnostic.h"
#include "policies/check.h"

namespace weir::policies {
namespace {

constexpr std::size_t kMaxColumnWidth = 44;

struct Style {
  bool colour = false;
  std::string Paint(std::string_view code, std::string text) const {
    if (!colour) return text;
    return "\x1b[" + std::string(code) + "m" + text + "\x1b[0m";
  }
};

constexpr std::string_view kRed = "31", kGreen = "32", kYellow = "33", kBold = "1", kDim = "2";

std::string Shown(std::string_view text) { return manifest::EscapeForTerminal(text); }

std::string Padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string Counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string_view Sign(EgressChange change) {
  switch (change) {
    case EgressChange::kAdded:
      return "+";
    case EgressChange::kChanged:
      return "~";
    case EgressChange::kRemoved:
      return "-";
    case EgressChange::kSame:
      return " ";
  }
  return " ";
}

std::string RenderRow(const EgressRow& row, bool has_base, std::size_t column_width, std::size_t result_width,
                      const Style& style) {
  const std::string sign(has_base ? Sign(row.change) : " ");
  const std::string column = Padded(Shown(row.column + " -> " + row.field), column_width);
  std::string result = row.change == EgressChange::kRemoved ? "not sent"
                       : row.denied                         ? "DENIED"
                                                            : Shown(row.transform);
  result = Padded(result, result_width);
  const std::string_view paint = row.change == EgressChange::kRemoved ? kDim : row.denied ? kRed : kGreen;
  std::string note;
  if (row.change == EgressChange::kChanged) note = "was: " + row.before + "; ";
  if (row.change == EgressChange::kRemoved) note = "was: " + row.before + "; ";
  return "  " + sign + " " + column + "  " + style.Paint(paint, result) + "  " + Shown(note + row.reason) +
         "\n";
}

std::string RenderEgress(const CheckReport& report, const Style& style) {
  std::string out = style.Paint(kBold, "What would leave") + "\n";
  if (report.egress.empty()) return out + "  nothing: no exposure declares a sync (`config.meta.weir`)\n";
  std::size_t column_width = 0, result_width = 0;
  for (const EgressRow& row : report.egress) {
    column_width = std::max(column_width, row.column.size() + row.field.size() + 4);
    result_width = std::max(result_width, row.transform.size());
  }
  column_width = std::min(column_width, kMaxColumnWidth);
  result_width = std::min(std::max<std::size_t>(result_width, 8), kMaxColumnWidth);
  std::string target;
  for (const EgressRow& row : report.egress) {
    if (row.target != target) {
      target = row.target;
      const std::string purpose = row.purpose.empty() ? "" : " (" + row.purpose + ")";
      out += "\n  " + style.Paint(kBold, Shown(row.target + " -> " + row.destination + purpose));
      if (!row.path.empty()) out += "  " + style.Paint(kDim, Shown(row.path));
      out += "\n";
    }
    out += RenderRow(row, report.has_base, column_width, result_width, style);
  }
  return out;
}

std::string RenderFindings(const CheckReport& report, const Style& style) {
  std::string out;
  for (const FindingStatus status : {FindingStatus::kNew, FindingStatus::kExisting, FindingStatus::kFixed}) {
    const bool any = std::any_of(report.findings.begin(), report.findings.end(),
                                 [&](const Finding& finding) { return finding.status == status; });
    if (!any) continue;
    std::string title = "Findings";
    if (report.has_base)
      title = status == FindingStatus::kNew ? "New" : status == FindingStatus::kFixed ? "Fixed" : "Existing";
    out += "\n" + style.Paint(kBold, title) + "\n";
    for (const Finding& finding : report.findings) {
      if (finding.status != status) continue;
      const bool error = finding.level == FindingLevel::kError;
      out += "  " + style.Paint(status == FindingStatus::kFixed ? kGreen
                                : error                         ? kRed
                                                                : kYellow,
                                Padded(std::string(Name(finding.level)), 7));
      out += "  " + Shown(finding.rule) + "  " + Shown(finding.target) + "\n           " +
             Shown(finding.message) + "\n";
      if (finding.path.empty()) continue;
      out += "           " +
             style.Paint(
                 kDim, Shown(finding.path) + (finding.line == 0 ? "" : ":" + std::to_string(finding.line))) +
             "\n";
    }
  }
  return out;
}

}  // namespace

std::string RenderText(const CheckReport& report, bool colour) {
  const Style style{colour};
  std::string out = RenderEgress(report, style) + RenderFindings(report, style);
  const auto count = [&](FindingLevel level) {
    return report.Count(FindingStatus::kNew, level) + report.Count(FindingStatus::kExisting, level);
  };
  out += "\n" + Counted(report.syncs, "sync") + ", " + Counted(count(FindingLevel::kError), "error") + ", " +
         Counted(count(FindingLevel::kWarning), "warning");
  if (report.has_base) {
    const auto both = [&](FindingStatus status) {
      return report.Count(status, FindingLevel::kError) + report.Count(status, FindingLevel::kWarning);
    };
    out += " (" + std::to_string(both(FindingStatus::kNew)) + " new, " +
           std::to_string(both(FindingStatus::kExisting)) + " existing, " +
           std::to_string(both(FindingStatus::kFixed)) + " fixed)";
  }
  return out + "\n";
}

}  // namespace weir::policies
