#include "audit/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/entry.h"
#include "audit/log.h"
#include "audit/log_reader.h"
#include "audit/proof.h"
#include "audit/tile.h"
#include "tests/audit/fault_file_system.h"
#include "tests/audit/temporary_folder.h"
#include "tests/audit/test_clock.h"
#include "tests/audit/vectors.h"

namespace weir::audit {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

const LogIds kIds{"acme", "prod", "crm"};

SecretKey Seed() { return SecretKey(Sha256(std::string_view("seed"))); }
NoteKey LogKey() { return NoteKeyOf(kIds.origin(), Seed()); }

Tag TagOf(std::size_t value) {
  Tag tag{};
  tag[0] = static_cast<std::byte>(value);
  return tag;
}

// Entries of one run: `deliveries` intents of one record each with their outcomes.
std::vector<std::string> RunEntries(std::size_t deliveries) {
  std::vector<std::string> entries = {ToJson(RunStart{"r", "crm", "test", "0", "sync", std::nullopt, Time()}),
                                      ToJson(Plan{})};
  for (std::size_t i = 0; i < deliveries; ++i) {
    const std::vector<Tag> records = {TagOf(i)};
    Intent intent;
    intent.plan = 1;
    intent.records = records;
    entries.push_back(ToJson(intent));
    Outcome outcome;
    outcome.plan = 1;
    outcome.intent = entries.size() - 1;
    outcome.record = records[0];
    outcome.result = OutcomeResult::kDelivered;
    entries.push_back(ToJson(outcome));
  }
  return entries;
}

class VerifyTest : public ::testing::Test {
 protected:
  void Make(const std::vector<std::string>& entries) {
    auto log = Log::Open(RealFileSystem(), clock_, folder_.path(), kIds, Seed());
    for (const std::string& entry : entries) log->Append(entry);
    log->AppendPrivate("state");
    log->Publish();
  }
  VerifyReport Check(const VerifyOptions& options = {}) {
    return Verify(RealFileSystem(), folder_.path(), LogKey(), options);
  }
  static std::vector<std::string> Texts(const VerifyReport& report) {
    std::vector<std::string> texts;
    for (const Problem& problem : report.problems) texts.push_back(problem.where + ": " + problem.what);
    return texts;
  }
  TemporaryFolder folder_;
  TestClock clock_;
};

TEST_F(VerifyTest, SoundLogIsSound) {
  Make(RunEntries(300));
  const VerifyReport report = Check();
  EXPECT_TRUE(report.good()) << Texts(report)[0];
  EXPECT_EQ(report.size, 602u);
  EXPECT_EQ(report.intents, 300u);
  EXPECT_EQ(report.outcomes, 300u);
  EXPECT_EQ(report.origin, "acme.prod/crm");
  EXPECT_EQ(report.trust, "self-signed");
  EXPECT_TRUE(report.delivery_unknown.empty());
}

void CollectFiles(FileSystem& files, const std::string& folder, std::vector<std::string>* found) {
  for (const std::string& name : files.List(folder)) {
    const std::string path = folder + "/" + name;
    if (files.ReadAll(path, UINT64_MAX)) {
      found->push_back(path);
    } else {
      CollectFiles(files, path, found);
    }
  }
}

// Without exception: no byte of the directory is without meaning to somebody.
TEST(Verify, EveryFlippedByteIsFound) {
  FaultFileSystem files(1);  // in memory, without faults
  TestClock clock;
  const NoteKey key = LogKey();
  std::vector<std::string> entries = RunEntries(2);
  entries.push_back(R"({"kind":"note"})");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto log = Log::Open(files, clock, "/log", kIds, Seed(), std::uint64_t{64} << 20, TreeMode::kInline);
    log->Append(entries[i]);
    if (i % 3 == 0) log->AppendPrivate("state");
    if (i % 2 == 0) log->Publish();
    log->Commit();
  }
  ASSERT_TRUE(Verify(files, "/log", key).good());
  std::vector<std::string> paths;
  CollectFiles(files, "/log", &paths);
  std::size_t flips = 0;
  for (const std::string& path : paths) {
    const std::string bytes = *files.ReadAll(path, UINT64_MAX);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
      files.Write(path, changed);
      EXPECT_FALSE(Verify(files, "/log", key).good()) << path << " byte " << at;
      ++flips;
    }
    files.Write(path, bytes);
  }
  EXPECT_GT(flips, 3000u);
  EXPECT_TRUE(Verify(files, "/log", key).good());
}

