#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "policies/report.h"
#include "policies/report_escape.h"

namespace weir::policies {
namespace {

std::string Attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + EscapeXml(value) + "\"";
}

std::string PlaceOf(const Finding& finding) {
  if (finding.path.empty()) return {};
  return finding.path + (finding.line == 0 ? "" : ":" + std::to_string(finding.line));
}

// All about one sync, exposure or the policy.
struct Suite {
  std::vector<const Finding*> findings;
  std::vector<const EgressRow*> rows;
};

std::size_t CountFailing(const Suite& suite, FailOn fail_on) {
  return static_cast<std::size_t>(std::count_if(suite.findings.begin(), suite.findings.end(),
                                                [&](const Finding* one) { return Fails(*one, fail_on); }));
}

std::string RenderCase(const std::string& target, const Finding& finding, FailOn fail_on) {
  const std::string name = finding.rule + (finding.column.empty() ? "" : " " + finding.column) +
                           (finding.destination.empty() ? "" : " -> " + finding.destination);
  std::string out = "    <testcase" + Attribute("classname", target) + Attribute("name", name) + " time=\"0\">\n";
  if (Fails(finding, fail_on)) {
    const std::string place = PlaceOf(finding);
    out += "      <failure" + Attribute("type", finding.rule) + Attribute("message", finding.message) + ">" +
           EscapeXml(finding.message) + (place.empty() ? "" : "\n" + EscapeXml(place)) +
           (finding.why.empty() ? "" : "\n" + EscapeXml("why: " + finding.why)) + "</failure>\n";
  } else {
    const std::string suppressed = finding.suppressed_by.empty() ? "" : "suppressed by " + finding.suppression + "; ";
    out += "      <skipped" + Attribute("message", suppressed + std::string(Name(finding.status)) + " " +
                                                       std::string(Name(finding.level)) + ": " + finding.message) +
           "/>\n";
  }
  return out + "    </testcase>\n";
}

// What was looked at and found good stands there, too: a suite without a case says nothing.
std::string RenderEgressCase(const std::string& target, const Suite& suite) {
  std::string out = "    <testcase" + Attribute("classname", target) + " name=\"egress\" time=\"0\">\n      <system-out>";
  for (const EgressRow* row : suite.rows) {
    out += EscapeXml(std::string(Name(row->change)) + " " + row->column + " -> " + row->destination + "." + row->field +
                     ": " + (row->change == EgressChange::kRemoved ? std::string("not sent") : row->transform) +
                     (row->before.empty() ? "" : ", was " + row->before)) +
           "\n";
  }
  return out + "</system-out>\n    </testcase>\n";
}

// `2026-11-22T22:10:59`: what the schema of JUnit's ant task takes.
std::string Timestamp(const std::string& made_at) {
  return made_at.size() < 19 ? std::string("1970-01-01T00:00:00") : made_at.substr(0, 19);
}

}  // namespace

std::string RenderJunit(const CheckReport& report, const ReportSettings& settings) {
  std::map<std::string, Suite> suites;
  for (const EgressRow& row : report.egress) suites[row.target].rows.push_back(&row);
  for (const Finding& finding : report.findings) {
    if (finding.status != FindingStatus::kFixed) suites[finding.target].findings.push_back(&finding);
  }
  std::size_t tests = 0, failures = 0;
  std::string body;
  for (const auto& [target, suite] : suites) {
    const std::size_t cases = suite.findings.size() + (suite.rows.empty() ? 0 : 1);
    const std::size_t failing = CountFailing(suite, settings.fail_on);
    body += "  <testsuite" + Attribute("name", target) + " tests=\"" + std::to_string(cases) + "\" failures=\"" +
            std::to_string(failing) + "\" errors=\"0\" skipped=\"" + std::to_string(suite.findings.size() - failing) +
            "\" time=\"0\"" + Attribute("timestamp", Timestamp(settings.made_at)) + ">\n";
    if (!suite.rows.empty()) body += RenderEgressCase(target, suite);
    for (const Finding* finding : suite.findings) body += RenderCase(target, *finding, settings.fail_on);
    body += "  </testsuite>\n";
    tests += cases;
    failures += failing;
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"weir check\" tests=\"" + std::to_string(tests) +
         "\" failures=\"" + std::to_string(failures) + "\" errors=\"0\" time=\"0\">\n" + body + "</testsuites>\n";
}

}  // namespace weir::policies
