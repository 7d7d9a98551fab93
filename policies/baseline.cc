#include "policies/baseline.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "manifest/fields.h"
#include "manifest/yaml_document.h"
#include "policies/json_writer.h"

namespace weir::policies {
namespace {

constexpr std::string_view kCode = "W-CHK-001";

bool MayBeExcused(const Finding& finding) {
  static constexpr auto kNever = std::to_array<std::string_view>({
      "base-untrusted", "class-lost", "column-changed", "config-changed", "declassify-expired", "declassify-stale",
      "destination-changed", "filter-changed", "gate-weakened", "hook-changed", "mode-changed", "model-changed",
      "object-changed", "permissive-wildcard", "policy-changed", "policy-loosened", "purpose-changed",
      "waiver-expired"});
  return std::find(kNever.begin(), kNever.end(), finding.rule) == kNever.end();
}

// By fingerprint.
std::map<std::string, Finding> ReadFindings(const manifest::Value& document, const std::string& file,
                                            manifest::Diagnostics* diagnostics) {
  std::map<std::string, Finding> out;
  manifest::Fields fields(document, "the baseline", file, std::string(kCode), diagnostics);
  const manifest::Value* const kind = fields.Required("document");
  const manifest::Value* const version = fields.Required("version");
  if (kind != nullptr && kind->text() != "weir.baseline") fields.Error(*kind, "`document` must be `weir.baseline`");
  if (version != nullptr && version->text() != "1") fields.Error(*version, "this version of Weir reads baselines of version 1");
  const manifest::Value* const list = fields.Required("findings");
  fields.Finish();
  if (list == nullptr) return out;
  if (list->kind() != manifest::Value::Kind::kList) fields.Error(*list, "`findings` must be a list");
  for (const manifest::Value& item : list->items()) {
    manifest::Fields one(item, "a finding of the baseline", file, std::string(kCode), diagnostics);
    Finding finding;
    finding.fingerprint = one.RequiredString("fingerprint").value_or("");
    finding.rule = one.RequiredString("rule").value_or("");
    finding.target = one.RequiredString("target").value_or("");
    finding.column = one.String("column").value_or("");
    finding.destination = one.String("destination").value_or("");
    finding.covers = one.Strings("covers");
    std::sort(finding.covers.begin(), finding.covers.end());
    if (one.String("level") == "warning") finding.level = FindingLevel::kWarning;
    one.Finish();
    out[finding.fingerprint] = std::move(finding);
  }
  return out;
}

bool Before(const Finding& a, const Finding& b) {
  return std::tie(a.status, a.level, a.target, a.column, a.rule, a.fingerprint) <
         std::tie(b.status, b.level, b.target, b.column, b.rule, b.fingerprint);
}

}  // namespace

std::string RenderBaseline(const CheckReport& report) {
  std::map<std::string, const Finding*> findings;
  for (const Finding& finding : report.findings) {
    // What a waiver lifts comes back when the waiver ends; a baseline would hide it for good.
    const bool stands = finding.status != FindingStatus::kFixed && finding.suppressed_by.empty();
    if (stands && MayBeExcused(finding)) findings[finding.fingerprint] = &finding;
  }
  std::string out = "{\"document\":\"weir.baseline\",\"version\":1,\"findings\":[";
  std::string_view separator = "\n";
  for (const auto& [fingerprint, finding] : findings) {
    JsonWriter json;
    json.BeginObject();
    json.Text("fingerprint", fingerprint);
    json.Text("rule", finding->rule);
    json.Text("target", finding->target);
    if (!finding->column.empty()) json.Text("column", finding->column);
    if (!finding->destination.empty()) json.Text("destination", finding->destination);
    if (!finding->covers.empty()) json.Texts("covers", finding->covers);
    if (finding->level == FindingLevel::kWarning) json.Text("level", Name(finding->level));
    json.EndObject();
    out.append(separator).append(json.text());
    separator = ",\n";
  }
  return out + "\n]}\n";
}

bool ApplyBaseline(const std::string& text, const std::string& file, CheckReport* report,
                   manifest::Diagnostics* diagnostics) {
  manifest::Diagnostics local;
  const auto document = manifest::ReadYaml(text, file, &local);  // JSON is YAML, and here its places are known
  std::map<std::string, Finding> known;
  if (document) known = ReadFindings(*document, file, &local);
  const bool good = document && !local.HasErrors();
  for (manifest::Diagnostic& diagnostic : local.Sorted()) diagnostics->Add(std::move(diagnostic));
  if (!good) return false;
  for (Finding& finding : report->findings) {
    const auto found = known.find(finding.fingerprint);
    if (found == known.end()) continue;
    // Baselines of earlier versions do not say what a finding covers.
    const std::vector<std::string>& covers = found->second.covers;
    const bool more = !covers.empty() && !std::includes(covers.begin(), covers.end(), finding.covers.begin(), finding.covers.end());
    const bool worse = finding.level < found->second.level;  // nor of how much weight it is, which then counts as an error
    if (finding.status == FindingStatus::kNew && MayBeExcused(finding) && !more && !worse) finding.status = FindingStatus::kExisting;
    known.erase(found);
  }
  for (auto& [fingerprint, finding] : known) {
    finding.status = FindingStatus::kFixed;
    finding.level = FindingLevel::kWarning;
    finding.message = "it is in the baseline and is no more; write the baseline anew, so that it does not come back unseen";
    finding.path = file;
    report->findings.push_back(std::move(finding));
  }
  LeaveOutUnreported(report);
  std::sort(report->findings.begin(), report->findings.end(), Before);
  return true;
}

}  // namespace weir::policies
