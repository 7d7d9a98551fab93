#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "manifest/column_lineage.h"
#include "manifest/project.h"
#include "policies/classify.h"
#include "policies/policy.h"

namespace weir::policies {

// `inherit: lineage`: the classes of every column that one is made of, however far up. What lineage cannot prove takes those
// of all columns of all parents; so does a project that nobody traced. What may come from where the project does not reach
// (a table that no model or source is, parents in a circle), or be any column of a parent that lists none, may be of any
// restrictive class of the policy. Permissive classes are never inherited. A declassification lifts what its column inherits,
// for those below it, too. Each column is looked at once. `policy` and `project` outlive it and stay as they are. For one
// thread at a time.
class Inheritance {
 public:
  Inheritance(const Policy& policy, const manifest::Project& project) : policy_(policy), project_(project) {}

  // Adds to *evidence the classes that are not in it yet.
  void Add(const manifest::Node& model, std::string_view column, std::vector<ClassEvidence>* evidence);

 private:
  struct Inherited {
    ClassEvidence evidence;  // where it comes from
    std::string origin;      // `people.ssn`; empty: nobody knows
    std::string through;     // "`stg.x`, `mid.x`", from there downwards
    std::size_t steps = 0;
    std::set<manifest::LineageProof> proofs;  // of all steps
    std::string doubt;       // why it is not proven; empty: it is

    // Which of two counts: what no declassification has lifted; then which to show.
    bool Before(const Inherited& other) const;
  };
  using Classes = std::map<std::string, Inherited, std::less<>>;
  using Key = std::pair<std::string, std::string>;  // unique_id and column, `*`: all of them

  // What the columns of `from` have of themselves, with neither proof nor doubt: those of `node` or, when it is null, `source`.
  const Classes& Own(const manifest::ColumnSource& from, const manifest::Node* node, const manifest::Source* source);
  const Classes& Above(const manifest::Node& node, const std::string& column);
  // A column's own and those above it.
  void Collect(const manifest::ColumnSource& from, manifest::LineageProof proof, const std::string& doubt, Classes* out);
  void TakeAny(const std::string& doubt, Classes* out) const;
  // Whether nobody knows which columns `*` of it are.
  bool TellsNothing(const manifest::Node* node, const manifest::Source* source) const;
  static void Take(Inherited one, Classes* out);

  const Policy& policy_;
  const manifest::Project& project_;
  std::map<Key, Classes> known_, own_;
  std::set<Key> open_;  // begun and not ended
  Classes any_;         // the last answer that is not kept
};

}  // namespace weir::policies
