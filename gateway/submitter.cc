#include "gateway/submitter.h"

#include <utility>

namespace weir::gateway {

Submitter::Submitter(Destination& destination) : destination_(destination) {
  thread_ = std::thread([this] { Work(); });
}

Submitter::~Submitter() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Submitter::Start(const Request& request) {
  {
    const std::lock_guard lock(mutex_);
    request_ = &request;
  }
  changed_.notify_all();
}

Reply Submitter::Finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return reply_.has_value() || error_ != nullptr; });
  if (error_ != nullptr) std::rethrow_exception(std::exchange(error_, nullptr));
  Reply reply = *std::move(reply_);
  reply_.reset();
  return reply;
}

void Submitter::Wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return request_ == nullptr; });
}

void Submitter::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return closed_ || request_ != nullptr; });
    if (request_ == nullptr) return;
    lock.unlock();
    std::optional<Reply> reply;
    std::exception_ptr error;
    try {
      reply = destination_.Submit(*request_);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    request_ = nullptr;
    reply_ = std::move(reply);
    error_ = error;
    changed_.notify_all();
  }
}

}  // namespace weir::gateway
