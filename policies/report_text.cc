#include <algorithm>
#include <string>

#include "policies/report.h"
#include "policies/report_escape.h"

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

std::string Shown(std::string_view text) { return EscapeText(text); }

std::string Padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string Counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string PlaceOf(const std::string& path, std::uint32_t line) {
  return Shown(path) + (line == 0 ? "" : ":" + std::to_string(line));
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

// What a reader must see again although the pull request does not change it.
bool IsQuiet(const EgressRow& row, bool has_base) {
  return has_base && row.change == EgressChange::kSame && !row.denied;
}

class EgressPlan {
 public:
  EgressPlan(const CheckReport& report, const Style& style) : report_(report), style_(style) {
    for (const EgressRow& row : report.egress) {
      column_width_ = std::max(column_width_, row.column.size() + row.field.size() + 4);
      result_width_ = std::max(result_width_, row.transform.size());
    }
    column_width_ = std::min(column_width_, kMaxColumnWidth);
    result_width_ = std::min(std::max<std::size_t>(result_width_, 8), kMaxColumnWidth);
  }

  std::string Render() const {
    std::string out = style_.Paint(kBold, "What would leave") + "\n";
    if (report_.egress.empty()) return out + "  nothing: no exposure declares a sync (`config.meta.weir`)\n";
    for (auto row = report_.egress.begin(); row != report_.egress.end();) {
      const auto end = std::find_if(row, report_.egress.end(),
                                    [&](const EgressRow& one) { return one.target != row->target; });
      const std::string purpose = row->purpose.empty() ? "" : " (" + row->purpose + ")";
      out += "\n  " + style_.Paint(kBold, Shown(row->target + " -> " + row->destination + purpose)) + "\n";
      const std::string target = row->target;
      std::size_t quiet = 0;
      for (; row != end; ++row) {
        if (IsQuiet(*row, report_.has_base)) {
          ++quiet;
        } else {
          out += RenderRow(*row);
        }
      }
      if (quiet != 0) out += "    " + style_.Paint(kDim, Counted(quiet, "column") + " as before") + "\n";
      out += RenderWeakened(target);
    }
    return out;
  }

 private:
  std::string RenderRow(const EgressRow& row) const {
    const std::string sign(report_.has_base ? Sign(row.change) : " ");
    const bool removed = row.change == EgressChange::kRemoved;
    const std::string result =
        Padded(removed ? "not sent" : row.denied ? "DENIED" : Shown(row.transform), result_width_);
    std::string note;
    if (removed || row.change == EgressChange::kChanged) note = "was: " + row.before + "; ";
    std::string out = "  " + sign + " " + Padded(Shown(row.column + " -> " + row.field), column_width_) + "  " +
                      style_.Paint(removed ? kDim : row.denied ? kRed : kGreen, result) + "  " + Shown(note + row.reason);
    if (!row.path.empty() && row.line != 0) out += "  " + style_.Paint(kDim, PlaceOf(row.path, row.line));
    return out + "\n";
  }

  std::string RenderWeakened(const std::string& target) const {
    std::string out;
    for (const Finding& finding : report_.findings) {
      if (finding.rule != "gate-weakened" || finding.target != target || finding.status != FindingStatus::kNew) continue;
      out += "  " + style_.Paint(kYellow, "! " + Shown(finding.message)) + "\n";
    }
    return out;
  }

  const CheckReport& report_;
  const Style& style_;
  std::size_t column_width_ = 0, result_width_ = 0;
};

std::string RenderFinding(const Finding& finding, const Style& style) {
  const bool error = finding.level == FindingLevel::kError;
  const std::string_view paint = finding.status == FindingStatus::kFixed ? kGreen : error ? kRed : kYellow;
  constexpr std::string_view kIndent = "           ";
  std::string out = "  " + style.Paint(paint, Padded(std::string(Name(finding.level)), 7)) + "  " + Shown(finding.rule) +
                    "  " + Shown(finding.target) + "\n" + std::string(kIndent) + Shown(finding.message) + "\n";
  if (!finding.why.empty()) out += std::string(kIndent) + style.Paint(kDim, "why: " + Shown(finding.why)) + "\n";
  if (!finding.suppressed_by.empty()) out += std::string(kIndent) + Shown(finding.suppression) + "\n";
  if (!finding.path.empty()) {
    // Not at the line's beginning: GitHub would take a path `::error::` for a command of its own.
    out += std::string(kIndent) + style.Paint(kDim, "at " + PlaceOf(finding.path, finding.line)) + "\n";
  }
  return out;
}

std::string RenderFindings(const CheckReport& report, const Style& style) {
  std::string out;
  for (const FindingStatus status : {FindingStatus::kNew, FindingStatus::kExisting, FindingStatus::kFixed}) {
    std::string section;
    for (const Finding& finding : report.findings) {
      if (finding.status == status && finding.suppressed_by.empty()) section += RenderFinding(finding, style);
    }
    if (section.empty()) continue;
    const bool split = report.has_base || status != FindingStatus::kNew;
    out += "\n" + style.Paint(kBold, !split                                ? "Findings"
                                     : status == FindingStatus::kNew       ? "New"
                                     : status == FindingStatus::kExisting ? "Existing"
                                                                           : "Fixed") +
           "\n" + section;
  }
  std::string waived;
  for (const Finding& finding : report.findings) {
    const bool lifted = finding.status != FindingStatus::kFixed && !finding.suppressed_by.empty();
    if (lifted) waived += RenderFinding(finding, style);
  }
  if (!waived.empty()) out += "\n" + style.Paint(kBold, "Waived") + "\n" + waived;
  return out;
}

}  // namespace

std::string RenderText(const CheckReport& report, bool colour) {
  const Style style{colour};
  std::string out = EgressPlan(report, style).Render() + RenderFindings(report, style);
  const auto count = [&](FindingLevel level) {
    return report.Count(FindingStatus::kNew, level) + report.Count(FindingStatus::kExisting, level);
  };
  const auto both = [&](FindingStatus status) {
    return report.Count(status, FindingLevel::kError) + report.Count(status, FindingLevel::kWarning);
  };
  out += "\n" + Counted(report.syncs, "sync") + ", " + Counted(count(FindingLevel::kError), "error") + ", " +
         Counted(count(FindingLevel::kWarning), "warning");
  if (report.has_base || both(FindingStatus::kExisting) + both(FindingStatus::kFixed) > 0) {
    out += " (" + std::to_string(both(FindingStatus::kNew)) + " new, " +
           std::to_string(both(FindingStatus::kExisting)) + " existing, " +
           std::to_string(both(FindingStatus::kFixed)) + " fixed)";
  }
  if (report.Suppressed() != 0) out += ", " + std::to_string(report.Suppressed()) + " waived";
  return out + "\n";
}

}  // namespace weir::policies
