#include "gateway/guards.h"

#include <cmath>
#include <cstring>
#include <utility>

namespace weir::gateway {
namespace {

// Of a mirror whose policy names no limit: a table that was emptied by mistake must not empty the destination.
constexpr policies::Limit kDefaultMaxDeletes{20, true};
constexpr std::uint64_t kDefaultMaxDeletesFrom = 10;  // fewer deletions than this pass without a declared limit

std::string Plural(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::uint64_t Allowed(const policies::Limit& limit, std::uint64_t known) {
  const double allowed = limit.percent ? static_cast<double>(known) * limit.value / 100.0 : limit.value;
  return allowed <= 0 ? 0 : static_cast<std::uint64_t>(std::floor(allowed));
}

std::string MatchColumns(const SyncPlan& plan) {
  std::string out;
  for (const policies::SyncSpec::Mapped& mapped : plan.spec->match) {
    out += (out.empty() ? "`" : ", `") + mapped.column + "`";
  }
  return out;
}

bool MatchIsUnchanged(const SyncPlan& plan) {
  for (std::size_t i = 0; i < plan.match_count; ++i) {
    if (plan.steps[i].transform.kind != policies::TransformKind::kUnchanged) return false;
  }
  return true;
}

// `enforced`: of requirements that hold; a limit that nobody wrote holds, and is never merely told.
std::vector<GuardHold> CheckLimits(const SyncPlan& plan, const policies::Guards& guards, bool enforced, const ScanResult& scan,
                                   const RunCounts& counts, const Vanished& vanished) {
  using Guard = GuardHold::Guard;
  constexpr const char* kRaise = ": nothing was sent; if that is right, raise the guard in the policy";
  std::vector<GuardHold> out;
  if (guards.min_rows && counts.read < static_cast<std::uint64_t>(*guards.min_rows)) {
    out.push_back({Guard::kMinRows, counts.read, "W-GUARD-003",
                   "the model has " + Plural(counts.read, "row") + ", fewer than `min_rows: " +
                       std::to_string(*guards.min_rows) + "`",
                   ": nothing was sent"});
  }
  const bool declared = guards.max_deletes.has_value();
  if (RemovesVanished(plan) && (declared || enforced)) {
    const policies::Limit limit = guards.max_deletes.value_or(kDefaultMaxDeletes);
    const std::uint64_t allowed = Allowed(limit, vanished.known);
    if (vanished.vanished > allowed && (declared || vanished.vanished >= kDefaultMaxDeletesFrom)) {
      out.push_back({Guard::kMaxDeletes, vanished.vanished, "W-GUARD-004",
                     Plural(vanished.vanished, "row") + " of " + std::to_string(vanished.known) +
                         " would be deleted, more than `max_deletes: " + ToText(limit) + "`" +
                         (declared ? "" : " (the default)"),
                     kRaise});
    }
  }
  if (guards.max_changes && vanished.known != 0) {
    const bool mirror = plan.spec->mode == policies::SyncMode::kMirror;
    const std::uint64_t changed = scan.changed_present + (mirror ? vanished.vanished : 0);
    if (changed > Allowed(*guards.max_changes, vanished.known)) {
      out.push_back({Guard::kMaxChanges, changed, "W-GUARD-005",
                     Plural(changed, "row") + " of " + std::to_string(vanished.known) +
                         " would change, more than `max_changes: " + ToText(*guards.max_changes) + "`",
                     kRaise});
    }
  }
  return out;
}

}  // namespace

bool Exceeds(std::uint64_t count, const policies::Limit& limit, std::uint64_t of) { return count > Allowed(limit, of); }

bool RemovesVanished(const SyncPlan& plan) {
  return plan.spec->mode == policies::SyncMode::kMirror &&
         plan.decision.destination->on_deleted != policies::LeaveAction::kKeep;
}

Vanished CountVanished(const SyncState& state, const ScanResult& scan) {
  Vanished out;
  for (std::size_t i = 0; i < state.size(); ++i) {
    if (!state.at(i).MayBeThere()) continue;
    ++out.known;
    if (!scan.seen[i]) ++out.vanished;
  }
  return out;
}

GuardVerdict CheckGuards(const SyncPlan& plan, const RunOptions& options, const ScanResult& scan,
                         const RunCounts& counts, const Vanished& vanished) {
  using Guard = GuardHold::Guard;
  GuardVerdict out;
  // The columns' values: a class is not signed away.
  for (const SyncPlan::Refusal& by_value : scan.by_value) {
    out.held.push_back({Guard::kNever, 0, by_value.code, by_value.text, ""});
  }
  if (scan.null_keys != 0) {
    out.held.push_back({Guard::kNever, scan.null_keys, "W-GUARD-001",
                        Plural(scan.null_keys, "row") + (scan.null_keys == 1 ? " has" : " have") + " a null match key (" +
                            MatchColumns(plan) + ")",
                        ": nothing was sent; add a `not_null` test, or filter such rows in the model"});
  }
  if (scan.duplicate_keys != 0) {
    out.held.push_back({Guard::kNever, scan.duplicate_keys, "W-GUARD-002",
                        Plural(scan.duplicate_keys, "match key") + (scan.duplicate_keys == 1 ? " stands" : " stand") +
                            " more than once (" + MatchColumns(plan) +
                            (MatchIsUnchanged(plan) ? "" : ", after its transform") + ")",
                        ": nothing was sent; add a `unique` test, or make the model's rows distinct"});
  }
  if (!options.only) {
    for (GuardHold& hold : CheckLimits(plan, plan.gate.guards, true, scan, counts, vanished)) {
      out.held.push_back(std::move(hold));
    }
    for (const policies::ToldGuards& told : plan.gate.told_guards) {
      for (const GuardHold& hold : CheckLimits(plan, told.guards, false, scan, counts, vanished)) {
        out.told.push_back({hold.code, hold.what + " (requirement `" + told.requirement + "`)" + told.note});
      }
    }
  }
  AnonymityVerdict anonymity = CheckAnonymity(plan, !options.only, scan.groups);
  // Whom a small group shows did not ask for the run: nobody signs for them.
  for (SyncPlan::Refusal& held : anonymity.held) {
    out.held.push_back({Guard::kNever, 0, std::move(held.code), std::move(held.text), ""});
  }
  out.told.insert(out.told.end(), anonymity.told.begin(), anonymity.told.end());
  return out;
}

void AddVanished(const SyncPlan& plan, SyncState& state, std::uint32_t run_number, ScanResult* scan,
                 RunCounts* counts) {
  constexpr std::size_t kChunkRows = policies::Batch::kMaxRows;
  const policies::LeaveAction action = plan.decision.destination->on_deleted;
  const bool removes = RemovesVanished(plan);
  SpoolChunk leaving, quiet;
  leaving.fields.columns.resize(plan.fields.size());
  const auto flush = [](SpoolChunk* chunk, Spool* spool, std::size_t columns) {
    if (!chunk->rows.empty()) spool->Append(*chunk);
    chunk->Clear();
    chunk->fields.columns.resize(columns);
  };
  std::vector<Tag> subjects;
  std::vector<std::optional<std::string>> match;
  for (std::size_t i = 0; i < state.size(); ++i) {
    if (scan->seen[i]) continue;
    SpoolRow row;
    row.record.key = state.at(i).key;
    row.record.bits = StateRecord::Pack(StateRecord::kGone, 0, run_number);
    if (!state.at(i).MayBeThere()) {
      quiet.rows.push_back(row);  // withheld or rejected, and gone from the source: nothing to ask of the destination
      if (quiet.rows.size() == kChunkRows) flush(&quiet, &scan->quiet, 0);
      continue;
    }
    if (!removes) continue;
    const std::optional<std::string> side = state.OpenSide(i);
    if (!side || !DecodeSide(*side, &subjects, &match) || match.size() != plan.match_count) {
      ++counts->refused;
      ++counts->refused_by["no_match_value"];
      continue;
    }
    row.operation = action == policies::LeaveAction::kDelete  ? Operation::kDelete
                    : action == policies::LeaveAction::kBlank ? Operation::kBlank
                                                              : Operation::kSuppress;
    if (row.operation != Operation::kDelete) row.record.bits = StateRecord::Pack(StateRecord::kWithheld, 0, run_number);
    row.subject_count = static_cast<std::uint32_t>(subjects.size());
    leaving.subjects.insert(leaving.subjects.end(), subjects.begin(), subjects.end());
    leaving.rows.push_back(row);
    for (std::size_t field = 0; field < plan.fields.size(); ++field) {
      if (field < match.size() && match[field]) {
        leaving.fields.columns[field].AppendText(*match[field]);
      } else {
        leaving.fields.columns[field].AppendNull();
      }
    }
    ++leaving.fields.rows;
    if (leaving.rows.size() == kChunkRows) flush(&leaving, &scan->leaving, plan.fields.size());
  }
  flush(&leaving, &scan->leaving, plan.fields.size());
  flush(&quiet, &scan->quiet, 0);
}

std::string EncodeSide(std::span<const Tag> subjects, std::string_view match_cells) {
  std::string out(1, static_cast<char>(subjects.size()));
  for (const Tag& tag : subjects) out.append(reinterpret_cast<const char*>(tag.data()), tag.size());
  out.append(match_cells);
  return out;
}

bool DecodeSide(std::string_view side, std::vector<Tag>* subjects, std::vector<std::optional<std::string>>* match) {
  if (side.empty()) return false;
  const std::size_t count = static_cast<unsigned char>(side[0]);
  if (count > audit::kMaxOutcomeSubjects || side.size() < 1 + count * sizeof(Tag)) return false;
  subjects->resize(count);
  for (std::size_t i = 0; i < count; ++i) std::memcpy((*subjects)[i].data(), side.data() + 1 + i * sizeof(Tag), sizeof(Tag));
  return ParseCells(side.substr(1 + count * sizeof(Tag)), match);
}

}  // namespace weir::gateway
