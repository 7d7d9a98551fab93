#include "policies/explain.h"

#include <cstdio>

#include "manifest/diagnostic.h"
#include "policies/json_writer.h"

namespace weir::policies {
namespace {

using manifest::EscapeForTerminal;

std::string_view KindOf(const Rule& rule) {
  switch (rule.kind) {
    case Rule::Kind::kNever:
      return "never";
    case Rule::Kind::kGive:
      return "give";
    case Rule::Kind::kRows:
      return "rows";
  }
  return "never";
}

std::string ResultOf(const ColumnDecision& decision) {
  if (decision.denied()) return "DENIED";
  if (decision.use == Use::kFilter || decision.use == Use::kSubject) return "read here, not sent";
  return decision.transform.ToText();
}

void Write(const ColumnDecision& decision, JsonWriter* json) {
  json->BeginObject();
  json->Text("model", decision.model);
  json->Text("column", decision.column);
  json->TextOrNull("field", decision.field);
  json->Text("use", Name(decision.use));
  json->BeginArray("classes");
  for (const ClassEvidence& evidence : decision.classes) {
    json->BeginObject();
    json->Text("name", evidence.name);
    json->Bool("permissive", evidence.permissive);
    json->Bool("declared", evidence.declared);
    json->Bool("inherited", evidence.inherited);
    json->Text("how", evidence.how);
    json->TextOrNull("lifted", evidence.lifted);
    json->EndObject();
  }
  json->EndArray();
  json->BeginArray("rules");
  for (const RuleTrace& trace : decision.traces) {
    json->BeginObject();
    json->Text("id", trace.rule->id);
    json->Text("kind", KindOf(*trace.rule));
    json->Bool("matched", trace.matched);
    json->Text(trace.matched ? "effect" : "why_not", trace.reason);
    json->TextOrNull("why", trace.rule->why);
    json->EndObject();
  }
  json->EndArray();
  json->Text("transform", decision.transform.ToText());
  json->Bool("denied", decision.denied());
  json->Texts("decided_by", decision.rules);
  json->TextOrNull("conflict", decision.conflict);
  json->TextOrNull("unfit", decision.unfit);
  json->TextOrNull("code", decision.code);
  json->Text("reason", decision.reason);
  json->EndObject();
}

// The escaper would show line breaks, so it gets one line at a time.
std::string EscapeLines(const std::string& text) {
  std::string escaped;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    escaped += EscapeForTerminal(std::string_view(text).substr(begin, end - begin)) + "\n";
    begin = end + 1;
  }
  return escaped;
}

}  // namespace

std::string ExplainText(const ValueQuestion& question) {
  char share[16];
  std::snprintf(share, sizeof share, "%g%%", question.defined->value->share * 100);
  return EscapeLines("  value    " + question.defined->name + ", when a sync sees that " + share + " of its values look like " +
                     question.defined->value->ToText() + ": then " + ResultOf(question.then) + ", " + question.then.reason +
                     "; the run is held\n");
}

std::string ExplainText(const ColumnDecision& decision) {
  std::string out = decision.model + "." + decision.column;
  if (!decision.field.empty()) out += " -> " + decision.field;
  out += " (" + std::string(Name(decision.use)) + ")\n  result   " + ResultOf(decision) + "\n  because  " +
         decision.reason + "\n";
  if (!decision.conflict.empty())
    out += "  warning  " + decision.conflict + ": what cannot be compared is redacted\n";
  if (!decision.unfit.empty()) out += "  warning  " + decision.unfit + "\n";
  if (decision.classes.empty()) out += "  classes  none\n";
  for (const ClassEvidence& evidence : decision.classes) {
    out += "  class    " + evidence.name + (evidence.permissive ? ", permissive" : "") + ": " +
           (evidence.declared ? "declared " : "inferred ") + evidence.how + "\n";
    if (!evidence.lifted.empty()) out += "           " + evidence.lifted + "\n";
  }
  if (!decision.code.empty()) out += "  code     " + decision.code + "\n";
  for (const RuleTrace& trace : decision.traces) {
    out += std::string("  ") + (trace.matched ? "+" : "-") + " " + trace.rule->id + " " + trace.reason;
    if (trace.matched && !trace.rule->why.empty()) out += " (" + trace.rule->why + ")";
    out += "\n";
  }
  return EscapeLines(out);
}

std::string ExplainJson(const ColumnDecision& decision) {
  JsonWriter json;
  Write(decision, &json);
  return json.text() + "\n";
}

std::string ExplainText(const SyncDecision& decision) {
  std::string out =
      EscapeForTerminal(decision.sync->id + ": " + decision.sync->model_id + " -> " +
                        decision.sync->destination +
                        (decision.sync->purpose.empty() ? "" : " (" + decision.sync->purpose + ")")) +
      "\n";
  for (const std::string& refusal : decision.refusals)
    out += "  refused  " + EscapeForTerminal(refusal) + "\n";
  for (std::size_t i = 0; i < decision.row_filters.size(); ++i) {
    out += "  rows     " +
           EscapeForTerminal(decision.row_rules[i] + ": " + decision.row_filters[i].ToYaml()) + "\n";
  }
  for (const SyncDecision::SubjectKey& subject : decision.subjects) {
    out += "  subject  " + EscapeForTerminal(subject.subject + ", by `" + subject.column + "`") + "\n";
  }
  for (const ColumnDecision& column : decision.columns) out += "\n" + ExplainText(column);
  return out;
}

std::string ExplainJson(const SyncDecision& decision) {
  JsonWriter json;
  json.BeginObject();
  json.Text("sync", decision.sync->id);
  json.Text("model", decision.sync->model_id);
  json.Text("destination", decision.sync->destination);
  json.TextOrNull("purpose", decision.sync->purpose);
  json.Texts("refusals", decision.refusals);
  json.BeginArray("row_filters");
  for (std::size_t i = 0; i < decision.row_filters.size(); ++i) {
    json.BeginObject();
    json.Text("rule", decision.row_rules[i]);
    json.Text("send_if", decision.row_filters[i].ToYaml());
    json.EndObject();
  }
  json.EndArray();
  json.BeginArray("subjects");
  for (const SyncDecision::SubjectKey& subject : decision.subjects) {
    json.BeginObject();
    json.Text("subject", subject.subject);
    json.Text("column", subject.column);
    json.EndObject();
  }
  json.EndArray();
  json.BeginArray("columns");
  for (const ColumnDecision& column : decision.columns) Write(column, &json);
  json.EndArray();
  json.EndObject();
  return json.text() + "\n";
}

}  // namespace weir::policies
