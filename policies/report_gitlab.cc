#include "policies/json_writer.h"
#include "policies/report.h"
#include "policies/report_escape.h"

namespace weir::policies {

// GitLab compares with the report of the target branch by itself, so what exists already is listed, too. A finding whose
// fingerprint is there twice would be dropped; ours are distinct.
std::string RenderGitlab(const CheckReport& report, const ReportSettings& settings) {
  JsonWriter json;
  json.BeginArray();
  for (const Finding& finding : report.findings) {
    if (finding.status == FindingStatus::kFixed) continue;
    json.BeginObject();
    const bool suppressed = !finding.suppressed_by.empty();
    json.Text("description", EscapeText(finding.message + (suppressed ? "; " + finding.suppression : "")));
    json.Text("check_name", finding.rule);
    json.Text("fingerprint", finding.fingerprint);
    json.Text("severity", suppressed                               ? "info"
                          : finding.level == FindingLevel::kError ? "critical"
                                                                    : "minor");
    json.BeginObject("location");
    json.Text("path", finding.path.empty() ? settings.otherwise_path : finding.path);
    json.BeginObject("lines");
    json.Integer("begin", finding.line == 0 ? 1 : finding.line);
    json.EndObject();
    json.EndObject();
    json.EndObject();
  }
  json.EndArray();
  return json.text() + "\n";
}

}  // namespace weir::policies
