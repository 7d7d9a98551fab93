#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "manifest/yaml_document.h"
#include "policies/policy_document.h"
#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

std::string ShopFile(const std::string& name) {
  std::ifstream file(std::string(WEIR_SOURCE_DIR) + "/examples/shop/policies/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Every message is located, and has a code.
void ExpectLocated(const manifest::Diagnostics& diagnostics, const std::string& file, std::size_t size) {
  for (const manifest::Diagnostic& one : diagnostics.Sorted()) {
    EXPECT_EQ(one.file, file) << size << one.message;
    EXPECT_TRUE(one.code.starts_with("W-")) << size << one.message;
    EXPECT_FALSE(one.message.empty()) << size;
  }
}

TEST(DamagedDocuments, EveryPrefixOfAPolicyIsAPolicyOrLocatedErrors) {
  for (const char* name : {"data.yml", "recipients.yml", "requirements.yml", "rules.yml"}) {
    const std::string text = ShopFile(name);
    ASSERT_FALSE(text.empty()) << name;
    for (std::size_t size = 0; size <= text.size(); ++size) {
      manifest::Diagnostics diagnostics;
      const auto value = manifest::ReadYaml(text.substr(0, size), name, &diagnostics);
      EXPECT_EQ(value.has_value(), !diagnostics.HasErrors()) << name << size;
      Policy policy;
      if (value) PolicyDocument(&policy, &diagnostics).Read(*value, name);
      ExpectLocated(diagnostics, name, size);
      EXPECT_TRUE(size < text.size() || !diagnostics.HasErrors()) << name << diagnostics.Render();
    }
  }
}

TEST(DamagedDocuments, EveryPrefixOfASyncBlockIsASyncOrLocatedErrors) {
  const std::string text =
      "destination: crm\nobject: contacts\npurpose: campaign\nmode: upsert\nmatch: {customer_id: external_id}\n"
      "columns: {email: email, First_Name: {field: first_name}, country: {constant: DE}}\n"
      "fail_when: {refused: 2.5%, rejected: 40}\n";
  for (std::size_t size = 1; size <= text.size(); ++size) {  // an empty block is none
    manifest::Diagnostics diagnostics;
    const auto value = manifest::ReadYaml(text.substr(0, size), "weir.yml", &diagnostics);
    if (value) {
      manifest::Project project;
      project.nodes = {Model("dim_customers", {Col("customer_id"), Col("email"), Col("First_Name")})};
      project.exposures = {ExposureOf("crm_contacts", "", {"dim_customers"})};
      project.exposures[0].meta = manifest::Value::Map({{"weir", {}, *value}});
      Close(&project);
      // A sync that was read in part is reported: it must not send less, or elsewhere, than was written.
      const auto syncs = ReadSyncs(project, nullptr, "weir.yml", &diagnostics);
      EXPECT_TRUE(diagnostics.HasErrors() || syncs.size() == 1) << size;
    }
    for (const manifest::Diagnostic& one : diagnostics.Sorted()) {
      EXPECT_FALSE(one.file.empty()) << size << one.message;
      EXPECT_TRUE(one.code.starts_with("W-")) << size << one.message;
    }
  }
}

}  // namespace
}  // namespace weir::policies
