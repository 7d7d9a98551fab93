#include "policies/report.h"

#include <algorithm>

namespace weir::policies {

const std::vector<std::string>& ReportFormatNames() {
  static const std::vector<std::string> kNames = {"text",   "json",   "sarif",    "junit",
                                                  "github", "gitlab", "markdown", "rdjsonl"};
  return kNames;
}

std::optional<ReportFormat> ReportFormatNamed(std::string_view name) {
  const std::vector<std::string>& names = ReportFormatNames();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<ReportFormat>(found - names.begin());
}

std::string Render(ReportFormat format, const CheckReport& report, const ReportSettings& settings) {
  switch (format) {
    case ReportFormat::kText:
      return RenderText(report, settings.colour);
    case ReportFormat::kJson:
      return RenderJson(report, settings.exit_status);
    case ReportFormat::kSarif:
      return RenderSarif(report, settings);
    case ReportFormat::kJunit:
      return RenderJunit(report, settings);
    case ReportFormat::kGithub:
      return RenderGithub(report, settings);
    case ReportFormat::kGitlab:
      return RenderGitlab(report, settings);
    case ReportFormat::kMarkdown:
      return RenderMarkdown(report, settings);
    case ReportFormat::kRdjsonl:
      return RenderRdjsonl(report, settings);
  }
  return {};
}

bool Fails(const Finding& finding, FailOn fail_on) {
  if (fail_on == FailOn::kNever || finding.level != FindingLevel::kError || !finding.suppressed_by.empty()) return false;
  return finding.status == FindingStatus::kNew || (fail_on == FailOn::kAll && finding.status == FindingStatus::kExisting);
}

}  // namespace weir::policies
