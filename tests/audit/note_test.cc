#include "audit/note.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/digest.h"
#include "tests/audit/vectors.h"

namespace weir::audit {
namespace {

using nlohmann::json;

constexpr const char* kPeter = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

SecretKey PeterSeed() {
  std::string material;
  DecodeBase64("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz", &material);
  return SecretKey(Bytes(material).subspan(1).first<32>());
}

TEST(Note, GolangVectors) {
  const auto vectors = TlogVectors();
  if (!vectors) GTEST_SKIP() << "no test vectors";
  const json expected = json::parse(ReadFile(*vectors / "extracted/signed_note.json"));
  for (const json& test : expected["open"]) {
    SCOPED_TRACE(test["desc"].get<std::string>());
    std::vector<NoteKey> keys;
    for (const json& vkey : test["vkeys"]) {
      const auto key = NoteKey::Parse(vkey.get<std::string>());
      ASSERT_TRUE(key);
      EXPECT_EQ(key->ToText(), vkey);
      keys.push_back(*key);
    }
    std::string error;
    const auto opened = OpenNote(test["note"].get<std::string>(), keys, &error);
    EXPECT_EQ(opened.has_value(), !test.contains("error")) << error;
    if (!opened || test.contains("error")) continue;
    EXPECT_EQ(json(opened->verified), test["verified"]);
    EXPECT_EQ(json(opened->unknown), test["unverified"]);
  }
  for (const json& vkey : expected["bad_vkeys"]) EXPECT_FALSE(NoteKey::Parse(vkey.get<std::string>())) << vkey;
}

TEST(Note, SignsAsGoDoes) {
  EXPECT_EQ(NoteKeyOf("PeterNeumann", PeterSeed()).ToText(), kPeter);
  const std::string text =
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
  EXPECT_EQ(SignNote(text, "PeterNeumann", PeterSeed()),
            text + "\n\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n");
  EXPECT_THROW(SignNote("abc", "PeterNeumann", PeterSeed()), CryptoError);
  EXPECT_THROW(SignNote("a\tb\n", "PeterNeumann", PeterSeed()), CryptoError);
  for (const std::string name : {"a+b", "", "a b", "a\xc2\xa0", "a\xe2\x80\x89z", "\xff"}) {
    EXPECT_THROW(SignNote("abc\n", name, PeterSeed()), CryptoError) << name;
  }
  EXPECT_THROW(SignNote("abc\n", "a", SecretKey()), CryptoError);
}

TEST(Note, EveryChangedByteIsRefused) {
  const std::string note = SignNote("text\n", "n", PeterSeed());
  const std::vector<NoteKey> keys = {NoteKeyOf("n", PeterSeed())};
  std::string error;
  ASSERT_TRUE(OpenNote(note, keys, &error));
  for (std::size_t at = 0; at < note.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = note;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      EXPECT_FALSE(OpenNote(changed, keys, &error)) << at << " " << bit;
    }
    EXPECT_FALSE(OpenNote(note.substr(0, at), keys, &error)) << at;
  }
}

TEST(Note, VerifierKeyIsNamedAfterTheOrigin) {
  const LogIds ids{"acme corp", "prod", "crm+contacts"};
  EXPECT_EQ(ids.origin(), "acme_corp.prod/crm_contacts");
  const auto key = NoteKey::Parse(VerifierKey(ids, PeterSeed()));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->name, ids.origin());
}

TEST(Checkpoint, TransparencyDevBodies) {
  const auto vectors = TlogVectors();
  if (!vectors) GTEST_SKIP() << "no test vectors";
  const json expected = json::parse(ReadFile(*vectors / "extracted/checkpoint_body.json"));
  for (const json& body : expected["unmarshal_err"]) EXPECT_FALSE(Checkpoint::Parse(body.get<std::string>())) << body;
}

TEST(Checkpoint, ParsesWhatItWrites) {
  const Checkpoint checkpoint{"acme.prod/crm", 109'482, Sha256(std::string_view("root"))};
  const std::string text = checkpoint.ToText();
  for (const std::string& extension : {std::string(), std::string("an extension\nanother\n")}) {
    const auto parsed = Checkpoint::Parse(text + extension);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->origin, checkpoint.origin);
    EXPECT_EQ(parsed->size, checkpoint.size);
    EXPECT_EQ(parsed->root, checkpoint.root);
  }
  const std::string root = Base64(checkpoint.root);
  for (const std::string& bad : std::vector<std::string>{"o\n01\n" + root + "\n", "o\n+1\n" + root + "\n", "o\n1\n" + root, "o\n1\nAAAA\n",
                                 "o\n1\n" + root + "\n\n", "o\n18446744073709551616\n" + root + "\n", ""}) {
    EXPECT_FALSE(Checkpoint::Parse(bad)) << bad;
  }
}

TEST(Checkpoint, OfAnotherLogIsRefused) {
  const NoteKey key = NoteKeyOf("mine", PeterSeed());
  std::string error;
  EXPECT_TRUE(OpenCheckpoint(SignCheckpoint({"mine", 1, {}}, PeterSeed()), key, &error));
  const std::string other = SignNote(Checkpoint{"other", 1, {}}.ToText(), "mine", PeterSeed());
  EXPECT_FALSE(OpenCheckpoint(other, key, &error));
  EXPECT_EQ(error, "it is of another log, `other`");
}

}  // namespace
}  // namespace weir::audit
