#pragma once

#include <map>
#include <string>
#include <string_view>

#include "manifest/fields.h"
#include "policies/policy.h"

namespace weir::policies {

// One file of a policy folder read into the policy that the whole folder makes: shapes and types here, what
// names refer to in validate.h. Not thread-safe.
class PolicyDocument {
 public:
  PolicyDocument(Policy* policy, manifest::Diagnostics* diagnostics)
      : policy_(policy), diagnostics_(diagnostics) {}

  // Reports everything that is wrong with `value`; what is good of it is in the policy afterwards all the
  // same.
  void Read(const manifest::Value& value, const std::string& file);

  // A folder that the file last read includes, as written, and where.
  struct Inclusion {
    std::string folder;
    Located at;
  };
  const std::vector<Inclusion>& inclusions() const { return inclusions_; }

 private:
  using Member = manifest::Value::Member;

  void ReadVersion(manifest::Fields* fields);
  void ReadUnclassified(manifest::Fields* fields);
  void ReadPresets(manifest::Fields* fields);
  void ReadInclusions(manifest::Fields* fields);
  void ReadInherit(manifest::Fields* fields);
  void ReadClass(const Member& member);
  void ReadSubject(const Member& member);
  void ReadRole(const Member& member);
  void ReadDestination(const Member& member);
  void ReadPurpose(const Member& member);

  // Calls `read` for each member of the map under `key` whose name is well formed and was not seen in any
  // file.
  void EachNamed(manifest::Fields* fields, std::string_view key, std::string_view what,
                 void (PolicyDocument::*read)(const Member&));
  // False, and reported with both places, when `what` `name` was seen before.
  bool IsFirst(std::string_view what, const std::string& name, manifest::Position at);

  Policy* policy_;
  manifest::Diagnostics* diagnostics_;
  std::string file_;
  std::vector<Inclusion> inclusions_;
  std::map<std::string, Located, std::less<>> seen_;  // "class `pii`" -> where
};

// The items of `rules:` and `require:`; nullopt when it was reported that they have no meaning.
std::optional<Rule> ReadRule(const manifest::Value& value, const std::string& file,
                             manifest::Diagnostics* diagnostics);
std::optional<Requirement> ReadRequirement(const manifest::Value& value, const std::string& file,
                                           manifest::Diagnostics* diagnostics);
// An item of `waivers:`.
std::optional<Waiver> ReadWaiver(const manifest::Value& value, const std::string& file,
                                 manifest::Diagnostics* diagnostics);
// An item of `declassify:`.
std::optional<Declassification> ReadDeclassification(const manifest::Value& value, const std::string& file,
                                                     manifest::Diagnostics* diagnostics);
// The same for `tests:`.
std::optional<TestCase> ReadTestCase(const manifest::Value& value, const std::string& file,
                                     manifest::Diagnostics* diagnostics);

// `to`: `any`, or a map that names at least one thing; nullopt when it was reported that it is neither.
std::optional<Audience> ReadAudience(manifest::Fields* fields, const std::string& what, const std::string& file,
                                     manifest::Diagnostics* diagnostics);

// The map under `approvals:`; the file that it names is read by ReadSigners, relative to the policy folder: its text goes
// into `inputs` of the policy's digest.
std::optional<Approvals> ReadApprovals(const manifest::Value& value, const std::string& file,
                                       manifest::Diagnostics* diagnostics);
void ReadSigners(const std::string& folder, Approvals* approvals, std::string* inputs,
                 manifest::Diagnostics* diagnostics);

// `2%`, `0.5%`, or a count under `key`; reports what is neither. `where`: "`guards` of requirement Q001".
std::optional<Limit> ReadLimit(manifest::Fields* fields, std::string_view key, const std::string& where);

// Who lifts something for a while, and why: `reason`, `approver` and `expires`, each required. `what`: "waiver `w1`".
struct Vouched {
  std::string reason, approver, expires;
};
Vouched ReadVouched(manifest::Fields* fields, const std::string& what);

// "`crm`, `helpdesk`"
std::string Listed(const std::vector<std::string>& names);

// Letters, digits, `_`, `-` and, where `dotted`, dots between them; at most 100 bytes.
bool IsName(std::string_view text, bool dotted);

}  // namespace weir::policies
