#include "policies/test_code.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "manifest/sql_spacing.h"
#include "policies/declassify.h"

namespace weir::policies {
namespace {

using manifest::Macro;
using manifest::Node;
using manifest::Project;
using manifest::Test;

constexpr std::size_t kShownMacros = 3;

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string IdsOf(const Test& test) { return test.macros; }

// What dbt runs a test by; a project may bring its own.
std::string RunsTests(const Project& project) {
  std::string out;
  for (const Macro& macro : project.macros) {
    if (macro.name.starts_with("materialization_test_")) out += macro.unique_id + "\n";
  }
  return out;
}

std::string_view EngineOf(const Project& project) {
  const std::string_view version = project.metadata.dbt_version;
  return version.substr(0, version.find('.'));
}

// `test_unique`; of another package than dbt's: `shop.test_unique`.
std::string Shown(std::string_view macro) {
  macro.remove_prefix(std::min(macro.size(), std::string_view("macro.").size()));
  if (macro.starts_with("dbt.")) macro.remove_prefix(4);
  return "`" + std::string(macro) + "`";
}

std::string ToText(const std::set<std::string, std::less<>>& macros) {
  std::vector<std::string> shown;
  for (const std::string& id : macros) {
    if (shown.size() < kShownMacros) shown.push_back(Shown(id));
  }
  std::string out = macros.size() == 1 ? "macro " : "macros ";
  for (std::size_t i = 0; i < shown.size(); ++i) out += (i == 0 ? "" : ", ") + shown[i];
  if (macros.size() > shown.size()) out += " and " + std::to_string(macros.size() - shown.size()) + " more";
  return out + (macros.size() == 1 ? " is another" : " are others");
}

bool HasEphemeralParent(const Project& project, const Test& test) {
  return std::any_of(test.depends_on.begin(), test.depends_on.end(), [&](const manifest::Text& id) {
    const Node* const node = project.FindNode(id);
    return node != nullptr && node->materialized == "ephemeral";
  });
}

}  // namespace

TestCode::TestCode(const Project& base, const Project& head)
    : base_(base), head_(head), run_before_(RunsTests(base)), run_after_(RunsTests(head)) {}

bool TestCode::IsBuiltIn(const Project& project, std::string_view macro) const {
  const Macro* const found = project.FindMacro(macro);
  const std::string& package = found != nullptr ? found->package.str() : std::string();
  const std::string& adapter = project.metadata.adapter_type;
  return package == "dbt" || package == "dbt_" + adapter || (adapter == "redshift" && package == "dbt_postgres") ||
         (adapter == "databricks" && package == "dbt_spark");
}

const TestCode::Ids& TestCode::Below(const Project& project, const std::string& ids) {
  const auto [found, first] = below_[&project].try_emplace(ids);
  if (!first) return found->second;
  std::vector<std::string> border = Lines(ids);
  while (!border.empty()) {
    const std::string id = std::move(border.back());
    border.pop_back();
    const Macro* const macro = project.FindMacro(id);
    if (!found->second.insert(id).second || macro == nullptr) continue;
    border.insert(border.end(), macro->depends_on.begin(), macro->depends_on.end());
  }
  return found->second;
}

const TestCode::Ids& TestCode::Differing(const std::string& before, const std::string& after) {
  static const Ids kNone;
  if (base_.macros.empty() || head_.macros.empty()) return kNone;
  const auto [known, first] = differing_.try_emplace(before + "\n" + after);
  if (!first) return known->second;
  const bool one_version = base_.metadata.dbt_version == head_.metadata.dbt_version;
  const bool one_engine = EngineOf(base_) == EngineOf(head_);
  const Ids &was = Below(base_, before), &is = Below(head_, after);
  const Ids &run_before = Below(base_, run_before_), &run_after = Below(head_, run_after_);
  const bool of_tests = before != run_before_ || after != run_after_;
  Ids& out = known->second;
  for (const auto& [ids, others, project] : {std::tie(was, is, base_), std::tie(is, was, head_)}) {
    for (const std::string& id : ids) {
      if (!one_version && IsBuiltIn(project, id)) continue;
      const Macro *const old = base_.FindMacro(id), *const now = head_.FindMacro(id);
      if (!others.contains(id)) {
        // `dbt build` adds to a test what ran it, `dbt compile` does not.
        const bool runs_it = of_tests && (run_before.contains(id) || run_after.contains(id));
        if (one_engine && !runs_it) out.insert(id);
      } else if ((old == nullptr) != (now == nullptr) || (old != nullptr && old->digest != now->digest)) {
        out.insert(id);
      }
    }
  }
  return out;
}

// In which the tables of both targets have the same names. CI builds in another schema than the protected branch, and
// with `--defer` reads the tables of the latter.
std::string TestCode::Compiled(const Test& test, const Test& other) const {
  std::vector<std::pair<std::string, std::string>> tables;
  for (const Project* project : {&base_, &head_}) {
    for (const Test* one : {&test, &other}) {
      for (const manifest::Text& id : one->depends_on) {
        const Node* const node = project->FindNode(id);
        const manifest::Source* const source = node == nullptr ? project->FindSource(id) : nullptr;
        const std::string name = node != nullptr ? node->relation_name.str() : source != nullptr ? source->relation_name.str() : id.str();
        if (!name.empty()) tables.emplace_back(name, id);
      }
    }
  }
  return manifest::WithoutSpacing(WithTablesById(test.compiled_code, std::move(tables)));
}

bool TestCode::IsCompiledAlike(const Test& before, const Test& after) const {
  if (before.compiled_code.empty() || after.compiled_code.empty() || before.compiled_code == after.compiled_code) return true;
  // The model's SQL is a part of it.
  if (HasEphemeralParent(base_, before) || HasEphemeralParent(head_, after)) return true;
  return Compiled(before, after) == Compiled(after, before);
}

std::string TestCode::Difference(const Test& before, const Test& after) {
  if (before.unit || after.unit || before.generic != after.generic) return {};
  if (!after.generic) {
    const bool written = !before.raw_code.empty() && !after.raw_code.empty();
    const bool compiled = !before.compiled_code.empty() && !after.compiled_code.empty();
    const bool same = written    ? manifest::WithoutSpacing(before.raw_code) == manifest::WithoutSpacing(after.raw_code)
                      : compiled ? true
                                 : before.checksum == after.checksum;
    if (!same) return "its SQL is another";
  }
  Ids differing = Differing(IdsOf(before), IdsOf(after));
  const Ids& of_all = Differing(run_before_, run_after_);
  std::erase_if(differing, [&](const std::string& id) { return of_all.contains(id); });
  if (!differing.empty()) return ToText(differing);
  return IsCompiledAlike(before, after) ? "" : "its compiled SQL is another";
}

std::string TestCode::RunDifference() {
  const Ids& differing = Differing(run_before_, run_after_);
  return differing.empty() ? std::string() : ToText(differing);
}

}  // namespace weir::policies
