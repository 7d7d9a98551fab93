#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

// tests/policies/bad_policies/*.txt: what stands before each case, then cases of one policy file and all that is said of
// it, exactly. Lines are indented by two blanks. `unseen:` says why the JSON Schema of one file takes the case all the same;
// tests/e2e/policy_test.py holds it to that.
constexpr std::string_view kReasons[] = {
    "calendar",  // a day that no calendar has
    "entries",   // what other entries of the policy say
    "folder",    // files beside it
    "names",     // what names refer to
    "pattern",   // RE2's grammar
    "selector",  // dbt's selector syntax
    "twice",     // over lists, maps and files
    "yaml",      // of the text, which a schema does not see
};

struct Case {
  std::string name, text, says;
};

std::vector<Case> CasesOf(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::vector<Case> cases;
  std::string before, line;
  std::string* into = &before;
  while (std::getline(stream, line)) {
    if (line == "before:" || line.empty()) continue;
    if (line.starts_with("case: ")) {
      cases.push_back({file.stem().string() + ", " + line.substr(6), before, ""});
      into = &cases.back().text;
    } else if (line.starts_with("unseen: ")) {
      EXPECT_NE(std::find(std::begin(kReasons), std::end(kReasons), line.substr(8)), std::end(kReasons)) << line;
    } else if (line == "says:") {
      into = &cases.back().says;
    } else {
      EXPECT_TRUE(line.starts_with("  ")) << file << ": " << line;
      *into += line.substr(2) + "\n";
    }
  }
  return cases;
}

TEST(BadPoliciesTest, AreRefusedWithExactlyThis) {
  std::set<std::string> distinct;
  std::ifstream stream(std::string(WEIR_SOURCE_DIR) + "/tests/policies/every_key/allowed_signers");
  const std::string signers{std::istreambuf_iterator<char>(stream), {}};
  const std::filesystem::path folder = std::string(WEIR_SOURCE_DIR) + "/tests/policies/bad_policies";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    for (const Case& one : CasesOf(entry.path())) {
      PolicyFolder policies;
      policies.Write("allowed_signers", signers);
      policies.Write("p.yml", one.text);
      std::optional<Policy> policy;
      EXPECT_EQ(policies.Read(&policy), one.says) << one.name;
      EXPECT_FALSE(policy) << one.name;
      EXPECT_NE(one.says, "") << one.name;
      EXPECT_TRUE(distinct.insert(one.text).second) << one.name << " stands there twice";
    }
  }
  EXPECT_GE(distinct.size(), 400u);
}

}  // namespace
}  // namespace weir::policies
