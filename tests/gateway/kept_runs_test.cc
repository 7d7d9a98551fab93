#include "gateway/kept_runs.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "audit/file.h"
#include "tests/audit/test_clock.h"
#include "tests/gateway/temporary_folder.h"

namespace weir::gateway {
namespace {

class KeptRuns : public ::testing::Test {
 protected:
  void SetUp() override {
    config_.state = folder_.path() + "/state";
    config_.keep_runs = std::chrono::hours(24);
    artifacts_.project.metadata.project_name = "shop";
    artifacts_.project.metadata.adapter_type = "duckdb";
  }

  // A run of `hour` hours after the clock's beginning.
  manifest::RunResults RunOf(const std::string& id, int hour, const std::string& which = "build",
                           const std::string& message = "Got 1 result: jane@example.com") {
    const std::string at = audit::FormatTime(begin_ + std::chrono::hours(hour));
    const std::string text =
        R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json", "generated_at": ")" + at +
        R"(", "invocation_id": ")" + id + R"("}, "args": {"which": ")" + which + R"(", "empty": true, "sample": {"start": "2026-01-01T00:00:00"}, "defer": null, "vars": {"a": "b"}}, "results": [
        {"unique_id": "test.shop.t", "status": "fail", "failures": 1, "compiled_code": "select 1", "message": ")" + message +
        R"(", "timing": [{"completed_at": ")" + at + R"("}]},
        {"unique_id": "model.shop.a", "status": "success", "relation_name": "\"d\".\"p\".\"a\"",
         "timing": [{"completed_at": ")" + at + R"("}]}, {"unique_id": "test.shop.s", "status": "pass", "message": "Statically checked"}]})";
    return manifest::ReadRunResultsFrom(manifest::ArtifactFile::FromText("target/run_results.json", text));
  }

  void Keep(const manifest::RunResults& run) { KeepRun(config_, artifacts_.project, run, clock_); }
  void Pass(int hours) { clock_.Advance(std::chrono::hours(hours)); }

  manifest::Artifacts Read() {
    manifest::Artifacts out;
    out.project.metadata = artifacts_.project.metadata;
    AddKeptRuns(config_, clock_.Now(), &out);
    return out;
  }
  // The invocations, oldest first.
  std::string Kept() {
    std::string ids;
    for (const manifest::RunResults& run : Read().earlier_runs) ids += (ids.empty() ? "" : " ") + run.invocation_id;
    return ids;
  }
  std::vector<std::string> Files() { return audit::RealFileSystem().List(KeptRunsFolder(config_)); }

  template <typename Action>
  std::string Error(const Action& action) {
    try {
      action();
    } catch (const manifest::ArtifactError& error) {
      std::string text = error.code() + ": " + error.what();
      const std::string folder = KeptRunsFolder(config_);
      for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder)) text.replace(at, folder.size(), "RUNS");
      return text;
    }
    return "no error";
  }

  TemporaryFolder folder_;
  Config config_;
  manifest::Artifacts artifacts_;
  audit::TestClock clock_;
  const audit::Time begin_ = clock_.Now();
};

TEST_F(KeptRuns, ComeBackAsTheyWereInAllThatDecides) {
  const manifest::RunResults run = RunOf("one", 0);
  Keep(run);
  const manifest::Artifacts artifacts = Read();
  ASSERT_EQ(artifacts.earlier_runs.size(), 1u);
  const manifest::RunResults& again = artifacts.earlier_runs.front();
  EXPECT_EQ(again.schema, run.schema);
  EXPECT_EQ(again.which, run.which);
  for (const std::string_view key : {"empty", "sample", "defer"}) {
    const manifest::Value* const kept = again.args.Find(key);
    ASSERT_NE(kept, nullptr) << key;
    EXPECT_EQ(kept->CanonicalJson(), run.args.Find(key)->CanonicalJson()) << key;
  }
  EXPECT_EQ(again.args.Find("vars"), nullptr) << "which may hold values";
  EXPECT_EQ(again.generated_at, run.generated_at);
  EXPECT_EQ(again.digest, run.digest) << "of the file that dbt wrote";
  ASSERT_EQ(again.results.size(), run.results.size());
  for (std::size_t i = 0; i < run.results.size(); ++i) {
    EXPECT_EQ(again.results[i].unique_id, run.results[i].unique_id);
    EXPECT_EQ(again.results[i].status, run.results[i].status);
    EXPECT_EQ(again.results[i].failures, run.results[i].failures);
    EXPECT_EQ(again.results[i].completed_at, run.results[i].completed_at);
    EXPECT_EQ(again.results[i].relation_name, run.results[i].relation_name);
    EXPECT_EQ(again.results[i].compiled_code, run.results[i].compiled_code);
  }
  EXPECT_EQ(again.Find("test.shop.s")->message, "Statically checked");
  EXPECT_EQ(again.Find("test.shop.t")->message, "") << "dbt's messages may hold values";
}

