#include "gateway/outgoing_rows.h"

#include <utility>

namespace weir::gateway {
namespace {

using policies::Batch;
using policies::FieldStep;

constexpr std::size_t kMaxWaiting = 2;

Operation OperationOf(policies::SyncMode mode) {
  using policies::SyncMode;
  switch (mode) {
    case SyncMode::kInsert:
    case SyncMode::kAppend: return Operation::kInsert;
    case SyncMode::kUpdate: return Operation::kUpdate;
    case SyncMode::kUpsert:
    case SyncMode::kMirror: break;
  }
  return Operation::kUpsert;
}

bool OnlyStars(std::string_view text) { return text.find_first_not_of('*') == std::string_view::npos; }

}  // namespace

OutgoingRows::OutgoingRows(const SyncPlan& plan, const Keyring& keyring, const Config& config, bool full_refresh,
                           std::uint32_t run_number, ScanResult* result)
    : plan_(plan),
      full_refresh_(full_refresh),
      run_number_(run_number),
      result_(*result),
      digests_(plan, keyring),
      program_(policies::Program::Compile(plan.steps, KeysFor(plan, keyring, config))),
      groups_(GroupFieldsOf(plan)) {
  thread_ = std::thread([this] { Run(); });
}

OutgoingRows::~OutgoingRows() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    waiting_.clear();
  }
  changed_.notify_all();
  thread_.join();
}

void OutgoingRows::Add(Batch* batch, std::vector<Row>* rows) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return error_ != nullptr || waiting_.size() < kMaxWaiting; });
  Rethrow();
  Work work;
  if (!spare_.empty()) {
    work = std::move(spare_.back());
    spare_.pop_back();
  }
  std::swap(work.batch, *batch);
  std::swap(work.rows, *rows);
  waiting_.push_back(std::move(work));
  lock.unlock();
  changed_.notify_all();
  batch->Clear();
  rows->clear();
}

void OutgoingRows::Finish(RunCounts* counts) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return error_ != nullptr || (waiting_.empty() && !working_); });
  Rethrow();
  counts->created += created_;
  counts->updated += updated_;
  counts->unchanged += unchanged_;
  result_.groups.Merge(groups_);
  for (const auto& [problem, rows] : refused_by_) {
    counts->refused += rows;
    counts->refused_by[problem] += rows;
  }
}

void OutgoingRows::Rethrow() const {
  if (error_ != nullptr) std::rethrow_exception(error_);
}

void OutgoingRows::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    if (closed_) return;
    Work work = std::move(waiting_.front());
    waiting_.pop_front();
    working_ = true;
    lock.unlock();
    changed_.notify_all();
    std::exception_ptr error;
    try {
      Do(work);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    working_ = false;
    spare_.push_back(std::move(work));
    error_ = error;
    changed_.notify_all();
    if (error_ != nullptr) return;
  }
}

void OutgoingRows::Refuse(std::string_view problem) { ++refused_by_[std::string(problem)]; }

// The program's own work, checked: a value that policy changes must not come out as it went in.
bool OutgoingRows::Leaks(const Batch& batch, std::uint32_t in_row, std::uint32_t out_row) const {
  for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
    const FieldStep& step = plan_.steps[i];
    if (step.from != FieldStep::From::kColumn || step.transform.kind == policies::TransformKind::kUnchanged) continue;
    if (step.transform.kind == policies::TransformKind::kGeneralize) continue;  // what is coarse already stays as it is
    const std::string_view raw = batch.columns[step.column].Text(in_row);
    if (!raw.empty() && !OnlyStars(raw) && outgoing_.columns[i].Text(out_row) == raw) return true;
  }
  return false;
}

void OutgoingRows::Do(const Work& work) {
  picked_.clear();
  for (const Row& row : work.rows) picked_.push_back(row.row);
  program_.Run(work.batch, picked_, &outgoing_, &problems_);
  quiet_.Clear();
  present_.Clear();
  present_.fields.columns.resize(plan_.fields.size());
  std::size_t first = 0, end = 0;  // rows of `outgoing_` that go and whose cells are not in `present_` yet
  const auto append_cells = [&] {
    for (std::size_t field = 0; field < outgoing_.columns.size(); ++field) {
      present_.fields.columns[field].AppendRange(outgoing_.columns[field], first, end - first);
    }
    present_.fields.rows += end - first;
  };
  for (std::uint32_t i = 0; i < work.rows.size(); ++i) {
    const Row& row = work.rows[i];
    if (problems_[i] != policies::RowProblem::kNone) {
      Refuse(policies::Name(problems_[i]));
      continue;
    }
    if (Leaks(work.batch, row.row, i)) {
      Refuse("leak_guard");
      continue;
    }
    if (groups_.active()) groups_.Add(outgoing_, i, GroupCounts::Columns::kAllSteps, &digests_);
    cells_.clear();
    for (const policies::CellColumn& column : outgoing_.columns) AppendCell(&cells_, column.IsNull(i), column.Text(i));
    SpoolRow out;
    out.operation = OperationOf(plan_.spec->mode);
    out.record.key = row.key;
    out.record.input = row.input;
    out.record.outgoing = digests_.Outgoing(cells_);
    out.record.bits = StateRecord::Pack(StateRecord::kPresent, 0, run_number_);
    out.created = true;
    if (row.previous && !plan_.moved) {
      const StateRecord& record = *row.previous;
      out.created = (record.flags() & StateRecord::kPresent) == 0;
      const bool settled = (record.flags() & (StateRecord::kMaybe | StateRecord::kWithheld | StateRecord::kRejected)) == 0;
      if (!out.created && settled && record.outgoing == out.record.outgoing && !full_refresh_) {
        ++unchanged_;
        quiet_.rows.push_back(out);
        continue;
      }
    }
    ++(out.created ? created_ : updated_);
    if (!out.created) ++result_.changed_present;
    out.subject_count = digests_.AppendSubjectTags(work.batch, row.row, &present_.subjects);
    present_.rows.push_back(out);
    if (i != end) {
      append_cells();
      first = i;
    }
    end = i + 1;
  }
  append_cells();
  if (!present_.rows.empty()) result_.present.Append(present_);
  if (!quiet_.rows.empty()) result_.quiet.Append(quiet_);
}

}  // namespace weir::gateway
