#include "manifest/diagnostic.h"

#include <algorithm>
#include <cctype>
#include <tuple>

#include "manifest/source_line.h"

namespace weir::manifest {
namespace {

std::string_view Name(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kNote:
      return "note";
  }
  return "error";
}

// Callers put the user's text in backticks; one that looks like a credential must not reach a terminal or a
// report.
std::string BlotQuoted(std::string_view message) {
  std::string out;
  std::size_t at = 0;
  while (at < message.size()) {
    const std::size_t open = message.find('`', at);
    const std::size_t close = open == std::string_view::npos ? open : message.find('`', open + 1);
    if (close == std::string_view::npos) break;
    out.append(message.substr(at, open - at));
    const std::string_view quoted = message.substr(open + 1, close - open - 1);
    out.append("`").append(LooksLikeSecret(quoted) ? std::string_view("***") : quoted).append("`");
    at = close + 1;
  }
  return out.append(message.substr(at));
}

// Damerau's distance with adjacent transpositions; `limit` + 1 stands for everything above it.
std::size_t EditDistance(std::string_view a, std::string_view b, std::size_t limit) {
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(previous);
    previous.swap(row);
  }
  return std::min(previous[b.size()], limit + 1);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

}  // namespace

void Diagnostics::AddSource(const std::string& file, std::string text) { sources_[file] = std::move(text); }

void Diagnostics::Error(std::string_view code, std::string_view file, Position position,
                        std::string message) {
  Add({Severity::kError, std::string(code), std::string(file), position, std::move(message)});
}

void Diagnostics::Warning(std::string_view code, std::string_view file, Position position,
                          std::string message) {
  Add({Severity::kWarning, std::string(code), std::string(file), position, std::move(message)});
}

void Diagnostics::Add(Diagnostic diagnostic) {
  diagnostic.message = BlotQuoted(diagnostic.message);
  diagnostics_.push_back(std::move(diagnostic));
}

bool Diagnostics::HasErrors() const {
  return std::any_of(diagnostics_.begin(), diagnostics_.end(),
                     [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::kError; });
}

std::vector<Diagnostic> Diagnostics::Sorted() const {
  std::vector<Diagnostic> sorted = diagnostics_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.file, a.position.line, a.position.column) <
           std::tie(b.file, b.position.line, b.position.column);
  });
  return sorted;
}

std::string Diagnostics::Render() const {
  std::string out;
  for (const Diagnostic& diagnostic : Sorted()) {
    out.append(EscapeForTerminal(diagnostic.file));
    if (diagnostic.position.line > 0) {
      out.append(":").append(std::to_string(diagnostic.position.line));
      if (diagnostic.position.column > 0) out.append(":").append(std::to_string(diagnostic.position.column));
    }
    if (!diagnostic.file.empty()) out.append(": ");
    out.append(Name(diagnostic.severity)).append(": ").append(EscapeForTerminal(diagnostic.message));
    if (!diagnostic.code.empty()) out.append(" [").append(diagnostic.code).append("]");
    out.append("\n");
    if (const auto source = sources_.find(diagnostic.file); source != sources_.end()) {
      out.append(ShowLine(source->second, diagnostic.position));
    }
  }
  return out;
}

std::string DidYouMean(std::string_view written, const std::vector<std::string>& candidates) {
  static constexpr std::size_t kMostEdits = 2;
  const std::string lower = Lower(written);
  const std::string* best = nullptr;
  std::size_t best_distance = kMostEdits + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = EditDistance(lower, Lower(candidate), kMostEdits);
    // Half of a short word is no likeness: `all` is not meant as `any`.
    if (distance * 2 > std::max(written.size(), candidate.size())) continue;
    if (distance < best_distance) {
      best_distance = distance;
      best = &candidate;
    }
  }
  return best == nullptr ? std::string() : "; did you mean `" + *best + "`?";
}

}  // namespace weir::manifest
