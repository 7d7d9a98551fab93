#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifest/fields.h"
#include "policies/batch.h"

namespace weir::policies {

// A predicate of `send_if`, closed and enumerable: comparisons of one column with constants, joined by all, any, not.
//   {marketing_consent: true}   {country: {in: [DE, FR]}}   {age: {at_least: 18}}   {deleted_at: {is_null: true}}
//   {plan: {not_in: [test]}}    {all: [...]}  {any: [...]}  {not: ...}
// Three-valued: a null cell makes a comparison unknown, and only `true` lets a row pass; `not` of unknown is unknown.
struct RowPredicate {
  enum class Kind : std::uint8_t { kAll, kAny, kNot, kIn, kNotIn, kAtLeast, kAtMost, kIsNull, kIsNotNull };
  Kind kind = Kind::kAll;
  std::vector<RowPredicate> children;   // all, any, not
  std::string column;                   // of the comparisons
  std::vector<std::string> constants;   // canonical text, as CellColumn; typed by the column at compile time
  std::string file;                     // of the policy
  manifest::Position position;

  std::vector<std::string> Columns() const;  // every column named, sorted, distinct
  std::string PlaceOf(const std::string& column) const;  // `policies/p.yml:96:66`, where it is first named; empty: nowhere
  std::string ToText() const;                // for digests: every constant in quotes
  std::string ToYaml() const;                // for people: as a policy would write it
};

std::optional<RowPredicate> ReadRowPredicate(const manifest::Value& value, const std::string& file,
                                             manifest::Diagnostics* diagnostics);

// A predicate bound to a batch's columns. Immutable; Apply is thread-safe.
class RowFilter {
 public:
  // Throws PolicyError when a column is not in `schema` or a constant does not fit its type: a filter that cannot be
  // evaluated denies the sync, not just its rows.
  static RowFilter Compile(const RowPredicate& predicate, const std::vector<ColumnSchema>& schema);

  // *pass gets one byte a row: 1 where the predicate is true. Errors in a cell count as not true.
  void Apply(const Batch& batch, std::vector<std::uint8_t>* pass) const;

 private:
  struct Code;
  std::vector<Code> codes_;  // postfix

 public:
  RowFilter();
  ~RowFilter();
  RowFilter(RowFilter&&) noexcept;
  RowFilter& operator=(RowFilter&&) noexcept;
};

}  // namespace weir::policies
