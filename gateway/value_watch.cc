#include "gateway/value_watch.h"

#include <algorithm>

#include "gateway/terminal_progress.h"

namespace weir::gateway {
namespace {

using policies::FieldStep;

std::string Text(const policies::ColumnDecision& decision) {
  return decision.denied() ? "denied: " + decision.reason : "sent as `" + decision.transform.ToText() + "`";
}

}  // namespace

ValueWatch::ValueWatch(const SyncPlan& plan) : plan_(plan) {
  for (const policies::ValueQuestion& question : plan.value_questions) {
    const policies::ColumnDecision& decision = plan.decision.columns[question.column];
    const auto step = std::find_if(plan.steps.begin(), plan.steps.end(), [&](const FieldStep& candidate) {
      return candidate.from == FieldStep::From::kColumn && candidate.field == decision.field &&
             plan.input_columns[candidate.column] == decision.column;
    });
    if (step == plan.steps.end()) continue;  // its transform did not fit, and no value leaves
    policies::ValueDetector detector(*question.defined->value);
    if (detector.LooksAt(step->type)) watched_.push_back({&question, step->column, std::move(detector), {}, {}});
  }
}

void ValueWatch::Look(const policies::Batch& batch, std::span<const std::uint8_t> pass,
                      std::span<const OutgoingRows::Row> changed) {
  for (Watched& watched : watched_) {
    const policies::CellColumn& column = batch.columns[watched.column];
    found_.assign(batch.rows, 0);
    for (std::size_t row = 0; row < batch.rows; ++row) {
      if (pass[row] == 0 || column.IsNull(row)) continue;
      found_[row] = watched.detector.Found(column.Text(row)) ? 1 : 0;
      ++watched.all.values;
      watched.all.found += found_[row];
    }
    for (const OutgoingRows::Row& row : changed) {
      if (column.IsNull(row.row)) continue;
      ++watched.changed.values;
      watched.changed.found += found_[row.row];
    }
  }
}

std::vector<SyncPlan::Refusal> ValueWatch::Findings() const {
  std::vector<SyncPlan::Refusal> out;
  for (const Watched& watched : watched_) {
    const policies::ClassDefinition& defined = *watched.question->defined;
    const auto shows = [&](const Counts& counts, std::uint64_t least) {
      return counts.found > 0 && counts.found >= least &&
             static_cast<double>(counts.found) >= defined.value->share * static_cast<double>(counts.values);
    };
    const bool of_all = shows(watched.all, std::min(kLeastFound, watched.all.values));
    if (!of_all && !shows(watched.changed, kLeastFound)) continue;
    const Counts& counts = of_all ? watched.all : watched.changed;
    const policies::ColumnDecision& decision = plan_.decision.columns[watched.question->column];
    const std::string percent = std::to_string((counts.found * 100 + counts.values / 2) / counts.values);
    out.push_back({"W-SYNC-011",
                   "column `" + decision.column + "` may be `" + defined.name + "`: by value, " + percent + "% of " +
                       WithThousands(counts.values) + (of_all ? "" : " changed") + " values look like " +
                       defined.value->ToText() + ". It would be " + Text(decision) + ", and with that class " +
                       Text(watched.question->then) +
                       ": nothing was sent; give the column the class in its dbt meta or under `columns` of the class, "
                       "or list `" + plan_.decision.model->name + "." + decision.column +
                       "` under `except` of the class's `value` when a person has looked at it"});
  }
  return out;
}

}  // namespace weir::gateway
