#include "policies/program.h"

#include <array>
#include <optional>
#include <utility>

#include "audit/digest.h"
#include "audit/utf8.h"
#include "policies/canonical_text.h"
#include "policies/generalize.h"
#include "policies/hash_profile.h"
#include "policies/mask.h"
#include "policies/policy_error.h"

namespace weir::policies {
namespace {

// What one step does to each cell; the kind is looked at once a batch, not once a cell.
struct CompiledStep {
  ColumnType output = ColumnType::kText;
  HashProfile profile = HashProfile::kBytes;
  std::optional<audit::Hmac> hmac;
};

// A value whose bytes take part must be what its type says; absence is not a value.
RowProblem CheckCell(ColumnType type, std::string_view text) {
  if (text.size() > Program::kMaxCellBytes) return RowProblem::kTooLong;
  if (!audit::IsUtf8(text)) return RowProblem::kNotUtf8;
  return IsCanonical(type, text) ? RowProblem::kNone : RowProblem::kBadValue;
}

void AppendHex(const audit::Digest& digest, CellColumn* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<char, 2 * std::tuple_size_v<audit::Digest>> text;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const auto byte = std::to_integer<unsigned>(digest[i]);
    text[2 * i] = kDigits[byte >> 4];
    text[2 * i + 1] = kDigits[byte & 15];
  }
  out->AppendText(std::string_view(text.data(), text.size()));
}

CellColumn WithoutProblemRows(const CellColumn& column, const std::vector<RowProblem>& problems) {
  CellColumn clean;
  for (std::size_t row = 0; row < problems.size(); ++row) {
    if (problems[row] != RowProblem::kNone || column.IsNull(row)) {
      clean.AppendNull();
    } else {
      clean.AppendText(column.Text(row));
    }
  }
  return clean;
}

audit::Hmac KeyFor(const FieldStep& step, const ProgramKeys& keys) {
  if (keys.token_root == nullptr || keys.token_root->IsZero()) {
    throw PolicyError("field `" + step.field + "` is hashed, and there is no token key; run `weir init` to make keys");
  }
  if (step.entity.empty() || keys.destination.empty()) {
    throw PolicyError("field `" + step.field + "` is hashed, and its class or its destination has no name");
  }
  const std::string version = std::to_string(keys.version);
  const std::array<std::string_view, 6> fields = {"hash", "hmac-sha256", keys.tenant, keys.destination, step.entity,
                                                  version};
  return audit::Hmac(audit::DeriveKey(*keys.token_root, fields));
}

CompiledStep CompileStep(const FieldStep& step, const ProgramKeys& keys) {
  CompiledStep compiled;
  if (step.from == FieldStep::From::kConstant) {
    compiled.output = step.constant_type;
    return compiled;
  }
  compiled.output = step.type;
  if (step.from == FieldStep::From::kNull) return compiled;
  compiled.output = OutputType(step.type, step.transform);
  switch (step.transform.kind) {
    case TransformKind::kUnchanged:
    case TransformKind::kGeneralize:
    case TransformKind::kMask:
    case TransformKind::kRedact:
    case TransformKind::kBlank: break;
    case TransformKind::kSha256:
    case TransformKind::kHash: {
      const std::optional<HashProfile> profile = FindHashProfile(step.transform.normalize);
      if (!profile) {
        throw PolicyError("field `" + step.field + "`: unknown normalization profile `" + step.transform.normalize +
                          "`; there are `email@1`, `phone@1` and `text@1`");
      }
      compiled.profile = *profile;
      if (step.transform.kind == TransformKind::kHash) compiled.hmac.emplace(KeyFor(step, keys));
      break;
    }
    default:
      throw PolicyError("field `" + step.field + "` cannot be sent: its transform is `" +
                        std::string(Name(step.transform.kind)) + "`");
  }
  return compiled;
}

// `5:email`: no two sequences of parts read the same.
void AppendPart(std::string_view part, std::string* out) {
  *out += std::to_string(part.size());
  *out += ':';
  *out += part;
  *out += ' ';
}

}  // namespace

std::string_view Name(RowProblem problem) {
  switch (problem) {
    case RowProblem::kNone: return "none";
    case RowProblem::kNotUtf8: return "not_utf8";
    case RowProblem::kNotNormalizable: return "not_normalizable";
    case RowProblem::kTooLong: return "too_long";
    case RowProblem::kBadValue: return "bad_value";
    case RowProblem::kNotGeneralizable: return "not_generalizable";
  }
  return "bad_value";
}

struct Program::State {
  std::vector<FieldStep> steps;
  std::vector<CompiledStep> compiled;
  std::uint32_t key_version = 1;
  std::string normalized;  // reused from cell to cell

  RowProblem AppendCell(std::size_t index, std::string_view text, CellColumn* out);
  void RunStep(std::size_t index, const Batch& in, std::span<const std::uint32_t> rows, CellColumn* out,
               std::vector<RowProblem>* problems);
};

