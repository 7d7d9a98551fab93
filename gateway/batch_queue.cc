#include "gateway/batch_queue.h"

#include <utility>

namespace weir::gateway {

bool BatchQueue::Push(policies::Batch* batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || waiting_.size() < limit_; });
  if (closed_) return false;
  waiting_.push_back(std::move(*batch));
  *batch = policies::Batch();
  if (!spare_.empty()) {
    *batch = std::move(spare_.back());
    spare_.pop_back();
    batch->Clear();
  }
  changed_.notify_all();
  return true;
}

void BatchQueue::Finish(std::exception_ptr error) {
  const std::lock_guard lock(mutex_);
  error_ = std::move(error);
  finished_ = true;
  changed_.notify_all();
}

bool BatchQueue::Pop(policies::Batch* batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return finished_ || !waiting_.empty(); });
  if (error_) std::rethrow_exception(error_);
  if (waiting_.empty()) return false;
  spare_.push_back(std::move(*batch));
  *batch = std::move(waiting_.front());
  waiting_.erase(waiting_.begin());
  changed_.notify_all();
  return true;
}

void BatchQueue::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool BatchQueue::WaitFinished(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return finished_; });
}

}  // namespace weir::gateway
