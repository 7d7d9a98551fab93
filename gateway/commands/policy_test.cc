#include <nlohmann/json.hpp>
#include <cmath>
#include <cstdint>
#include <string>

#include "gateway/commands/command.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/policy_inputs.h"
#include "gateway/exit_status.h"
#include "gateway/table.h"
#include "policies/policy_tests.h"

namespace weir::gateway {
namespace {

using nlohmann::ordered_json;
using policies::PolicyTestReport;
using policies::TestResult;
using policies::Uncovered;

// A class may stand on thousands of columns; the first cases show what is wrong.
constexpr std::size_t kMaxShown = 5;

constexpr CommandHelp kHelp = {
    "test",
    "run the tests that stand in the policy",
    "Each item of `tests:` says what is expected of one column, of every column of a class, or of a sync.\n"
    "The project's manifest.json is all that it needs. A test that finds nothing to ask about fails, so that\n"
    "a renamed column is noticed.",
    "  weir policy test\n"
    "  weir policy test --coverage             and which rules no test exercised\n"
    "  weir policy test --fail-under 100       fail when there is such a rule\n"
    "  weir policy test --format junit > weir-policy.xml\n",
    "0 every test passed; 1 one failed, there is none, or coverage is below `--fail-under`; 2 configuration\n"
    "  or policy wrong; 3 an artifact is unreadable",
    "policies/README.md: tests of a policy",
};

class PolicyTest final : public Command {
 public:
  PolicyTest(CLI::App& policy, GlobalOptions* global) : options_(AddSubcommand(policy, kHelp, global)) {
    options_.TakeAway("--format");
    options_.Choice("--format", &global->format, {"text", "json", "junit"}, "of the report [text]");
    options_.Text("--target", &target_, "DIR", "folder with the manifest.json [target of weir.yml]");
    options_.Text("--policies", &policies_, "DIR", "policy folder [that of weir.yml]");
    options_.Flag("--coverage", &coverage_, "list the rules and requirements that no test exercised");
    options_.Number("--fail-under", &fail_under_, 0, 100, "fail when coverage is below so many percent [0]");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    std::optional<PolicyInputs> inputs = ReadPolicyInputs(invocation, policies_, target_);
    if (!inputs) return kExitConfig;
    const PolicyTestReport report = RunPolicyTests(inputs->policy, inputs->project, inputs->syncs);
    const bool covered = report.percent() >= static_cast<double>(fail_under_);
    const int status = report.failed() > 0 || report.results.empty() || !covered ? kExitFindings : kExitGood;
    if (invocation.json()) {
      PrintDocument(report, status, invocation.out);
    } else if (invocation.options.format == "junit") {
      const auto fail_under = with_coverage() ? std::optional<double>(static_cast<double>(fail_under_)) : std::nullopt;
      invocation.out.Verbatim(RenderTestsJunit(report, fail_under, audit::FormatTime(invocation.clock.Now())));
    } else {
      PrintText(report, &inputs->diagnostics, invocation);
    }
    return status;
  }

 private:
  bool with_coverage() const { return coverage_ || options_.Given("--fail-under"); }

  void PrintText(const PolicyTestReport& report, manifest::Diagnostics* diagnostics, Invocation& invocation) const {
    for (const TestResult& result : report.results) {
      if (result.passed()) continue;
      for (std::size_t i = 0; i < result.failures.size() && i < kMaxShown; ++i) {
        diagnostics->Error("W-POL-061", result.test->at.file, result.test->at.position,
                           "test `" + result.test->name + "`: " + result.failures[i]);
      }
      if (result.failures.size() > kMaxShown) {
        diagnostics->Error("W-POL-061", result.test->at.file, result.test->at.position,
                           "test `" + result.test->name + "`: " + std::to_string(result.failures.size() - kMaxShown) +
                               " more of " + std::to_string(result.cases) + " cases; `--format json` shows all");
      }
    }
    Terminal& out = invocation.out;
    out.Block(diagnostics->Render());
    if (report.results.empty()) {
      out.Line("the policy has no tests; write some under `tests:`, policies/README.md shows how");
    } else {
      const std::size_t failed = report.failed();
      out.Line(Spans{{std::to_string(report.results.size() - failed) + " of " + std::to_string(report.results.size()) +
                          " tests passed",
                      failed == 0 ? Style::kGood : Style::kBad}});
    }
    if (!with_coverage()) return;
    out.Line(Spans{{"coverage " + Percent(report) + "%", report.uncovered.empty() ? Style::kGood : Style::kWarning},
                   {" (" + std::to_string(report.rules - report.uncovered.size()) + " of " +
                    std::to_string(report.rules) + " rules and requirements)"}});
    Table table({"UNTESTED", "WHAT", "WHERE"});
    for (const Uncovered& one : report.uncovered) {
      table.AddRow({{one.id, Style::kBold},
                    {one.what},
                    {one.at.file + ":" + std::to_string(one.at.position.line) + ":" +
                         std::to_string(one.at.position.column),
                     Style::kDim}});
    }
    if (!table.empty()) table.Print(out);
    if (report.percent() < static_cast<double>(fail_under_)) {
      out.Line(Spans{{"below the " + std::to_string(fail_under_) + "% that `--fail-under` asks for", Style::kBad}});
    }
  }

  // Rounded down, so that 100 means all.
  static std::string Percent(const PolicyTestReport& report) {
    return std::to_string(static_cast<int>(std::floor(report.percent())));
  }

  void PrintDocument(const PolicyTestReport& report, int status, Terminal& out) const {
    ordered_json tests = ordered_json::array(), untested = ordered_json::array();
    const auto place = [](ordered_json object, const policies::Located& at) {
      object["file"] = at.file;
      object["line"] = at.position.line;
      object["column"] = at.position.column;
      return object;
    };
    for (const TestResult& result : report.results) {
      ordered_json one = {{"name", result.test->name}, {"passed", result.passed()}, {"cases", result.cases},
                          {"failures", result.failures}};
      tests.push_back(place(std::move(one), result.test->at));
    }
    for (const Uncovered& one : report.uncovered) {
      untested.push_back(place({{"id", one.id}, {"kind", one.what}}, one.at));
    }
    const ordered_json document = {{"document", "weir.policy.test"},
                                   {"version", 1},
                                   {"tests", std::move(tests)},
                                   {"failed", report.failed()},
                                   {"coverage",
                                    {{"rules", report.rules},
                                     {"exercised", report.rules - report.uncovered.size()},
                                     {"percent", report.percent()},
                                     {"untested", std::move(untested)}}},
                                   {"exit_status", status}};
    PrintJson(document.dump(-1, ' ', false, ordered_json::error_handler_t::replace), out);
  }

  Options options_;
  std::string target_, policies_;
  bool coverage_ = false;
  std::uint64_t fail_under_ = 0;
};

}  // namespace

std::unique_ptr<Command> AddPolicyTest(CLI::App& policy, GlobalOptions* global) {
  return std::make_unique<PolicyTest>(policy, global);
}

}  // namespace weir::gateway
