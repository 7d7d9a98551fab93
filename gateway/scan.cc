#include "gateway/scan.h"

#include <algorithm>

namespace weir::gateway {
namespace {

using policies::Batch;
using policies::FieldStep;
using policies::SyncMode;

std::optional<Operation> OperationOf(policies::LeaveAction action) {
  switch (action) {
    case policies::LeaveAction::kDelete: return Operation::kDelete;
    case policies::LeaveAction::kBlank: return Operation::kBlank;
    case policies::LeaveAction::kSuppress: return Operation::kSuppress;
    case policies::LeaveAction::kKeep: break;
  }
  return std::nullopt;
}

policies::Program CompileMatch(const SyncPlan& plan, const policies::ProgramKeys& keys) {
  return policies::Program::Compile(
      {plan.steps.begin(), plan.steps.begin() + static_cast<std::ptrdiff_t>(plan.match_count)}, keys);
}

}  // namespace

Scanner::Scanner(const SyncPlan& plan, const Keyring& keyring, const Config& config, const SyncState& state,
                 const RunOptions& options, std::uint32_t run_number, bool may_repeat_inserts, RowDigests* digests,
                 ScanResult* result, RunCounts* counts)
    : plan_(plan),
      state_(state),
      options_(options),
      run_number_(run_number),
      may_repeat_inserts_(may_repeat_inserts),
      only_new_(plan.spec->mode == SyncMode::kInsert || plan.spec->mode == SyncMode::kAppend),
      digests_(*digests),
      result_(*result),
      counts_(*counts),
      match_program_(CompileMatch(plan, KeysFor(plan, keyring, config))),
      duplicates_(StateFolder(config, *plan.spec)),
      outgoing_(plan, keyring, config, options.full_refresh, run_number, result),
      values_(plan) {
  for (const policies::RowPredicate& predicate : plan.decision.row_filters) {
    filters_.push_back(policies::RowFilter::Compile(predicate, plan.input_schema));
  }
  result_.seen.assign(state.size(), false);
  result_.groups = GroupCounts(GroupFieldsOf(plan));
  if (!result_.groups.active()) return;
  std::vector<FieldStep> steps;
  for (const std::uint32_t step : result_.groups.fields().steps) steps.push_back(plan.steps[step]);
  group_program_ = policies::Program::Compile(std::move(steps), KeysFor(plan, keyring, config));
}

Scanner::~Scanner() = default;

void Scanner::Run(Source& source, Progress* progress, const std::atomic<bool>& stop) {
  Batch batch;
  while (source.Next(&batch)) {
    if (stop.load(std::memory_order_relaxed)) {
      result_.interrupted = true;
      break;
    }
    OnBatch(&batch);
    progress->Rows(counts_.read);
  }
  outgoing_.Finish(&counts_);
  result_.by_value = values_.Findings();
  if (!result_.interrupted) result_.duplicate_keys += duplicates_.CountDuplicates();
}

void Scanner::Refuse(std::string_view problem) {
  ++counts_.refused;
  ++counts_.refused_by[std::string(problem)];
}

bool Scanner::WantsRow(const Batch& batch, std::uint32_t row) const {
  if (!options_.only) return true;
  std::string value;
  for (std::size_t i = 0; i < plan_.match_count; ++i) {
    if (i != 0) value.push_back(',');
    if (plan_.steps[i].from == FieldStep::From::kColumn) value.append(batch.columns[plan_.steps[i].column].Text(row));
  }
  return value == *options_.only;
}

void Scanner::OnBatch(Batch* given) {
  const Batch& batch = *given;
  counts_.read += batch.rows;
  pass_.assign(batch.rows, 1);
  for (const policies::RowFilter& filter : filters_) {
    filter.Apply(batch, &filter_pass_);
    for (std::size_t i = 0; i < batch.rows; ++i) pass_[i] &= filter_pass_[i];
  }
  while (all_rows_.size() < batch.rows) all_rows_.push_back(static_cast<std::uint32_t>(all_rows_.size()));
  match_program_.Run(batch, std::span(all_rows_).first(batch.rows), &match_, &match_problems_);

  if (group_program_) group_program_->Run(batch, std::span(all_rows_).first(batch.rows), &group_fields_, &group_problems_);

  changed_.clear();
  leaving_chunk_.Clear();
  leaving_chunk_.fields.columns.resize(plan_.fields.size());
  for (std::uint32_t row = 0; row < batch.rows; ++row) {
    if (!WantsRow(batch, row)) {
      ++counts_.skipped;
      continue;
    }
    OnRow(batch, row, pass_[row] == 0 || plan_.deny_all);
  }
  if (!plan_.deny_all) values_.Look(batch, pass_, changed_);
  if (!leaving_chunk_.rows.empty()) result_.leaving.Append(leaving_chunk_);
  if (!changed_.empty()) outgoing_.Add(given, &changed_);
}

void Scanner::OnRow(const Batch& batch, std::uint32_t row, bool withheld) {
  for (std::size_t i = 0; i < plan_.match_count; ++i) {
    const FieldStep& step = plan_.steps[i];
    if (step.from == FieldStep::From::kColumn && batch.columns[step.column].IsNull(row)) {
      ++result_.null_keys;
      return Refuse("null_key");
    }
  }
  if (match_problems_[row] != policies::RowProblem::kNone) return Refuse(policies::Name(match_problems_[row]));

  cells_.clear();
  for (const policies::CellColumn& column : match_.columns) AppendCell(&cells_, column.IsNull(row), column.Text(row));
  const RowKey key = digests_.Key(cells_);
  const std::size_t index = state_.Find(key);
  if (index == SyncState::kNotFound) {
    duplicates_.Add(key);
  } else if (result_.seen[index]) {
    ++result_.duplicate_keys;
    return Refuse("duplicate_key");
  } else {
    result_.seen[index] = true;
  }
  return withheld ? OnWithheld(batch, row, key, index) : OnPresent(batch, row, key, index);
}

void Scanner::OnPresent(const Batch& batch, std::uint32_t row, const RowKey& key, std::size_t index) {
  cells_.clear();
  for (const std::uint32_t column : plan_.mapped_inputs) {
    AppendCell(&cells_, batch.columns[column].IsNull(row), batch.columns[column].Text(row));
  }
  const std::uint64_t input = digests_.Input(cells_);
  if (index != SyncState::kNotFound && !plan_.moved) {
    const StateRecord& record = state_.at(index);
    const std::uint32_t flags = record.flags();
    if ((flags & StateRecord::kMaybe) != 0 && only_new_ && !may_repeat_inserts_) {
      // It may be there already, and the destination would keep both: a person decides (`on_unknown: resend`).
      ++counts_.unknown;
      return OnStays(row, false);
    }
    const bool same = record.input == input && (flags & (StateRecord::kMaybe | StateRecord::kWithheld)) == 0;
    if ((flags & StateRecord::kRejected) != 0) {
      const bool due = run_number_ - record.run() >= (1u << record.rejections());
      if (same && !due && !options_.full_refresh) {
        ++counts_.skipped;
        if ((flags & (StateRecord::kPresent | StateRecord::kMaybe)) != 0) OnStays(row, false);
        return;
      }
    } else if ((same && !options_.full_refresh) || (only_new_ && (flags & StateRecord::kPresent) != 0)) {
      ++counts_.unchanged;
      return OnStays(row, same);
    }
  }
  OutgoingRows::Row& changed = changed_.emplace_back();
  changed.row = row;
  changed.key = key;
  changed.input = input;
  if (index != SyncState::kNotFound) changed.previous = state_.at(index);
}

void Scanner::OnStays(std::uint32_t row, bool same) {
  if (!result_.groups.active()) return;
  if (!same || group_problems_[row] != policies::RowProblem::kNone) return result_.groups.AddUnknown();
  result_.groups.Add(group_fields_, row, GroupCounts::Columns::kGroupSteps, &digests_);
}

void Scanner::OnWithheld(const Batch& batch, std::uint32_t row, const RowKey& key, std::size_t index) {
  ++counts_.withheld;
  if (index == SyncState::kNotFound || plan_.moved) return;
  const StateRecord& record = state_.at(index);
  if ((record.flags() & (StateRecord::kPresent | StateRecord::kMaybe)) == 0) return;
  const policies::DestinationFacts& facts = *plan_.decision.destination;
  const std::optional<Operation> operation =
      OperationOf(pass_[row] == 0 ? facts.on_withheld : facts.on_denied);
  if (!operation) return;
  SpoolRow leaving;
  leaving.operation = *operation;
  leaving.record.key = key;
  leaving.record.bits = StateRecord::Pack(StateRecord::kWithheld, 0, run_number_);
  leaving.subject_count = digests_.AppendSubjectTags(batch, row, &leaving_chunk_.subjects);
  leaving_chunk_.rows.push_back(leaving);
  for (std::size_t i = 0; i < plan_.fields.size(); ++i) {
    policies::CellColumn& out = leaving_chunk_.fields.columns[i];
    if (i < plan_.match_count && !match_.columns[i].IsNull(row)) {
      out.AppendText(match_.columns[i].Text(row));
    } else {
      out.AppendNull();
    }
  }
  ++leaving_chunk_.fields.rows;
}

}  // namespace weir::gateway
