#include "manifest/fields.h"

#include <gtest/gtest.h>

#include "manifest/yaml_document.h"

namespace weir::manifest {
namespace {

class FieldsTest : public ::testing::Test {
 protected:
  Fields Read(const std::string& text) {
    value_ = *ReadYaml(text, "weir.yml", &diagnostics_);
    return Fields(value_, "destination `crm`", "weir.yml", "W-CFG-001", &diagnostics_);
  }

  Value value_;
  Diagnostics diagnostics_;
};

TEST_F(FieldsTest, ReadsEveryType) {
  Fields fields = Read("name: NO\nbatch: 100\nflag: true\ntags: [a, b]\none: c\nmode: upsert\nnothing: ~\n");
  EXPECT_EQ(fields.RequiredString("name"), "NO");
  EXPECT_EQ(fields.Integer("batch", 1, 1000), 100);
  EXPECT_EQ(fields.Bool("flag"), true);
  EXPECT_EQ(fields.Strings("tags"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(fields.Strings("one"), std::vector<std::string>{"c"});
  EXPECT_EQ(fields.Choice("mode", {"upsert", "mirror"}), "upsert");
  EXPECT_EQ(fields.Any("nothing"), nullptr);
  EXPECT_EQ(fields.String("absent"), std::nullopt);
  fields.Finish();
  EXPECT_EQ(diagnostics_.Render(), "");
}

TEST_F(FieldsTest, ReportsWhatIsWrong) {
  Fields fields =
      Read("nmae: x\nbatch: 0\nflag: yes\ntags: [a, {b: c}]\nmode: upsrt\nempty: ''\nlist: {a: 1}\n");
  fields.RequiredString("name");
  fields.Integer("batch", 1, 1000);
  fields.Bool("flag");
  fields.Strings("tags");
  fields.Strings("list");
  fields.RequiredString("empty");
  fields.Choice("mode", {"upsert", "mirror"});
  fields.Finish();
  EXPECT_EQ(
      diagnostics_.Render(),
      "weir.yml:1:1: error: destination `crm` needs `name` [W-CFG-001]\n"
      "weir.yml:1:1: error: unknown key `nmae` in destination `crm`; did you mean `name`? [W-CFG-001]\n"
      "weir.yml:2:8: error: `batch` of destination `crm` must be an integer from 1 to 1000, not `0` "
      "[W-CFG-001]\n"
      "weir.yml:3:7: error: `flag` of destination `crm` must be `true` or `false`, not `yes` [W-CFG-001]\n"
      "weir.yml:4:11: error: every item of `tags` of destination `crm` must be a string, not a map "
      "[W-CFG-001]\n"
      "weir.yml:5:7: error: `mode` of destination `crm` must be one of `upsert`, `mirror`, not `upsrt`; did "
      "you "
      "mean `upsert`? [W-CFG-001]\n"
      "weir.yml:6:8: error: `empty` of destination `crm` is empty [W-CFG-001]\n"
      "weir.yml:7:7: error: `list` of destination `crm` must be a list of strings, not a map [W-CFG-001]\n");
}

TEST_F(FieldsTest, ReportsAValueThatIsNoMapOnce) {
  Fields fields = Read("[a]");
  fields.RequiredString("name");
  fields.Finish();
  EXPECT_EQ(diagnostics_.Render(),
            "weir.yml:1:1: error: destination `crm` must be a map, not a list [W-CFG-001]\n");
}

TEST_F(FieldsTest, ListsTheKeysWhenNoneIsNear) {
  Fields fields = Read("colour: red\n");
  fields.String("name");
  fields.String("mode");
  fields.Finish();
  EXPECT_EQ(diagnostics_.Render(),
            "weir.yml:1:1: error: unknown key `colour` in destination `crm`; it takes `mode`, `name` "
            "[W-CFG-001]\n");
}

struct Duration {
  std::string text;
  std::optional<std::int64_t> seconds;
};

TEST(ParseDurationSeconds, TakesOneUnit) {
  const std::vector<Duration> table = {{"90s", 90},
                                       {"15m", 900},
                                       {"6h", 21600},
                                       {"2d", 172800},
                                       {"", std::nullopt},
                                       {"s", std::nullopt},
                                       {"6", std::nullopt},
                                       {"-6h", std::nullopt},
                                       {"1h30m", std::nullopt},
                                       {"6 h", std::nullopt},
                                       {"9223372036854775807d", std::nullopt}};
  for (const Duration& row : table) EXPECT_EQ(ParseDurationSeconds(row.text), row.seconds) << row.text;
}

}  // namespace
}  // namespace weir::manifest
