#include "policies/sync_spec.h"

#include <algorithm>
#include <map>

#include "policies/audience.h"
#include "policies/policy_document.h"

namespace weir::policies {
namespace {

using manifest::Fields;
using manifest::Node;
using manifest::Value;

constexpr std::string_view kShape = "W-SYN-001";
constexpr std::string_view kUnknown = "W-SYN-002";
constexpr std::string_view kDuplicate = "W-SYN-003";
constexpr std::string_view kNoProject = "W-SYN-004";

// Reads one `weir` block. JSON meta has no positions: `where_` then stands before each message.
class SyncReader {
 public:
  SyncReader(const manifest::Project& project, const manifest::Exposure* exposure, std::string where,
             std::string file, manifest::Diagnostics* diagnostics)
      : project_(project),
        exposure_(exposure),
        where_(std::move(where)),
        file_(std::move(file)),
        diagnostics_(diagnostics) {}

  std::optional<SyncSpec> Read(const Value& block) {
    if (block.kind() != Value::Kind::kMap) {
      Error(kShape, block, "a sync must be a map with `destination`, `match` and `columns`");
      return std::nullopt;
    }
    Fields fields(block, "the sync", file_, std::string(kShape), &local_);
    SyncSpec out;
    out.position = block.position();
    out.declared_in = file_;
    if (exposure_ == nullptr) fields.Any("name");  // read by the caller
    model_ = FindModel(&fields);
    if (model_ != nullptr) out.model_id = model_->unique_id;
    out.destination = fields.RequiredString("destination").value_or("");
    out.object = fields.String("object").value_or("");
    out.purpose = fields.String("purpose").value_or("");
    ReadModes(&fields, &out);
    ReadMapping(fields.Any("match"), "match", &out.match);
    ReadMapping(fields.Any("columns"), "columns", &out.columns);
    CheckFields(block, out);
    ReadFailWhen(fields.Any("fail_when"), &out);
    out.schedule = fields.String("schedule").value_or("");
    fields.Finish();
    Flush();
    return model_ == nullptr ? std::nullopt : std::optional<SyncSpec>(out);
  }

 private:
  void Error(std::string_view code, const Value& at, std::string message) {
    local_.Error(code, file_, at.position(), std::move(message));
    Flush();
  }

  // Messages of Fields know nothing of the exposure; it is put before them on the way out.
  void Flush() {
    for (manifest::Diagnostic& diagnostic : local_.Sorted()) {
      diagnostic.message = where_ + ": " + diagnostic.message;
      diagnostics_->Add(std::move(diagnostic));
    }
    local_ = manifest::Diagnostics();
  }

  std::vector<std::string> ModelsAbove() const {
    std::vector<std::string> out;
    if (exposure_ == nullptr) return out;
    for (const manifest::Text& id : exposure_->depends_on) {
      if (project_.FindNode(id) != nullptr) out.push_back(id);
    }
    return out;
  }

  const Node* FindModel(Fields* fields) {
    const std::vector<std::string> above = ModelsAbove();
    const Value* written = fields->Any("model");
    const auto name = fields->String("model");
    if (name) {
      std::vector<std::string> ambiguous;
      const Node* model = project_.FindModel(*name, &ambiguous);
      if (model == nullptr && !ambiguous.empty()) {
        Error(kUnknown, *written, "model `" + *name + "` is one of " + Listed(ambiguous) + "; write which");
      } else if (model == nullptr) {
        std::vector<std::string> names;
        for (const Node& node : project_.nodes) names.push_back(node.name);
        Error(kUnknown, *written,
              "there is no model `" + *name + "` in the project" + manifest::DidYouMean(*name, names));
      } else if (exposure_ != nullptr &&
                 std::find(above.begin(), above.end(), model->unique_id) == above.end()) {
        Error(kUnknown, *written,
              "`depends_on` does not name model `" + *name + "`; add `ref('" + model->name + "')`");
        return nullptr;
      }
      return model;
    }
    if (written != nullptr) return nullptr;  // reported
    if (above.size() == 1) return project_.FindNode(above.front());
    if (exposure_ == nullptr) {
      Error(kShape, fields->value(), "the sync needs `model`");
    } else if (above.empty()) {
      Error(kUnknown, fields->value(), "`depends_on` names no model; add `ref('...')`");
    } else {
      std::vector<std::string> names;
      for (const std::string& id : above) names.push_back(project_.FindNode(id)->name);
      Error(kUnknown, fields->value(),
            "`depends_on` names several models (" + Listed(names) + "); write `model:` to say which");
    }
    return nullptr;
  }