TEST_F(VerifyTest, DamageIsLocated) {
  struct Case {
    std::string name;
    std::function<void(const std::string& folder)> damage;
    std::string expected;
  };
  const auto rewrite = [](const std::string& path, const std::function<void(std::string*)>& change) {
    std::string bytes = ReadFile(path);
    change(&bytes);
    RealFileSystem().Write(path, bytes);
  };
  const std::string segment = "/segments/0000000000000000.seg";
  const std::vector<Case> cases = {
      {"byte of an entry",
       [&](const std::string& folder) { rewrite(folder + "/tile/entries/001", [](auto* bytes) { (*bytes)[20] ^= 1; }); },
       "tile/0/001: hash 0 is not that of entry 256: one of them was changed"},
      {"two entries swapped",
       [&](const std::string& folder) {
         rewrite(folder + "/tile/entries/000", [](auto* bytes) {
           const auto entries = ParseBundle(*bytes);
           std::string swapped;
           for (std::size_t i = 0; i < entries->size(); ++i) {
             AppendBundleEntry((*entries)[i == 2 ? 4 : i == 4 ? 2 : i], &swapped);
           }
           *bytes = swapped;
         });
       },
       "checkpoint: its root is not that of the entries: entries were changed, swapped, removed or inserted"},
      {"tile missing", [](const std::string& folder) { std::filesystem::remove(folder + "/tile/0/001"); },
       "tile/0/001: is missing or malformed"},
      {"upper tile changed",
       [&](const std::string& folder) { rewrite(folder + "/tile/1/000.p/2", [](auto* bytes) { (*bytes)[33] ^= 1; }); },
       "tile/1/000.p/2: hash 1 is not that of the tile below it, tile/0/001"},
      {"bundle missing", [](const std::string& folder) { std::filesystem::remove(folder + "/tile/entries/001"); },
       "tile/entries/001: is missing, cut or malformed: entries 256 to 511 cannot be read"},
      {"bundle cut",
       [](const std::string& folder) { std::filesystem::resize_file(folder + "/tile/entries/002.p/90", 3000); },
       "tile/entries/002.p/90: is missing, cut or malformed: entries 512 to 601 cannot be read"},
      {"segment cut", [&](const std::string& folder) { std::filesystem::resize_file(folder + segment, 5000); },
       "but the checkpoint says 602: their end was cut off"},
      {"segment changed",
       [&](const std::string& folder) { rewrite(folder + segment, [](auto* bytes) { (*bytes)[5000] ^= 1; }); },
       "ends in "},
      {"segments of another log with the same frames",
       [&](const std::string& folder) {
         TemporaryFolder other;
         TestClock clock;
         auto log = Log::Open(RealFileSystem(), clock, other.path(), kIds, Seed());
         for (int i = 0; i < 602; ++i) log->Append(R"({"kind":"other"})");
         log->Commit();
         std::filesystem::copy_file(other.path() + segment, folder + segment,
                                    std::filesystem::copy_options::overwrite_existing);
       },
       "entry 0: is another one in segments/0000000000000000.seg than in tile/entries/000"},
      {"checkpoint missing", [](const std::string& folder) { std::filesystem::remove(folder + "/checkpoint"); },
       "checkpoint: is missing: nothing vouches for the entries"},
      {"checkpoint of another key",
       [](const std::string& folder) {
         RealFileSystem().Write(folder + "/checkpoint", SignCheckpoint({"acme.prod/crm", 602, {}}, SecretKey(Digest{std::byte{1}})));
       },
       "checkpoint: is not to be trusted: no known key signed it"},
      {"segment frames missing",
       [&](const std::string& folder) {
         std::filesystem::rename(folder + segment, folder + "/segments/0000000000000005.seg");
       },
       "segments/0000000000000005.seg: does not begin with the header of this segment"},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    std::filesystem::remove_all(folder_.path());
    Make(RunEntries(300));
    test.damage(folder_.path());
    EXPECT_THAT(Texts(Check()), Contains(HasSubstr(test.expected)));
  }
}

