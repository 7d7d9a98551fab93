#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "policies/batch.h"

namespace weir::gateway {

struct SourceConfig;

// The warehouse cannot be read: not reachable, library absent, relation absent, a cell that cannot be put into canonical
// text, an end before the end. what() is for the operator and says what to do next; never a cell. code(): W-SRC-00N.
class SourceError : public std::runtime_error {
 public:
  SourceError(std::string code, const std::string& message) : std::runtime_error(message), code_(std::move(code)) {}
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

struct ScanRequest {
  std::string relation;              // relation_name of the manifest: already quoted, used as it is
  std::vector<std::string> columns;  // manifest's names; quoted by the source. Distinct, at least one
};

// One warehouse connection. Protocol: Columns any number of times, then Start once, then Next until it returns false. A
// scan reads one read-only snapshot. Nobody retries inside a scan: an error anywhere means the input is not complete.
// Not thread-safe; every function throws SourceError.
class Source {
 public:
  virtual ~Source() = default;
  // What the relation really has, in its order.
  virtual std::vector<policies::ColumnSchema> Columns(const std::string& relation) = 0;
  // Opens the snapshot; the schema of the columns asked for, in that order. A name that the relation lacks (exactly, or
  // by the warehouse's case folding) is a SourceError naming it.
  virtual std::vector<policies::ColumnSchema> Start(const ScanRequest& request) = 0;
  // Clears *batch and fills it. False when the input is complete: the server said so. An input that ends in any other
  // way throws, so that nobody takes the rows not seen for rows deleted.
  virtual bool Next(policies::Batch* batch) = 0;
};

// Validates the configuration and touches nothing outside. Throws SourceError for a kind that is not known.
std::unique_ptr<Source> MakeSource(const SourceConfig& config);

}  // namespace weir::gateway
