#include "policies/json_writer.h"
#include "policies/report.h"

namespace weir::policies {

std::string RenderJson(const CheckReport& report, int exit_status) {
  JsonWriter json;
  json.BeginObject();
  json.Text("document", "weir.check");
  json.Integer("version", 1);
  json.Bool("has_base", report.has_base);
  json.Integer("syncs", report.syncs);
  json.BeginObject("counts");
  for (const FindingStatus status : {FindingStatus::kNew, FindingStatus::kExisting, FindingStatus::kFixed}) {
    json.BeginObject(Name(status));
    json.Integer("error", report.Count(status, FindingLevel::kError));
    json.Integer("warning", report.Count(status, FindingLevel::kWarning));
    json.EndObject();
  }
  json.Integer("suppressed", report.Suppressed());
  json.EndObject();
  json.BeginArray("findings");
  for (const Finding& finding : report.findings) {
    json.BeginObject();
    json.Text("rule", finding.rule);
    json.Text("status", Name(finding.status));
    json.Text("level", Name(finding.level));
    json.Text("target", finding.target);
    json.TextOrNull("column", finding.column);
    json.TextOrNull("destination", finding.destination);
    json.Text("message", finding.message);
    json.TextOrNull("path", finding.path);
    json.Integer("line", finding.line);
    json.Integer("line_column", finding.line_column);
    json.TextOrNull("why", finding.why);
    json.TextOrNull("suppressed_by", finding.suppressed_by);
    json.TextOrNull("suppression", finding.suppression);
    json.Text("fingerprint", finding.fingerprint);
    json.EndObject();
  }
  json.EndArray();
  json.BeginArray("egress");
  for (const EgressRow& row : report.egress) {
    json.BeginObject();
    json.Text("change", Name(row.change));
    json.Text("target", row.target);
    json.Text("column", row.column);
    json.Text("field", row.field);
    json.Text("destination", row.destination);
    json.TextOrNull("purpose", row.purpose);
    json.TextOrNull("before", row.before);
    json.TextOrNull("after", row.transform);
    json.Bool("denied", row.denied);
    json.Texts("rule", row.rules);
    json.Text("reason", row.reason);
    if (row.rows_at_most) json.Integer("rows_at_most", *row.rows_at_most);
    json.TextOrNull("path", row.path);
    json.Integer("line", row.line);
    json.EndObject();
  }
  json.EndArray();
  json.Integer("exit_status", static_cast<std::uint64_t>(exit_status));
  json.EndObject();
  return json.text() + "\n";
}

}  // namespace weir::policies
