#include "audit/tree_writer.h"

#include <utility>

#include "audit/tile.h"

namespace weir::audit {
namespace {

constexpr std::size_t kTaskBytes = std::size_t{1} << 18;
constexpr std::size_t kMaxTasks = 8;

}  // namespace

TreeWriter::TreeWriter(TreeStore& tree, TreeMode mode) : tree_(tree), mode_(mode) {
  NotePublished();
  if (mode_ == TreeMode::kBackground) thread_ = std::thread([this] { Work(); });
}

TreeWriter::~TreeWriter() {
  if (!thread_.joinable()) return;
  {
    // What was ordered to be published is: a run that fails after its last order still leaves a checkpoint.
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !publish_pending_ || error_ != nullptr; });
    closed_ = true;
    tasks_.clear();
  }
  changed_.notify_all();
  thread_.join();
}

void TreeWriter::Append(std::string_view entry) {
  if (mode_ == TreeMode::kInline) return tree_.Append(entry);
  AppendBundleEntry(entry, &open_);
  if (open_.size() >= kTaskBytes) HandOver(false);
}

void TreeWriter::StartPublish() {
  if (mode_ == TreeMode::kInline) return Publish();
  {
    const std::lock_guard lock(mutex_);
    if (publish_pending_ && error_ == nullptr) return;
  }
  HandOver(true);
}

void TreeWriter::Publish() {
  if (mode_ == TreeMode::kInline) {
    tree_.Publish();
    return NotePublished();
  }
  HandOver(true);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return error_ != nullptr || (tasks_.empty() && !working_); });
  Rethrow();
}

std::uint64_t TreeWriter::published_size() const {
  const std::lock_guard lock(mutex_);
  return published_size_;
}

std::string TreeWriter::checkpoint() const {
  const std::lock_guard lock(mutex_);
  return checkpoint_;
}

void TreeWriter::HandOver(bool publish) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return error_ != nullptr || tasks_.size() < kMaxTasks; });
  Rethrow();
  publish_pending_ = publish_pending_ || publish;
  tasks_.push_back({std::exchange(open_, {}), publish});
  lock.unlock();
  changed_.notify_all();
}

void TreeWriter::Rethrow() const {
  if (error_ != nullptr) std::rethrow_exception(error_);
}

void TreeWriter::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return closed_ || !tasks_.empty(); });
    if (closed_) return;
    const Task task = std::move(tasks_.front());
    tasks_.pop_front();
    working_ = true;
    lock.unlock();
    changed_.notify_all();
    std::exception_ptr error;
    try {
      Do(task);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    working_ = false;
    if (task.publish) publish_pending_ = false;
    error_ = error;
    changed_.notify_all();
    if (error_ != nullptr) return;
  }
}

void TreeWriter::Do(const Task& task) {
  const auto entries = ParseBundle(task.entries);
  for (const std::string_view entry : *entries) tree_.Append(entry);
  if (!task.publish) return;
  tree_.Publish();
  NotePublished();
}

void TreeWriter::NotePublished() {
  const std::lock_guard lock(mutex_);
  published_size_ = tree_.published_size();
  checkpoint_ = tree_.checkpoint();
}

}  // namespace weir::audit
