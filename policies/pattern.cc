#include "policies/pattern.h"

#include <re2/re2.h>

#include <memory>
#include <unordered_map>

#include "policies/policy_error.h"

namespace weir::policies {
namespace {

constexpr std::int64_t kMaxProgramBytes = 1 << 20;
constexpr std::size_t kMaxPatternBytes = 2000;
constexpr std::size_t kMaxKept = 1024;

RE2::Options Options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxProgramBytes);
  options.set_never_capture(true);
  return options;
}

}  // namespace

std::optional<std::string> PatternError(const std::string& pattern) {
  if (pattern.size() > kMaxPatternBytes)
    return "it has more than " + std::to_string(kMaxPatternBytes) + " bytes";
  const RE2 compiled(pattern, Options());
  if (compiled.ok()) return std::nullopt;
  return compiled.error();
}

bool PatternFound(const std::string& pattern, std::string_view text) {
  thread_local std::unordered_map<std::string, std::unique_ptr<RE2>> kept;
  auto found = kept.find(pattern);
  if (found == kept.end()) {
    if (kept.size() >= kMaxKept) kept.clear();
    found = kept.emplace(pattern, std::make_unique<RE2>(pattern, Options())).first;
  }
  return found->second->ok() && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *found->second);
}

struct Pattern::Compiled {
  Compiled(const std::string& pattern, const RE2::Options& options) : re2(pattern, options) {}
  RE2 re2;
};

Pattern::Pattern(const std::string& pattern, bool bytes) {
  RE2::Options options = Options();
  if (bytes) options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_max_mem(8 * kMaxProgramBytes);  // the automaton's too: without room for it RE2 is right and slow
  compiled_ = std::make_unique<Compiled>(pattern, options);
  if (!compiled_->re2.ok()) throw PolicyError("a pattern for values cannot be compiled: " + compiled_->re2.error());
}

Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;

std::optional<Pattern::Place> Pattern::Find(std::string_view text, std::size_t from) const {
  re2::StringPiece found;
  if (!compiled_->re2.Match({text.data(), text.size()}, from, text.size(), RE2::UNANCHORED, &found, 1)) {
    return std::nullopt;
  }
  const auto begin = static_cast<std::size_t>(found.data() - text.data());
  return Place{begin, begin + found.size()};
}

}  // namespace weir::policies
