#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <vector>

#include "policies/batch.h"

namespace weir::gateway {

// Batches from the thread that reads to the one that works, a few ahead. Batches are swapped, never copied, and their
// buffers go round. One producer, one consumer.
class BatchQueue {
 public:
  explicit BatchQueue(std::size_t limit) : limit_(limit) {}

  // Producer: waits for room, takes *batch and leaves an empty one in its place. False: nobody wants more.
  bool Push(policies::Batch* batch);
  // Producer, at most one of them, last. `error` null: the input is complete.
  void Finish(std::exception_ptr error);

  // Consumer: waits for a batch and swaps it in. False when the input is complete; throws the error given to Finish,
  // before any batch that still waits.
  bool Pop(policies::Batch* batch);
  // Consumer: wants no more; Push returns false from here on.
  void Close();
  // Whether the producer has finished, waiting up to `limit` for it.
  bool WaitFinished(std::chrono::milliseconds limit);

 private:
  const std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<policies::Batch> waiting_;  // oldest first
  std::vector<policies::Batch> spare_;
  std::exception_ptr error_;
  bool finished_ = false;
  bool closed_ = false;
};

}  // namespace weir::gateway