TEST_F(KeptRuns, AreTheOwnersAlone) {
  Keep(RunOf("one", 0));
  for (const std::string& name : Files()) {
    struct stat status {};
    ASSERT_EQ(::stat((KeptRunsFolder(config_) + "/" + name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0600u) << name;
  }
  EXPECT_EQ(std::filesystem::status(KeptRunsFolder(config_)).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(KeptRuns, CountOnce) {
  Keep(RunOf("one", 0));
  Keep(RunOf("one", 0));
  Keep(RunOf("docs", 0, "generate"));
  EXPECT_EQ(Kept(), "one");
  manifest::Artifacts artifacts = Read();
  artifacts.earlier_runs.clear();
  artifacts.run_results = RunOf("one", 0);
  AddKeptRuns(config_, clock_.Now(), &artifacts);
  EXPECT_TRUE(artifacts.earlier_runs.empty()) << "it is that of the target folder";
}

TEST_F(KeptRuns, AreLookedAtWithoutReadingThem) {
  EXPECT_EQ(LookAtKeptRuns(config_), "-");
  Keep(RunOf("one", 0));
  const std::string seen = LookAtKeptRuns(config_);
  EXPECT_NE(seen, "-");
  Keep(RunOf("one", 0));
  EXPECT_EQ(LookAtKeptRuns(config_), seen);
}

TEST_F(KeptRuns, AreNoneUnlessTheProjectSaysSo) {
  config_.keep_runs.reset();
  Keep(RunOf("one", 0));
  EXPECT_TRUE(Files().empty());
  config_.keep_runs = std::chrono::hours(1);
  EXPECT_EQ(Kept(), "");
}

TEST_F(KeptRuns, AreForgottenByAgeAndThenCountNoMore) {
  Keep(RunOf("one", 0));
  Pass(10);
  Keep(RunOf("two", 10));
  EXPECT_EQ(Kept(), "one two");
  Pass(15);
  EXPECT_EQ(Kept(), "two") << "also when nothing was kept since";
  EXPECT_EQ(Read().forgotten_until, audit::FormatTime(begin_));
  Keep(RunOf("three", 25));
  EXPECT_EQ(Kept(), "two three");
  EXPECT_EQ(Files().size(), 4u) << "two runs, the index, the lock";
  Pass(1000);
  EXPECT_EQ(Kept(), "three") << "the last stays: alone, it is as without `keep_runs`";
  EXPECT_EQ(Read().forgotten_until, audit::FormatTime(begin_ + std::chrono::hours(10)));
}

TEST_F(KeptRuns, AreNotMoreThanTheyMayBe) {
  config_.keep_runs = std::chrono::hours(24 * 365);
  for (int i = 0; i < static_cast<int>(kMostKeptRuns) + 3; ++i) {
    Keep(RunOf("run-" + std::to_string(i), i));
    Pass(1);
  }
  EXPECT_EQ(Read().earlier_runs.size(), kMostKeptRuns);
  EXPECT_EQ(Read().earlier_runs.front().invocation_id, "run-3");
  EXPECT_EQ(Read().forgotten_until, audit::FormatTime(begin_ + std::chrono::hours(2)));
  EXPECT_EQ(Files().size(), kMostKeptRuns + 2);
}

TEST_F(KeptRuns, ThatCannotBeUsedAreRefused) {
  EXPECT_EQ(Error([&] { Keep(RunOf("later", 1)); }),
            "W-ART-007: target/run_results.json: was written at " + audit::FormatTime(begin_ + std::chrono::hours(1)) +
                ", which is yet to come; set the clocks of this machine and of dbt's");
  Keep(RunOf("one", 0));
  EXPECT_EQ(Error([&] { Keep(RunOf("one", 0, "build", "other")); }),
            "W-ART-007: target/run_results.json: has the invocation_id of another run that was kept, and other contents; run "
            "`dbt build`");
  artifacts_.project.metadata.adapter_type = "postgres";
  const std::string other =
      "W-ART-008: RUNS/index.json: holds runs of project `shop` on duckdb, not of `shop` on postgres; run `dbt build`, and "
      "remove the folder of this file";
  EXPECT_EQ(Error([&] { Read(); }), other);
  EXPECT_EQ(Error([&] { Keep(RunOf("two", 0)); }), other);
}

TEST_F(KeptRuns, ThatWereTamperedWithProveNothing) {
  Keep(RunOf("one", 0));
  Keep(RunOf("two", 0));
  audit::FileSystem& disk = audit::RealFileSystem();
  const std::string folder = KeptRunsFolder(config_) + "/";
  std::string one;
  for (const std::string& name : Files()) {
    if (name.size() == 69) one = name;
  }
  const std::string whole = *disk.ReadAll(folder + one, 1 << 20);
  const std::string expected = "W-ART-008: RUNS/" + one + ": a kept run of dbt is gone or changed; run `dbt build`, and remove the "
                                                         "folder of this file";
  disk.Remove(folder + one);
  EXPECT_EQ(Error([&] { Read(); }), expected);
  disk.WriteAtomically(folder + one, whole + " ");
  EXPECT_EQ(Error([&] { Read(); }), expected);
  disk.WriteAtomically(folder + one, whole);
  EXPECT_EQ(Error([&] { Read(); }), "no error");

  const std::string index = *disk.ReadAll(folder + "index.json", 1 << 20);
  for (std::size_t size = 0; size < index.size(); ++size) {
    disk.Write(folder + "index.json", index.substr(0, size));
    EXPECT_EQ(Error([&] { Read(); }),
              "W-ART-008: RUNS/index.json: is no list of kept runs; run `dbt build`, and remove the folder of this file")
        << size << " bytes";
  }
}

}  // namespace
}  // namespace weir::gateway