TEST_F(VerifyTest, RollbackAndForkAreFoundWithAKeptCheckpoint) {
  Make(RunEntries(10));
  VerifyOptions options;
  options.earlier_checkpoint = ReadFile(folder_.path() + "/checkpoint");
  Make({R"({"kind":"note"})"});
  EXPECT_TRUE(Check(options).good());
  std::filesystem::remove_all(folder_.path());
  Make(RunEntries(5));
  EXPECT_THAT(Texts(Check(options)), Contains(HasSubstr("says 12 entries, but an earlier one said 22: the log was rolled back")));
  std::filesystem::remove_all(folder_.path());
  Make(std::vector<std::string>(40, R"({"kind":"other"})"));
  EXPECT_THAT(Texts(Check(options)), Contains(HasSubstr("does not extend the earlier one of 22 entries: the log was rewritten or forked")));
}

TEST_F(VerifyTest, EntriesKeepWhatTheyOweOneAnother) {
  const std::vector<std::string> sound = RunEntries(2);  // run 0, plan 1, intent 2, outcome 3, intent 4, outcome 5
  const auto with = [&](const std::string& text, const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return changed;
  };
  struct Case {
    std::string extra;
    std::string expected;  // empty: sound
  };
  const std::vector<Case> cases = {
      {sound[3], "entry 6: is a second outcome: every record of intent 2 has one already"},
      {with(sound[3], R"("intent":2)", R"("intent":3)"), "entry 6: is an outcome of entry 3, which is no earlier intent"},
      {with(sound[3], R"("intent":2)", R"("intent":9)"), "entry 6: is an outcome of entry 9, which is no earlier intent"},
      {with(sound[3], R"("run":0)", R"("run":1)"), "entry 6: names entry 1 as its run, which is no earlier run_start"},
      {with(sound[2], R"("plan":1)", R"("plan":0)"), "entry 6: names entry 0 as its plan, which is no earlier plan"},
      {with(sound[2], R"("part":0)", R"("part":1)"), "entry 6: is an intent whose part is not below its parts"},
      {R"({"b":1,"a":2})", "entry 6: is not a line of JSON with sorted keys and a kind"},
      {sound[2], ""},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.extra);
    std::filesystem::remove_all(folder_.path());
    std::vector<std::string> entries = sound;
    entries.push_back(test.extra);
    Make(entries);
    const VerifyReport report = Check();
    if (test.expected.empty()) {
      EXPECT_TRUE(report.good());
      EXPECT_EQ(report.delivery_unknown, (std::map<std::uint64_t, std::uint64_t>{{0, 1}}));
    } else {
      EXPECT_THAT(Texts(report), Contains(test.expected));
    }
  }
}

