#pragma once

#include <string>
#include <string_view>

namespace weir::policies {

// Whatever a stranger wrote, made harmless for one platform. All of them first make control characters, bidirectional
// controls and bytes that are no UTF-8 visible (manifest::EscapeForTerminal).

// Plain text in the output of a CI job: `##`, by which Azure and GitHub know commands anywhere in a line, is broken.
std::string EscapeText(std::string_view text);
// Element and attribute text of XML 1.0.
std::string EscapeXml(std::string_view text);
// GitHub's workflow commands: what stands after `::`, and the value of `file=`.
std::string EscapeCommandData(std::string_view text);
std::string EscapeCommandProperty(std::string_view text);
// A cell of a table in GitHub's and GitLab's Markdown: text between backticks as code; nothing of it links, mentions,
// formats, or ends the cell.
std::string EscapeMarkdown(std::string_view text);
std::string MarkdownCode(std::string_view text);  // all of it as code; empty for empty
// A relative reference of RFC 3986 for a path with `/`.
std::string EscapeUri(std::string_view path);
// SARIF's plain text messages (section 3.11): `[text](1)` would be a link, `{0}` a placeholder.
std::string EscapeSarifMessage(std::string_view text);

}  // namespace weir::policies
