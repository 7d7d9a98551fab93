#include "gateway/duplicate_keys.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>

#include "tests/gateway/temporary_folder.h"

namespace weir::gateway {
namespace {

RowKey Key(std::uint64_t number) {
  RowKey key{};
  const std::uint64_t spread = number * 0x9e3779b97f4a7c15u;
  std::memcpy(key.data(), &spread, sizeof spread);
  key[15] = 1;
  return key;
}

TEST(DuplicateKeys, CountsEachKeyOnce) {
  const struct {
    const char* name;
    std::vector<std::uint64_t> keys;
    std::uint64_t expected;
  } cases[] = {
      {"none", {}, 0},         {"one", {1}, 0},
      {"distinct", {1, 2, 3}, 0}, {"pair", {1, 2, 1}, 1},
      {"triple", {1, 1, 1}, 1},   {"two", {2, 1, 2, 1, 3, 1, 1}, 2},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    const TemporaryFolder folder;
    DuplicateKeys keys(folder / "keys");
    for (const std::uint64_t number : test.keys) keys.Add(Key(number));
    EXPECT_EQ(keys.CountDuplicates(), test.expected);
    EXPECT_FALSE(std::filesystem::exists(folder / "keys"));  // few keys touch no disk
  }
}

TEST(DuplicateKeys, AgreesWithAMap) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    const TemporaryFolder folder;
    std::mt19937_64 random(seed);
    DuplicateKeys keys(folder.path());
    std::map<RowKey, int> model;
    for (int i = 0; i < 2000; ++i) {
      RowKey key{};
      key[random() % 16] = static_cast<std::uint8_t>(random());
      keys.Add(key);
      ++model[key];
    }
    const auto expected = std::count_if(model.begin(), model.end(), [](const auto& entry) { return entry.second > 1; });
    EXPECT_EQ(keys.CountDuplicates(), static_cast<std::uint64_t>(expected));
  }
}

TEST(DuplicateKeys, CountsMoreThanFitInMemory) {
  const TemporaryFolder folder;
  DuplicateKeys keys(folder.path());
  for (std::uint64_t i = 0; i < 2'100'000; ++i) keys.Add(Key(i));
  for (std::uint64_t i = 0; i < 2'100'000; i += 100'000) {
    keys.Add(Key(i));
    keys.Add(Key(i));
  }
  EXPECT_EQ(keys.CountDuplicates(), 21u);
}

}  // namespace
}  // namespace weir::gateway
