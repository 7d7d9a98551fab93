#include "policies/check_lost_classes.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "policies/audience.h"
#include "policies/check_positions.h"
#include "policies/classify.h"
#include "policies/made_of.h"

namespace weir::policies {
namespace {

using manifest::Change;
using manifest::ChangeKind;
using manifest::ColumnSource;
using manifest::Node;
using manifest::Project;
using manifest::Source;

using Names = std::set<std::string>;

// Of a column that the base does not have, or whose SQL nobody could follow, no class is known that it could lose.
enum class Which { kAll, kKnown };

Names NamesOf(const std::vector<ClassEvidence>& classes, Which which) {
  Names out;
  for (const ClassEvidence& evidence : classes) {
    if (!evidence.permissive && (which == Which::kAll || !evidence.unbounded)) out.insert(evidence.name);
  }
  return out;
}

// May change which classes a column has: its own, or those of what is made of it.
bool IsAboutMarks(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdded:
    case ChangeKind::kRemoved:
    case ChangeKind::kDisabled:
    case ChangeKind::kMetaChanged:
    case ChangeKind::kTagsChanged:
    case ChangeKind::kClassifiersChanged:
    case ChangeKind::kColumnAdded:
    case ChangeKind::kColumnRemoved:
    case ChangeKind::kColumnMetaChanged:
    case ChangeKind::kColumnTagsChanged:
    case ChangeKind::kColumnClassifiersChanged:
    case ChangeKind::kSourceChanged:
      return true;
    default:
      return false;
  }
}

struct Loss {
  std::optional<ColumnSource> above;  // what lost the mark, of which the column is made; nullopt: it, or nobody knows what
};
using Losses = std::map<std::string, Loss>;  // by the class

class Finder {
 public:
  Finder(const CheckSide& head, const CheckSide& base)
      : head_(head),
        project_(*head.project),
        base_(*base.project),
        now_(*head.policy, *head.project),
        before_(*base.policy, *base.project),
        positions_(*head.project, head.declarations, head.folder) {
    for (const SyncSpec& sync : *base.syncs) syncs_before_[sync.id] = &sync;
    if (!Inherits()) return;
    for (const Node& node : base_.nodes) {
      if (!node.relation_name.empty()) of_relation_.emplace(node.relation_name, node.unique_id);
    }
    for (const Source& source : base_.sources) {
      if (!source.relation_name.empty()) of_relation_.emplace(source.relation_name, source.unique_id);
    }
  }

  void AddSyncs() {
    for (const SyncSpec& sync : *head_.syncs) {
      const Node* const model = project_.FindNode(sync.model_id);
      if (model == nullptr) continue;
      const auto before = syncs_before_.find(sync.id);
      AddSync(sync, *model, before == syncs_before_.end() ? nullptr : before->second);
    }
  }

  void AddDashboards(const manifest::ProjectDiff& diff) {
    const std::set<std::string_view> touched = Touched(diff);
    if (touched.empty()) return;
    for (const manifest::Exposure* exposure : ExposuresWithoutSync(project_, *head_.syncs)) {
      for (const Node* model : AudienceOf(*head_.policy, project_, *exposure).models) {
        if (IsBelow(*model, touched)) AddShown(*exposure, *model);
      }
    }
  }

  std::vector<Finding> Take() { return std::move(out_); }

 private:
  bool Inherits() const {
    return head_.policy->inherit_lineage && project_.lineage != nullptr && base_.lineage != nullptr;
  }

  Names Now(const Node& model, const std::string& column) const { return NamesOf(now_.Of(model, column), Which::kAll); }

  Names Before(std::string_view unique_id, const std::string& column) const {
    const Node* const model = base_.FindNode(unique_id);
    if (model == nullptr || !BaseHas(*model, column)) return {};
    return NamesOf(before_.Of(*model, column), Which::kKnown);
  }

  // A name that is nowhere in the base would inherit from all that stands above, and seem to lose it. So would one that a star
  // over several tables may hold.
  bool BaseHas(const Node& model, const std::string& column) const {
    if (column == "*" || base_.lineage == nullptr || model.FindColumn(column) != nullptr) return true;
    const MadeOf made = TraceColumn(base_, model, column);
    const auto is_star = [](const ColumnSource& one) { return one.column == "*"; };
    return made.proven && std::none_of(made.roots.begin(), made.roots.end(), is_star) &&
           std::none_of(made.steps.begin(), made.steps.end(), [&](const auto& step) { return is_star(step.first); });
  }

