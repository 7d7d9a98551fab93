#include "gateway/group_counts.h"

#include <algorithm>
#include <set>

#include "gateway/terminal_progress.h"
#include "manifest/column_names.h"

namespace weir::gateway {
namespace {

std::string Listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "`" : ", `") + name + "`";
  return out;
}

std::string Rows(std::uint64_t count) { return WithThousands(count) + (count == 1 ? " row" : " rows"); }

}  // namespace

GroupFields GroupFieldsOf(const SyncPlan& plan) {
  const auto sends = [&](const policies::FieldStep& step, const policies::AnonymityGuard& guard) {
    return step.from == policies::FieldStep::From::kColumn &&
           std::any_of(guard.asked.columns.begin(), guard.asked.columns.end(), [&](const std::string& column) {
             return manifest::EqualIgnoringCase(column, plan.input_columns[step.column]);
           });
  };
  std::set<std::uint32_t> steps;
  for (const policies::AnonymityGuard& guard : plan.gate.anonymity) {
    for (std::uint32_t i = 0; i < plan.steps.size(); ++i) {
      if (sends(plan.steps[i], guard)) steps.insert(i);
    }
  }
  GroupFields out;
  out.steps.assign(steps.begin(), steps.end());
  for (const policies::AnonymityGuard& guard : plan.gate.anonymity) {
    std::vector<std::uint32_t>& fields = out.of_guard.emplace_back();
    for (std::uint32_t i = 0; i < out.steps.size(); ++i) {
      if (sends(plan.steps[out.steps[i]], guard)) fields.push_back(i);
    }
  }
  return out;
}

void GroupCounts::Add(const policies::Batch& batch, std::uint32_t row, Columns columns, RowDigests* digests) {
  if (overflowed_) return;
  groups_.resize(fields_.of_guard.size());
  for (std::size_t guard = 0; guard < fields_.of_guard.size(); ++guard) {
    if (fields_.of_guard[guard].empty()) continue;
    cells_.clear();
    for (const std::uint32_t field : fields_.of_guard[guard]) {
      const policies::CellColumn& column = batch.columns[columns == Columns::kAllSteps ? fields_.steps[field] : field];
      AppendCell(&cells_, column.IsNull(row), column.Text(row));
    }
    ++groups_[guard][digests->Outgoing(cells_)];
  }
  Bound();
}

void GroupCounts::Merge(const GroupCounts& other) {
  unknown_ += other.unknown_;
  overflowed_ = overflowed_ || other.overflowed_;
  groups_.resize(std::max(groups_.size(), other.groups_.size()));
  for (std::size_t guard = 0; guard < other.groups_.size(); ++guard) {
    for (const auto& [key, rows] : other.groups_[guard]) groups_[guard][key] += rows;
  }
  Bound();
}

void GroupCounts::Bound() {
  std::size_t all = 0;
  for (const Groups& groups : groups_) all += groups.size();
  if (all > max_groups_) overflowed_ = true;
  if (overflowed_) groups_.clear();
}

GroupCounts::Small GroupCounts::SmallerThan(std::size_t guard, std::uint64_t k) const {
  Small out;
  if (guard >= groups_.size()) return out;
  for (const auto& [key, rows] : groups_[guard]) {
    if (rows >= k) continue;
    ++out.groups;
    out.rows += rows;
  }
  return out;
}

AnonymityVerdict CheckAnonymity(const SyncPlan& plan, bool whole_scan, const GroupCounts& counts) {
  AnonymityVerdict out;
  for (std::size_t i = 0; i < plan.gate.anonymity.size(); ++i) {
    const policies::AnonymityGuard& guard = plan.gate.anonymity[i];
    if (!counts.active() || counts.fields().of_guard[i].empty()) continue;  // it sends none of the columns
    const auto add = [&](const char* code, std::string text, std::string_view then) {
      text += guard.holds ? ": nothing was sent; " + std::string(then) : guard.note;
      (guard.holds ? out.held : out.told).push_back({code, std::move(text)});
    };
    const std::string who = "requirement `" + guard.requirement + "` ";
    if (!whole_scan) {
      add("W-GUARD-007", who + "counts groups over all rows, and `--only` looks at one", "run the whole sync");
      continue;
    }
    if (counts.overflowed()) {
      add("W-GUARD-007", who + "counts more than " + WithThousands(GroupCounts::kMaxGroups) + " groups, too many to keep",
          "generalize " + Listed(guard.asked.columns) + ", or send fewer of them");
      continue;
    }
    if (counts.unknown() != 0) {
      add("W-GUARD-007", who + "cannot count " + Rows(counts.unknown()) +
                             " that the destination has with values of an earlier run",
          "send them again (`--full-refresh`), or use a mode that updates");
    }
    const GroupCounts::Small small = counts.SmallerThan(i, static_cast<std::uint64_t>(guard.asked.k));
    if (small.groups == 0) continue;
    add("W-GUARD-006", Rows(small.rows) + (small.rows == 1 ? " stands in " : " stand in ") + WithThousands(small.groups) +
                           (small.groups == 1 ? " group" : " groups") + " of fewer than " + std::to_string(guard.asked.k) +
                           " that share " + Listed(guard.asked.columns) + " as they leave (requirement `" +
                           guard.requirement + "`)",
        "send less of these columns, or filter such rows in the model");
  }
  return out;
}

}  // namespace weir::gateway