TEST_F(VerifyTest, ApprovalsSayWhoAndAreUsedOnce) {
  const std::string plan(64, 'a'), document(64, 'd');
  const Approval used{true, 0, plan, 12, std::nullopt, std::nullopt, document, {"ann", "bob"}, "cyd", "why", Time{}};
  const Override lifted{0, plan, {"W-GATE-002"}, document, {"ann"}, "cyd", "why", Time{}};
  const auto with = [](auto entry, auto change) {
    change(entry);
    return ToJson(entry);
  };
  struct Case {
    std::vector<std::string> extra;
    std::string expected;  // empty: sound
  };
  const std::vector<Case> cases = {
      {{ToJson(used)}, ""},
      {{ToJson(lifted)}, ""},
      {{with(used, [](Approval& one) { one.used = false; }), ToJson(used)}, ""},
      {{ToJson(used), ToJson(used)}, "entry 7: uses an approval that entry 6 used already"},
      {{ToJson(used), ToJson(lifted)}, "entry 7: uses an approval that entry 6 used already"},
      {{with(used, [](Approval& one) { one.principals.clear(); })}, "entry 6: uses an approval without saying which, or who signed it"},
      {{with(used, [](Approval& one) { one.principals = {""}; })}, "entry 6: uses an approval without saying which, or who signed it"},
      {{with(used, [](Approval& one) { one.document = "D"; })}, "entry 6: uses an approval without saying which, or who signed it"},
      {{with(used, [](Approval& one) { one.deletes.reset(); })}, "entry 6: is an approval of no guard"},
      {{with(used, [](Approval& one) { one.plan_digest.clear(); })}, "entry 6: is an approval without the digest of a plan"},
      {{with(used, [](Approval& one) { one.run = 1; })}, "entry 6: names entry 1 as its run, which is no earlier run_start"},
      {{with(lifted, [](Override& one) { one.lifted.clear(); })}, "entry 6: is an override that lifts nothing"},
      {{R"({"action":"granted","deletes":1,"kind":"approval","plan_digest":")" + plan + R"(","run":0})"},
       "entry 6: is an approval with an unknown action"},
      {{R"({"action":"waiting","deletes":1,"kind":"approval","plan_digest":")" + plan + R"("})"}, "entry 6: is an approval without a run"},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.extra.back());
    std::filesystem::remove_all(folder_.path());
    std::vector<std::string> entries = RunEntries(2);
    entries.insert(entries.end(), test.extra.begin(), test.extra.end());
    Make(entries);
    const VerifyReport report = Check();
    if (test.expected.empty()) {
      EXPECT_TRUE(report.good());
    } else {
      EXPECT_THAT(Texts(report), Contains(test.expected));
    }
  }
}

TEST_F(VerifyTest, AcceptedIsResolvedOnce) {
  std::vector<std::string> entries = RunEntries(0);
  const std::vector<Tag> records = {TagOf(0), TagOf(1)};
  Intent intent;
  intent.plan = 1;
  intent.records = records;
  entries.push_back(ToJson(intent));
  Outcome outcome;
  outcome.plan = 1;
  outcome.intent = 2;
  const auto add = [&](std::uint32_t pos, OutcomeResult result) {
    outcome.pos = pos;
    outcome.record = TagOf(pos);
    outcome.result = result;
    entries.push_back(ToJson(outcome));
  };
  add(0, OutcomeResult::kAccepted);
  add(0, OutcomeResult::kDelivered);
  add(0, OutcomeResult::kRejected);
  add(0, OutcomeResult::kAccepted);
  outcome.record = TagOf(9);
  outcome.pos = 1;
  entries.push_back(ToJson(outcome));
  add(2, OutcomeResult::kUnknown);
  Make(entries);
  EXPECT_THAT(Texts(Check()),
              ::testing::ElementsAre("entry 5: is a second terminal outcome of record 0 of intent 2",
                                     "entry 6: accepts record 0 of intent 2, which has an outcome already",
                                     "entry 7: is an outcome of record 1 of intent 2 but names another record",
                                     "entry 8: is an outcome of record 2 of intent 2, which has only 2"));
}

TEST_F(VerifyTest, WorksBesideAWriterAndOnThePublicPart) {
  Make(RunEntries(10));
  auto log = Log::Open(RealFileSystem(), clock_, folder_.path(), kIds, Seed());
  log->Append(R"({"kind":"note"})");
  log->Commit();
  const VerifyReport beside = Check();
  EXPECT_TRUE(beside.good());
  EXPECT_EQ(beside.unpublished, 1u);
  log.reset();
  std::filesystem::remove_all(folder_.path() + "/segments");
  const VerifyReport alone = Check();
  EXPECT_TRUE(alone.good());
  EXPECT_EQ(alone.remarks, std::vector<std::string>{"there are no segments: only the public part was checked"});
  std::filesystem::remove_all(folder_.path());
  EXPECT_THROW(Check(), LogError);
}

