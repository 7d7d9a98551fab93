#include "policies/pattern.h"

#include <re2/re2.h>

#include <memory>
#include <unordered_map>

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

}  // namespace weir::policies
