#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "audit/log.h"
#include "audit/tree_store.h"

namespace weir::audit {

// Feeds the entries of a log to its tree, which nobody waits for until a checkpoint is wanted: an entry is safe once its
// segment is synced. At most 2 MiB of entries are pending; then Append waits.
//
// Used by one thread, which does not touch the TreeStore while this lives. Whatever the store throws comes out of the
// next call, and of each one after that. The destructor waits for a checkpoint that was ordered, and leaves undone what else
// is pending: the segments have it.
class TreeWriter {
 public:
  TreeWriter(TreeStore& tree, TreeMode mode);
  ~TreeWriter();
  TreeWriter(const TreeWriter&) = delete;
  TreeWriter& operator=(const TreeWriter&) = delete;

  void Append(std::string_view entry);
  // Orders a checkpoint over all entries appended so far, which must be durable in the segments, and does not wait. An
  // order while another is pending is dropped.
  void StartPublish();
  // The same, and waits until it is on disk.
  void Publish();

  // As of the last checkpoint that is on disk.
  std::uint64_t published_size() const;
  std::string checkpoint() const;

 private:
  struct Task {
    std::string entries;  // a bundle's format: two bytes of length, big-endian, and the bytes
    bool publish = false;
  };
  void Work();
  void Do(const Task& task);
  void NotePublished();
  void HandOver(bool publish);
  void Rethrow() const;  // under mutex_

  TreeStore& tree_;
  const TreeMode mode_;
  std::string open_;  // entries not handed over yet; of the caller's thread
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  bool working_ = false, closed_ = false, publish_pending_ = false;
  std::exception_ptr error_;
  std::uint64_t published_size_ = 0;
  std::string checkpoint_;
  std::thread thread_;
};

}  // namespace weir::audit
