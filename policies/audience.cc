#include "policies/audience.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "manifest/column_names.h"
#include "manifest/fields.h"
#include "manifest/selector.h"
#include "policies/check_positions.h"
#include "policies/decide_column.h"
#include "policies/decision.h"
#include "policies/policy_document.h"

namespace weir::policies {
namespace {

using manifest::Exposure;
using manifest::Node;
using manifest::Value;

constexpr std::size_t kNamedAtMost = 5;  // columns in one message

std::string FirstOf(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kNamedAtMost); ++i) out += (i == 0 ? "`" : ", `") + names[i] + "`";
  if (names.size() > kNamedAtMost) out += " and " + std::to_string(names.size() - kNamedAtMost) + " more";
  return out;
}

bool HasColumns(const Node& node) {
  return node.type == manifest::ResourceType::kModel || node.type == manifest::ResourceType::kSeed ||
         node.type == manifest::ResourceType::kSnapshot;
}

// What the exposure depends on, and what is under its metrics.
void AddShown(const manifest::Project& project, const Exposure& exposure, ExposureAudience* out) {
  std::set<std::string> seen;
  std::vector<std::string> border(exposure.depends_on.rbegin(), exposure.depends_on.rend());
  while (!border.empty()) {
    const std::string id = border.back();
    border.pop_back();
    if (!seen.insert(id).second) continue;
    const Node* const node = project.FindNode(id);
    if (node == nullptr) {
      if (const manifest::Source* source = project.FindSource(id)) out->sources.push_back(source);
    } else if (HasColumns(*node)) {
      out->models.push_back(node);
    } else {
      border.insert(border.end(), node->depends_on.begin(), node->depends_on.end());
    }
  }
}

// Ids of the models that `node` is made from, itself included.
void AddAbove(const manifest::Project& project, const Node& node, std::set<const Node*>* out) {
  std::vector<const Node*> border = {&node};
  while (!border.empty()) {
    const Node* const one = border.back();
    border.pop_back();
    if (one == nullptr || !out->insert(one).second) continue;
    for (const manifest::Text& parent : one->depends_on) border.push_back(project.FindNode(parent));
  }
}

bool MayClaim(const Policy& policy, const std::string& purpose, const std::string& target) {
  const Purpose* const found = policy.FindPurpose(purpose);
  return found != nullptr && std::any_of(found->syncs.begin(), found->syncs.end(), [&](const std::string& glob) {
           return manifest::MatchesGlob(target, glob);
         });
}

