#include "manifest/text.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "manifest/few_texts.h"

namespace weir::manifest {
namespace {

std::string Letters(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i % 26);
  return text;
}

TEST(Text, HoldsWhatAStringHolds) {
  for (const std::size_t size : {0u, 1u, 11u, 12u, 13u, 14u, 100u, 5000u, 40'000u}) {
    const std::string expected = Letters(size);
    TextBlocks blocks;
    for (const Text& text : {Text(expected), blocks.Add(expected), Text(expected.c_str())}) {
      EXPECT_EQ(text, expected);
      EXPECT_EQ(text.size(), size);
      EXPECT_EQ(text.empty(), size == 0);
      EXPECT_EQ(std::string(text), expected);
      EXPECT_EQ(text + "!", expected + "!");
      EXPECT_EQ("!" + text, "!" + expected);
      EXPECT_EQ(text <=> Text(expected + "a"), expected <=> (expected + "a"));
    }
  }
  EXPECT_EQ(Text(std::string("a\0b", 3)).size(), 3u);
}

// Against std::string: whatever is copied, moved, assigned to itself and destroyed, in any order.
TEST(Text, OutlivesWhatItWasCopiedFrom) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&random](std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random); };
    auto blocks = std::make_optional<TextBlocks>();
    std::vector<std::pair<Text, std::string>> all(8);
    for (int step = 0; step < 300; ++step) {
      auto& one = all[below(all.size())];
      const auto& other = all[below(all.size())];
      switch (below(6)) {
        case 0:
          one.second = Letters(below(40));
          one.first = blocks->Add(one.second);
          break;
        case 1:
          one.second = Letters(below(20'000));
          one.first = one.second;
          break;
        case 2:
          one = other;
          break;
        case 3: {
          auto moved = std::move(one);
          one = std::move(moved);
          break;
        }
        case 4:
          all.push_back(other);
          all.erase(all.begin());
          break;
        case 5:
          blocks.emplace();
          break;
      }
      for (const auto& [text, expected] : all) ASSERT_EQ(text, expected) << seed << " " << step;
    }
  }
}

TEST(Text, IsCopiedByManyThreads) {
  auto blocks = std::make_optional<TextBlocks>();
  const Text shared = blocks->Add(Letters(30));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([mine = std::vector<Text>(100, shared)]() mutable {
      for (int round = 0; round < 100; ++round) {
        std::vector<Text> copy = mine;
        mine = std::move(copy);
      }
    });
  }
  blocks.reset();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(shared, Letters(30));
}

TEST(FewTexts, IsAVectorThatIsMostlyEmpty) {
  static_assert(sizeof(FewTexts) == sizeof(void*));
  FewTexts none, some = {"a", "a text of some length"};
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none, FewTexts(std::vector<Text>()));
  const FewTexts copy = some;
  some = none;
  EXPECT_EQ(some.size(), 0u);
  EXPECT_EQ(copy.size(), 2u);
  EXPECT_EQ(copy[0] + "|" + copy.at(1), "a|a text of some length");
}

}  // namespace
}  // namespace weir::manifest
