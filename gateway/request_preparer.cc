#include "gateway/request_preparer.h"

namespace weir::gateway {
namespace {

constexpr std::size_t kAhead = 2;

}  // namespace

RequestPreparer::RequestPreparer(const SyncPlan& plan, const Destination::Limits& limits, bool keep_side,
                                 RowDigests& digests, Spool& spool)
    : plan_(plan), limits_(limits), keep_side_(keep_side), digests_(digests), spool_(spool) {
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    pending_[i].request.operation = static_cast<Operation>(i);
    pending_[i].request.fields.columns.resize(plan.fields.size());
  }
  thread_ = std::thread([this] { Work(); });
}

RequestPreparer::~RequestPreparer() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::optional<PreparedRequest> RequestPreparer::Next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !ready_.empty() || finished_; });
  if (ready_.empty()) {
    if (error_ != nullptr) std::rethrow_exception(error_);
    return std::nullopt;
  }
  std::optional<PreparedRequest> out(std::move(ready_.front()));
  ready_.pop_front();
  lock.unlock();
  changed_.notify_all();
  return out;
}

void RequestPreparer::Work() {
  std::exception_ptr error;
  try {
    ReadAll();
  } catch (...) {
    error = std::current_exception();
  }
  {
    const std::lock_guard lock(mutex_);
    error_ = error;
    finished_ = true;
  }
  changed_.notify_all();
}

void RequestPreparer::ReadAll() {
  spool_.Rewind();
  SpoolChunk chunk;
  while (spool_.Next(&chunk)) {
    std::size_t subject = 0;
    for (std::size_t row = 0; row < chunk.rows.size(); ++row) {
      if (!Add(chunk, row, subject)) return;
      subject += chunk.rows[row].subject_count;
    }
  }
  for (Pending& pending : pending_) {
    if (!pending.request.rows.empty() && !Push(&pending)) return;
  }
}

bool RequestPreparer::Add(const SpoolChunk& chunk, std::size_t row, std::size_t subject) {
  std::size_t bytes = 0;
  for (const policies::CellColumn& column : chunk.fields.columns) bytes += column.Text(row).size();
  Pending& pending = pending_[static_cast<std::size_t>(chunk.rows[row].operation)];
  PreparedRequest& request = pending.request;
  if (!request.rows.empty() && (request.rows.size() >= limits_.rows || pending.bytes + bytes > limits_.bytes)) {
    if (!Push(&pending)) return false;
  }
  request.rows.push_back(chunk.rows[row]);
  pending.bytes += bytes;
  const auto first = chunk.subjects.begin() + static_cast<std::ptrdiff_t>(subject);
  request.subjects.emplace_back(first, first + chunk.rows[row].subject_count);
  for (std::size_t field = 0; field < chunk.fields.columns.size(); ++field) {
    const policies::CellColumn& from = chunk.fields.columns[field];
    if (from.IsNull(row)) {
      request.fields.columns[field].AppendNull();
    } else {
      request.fields.columns[field].AppendText(from.Text(row));
    }
  }
  ++request.fields.rows;
  return true;
}

void RequestPreparer::Describe(PreparedRequest* request) {
  for (std::size_t i = 0; i < request->rows.size(); ++i) {
    const StateRecord& record = request->rows[i].record;
    cells_.clear();
    std::size_t match_end = 0;
    for (std::size_t field = 0; field < request->fields.columns.size(); ++field) {
      const policies::CellColumn& column = request->fields.columns[field];
      AppendCell(&cells_, column.IsNull(i), column.Text(i));
      if (field + 1 == plan_.match_count) match_end = cells_.size();
    }
    const std::string_view match = std::string_view(cells_).substr(0, match_end);
    request->record_tags.push_back(digests_.RecordTag(match));
    request->commits.push_back(digests_.Commit(request->record_tags.back(), request->operation, cells_));
    request->idempotency_keys.push_back(digests_.IdempotencyKey(request->operation, record.key, record.outgoing));
    request->match_cells.emplace_back(keep_side_ ? match : std::string_view());
  }
}

bool RequestPreparer::Push(Pending* pending) {
  const Operation operation = pending->request.operation;
  Describe(&pending->request);
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ready_.size() < kAhead || closed_; });
    if (closed_) return false;
    ready_.push_back(std::move(pending->request));
  }
  changed_.notify_all();
  pending->request = {};
  pending->request.operation = operation;
  pending->request.fields.columns.resize(plan_.fields.size());
  pending->bytes = 0;
  return true;
}

}  // namespace weir::gateway