  static void ReadModes(Fields* fields, SyncSpec* out) {
    const auto mode = fields->Choice("mode", {"upsert", "insert", "update", "mirror", "append"});
    for (const SyncMode known :
         {SyncMode::kUpsert, SyncMode::kInsert, SyncMode::kUpdate, SyncMode::kMirror, SyncMode::kAppend}) {
      if (mode && Name(known) == *mode) out->mode = known;
    }
    const auto unknown = fields->Choice("on_unknown", {"hold", "resend"});
    if (unknown) out->on_unknown = *unknown == "resend" ? OnUnknown::kResend : OnUnknown::kHold;
  }

  void ReadFailWhen(const Value* written, SyncSpec* out) {
    if (written == nullptr) return;
    Fields fields(*written, "`fail_when`", file_, std::string(kShape), &local_);
    out->fail_when.refused = ReadLimit(&fields, "refused", "`fail_when`").value_or(Limit{});
    out->fail_when.rejected = ReadLimit(&fields, "rejected", "`fail_when`").value_or(Limit{});
    fields.Finish();
  }

  void ReadMapping(const Value* written, const std::string& key, std::vector<SyncSpec::Mapped>* out) {
    if (written == nullptr) return;
    if (const auto column = written->AsString())
      return AddColumn(*column, *column, written->position(), *written, out);
    if (written->kind() == Value::Kind::kList) {
      for (const Value& item : written->items()) {
        const auto column = item.AsString();
        if (column) {
          AddColumn(*column, *column, item.position(), item, out);
        } else {
          Error(kShape, item, "every item of `" + key + "` must be the name of a column");
        }
      }
      return;
    }
    if (written->kind() != Value::Kind::kMap) {
      return Error(kShape, *written,
                   "`" + key + "` must be a map of columns to fields, or a list of columns");
    }
    for (const Value::Member& member : written->members()) {
      if (const auto field = member.value.AsString(); field && !field->empty()) {
        AddColumn(member.key, *field, member.key_position, member.value, out);
      } else if (member.value.kind() == Value::Kind::kMap) {
        AddConstant(member, key, out);
      } else {
        Error(kShape, member.value,
              "`" + member.key + "` of `" + key + "` must be the name of a field, or `{constant: ...}`");
      }
    }
  }

  void AddColumn(const std::string& column, const std::string& field, manifest::Position position,
                 const Value& at, std::vector<SyncSpec::Mapped>* out) {
    SyncSpec::Mapped mapped;
    mapped.field = field;
    mapped.position = position;
    mapped.column = column;
    if (model_ == nullptr) return;  // reported
    const manifest::Column* documented = model_->FindColumn(column);
    if (documented == nullptr) {
      std::vector<std::string> names;
      for (const manifest::Column& candidate : model_->columns) names.push_back(candidate.name);
      local_.Error(kUnknown, file_, position.line == 0 ? at.position() : position,
                   "model `" + model_->name + "` has no documented column `" + column + "`" +
                       manifest::DidYouMean(column, names));
      return;
    }
    mapped.column = documented->name;
    out->push_back(std::move(mapped));
  }

