#include "policies/row_filter.h"

#include <algorithm>
#include <utility>

#include "policies/policy_error.h"
#include "policies/typed_order.h"

namespace weir::policies {
namespace {

// Kleene's three values; `and` is the minimum, `or` the maximum, `not` the mirror image.
enum Truth : std::uint8_t { kFalse = 0, kUnknown = 1, kTrue = 2 };

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return lower(x) == lower(y);
  });
}

std::string Where(const RowPredicate& predicate) {
  if (predicate.position.line == 0) return "row filter";
  return "row filter at " + (predicate.file.empty() ? "" : predicate.file + ":") + std::to_string(predicate.position.line) + ":" + std::to_string(predicate.position.column);
}

// Exactly, else the only column that differs in case alone.
std::uint32_t FindColumn(const RowPredicate& predicate, const std::vector<ColumnSchema>& schema) {
  std::vector<std::uint32_t> folded;
  for (std::uint32_t i = 0; i < schema.size(); ++i) {
    if (schema[i].name == predicate.column) return i;
    if (EqualsIgnoringCase(schema[i].name, predicate.column)) folded.push_back(i);
  }
  if (folded.size() == 1) return folded.front();
  throw PolicyError(Where(predicate) + ": column `" + predicate.column + "` " +
                    (folded.empty() ? "is not in the relation" : "is there twice, in different case") +
                    "; a filter that cannot be evaluated lets no row pass");
}

}  // namespace

struct RowFilter::Code {
  RowPredicate::Kind kind = RowPredicate::Kind::kAll;
  std::size_t arity = 0;       // all, any, not: how many results it takes off the stack
  std::uint32_t column = 0;
  ColumnType type = ColumnType::kText;
  OrderKind order = OrderKind::kBytes;
  // INVARIANT: `values` views `constants`, whose elements stay where they are: a code is moved, never copied.
  std::vector<std::string> constants;
  std::vector<Comparable> values;

  Code() = default;
  Code(Code&&) noexcept = default;
  Code& operator=(Code&&) noexcept = default;

  Truth Test(std::string_view text) const;
  void Apply(const CellColumn& cells, std::vector<std::uint8_t>* out) const;
  static void Append(const RowPredicate& predicate, const std::vector<ColumnSchema>& schema, std::vector<Code>* codes);
  static Code Comparison(const RowPredicate& predicate, const std::vector<ColumnSchema>& schema);
};

Truth RowFilter::Code::Test(std::string_view text) const {
  const std::optional<Comparable> value = ReadComparable(type, text);
  if (!value) return kUnknown;  // an unreadable cell is never a reason to send, not even under `not`
  const auto less = [this](const Comparable& a, const Comparable& b) { return Compare(order, a, b) < 0; };
  switch (kind) {
    case RowPredicate::Kind::kIn:
      return std::binary_search(values.begin(), values.end(), *value, less) ? kTrue : kFalse;
    case RowPredicate::Kind::kNotIn:
      return std::binary_search(values.begin(), values.end(), *value, less) ? kFalse : kTrue;
    case RowPredicate::Kind::kAtLeast: return Compare(order, *value, values.front()) >= 0 ? kTrue : kFalse;
    case RowPredicate::Kind::kAtMost: return Compare(order, *value, values.front()) <= 0 ? kTrue : kFalse;
    default: return kUnknown;
  }
}

void RowFilter::Code::Apply(const CellColumn& cells, std::vector<std::uint8_t>* out) const {
  const bool of_absence = kind == RowPredicate::Kind::kIsNull || kind == RowPredicate::Kind::kIsNotNull;
  for (std::size_t row = 0; row < out->size(); ++row) {
    if (of_absence) {
      (*out)[row] = cells.IsNull(row) == (kind == RowPredicate::Kind::kIsNull) ? kTrue : kFalse;
    } else {
      (*out)[row] = cells.IsNull(row) ? kUnknown : Test(cells.Text(row));
    }
  }
}

