#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/project.h"

namespace weir::policies {

// What the tests of one project would do otherwise than those of the same ids in another: their SQL, compiled and as written,
// and the macros that make and run it. White space is no difference, nor is where a target builds its tables. Of a project
// that was read without macros (ReadOptions::test_code), only compiled SQL is compared. Both projects outlive this. Not
// thread-safe.
//
// Macros of dbt and its adapter change with the version of dbt, and no pull request can edit them: they are compared
// between two manifests of one version. Between dbt 1 and 2, which list them in different ways, only macros that both list are.
class TestCode {
 public:
  TestCode(const manifest::Project& base, const manifest::Project& head);

  // "its SQL is another", "macro `test_unique` is another"; empty: the same.
  std::string Difference(const manifest::Test& before, const manifest::Test& after);
  // The same of what runs every test, whatever it tests (its materialization): "macro `statement` is another".
  std::string RunDifference();

 private:
  using Ids = std::set<std::string, std::less<>>;

  bool IsCompiledAlike(const manifest::Test& before, const manifest::Test& after) const;
  std::string Compiled(const manifest::Test& test, const manifest::Test& other) const;
  bool IsBuiltIn(const manifest::Project& project, std::string_view macro) const;
  const Ids& Below(const manifest::Project& project, const std::string& ids);
  const Ids& Differing(const std::string& before, const std::string& after);

  const manifest::Project& base_;
  const manifest::Project& head_;
  const std::string run_before_, run_after_;  // what runs tests, as Test::macros
  // By the list of ids that they are below of; of each project.
  std::map<const manifest::Project*, std::map<std::string, Ids, std::less<>>> below_;
  std::map<std::string, Ids> differing_;  // by both lists
};

}  // namespace weir::policies
