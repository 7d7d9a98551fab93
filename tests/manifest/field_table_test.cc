#include "manifest/field_table.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::manifest {
namespace {

constexpr FieldTable kTable({TableField<const char*>{"a", "1"},
                             {"b", "2"},
                             {"abc", "3"},
                             {"meta", "4"},
                             {"tags", "5"},
                             {"database", "6"},
                             {"unique_id", "7"},
                             {"unrendered_schema", "8"},
                             {"unrendered_scheme", "9"},
                             {"original_file_path", "10"}});

TEST(FieldTable, FindsWhatItHoldsAndNothingElse) {
  struct Row {
    std::string key;
    const char* expected;
  };
  const std::vector<Row> table = {{"a", "1"},        {"b", "2"},         {"abc", "3"},
                                  {"meta", "4"},     {"tags", "5"},      {"database", "6"},
                                  {"unique_id", "7"}, {"unrendered_schema", "8"},
                                  {"unrendered_scheme", "9"}, {"original_file_path", "10"},
                                  {"", nullptr},     {"c", nullptr},     {"abd", nullptr},
                                  {"mete", nullptr}, {"metas", nullptr}, {"databasE", nullptr},
                                  {"dataBase", nullptr}, {"unrendered_schemo", nullptr},
                                  {"unique\\id", nullptr}, {std::string("a\0", 2), nullptr}};
  for (const Row& row : table) {
    const char* const found = kTable.Find(row.key);
    ASSERT_EQ(found == nullptr, row.expected == nullptr) << row.key;
    EXPECT_STREQ(found, row.expected) << row.key;
  }
}

}  // namespace
}  // namespace weir::manifest
