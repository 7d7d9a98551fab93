#include "gateway/ssh_signature.h"

#include <gtest/gtest.h>

#include <random>

#include "audit/digest.h"
#include "gateway/command_output.h"

namespace weir::gateway {
namespace {

// Made by ssh-keygen -Y sign over "document\n" with a key whose private part is thrown away.
constexpr char kKey[] = "AAAAC3NzaC1lZDI1NTE5AAAAIF/fUvJf79MMsYqOYB+gK7EJYVXphYO9yco1FHnrhA5n";
const std::string kSignature =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgX99S8l/v0wyxio5gH6ArsQlhVe\n"
    "mFg73JyjUUeeuEDmcAAAAQd2Vpci1hcHByb3ZhbEB2MQAAAAAAAAAGc2hhNTEyAAAAUwAA\n"
    "AAtzc2gtZWQyNTUxOQAAAEDZMSbE0a8fmMZ8LElVcWstnAMhrLwhamcY8TYT71eFQFsey0\n"
    "Zfa9L6GhfzAElqmOAdx8HEm/dMqhs9CJhoshgI\n"
    "-----END SSH SIGNATURE-----\n";

const audit::Time kNow{std::chrono::microseconds(1'795'381'200'123'456)};

policies::Approvals Policy() {
  policies::Approvals out;
  out.signers_file = "policies/signers";
  out.signers_text = std::string("ann@acme.example ssh-ed25519 ") + kKey + "\n";
  out.signers = {{"ann@acme.example", kKey, 1}};
  return out;
}

TEST(SshSignature, SaysWhoseItClaimsToBe) {
  const auto signature = ParseSshSignature(kSignature);
  ASSERT_TRUE(signature);
  EXPECT_EQ(signature->public_key, kKey);
  EXPECT_EQ(signature->name_space, kApprovalNamespace);
}

TEST(SshSignature, RefusesWhatIsNone) {
  const std::string begin(kSignatureBegin), end(kSignatureEnd);
  for (const std::string& bad :
       {std::string(), begin, begin + end, begin + "!" + end, begin + "U1NIU0lH\n" + end, kSignature + "x",
        kSignature.substr(0, kSignature.size() - 1), begin + audit::Base64(audit::Bytes(std::string("SSHSIG\0\0\0\2", 10))) + "\n" + end,
        begin + audit::Base64(audit::Bytes(std::string("SSHSIG\0\0\0\1\xff\xff\xff\xff", 14))) + "\n" + end}) {
    EXPECT_FALSE(ParseSshSignature(bad)) << bad;
  }
}

TEST(SshSignature, SurvivesAnyBytes) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string text = kSignature;
    for (int edits = 0; edits < 3; ++edits) text[random() % text.size()] = static_cast<char>(random());
    (void)ParseSshSignature(text.substr(0, random() % 4 == 0 ? random() % text.size() : text.size()));
  }
}

TEST(SshSignature, IsJudgedBySshKeygen) {
  const policies::Approvals policy = Policy();
  EXPECT_EQ(VerifySignature("document\n", kSignature, policy, kNow).principal, "ann@acme.example");
  const SignatureVerdict edited = VerifySignature("documents\n", kSignature, policy, kNow);
  EXPECT_EQ(edited.principal, "");
  EXPECT_EQ(edited.code, "W-APR-018");
  // A validity that the caller did not read: ssh-keygen does.
  policies::Approvals expired = policy;
  expired.signers_text = std::string("ann@acme.example valid-before=\"20261122\" ssh-ed25519 ") + kKey + "\n";
  EXPECT_EQ(VerifySignature("document\n", kSignature, expired, kNow).code, "W-APR-019");
  expired.signers_text = std::string("ann@acme.example valid-before=\"20261123\" ssh-ed25519 ") + kKey + "\n";
  EXPECT_EQ(VerifySignature("document\n", kSignature, expired, kNow).principal, "ann@acme.example");
  policies::Approvals nobody = policy;
  nobody.signers.clear();
  EXPECT_EQ(VerifySignature("document\n", kSignature, nobody, kNow).code, "W-APR-017");
}

// Every byte of the signature that matters, matters.
TEST(SshSignature, AFlippedBitVerifiesNothing) {
  const policies::Approvals policy = Policy();
  std::string blob;
  std::string base64 = kSignature.substr(kSignatureBegin.size(), kSignature.size() - kSignatureBegin.size() - kSignatureEnd.size());
  std::erase(base64, '\n');
  ASSERT_TRUE(audit::DecodeBase64(base64, &blob));
  for (std::size_t at = 5; at < blob.size(); at += 11) {
    std::string changed = blob;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const std::string armored = std::string(kSignatureBegin) + audit::Base64(audit::Bytes(changed)) + "\n" + std::string(kSignatureEnd);
    EXPECT_EQ(VerifySignature("document\n", armored, policy, kNow).principal, "") << at;
  }
}

TEST(RunProgram, GivesTextsAsFiles) {
  ProgramCall call;
  call.arguments = {"sh", "-c", "cat - /dev/fd/3 /dev/fd/4; echo \"$TZ$HOME\""};
  call.input = "a";
  call.files = {"b", std::string(100'000, 'c')};
  call.environment = {"TZ=UTC"};
  const CommandOutput output = RunProgram(call, std::chrono::seconds(30), 1 << 20);
  EXPECT_EQ(output.end, CommandOutput::End::kExited);
  EXPECT_EQ(output.text, "ab" + std::string(100'000, 'c') + "UTC\n");
  call.arguments = {"weir-no-such-program"};
  const CommandOutput absent = RunProgram(call, std::chrono::seconds(30), 100);
  EXPECT_EQ(absent.end, CommandOutput::End::kNotStarted);
  EXPECT_EQ(absent.status, ENOENT);
}

}  // namespace
}  // namespace weir::gateway
