#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/secret.h"
#include "policies/batch.h"
#include "policies/transform.h"

namespace weir::policies {

// One outgoing field: a column under a transform, a constant, or null in every row (a blanked column).
struct FieldStep {
  enum class From : std::uint8_t { kColumn, kConstant, kNull };
  std::string field;        // name at the destination
  From from = From::kColumn;
  std::uint32_t column = 0;  // index into the batch
  ColumnType type = ColumnType::kText;  // of the column
  std::string entity;        // class that the hash key is derived for: `pii.email`; two columns of one class join
  Transform transform;       // never kDrop or kDeny: such columns have no step
  std::string constant;      // canonical text
  ColumnType constant_type = ColumnType::kText;
};

// Why a row cannot be sent as it is. Data, not an exception.
enum class RowProblem : std::uint8_t { kNone, kNotUtf8, kNotNormalizable, kTooLong, kBadValue, kNotGeneralizable };
std::string_view Name(RowProblem problem);  // "not_utf8", …; goes into logs

// Keys of one destination; who makes a program passes the token root, and every hash key is derived as trust.md says:
// purpose "hash", algorithm "hmac-sha256", tenant, destination, entity, version.
struct ProgramKeys {
  const audit::SecretKey* token_root = nullptr;
  std::uint32_t version = 1;
  std::string tenant;
  std::string destination;
};

// The only place where raw values become outgoing values. Compiled once, run over batches. One per thread.
//
// Null: unchanged, sha256, generalize, mask and hash leave a null null, so who receives them sees that a value is absent; redact gives its
// constant in every row and hides that too; blank gives null in every row. A cell that takes part must be valid UTF-8,
// have its type's canonical shape and be at most kMaxCellBytes long, whatever the transform.
class Program {
 public:
  static constexpr std::size_t kMaxCellBytes = 1u << 20;

  // Throws PolicyError on kDrop, kDeny, another transform that this version lacks, an unknown profile, or a hash without
  // a key.
  static Program Compile(std::vector<FieldStep> steps, const ProgramKeys& keys);
  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;
  ~Program();

  // `rows`: which rows of `in`, ascending. `out` is cleared and gets one column for each step and one row for each of
  // `rows`; `problems` one entry for each of `rows`. A row with a problem has nulls in every field, never a raw value.
  void Run(const Batch& in, std::span<const std::uint32_t> rows, Batch* out, std::vector<RowProblem>* problems);

  const std::vector<FieldStep>& steps() const;
  // Type of the outgoing field.
  ColumnType OutputType(std::size_t step) const;
  // What shapes outgoing bytes: steps in order with their batch columns, profiles, key versions; one line each. For the
  // effect digest.
  std::string Describe() const;

 private:
  struct State;
  explicit Program(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace weir::policies