  // `source: {constant: warehouse}`: the key is the field.
  void AddConstant(const Value::Member& member, const std::string& key, std::vector<SyncSpec::Mapped>* out) {
    Fields fields(member.value, "field `" + member.key + "`", file_, std::string(kShape), &local_);
    const Value* constant = fields.Required("constant");
    fields.Finish();
    if (constant == nullptr) return;
    if (key == "match")
      return Error(kShape, member.value, "`match` takes columns; a constant identifies nothing");
    if (constant->kind() == Value::Kind::kMap || constant->kind() == Value::Kind::kList) {
      return Error(kShape, *constant,
                   "`constant` of field `" + member.key + "` must be text, a number or a boolean");
    }
    if (manifest::LooksLikeSecret(constant->text())) {
      return Error(kShape, *constant,
                   "`constant` of field `" + member.key + "` looks like a secret; remove and revoke it");
    }
    SyncSpec::Mapped mapped;
    mapped.field = member.key;
    mapped.position = member.key_position;
    mapped.constant = constant->text();
    mapped.constant_kind = constant->kind();
    // A plain YAML scalar is what JSON would have made of it.
    if (constant->AsBool()) mapped.constant_kind = Value::Kind::kBool;
    if (constant->AsNumber()) mapped.constant_kind = Value::Kind::kNumber;
    out->push_back(std::move(mapped));
  }

  void CheckFields(const Value& block, const SyncSpec& spec) {
    if (spec.match.empty() && spec.mode != SyncMode::kAppend && block.Find("match") == nullptr) {
      Error(kShape, block, "the sync needs `match`: the columns that identify a row at the destination");
    }
    if (const Value* match = block.Find("match"); match != nullptr && spec.mode != SyncMode::kAppend &&
                                                  match->items().empty() && match->members().empty() &&
                                                  match->text().empty()) {
      Error(kShape, *match, "`match` is empty; name the columns that identify a row at the destination");
    }
    if (block.Find("match") == nullptr && block.Find("columns") == nullptr) {
      Error(kShape, block, "the sync needs `columns`: what is sent");
    }
    std::map<std::string, const SyncSpec::Mapped*> seen;
    for (const auto* list : {&spec.match, &spec.columns}) {
      for (const SyncSpec::Mapped& mapped : *list) {
        const auto [before, first] = seen.try_emplace(mapped.field, &mapped);
        if (first) continue;
        const auto named = [](const SyncSpec::Mapped& one) {
          return one.column.empty() ? std::string("a constant") : "column `" + one.column + "`";
        };
        local_.Error(kDuplicate, file_, mapped.position.line == 0 ? block.position() : mapped.position,
                     "field `" + mapped.field + "` is written twice, from " + named(*before->second) +
                         " and from " + named(mapped));
      }
    }
  }

