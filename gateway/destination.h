#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "policies/batch.h"

namespace weir::gateway {

struct DestinationConfig;

// The destination cannot be used at all: folder not writable, bad URL. what() is for the operator. code(): W-DST-00N.
class DestinationError : public std::runtime_error {
 public:
  DestinationError(std::string code, const std::string& message) : std::runtime_error(message), code_(std::move(code)) {}
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

enum class Operation : std::uint8_t { kUpsert, kInsert, kUpdate, kDelete, kBlank, kSuppress };
std::string_view Name(Operation operation);  // "upsert", …

struct Field {
  std::string name;
  policies::ColumnType type = policies::ColumnType::kText;
  bool match = false;  // part of the identity at the destination
};

// One request: rows of one operation on one object. Everything in it has been decided and logged. A delete or suppress
// carries the match fields (the others are null and must not be sent), a blank carries all: match fields as they are,
// the others null. Views are valid during Submit.
struct Request {
  std::string id;           // of the request: hexadecimal, the same when the same rows go again
  std::uint64_t sequence = 0;  // of the run, from 1: file names
  std::string run_id;
  Operation operation = Operation::kUpsert;
  std::string object;
  std::span<const Field> fields;
  const policies::Batch* rows = nullptr;              // one column for each of `fields`
  std::span<const std::string_view> idempotency_keys; // one a row
  std::uint32_t attempt = 1;
};

// What became of one row. kUnknown: it may or may not be there (time-out, connection lost after sending, an answer that
// makes no sense). kDeferred: refused for a reason that no row has (nobody answers, credentials, a limit, a full disk), so
// that the next run sends it again at once; kRejected: the row itself is refused. `retryable`: a new attempt in this run is
// worth it. kNotSent is of no reply: the engine announced the row, and ended before it sent it.
enum class Result : std::uint8_t { kDelivered, kRejected, kAlreadySo, kAccepted, kUnknown, kNotSent, kDeferred };
std::string_view Name(Result result);  // "delivered", "rejected", …, "not_sent", "deferred"

struct RowOutcome {
  Result result = Result::kUnknown;
  bool retryable = false;
};

struct Reply {
  std::vector<RowOutcome> rows;  // one for each row of the request, always
  int status = 0;                // HTTP's; 0: none
  std::string code;              // `http_503`, `timeout`, `connection_lost`, `answer_not_json`, `io_error`; never free text
  std::optional<std::chrono::milliseconds> retry_after;
};

// One recipient. Never retries by itself: a retry is a new intent in the log, so the engine does it. Not thread-safe.
class Destination {
 public:
  struct Limits {
    std::size_t rows = 1000;              // a request
    std::size_t bytes = 1u << 20;         // of cells, before encoding
  };
  virtual ~Destination() = default;
  virtual Limits limits() const = 0;
  virtual bool Supports(Operation operation) const = 0;
  // True when sending a row twice under one idempotency key does no harm: unknown inserts may then go again.
  virtual bool Deduplicates() const = 0;
  // Makes sure that it can be used, before the first intent; no row is sent. Throws DestinationError.
  virtual void Prepare() = 0;
  // Sends it, once. Never throws for what the other side does: that is in the reply.
  virtual Reply Submit(const Request& request) = 0;
};

// Validates the configuration, resolves secrets, touches no network. Throws DestinationError.
std::unique_ptr<Destination> MakeDestination(const DestinationConfig& config);

}  // namespace weir::gateway
