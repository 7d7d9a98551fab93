#include "policies/json_writer.h"
#include "policies/report.h"
#include "policies/report_escape.h"

namespace weir::policies {

std::string RenderRdjsonl(const CheckReport& report, const ReportSettings& settings) {
  std::string out;
  for (const Finding& finding : report.findings) {
    if (finding.status == FindingStatus::kFixed) continue;
    JsonWriter json;
    json.BeginObject();
    const bool suppressed = !finding.suppressed_by.empty();
    json.Text("message", EscapeText(finding.message + (suppressed ? "; " + finding.suppression : "")));
    json.BeginObject("location");
    json.Text("path", finding.path.empty() ? settings.otherwise_path : finding.path);
    json.BeginObject("range");
    json.BeginObject("start");
    json.Integer("line", finding.line == 0 ? 1 : finding.line);
    if (finding.line_column != 0) json.Integer("column", finding.line_column);
    json.EndObject();
    json.EndObject();
    json.EndObject();
    json.Text("severity", suppressed                               ? "INFO"
                          : finding.level == FindingLevel::kError ? "ERROR"
                                                                    : "WARNING");
    json.BeginObject("source");
    json.Text("name", "weir");
    json.EndObject();
    json.BeginObject("code");
    json.Text("value", finding.rule);
    json.EndObject();
    json.EndObject();
    out += json.text() + "\n";
  }
  return out;
}

}  // namespace weir::policies
