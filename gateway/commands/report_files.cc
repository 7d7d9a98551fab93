#include "gateway/commands/report_files.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "gateway/commands/json_output.h"
#include "gateway/config.h"
#include "manifest/diagnostic.h"

namespace weir::gateway {
namespace {

namespace fs = std::filesystem;
using policies::ReportFormat;

bool IsOneJsonDocument(ReportFormat format) {
  return format == ReportFormat::kJson || format == ReportFormat::kSarif || format == ReportFormat::kGitlab;
}

// The path below `folder`; nullopt when it lies elsewhere.
std::optional<std::string> Below(const fs::path& path, const std::string& folder) {
  if (folder.empty()) return std::nullopt;
  const fs::path relative = path.lexically_relative(folder);
  if (relative.empty() || *relative.begin() == "..") return std::nullopt;
  return relative.generic_string();
}

std::string Relocated(const std::string& path, const std::string& root, const std::string& project) {
  if (path.empty()) return path;
  const fs::path absolute = (fs::path(path).is_absolute() ? fs::path(path) : fs::current_path() / path).lexically_normal();
  if (const auto below = Below(absolute, root)) return *below;
  if (const auto below = Below(absolute, project)) return *below;
  return path;
}

}  // namespace

std::vector<std::pair<ReportFormat, std::string>> ReadOutputs(const std::vector<std::string>& written) {
  std::vector<std::pair<ReportFormat, std::string>> outputs;
  for (const std::string& one : written) {
    const std::size_t equals = one.find('=');
    const std::string name = one.substr(0, equals);
    const std::optional<ReportFormat> format = policies::ReportFormatNamed(name);
    if (equals == std::string::npos || equals + 1 == one.size() || !format) {
      const std::string hint = format ? "" : manifest::DidYouMean(name, policies::ReportFormatNames());
      throw ConfigError("W-CLI-001", "`--output " + one + "` is not FORMAT=FILE, as `sarif=weir.sarif`" + hint);
    }
    outputs.emplace_back(*format, one.substr(equals + 1));
  }
  return outputs;
}

void PrintReport(ReportFormat format, const policies::CheckReport& report, const policies::ReportSettings& settings,
                 Terminal& out) {
  const std::string text = policies::Render(format, report, settings);
  if (IsOneJsonDocument(format)) return PrintJson(text, out);
  out.Verbatim(text);
}

void WriteText(const std::string& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (!stream) throw ConfigError("W-CLI-003", "`" + file + "` cannot be written; check the path and its permissions");
}

void WriteReport(ReportFormat format, const std::string& file, const policies::CheckReport& report,
                 const policies::ReportSettings& settings) {
  std::string text = policies::Render(format, report, settings);
  if (IsOneJsonDocument(format)) text = nlohmann::ordered_json::parse(text).dump(2) + "\n";
  WriteText(file, text);
}

void AppendStepSummary(const policies::CheckReport& report, const policies::ReportSettings& settings, Terminal& err) {
  const char* const file = std::getenv("GITHUB_STEP_SUMMARY");
  if (file == nullptr || *file == '\0') return;
  std::ofstream stream(file, std::ios::binary | std::ios::app);
  stream << policies::RenderMarkdown(report, settings);
  stream.close();
  if (!stream) err.Line("weir: warning: GITHUB_STEP_SUMMARY cannot be written; the job has no summary");
}

void RelocatePaths(const std::string& root, const std::string& project, policies::CheckReport* report) {
  for (policies::Finding& finding : report->findings) finding.path = Relocated(finding.path, root, project);
  for (policies::EgressRow& row : report->egress) row.path = Relocated(row.path, root, project);
}

}  // namespace weir::gateway
