#pragma once

#include <atomic>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "audit/log.h"
#include "gateway/request_preparer.h"
#include "gateway/scan.h"
#include "gateway/state_journal.h"
#include "gateway/submitter.h"

namespace weir::gateway {

// Phase three: the spool at the destination's pace, in order per key. The order of each request is the contract:
// intent durable, request, outcome (durable before the next request), and only then the state. One request is
// under way at a time; the intent of the next is written meanwhile, so a crash leaves at most two without an outcome.
class Delivery {
 public:
  struct Settings {
    std::uint64_t run_entry = 0, plan_entry = 0;  // indices in the log
    std::uint32_t run_number = 0;
    std::string run_id;
    std::uint32_t max_attempts = 5;
    std::chrono::milliseconds retry_base{500}, retry_cap{30'000};
    bool may_repeat_inserts = false;
    bool keep_side = false;  // the mode deletes: what a delete request needs is kept
  };
  Delivery(const SyncPlan& plan, const Settings& settings, Destination& destination, audit::Log& log,
           StateJournal& journal, RowDigests& digests, const SyncState& state, const audit::Clock& clock,
           Progress& progress, const std::atomic<bool>& stop, RunCounts* counts);

  // Leaving rows first, then present ones, then the quiet records. Ends early, and says why in reasons(), when the
  // destination refuses everything; when `stop` is set it ends after the request under way, and one that was announced and
  // not sent is closed as `not_sent`. Throws audit::LogError,
  // after which nothing more may be sent.
  void Run(ScanResult* scan);

  // Records the present rows as delivered without sending them (`--baseline`).
  void Baseline(ScanResult* scan);

  const std::vector<SyncPlan::Refusal>& reasons() const { return reasons_; }
  bool stopped() const { return stopped_; }
  bool deferred() const { return deferred_ != 0; }  // rows for a reason that none of them has: they go with the next run

 private:
  struct Attempted;
  struct Sending;

  void Drain(Spool* spool);
  bool MayAnnounceEarly(Operation operation) const;
  void Announce(std::uint32_t attempt, Sending* sending);
  void Settle(Sending* sending);
  void Keep(const std::vector<std::size_t>& again, Sending* sending) const;
  void TakeReply(Sending* sending);
  void Withdraw(Sending* sending);
  void AppendIntents(const Request& request, Attempted* rows);
  void AppendOutcomes(const Request& request, const Attempted& rows);
  void Count(const SpoolRow& row, Operation operation, const RowOutcome& outcome, const std::string& code);
  void WriteQuiet(Spool* quiet);
  bool WaitBeforeRetry(std::uint32_t attempt, const Reply& reply);
  void CheckHealth(const Reply& reply, std::size_t delivered);
  bool Stopping() const { return stopped_ || stop_.load(std::memory_order_relaxed); }

  const SyncPlan& plan_;
  const Settings settings_;
  Submitter submitter_;
  audit::Log& log_;
  StateJournal& journal_;
  RowDigests& digests_;
  const SyncState& state_;
  const audit::Clock& clock_;
  Progress& progress_;
  const std::atomic<bool>& stop_;
  RunCounts& counts_;
  const Destination::Limits limits_;

  std::vector<SyncPlan::Refusal> reasons_;
  bool stopped_ = false;
  std::uint32_t failures_in_a_row_ = 0;
  std::uint64_t sequence_ = 0, planned_ = 0, done_ = 0;
  std::uint64_t deferred_ = 0;
  std::string deferred_code_;  // the last one's
  std::mt19937_64 jitter_{std::random_device{}()};
  std::string entry_;
};

}  // namespace weir::gateway
