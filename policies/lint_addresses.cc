#include <algorithm>

#include "policies/lint.h"
#include "policies/policy_document.h"

namespace weir::policies {
namespace {

using manifest::Node;

class AddressLinter {
 public:
  AddressLinter(const Policy& policy, const manifest::Project& project, std::vector<LintFinding>* out)
      : policy_(policy), project_(project), out_(*out) {
    for (const Node& node : project.nodes) models_.push_back(node.name);
  }

  void Run() {
    for (const ClassDefinition& defined : policy_.classes) {
      const std::string what = "class `" + defined.name + "`";
      // What permits by address and names nothing: a renamed column is denied from now on, and its old name, when
      // somebody uses it again, would be public.
      for (const std::string& address : defined.columns) {
        if (!defined.permissive && Restricts(address)) continue;
        LintAddress("address-absent", defined.at, what + " lists `" + address + "`", address);
      }
      if (!defined.value) continue;
      for (const std::string& address : defined.value->except) {
        if (Restricts(address)) continue;
        LintAddress("address-absent", defined.at, what + " excepts `" + address + "` from its `value`", address);
      }
    }
    for (const Subject& subject : policy_.subjects) {
      for (const auto& [model, column] : subject.key_columns) {
        LintAddress("subject-unmatched", subject.at, "subject `" + subject.name + "` is `" + column + "` of `" + model + "`",
                    model + "." + column);
      }
    }
    for (const Rule& rule : policy_.rules) {
      if (rule.kind == Rule::Kind::kRows) LintCondition(rule);
    }
  }

 private:
  void Add(std::string_view id, const Located& at, std::string message) {
    out_.push_back({id, at, std::move(message), false});
  }

  // What restricts means every model and version of that name.
  bool Restricts(const std::string& address) const {
    const std::size_t dot = address.rfind('.');
    const std::string column = address.substr(dot + 1);
    return std::any_of(project_.nodes.begin(), project_.nodes.end(), [&](const Node& model) {
      return MayName(std::string_view(address).substr(0, dot), model) &&
             (column == "*" || model.FindColumn(column) != nullptr);
    });
  }

  static std::vector<std::string> ColumnsOf(const Node& model) {
    std::vector<std::string> out;
    for (const manifest::Column& documented : model.columns) out.push_back(documented.name);
    return out;
  }

  void LintAddress(std::string_view id, const Located& at, const std::string& names, const std::string& address) {
    const std::size_t dot = address.rfind('.');
    const std::string name = address.substr(0, dot), column = address.substr(dot + 1);
    std::vector<std::string> ambiguous;
    const Node* const model = project_.FindModel(name, &ambiguous);
    if (model == nullptr) {
      Add(id, at,
          names + (ambiguous.empty() ? ", whose model the project does not have" + manifest::DidYouMean(name, models_)
                                     : ", whose model is one of " + Listed(ambiguous)));
    } else if (column != "*" && model->FindColumn(column) == nullptr) {
      Add(id, at, names + ", which the model does not document" + manifest::DidYouMean(column, ColumnsOf(*model)));
    }
  }

  // Columns that the project does not document are read of the warehouse all the same: a misspelt one fails there.
  void LintCondition(const Rule& rule) {
    for (const Node& model : project_.nodes) {
      if (!MayName(rule.subject, model)) continue;
      std::vector<std::string> absent;
      std::string hint;
      for (const std::string& column : rule.send_if.Columns()) {
        if (model.FindColumn(column) != nullptr) continue;
        absent.push_back(column);
        if (hint.empty()) hint = manifest::DidYouMean(column, ColumnsOf(model));
      }
      if (absent.empty()) continue;
      Add("rule-unmatched", rule.at,
          "rule `" + rule.id + "` asks rows of `" + model.name + "` by " + Listed(absent) +
              ", which the model does not document" + hint);
    }
  }

  const Policy& policy_;
  const manifest::Project& project_;
  std::vector<LintFinding>& out_;
  std::vector<std::string> models_;
};

}  // namespace

void LintAddresses(const Policy& policy, const manifest::Project& project, std::vector<LintFinding>* out) {
  AddressLinter(policy, project, out).Run();
}

}  // namespace weir::policies
