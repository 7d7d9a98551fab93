#include "policies/value_questions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

constexpr char kFacts[] =
    "version: 1\n"
    "classes:\n"
    "  pii.email: {meta: {contains: email}, value: email}\n"
    "  pii.ssn: {name: ssn, value: {detect: us_ssn, except: [m.code, other.plain]}}\n"
    "  public: {permissive: true, columns: [m.id, m.plain, m.code]}\n"
    "subjects: {customer: {m: id}}\n"
    "roles: {marketer: {}}\n"
    "destinations: {crm: {origin: 'https://crm.example', readers: [marketer], trust: external}}\n"
    "rules:\n"
    "  - {id: P0, give: public, to: any, as: unchanged}\n";

// "column class -> form", one a question.
std::string Asked(const std::string& rules, const std::string& unclassified = "deny") {
  const Policy policy = GoodPolicy(kFacts + rules + "unclassified: " + unclassified + "\n");
  manifest::Project project;
  project.nodes = {Model("m", {Col("id"), Col("mail", "{contains: email}"), Col("ssn"), Col("plain"), Col("code"),
                               Col("odd")})};
  project.exposures = {ExposureOf("crm", "{destination: crm, match: {id: id}, columns: {mail: mail, ssn: ssn, plain: "
                                         "plain, code: code, odd: odd}}",
                                  {"m"})};
  Close(&project);
  std::string out;
  const std::vector<SyncSpec> syncs = GoodSyncs(project);
  const SyncDecision decision = Decide(policy, project, syncs.front());
  for (const ValueQuestion& question : ValueQuestions(policy, project, decision)) {
    const ColumnDecision& column = decision.columns[question.column];
    out += column.column + " " + question.defined->name + " -> " + question.then.transform.ToText() + "\n";
  }
  return out;
}

TEST(ValueQuestionsTest, AsksWhatWouldChangeADecision) {
  const struct {
    std::string name, rules, unclassified, expected;
  } cases[] = {
      {"nothing gives the classes", "", "deny",
       "id pii.email -> deny\nid pii.ssn -> deny\nplain pii.email -> deny\nplain pii.ssn -> deny\ncode pii.email -> "
       "deny\n"},
      {"given in a stricter form", "  - {id: P1, give: pii, to: any, as: hash}\n", "deny",
       "id pii.email -> hash\nid pii.ssn -> hash\nplain pii.email -> hash\nplain pii.ssn -> hash\ncode pii.email -> "
       "hash\n"},
      {"given as they are: no values are looked at", "  - {id: P1, give: pii, to: any, as: unchanged}\n", "deny", ""},
      {"as strict already", "  - {id: P1, give: pii.email, to: any, as: {mask: {keep: domain}}}\n"
                            "  - {id: P2, give: pii.ssn, to: any, as: unchanged}\n", "deny",
       "id pii.email -> mask: {keep: domain}\nplain pii.email -> mask: {keep: domain}\ncode pii.email -> mask: {keep: "
       "domain}\nssn pii.email -> mask: {keep: domain}\n"},
      {"a constant tells nothing", "  - {id: P1, give: pii, to: any, as: redact}\n"
                                   "  - {id: P2, give: public, to: any, as: redact}\n", "deny", ""},
      {"columns without a class too", "  - {id: P1, give: pii, to: any, as: unchanged}\n  - {id: P2, never: pii.ssn, "
                                      "to: any}\n", "warn",
       "id pii.ssn -> deny\nmail pii.ssn -> deny\nplain pii.ssn -> deny\nodd pii.ssn -> deny\n"},
  };
  for (const auto& one : cases) {
    const std::string asked = Asked(one.rules, one.unclassified);
    std::vector<std::string> lines, expected;
    for (const auto& [text, into] : {std::pair{&asked, &lines}, std::pair{&one.expected, &expected}}) {
      std::istringstream in(*text);
      for (std::string line; std::getline(in, line);) into->push_back(line);
      std::sort(into->begin(), into->end());
    }
    EXPECT_EQ(lines, expected) << one.name;
  }
}

}  // namespace
}  // namespace weir::policies
