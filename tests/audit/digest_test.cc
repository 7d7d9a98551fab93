#include "audit/digest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/audit/vectors.h"

namespace weir::audit {
namespace {

// A shorter HMAC key padded with zeroes to 32 bytes is the same key (RFC 2104 section 2).
SecretKey KeyFrom(std::string bytes) {
  bytes.resize(SecretKey::kSize, '\0');
  return SecretKey(Bytes(bytes).first<SecretKey::kSize>());
}

TEST(Sha256, Fips180Examples) {
  EXPECT_EQ(Hex(Sha256(std::string_view("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(Sha256(std::string_view())), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Prefixed('a', "b", "c"), Sha256(std::string_view("abc")));
  EXPECT_EQ(Sha256(Bytes("abc")), Sha256(std::string_view("abc")));
}

TEST(Md5, Rfc1321TestSuite) {
  EXPECT_EQ(Md5(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(Md5("abc"), "900150983cd24fb0d6963f7d28e17f72");
}

TEST(Hmac, Rfc4231) {
  struct Case {
    std::string key;
    std::string message;
    std::string expected;
  };
  const std::vector<Case> cases = {
      {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {FromHex("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
  };
  for (const Case& test : cases) {
    Hmac hmac(KeyFrom(test.key));
    for (int round = 0; round < 2; ++round) EXPECT_EQ(Hex(hmac.Compute(test.message)), test.expected);
    hmac.Begin();
    for (const char c : test.message) hmac.Update({&c, 1});
    EXPECT_EQ(Hex(hmac.Finish()), test.expected);
  }
}

TEST(Hmac, MovesAndRefusesAMissingKey) {
  Hmac first(KeyFrom("Jefe"));
  Hmac second(std::move(first));
  Hmac third(KeyFrom("x"));
  third = std::move(second);
  EXPECT_EQ(Hex(third.Compute("what do ya want for nothing?")).substr(0, 8), "5bdcc146");
  EXPECT_THROW(Hmac{SecretKey()}, CryptoError);
}

TEST(Hkdf, Rfc5869) {
  const std::string ikm(22, '\x0b');
  const SecretKey one = Hkdf(Bytes(ikm), FromHex("000102030405060708090a0b0c"), FromHex("f0f1f2f3f4f5f6f7f8f9"));
  EXPECT_EQ(Hex(one.bytes()), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
  const SecretKey three = Hkdf(Bytes(ikm), "", "");
  EXPECT_EQ(Hex(three.bytes()), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(DeriveKey, FieldsAreSeparatedByLength) {
  const SecretKey root = KeyFrom("root");
  const std::vector<std::vector<std::string_view>> lists = {{"ab", "c"}, {"a", "bc"}, {"abc"}, {"ab", "c", ""}, {}};
  std::vector<std::string> keys;
  for (const auto& fields : lists) keys.push_back(Hex(DeriveKey(root, fields).bytes()));
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(std::unique(keys.begin(), keys.end()), keys.end());
  EXPECT_THROW(DeriveKey(SecretKey(), lists[0]), CryptoError);
  std::string info;
  AppendField(&info, "ab");
  EXPECT_EQ(Hex(Bytes(info)), "00000000000000026162");
}

TEST(SecretKey, WipesWhatItMovedFrom) {
  SecretKey key = SecretKey::Random();
  EXPECT_FALSE(key.IsZero());
  SecretKey copy = key.Clone();
  SecretKey moved = std::move(key);
  EXPECT_TRUE(key.IsZero());  // NOLINT: what is left is the point
  EXPECT_EQ(Hex(moved.bytes()), Hex(copy.bytes()));
  EXPECT_NE(Hex(moved.bytes()), Hex(SecretKey::Random().bytes()));
}

TEST(Base64, Rfc4648) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}};
  for (const auto& [plain, encoded] : cases) {
    std::string decoded = "untouched";
    EXPECT_EQ(Base64(Bytes(plain)), encoded);
    EXPECT_TRUE(DecodeBase64(encoded, &decoded));
    EXPECT_EQ(decoded, plain);
  }
  EXPECT_EQ(Base64Url(Bytes("\xfb\xff\xfe")), "-__-");
  EXPECT_EQ(Base64Url(Bytes("f")), "Zg");
}

TEST(Base64, RefusesWhatIsNotCanonical) {
  for (const std::string bad : {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zm9v\n", "Z===", "====", "Zg==Zg==", "Zm-v", "Zm 9v"}) {
    std::string out = "kept";
    EXPECT_FALSE(DecodeBase64(bad, &out)) << bad;
    EXPECT_EQ(out, "kept");
  }
}

}  // namespace
}  // namespace weir::audit
