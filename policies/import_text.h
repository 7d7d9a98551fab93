#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "manifest/diagnostic.h"
#include "manifest/value.h"

namespace weir::policies {

// What another tool's rules become: a file for the policy folder. Only what restricts is taken over; what would permit is
// shown as a comment, for a person to decide.
struct Imported {
  struct Left {
    std::string name;  // of the check or key, as the file has it
    std::string why;   // it is not taken over, or not all of it
  };
  std::string yaml;                // reads without error by ReadPolicy, whatever the input was
  std::vector<std::string> taken;  // ids and names of what the file declares
  std::vector<Left> left;
};

// Text of a stranger in a comment, which ends with the line: without control characters.
std::string CommentText(std::string_view text);
// In single quotes, without control characters.
std::string QuotedYaml(std::string_view text);

// One item of `require:` as YAML. `keys`: in flow style after `for:`, such as `owner: {email: '.+'}`.
struct RequirementText {
  std::string id, select, for_what;
  std::vector<std::string> keys;
  bool warn = false;
  std::string why;
  std::vector<std::string> remarks;  // each a comment above it
};
// Adds it to *list (lines of a `require:` list) when this version's reader takes it; else the same lines as a comment, and
// what stands against it to imported->left under `name`.
void AddRequirement(const RequirementText& requirement, const std::string& name, std::string* list, Imported* imported);

}  // namespace weir::policies
