#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "gateway/destination.h"

namespace weir::gateway {

// Submits one request at a time on a thread of its own, so that the next one's intent can be written while this one is
// under way. Requests go in the order of Start. Used by one thread; the destination, which it uses alone, outlives it.
class Submitter {
 public:
  explicit Submitter(Destination& destination);
  ~Submitter();  // waits for the request under way
  Submitter(const Submitter&) = delete;
  Submitter& operator=(const Submitter&) = delete;

  // The request, and what it looks at, stay until Finish has returned. None is under way.
  void Start(const Request& request);
  // Waits for the answer. Throws what Submit threw.
  Reply Finish();
  // Until none is under way; what it answers is kept for Finish.
  void Wait();

 private:
  void Work();

  Destination& destination_;
  std::mutex mutex_;
  std::condition_variable changed_;
  const Request* request_ = nullptr;  // to be sent, or being sent
  std::optional<Reply> reply_;
  std::exception_ptr error_;
  bool closed_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace weir::gateway
