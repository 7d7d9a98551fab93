#include "audit/entry.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "audit/digest.h"

namespace weir::audit {
namespace {

const Time kTime{std::chrono::microseconds(1'795'381'200'123'456)};

Tag TagOf(std::uint8_t value) {
  Tag tag;
  tag.fill(static_cast<std::byte>(value));
  return tag;
}

TEST(Entry, CanonicalBytesOfEachKind) {
  const std::vector<Tag> tags = {TagOf(0), TagOf(255)};
  const std::vector<Commitment> commits = {Commitment{}, Commitment{}};
  Outcome outcome;
  outcome.run = 1;
  outcome.plan = 2;
  outcome.intent = 3;
  outcome.pos = 4;
  outcome.subjects = tags;
  outcome.op = Op::kDelete;
  outcome.result = OutcomeResult::kAlreadySo;
  outcome.code = "http_404";
  outcome.status = 404;
  outcome.id_commit = TagOf(1);
  outcome.time = kTime;
  const std::string time = R"("time":"2026-11-22T21:00:00.123456Z")";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {ToJson(RunStart{"r-1", "crm", "ci", "0.1.0", "sync", std::nullopt, kTime}),
       R"({"actor":"ci","kind":"run_start","mode":"sync","run":"r-1","sync":"crm",)" + time + R"(,"version":"0.1.0"})"},
      {ToJson(Plan{1, "crm", "dim", "hub", "contacts", "campaign", "upsert", "p", "e", "y", "m",
                   {{"email", "mail", "hash", {"r1", "r2"}, {"pii.email"}}}, kTime}),
       R"({"columns":[{"classes":["pii.email"],"column":"email","field":"mail","rules":["r1","r2"],"transform":"hash"}],)"
       R"("destination":"hub","effect_digest":"e","kind":"plan","manifest_digest":"m","mode":"upsert","model":"dim",)"
       R"("object":"contacts","plan_digest":"p","policy_digest":"y","purpose":"campaign","run":1,"sync":"crm",)" + time + "}"},
      {ToJson(Gate{1, false, {{"W-GATE-003", "test `x` failed"}}, kTime}),
       R"({"kind":"gate","reasons":[{"code":"W-GATE-003","text":"test `x` failed"}],"run":1,)" + time + R"(,"verdict":"held"})"},
      {ToJson(Evidence{1, "inv", "build", "d", {{"passed", 3}, {"failed", 0}}, kTime}),
       R"({"digest":"d","invocation_id":"inv","kind":"evidence","run":1,"tests":{"failed":0,"passed":3},)" + time + R"(,"which":"build"})"},
      {ToJson(Intent{1, 2, "q", 0, 1, Op::kUpsert, 1, 9, tags, commits, kTime}),
       R"({"attempt":1,"commits":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],"kind":"intent",)"
       R"("op":"upsert","part":0,"parts":1,"plan":2,"records":["AAAAAAAAAAAAAAAAAAAAAA","_____________________w"],)"
       R"("request":"q","retry_of":9,"run":1,)" + time + "}"},
      {ToJson(outcome),
       R"({"attempt":1,"code":"http_404","commit":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","id_commit":"AQEBAQEBAQEBAQEBAQEBAQ",)"
       R"("intent":3,"kind":"outcome","op":"delete","plan":2,"pos":4,"record":"AAAAAAAAAAAAAAAAAAAAAA",)"
       R"("result":"already_so","run":1,"status":404,"subjects":["AAAAAAAAAAAAAAAAAAAAAA","_____________________w"],)" + time + "}"},
      {ToJson(Baseline{1, 2, 3, kTime}), R"({"kind":"baseline","plan":2,"records":3,"run":1,)" + time + "}"},
      {ToJson(RunEnd{1, {{"read", 5}}, "good", kTime}),
       R"({"counts":{"read":5},"kind":"run_end","result":"good","run":1,)" + time + "}"},
      {ToJson(Approval{false, 1, "p", 12, std::nullopt, 3, "", {}, "", "", kTime}),
       R"({"action":"waiting","deletes":12,"kind":"approval","plan_digest":"p","rows":3,"run":1,)" + time + "}"},
      {ToJson(Approval{true, 1, "p", 12, 13, std::nullopt, "d", {"ann", "bob"}, "cyd", "why \"x\"", kTime}),
       R"({"action":"used","changes":13,"deletes":12,"document":"d","kind":"approval","plan_digest":"p",)"
       R"("principals":["ann","bob"],"reason":"why \"x\"","requested_by":"cyd","run":1,)" + time + "}"},
      {ToJson(Override{1, "p", {"W-GATE-002"}, "d", {"ann"}, "cyd", "why", kTime}),
       R"({"document":"d","kind":"override","lifted":["W-GATE-002"],"plan_digest":"p","principals":["ann"],)"
       R"("reason":"why","requested_by":"cyd","run":1,)" + time + "}"},
      {ToJson(Recovery{5, 6, 7, kTime}), R"({"cut_bytes":5,"frame":7,"kind":"recovery","segment":6,)" + time + "}"},
      {ToJson(Key{"created", "k1", "tokens", kTime}),
       R"({"action":"created","key_id":"k1","kind":"key","purpose":"tokens",)" + time + "}"},
  };
  for (const auto& [written, expected] : cases) {
    EXPECT_EQ(written, expected);
    EXPECT_TRUE(ParseEntry(written)) << written;
    // nlohmann's objects are sorted: the same bytes come back from an independent reader and writer.
    EXPECT_EQ(nlohmann::json::parse(written).dump(), written);
  }
}

TEST(Entry, LongestOutcomeHas400Bytes) {
  const std::vector<Tag> tags(5, TagOf(255));
  Outcome outcome;
  outcome.run = outcome.plan = outcome.intent = 999'999'999'999;
  outcome.op = Op::kSuppress;
  outcome.pos = kMaxIntentRecords - 1;
  outcome.subjects = tags;
  outcome.result = OutcomeResult::kAlreadySo;
  outcome.code = "a_code_that_is_much_longer_than_twenty";
  outcome.status = UINT32_MAX;
  outcome.attempt = UINT32_MAX;
  outcome.id_commit = TagOf(255);
  outcome.time = kTime;
  EXPECT_LE(ToJson(outcome).size(), kMaxOutcomeBytes) << ToJson(outcome);
  const auto entry = ParseEntry(ToJson(outcome));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->value.TextOr("code", ""), "a_code_that_is_much_");
  EXPECT_EQ(entry->value.Find("subjects")->items.size(), kMaxOutcomeSubjects);
  outcome.run = outcome.plan = outcome.intent = UINT64_MAX;
  EXPECT_TRUE(ParseEntry(ToJson(outcome)));
  outcome.code = "a\"b\n\xff";
  EXPECT_EQ(ParseEntry(ToJson(outcome))->value.TextOr("code", ""), "a_b__");
}

