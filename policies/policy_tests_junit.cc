#include <map>

#include "policies/policy_tests.h"
#include "policies/report_escape.h"

namespace weir::policies {
namespace {

constexpr std::size_t kMostShown = 50;  // of one test's cases; the rest is counted

std::string Attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + EscapeXml(value) + "\"";
}

std::string PlaceOf(const Located& at) { return at.file + ":" + std::to_string(at.position.line); }

class Suites {
 public:
  // `state`: what stands in the case, of which there is one for each test: a failure, a skip or nothing.
  void Add(const std::string& suite, const std::string& name, bool failed, bool skipped, const std::string& state) {
    Suite& into = suites_[suite];
    ++into.cases;
    into.failures += failed ? 1 : 0;
    into.skipped += skipped ? 1 : 0;
    into.body += "    <testcase" + Attribute("classname", suite) + Attribute("name", name) + " time=\"0\"" +
                 (state.empty() ? "/>\n" : ">\n" + state + "    </testcase>\n");
  }

  std::string Take(const std::string& made_at) const {
    std::size_t cases = 0, failures = 0;
    std::string body;
    for (const auto& [name, suite] : suites_) {
      body += "  <testsuite" + Attribute("name", name) + " tests=\"" + std::to_string(suite.cases) + "\" failures=\"" +
              std::to_string(suite.failures) + "\" errors=\"0\" skipped=\"" + std::to_string(suite.skipped) +
              "\" time=\"0\"" + Attribute("timestamp", made_at.substr(0, 19)) + ">\n" + suite.body + "  </testsuite>\n";
      cases += suite.cases;
      failures += suite.failures;
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"weir policy test\" tests=\"" +
           std::to_string(cases) + "\" failures=\"" + std::to_string(failures) + "\" errors=\"0\" time=\"0\">\n" + body +
           "</testsuites>\n";
  }

 private:
  struct Suite {
    std::size_t cases = 0, failures = 0, skipped = 0;
    std::string body;
  };
  std::map<std::string, Suite> suites_;
};

std::string FailureOf(const TestResult& result) {
  std::string text;
  for (std::size_t i = 0; i < result.failures.size() && i < kMostShown; ++i) text += EscapeXml(result.failures[i]) + "\n";
  if (result.failures.size() > kMostShown) {
    text += std::to_string(result.failures.size() - kMostShown) + " more of " + std::to_string(result.cases) + " cases\n";
  }
  return "      <failure type=\"W-POL-061\"" + Attribute("message", result.failures.front()) + ">" + text +
         EscapeXml(PlaceOf(result.test->at)) + "</failure>\n";
}

}  // namespace

std::string RenderTestsJunit(const PolicyTestReport& report, std::optional<double> fail_under, const std::string& made_at) {
  Suites suites;
  for (const TestResult& result : report.results) {
    suites.Add(result.test->at.file, result.test->name, !result.passed(), false, result.passed() ? "" : FailureOf(result));
  }
  if (report.results.empty()) {
    suites.Add("policy", "it has tests", true, false,
               "      <failure type=\"W-POL-061\" message=\"the policy has no tests\"/>\n");
  }
  if (fail_under) {
    const bool below = report.percent() < *fail_under;
    for (const Uncovered& one : report.uncovered) {
      const std::string message = one.what + " " + one.id + " is exercised by no test";
      suites.Add("coverage", one.id, below, !below,
                 below ? "      <failure type=\"coverage\"" + Attribute("message", message) + ">" +
                             EscapeXml(PlaceOf(one.at)) + "</failure>\n"
                       : "      <skipped" + Attribute("message", message) + "/>\n");
    }
  }
  return suites.Take(made_at);
}

}  // namespace weir::policies
