#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/row_digests.h"
#include "gateway/spool.h"

namespace weir::gateway {

// Rows of one operation that go in one request, with everything that the log says of them. Row by row, as `rows`.
struct PreparedRequest {
  Operation operation = Operation::kUpsert;
  std::vector<SpoolRow> rows;
  std::vector<SubjectTags> subjects;
  policies::Batch fields;
  std::vector<Tag> record_tags;
  std::vector<audit::Commitment> commits;
  std::string key_digits;                          // what the views below look at; stays where it is when this is moved
  std::vector<std::string_view> idempotency_keys;
  std::vector<std::string> match_cells;            // for the side file; no element when it is not kept
};

// Reads a spool and fills requests, two ahead of who sends them, on a thread of its own: opening sealed chunks and hashing
// take as long as writing the log. While one exists, nobody else touches the spool and the digests.
class RequestPreparer {
 public:
  RequestPreparer(const SyncPlan& plan, const Destination::Limits& limits, bool keep_side, RowDigests& digests, Spool& spool);
  ~RequestPreparer();  // stops the thread, wherever it is

  // nullopt: the spool is at its end. Throws what reading it threw.
  std::optional<PreparedRequest> Next();

 private:
  struct Pending {
    PreparedRequest request;
    std::size_t bytes = 0;
  };
  void Work();
  void ReadAll();
  bool Add(const SpoolChunk& chunk, std::size_t row, std::size_t end);
  void Describe(PreparedRequest* request);
  bool Push(Pending* pending);  // false: nobody wants more

  const SyncPlan& plan_;
  const Destination::Limits limits_;
  const bool keep_side_;
  RowDigests& digests_;
  Spool& spool_;
  std::array<Pending, 6> pending_;  // by operation
  std::size_t next_subject_ = 0;    // of the chunk being read
  std::string cells_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<PreparedRequest> ready_;
  std::exception_ptr error_;
  bool finished_ = false, closed_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace weir::gateway
