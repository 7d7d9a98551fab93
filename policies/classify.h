#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/project.h"
#include "policies/policy.h"

namespace weir::policies {

struct ClassEvidence {
  std::string name;  // class
  bool permissive = false;
  bool declared = true;  // by meta, tag, classifier or address, here or where it comes from; false: by a name or its model
  std::string how;        // "by meta `contains: email`", "by tag `pii`", "by name", "by lineage from `people.ssn` (…)"
  bool inherited = false;  // by lineage alone
  bool unbounded = false;  // inherited from nothing that is known: the column may be of any class
  std::string doubt = {};  // inherited and not proven: where and why, "`dim`: its SQL …"; empty: proven, or its own
  // A `declassify` in force: only a `never` still speaks of the class. Empty: none.
  std::string lifted = {};
};

class Inheritance;

// The classes of a project's columns under one policy: the union of what is declared, inferred and inherited; evidence only
// adds. A permissive class counts by its address alone, and never beside a restrictive class that says otherwise (rules
// decide). What was inherited is remembered, so one for all columns of a task. `policy` and `project` outlive it and stay as
// they are. For one thread at a time.
class Classifier {
 public:
  Classifier(const Policy& policy, const manifest::Project& project);
  ~Classifier();
  Classifier(const Classifier&) = delete;
  Classifier& operator=(const Classifier&) = delete;

  // Sorted by name. `column` need not be documented.
  std::vector<ClassEvidence> Of(const manifest::Node& model, std::string_view column) const;

  const Policy& policy() const { return policy_; }
  const manifest::Project& project() const { return project_; }

 private:
  const Policy& policy_;
  const manifest::Project& project_;
  std::unique_ptr<Inheritance> inheritance_;  // null: the policy inherits nothing
};

// Of one column alone.
std::vector<ClassEvidence> Classify(const Policy& policy, const manifest::Project& project,
                                    const manifest::Node& model, std::string_view column);

// What the column itself says, without what it comes from. Of a source only what restricts.
std::vector<ClassEvidence> OwnEvidence(const Policy& policy, const manifest::Project& project, const manifest::Node& model,
                                       std::string_view column);
std::vector<ClassEvidence> OwnEvidence(const Policy& policy, const manifest::Source& source, std::string_view column);

// Whether a model's name in a policy may mean this one, of whatever package and version: for what restricts,
// where a doubt counts as a yes. What permits asks Project::FindModel, which knows exactly one.
bool MayName(std::string_view written, const manifest::Node& model);

}  // namespace weir::policies