RowProblem Program::State::AppendCell(std::size_t index, std::string_view text, CellColumn* out) {
  const FieldStep& step = steps[index];
  const RowProblem problem = CheckCell(step.type, text);
  if (problem != RowProblem::kNone) {
    out->AppendNull();
    return problem;
  }
  switch (step.transform.kind) {
    case TransformKind::kUnchanged: out->AppendText(text); return RowProblem::kNone;
    case TransformKind::kMask:
      AppendMasked(text, step.transform, &out->buffer());
      out->EndText();
      return RowProblem::kNone;
    case TransformKind::kGeneralize:
      if (!AppendGeneralized(step.type, step.transform.generalize, text, &out->buffer())) {
        out->AppendNull();
        return RowProblem::kNotGeneralizable;
      }
      out->EndText();
      return RowProblem::kNone;
    case TransformKind::kSha256:
    case TransformKind::kHash: {
      CompiledStep& hash = compiled[index];
      if (hash.profile != HashProfile::kBytes) {
        if (!Normalize(hash.profile, text, &normalized)) {
          out->AppendNull();
          return RowProblem::kNotNormalizable;
        }
        text = normalized;
      }
      AppendHex(hash.hmac ? hash.hmac->Compute(text) : audit::Sha256(text), out);
      return RowProblem::kNone;
    }
    default: out->AppendNull(); return RowProblem::kBadValue;  // Compile let none of these pass
  }
}

void Program::State::RunStep(std::size_t index, const Batch& in, std::span<const std::uint32_t> rows, CellColumn* out,
                             std::vector<RowProblem>* problems) {
  const FieldStep& step = steps[index];
  const bool from_column = step.from == FieldStep::From::kColumn;
  if (step.from == FieldStep::From::kNull || (from_column && step.transform.kind == TransformKind::kBlank)) {
    for (std::size_t i = 0; i < rows.size(); ++i) out->AppendNull();
  } else if (step.from == FieldStep::From::kConstant) {
    for (std::size_t i = 0; i < rows.size(); ++i) out->AppendText(step.constant);
  } else if (step.transform.kind == TransformKind::kRedact) {
    // For null cells too: that there was no value is part of what redaction hides.
    for (std::size_t i = 0; i < rows.size(); ++i) out->AppendText(step.transform.constant);
  } else {
    const CellColumn& column = in.columns.at(step.column);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (column.IsNull(rows[i])) {
        out->AppendNull();
        continue;
      }
      const RowProblem problem = AppendCell(index, column.Text(rows[i]), out);
      if (problem != RowProblem::kNone && (*problems)[i] == RowProblem::kNone) (*problems)[i] = problem;
    }
  }
}

Program::Program(std::unique_ptr<State> state) : state_(std::move(state)) {}
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

Program Program::Compile(std::vector<FieldStep> steps, const ProgramKeys& keys) {
  auto state = std::make_unique<State>();
  state->compiled.reserve(steps.size());
  for (const FieldStep& step : steps) state->compiled.push_back(CompileStep(step, keys));
  state->steps = std::move(steps);
  state->key_version = keys.version;
  return Program(std::move(state));
}

void Program::Run(const Batch& in, std::span<const std::uint32_t> rows, Batch* out,
                  std::vector<RowProblem>* problems) {
  out->Clear();
  out->columns.resize(state_->steps.size());
  problems->assign(rows.size(), RowProblem::kNone);
  for (std::size_t i = 0; i < out->columns.size(); ++i) state_->RunStep(i, in, rows, &out->columns[i], problems);
  out->rows = rows.size();
  bool clean = true;
  for (const RowProblem problem : *problems) clean = clean && problem == RowProblem::kNone;
  if (clean) return;
  for (CellColumn& column : out->columns) column = WithoutProblemRows(column, *problems);
}

const std::vector<FieldStep>& Program::steps() const { return state_->steps; }

ColumnType Program::OutputType(std::size_t step) const { return state_->compiled.at(step).output; }

std::string Program::Describe() const {
  std::string text;
  for (const FieldStep& step : state_->steps) {
    AppendPart(step.field, &text);
    switch (step.from) {
      case FieldStep::From::kNull: text += "null"; break;
      case FieldStep::From::kConstant:
        text += "constant " + std::string(Name(step.constant_type)) + " ";
        AppendPart(step.constant, &text);
        break;
      case FieldStep::From::kColumn:
        text += "column " + std::to_string(step.column) + " " + std::string(Name(step.type)) + " " +
                std::string(Name(step.transform.kind)) + " ";
        if (step.transform.kind == TransformKind::kMask) {
          text += std::to_string(step.transform.keep_first) + " " + std::to_string(step.transform.keep_last) +
                  (step.transform.keep_domain ? " domain" : " -");
        } else if (step.transform.kind == TransformKind::kRedact) {
          AppendPart(step.transform.constant, &text);
        } else if (step.transform.kind == TransformKind::kHash) {
          AppendPart(step.transform.normalize, &text);
          AppendPart(step.entity, &text);
          text += "key " + std::to_string(state_->key_version);
        } else if (step.transform.kind == TransformKind::kSha256 ||
                   step.transform.kind == TransformKind::kGeneralize) {
          AppendPart(step.transform.ToText(), &text);
        }
        break;
    }
    text += '\n';
  }
  return text;
}

}  // namespace weir::policies
