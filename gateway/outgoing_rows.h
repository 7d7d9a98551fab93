#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/row_digests.h"
#include "gateway/run_sync.h"
#include "gateway/scan_result.h"
#include "policies/program.h"

namespace weir::gateway {

// The second half of a scan: rows that are new or changed are transformed, fingerprinted and spooled, on a thread of its
// own, because that takes as long as reading and comparing. Batches are worked in the order in which they were given.
// Writes result.present, result.quiet and result.changed_present and nobody else may before Finish, which adds to
// result.groups; the others it only reads, and they outlive it.
class OutgoingRows {
 public:
  struct Row {
    std::uint32_t row = 0;  // of the batch
    RowKey key{};
    std::uint64_t input = 0;
    std::optional<StateRecord> previous;  // of the state; nullopt: it has none
  };

  OutgoingRows(const SyncPlan& plan, const Keyring& keyring, const Config& config, bool full_refresh,
               std::uint32_t run_number, ScanResult* result);
  ~OutgoingRows();  // stops the thread, wherever it is
  OutgoingRows(const OutgoingRows&) = delete;
  OutgoingRows& operator=(const OutgoingRows&) = delete;

  // Takes both, and leaves empty ones to be filled again. Waits while two batches wait. Throws what the work threw:
  // PolicyError, audit::FileError.
  void Add(policies::Batch* batch, std::vector<Row>* rows);

  // Waits for the end of the work, and adds what it counted. Call once. Throws as Add does.
  void Finish(RunCounts* counts);

 private:
  struct Work {
    policies::Batch batch;
    std::vector<Row> rows;
  };
  void Run();
  void Do(const Work& work);
  bool Leaks(const policies::Batch& batch, std::uint32_t in_row, std::uint32_t out_row) const;
  void Refuse(std::string_view problem);
  void Rethrow() const;

  const SyncPlan& plan_;
  const bool full_refresh_;
  const std::uint32_t run_number_;
  ScanResult& result_;
  RowDigests digests_;
  policies::Program program_;
  GroupCounts groups_;
  std::uint64_t created_ = 0, updated_ = 0, unchanged_ = 0;
  std::map<std::string, std::uint64_t> refused_by_;

  // Of the batch at hand.
  policies::Batch outgoing_;
  std::vector<policies::RowProblem> problems_;
  std::vector<std::uint32_t> picked_;
  SpoolChunk present_, quiet_;
  std::string cells_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> waiting_;
  std::vector<Work> spare_;  // done: their memory is used again
  std::exception_ptr error_;
  bool working_ = false, closed_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace weir::gateway