RowFilter::Code RowFilter::Code::Comparison(const RowPredicate& predicate, const std::vector<ColumnSchema>& schema) {
  Code code;
  code.kind = predicate.kind;
  code.column = FindColumn(predicate, schema);
  code.type = schema[code.column].type;
  code.order = OrderOf(code.type);
  const bool ordered = code.kind == RowPredicate::Kind::kAtLeast || code.kind == RowPredicate::Kind::kAtMost;
  const bool of_absence = code.kind == RowPredicate::Kind::kIsNull || code.kind == RowPredicate::Kind::kIsNotNull;
  if (ordered && !HasOrder(code.type)) {
    throw PolicyError(Where(predicate) + ": column `" + predicate.column + "` is of type " +
                      std::string(Name(code.type)) + ", which has no order; use `in` or `not_in`");
  }
  if (ordered && predicate.constants.size() != 1) {
    throw PolicyError(Where(predicate) + ": `at_least` and `at_most` take one constant");
  }
  if (of_absence) return code;
  for (const std::string& constant : predicate.constants) {
    std::optional<std::string> text = ConstantFor(code.type, constant);
    if (!text) {
      throw PolicyError(Where(predicate) + ": constant `" + constant + "` does not fit column `" + predicate.column +
                        "` of type " + std::string(Name(code.type)));
    }
    code.constants.push_back(std::move(*text));
  }
  for (const std::string& constant : code.constants) code.values.push_back(*ReadComparable(code.type, constant));
  std::sort(code.values.begin(), code.values.end(),
            [&](const Comparable& a, const Comparable& b) { return Compare(code.order, a, b) < 0; });
  return code;
}

void RowFilter::Code::Append(const RowPredicate& predicate, const std::vector<ColumnSchema>& schema,
                             std::vector<Code>* codes) {
  const bool joins = predicate.kind == RowPredicate::Kind::kAll || predicate.kind == RowPredicate::Kind::kAny;
  const bool negates = predicate.kind == RowPredicate::Kind::kNot;
  if (!joins && !negates) {
    codes->push_back(Comparison(predicate, schema));
    return;
  }
  // An empty `all` would be true of every row.
  if (predicate.children.empty() || (negates && predicate.children.size() != 1)) {
    throw PolicyError(Where(predicate) + ": " + (negates ? "`not` takes one condition" : "a list of conditions is empty"));
  }
  for (const RowPredicate& child : predicate.children) Append(child, schema, codes);
  Code code;
  code.kind = predicate.kind;
  code.arity = predicate.children.size();
  codes->push_back(std::move(code));
}

RowFilter::RowFilter() = default;
RowFilter::~RowFilter() = default;
RowFilter::RowFilter(RowFilter&&) noexcept = default;
RowFilter& RowFilter::operator=(RowFilter&&) noexcept = default;

RowFilter RowFilter::Compile(const RowPredicate& predicate, const std::vector<ColumnSchema>& schema) {
  RowFilter filter;
  Code::Append(predicate, schema, &filter.codes_);
  return filter;
}

void RowFilter::Apply(const Batch& batch, std::vector<std::uint8_t>* pass) const {
  std::vector<std::vector<std::uint8_t>> stack;
  for (const Code& code : codes_) {
    if (code.kind == RowPredicate::Kind::kNot) {
      for (std::uint8_t& truth : stack.back()) truth = static_cast<std::uint8_t>(kTrue - truth);
    } else if (code.arity > 0) {
      const bool all = code.kind == RowPredicate::Kind::kAll;
      for (std::size_t joined = 1; joined < code.arity; ++joined) {
        const std::vector<std::uint8_t> right = std::move(stack.back());
        stack.pop_back();
        std::vector<std::uint8_t>& left = stack.back();
        for (std::size_t row = 0; row < left.size(); ++row) {
          left[row] = all ? std::min(left[row], right[row]) : std::max(left[row], right[row]);
        }
      }
    } else {
      stack.emplace_back(batch.rows, kUnknown);
      code.Apply(batch.columns.at(code.column), &stack.back());
    }
  }
  pass->assign(batch.rows, 0);
  if (stack.empty()) return;  // a filter that was never compiled passes nothing
  for (std::size_t row = 0; row < batch.rows; ++row) (*pass)[row] = stack.back()[row] == kTrue ? 1 : 0;
}

}  // namespace weir::policies
