#include "policies/allowed_signers.h"

#include <gtest/gtest.h>

#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

// Public keys made for this test; their private parts are thrown away.
constexpr char kAnn[] = "AAAAC3NzaC1lZDI1NTE5AAAAIF/fUvJf79MMsYqOYB+gK7EJYVXphYO9yco1FHnrhA5n";
constexpr char kBob[] = "AAAAC3NzaC1lZDI1NTE5AAAAIH/8oMbczAOI+KmN/5T8mEnizoP/lB1FN2TvSBMVpBL0";

std::string Read(const std::string& text, std::vector<AllowedSigner>* signers) {
  manifest::Diagnostics diagnostics;
  *signers = ReadAllowedSigners(text, "s", &diagnostics);
  std::string out;
  for (const manifest::Diagnostic& one : diagnostics.Sorted()) {
    out += std::to_string(one.position.line) + ": " + one.message + "\n";
  }
  return out;
}

TEST(AllowedSigners, TellsWhoOwnsEachKey) {
  std::vector<AllowedSigner> signers;
  const std::string text = "# who may approve\n\nann@acme.example ssh-ed25519 " + std::string(kAnn) + " ann's laptop\r\n" +
                           "bob@acme.example namespaces=\"weir-approval@v1\",valid-before=\"20300101\" ssh-ed25519 " + kBob + "\n";
  EXPECT_EQ(Read(text, &signers), "");
  ASSERT_EQ(signers.size(), 2u);
  EXPECT_EQ(signers[0].principal, "ann@acme.example");
  EXPECT_EQ(signers[0].key, kAnn);
  EXPECT_EQ(signers[0].line, 3u);
  EXPECT_EQ(signers[1].principal, "bob@acme.example");
  EXPECT_EQ(signers[1].key, kBob);
}

TEST(AllowedSigners, RefusesWhatDoesNotTellOnePerson) {
  const std::string ann = kAnn, bob = kBob;
  const struct {
    const char* name;
    std::string text, expected;
  } kCases[] = {
      {"empty", "# nobody\n", "1: the file names no signer; nobody could approve anything\n"},
      {"pattern", "*@acme.example ssh-ed25519 " + ann,
       "1: `*@acme.example` is not one person; give each line one principal, such as `ann@acme.example`, without patterns\n"},
      {"list", "ann@a,bob@a ssh-ed25519 " + ann,
       "1: `ann@a,bob@a` is not one person; give each line one principal, such as `ann@acme.example`, without patterns\n"},
      {"negation", "!ann@a ssh-ed25519 " + ann,
       "1: `!ann@a` is not one person; give each line one principal, such as `ann@acme.example`, without patterns\n"},
      {"option of ssh-keygen", "-Otime ssh-ed25519 " + ann,
       "1: `-Otime` is not one person; give each line one principal, such as `ann@acme.example`, without patterns\n"},
      {"authority", "ann@a cert-authority ssh-ed25519 " + ann,
       "1: a certificate authority could make up any number of persons; list the keys of `ann@a`\n"},
      {"no type", "ann@a " + ann, "1: after `ann@a` there is no type of an SSH key, such as `ssh-ed25519`\n"},
      {"old type", "ann@a ssh-dss " + ann, "1: after `ann@a` there is no type of an SSH key, such as `ssh-ed25519`\n"},
      {"other type", "ann@a ssh-rsa " + ann,
       "1: the key of `ann@a` is no `ssh-rsa` key in base64; copy the line of its `.pub` file\n"},
      {"cut key", "ann@a ssh-ed25519 " + ann.substr(1),
       "1: the key of `ann@a` is no `ssh-ed25519` key in base64; copy the line of its `.pub` file\n"},
      {"no key", "ann@a ssh-ed25519", "1: the key of `ann@a` is no `ssh-ed25519` key in base64; copy the line of its `.pub` file\n"},
      {"one key, two persons", "ann@a ssh-ed25519 " + ann + "\nbob@a ssh-ed25519 " + ann,
       "2: the key of `bob@a` is also that of `ann@a`; two persons do not share a key\n"},
  };
  for (const auto& one : kCases) {
    std::vector<AllowedSigner> signers;
    EXPECT_EQ(Read(one.text, &signers), one.expected) << one.name;
  }
  std::vector<AllowedSigner> signers;
  EXPECT_EQ(Read("ann@a ssh-ed25519 " + ann + "\nann@a valid-before=\"20300101\" ssh-ed25519 " + ann, &signers), "") << "one person's key twice";
}

class ApprovalsKey : public testing::Test {
 protected:
  ApprovalsKey() { folder_.Write("signers", std::string("ann@a ssh-ed25519 ") + kAnn + "\nbob@a ssh-ed25519 " + kBob + "\n"); }
  std::string Read(const std::string& approvals) {
    folder_.Write("p.yml", "version: 1\nclasses: {pii: {tags: [a]}}\nrules: [{id: P001, never: pii, to: any, why: x}]\napprovals: " + approvals + "\n");
    return folder_.Read(&policy_);
  }
  PolicyFolder folder_;
  std::optional<Policy> policy_;
};

