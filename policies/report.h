#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policies/check.h"

namespace weir::policies {

// A check's report in the formats of the platforms that show it. Whatever an author of a pull request may have written
// (names, paths, meta) is escaped for each; policies/README.md, "Formats", says what each holds. Every renderer is a pure
// function: one report, one text.

enum class ReportFormat : std::uint8_t { kText, kJson, kSarif, kJunit, kGithub, kGitlab, kMarkdown, kRdjsonl };
// Names as `--format` has them, in the order of the enum.
const std::vector<std::string>& ReportFormatNames();
std::optional<ReportFormat> ReportFormatNamed(std::string_view name);

enum class FailOn : std::uint8_t { kNew, kAll, kNever };

struct ReportSettings {
  bool colour = false;         // text: for a terminal
  FailOn fail_on = FailOn::kNew;
  int exit_status = 0;         // JSON
  std::string version;         // of the program: SARIF, reviewdog
  std::string made_at;         // when the head was made, as its manifest says: JUnit's timestamp
  std::string otherwise_path;  // for a finding that stands in no file, where a platform needs one: weir.yml
};

std::string RenderText(const CheckReport& report, bool colour);
// The document `weir.check`; its schema: check.schema.json.
std::string RenderJson(const CheckReport& report, int exit_status);
// SARIF 2.1.0. Findings that are fixed are left out: GitHub would open an alert for each.
std::string RenderSarif(const CheckReport& report, const ReportSettings& settings);
// By the schema of Jenkins' xUnit plugin. A finding that makes the check fail is a failure, every other one is skipped.
std::string RenderJunit(const CheckReport& report, const ReportSettings& settings);
// Workflow commands of GitHub Actions: at most ten errors and ten warnings, of which the last tells how many more there are.
std::string RenderGithub(const CheckReport& report, const ReportSettings& settings);
// GitLab's Code Quality report: a JSON list.
std::string RenderGitlab(const CheckReport& report, const ReportSettings& settings);
// One comment below GitHub's 65,536 characters. Begins with kMarkdownMarker, by which whoever posts it finds the last one.
inline constexpr std::string_view kMarkdownMarker = "<!-- weir-check -->";
std::string RenderMarkdown(const CheckReport& report, const ReportSettings& settings);
// reviewdog's rdjsonl: one diagnostic a line.
std::string RenderRdjsonl(const CheckReport& report, const ReportSettings& settings);

std::string Render(ReportFormat format, const CheckReport& report, const ReportSettings& settings);

// Whether the finding makes the check fail.
bool Fails(const Finding& finding, FailOn fail_on);

// What Weir itself finds, beside the ids of the policy's own rules and requirements. Ids are stable.
struct FindingRule {
  std::string_view id;
  std::string_view what;
  std::string_view then;  // what to do
};
const std::vector<FindingRule>& RulesOfFindings();
const FindingRule* FindFindingRule(std::string_view id);  // null pointer: the policy's own

}  // namespace weir::policies
