#include "gateway/message_codes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace weir::gateway {
namespace {

namespace fs = std::filesystem;

// Every code in code of the four floors, save where they are explained.
std::set<std::string> UsedCodes() {
  static const std::regex kCode("W-[A-Z]+-[0-9]{3}");
  std::set<std::string> used;
  for (const char* floor : {"audit", "manifest", "policies", "gateway"}) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(fs::path(WEIR_SOURCE_DIR) / floor)) {
      const std::string name = entry.path().filename().string();
      if (!name.ends_with(".cc") && !name.ends_with(".h")) continue;
      if (name.starts_with("message_code")) continue;
      std::ifstream stream(entry.path(), std::ios::binary);
      const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
      for (std::sregex_iterator match(text.begin(), text.end(), kCode), end; match != end; ++match) {
        used.insert(match->str());
      }
    }
  }
  return used;
}

std::string Joined(const std::set<std::string>& codes) {
  std::string out;
  for (const std::string& code : codes) out += code + " ";
  return out;
}

TEST(MessageCodes, EveryCodeInTheTreeIsExplained) {
  std::set<std::string> missing;
  for (const std::string& code : UsedCodes()) {
    if (FindMessageCode(code) == nullptr) missing.insert(code);
  }
  EXPECT_TRUE(missing.empty()) << "explain in gateway/message_codes_*.cc: " << Joined(missing);
}

TEST(MessageCodes, NoneIsExplainedThatNobodyUses) {
  const std::set<std::string> used = UsedCodes();
  std::set<std::string> idle;
  for (const MessageCode& entry : MessageCodes()) {
    if (!used.contains(std::string(entry.code))) idle.insert(std::string(entry.code));
  }
  EXPECT_TRUE(idle.empty()) << "remove from gateway/message_codes_*.cc: " << Joined(idle);
}

TEST(MessageCodes, AreSortedAndDistinct) {
  const auto codes = MessageCodes();
  EXPECT_TRUE(std::adjacent_find(codes.begin(), codes.end(), [](const MessageCode& a, const MessageCode& b) {
                return a.code >= b.code;
              }) == codes.end());
}

TEST(MessageCodes, SayTitleMeaningAndAdvice) {
  for (const MessageCode& entry : MessageCodes()) {
    EXPECT_FALSE(entry.title.empty() || entry.title.ends_with('.')) << entry.code;
    EXPECT_LE(entry.title.size(), 80u) << entry.code;
    EXPECT_TRUE(entry.meaning.ends_with('.')) << entry.code;
    EXPECT_TRUE(entry.advice.ends_with('.')) << entry.code;
  }
}

TEST(MessageCodes, AreFoundInAnyCase) {
  ASSERT_NE(FindMessageCode("w-gate-003"), nullptr);
  EXPECT_EQ(FindMessageCode("w-gate-003")->code, "W-GATE-003");
  EXPECT_EQ(FindMessageCode("W-GATE-999"), nullptr);
  EXPECT_EQ(FindMessageCode(""), nullptr);
}

}  // namespace
}  // namespace weir::gateway