TEST_F(VerifyTest, ProofsHoldAloneAndNoOtherEntryPasses) {
  const std::vector<std::string> entries = RunEntries(300);
  Make(entries);
  std::string error;
  for (const std::size_t index : {0u, 1u, 255u, 256u, 511u, 512u, 601u}) {
    const std::string proof = Prove(RealFileSystem(), folder_.path(), index);
    EXPECT_TRUE(VerifyProof(proof, entries[index], LogKey(), &error)) << error;
    EXPECT_FALSE(VerifyProof(proof, entries[index] + " ", LogKey(), &error));
    EXPECT_EQ(error, "the entry is not at index " + std::to_string(index) + " of the log that the checkpoint covers");
    EXPECT_EQ(TlogProof::Parse(proof)->ToText(), proof);
  }
  const std::string proof = Prove(RealFileSystem(), folder_.path(), 7);
  for (std::size_t at = 0; at < proof.size(); ++at) {
    std::string changed = proof;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(VerifyProof(changed, entries[7], LogKey(), &error)) << at;
  }
  EXPECT_THROW(Prove(RealFileSystem(), folder_.path(), 602), LogError);
}

// Runs a foreign verifier; its exit status, and what it printed.
std::pair<int, std::string> Shell(const std::string& command) {
  std::string output;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {-1, ""};
  std::array<char, 4096> buffer;
  for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) output.append(buffer.data(), got);
  const int status = ::pclose(pipe);
  return {status, output};
}

TEST_F(VerifyTest, OpensslVerifiesTheCheckpoint) {
  if (Shell("openssl version").first != 0) GTEST_SKIP() << "no openssl program";
  Make(RunEntries(3));
  const std::string note = ReadFile(folder_.path() + "/checkpoint");
  const std::size_t blank = note.find("\n\n");
  std::string signature;
  const std::string line = note.substr(blank + 2, note.size() - blank - 3);
  ASSERT_TRUE(DecodeBase64(line.substr(line.rfind(' ') + 1), &signature));
  // SubjectPublicKeyInfo of an Ed25519 key, RFC 8410.
  const std::string der = FromHex("302a300506032b6570032100") + std::string(Text(LogKey().public_key));
  const std::string root = folder_.root();
  RealFileSystem().Write(root + "/key.der", der);
  RealFileSystem().Write(root + "/signature", signature.substr(4));
  const std::string command = "openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey " + root + "/key.der -sigfile " +
                              root + "/signature -in " + root + "/text";
  RealFileSystem().Write(root + "/text", note.substr(0, blank + 1));
  EXPECT_EQ(Shell(command).first, 0) << Shell(command).second;
  RealFileSystem().Write(root + "/text", note.substr(0, blank));
  EXPECT_NE(Shell(command).first, 0);
}

// golang.org/x/mod (sumdb/note, sumdb/tlog) as Debian packages it, in tests/audit/foreign.
TEST_F(VerifyTest, GoSumdbVerifiesTheLog) {
  const std::string packages = "/usr/share/gocode";
  if (Shell("go version").first != 0 || !std::filesystem::exists(packages + "/src/golang.org/x/mod/sumdb/tlog")) {
    GTEST_SKIP() << "no go, or no golang-golang-x-mod-dev";
  }
  Make(RunEntries(300));
  const std::string program = folder_.root() + "/verify_log";
  const auto built = Shell("GO111MODULE=off GOPATH=" + packages + " GOFLAGS= go build -o " + program + " " WEIR_SOURCE_DIR
                         "/tests/audit/foreign/verify_log.go");
  ASSERT_EQ(built.first, 0) << built.second;
  const std::string command = program + " " + folder_.path() + " '" + LogKey().ToText() + "'";
  const auto sound = Shell(command);
  EXPECT_EQ(sound.first, 0) << sound.second;
  EXPECT_THAT(sound.second, HasSubstr("verified 602 entries"));
  for (const std::string file : {"/tile/entries/000", "/tile/0/001", "/checkpoint"}) {
    SCOPED_TRACE(file);
    std::string bytes = ReadFile(folder_.path() + file);
    bytes[15] ^= 1;
    RealFileSystem().Write(folder_.path() + file, bytes);
    EXPECT_NE(Shell(command).first, 0);
    bytes[15] ^= 1;
    RealFileSystem().Write(folder_.path() + file, bytes);
  }
}

}  // namespace
}  // namespace weir::audit