  Losses Lost(const Node& model, const std::string& column) const {
    const Names now = Now(model, column);
    Losses out;
    for (const std::string& name : Before(model.unique_id, column)) {
      if (!now.contains(name)) out.try_emplace(name);
    }
    if (!Inherits()) return out;
    const MadeOf made = TraceColumn(project_, model, column);
    std::set<ColumnSource> above = made.roots;
    for (const auto& [at, lineage] : made.steps) above.insert(at);
    above.erase({model.unique_id, column});
    for (const ColumnSource& at : above) {
      for (const std::string& one : ColumnsOf(at)) {
        for (const std::string& name : LostAt({at.node, one})) {
          if (!now.contains(name)) out[name].above = ColumnSource{at.node, one};
        }
      }
    }
    return out;
  }

  // `*`: those that the head documents, and those that the base did.
  std::set<std::string> ColumnsOf(const ColumnSource& at) const {
    if (at.column != "*") return {at.column};
    std::set<std::string> out;
    for (const Project* project : {&project_, &base_}) {
      if (const Node* node = project->FindNode(at.node)) {
        for (const manifest::Column& column : node->columns) out.insert(column.name);
      } else if (const Source* source = project->FindSource(at.node)) {
        for (const manifest::Column& column : source->columns) out.insert(column.name);
      }
    }
    return out;
  }

  // Who declares a table under another name says of it what he likes.
  std::string CounterpartOf(const std::string& id, const std::string& relation) const {
    if (base_.FindNode(id) != nullptr || base_.FindSource(id) != nullptr) return id;
    const auto found = of_relation_.find(relation);
    return found == of_relation_.end() ? std::string() : found->second;
  }

  // Many columns are made of the same ones: each is looked at once.
  const Names& LostAt(const ColumnSource& at) const {
    const auto found = lost_at_.find(at);
    return found != lost_at_.end() ? found->second : lost_at_.emplace(at, FindLostAt(at)).first->second;
  }

  Names FindLostAt(const ColumnSource& at) const {
    const Node* const node = project_.FindNode(at.node);
    const Source* const source = node == nullptr ? project_.FindSource(at.node) : nullptr;
    if (node == nullptr && source == nullptr) return {};
    const Names now = node != nullptr ? Now(*node, at.column)
                                      : NamesOf(OwnEvidence(*head_.policy, *source, at.column), Which::kAll);
    const std::string id = CounterpartOf(at.node, node != nullptr ? node->relation_name : source->relation_name);
    const Source* const old = base_.FindSource(id);
    Names out;
    for (const std::string& name : old != nullptr ? NamesOf(OwnEvidence(*head_.policy, *old, at.column), Which::kKnown)
                                                  : Before(id, at.column)) {
      if (!now.contains(name)) out.insert(name);
    }
    return out;
  }

  Finding Begin(const SyncSpec& sync) const {
    Finding finding;
    finding.target = sync.id;
    finding.destination = sync.destination;
    finding.SetPlace(positions_.Of(sync));
    return finding;
  }

  void Add(Finding finding, const Node& model, const std::string& column, const std::string& name, const std::string& text) {
    finding.rule = "class-lost";
    finding.level = FindingLevel::kWarning;
    finding.column = model.name + "." + column;
    finding.detail = name;
    finding.message = "column `" + column + "` " + text + "; make sure that its meta, tags or name did not change to get past a rule";
    out_.push_back(std::move(finding));
  }

  void AddLost(Finding finding, const Node& model, const std::string& column, const std::string& name, const Loss& loss) {
    const Place otherwise{finding.path, finding.line, finding.line_column};
    finding.SetPlace(positions_.OfColumn(model.unique_id, column, otherwise));
    if (!loss.above) return Add(std::move(finding), model, column, name, "is no longer `" + name + "`");
    finding.SetPlace(positions_.OfColumn(loss.above->node, loss.above->column, {finding.path, finding.line, finding.line_column}));
    Add(std::move(finding), model, column, name,
        "is made of " + ShownSource(project_, *loss.above) + ", which is no longer `" + name + "`");
  }

