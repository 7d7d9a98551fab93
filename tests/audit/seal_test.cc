#include "audit/seal.h"

#include <gtest/gtest.h>

#include <string>

#include "audit/digest.h"

namespace weir::audit {
namespace {

SecretKey Key(std::string_view name) { return SecretKey(Sha256(name)); }

TEST(Sealer, OpensWhatItSealed) {
  Sealer sealer(Key("a"));
  Sealer other(Key("a"));
  for (const std::string& plain : {std::string(), std::string("x"), std::string(100'000, 'y')}) {
    std::string sealed = "before";
    sealer.Seal(plain, "place", &sealed);
    EXPECT_EQ(sealed.size(), 6 + plain.size() + Sealer::kOverhead);
    std::string opened = "kept ";
    other.Open(std::string_view(sealed).substr(6), "place", &opened);
    EXPECT_EQ(opened, "kept " + plain);
  }
}

TEST(Sealer, EveryFlippedBitIsFound) {
  Sealer sealer(Key("a"));
  std::string sealed;
  sealer.Seal("secret", "place", &sealed);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    std::string out = "kept";
    EXPECT_THROW(sealer.Open(changed, "place", &out), SealError);
    EXPECT_EQ(out, "kept");
  }
}

TEST(Sealer, BindsKeyAndPlace) {
  Sealer sealer(Key("a"));
  std::string sealed;
  std::string out;
  sealer.Seal("secret", "place", &sealed);
  EXPECT_THROW(sealer.Open(sealed, "other place", &out), SealError);
  EXPECT_THROW(Sealer(Key("b")).Open(sealed, "place", &out), SealError);
  EXPECT_THROW(sealer.Open(sealed.substr(0, 27), "place", &out), SealError);
  EXPECT_THROW(sealer.Open("", "", &out), SealError);
  EXPECT_THROW(Sealer{SecretKey()}, CryptoError);
}

TEST(Sealer, NoncesDiffer) {
  Sealer sealer(Key("a"));
  std::string first;
  std::string second;
  sealer.Seal("secret", "", &first);
  sealer.Seal("secret", "", &second);
  EXPECT_NE(first.substr(0, 12), second.substr(0, 12));
}

}  // namespace
}  // namespace weir::audit