  const manifest::Project& project_;
  const manifest::Exposure* exposure_;
  std::string where_, file_;
  manifest::Diagnostics* diagnostics_;
  manifest::Diagnostics local_;
  const Node* model_ = nullptr;
};

// A block with a purpose alone: more likely a dashboard whose author forgot for whom than a sync.
bool SaysNeither(const Value& block) {
  if (block.kind() != Value::Kind::kMap) return false;
  const std::vector<Value::Member>& members = block.members();
  return std::all_of(members.begin(), members.end(), [](const Value::Member& one) { return one.key == "purpose"; });
}

void ReadExposure(const manifest::Project& project, const manifest::Exposure& exposure,
                  manifest::Diagnostics* diagnostics, std::vector<SyncSpec>* out) {
  const Value* block = exposure.meta.Find("weir");
  if (block == nullptr || block->IsNull()) return;
  if (DeclaresAudience(*block)) {
    ReadAudience(*block, "exposure `" + exposure.name + "`", exposure.original_file_path, diagnostics);
    return;
  }
  if (SaysNeither(*block)) {
    diagnostics->Error(kShape, exposure.original_file_path, block->position(),
                       "exposure `" + exposure.name + "`: `weir` has neither an `audience` nor a sync; of a dashboard, write who sees it: " +
                           "`weir: {audience: ..., purpose: ...}` with a destination of the policy; to send data, write `destination`, " +
                           "`match` and `columns`");
    return;
  }
  if (!IsName(exposure.name, true)) {
    // Purposes are open to names: one with another letter, a slash or a line break in it must not pass for another.
    diagnostics->Error(kShape, exposure.original_file_path, block->position(),
                       "exposure `" + exposure.name + "` sends data, and its name has more than letters, digits, `_`, `-` " +
                           "and dots; rename it");
    return;
  }
  const auto read = [&](const Value& one, const std::string& suffix) {
    SyncReader reader(project, &exposure, "exposure `" + exposure.name + suffix + "`",
                      exposure.original_file_path, diagnostics);
    auto spec = reader.Read(one);
    if (!spec) return;
    spec->id = "exposure:" + exposure.name + suffix;
    spec->name = exposure.name + suffix;
    spec->exposure_id = exposure.unique_id;
    out->push_back(std::move(*spec));
  };
  const Value* list = block->Find("syncs");
  if (list == nullptr) return read(*block, "");
  if (list->kind() != Value::Kind::kList || block->members().size() != 1 || list->items().empty()) {
    diagnostics->Error(
        kShape, exposure.original_file_path, list->position(),
        "exposure `" + exposure.name + "`: `syncs` must be a list of syncs, with no other key beside it");
    return;
  }
  std::size_t number = 0;
  for (const Value& item : list->items()) read(item, "/" + std::to_string(++number));
}

void ReadExtra(const manifest::Project& project, const Value& extra, const std::string& file,
               manifest::Diagnostics* diagnostics, std::vector<SyncSpec>* out) {
  if (extra.kind() != Value::Kind::kList) {
    diagnostics->Error(kShape, file, extra.position(), "`syncs` must be a list of syncs");
    return;
  }
  for (const Value& item : extra.items()) {
    const Value* name = item.Find("name");
    if (name == nullptr || !name->AsString() || !IsName(*name->AsString(), false)) {
      diagnostics->Error(kShape, file, name == nullptr ? item.position() : name->position(),
                         "every sync of `syncs` needs a `name` of letters, digits, `_` and `-`");
      continue;
    }
    SyncReader reader(project, nullptr, "sync `" + *name->AsString() + "`", file, diagnostics);
    auto spec = reader.Read(item);
    if (!spec) continue;
    spec->id = "sync:" + *name->AsString();
    spec->name = *name->AsString();
    out->push_back(std::move(*spec));
  }
}

}  // namespace

std::string_view Name(SyncMode mode) {
  switch (mode) {
    case SyncMode::kUpsert:
      return "upsert";
    case SyncMode::kInsert:
      return "insert";
    case SyncMode::kUpdate:
      return "update";
    case SyncMode::kMirror:
      return "mirror";
    case SyncMode::kAppend:
      return "append";
  }
  return "upsert";
}

std::vector<SyncSpec> ReadSyncs(const manifest::Project& project, const Value* extra,
                                const std::string& extra_file, manifest::Diagnostics* diagnostics) {
  std::vector<SyncSpec> out;
  if (project.metadata.project_name.empty() && !project.exposures.empty()) {
    diagnostics->Error(kNoProject, project.path, {},
                       "the manifest does not say of which project it is (`project_name` or `project_id` of its `metadata`), so nobody "
                       "knows whose exposures may send; give the manifest as dbt wrote it");
  }
  for (const manifest::Exposure& exposure : project.exposures) {
    // A package's author must not make this project send data.
    if (exposure.package == project.metadata.project_name) ReadExposure(project, exposure, diagnostics, &out);
  }
  if (extra != nullptr && !extra->IsNull()) ReadExtra(project, *extra, extra_file, diagnostics, &out);
  std::sort(out.begin(), out.end(), [](const SyncSpec& a, const SyncSpec& b) { return a.id < b.id; });
  std::map<std::string, const SyncSpec*> names;
  for (const SyncSpec& spec : out) {
    const auto [before, first] = names.try_emplace(spec.name, &spec);
    if (first) continue;
    diagnostics->Error(kDuplicate, spec.declared_in, spec.position,
                       "sync `" + spec.name + "` is already declared in " + before->second->declared_in);
  }
  return out;
}

}  // namespace weir::policies
