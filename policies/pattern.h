#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir::policies {

// RE2 patterns of policies: no backtracking, at most 1 MiB a program, so that no pattern and no text can
// stall a check.

// What is wrong with `pattern`, in RE2's words; nullopt when it is good.
std::optional<std::string> PatternError(const std::string& pattern);

// True when `pattern` is found anywhere in `text`. A pattern that does not compile matches nothing: whoever
// reads a policy has refused it. Compiled patterns are kept per thread.
bool PatternFound(const std::string& pattern, std::string_view text);

// One pattern compiled for many texts. Immutable; safe to use from several threads.
class Pattern {
 public:
  // `bytes`: the text is looked at byte by byte, so that one which is no UTF-8 is looked at whole; else as UTF-8. Throws
  // PolicyError when the pattern does not compile: what cannot be looked for may not count as absent.
  Pattern(const std::string& pattern, bool bytes);
  ~Pattern();
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;

  // The first place at or behind `from` where it is found, as leftmost-first; nullopt: none.
  struct Place {
    std::size_t begin = 0, end = 0;
  };
  std::optional<Place> Find(std::string_view text, std::size_t from) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace weir::policies
