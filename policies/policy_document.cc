#include "policies/policy_document.h"

#include <algorithm>

namespace weir::policies {
namespace {

using manifest::Fields;
using manifest::Value;

constexpr std::string_view kShape = "W-POL-010";
constexpr std::string_view kDuplicate = "W-POL-013";
constexpr std::size_t kMaxNameBytes = 100;

std::string Named(std::string_view what, std::string_view name) {
  return std::string(what) + " `" + std::string(name) + "`";
}

LeaveAction ReadLeaveAction(Fields* fields, std::string_view key, LeaveAction otherwise) {
  const auto written = fields->Choice(key, {"delete", "blank", "suppress", "keep"});
  for (const LeaveAction action :
       {LeaveAction::kDelete, LeaveAction::kBlank, LeaveAction::kSuppress, LeaveAction::kKeep}) {
    if (written && Name(action) == *written) return action;
  }
  return otherwise;
}

}  // namespace

std::string Listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out.append(out.empty() ? "`" : ", `").append(name).append("`");
  return out;
}

bool IsName(std::string_view text, bool dotted) {
  if (text.empty() || text.size() > kMaxNameBytes) return false;
  bool after_dot = true;
  for (const char c : text) {
    if (c == '.') {
      if (!dotted || after_dot) return false;
      after_dot = true;
      continue;
    }
    const bool good =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!good) return false;
    after_dot = false;
  }
  return !after_dot;
}

Vouched ReadVouched(Fields* fields, const std::string& what) {
  const auto text = [&](std::string_view key) {
    const auto written = fields->RequiredString(key);
    if (written && written->find_first_not_of(" \t\r\n") == std::string::npos) {
      fields->Error(*fields->Any(key), "`" + std::string(key) + "` of " + what + " is empty");
    }
    return written.value_or("");
  };
  Vouched out;
  out.reason = text("reason");
  out.approver = text("approver");
  out.expires = fields->RequiredString("expires").value_or("");
  if (!out.expires.empty() && !IsCalendarDate(out.expires)) {
    fields->Error(*fields->Any("expires"), "`expires` of " + what + " must be a date such as 2027-01-31");
  }
  return out;
}

bool PolicyDocument::IsFirst(std::string_view what, const std::string& name, manifest::Position at) {
  const auto [found, first] = seen_.try_emplace(Named(what, name), Located{file_, at});
  if (first) return true;
  const Located& before = found->second;
  diagnostics_->Error(kDuplicate, file_, at,
                      found->first + " is already defined at " + before.file + ":" +
                          std::to_string(before.position.line) + ":" +
                          std::to_string(before.position.column));
  return false;
}

void PolicyDocument::EachNamed(Fields* fields, std::string_view key, std::string_view what,
                               void (PolicyDocument::*read)(const Member&)) {
  const Value* map = fields->Any(key);
  if (map == nullptr) return;
  if (map->kind() != Value::Kind::kMap) {
    fields->Error(*map, "`" + std::string(key) + "` must be a map of names: `" + std::string(key) + ": {NAME: {…}}`");
    return;
  }
  const bool dotted = key == "classes";
  for (const Member& member : map->members()) {
    if (!IsName(member.key, dotted)) {
      diagnostics_->Error(kShape, file_, member.key_position,
                          "`" + member.key + "` is no name of a " + std::string(what) +
                              ": letters, digits, `_` and `-`" + (dotted ? ", with dots between them" : "") +
                              ", at most 100 bytes");
      continue;
    }
    if (IsFirst(what, member.key, member.key_position)) (this->*read)(member);
  }
}

void PolicyDocument::ReadVersion(Fields* fields) {
  const Value* version = fields->Required("version");
  if (version == nullptr || version->AsInteger() == std::int64_t{1}) return;
  fields->Error(*version, "`version` must be 1, the only one that this version of weir reads");
}

void PolicyDocument::ReadUnclassified(Fields* fields) {
  const auto written = fields->Choice("unclassified", {"deny", "blank", "warn"});
  if (!written || !IsFirst("key", "unclassified", fields->Any("unclassified")->position())) return;
  policy_->unclassified = *written == "blank"  ? Unclassified::kBlank
                          : *written == "warn" ? Unclassified::kWarn
                                               : Unclassified::kDeny;
}

void PolicyDocument::ReadPresets(Fields* fields) {
  const Value* written = fields->Any("presets");
  if (written == nullptr) return;
  const auto add = [this](const Value& item, const std::string& name) {
    policy_->presets.push_back({name, {file_, item.position()}});
  };
  if (written->kind() != Value::Kind::kList) {
    for (const std::string& name : fields->Strings("presets")) add(*written, name);
    return;
  }
  if (fields->Strings("presets").size() != written->items().size()) return;  // reported
  for (const Value& item : written->items()) add(item, item.text());
}

