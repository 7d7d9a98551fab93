#include "gateway/request_preparer.h"

#include <algorithm>

namespace weir::gateway {
namespace {

constexpr std::size_t kAhead = 2;

// Of all fields of rows [row, row + count).
std::size_t BytesOf(const SpoolChunk& chunk, std::size_t row, std::size_t count) {
  std::size_t bytes = 0;
  for (const policies::CellColumn& column : chunk.fields.columns) bytes += column.RangeBytes(row, count);
  return bytes;
}

// How many of the rows from `row` on, `most` at most, have no more than `room` bytes together.
std::size_t RowsThatFit(const SpoolChunk& chunk, std::size_t row, std::size_t most, std::size_t room, std::size_t* bytes) {
  *bytes = 0;
  if (most == 0) return 0;
  if (const std::size_t all = BytesOf(chunk, row, most); all <= room) {
    *bytes = all;
    return most;
  }
  for (std::size_t count = 0; count < most; ++count) {
    const std::size_t next = *bytes + BytesOf(chunk, row + count, 1);
    if (next > room) return count;
    *bytes = next;
  }
  return most;
}

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
  SpoolChunk chunk;
  while (spool_.Next(&chunk)) {
    next_subject_ = 0;
    for (std::size_t row = 0; row < chunk.rows.size();) {
      std::size_t end = row + 1;
      while (end < chunk.rows.size() && chunk.rows[end].operation == chunk.rows[row].operation) ++end;
      if (!Add(chunk, row, end)) return;
      row = end;
    }
  }
  for (Pending& pending : pending_) {
    if (!pending.request.rows.empty() && !Push(&pending)) return;
  }
}

bool RequestPreparer::Add(const SpoolChunk& chunk, std::size_t row, std::size_t end) {
  Pending& pending = pending_[static_cast<std::size_t>(chunk.rows[row].operation)];
  PreparedRequest& request = pending.request;
  while (row < end) {
    const bool empty = request.rows.empty();
    const std::size_t room_rows = limits_.rows - std::min(limits_.rows, request.rows.size());
    const std::size_t room_bytes = limits_.bytes - std::min(limits_.bytes, pending.bytes);
    std::size_t bytes = 0;
    std::size_t count = RowsThatFit(chunk, row, std::min(end - row, room_rows), room_bytes, &bytes);
    if (count == 0 && !empty) {
      if (!Push(&pending)) return false;
      continue;
    }
    if (count == 0) {  // a row that is larger than a request goes alone
      count = 1;
      bytes = BytesOf(chunk, row, 1);
    }
    for (std::size_t field = 0; field < chunk.fields.columns.size(); ++field) {
      request.fields.columns[field].AppendRange(chunk.fields.columns[field], row, count);
    }
    request.fields.rows += count;
    pending.bytes += bytes;
    for (const std::size_t until = row + count; row < until; ++row) {
      request.rows.push_back(chunk.rows[row]);
      SubjectTags& subjects = request.subjects.emplace_back();
      subjects.resize(chunk.rows[row].subject_count);
      std::copy_n(chunk.subjects.begin() + static_cast<std::ptrdiff_t>(next_subject_), subjects.size(), subjects.begin());
      next_subject_ += subjects.size();
    }
  }
  return true;
}

void RequestPreparer::Describe(PreparedRequest* request) {
  constexpr std::size_t kDigits = RowDigests::kIdempotencyKeyDigits;
  const std::size_t rows = request->rows.size();
  request->record_tags.reserve(rows);
  request->commits.reserve(rows);
  request->key_digits.reserve(rows * kDigits);
  for (std::size_t i = 0; i < rows; ++i) {
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
    request->commits.push_back(digests_.Commit(request->record_tags.back(), request->operation, record.outgoing, cells_));
    digests_.AppendIdempotencyKey(request->operation, record.key, record.outgoing, &request->key_digits);
    if (keep_side_) request->match_cells.emplace_back(match);
  }
  request->idempotency_keys.reserve(rows);
  const std::string_view digits = request->key_digits;
  for (std::size_t i = 0; i < rows; ++i) request->idempotency_keys.push_back(digits.substr(i * kDigits, kDigits));
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
