#include "policies/import_text.h"

#include "manifest/yaml_document.h"
#include "policies/policy_document.h"

namespace weir::policies {
namespace {

std::string Lines(const RequirementText& requirement) {
  std::string out = "  - id: " + requirement.id + "\n    select: " + QuotedYaml(requirement.select) +
                    "\n    for: " + requirement.for_what + "\n";
  for (const std::string& key : requirement.keys) out += "    " + key + "\n";
  if (requirement.warn) out += "    severity: warn\n";
  if (!requirement.why.empty()) out += "    why: " + QuotedYaml(requirement.why) + "\n";
  return out;
}

// What the reader of this version has against it; empty: nothing.
std::string ProblemOf(const std::string& lines) {
  manifest::Diagnostics diagnostics;
  const auto document = manifest::ReadYaml("require:\n" + lines, "import", &diagnostics);
  const manifest::Value* const list = document ? document->Find("require") : nullptr;
  if (list != nullptr && list->items().size() == 1) ReadRequirement(list->items().front(), "import", &diagnostics);
  return diagnostics.HasErrors() ? diagnostics.Sorted().front().message : "";
}

std::string AsComment(const std::string& lines) {
  std::string out;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find('\n', at);
    out += "  #" + lines.substr(at + 1, end - at);
    at = end + 1;
  }
  return out;
}

}  // namespace

std::string CommentText(std::string_view text) {
  if (manifest::LooksLikeSecret(text)) return "***";
  std::string shown = manifest::EscapeForTerminal(text);
  if (shown.size() > 200) {
    shown.resize(200);
    while (!shown.empty() && (static_cast<unsigned char>(shown.back()) & 0xC0) == 0x80) shown.pop_back();
    if (!shown.empty() && (static_cast<unsigned char>(shown.back()) & 0x80) != 0) shown.pop_back();
    shown += "…";
  }
  return shown;
}

std::string QuotedYaml(std::string_view text) {
  std::string out = "'";
  for (const char c : manifest::LooksLikeSecret(text) ? std::string("***") : manifest::EscapeForTerminal(text)) {
    out.push_back(c);
    if (c == '\'') out.push_back(c);
  }
  return out + "'";
}

void AddRequirement(const RequirementText& requirement, const std::string& name, std::string* list, Imported* imported) {
  for (const std::string& remark : requirement.remarks) *list += "  # confirm: " + CommentText(remark) + "\n";
  const std::string lines = Lines(requirement);
  const std::string problem = ProblemOf(lines);
  if (problem.empty()) {
    *list += lines;
    imported->taken.push_back(requirement.id);
    return;
  }
  *list += "  # not taken by this version:\n" + AsComment(lines);
  imported->left.push_back({name, problem});
}

}  // namespace weir::policies