void PolicyDocument::ReadInclusions(Fields* fields) {
  inclusions_.clear();
  const Value* written = fields->Any("include");
  if (written == nullptr) return;
  const bool list = written->kind() == Value::Kind::kList;
  const std::vector<std::string> folders = fields->Strings("include");
  if (list && written->items().empty()) fields->Error(*written, "`include` lists no folder");
  for (std::size_t i = 0; i < folders.size(); ++i) {
    const bool located = list && folders.size() == written->items().size();
    inclusions_.push_back({folders[i], {file_, located ? written->items()[i].position() : written->position()}});
  }
}

void PolicyDocument::ReadInherit(Fields* fields) {
  const auto written = fields->Choice("inherit", {"lineage", "none"});
  if (!written || !IsFirst("key", "inherit", fields->Any("inherit")->position())) return;
  policy_->inherit_lineage = *written == "lineage";
}

void PolicyDocument::ReadClass(const Member& member) {
  const std::string what = Named("class", member.key);
  Fields fields(member.value, what, file_, std::string(kShape), diagnostics_,
                "{name: '(?i)email'}");
  ClassDefinition out;
  out.name = member.key;
  out.at = {file_, member.key_position};
  out.permissive = fields.Bool("permissive").value_or(false);
  if (const Value* meta = fields.Any("meta")) {
    if (meta->kind() != Value::Kind::kMap)
      fields.Error(*meta, "`meta` of " + what + " must be a map of keys and values, such as `{contains: [email, mail]}`");
    for (const Member& pair : meta->members()) {
      std::vector<std::string>& values = out.markers.meta[pair.key];
      const bool list = pair.value.kind() == Value::Kind::kList;
      for (const Value& item : list ? pair.value.items() : std::vector<Value>{pair.value}) {
        if (item.IsNull() || item.kind() == Value::Kind::kMap || item.kind() == Value::Kind::kList ||
            item.text().empty()) {
          fields.Error(item,
                       "`" + pair.key + "` under `meta` of " + what + " must be a value or a list of values");
        } else {
          values.push_back(item.text());
        }
      }
      if (list && pair.value.items().empty()) {
        fields.Error(pair.value, "`" + pair.key + "` under `meta` of " + what + " lists no value");
      }
    }
  }
  out.markers.tags = fields.Strings("tags");
  out.markers.classifiers = fields.Strings("classifiers");
  out.name_pattern = fields.String("name").value_or("");
  out.columns = fields.Strings("columns");
  if (const Value* value = fields.Any("value")) out.value = ReadValueCriterion(*value, what, file_, diagnostics_);
  fields.Finish();
  policy_->classes.push_back(std::move(out));
}

void PolicyDocument::ReadSubject(const Member& member) {
  Subject out;
  out.name = member.key;
  out.at = {file_, member.key_position};
  const std::string what = Named("subject", member.key);
  Fields fields(member.value, what, file_, std::string(kShape), diagnostics_,
                "{dim_customers: customer_id}");
  for (const Member& pair : member.value.members()) {
    const auto column = fields.RequiredString(pair.key);
    if (column) out.key_columns[pair.key] = *column;
  }
  if (member.value.kind() == Value::Kind::kMap && member.value.members().empty()) {
    fields.Error(member.value, what + " names no model; write `{dim_customers: customer_id}`");
  }
  policy_->subjects.push_back(std::move(out));
}

void PolicyDocument::ReadRole(const Member& member) {
  Fields fields(member.value, Named("role", member.key), file_, std::string(kShape), diagnostics_,
                "{groups: [growth]}");
  Role out;
  out.name = member.key;
  out.at = {file_, member.key_position};
  out.groups = fields.Strings("groups");
  fields.Finish();
  policy_->roles.push_back(std::move(out));
}

void PolicyDocument::ReadDestination(const Member& member) {
  const std::string what = Named("destination", member.key);
  Fields fields(member.value, what, file_, std::string(kShape), diagnostics_,
                "{origin: 'https://api.crm.example', readers: [marketer], trust: external}");
  DestinationFacts out;
  out.name = member.key;
  out.at = {file_, member.key_position};
  out.origin = fields.RequiredString("origin").value_or("");
  if (const Value* readers = fields.Required("readers")) {
    out.readers = fields.Strings("readers");
    std::sort(out.readers.begin(), out.readers.end());
    out.readers.erase(std::unique(out.readers.begin(), out.readers.end()), out.readers.end());
    if (readers->kind() == Value::Kind::kList && readers->items().empty()) {
      diagnostics_->Error(
          "W-POL-015", file_, readers->position(),
          "`readers` of " + what + " is empty; name the roles that can read what arrives there");
    }
  }
  if (fields.Required("trust") != nullptr)
    out.trust = fields.Choice("trust", {"internal", "external"}).value_or("");
  out.legal_name = fields.String("legal_name").value_or("");
  out.country = fields.String("country").value_or("");
  out.relation = fields.Choice("relation", {"processor", "controller"}).value_or("");
  if (const Value* transfer = fields.Any("transfer")) {
    Fields inner(*transfer, "`transfer` of " + what, file_, std::string(kShape), diagnostics_,
                "{mechanism: SCC, until: 2027-06-30}");
    out.transfer_mechanism = inner.RequiredString("mechanism").value_or("");
    out.transfer_until = inner.String("until").value_or("");
    if (!out.transfer_until.empty() && !IsCalendarDate(out.transfer_until)) {
      inner.Error(*inner.Any("until"),
                  "`until` of `transfer` of " + what + " must be a date such as 2027-06-30");
    }
    inner.Finish();
  }
  if (const Value* leave = fields.Any("on_leave")) {
    Fields inner(*leave, "`on_leave` of " + what, file_, std::string(kShape), diagnostics_,
                "{deleted: keep}");
    out.on_deleted = ReadLeaveAction(&inner, "deleted", out.on_deleted);
    out.on_withheld = ReadLeaveAction(&inner, "withheld", out.on_withheld);
    out.on_denied = ReadLeaveAction(&inner, "denied", out.on_denied);
    inner.Finish();
  }
  fields.Finish();
  policy_->destinations.push_back(std::move(out));
}

