#include "policies/report.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include <algorithm>
#include <string>
#include <vector>

#include "policies/report_escape.h"

namespace weir::policies {
namespace {

Finding AFinding(std::string message, FindingLevel level = FindingLevel::kError) {
  static int count = 0;
  Finding finding;
  finding.rule = "column-denied";
  finding.level = level;
  finding.target = "exposure:contacts";
  finding.column = "dim.email";
  finding.destination = "crm";
  finding.message = std::move(message);
  finding.path = "models/schema.yml";
  finding.line = 7;
  finding.line_column = 15;
  finding.fingerprint = std::to_string(++count);
  return finding;
}

std::size_t CountOf(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(ReportEscape, EachPlatformHasItsOwn) {
  struct Case {
    const char* name;
    std::string (*escape)(std::string_view);
    std::string text, escaped;
  };
  const std::vector<Case> cases = {
      {"a terminal's control characters", EscapeText, "a\x1b[31mb\nc", "a\\x1b[31mb\\nc"},
      {"a pipeline's commands", EscapeText, "##vso[task.setvariable]##[error]", "# #vso[task.setvariable]# #[error]"},
      {"element", EscapeXml, "</failure><x a='\"'>&\x01", "&lt;/failure&gt;&lt;x a='&quot;'&gt;&amp;\\x01"},
      {"no character of XML", EscapeXml, "a\xEF\xBF\xBF", "a\xEF\xBF\xBD"},
      {"workflow command's data", EscapeCommandData, "100%\n::error::x\r", "100%25\\n::error::x\\r"},
      {"workflow command's property", EscapeCommandProperty, "a,b:c%", "a%2Cb%3Ac%25"},
      {"a table's cell", EscapeMarkdown, "a|b\n| c", "a&#124;b&#92;n&#124; c"},
      {"HTML", EscapeMarkdown, "<img src=x>", "&#60;img src=x&#62;"},
      {"a link", EscapeMarkdown, "[x](https://evil.example) www.evil.example", "&#91;x&#93;(https&#58;//evil.example) www&#46;evil.example"},
      {"a mention and an issue", EscapeMarkdown, "@team #1", "&#64;<!-- -->team &#35;<!-- -->1"},
      {"code", EscapeMarkdown, "column `a*b` is `c|d`", "column <code>a&#42;b</code> is <code>c&#124;d</code>"},
      {"a backtick too many", EscapeMarkdown, "a ` b", "a &#96; b"},
      {"code that would end itself", EscapeMarkdown, "`</code>@x`", "<code>&#60;/code&#62;&#64;x</code>"},
      {"snake case stays readable", EscapeMarkdown, "dim__customers _x_", "dim__customers &#95;x&#95;"},
      {"a path as a reference", EscapeUri, "models/a b#c.yml", "models/a%20b%23c.yml"},
      {"a link in SARIF", EscapeSarifMessage, "[x](1) {0} {email: ...}", "\\[x\\](1) {{0} {email: ...}"},
  };
  for (const Case& test : cases) EXPECT_EQ(test.escape(test.text), test.escaped) << test.name;
}

TEST(Report, GithubGroupsWhatItWouldDrop) {
  CheckReport report;
  for (int i = 0; i < 25; ++i) report.findings.push_back(AFinding("no " + std::to_string(i)));
  for (int i = 0; i < 10; ++i) report.findings.push_back(AFinding("hm", FindingLevel::kWarning));
  Finding existing = AFinding("old");
  existing.status = FindingStatus::kExisting;
  report.findings.push_back(existing);
  const std::string text = RenderGithub(report, {});
  EXPECT_EQ(CountOf(text, "::error "), 10u) << text;
  EXPECT_EQ(CountOf(text, "::warning "), 10u) << text;
  EXPECT_NE(text.find("::error title=Weir::16 more; all of them are in the job's summary\n"), std::string::npos) << text;
  EXPECT_NE(text.find("::error file=models/schema.yml,line=7,col=15,title=Weir column-denied::exposure:contacts: no 0\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("old"), std::string::npos) << "only what is new is told, save with --fail-on all";
  ReportSettings all;
  all.fail_on = FailOn::kAll;
  EXPECT_NE(RenderGithub(report, all).find("::17 more;"), std::string::npos);
}

TEST(Report, NothingThatAStrangerWritesIsACommand) {
  CheckReport report;
  report.syncs = 1;
  Finding finding = AFinding("x\n::set-output name=a::b\n##[error]y");
  finding.target = "exposure:\n::error::z";
  finding.path = "\n::add-mask::q";
  report.findings = {finding};
  EgressRow row;
  row.target = finding.target;
  row.column = row.field = row.reason = "\n::stop-commands::z";
  report.egress = {row};
  for (const std::string& text : {RenderGithub(report, {}), RenderText(report, false)}) {
    for (std::size_t at = 0; at != std::string::npos && at < text.size(); at = text.find('\n', at)) {
      at = text.find_first_not_of(" \n", at);
      if (at == std::string::npos) break;
      const std::string line = text.substr(at, text.find('\n', at) - at);
      EXPECT_TRUE(!line.starts_with("::") || line.starts_with("::error file=")) << line;
    }
    EXPECT_EQ(text.find("##["), std::string::npos) << text;
  }
}

TEST(Report, MarkdownStaysBelowTheLimit) {
  CheckReport report;
  report.has_base = true;
  for (const FindingStatus status : {FindingStatus::kNew, FindingStatus::kExisting, FindingStatus::kFixed}) {
    for (int i = 0; i < 2000; ++i) {
      report.findings.push_back(AFinding(std::string(200, '|')));
      report.findings.back().status = status;
    }
  }
  for (int i = 0; i < 3000; ++i) {
    EgressRow row;
    row.target = "exposure:contacts";
    row.column = row.field = std::string(100, '<');
    report.egress.push_back(row);
  }
  const std::string text = RenderMarkdown(report, {});
  EXPECT_LT(text.size(), 65'536u);
  EXPECT_TRUE(text.starts_with("<!-- weir-check -->\n### Weir: 2000 errors\n"));
  EXPECT_EQ(CountOf(text, "more rows did not fit here"), 4u);
  EXPECT_EQ(CountOf(text, "<details>"), CountOf(text, "</details>"));
}

TEST(Report, JunitFailsWhatFailsTheCheck) {
  CheckReport report;
  report.findings = {AFinding("a"), AFinding("b", FindingLevel::kWarning), AFinding("c")};
  report.findings[2].status = FindingStatus::kExisting;
  const auto failures = [&](FailOn fail_on) {
    ReportSettings settings;
    settings.fail_on = fail_on;
    return CountOf(RenderJunit(report, settings), "<failure ");
  };
  EXPECT_EQ(failures(FailOn::kNew), 1u);
  EXPECT_EQ(failures(FailOn::kAll), 2u);
  EXPECT_EQ(failures(FailOn::kNever), 0u);
}

TEST(Report, AFindingWithoutAFileHasOneWhereAPlatformNeedsIt) {
  CheckReport report;
  report.findings = {AFinding("a")};
  report.findings[0].path.clear();
  report.findings[0].line = report.findings[0].line_column = 0;
  ReportSettings settings;
  settings.otherwise_path = "weir.yml";
  EXPECT_NE(RenderSarif(report, settings).find("\"uri\":\"weir.yml\""), std::string::npos);
  EXPECT_NE(RenderGitlab(report, settings).find("\"location\":{\"path\":\"weir.yml\",\"lines\":{\"begin\":1}}"), std::string::npos);
  EXPECT_NE(RenderRdjsonl(report, settings).find("\"path\":\"weir.yml\""), std::string::npos);
  EXPECT_NE(RenderGithub(report, settings).find("::error title="), std::string::npos);
}

TEST(Report, RulesOfFindingsAreSortedAndFound) {
  const auto& rules = RulesOfFindings();
  EXPECT_TRUE(std::is_sorted(rules.begin(), rules.end(), [](const auto& a, const auto& b) { return a.id < b.id; }));
  for (const FindingRule& rule : rules) EXPECT_EQ(FindFindingRule(rule.id), &rule);
  EXPECT_EQ(FindFindingRule("P001"), nullptr);
}

// Whoever meets a finding can ask `weir help` what it is.
TEST(Report, EachRuleThatTheSourcesNameIsExplained) {
  const std::regex id(R"re((?:rule = |rule = [^;]*[?:] |Begin\(|add\()"([a-z0-9]+(?:-[a-z0-9]+)+)")re");
  std::set<std::string> named;
  for (const auto& file : std::filesystem::directory_iterator(std::string(WEIR_SOURCE_DIR) + "/policies")) {
    if (!file.path().filename().string().starts_with("check") && file.path().filename() != "audience.cc") continue;
    std::ifstream stream(file.path());
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    for (auto one = std::sregex_iterator(text.begin(), text.end(), id); one != std::sregex_iterator(); ++one) named.insert((*one)[1]);
  }
  EXPECT_GT(named.size(), 25u);
  for (const std::string& rule : named) EXPECT_NE(FindFindingRule(rule), nullptr) << rule;
}

TEST(Report, FormatsHaveNames) {
  for (const std::string& name : ReportFormatNames()) {
    ASSERT_TRUE(ReportFormatNamed(name)) << name;
    EXPECT_FALSE(Render(*ReportFormatNamed(name), CheckReport{}, {}).empty() && name != "rdjsonl") << name;
  }
  EXPECT_FALSE(ReportFormatNamed("yaml"));
}

}  // namespace
}  // namespace weir::policies
