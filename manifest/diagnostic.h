#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/value.h"

namespace weir::manifest {

enum class Severity : std::uint8_t { kError, kWarning, kNote };

// What is wrong with a document, where, and what to do. STYLE.md has the rules for messages.
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string code;  // stable: W-POL-012; `weir help CODE` explains it
  std::string file;  // as the user named it
  Position position;
  std::string message;
};

// Collects diagnostics of one reading; prints them sorted by file, line, column. Not thread-safe.
class Diagnostics {
 public:
  // The text of a file, kept so that Render can show the line. Scalars that look like secrets are blotted out there.
  void AddSource(const std::string& file, std::string text);

  void Error(std::string_view code, std::string_view file, Position position, std::string message);
  void Warning(std::string_view code, std::string_view file, Position position, std::string message);
  // Every message passes here: text in backticks that looks like a secret becomes `***`.
  void Add(Diagnostic diagnostic);

  bool HasErrors() const;
  std::vector<Diagnostic> Sorted() const;

  // `file:line:column: error: message [CODE]`, then the line and a caret where the position is known; one for each:
  //   policies/crm.yml:12:9: error: unknown class `pii.emial`; did you mean `pii.email`? [W-POL-012]
  //     12 | - give: pii.emial
  //        |         ^
  std::string Render() const;

 private:
  std::vector<Diagnostic> diagnostics_;
  std::map<std::string, std::string, std::less<>> sources_;
};

// "; did you mean `x`?" for the nearest candidate within two edits, else empty.
std::string DidYouMean(std::string_view written, const std::vector<std::string>& candidates);

// True for text that resembles a credential (key prefixes such as `sk_live_`, `AKIA`, `ghp_`, URLs with a password, long
// random strings): never echoed.
bool LooksLikeSecret(std::string_view text);

// True for a key whose value is a credential: `password`, `api_key`, `client_secret`, …
bool NamesSecret(std::string_view key);

// Text for a terminal: control bytes, C1 and bidirectional controls and invalid UTF-8 as `\x1b`, tabs and line breaks
// as `\t`, `\n`.
std::string EscapeForTerminal(std::string_view text);

}  // namespace weir::manifest