// The destinations at the origin of its `url`, sorted: the order of the policy's files must not choose one.
std::vector<std::string> AtUrl(const Policy& policy, const Exposure& exposure) {
  std::vector<std::string> out;
  const std::string origin = OriginOfUrl(exposure.url);
  if (origin.empty()) return out;
  for (const DestinationFacts& one : policy.destinations) {
    if (OriginOfUrl(one.origin) == origin) out.push_back(one.name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Why `audience` may not be who looks at it; empty: it may.
std::string RefusalOf(const Policy& policy, const Exposure& exposure, const ExposureAudience& audience,
                      const std::vector<std::string>& at_url) {
  if (audience.name.empty()) {
    return "its `url` is at the origin of " + Listed(at_url) + "; write `audience:` to say which";
  }
  if (audience.destination == nullptr) {
    std::vector<std::string> names;
    for (const DestinationFacts& one : policy.destinations) names.push_back(one.name);
    return "audience `" + audience.name + "` is no destination of the policy" + manifest::DidYouMean(audience.name, names);
  }
  if (!at_url.empty() && std::find(at_url.begin(), at_url.end(), audience.name) == at_url.end()) {
    return "its `url` is at `" + policy.FindDestination(at_url.front())->origin + "`, which is " + Listed(at_url) +
           " and not `" + audience.name + "`; correct `url` or `audience`";
  }
  // Pinned to an address, and the dashboard is at another: whoever sees it there is somebody else.
  if (at_url.empty() && !exposure.url.empty() && !OriginOfUrl(audience.destination->origin).empty()) {
    const std::string origin = OriginOfUrl(exposure.url);
    return "its `url` is " + (origin.empty() ? std::string("no web address of a host alone") : "at `" + origin + "`") + ", and `" +
           audience.name + "` is at `" + audience.destination->origin + "`; correct `url` or `audience`";
  }
  if (audience.purpose.empty() && !policy.purposes.empty()) {
    return "it declares no purpose; add `config: {meta: {weir: {audience: " + audience.name + ", purpose: ...}}}`";
  }
  const std::string target = "exposure:" + exposure.name;
  if (!audience.purpose.empty() && !MayClaim(policy, audience.purpose, target)) {
    return "purpose `" + audience.purpose + "` is not open to `" + target + "`";
  }
  return {};
}

// The restrictively classified columns of each model, as `model.column`.
using Restricted = std::map<const Node*, std::vector<std::string>>;

class Judge {
 public:
  Judge(const CheckSide& side, const Exposure& exposure, const Classifier& classes, Restricted* restricted,
        std::vector<Finding>* out)
      : policy_(*side.policy),
        project_(*side.project),
        exposure_(exposure),
        classes_(classes),
        positions_(*side.project, side.declarations, side.folder),
        shown_(AudienceOf(*side.policy, *side.project, exposure)),
        restricted_(restricted),
        out_(out) {}

  void Run() {
    if (!shown_.refusal.empty()) return Refuse(shown_.name, shown_.refusal);
    if (shown_.name.empty()) return Unknown();
    const DestinationFacts& audience = *shown_.destination;
    for (const Node* model : shown_.models) JudgeModel(*model, audience, shown_.purpose);
    JudgeRows(audience, shown_.purpose);
    for (const manifest::Source* source : shown_.sources) {
      const std::string name = source->source_name + "." + source->name;
      Finding finding = Begin("column-denied", audience.name);
      finding.column = name + ".*";
      finding.message = "it shows source `" + name + "`, whose columns no policy decides; put a model between them";
      out_->push_back(std::move(finding));
    }
  }

 private:
  std::string Target() const { return "exposure:" + exposure_.name; }

  Finding Begin(std::string rule, std::string destination) const {
    Finding finding;
    finding.rule = std::move(rule);
    finding.target = Target();
    finding.destination = std::move(destination);
    finding.SetPlace(positions_.Of(exposure_));
    return finding;
  }

  void Refuse(const std::string& audience, std::string why) {
    Finding finding = Begin("audience-refused", audience);
    finding.message = std::move(why);
    out_->push_back(std::move(finding));
  }

  // Many dashboards show one model.
  const std::vector<std::string>& RestrictedOf(const Node& model) {
    const auto [found, first] = restricted_->try_emplace(&model);
    if (!first) return found->second;
    for (const manifest::Column& column : model.columns) {
      const auto classes = classes_.Of(model, column.name);
      const bool any = std::any_of(classes.begin(), classes.end(), [](const ClassEvidence& one) { return !one.permissive && one.lifted.empty(); });
      if (any) found->second.push_back(model.name + "." + column.name);
    }
    return found->second;
  }

  // Nobody said who looks at it: told where it shows data that the policy restricts.
  void Unknown() {
    std::vector<std::string> restricted;
    for (const Node* model : shown_.models) {
      const std::vector<std::string>& of_model = RestrictedOf(*model);
      restricted.insert(restricted.end(), of_model.begin(), of_model.end());
    }
    for (const manifest::Source* source : shown_.sources) {
      for (const manifest::Column& column : source->columns) {
        if (!OwnEvidence(policy_, *source, column.name).empty()) {
          restricted.push_back(source->source_name + "." + source->name + "." + column.name);
        }
      }
    }
    if (restricted.empty()) return;
    Finding finding = Begin("audience-unknown", "");
    finding.level = FindingLevel::kWarning;
    finding.message = "nobody says who sees it, and it shows " + FirstOf(restricted) +
                      "; name a destination of the policy: `config: {meta: {weir: {audience: ..., purpose: ...}}}`";
    finding.covers = std::move(restricted);
    std::sort(finding.covers.begin(), finding.covers.end());
    out_->push_back(std::move(finding));
  }

  void JudgeModel(const Node& model, const DestinationFacts& audience, const std::string& purpose) {
    std::vector<std::string> unclassified;
    for (const manifest::Column& column : model.columns) {
      const ColumnDecision decision = DecideColumn(policy_, project_, model, column.name, audience, purpose, &classes_);
      if (decision.transform.kind == TransformKind::kUnchanged) continue;
      if (decision.classes.empty()) {
        unclassified.push_back(column.name);
        continue;
      }
      Finding finding = Begin(decision.rules.size() == 1 ? decision.rules.front() : "column-denied", audience.name);
      finding.column = model.name + "." + column.name;
      finding.SetPlace(positions_.OfColumn(model.unique_id, column.name, positions_.Of(exposure_)));
      finding.message = "`" + exposure_.name + "` shows column `" + column.name + "` as it is, which `" + audience.name +
                        "` may not see: " + decision.reason +
                        (decision.denied() ? "" : ", as `" + decision.transform.ToText() + "`");
      out_->push_back(std::move(finding));
    }
    if (unclassified.empty()) return;
    Finding finding = Begin("column-denied", audience.name);
    finding.column = model.name + ".*";
    finding.message = "`" + exposure_.name + "` shows columns that have no class: " + FirstOf(unclassified) +
                      "; say what they are under `classes:`, or take them out of `" + model.name + "`";
    finding.covers = std::move(unclassified);
    std::sort(finding.covers.begin(), finding.covers.end());
    out_->push_back(std::move(finding));
  }

  // Weir filters rows of syncs. That a dashboard filters, nothing shows.
  void JudgeRows(const DestinationFacts& audience, const std::string& purpose) {
    std::set<const Node*> above;
    for (const Node* model : shown_.models) AddAbove(project_, *model, &above);
    for (const Rule& rule : policy_.rules) {
      if (rule.kind != Rule::Kind::kRows || !AudienceMismatch(rule, {&audience, purpose, purpose}).empty()) continue;
      const bool bound = std::any_of(above.begin(), above.end(), [&](const Node* node) { return MayName(rule.subject, *node); });
      if (!bound) continue;
      Finding finding = Begin(rule.id, audience.name);
      finding.message = "rule `" + rule.id + "` lets only some rows of `" + rule.subject + "` go to `" + audience.name +
                        "`, and nothing shows that `" + exposure_.name + "` filters them; show a model that holds those rows alone";
      out_->push_back(std::move(finding));
    }
  }

  const Policy& policy_;
  const manifest::Project& project_;
  const Exposure& exposure_;
  const Classifier& classes_;
  Positions positions_;
  ExposureAudience shown_;
  Restricted* restricted_;
  std::vector<Finding>* out_;
};

}  // namespace

bool DeclaresAudience(const Value& weir) { return weir.Find("audience") != nullptr; }

std::optional<AudienceSpec> ReadAudience(const Value& weir, const std::string& where, const std::string& file,
                                         manifest::Diagnostics* diagnostics) {
  manifest::Diagnostics local;
  manifest::Fields fields(weir, "the audience", file, "W-SYN-001", &local);
  AudienceSpec out;
  out.audience = fields.RequiredString("audience").value_or("");
  out.purpose = fields.String("purpose").value_or("");
  fields.Finish();
  for (manifest::Diagnostic& diagnostic : local.Sorted()) {
    diagnostic.message = where + ": " + diagnostic.message;
    diagnostics->Add(std::move(diagnostic));
  }
  return local.HasErrors() ? std::nullopt : std::optional<AudienceSpec>(std::move(out));
}

std::string OriginOfUrl(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  std::string origin;
  for (const char c : url.substr(0, url.find_first_of("/?#\\", scheme + 3))) origin.push_back(manifest::LowerAscii(c));
  // `https://bi.acme.com@elsewhere.example`: whoever writes this means to mislead.
  if (origin.find('@') != std::string::npos) return {};
  for (const auto& [begin, port] : {std::pair{"https://", ":443"}, std::pair{"http://", ":80"}}) {
    if (!origin.starts_with(begin)) continue;
    if (origin.ends_with(port)) origin.resize(origin.size() - std::string_view(port).size());
    // A name's last dot is the root's: `bi.acme.com.` is `bi.acme.com`.
    const std::size_t port_at = origin.find(':', std::string_view(begin).size());
    const std::size_t end = std::min(port_at, origin.size());
    if (origin[end - 1] == '.') origin.erase(end - 1, 1);
    return origin.size() > std::string_view(begin).size() ? origin : std::string();
  }
  return {};
}

ExposureAudience AudienceOf(const Policy& policy, const manifest::Project& project, const Exposure& exposure) {
  ExposureAudience out;
  AddShown(project, exposure, &out);
  const Value* const weir = exposure.meta.Find("weir");
  AudienceSpec written;
  if (weir != nullptr && !weir->IsNull()) {
    manifest::Diagnostics reported_elsewhere;
    written = ReadAudience(*weir, "", exposure.original_file_path, &reported_elsewhere).value_or(AudienceSpec{});
  }
  const std::vector<std::string> at_url = AtUrl(policy, exposure);
  if (written.audience.empty() && at_url.empty()) return out;
  out.name = !written.audience.empty() ? written.audience : at_url.size() == 1 ? at_url.front() : "";
  out.destination = policy.FindDestination(out.name);
  out.purpose = written.purpose;
  out.refusal = RefusalOf(policy, exposure, out, at_url);
  return out;
}

std::vector<const Exposure*> ExposuresWithoutSync(const manifest::Project& project, const std::vector<SyncSpec>& syncs) {
  std::vector<const Exposure*> out;
  for (const Exposure& exposure : project.exposures) {
    const bool own = exposure.package == project.metadata.project_name;
    const bool declares = std::any_of(syncs.begin(), syncs.end(), [&](const SyncSpec& sync) {
      return sync.exposure_id == exposure.unique_id;
    });
    if (own && !declares) out.push_back(&exposure);
  }
  return out;
}

std::vector<Finding> FindShown(const CheckSide& side) {
  std::vector<Finding> out;
  Restricted restricted;
  const Classifier classes(*side.policy, *side.project);
  for (const Exposure* exposure : ExposuresWithoutSync(*side.project, *side.syncs)) {
    Judge(side, *exposure, classes, &restricted, &out).Run();
  }
  return out;
}

}  // namespace weir::policies