  void AddSync(const SyncSpec& sync, const Node& model, const SyncSpec* before) {
    std::map<std::string_view, std::string> filled;  // field -> column of the base
    if (before != nullptr) {
      for (const auto* list : {&before->match, &before->columns}) {
        for (const SyncSpec::Mapped& mapped : *list) filled.emplace(mapped.field, mapped.column);
      }
    }
    for (const auto* list : {&sync.match, &sync.columns}) {
      for (const SyncSpec::Mapped& mapped : *list) {
        if (mapped.column.empty()) continue;
        const Losses lost = Lost(model, mapped.column);
        for (const auto& [name, loss] : lost) AddLost(Begin(sync), model, mapped.column, name, loss);
        // Or the column that filled the field before.
        const auto place = filled.find(mapped.field);
        if (place == filled.end() || place->second.empty()) continue;
        const std::string& was = place->second;
        if (was == mapped.column && before->model_id == sync.model_id) continue;
        const Names now = Now(model, mapped.column);
        const Node* const another = before->model_id == sync.model_id ? nullptr : base_.FindNode(before->model_id);
        const std::string of_model = another == nullptr ? "" : " of `" + another->name + "`";
        for (const std::string& name : Before(before->model_id, was)) {
          if (now.contains(name) || lost.contains(name)) continue;
          Finding finding = Begin(sync);
          finding.SetPlace(positions_.OfColumn(sync.model_id, mapped.column, positions_.Of(sync)));
          Add(std::move(finding), model, mapped.column, name,
              "takes the place of `" + was + "`" + of_model + ", which is `" + name + "`, and is not");
        }
      }
    }
  }

  // Models and sources of which something changed that classes come from.
  std::set<std::string_view> Touched(const manifest::ProjectDiff& diff) const {
    std::set<std::string_view> out;
    for (const Change& change : diff.changes) {
      if (IsAboutMarks(change.kind)) out.insert(change.node);
    }
    if (!Inherits()) return out;
    for (const Node& node : project_.nodes) {
      const Node* const before = base_.FindNode(node.unique_id);
      if (before != nullptr && !SameCode(base_, *before, project_, node)) out.insert(node.unique_id);
    }
    return out;
  }

  bool IsBelow(const Node& model, const std::set<std::string_view>& touched) {
    if (!Inherits()) return touched.contains(model.unique_id);
    const auto [known, first] = below_.try_emplace(&model, false);
    if (!first) return known->second;
    bool below = touched.contains(model.unique_id);
    for (const manifest::Text& parent : model.depends_on) {
      if (below) break;
      const Node* const node = project_.FindNode(parent);
      below = node != nullptr ? IsBelow(*node, touched) : touched.contains(parent);
    }
    return below_[&model] = below;
  }

  // Many dashboards show one model.
  const std::vector<std::pair<std::string, Losses>>& LostOf(const Node& model) {
    const auto [found, first] = lost_.try_emplace(&model);
    if (!first) return found->second;
    for (const manifest::Column& column : model.columns) {
      Losses lost = Lost(model, column.name);
      if (!lost.empty()) found->second.emplace_back(column.name, std::move(lost));
    }
    return found->second;
  }

  void AddShown(const manifest::Exposure& exposure, const Node& model) {
    Finding begun;
    begun.target = "exposure:" + exposure.name;
    begun.SetPlace(positions_.Of(exposure));
    for (const auto& [column, lost] : LostOf(model)) {
      for (const auto& [name, loss] : lost) AddLost(begun, model, column, name, loss);
    }
    AddUndocumented(begun, model);
  }

  // What the YAML no longer lists is still shown, unless the SQL shows that it is gone.
  void AddUndocumented(const Finding& begun, const Node& model) {
    const Node* const before = base_.FindNode(model.unique_id);
    if (before == nullptr) return;
    for (const manifest::Column& column : before->columns) {
      if (model.FindColumn(column.name) != nullptr || IsGone(model, column.name)) continue;
      for (const std::string& name : Before(before->unique_id, column.name)) {
        Add(begun, model, column.name, name,
            "is `" + name + "` and no longer documented, and who opens `" + begun.target.substr(9) + "` may see it all the same");
      }
    }
  }

  bool IsGone(const Node& model, const std::string& column) const {
    if (project_.lineage == nullptr) return false;
    const auto proof = [&](std::string_view of) { return project_.lineage->Of(project_, model, of).proof; };
    return proof("*") != manifest::LineageProof::kConservative && proof(column) == manifest::LineageProof::kConservative;
  }

  const CheckSide& head_;
  const Project& project_;
  const Project& base_;
  const Classifier now_, before_;
  const Positions positions_;
  std::map<std::string_view, const SyncSpec*> syncs_before_;
  std::map<std::string, std::string, std::less<>> of_relation_;  // unique_ids of the base
  std::map<const Node*, bool> below_;
  std::map<const Node*, std::vector<std::pair<std::string, Losses>>> lost_;
  mutable std::map<ColumnSource, Names> lost_at_;
  std::vector<Finding> out_;
};

}  // namespace

std::vector<Finding> FindLostClasses(const CheckSide& head, const CheckSide& base, const manifest::ProjectDiff& diff) {
  Finder finder(head, base);
  finder.AddSyncs();
  finder.AddDashboards(diff);
  return finder.Take();
}

}  // namespace weir::policies
