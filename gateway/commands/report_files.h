#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gateway/terminal.h"
#include "policies/report.h"

namespace weir::gateway {

// Where the reports of `weir check` go: standard output, files of other formats beside it, and GitHub's step summary.

// `FORMAT=FILE` of `--output`. Throws ConfigError W-CLI-001 for what is none.
std::vector<std::pair<policies::ReportFormat, std::string>> ReadOutputs(const std::vector<std::string>& written);

// JSON is indented; everything else as it was rendered.
void PrintReport(policies::ReportFormat format, const policies::CheckReport& report,
                 const policies::ReportSettings& settings, Terminal& out);
// Writes over what is there. Throws ConfigError W-CLI-003 when it cannot.
void WriteReport(policies::ReportFormat format, const std::string& file, const policies::CheckReport& report,
                 const policies::ReportSettings& settings);
void WriteText(const std::string& file, const std::string& text);

// Appends the Markdown to the file that GitHub names in GITHUB_STEP_SUMMARY; nothing where there is none.
void AppendStepSummary(const policies::CheckReport& report, const policies::ReportSettings& settings, Terminal& err);

// Makes every path relative to `root`, where it lies below; paths of the dbt project that does not, relative to that.
// `root` and `project` are absolute.
void RelocatePaths(const std::string& root, const std::string& project, policies::CheckReport* report);

}  // namespace weir::gateway
