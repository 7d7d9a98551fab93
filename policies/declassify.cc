#include "policies/declassify.h"

#include <algorithm>
#include <set>
#include <utility>

#include "audit/digest.h"
#include "policies/classify.h"
#include "policies/policy.h"

namespace weir::policies {
namespace {

using manifest::Node;
using manifest::Project;

// The tables that the SQL may name: its parents', through ephemeral ones those of theirs, and its own.
std::vector<std::pair<std::string, std::string>> TablesOf(const Project& project, const Node& node) {
  std::vector<std::pair<std::string, std::string>> out;
  std::set<std::string> seen = {node.unique_id};
  std::vector<const Node*> border = {&node};
  if (!node.relation_name.empty()) out.emplace_back(node.relation_name, node.unique_id);
  while (!border.empty()) {
    const Node* const at = border.back();
    border.pop_back();
    for (const manifest::Text& id : at->depends_on) {
      if (!seen.insert(id).second) continue;
      const Node* const parent = project.FindNode(id);
      const manifest::Source* const source = parent == nullptr ? project.FindSource(id) : nullptr;
      if (parent != nullptr && parent->relation_name.empty()) {
        border.push_back(parent);
      } else if (const std::string name = parent != nullptr ? parent->relation_name.str()
                                           : source != nullptr ? source->relation_name.str()
                                                               : id.str();
                 !name.empty()) {
        out.emplace_back(name, id);
      }
    }
  }
  return out;
}

// `daily_sales.revenue`
std::pair<std::string_view, std::string_view> Split(std::string_view address) {
  const std::size_t dot = address.rfind('.');
  if (dot == std::string_view::npos) return {address, {}};
  return {address.substr(0, dot), address.substr(dot + 1)};
}

}  // namespace

std::string WithTablesById(std::string_view code, std::vector<std::pair<std::string, std::string>> tables) {
  // Longest first, so that `s.orders` is not found in `s.orders_old`.
  std::sort(tables.begin(), tables.end(), [](const auto& a, const auto& b) {
    return a.first.size() != b.first.size() ? a.first.size() > b.first.size() : a < b;
  });
  std::string text;
  for (std::size_t at = 0; at < code.size();) {
    const auto found = std::find_if(tables.begin(), tables.end(),
                                    [&](const auto& table) { return code.substr(at).starts_with(table.first); });
    if (found == tables.end()) {
      text.push_back(code[at++]);
      continue;
    }
    // No SQL holds a zero byte, so no text can pass for a table.
    text.append(1, '\0').append(found->second).append(1, '\0');
    at += found->first.size();
  }
  return text;
}

std::string CodeDigest(const Project& project, const Node& node) {
  if (node.compiled_code.empty()) return {};
  return "sha256:" + audit::Hex(audit::Sha256(WithTablesById(node.compiled_code, TablesOf(project, node))));
}

DeclassifyState StateOf(const Declassification& one, const std::string& column, std::string_view today,
                        const Project& project) {
  const Node* const node = project.FindModel(Split(column).first);
  if (node == nullptr) return DeclassifyState::kAbsent;
  if (today.empty() || one.expires < today) return DeclassifyState::kExpired;
  const std::string code = CodeDigest(project, *node);
  if (code.empty()) return DeclassifyState::kUncompiled;
  return code == one.code ? DeclassifyState::kInForce : DeclassifyState::kStale;
}

const Declassification* FindDeclassification(const Policy& policy, const Project& project, const Node& node,
                                             std::string_view column, std::string_view of_class) {
  const Declassification* out = nullptr;
  for (const Declassification& one : policy.declassified) {
    if (one.of_class != of_class || (out != nullptr && one.expires <= out->expires)) continue;
    for (const std::string& address : one.columns) {
      const auto [name, of_model] = Split(address);
      // What permits means exactly one column, as it is written.
      if (of_model != column || !MayName(name, node) || project.FindModel(name) != &node) continue;
      if (StateOf(one, address, policy.today, project) == DeclassifyState::kInForce) out = &one;
    }
  }
  return out;
}

std::string ToText(const Declassification& one) {
  return "declassified by " + one.approver + " until " + one.expires + ": " + one.reason;
}

}  // namespace weir::policies
