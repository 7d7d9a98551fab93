#include "policies/value_detector.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "manifest/json_document.h"
#include "policies/policy_error.h"

namespace weir::policies {
namespace {

ValueDetector Of(Detector detector) {
  ValueCriterion criterion;
  criterion.detector = detector;
  return ValueDetector(criterion);
}

ValueDetector ByPattern(const std::string& pattern, ValueCriterion::Check check = ValueCriterion::Check::kNone) {
  ValueCriterion criterion;
  criterion.pattern = pattern;
  criterion.check = check;
  return ValueDetector(criterion);
}

TEST(ValueDetectorTest, FindsWithinTexts) {
  const struct {
    Detector detector;
    std::string text;
    bool found;
  } cases[] = {
      {Detector::kEmail, "a@b.co", true},
      {Detector::kEmail, "write to <John.Doe+tag@mail.example.co.uk>, please", true},
      {Detector::kEmail, "jörg@bücher.example", true},
      {Detector::kEmail, "jo\xff@example.com", true},  // no UTF-8, and read all the same
      {Detector::kEmail, "o'neil@example.com.", true},
      {Detector::kEmail, "a@b", false},
      {Detector::kEmail, "@handle and more", false},
      {Detector::kEmail, "user@192.0.2.1", false},
      {Detector::kPhone, "+49 30 901820", true},
      {Detector::kPhone, "call +1 (555) 123-4567 today", true},
      {Detector::kPhone, "(415) 555-2671", true},
      {Detector::kPhone, "415-555-2671", true},
      {Detector::kPhone, "415.555.2671x123", true},
      {Detector::kPhone, "0049 30 901820", true},
      {Detector::kPhone, "07700 063 966", true},
      {Detector::kPhone, "call 03.93.92.16.85.", true},
      {Detector::kPhone, "(08) 8747 6301", true},
      {Detector::kPhone, "0961-7596216", true},
      {Detector::kPhone, "(37) 788-063", true},
      {Detector::kPhone, "call (71) 4233-6306.", true},
      {Detector::kPhone, "(12) 345-678-9", false},
      {Detector::kPhone, "f(37) 788-063", false},
      {Detector::kPhone, "(1) 200-300", false},  // an item of a list, and a range
      {Detector::kPhone, "(37) 788-06", false},
      {Detector::kPhone, "01.02.2026", false},
      {Detector::kPhone, "01.02.2026 10:30", false},
      {Detector::kPhone, "01-02-2026 10-30", false},
      {Detector::kPhone, "05 11 2026 08 30 15", false},
      {Detector::kPhone, "078-05-1120", false},       // an SSN's groups
      {Detector::kPhone, "078 05 1120", false},
      {Detector::kPhone, "01234-5678", false},        // a ZIP code
      {Detector::kPhone, "0123456789", false},
      {Detector::kPhone, "0-306-40615-2", false},     // an ISBN
      {Detector::kPhone, "2026/01 22 333 444", false},
      {Detector::kPhone, "4155552671", false},  // any number of ten digits
      {Detector::kPhone, "Part number: 555-123-4567-A", false},
      {Detector::kPhone, "1700000000", false},
      {Detector::kPhone, "2026-11-22 21:00:00", false},
      {Detector::kPhone, "536-90-4399", false},
      {Detector::kUsSsn, "536-90-4399", true},
      {Detector::kUsSsn, "SSN 536 90 4399.", true},
      {Detector::kUsSsn, "987-65-4320", false},
      {Detector::kUsSsn, "536904399", false},
      {Detector::kUsSsn, "1536-90-4399", false},
      {Detector::kUsSsn, "536-90-4399-1", false},
      {Detector::kUsSsn, "ISBN 978-3-16-148410-0", false},
      {Detector::kCreditCard, "4111111111111111", true},
      {Detector::kCreditCard, "paid by 4111 1111 1111 1111, thanks", true},
      {Detector::kCreditCard, "4111-1111-1111-1111", true},
      {Detector::kCreditCard, "3782 822463 10005", true},
      {Detector::kCreditCard, "4111111111111112", false},
      {Detector::kCreditCard, "order 24111111111111111", false},
      {Detector::kCreditCard, "ORD-4111111111111111", false},
      {Detector::kCreditCard, "0.4111111111111111", false},
      {Detector::kIban, "GB29 NWBK 6016 1331 9268 19", true},
      {Detector::kIban, "from GB29 NWBK 6016 1331 9268 19 and back", true},
      {Detector::kIban, "de89370400440532013000", true},
      {Detector::kIban, "see ab12 cdef GB29NWBK60161331926819", true},
      {Detector::kIban, "GB29NWBK60161331926818", false},
      {Detector::kIban, "GB29NWBK601613319268191", false},
      {Detector::kIpAddress, "192.0.2.1", true},
      {Detector::kIpAddress, "from 192.0.2.1.", true},
      {Detector::kIpAddress, "2001:db8::1", true},
      {Detector::kIpAddress, "[2001:db8:0:0:0:0:2:1]:443", true},
      {Detector::kIpAddress, "300.0.2.1", false},
      {Detector::kIpAddress, "v1.2.3.4", false},
      {Detector::kIpAddress, "1.2.3.4.5", false},
      {Detector::kIpAddress, "12:30:45", false},
      {Detector::kIpAddress, "std::vector", false},
      {Detector::kUrl, "https://example.com/a", true},
      {Detector::kUrl, "(see HTTP://example.com)", true},
      {Detector::kUrl, "example.com", false},
      {Detector::kUrl, "s3://bucket/key", false},
  };
  std::map<Detector, ValueDetector> detectors;
  for (std::size_t i = 0; i < kDetectors; ++i) {
    detectors.emplace(static_cast<Detector>(i), Of(static_cast<Detector>(i)));
  }
  for (const auto& one : cases) {
    EXPECT_EQ(detectors.at(one.detector).Found(one.text), one.found) << Name(one.detector) << ": " << one.text;
  }
  for (const auto& [detector, built] : detectors) {
    for (const std::string text : {"", " ", "NULL", "customer 42", "2026-11-22", "550e8400-e29b-41d4-a716-446655440000"}) {
      EXPECT_FALSE(built.Found(text)) << Name(detector) << ": " << text;
    }
    // Long and hopeless: an end is all that is asked for.
    EXPECT_FALSE(built.Found(std::string(1 << 20, '1'))) << Name(detector);
    EXPECT_FALSE(built.Found(std::string(1 << 20, 'a') + "@")) << Name(detector);
  }
}

TEST(ValueDetectorTest, FindsWhatThePolicyDescribes) {
  using Check = ValueCriterion::Check;
  EXPECT_TRUE(ByPattern("^C-[0-9]{4}$").Found("C-1234"));
  EXPECT_FALSE(ByPattern("^C-[0-9]{4}$").Found("C-12345"));
  const ValueDetector luhn = ByPattern("[0-9][0-9 ]{8,}[0-9]", Check::kLuhn);
  EXPECT_TRUE(luhn.Found("79927398713"));
  EXPECT_TRUE(luhn.Found("79927398710, 7992 739 8713"));
  EXPECT_FALSE(luhn.Found("79927398710"));
  EXPECT_TRUE(ByPattern("[A-Z]{2}[0-9]{2}[A-Z0-9 ]+", Check::kIban).Found("NL91 ABNA 0417 1643 00"));
  EXPECT_TRUE(ByPattern("x").LooksAt(ColumnType::kDate));
  EXPECT_FALSE(Of(Detector::kEmail).LooksAt(ColumnType::kDate));
  EXPECT_FALSE(ByPattern("[0-9]{2,}", Check::kLuhn).Found(std::string(1 << 20, '1')));
}

TEST(ValueDetectorTest, RefusesAPatternThatDoesNotCompile) {
  try {
    ByPattern("(");
    ADD_FAILURE() << "no error";
  } catch (const PolicyError& error) {
    EXPECT_EQ(error.what(), std::string("a pattern for values cannot be compiled: missing ): ("));
  }
}

// Texts that others labelled: every span is a value of its own, and every other kind of span is a value that it is not.
// Prints what policies/README.md quotes.
struct Figures {
  int right = 0, missed = 0, wrong = 0;
};

std::string PiiFolder() {
  const char* named = std::getenv("WEIR_TEST_DATA");
  const std::filesystem::path folder =
      (named != nullptr ? std::filesystem::path(named)
                        : std::filesystem::path(WEIR_SOURCE_DIR) / ".." / "shared" / "data") /
      "pii";
  return std::filesystem::is_directory(folder) ? folder.string() : "";
}

manifest::Value ReadLabels(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << "{\"texts\": " << in.rdbuf() << "}";
  const manifest::ArtifactFile file = manifest::ArtifactFile::FromText(path, text.str());
  manifest::Value out;
  manifest::JsonDocument(file, "").EachField([&](std::string_view, manifest::JsonNode& node) { out = node.ToValue(); });
  return out;
}

TEST(ValueDetectorTest, AgreesWithLabelledTexts) {
  const std::string folder = PiiFolder();
  if (folder.empty()) GTEST_SKIP() << "no sample data";
  const std::map<std::string, Detector> kinds = {
      {"EMAIL_ADDRESS", Detector::kEmail},     {"PHONE_NUMBER", Detector::kPhone}, {"US_SSN", Detector::kUsSsn},
      {"CREDIT_CARD", Detector::kCreditCard}, {"IBAN_CODE", Detector::kIban},     {"IP_ADDRESS", Detector::kIpAddress}};
  const std::map<Detector, std::pair<double, double>> least = {
      {Detector::kEmail, {1, 1}},          {Detector::kPhone, {1, 0.65}}, {Detector::kUsSsn, {1, 1}},
      {Detector::kCreditCard, {1, 0.93}}, {Detector::kIban, {1, 0.95}},   {Detector::kIpAddress, {1, 1}}};
  const manifest::Value texts = ReadLabels(folder + "/presidio-research_synth_dataset_v2.json");
  ASSERT_EQ(texts.items().size(), 1500u);
  for (const auto& [kind, detector] : kinds) {
    const ValueDetector built = Of(detector);
    Figures values, within;
    for (const manifest::Value& text : texts.items()) {
      bool holds = false;
      for (const manifest::Value& span : text.Find("spans")->items()) {
        const bool is = span.Find("entity_type")->text() == kind;
        const bool found = built.Found(span.Find("entity_value")->text());
        holds = holds || is;
        if (is) ++(found ? values.right : values.missed);
        if (!is && found) ++values.wrong;
      }
      const bool found = built.Found(text.Find("full_text")->text());
      if (holds) ++(found ? within.right : within.missed);
      if (!holds && found) ++within.wrong;
    }
    const auto precision = [](const Figures& f) { return f.right / std::max(1.0, static_cast<double>(f.right + f.wrong)); };
    const auto recall = [](const Figures& f) { return f.right / std::max(1.0, static_cast<double>(f.right + f.missed)); };
    std::cout << "figure value_" << Name(detector) << " precision " << precision(values) << " recall "
              << recall(values) << " of " << values.right + values.missed << "; within texts precision "
              << precision(within) << " recall " << recall(within) << "\n";
    EXPECT_GE(precision(values), least.at(detector).first) << Name(detector);
    EXPECT_GE(recall(values), least.at(detector).second) << Name(detector);
  }
}

}  // namespace
}  // namespace weir::policies
