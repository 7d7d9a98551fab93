#include "gateway/forecast.h"

#include <algorithm>

#include "audit/file.h"
#include "gateway/terminal_progress.h"
#include "gateway/workspace.h"

namespace weir::gateway {
namespace {

std::string Rows(std::uint64_t count) { return WithThousands(count) + (count == 1 ? " row" : " rows"); }

bool Has(const std::vector<std::string>& fields, const std::string& field) {
  return std::find(fields.begin(), fields.end(), field) != fields.end();
}

bool IsMapped(const policies::SyncSpec& sync, const std::string& field) {
  const auto has = [&](const std::vector<policies::SyncSpec::Mapped>& list) {
    return std::any_of(list.begin(), list.end(), [&](const auto& mapped) { return mapped.field == field; });
  };
  return has(sync.match) || has(sync.columns);
}

// The decision about the column that is mapped to the field; null for a constant.
const policies::ColumnDecision* DecisionOf(const SyncPlan& plan, const std::string& field) {
  for (const policies::ColumnDecision& decision : plan.decision.columns) {
    const bool sent = decision.use == policies::Use::kSend || decision.use == policies::Use::kMatch;
    if (sent && decision.field == field) return &decision;
  }
  return nullptr;
}

bool Leaves(const policies::ColumnDecision* decision) {
  return decision == nullptr || (!decision->denied() && decision->transform.kind != policies::TransformKind::kDrop);
}

// Columns whose type neither project nor catalog says: the run's own plan may then differ from this one.
std::vector<std::string> UndeclaredColumns(const SyncPlan& plan) {
  std::vector<std::string> out;
  for (const policies::ColumnSchema& column : plan.input_schema) {
    if (column.declared.empty()) out.push_back(column.name);
  }
  return out;
}

class ForecastMaker {
 public:
  ForecastMaker(const SyncPlan& plan, const StateMemory& memory, Forecast* out) : plan_(plan), memory_(memory), out_(*out) {}

  void Make() {
    const std::uint64_t present = memory_.present;
    if (!memory_.header.place.empty() && memory_.header.place != plan_.place && present != 0) {
      Add(Forecast::Kind::kMoved, "", "the place changes: a run is held (W-SYNC-008), and " + Rows(present) +
                                          " stay at " + memory_.header.place);
      return;
    }
    for (const std::string& field : memory_.header.sent_fields) AddSentField(field);
    for (const policies::FieldStep& step : plan_.steps) {
      if (Has(memory_.header.sent_fields, step.field)) continue;
      Add(Forecast::Kind::kSent, step.field, "field `" + step.field + "` is new: up to " + Rows(present) + " are sent again with it");
    }
    if (memory_.header.effect_digest == plan_.effect_digest) {
      if (out_.items.empty()) Add(Forecast::Kind::kNothing, "", "nothing changes for the " + Rows(present) + " that are there: only changed data is sent");
      return;
    }
    std::string text = "up to " + Rows(present) + " are transformed anew and compared; those whose outgoing values differ are sent again";
    const std::vector<std::string> undeclared = UndeclaredColumns(plan_);
    if (!undeclared.empty()) {
      text += " (perhaps none: the type of `" + undeclared.front() + "`" +
              (undeclared.size() == 1 ? "" : " and " + std::to_string(undeclared.size() - 1) + " more") +
              " is declared nowhere, and `weir sync --dry-run` asks the warehouse)";
    }
    out_.items.insert(out_.items.begin(), {Forecast::Kind::kAnew, "", present, std::move(text)});
  }

 private:
  void Add(Forecast::Kind kind, std::string field, std::string text) {
    out_.items.push_back({kind, std::move(field), memory_.present, std::move(text)});
  }

  // A field that the destination has: still sent, no longer mapped, or denied now.
  void AddSentField(const std::string& field) {
    const std::string rows = Rows(memory_.present);
    if (!IsMapped(*plan_.spec, field)) {
      return Add(Forecast::Kind::kStays, field, "field `" + field + "` is no longer mapped: what was sent stays in up to " + rows);
    }
    if (Leaves(DecisionOf(plan_, field))) return;
    const policies::LeaveAction action = plan_.decision.destination == nullptr ? policies::LeaveAction::kBlank
                                                                               : plan_.decision.destination->on_denied;
    const std::string begin = "field `" + field + "` is denied: ";
    switch (action) {
      case policies::LeaveAction::kBlank:
        return Add(Forecast::Kind::kBlanked, field, begin + "it is blanked in up to " + rows);
      case policies::LeaveAction::kDelete:
        return Add(Forecast::Kind::kDeleted, field, begin + "up to " + rows + " are deleted (`on_leave: {denied: delete}`)");
      case policies::LeaveAction::kSuppress:
        return Add(Forecast::Kind::kSuppressed, field, begin + "up to " + rows + " are suppressed (`on_leave: {denied: suppress}`)");
      case policies::LeaveAction::kKeep:
        return Add(Forecast::Kind::kStays, field, begin + "what was sent stays in up to " + rows + " (`on_leave: {denied: keep}`)");
    }
  }

  const SyncPlan& plan_;
  const StateMemory& memory_;
  Forecast& out_;
};

}  // namespace

std::string_view Name(Forecast::Kind kind) {
  switch (kind) {
    case Forecast::Kind::kAnew: return "anew";
    case Forecast::Kind::kSent: return "sent";
    case Forecast::Kind::kBlanked: return "blanked";
    case Forecast::Kind::kDeleted: return "deleted";
    case Forecast::Kind::kSuppressed: return "suppressed";
    case Forecast::Kind::kStays: return "stays";
    case Forecast::Kind::kMoved: return "moved";
    case Forecast::Kind::kNothing: return "nothing";
  }
  return "nothing";
}

std::optional<Keyring> RecallKeyring(const Config& config, std::string* reason) {
  if (!audit::RealFileSystem().Exists(config.keys)) {
    *reason = "there is no key file to open the state with";
    return std::nullopt;
  }
  try {
    return ReadKeyring(config.keys, config.tenant, config.environment);
  } catch (const ConfigError& error) {
    *reason = error.what();
  } catch (const audit::FileError& error) {
    *reason = error.what();
  }
  return std::nullopt;
}

std::optional<StateMemory> RecallState(const std::string& folder, const Config& config, const policies::SyncSpec& sync,
                                       const std::optional<Keyring>& keyring, std::string* reason) {
  try {
    audit::FileSystem& files = audit::RealFileSystem();
    const std::vector<std::string> names = files.Exists(folder) ? files.List(folder) : std::vector<std::string>{};
    const bool any = std::any_of(names.begin(), names.end(), [](const std::string& name) { return name.ends_with(".state"); });
    if (!any) {
      *reason = "no run has sent anything yet";
      return std::nullopt;
    }
    if (!keyring) return std::nullopt;  // the caller knows why
    const auto state = SyncState::Open(folder, {config.tenant, config.environment, sync.id}, keyring->state_root, keyring->seal_root);
    StateMemory out;
    out.header = state->header();
    for (std::size_t i = 0; i < state->size(); ++i) out.present += state->at(i).MayBeThere() ? 1 : 0;
    return out;
  } catch (const StateError& error) {
    *reason = error.what();
  } catch (const audit::FileError& error) {
    *reason = error.what();
  }
  return std::nullopt;
}

Forecast MakeForecast(const SyncPlan& plan, const StateMemory& memory) {
  Forecast out;
  out.known = true;
  out.present = memory.present;
  ForecastMaker(plan, memory, &out).Make();
  return out;
}

}  // namespace weir::gateway
