#include <string_view>
#include <vector>

#include "manifest/selector.h"

namespace weir::manifest {
namespace {

// `[a-z]`, `[!x]` at the front of *pattern, which is moved behind it. nullopt: no closing bracket, a plain
// `[`.
std::optional<bool> TakeSet(std::string_view* pattern, char c) {
  std::size_t at = 1;
  const bool negated = at < pattern->size() && (*pattern)[at] == '!';
  if (negated) ++at;
  const std::size_t first = at;
  std::size_t close = pattern->find(']', first + 1);  // a `]` that comes first is a member
  if (first >= pattern->size() || close == std::string_view::npos) return std::nullopt;
  bool found = false;
  while (at < close) {
    if (at + 2 < close && (*pattern)[at + 1] == '-') {
      found = found || ((*pattern)[at] <= c && c <= (*pattern)[at + 2]);
      at += 3;
    } else {
      found = found || (*pattern)[at] == c;
      ++at;
    }
  }
  pattern->remove_prefix(close + 1);
  return found != negated;
}

std::vector<std::string_view> Segments(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    if (!segment.empty() && segment != ".") segments.push_back(segment);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return segments;
}

// `reach[j]`: whether the segments so far match the first j of the pattern's. A table instead of recursion,
// which a pattern of many `**` would make exponential. How many of the path's segments the whole pattern matches.
std::vector<std::size_t> MatchSegments(const std::vector<std::string_view>& path,
                                       const std::vector<std::string_view>& pattern) {
  std::vector<std::size_t> matched;
  std::vector<bool> reach(pattern.size() + 1, false);
  reach[0] = true;
  for (std::size_t j = 0; j < pattern.size() && pattern[j] == "**"; ++j) reach[j + 1] = true;
  if (reach[pattern.size()]) matched.push_back(0);
  for (std::size_t i = 0; i < path.size(); ++i) {
    std::vector<bool> next(pattern.size() + 1, false);
    for (std::size_t j = 0; j < pattern.size(); ++j) {
      if (pattern[j] == "**") {
        if (reach[j] || reach[j + 1]) next[j] = next[j + 1] = true;
        if (next[j]) next[j + 1] = true;
      } else if (reach[j] && MatchesGlob(path[i], pattern[j])) {
        next[j + 1] = true;
      }
    }
    for (std::size_t j = 0; j < pattern.size(); ++j) {
      if (next[j] && pattern[j] == "**") next[j + 1] = true;
    }
    reach = std::move(next);
    if (reach[pattern.size()]) matched.push_back(i + 1);
  }
  return matched;
}

}  // namespace

bool MatchesGlob(std::string_view text, std::string_view pattern) {
  // Linear backtracking: only the last `*` has to be tried again.
  std::size_t at = 0;
  std::string_view rest = pattern;
  std::string_view behind_star;
  std::size_t star_at = 0;
  bool star = false;
  while (at < text.size()) {
    bool matched = false;
    if (!rest.empty() && rest.front() == '*') {
      rest.remove_prefix(1);
      star = true;
      behind_star = rest;
      star_at = at;
      continue;
    }
    if (!rest.empty() && rest.front() == '?') {
      rest.remove_prefix(1);
      matched = true;
    } else if (!rest.empty() && rest.front() == '[') {
      const std::optional<bool> in_set = TakeSet(&rest, text[at]);
      if (in_set) {
        matched = *in_set;
      } else {
        matched = text[at] == '[';
        rest.remove_prefix(1);
      }
    } else if (!rest.empty() && rest.front() == text[at]) {
      rest.remove_prefix(1);
      matched = true;
    }
    if (matched) {
      ++at;
      continue;
    }
    if (!star) return false;
    at = ++star_at;
    rest = behind_star;
  }
  while (!rest.empty() && rest.front() == '*') rest.remove_prefix(1);
  return rest.empty();
}

std::vector<std::size_t> MatchedFolders(std::string_view path, std::string_view pattern) {
  const std::vector<std::string_view> segments = Segments(pattern);
  if (segments.empty()) return {};
  return MatchSegments(Segments(path), segments);
}

bool MatchesPathGlob(std::string_view path, std::string_view pattern) {
  return !MatchedFolders(path, pattern).empty();
}

}  // namespace weir::manifest
