#include "policies/approval.h"

#include <gtest/gtest.h>

#include <random>

namespace weir::policies {
namespace {

using std::chrono::hours;

const audit::Time kNow{std::chrono::microseconds(1'795'381'200'123'456)};  // 2026-11-22T21:00:00.123456Z

Approval Good() {
  Approval out;
  out.tenant = "acme";
  out.environment = "prod";
  out.sync = "exposure.shop.crm";
  out.plan_digest = std::string(64, 'a');
  out.max_deletes = 120;
  out.min_rows = 10;
  out.run = 17;
  out.requested_by = "bob@acme.example";
  out.reason = "Größe: old segment closed";
  out.created = kNow - hours(1);
  out.expires = kNow + hours(24);
  out.nonce = std::string(32, '0');
  return out;
}

Approval Override() {
  Approval out = Good();
  out.kind = Approval::Kind::kOverride;
  out.max_deletes = out.min_rows = std::nullopt;
  out.lifts = {"W-GATE-002", "W-GATE-008"};
  out.run = std::nullopt;
  return out;
}

ApprovalNeed Need(const Approval& approval) {
  return {approval.kind, approval.tenant, approval.environment, approval.sync, approval.plan_digest,
          approval.max_deletes, approval.max_changes, approval.min_rows, approval.lifts, ""};
}

TEST(Approval, HasOneText) {
  EXPECT_EQ(Good().ToText(),
            "weir approval v1\nkind: guards\ntenant: acme\nenvironment: prod\nsync: exposure.shop.crm\nplan: " +
                std::string(64, 'a') +
                "\nmax_deletes: 120\nmin_rows: 10\nrun: 17\nrequested_by: bob@acme.example\n"
                "reason: Größe: old segment closed\ncreated: 2026-11-22T20:00:00.123456Z\n"
                "expires: 2026-11-23T21:00:00.123456Z\nnonce: 00000000000000000000000000000000\n");
  for (const Approval& approval : {Good(), Override()}) {
    std::string problem;
    const auto read = Approval::Parse(approval.ToText(), &problem);
    ASSERT_TRUE(read) << problem;
    EXPECT_EQ(read->ToText(), approval.ToText());
    EXPECT_EQ(read->kind, approval.kind);
    EXPECT_EQ(read->lifts, approval.lifts);
    EXPECT_EQ(read->max_deletes, approval.max_deletes);
    EXPECT_EQ(read->run, approval.run);
    EXPECT_EQ(read->expires, approval.expires);
  }
}

TEST(Approval, IsReadStrictly) {
  const std::string good = Good().ToText(), override_text = Override().ToText();
  const auto with = [](std::string text, const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  const struct {
    const char* name;
    std::string text, expected;
  } kCases[] = {
      {"empty", "", "does not begin with `weir approval v1`"},
      {"version", with(good, "v1", "v2"), "does not begin with `weir approval v1`"},
      {"carriage returns", with(good, "v1\n", "v1\r\n"), "does not begin with `weir approval v1`"},
      {"kind", with(good, "guards", "gate"), "has no good `kind`"},
      {"order", with(with(good, "tenant: acme\n", ""), "sync:", "tenant: acme\nsync:"), "has no good `tenant`"},
      {"plan", with(good, "plan: aa", "plan: A"), "has no good `plan`"},
      {"negative", with(good, "120", "-120"), "has no good `max_deletes`"},
      {"too large", with(good, "120", "99999999999999999999"), "has no good `max_deletes`"},
      {"plus", with(good, "120", "+120"), "has no good `max_deletes`"},
      {"leading zero", with(good, "120", "0120"), "is not written as `weir approve` writes it"},
      {"nothing", with(with(good, "max_deletes: 120\n", ""), "min_rows: 10\n", ""), "approves nothing"},
      {"run", with(good, "run: 17", "run: last"), "has no good `run`"},
      {"no reason", with(good, "reason: Größe: old segment closed\n", ""), "has no good `reason`"},
      {"reason with a control", with(good, "old", "\x1b[1m"), "has no good `reason`"},
      {"time", with(good, "21:00:00.123456Z", "21:00:00.123456+01:00"), "is not written as `weir approve` writes it"},
      {"time written otherwise", with(good, "21:00:00.123456Z", "21:00:00.1234560Z"), "is not written as `weir approve` writes it"},
      {"backwards", with(good, "expires: 2026", "expires: 2025"), "ends before it begins"},
      {"nonce", with(good, "nonce: 0", "nonce: x"), "has no good `nonce`"},
      {"more", good + "x\n", "is not written as `weir approve` writes it"},
      {"no end", good.substr(0, good.size() - 1), "has no good `nonce`"},
      {"lifts no code", with(override_text, "W-GATE-002", "all"), "has no good `lifts`"},
      {"lifts twice", with(override_text, "W-GATE-002", "W-GATE-008"), "has no good `lifts`"},
      {"lifts unsorted", with(override_text, "W-GATE-002", "W-GATE-009"), "has no good `lifts`"},
      {"override of guards", with(override_text, "run:", "max_deletes: 5\nrun:"), "has no good `run`"},
  };
  for (const auto& one : kCases) {
    std::string problem;
    EXPECT_FALSE(Approval::Parse(one.text, &problem)) << one.name;
    EXPECT_EQ(problem, one.expected) << one.name;
  }
}

// Whatever is read is exactly what was signed: no two texts mean one approval.
TEST(Approval, AnyBytesAreRefusedOrTheirOwnText) {
  std::mt19937_64 random(20261128);
  for (int round = 0; round < 20'000; ++round) {
    std::string text = (round % 2 == 0 ? Good() : Override()).ToText();
    for (std::uint64_t edits = 1 + random() % 3; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0: text[at] = static_cast<char>(random()); break;
        case 1: text.erase(at, 1 + random() % 4); break;
        case 2: text.insert(at, 1, "0: \n,-+T"[random() % 8]); break;
        default: text.insert(at, text.substr(random() % text.size(), 12)); break;
      }
      if (text.empty()) text = "x";
    }
    std::string problem;
    if (const auto read = Approval::Parse(text, &problem)) {
      ASSERT_EQ(read->ToText(), text);
    } else {
      ASSERT_FALSE(problem.empty());
    }
  }
}

TEST(Approval, CoversExactlyWhatItSays) {
  Approvals policy;
  policy.max_days = 2;
  const struct {
    const char* name;
    void (*change)(Approval*, ApprovalNeed*);
    const char* expected;  // empty: covers
  } kCases[] = {
      {"as asked", [](Approval*, ApprovalNeed*) {}, ""},
      {"fewer deletes", [](Approval*, ApprovalNeed* need) { need->deletes = 119; }, ""},
      {"one delete more", [](Approval*, ApprovalNeed* need) { need->deletes = 121; }, "W-APR-015 allows at most 120 deletes, and there are 121"},
      {"changes", [](Approval*, ApprovalNeed* need) { need->changes = 1; }, "W-APR-015 says nothing about changes, and there are 1"},
      {"more rows", [](Approval*, ApprovalNeed* need) { need->rows = 11; }, ""},
      {"one row fewer", [](Approval*, ApprovalNeed* need) { need->rows = 9; }, "W-APR-015 needs at least 10 rows, and there are 9"},
      {"rows unsaid", [](Approval* approval, ApprovalNeed*) { approval->min_rows = std::nullopt; },
       "W-APR-015 says nothing about the number of rows, and there are 10"},
      {"tenant", [](Approval*, ApprovalNeed* need) { need->tenant = "b"; }, "W-APR-012 is for tenant `acme`, and this is `b`"},
      {"environment", [](Approval*, ApprovalNeed* need) { need->environment = "dev"; }, "W-APR-012 is for environment `prod`, and this is `dev`"},
      {"sync", [](Approval*, ApprovalNeed* need) { need->sync = "s"; }, "W-APR-012 is for sync `exposure.shop.crm`, and this is `s`"},
      {"kind", [](Approval*, ApprovalNeed* need) { need->kind = Approval::Kind::kOverride; }, "W-APR-012 is about guards, and the gate holds"},
      {"plan", [](Approval*, ApprovalNeed* need) { need->plan_digest[63] = 'b'; },
       "W-APR-013 is for another plan (aaaaaaaaaaaa…): policy, mapping, dbt's build or its evidence changed since; ask again"},
      {"not yet", [](Approval* approval, ApprovalNeed*) { approval->created = kNow + std::chrono::microseconds(1); },
       "W-APR-014 was made at 2026-11-22T21:00:00.123457Z, which has not come yet; the clock of one machine is wrong"},
      {"just made", [](Approval* approval, ApprovalNeed*) { approval->created = kNow; }, ""},
      {"just expired", [](Approval* approval, ApprovalNeed*) { approval->expires = kNow; }, "W-APR-014 expired at 2026-11-22T21:00:00.123456Z"},
      {"as long as may be", [](Approval* approval, ApprovalNeed*) { approval->expires = approval->created + hours(48); }, ""},
      {"longer", [](Approval* approval, ApprovalNeed*) { approval->expires = approval->created + hours(48) + std::chrono::microseconds(1); },
       "W-APR-014 holds for longer than the policy's `max_days: 2`"},
  };
  for (const auto& one : kCases) {
    Approval approval = Good();
    ApprovalNeed need = Need(approval);
    one.change(&approval, &need);
    const auto problem = WhyNot(approval, need, policy, kNow);
    EXPECT_EQ(problem ? problem->code + " " + problem->text : "", one.expected) << one.name;
  }
  ApprovalNeed need = Need(Override());
  EXPECT_FALSE(WhyNot(Override(), need, policy, kNow));
  need.lifts = {"W-GATE-002", "W-GATE-003"};
  EXPECT_EQ(WhyNot(Override(), need, policy, kNow)->text, "does not lift W-GATE-003");
}

TEST(Approval, TextsShowWhatTheyAre) {
  for (const char* good : {"a", "Größe", "日本語", "a-b_c+d@e", "100 %"}) EXPECT_TRUE(IsApprovalText(good)) << good;
  for (const std::string& bad : {std::string(), std::string(" a"), std::string("a "), std::string("a\nb"), std::string("a\tb"), std::string("a\0b", 3),
                                 std::string("\x7f"), std::string("\xff"), std::string("\xc2\x85"), std::string("a\xe2\x80\xae"), std::string("a\xe2\x80\x8b"),
                                 std::string("a\xe2\x81\xa6"), std::string("\xd8\x9c"), std::string("\xef\xbb\xbf"), std::string("a\xe2\x80\xa8"), std::string(501, 'a')}) {
    EXPECT_FALSE(IsApprovalText(bad)) << testing::PrintToString(bad);
  }
}

TEST(Approval, ExpiresOnADayOrAfterATime) {
  const auto text = [](std::string_view written) {
    const auto time = ParseExpiry(written, kNow);
    return time ? audit::FormatTime(*time) : "none";
  };
  EXPECT_EQ(text("2027-01-31"), "2027-01-31T23:59:59.000000Z");
  EXPECT_EQ(text("2d"), "2026-11-24T21:00:00.000000Z");
  EXPECT_EQ(text("90m"), "2026-11-22T22:30:00.000000Z");
  for (const char* bad : {"", "soon", "2027-02-30", "2027-1-1", "0d", "-1d", "7", "99999999999d", "2027-01-31T00"}) EXPECT_EQ(text(bad), "none") << bad;
}

TEST(Approval, KnowsOnePersonByHerName) {
  EXPECT_TRUE(MayBeSamePerson("ann@acme.example", "ann@acme.example"));
  EXPECT_TRUE(MayBeSamePerson("Ann@laptop", "ann@acme.example"));
  EXPECT_TRUE(MayBeSamePerson("ann", "ann@acme.example"));
  EXPECT_FALSE(MayBeSamePerson("ann@acme.example", "anna@acme.example"));
  Approvals policy;
  policy.two_persons_for_override = true;
  EXPECT_EQ(PersonsNeeded(Approval::Kind::kGuards, policy), 1u);
  EXPECT_EQ(PersonsNeeded(Approval::Kind::kOverride, policy), 2u);
}

}  // namespace
}  // namespace weir::policies
