#include "policies/egress_register.h"

#include <algorithm>
#include <set>

#include "policies/audience.h"

namespace weir::policies {
namespace {

using manifest::Exposure;
using manifest::Node;
using manifest::Project;

std::string OwnerText(const manifest::Owner& owner) {
  std::string out = owner.name;
  for (const manifest::Text& email : owner.emails) out += (out.empty() ? "" : ", ") + email;
  return out;
}

const Exposure* FindExposure(const Project& project, const std::string& unique_id) {
  for (const Exposure& exposure : project.exposures) {
    if (exposure.unique_id == unique_id) return &exposure;
  }
  return nullptr;
}

std::string TypeOf(const Node& model, const std::string& column) {
  const manifest::Column* const found = model.FindColumn(column);
  if (found == nullptr) return {};
  return found->data_type.empty() ? found->catalog_type : found->data_type;
}

RegisterField FieldOf(const ColumnDecision& decision, const Node* model) {
  RegisterField out;
  out.column = (model == nullptr ? decision.model : model->name.str()) + "." + decision.column;
  out.field = decision.field;
  out.use = decision.use;
  if (model != nullptr) out.data_type = TypeOf(*model, decision.column);
  out.classes = decision.classes;
  out.denied = decision.denied();
  out.transform = out.denied ? "denied" : decision.transform.ToText();
  out.rules = decision.rules;
  out.reason = decision.reason;
  return out;
}

void SetPurpose(const Policy& policy, const std::string& name, RegisterEntry* entry) {
  entry->purpose = name;
  if (const Purpose* purpose = policy.FindPurpose(name)) entry->legal_basis = purpose->legal_basis;
}

RegisterEntry EntryOf(const Policy& policy, const Project& project, const SyncSpec& sync) {
  const SyncDecision decision = Decide(policy, project, sync);
  RegisterEntry out;
  out.target = sync.id;
  if (const Exposure* exposure = FindExposure(project, sync.exposure_id)) {
    out.description = exposure->description;
    out.owner = OwnerText(exposure->owner);
  }
  out.models = {decision.model == nullptr ? sync.model_id : decision.model->name.str()};
  out.destination_name = sync.destination;
  out.destination = decision.destination;
  SetPurpose(policy, sync.purpose, &out);
  for (const SyncDecision::SubjectKey& key : decision.subjects) out.subjects.push_back(key.subject);
  for (const ColumnDecision& column : decision.columns) {
    if (column.use == Use::kSend || column.use == Use::kMatch) out.fields.push_back(FieldOf(column, decision.model));
  }
  for (const SyncSpec::Mapped& mapped : sync.columns) {
    if (!mapped.column.empty()) continue;
    RegisterField field;
    field.column = field.transform = "constant";
    field.field = mapped.field;
    field.reason = "the same for every row, as the mapping writes it";
    out.fields.push_back(std::move(field));
  }
  for (std::size_t i = 0; i < decision.row_filters.size(); ++i) {
    out.rows.push_back({decision.row_filters[i].ToYaml(), i < decision.row_rules.size() ? decision.row_rules[i] : ""});
  }
  out.refusals = decision.refusals;
  return out;
}

// A dashboard shows columns as they are: whatever is not given unchanged may not be seen.
RegisterEntry EntryOf(const Policy& policy, const Project& project, const Exposure& exposure) {
  const ExposureAudience audience = AudienceOf(policy, project, exposure);
  RegisterEntry out;
  out.target = "exposure:" + exposure.name;
  out.is_sync = false;
  out.description = exposure.description;
  out.owner = OwnerText(exposure.owner);
  out.destination_name = audience.name;
  out.destination = audience.destination;
  SetPurpose(policy, audience.purpose, &out);
  if (!audience.refusal.empty()) out.refusals.push_back(audience.refusal);
  std::set<std::string> subjects;
  const Classifier classifier(policy, project);
  for (const Node* model : audience.models) {
    out.models.push_back(model->name);
    for (const Subject& subject : policy.subjects) {
      if (subject.key_columns.contains(model->name)) subjects.insert(subject.name);
    }
    for (const manifest::Column& column : model->columns) {
      RegisterField field;
      if (audience.destination != nullptr) {
        field = FieldOf(DecideColumn(policy, project, *model, column.name, *audience.destination, audience.purpose, &classifier),
                        model);
        const bool unchanged = field.transform == "unchanged";
        if (!unchanged && !field.denied) field.reason += ", as `" + field.transform + "`, and it is shown as it is";
        field.denied = !unchanged;
        if (field.denied) field.transform = "denied";
      } else {
        field.column = model->name + "." + column.name;
        field.data_type = TypeOf(*model, column.name);
        field.classes = classifier.Of(*model, column.name);
        field.transform = "unchanged";
        field.reason = "nobody says who sees it";
      }
      field.field = column.name;
      out.fields.push_back(std::move(field));
    }
  }
  for (const manifest::Source* source : audience.sources) {
    out.refusals.push_back("it shows source `" + source->source_name + "." + source->name + "`, whose columns no policy decides");
  }
  out.subjects.assign(subjects.begin(), subjects.end());
  return out;
}

}  // namespace

EgressRegister MakeRegister(const Policy& policy, const Project& project, const std::vector<SyncSpec>& syncs,
                            const std::string& today) {
  EgressRegister out;
  out.project = project.metadata.project_name;
  out.generated_at = project.metadata.generated_at;
  out.manifest_digest = project.digest;
  out.policy_digest = policy.digest;
  out.today = today;
  for (const SyncSpec& sync : syncs) out.entries.push_back(EntryOf(policy, project, sync));
  for (const Exposure* exposure : ExposuresWithoutSync(project, syncs)) {
    out.entries.push_back(EntryOf(policy, project, *exposure));
  }
  std::sort(out.entries.begin(), out.entries.end(),
            [](const RegisterEntry& a, const RegisterEntry& b) { return a.target < b.target; });
  for (const DestinationFacts& destination : policy.destinations) out.recipients.push_back(&destination);
  std::sort(out.recipients.begin(), out.recipients.end(),
            [](const DestinationFacts* a, const DestinationFacts* b) { return a->name < b->name; });
  return out;
}

bool TransferHasEnded(const DestinationFacts& destination, const std::string& today) {
  return !destination.transfer_until.empty() && destination.transfer_until < today;
}

}  // namespace weir::policies