TEST(Json, AnyBytesBecomeOneLineOfUtf8) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"plain", "plain"},
      {"\"\\", R"(\"\\)"},
      {std::string("\0\n\x1f\x7f", 4), "\\u0000\\u000a\\u001f\x7f"},
      {"z\xc3\xbcrich \xf0\x9f\x98\x80", "z\xc3\xbcrich \xf0\x9f\x98\x80"},
      {"\xff", "\xef\xbf\xbd"},
      {"\xc3", "\xef\xbf\xbd"},
      {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"a\xe2\x82" "b", "a\xef\xbf\xbd\xef\xbf\xbd" "b"},
  };
  for (const auto& [text, expected] : cases) {
    std::string out;
    AppendJsonString(text, &out);
    EXPECT_EQ(out, "\"" + expected + "\"");
    EXPECT_TRUE(ParseCanonicalJson(out));
  }
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      std::string out;
      AppendJsonString(std::string{static_cast<char>(first), static_cast<char>(second), '\xa0', '\x80'}, &out);
      EXPECT_TRUE(ParseCanonicalJson(out)) << first << " " << second;
      EXPECT_TRUE(nlohmann::json::accept(out)) << first << " " << second;
    }
  }
}

TEST(Json, OnlyTheCanonicalFormParses) {
  for (const std::string good : {"{}", "[]", "null", "true", "18446744073709551615", R"({"a":[1,{"b":""}],"c":false})"}) {
    EXPECT_TRUE(ParseCanonicalJson(good)) << good;
  }
  for (const std::string& bad : std::vector<std::string>{
           "", " {}", "{} ", R"({"b":1,"a":2})", R"({"a":1,"a":2})", "01", "-1", "1.5", "1e3", "18446744073709551616",
           R"("\n")", R"("\u0041")", "\"\n\"", "\"\xff\"", "[1,]", "[1", R"({"a"})", R"({"a":})", "tru", "\"a",
           std::string(17, '[') + std::string(17, ']'), std::string(100'000, '[')}) {
    EXPECT_FALSE(ParseCanonicalJson(bad)) << bad.substr(0, 40);
  }
  EXPECT_FALSE(ParseEntry("[]"));
  EXPECT_FALSE(ParseEntry("{}"));
  EXPECT_FALSE(ParseEntry(R"({"kind":1})"));
}

TEST(Entry, TagsDecode) {
  Tag tag;
  EXPECT_TRUE(DecodeTag("_____________________w", &tag));
  EXPECT_EQ(tag, TagOf(255));
  for (const std::string bad : {"", "_____________________x", "/////////////////////w", "_____________________w=="}) {
    EXPECT_FALSE(DecodeTag(bad, &tag)) << bad;
  }
}

}  // namespace
}  // namespace weir::audit
