#include <vector>

#include "policies/report.h"
#include "policies/report_escape.h"

namespace weir::policies {
namespace {

// GitHub shows ten annotations of each kind of one step, and drops the rest in silence.
constexpr std::size_t kAnnotations = 10;

void Annotate(std::string_view command, const std::vector<const Finding*>& findings, std::string* out) {
  const bool grouped = findings.size() > kAnnotations;
  const std::size_t shown = grouped ? kAnnotations - 1 : findings.size();
  for (std::size_t i = 0; i < shown; ++i) {
    const Finding& finding = *findings[i];
    std::string properties;
    if (!finding.path.empty()) {
      properties += "file=" + EscapeCommandProperty(finding.path) + ",";
      if (finding.line != 0) properties += "line=" + std::to_string(finding.line) + ",";
      if (finding.line_column != 0) properties += "col=" + std::to_string(finding.line_column) + ",";
    }
    *out += "::" + std::string(command) + " " + properties + "title=" + EscapeCommandProperty("Weir " + finding.rule) +
            "::" + EscapeCommandData(finding.target + ": " + finding.message) + "\n";
  }
  if (!grouped) return;
  *out += "::" + std::string(command) + " title=Weir::" + std::to_string(findings.size() - shown) +
          " more; all of them are in the job's summary\n";
}

}  // namespace

std::string RenderGithub(const CheckReport& report, const ReportSettings& settings) {
  std::vector<const Finding*> errors, warnings;
  std::size_t existing = 0, fixed = 0;
  std::string waived;
  for (const Finding& finding : report.findings) {
    if (finding.status == FindingStatus::kFixed) {
      ++fixed;
    } else if (!finding.suppressed_by.empty()) {
      waived += "  waived: " + EscapeCommandData(finding.rule + " " + finding.target + ": " + finding.message + " (" +
                                                 finding.suppression + ")") +
                "\n";
    } else if (finding.status == FindingStatus::kExisting && settings.fail_on != FailOn::kAll) {
      ++existing;
    } else {
      (finding.level == FindingLevel::kError ? errors : warnings).push_back(&finding);
    }
  }
  std::string out;
  Annotate("error", errors, &out);
  Annotate("warning", warnings, &out);
  out += "weir: " + std::to_string(report.syncs) + (report.syncs == 1 ? " sync, " : " syncs, ") +
         std::to_string(errors.size()) + (errors.size() == 1 ? " error, " : " errors, ") + std::to_string(warnings.size()) +
         (warnings.size() == 1 ? " warning" : " warnings");
  if (report.has_base || existing != 0 || fixed != 0) {
    out += "; " + std::to_string(existing) + " more were there before, " + std::to_string(fixed) + " are fixed";
  }
  if (!waived.empty()) out += "; " + std::to_string(report.Suppressed()) + " waived";
  return out + "\n" + waived;
}

}  // namespace weir::policies