void PolicyDocument::ReadPurpose(const Member& member) {
  const std::string what = Named("purpose", member.key);
  Fields fields(member.value, what, file_, std::string(kShape), diagnostics_,
                "{syncs: ['exposure:crm_*']}");
  Purpose out;
  out.name = member.key;
  out.at = {file_, member.key_position};
  out.legal_basis = fields.String("legal_basis").value_or("");
  if (const Value* syncs = fields.Required("syncs")) {
    out.syncs = fields.Strings("syncs");
    if (syncs->kind() == Value::Kind::kList && syncs->items().empty()) {
      fields.Error(*syncs,
                   "`syncs` of " + what + " is empty; list the syncs that may claim it: `exposure:crm_*`");
    }
    for (const std::string& glob : out.syncs) {
      const bool known = (glob.starts_with("exposure:") && glob.size() > 9) ||
                         (glob.starts_with("sync:") && glob.size() > 5);
      if (!known) {
        fields.Error(*syncs,
                     "`" + glob + "` in `syncs` of " + what + " must begin with `exposure:` or `sync:`");
      }
    }
  }
  fields.Finish();
  policy_->purposes.push_back(std::move(out));
}

void PolicyDocument::Read(const Value& value, const std::string& file) {
  file_ = file;
  inclusions_.clear();
  Fields fields(value, "the policy", file, std::string(kShape), diagnostics_);
  if (value.kind() != Value::Kind::kMap) return;
  ReadVersion(&fields);
  EachNamed(&fields, "classes", "class", &PolicyDocument::ReadClass);
  EachNamed(&fields, "subjects", "subject", &PolicyDocument::ReadSubject);
  EachNamed(&fields, "roles", "role", &PolicyDocument::ReadRole);
  EachNamed(&fields, "destinations", "destination", &PolicyDocument::ReadDestination);
  EachNamed(&fields, "purposes", "purpose", &PolicyDocument::ReadPurpose);
  ReadUnclassified(&fields);
  ReadPresets(&fields);
  ReadInherit(&fields);
  const auto list = [&](std::string_view key) -> const std::vector<Value>* {
    const Value* items = fields.Any(key);
    if (items != nullptr && items->kind() == Value::Kind::kList) return &items->items();
    if (items != nullptr) fields.Error(*items, "`" + std::string(key) + "` must be a list; each item begins with `- `");
    return nullptr;
  };
  // One space of ids: a finding names a rule or a requirement by it alone.
  if (const auto* items = list("rules")) {
    for (const Value& item : *items) {
      if (auto rule = ReadRule(item, file, diagnostics_);
          rule && IsFirst("id", rule->id, rule->at.position)) {
        policy_->rules.push_back(std::move(*rule));
      }
    }
  }
  if (const auto* items = list("require")) {
    for (const Value& item : *items) {
      auto requirement = ReadRequirement(item, file, diagnostics_);
      if (requirement && IsFirst("id", requirement->id, requirement->at.position)) {
        policy_->requirements.push_back(std::move(*requirement));
      }
    }
  }
  if (const auto* items = list("waivers")) {
    for (const Value& item : *items) {
      auto waiver = ReadWaiver(item, file, diagnostics_);
      if (waiver && IsFirst("id", waiver->id, waiver->at.position)) policy_->waivers.push_back(std::move(*waiver));
    }
  }
  if (const Value* approvals = fields.Any("approvals"); approvals != nullptr && IsFirst("key", "approvals", approvals->position())) {
    policy_->approvals = ReadApprovals(*approvals, file, diagnostics_);
  }
  if (const auto* items = list("tests")) {
    for (const Value& item : *items) {
      auto test = ReadTestCase(item, file, diagnostics_);
      if (test && IsFirst("test", test->name, test->at.position)) policy_->tests.push_back(std::move(*test));
    }
  }
  if (const auto* items = list("declassify")) {
    for (const Value& item : *items) {
      if (auto one = ReadDeclassification(item, file, diagnostics_)) policy_->declassified.push_back(std::move(*one));
    }
  }
  ReadInclusions(&fields);
  fields.Finish();
}

}  // namespace weir::policies