TEST_F(ApprovalsKey, IsReadWithTheFileThatItNames) {
  EXPECT_EQ(Read("{signers: signers, max_days: 30, two_persons: [guards], never_waivable: [P001]}"), "");
  ASSERT_TRUE(policy_ && policy_->approvals);
  EXPECT_EQ(policy_->approvals->max_days, 30);
  EXPECT_TRUE(policy_->approvals->two_persons_for_guards);
  EXPECT_FALSE(policy_->approvals->two_persons_for_override);
  EXPECT_EQ(policy_->approvals->never_waivable, std::vector<std::string>{"P001"});
  EXPECT_EQ(policy_->approvals->signers.size(), 2u);
  const std::string digest = policy_->digest;
  EXPECT_EQ(Read("{signers: policies/signers, max_days: 30, two_persons: [guards], never_waivable: [P001]}"), "");
  EXPECT_NE(policy_->digest, digest);
  EXPECT_EQ(policy_->approvals->signers.size(), 2u) << "as the path reads from the project";
}

TEST_F(ApprovalsKey, ChangesTheDigestWithTheFile) {
  EXPECT_EQ(Read("{signers: signers}"), "");
  const std::string digest = policy_->digest;
  EXPECT_EQ(policy_->approvals->max_days, 90);
  folder_.Write("signers", std::string("ann@a ssh-ed25519 ") + kAnn + "\n");
  EXPECT_EQ(Read("{signers: signers}"), "");
  EXPECT_NE(policy_->digest, digest);
}

TEST_F(ApprovalsKey, ReportsWhereAndWhat) {
  folder_.Write("alone", std::string("ann@a ssh-ed25519 ") + kAnn + "\n");
  folder_.Write("huge", std::string(300'000, '#'));
  std::filesystem::create_symlink(folder_.path() + "/signers", folder_.path() + "/link");
  std::filesystem::create_directory(folder_.path() + "/folder");
  const struct {
    const char* text;
    const char* expected;
  } kCases[] = {
      {"[ann]", "p.yml:4:12: `approvals` must be a map, not a list, such as `{signers: policies/allowed_signers}` [W-POL-010]\n"},
      {"{}", "p.yml:4:12: `approvals` needs `signers` [W-POL-010]\n"},
      {"{signers: signers, signer: x}", "p.yml:4:31: unknown key `signer` in `approvals`; did you mean `signers`? [W-POL-010]\n"},
      {"{signers: signers, max_days: 0}", "p.yml:4:41: `max_days` of `approvals` must be an integer from 1 to 366, not `0` [W-POL-010]\n"},
      {"{signers: signers, two_persons: [guard]}",
       "p.yml:4:44: `guard` in `two_persons` of `approvals` is neither `break_glass` nor `guards`; did you mean `guards`? [W-POL-010]\n"},
      {"{signers: signers, never_waivable: [P01]}",
       "p.yml:4:12: unknown rule or requirement `P01` in `never_waivable` of `approvals`; did you mean `P001`? [W-POL-012]\n"},
      {"{signers: nobody}", "p.yml:4:22: the signers file `nobody` is not in the policy folder [W-APR-001]\n"},
      {"{signers: link}", "p.yml:4:22: the signers file `link` is a link; copy the file into the policy folder [W-APR-001]\n"},
      {"{signers: folder}", "p.yml:4:22: the signers file `folder` is no plain file [W-APR-001]\n"},
      {"{signers: huge}", "p.yml:4:22: the signers file `huge` has more than 256 KiB [W-APR-001]\n"},
      {"{signers: ../signers}", "p.yml:4:22: `signers: ../signers` must name a file of the policy folder, without any other folder before it [W-APR-001]\n"},
      {"{signers: /etc/signers}", "p.yml:4:22: `signers: /etc/signers` must name a file of the policy folder, without any other folder before it [W-APR-001]\n"},
      {"{signers: alone, two_persons: [guards]}", "alone:1:1: `two_persons` asks for two, and only `ann@a` may sign [W-APR-002]\n"},
  };
  for (const auto& one : kCases) {
    EXPECT_EQ(Read(one.text), one.expected) << one.text;
    EXPECT_FALSE(policy_) << one.text;
  }
}

TEST_F(ApprovalsKey, KeepsWaiversFromWhatNobodyMayWaive) {
  folder_.Write("a.yml", "version: 1\nrequire: [{id: Q1, select: '*', contract: enforced}]\n"
                         "waivers: [{id: W1, rule: Q1, target: 'model:m', reason: r, approver: a, expires: 2027-01-31}]\n");
  EXPECT_EQ(Read("{signers: signers, never_waivable: [P001]}"), "");
  EXPECT_EQ(Read("{signers: signers, never_waivable: [P001, Q1]}"),
            "a.yml:3:11: waiver `W1` names `Q1`, which is `never_waivable` of `approvals` [W-POL-044]\n");
}

TEST_F(ApprovalsKey, StandsInOneFileOnly) {
  folder_.Write("a.yml", "version: 1\napprovals: {signers: signers}\n");
  EXPECT_EQ(Read("{signers: signers}"), "p.yml:4:12: key `approvals` is already defined at a.yml:2:12 [W-POL-013]\n");
}

}  // namespace
}  // namespace weir::policies
