#include "policies/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <optional>
#include <random>

#include "audit/digest.h"
#include "policies/policy_error.h"

namespace weir::policies {
namespace {

using Cell = std::optional<std::string>;

audit::SecretKey Root() {
  std::array<std::byte, audit::SecretKey::kSize> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i + 1);
  return audit::SecretKey(bytes);
}

FieldStep Step(TransformKind kind, ColumnType type = ColumnType::kText) {
  FieldStep step;
  step.field = "field";
  step.type = type;
  step.entity = "pii.email";
  step.transform.kind = kind;
  return step;
}

FieldStep HashStep(std::string normalize, std::string entity = "pii.email") {
  FieldStep step = Step(TransformKind::kHash);
  step.transform.normalize = std::move(normalize);
  step.entity = std::move(entity);
  return step;
}

FieldStep MaskStep(std::uint32_t keep_first) {
  FieldStep step = Step(TransformKind::kMask);
  step.transform.keep_first = keep_first;
  return step;
}

class ProgramTest : public testing::Test {
 protected:
  audit::SecretKey root_ = Root();
  ProgramKeys keys_{&root_, 1, "acme", "crm"};

  struct Ran {
    std::vector<std::vector<Cell>> rows;
    std::vector<RowProblem> problems;
  };

  Ran RunOn(std::vector<FieldStep> steps, const std::vector<std::vector<Cell>>& input,
            std::vector<std::uint32_t> rows = {}) const {
    Batch in;
    in.columns.resize(input.empty() ? 0 : input[0].size());
    for (const std::vector<Cell>& row : input) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i]) {
          in.columns[i].AppendText(*row[i]);
        } else {
          in.columns[i].AppendNull();
        }
      }
    }
    in.rows = input.size();
    if (rows.empty()) {
      for (std::uint32_t i = 0; i < input.size(); ++i) rows.push_back(i);
    }
    Program program = Program::Compile(std::move(steps), keys_);
    Batch out;
    Ran ran;
    program.Run(in, rows, &out, &ran.problems);
    EXPECT_EQ(out.rows, rows.size());
    EXPECT_EQ(ran.problems.size(), rows.size());
    for (std::size_t row = 0; row < out.rows; ++row) {
      ran.rows.emplace_back();
      for (const CellColumn& column : out.columns) {
        EXPECT_EQ(column.size(), out.rows);
        ran.rows.back().push_back(column.IsNull(row) ? Cell() : Cell(column.Text(row)));
      }
    }
    return ran;
  }

  std::string HashOf(const FieldStep& step, const std::string& value) const {
    return RunOn({step}, {{value}}).rows.at(0).at(0).value_or("null");
  }
};

TEST_F(ProgramTest, TransformsValuesAndNulls) {
  struct Case {
    FieldStep step;
    Cell input;
    Cell expected;
  };
  FieldStep constant;
  constant.field = "source";
  constant.from = FieldStep::From::kConstant;
  constant.constant = "warehouse";
  FieldStep null;
  null.from = FieldStep::From::kNull;
  FieldStep redact = Step(TransformKind::kRedact);
  redact.transform.constant = "[gone]";
  const Case cases[] = {
      {Step(TransformKind::kUnchanged), "Ann", "Ann"},
      {Step(TransformKind::kUnchanged), "", ""},
      {Step(TransformKind::kUnchanged), std::nullopt, std::nullopt},
      {Step(TransformKind::kUnchanged, ColumnType::kDecimal), "-12.50", "-12.50"},
      {Step(TransformKind::kUnchanged, ColumnType::kDecimal), "NaN", "NaN"},
      {MaskStep(1), "Ann", "A**"},
      {MaskStep(1), std::nullopt, std::nullopt},
      {HashStep("email@1"), std::nullopt, std::nullopt},
      {redact, "Ann", "[gone]"},
      {redact, std::nullopt, "[gone]"},
      {Step(TransformKind::kBlank), "Ann", std::nullopt},
      {Step(TransformKind::kBlank), std::nullopt, std::nullopt},
      {constant, "Ann", "warehouse"},
      {constant, std::nullopt, "warehouse"},
      {null, "Ann", std::nullopt},
  };
  for (const Case& c : cases) {
    const Ran ran = RunOn({c.step}, {{c.input}});
    EXPECT_EQ(ran.rows.at(0).at(0), c.expected) << Name(c.step.transform.kind) << " of " << c.input.value_or("null");
    EXPECT_EQ(ran.problems.at(0), RowProblem::kNone);
  }
}

// The OpenSSL command computes HKDF (RFC 5869) and HMAC (RFC 2104) independently of audit/.
TEST_F(ProgramTest, HashesAsTheOpensslCommandDoes) {
  const auto run = [](const std::string& command) -> std::string {
    std::string text;
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
      if (c != ':' && c != '\n') text.push_back(static_cast<char>(c));
    }
    return pclose(pipe) == 0 ? text : std::string();
  };
  std::string info;
  for (const std::string_view field : {"hash", "hmac-sha256", "acme", "crm", "pii.email", "1"}) {
    audit::AppendField(&info, field);
  }
  std::string key = run("openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:" + audit::Hex(Root().bytes()) +
                        " -kdfopt hexinfo:" + audit::Hex(audit::Bytes(info)) + " HKDF 2>/dev/null");
  if (key.empty()) GTEST_SKIP() << "the openssl command is not installed";
  std::string expected = run("printf 'ann@acme.com' | openssl dgst -sha256 -mac HMAC -macopt hexkey:" + key + " -r");
  ASSERT_GE(expected.size(), 64u);
  expected.resize(64);
  EXPECT_EQ(HashOf(HashStep("email@1"), " Ann@ACME.com"), expected);
  EXPECT_EQ(HashOf(HashStep(""), "ann@acme.com"), expected);
}

TEST_F(ProgramTest, HashesDifferByEverythingThatAKeyIsDerivedFrom) {
  const std::string hash = HashOf(HashStep("email@1"), "ann@acme.com");
  EXPECT_EQ(hash.size(), 64u);
  EXPECT_NE(HashOf(HashStep("email@1", "pii.phone"), "ann@acme.com"), hash);
  keys_.destination = "helpdesk";
  EXPECT_NE(HashOf(HashStep("email@1"), "ann@acme.com"), hash);
  keys_.destination = "crm";
  keys_.version = 2;
  EXPECT_NE(HashOf(HashStep("email@1"), "ann@acme.com"), hash);
  keys_.version = 1;
  keys_.tenant = "other";
  EXPECT_NE(HashOf(HashStep("email@1"), "ann@acme.com"), hash);
  keys_.tenant = "acme";
  EXPECT_EQ(HashOf(HashStep("email@1"), "ann@acme.com"), hash);
}

TEST_F(ProgramTest, ARowWithAProblemHasOnlyNulls) {
  struct Case {
    FieldStep step;
    std::string value;
    RowProblem problem;
  };
  const Case cases[] = {
      {Step(TransformKind::kUnchanged), "caf\xe9", RowProblem::kNotUtf8},
      {Step(TransformKind::kUnchanged), "\xed\xa0\x80", RowProblem::kNotUtf8},
      {MaskStep(1), "caf\xe9", RowProblem::kNotUtf8},
      {HashStep(""), "caf\xe9", RowProblem::kNotUtf8},
      {HashStep("email@1"), "no address", RowProblem::kNotNormalizable},
      {HashStep("phone@1"), "030 123456", RowProblem::kNotNormalizable},
      {Step(TransformKind::kUnchanged), std::string(Program::kMaxCellBytes + 1, 'x'), RowProblem::kTooLong},
      {Step(TransformKind::kUnchanged, ColumnType::kInteger), "12x", RowProblem::kBadValue},
      {Step(TransformKind::kUnchanged, ColumnType::kBoolean), "t", RowProblem::kBadValue},
      {Step(TransformKind::kUnchanged, ColumnType::kFloat), "0x1p3", RowProblem::kBadValue},
  };
  for (const Case& c : cases) {
    FieldStep first = Step(TransformKind::kUnchanged);
    first.column = 0;
    FieldStep second = c.step;
    second.column = 1;
    FieldStep redact = Step(TransformKind::kRedact);
    redact.column = 0;
    std::vector<std::vector<Cell>> input = {{"a", std::nullopt}, {"raw", c.value}, {"b", std::nullopt}};
    const Ran ran = RunOn({first, second, redact}, input);
    EXPECT_THAT(ran.problems, testing::ElementsAre(RowProblem::kNone, c.problem, RowProblem::kNone));
    EXPECT_THAT(ran.rows[0], testing::ElementsAre("a", std::nullopt, "[redacted]"));
    EXPECT_THAT(ran.rows[1], testing::Each(std::nullopt)) << Name(c.problem);
    EXPECT_THAT(ran.rows[2], testing::ElementsAre("b", std::nullopt, "[redacted]"));
  }
}

TEST_F(ProgramTest, RunsOverTheRowsAskedFor) {
  const Ran ran = RunOn({MaskStep(1)}, {{"Ann"}, {"Bo"}, {"Cleo"}, {"Dan"}}, {1, 3});
  EXPECT_THAT(ran.rows, testing::ElementsAre(testing::ElementsAre("B*"), testing::ElementsAre("D**")));
}

TEST_F(ProgramTest, NoRawValueIsAmongMaskedOrHashedOnes) {
  std::mt19937 random(20261122);
  const std::string_view alphabet[] = {"a", "B", "@", ".", "7", " ", "é", "日", "😀", "-", "+", "0"};
  std::uniform_int_distribution<std::size_t> pick(0, std::size(alphabet) - 1), length(1, 20);
  std::vector<FieldStep> steps = {MaskStep(3), Step(TransformKind::kMask), Step(TransformKind::kMask), HashStep(""),
                                  HashStep("text@1")};
  steps[1].transform.keep_last = 4;
  steps[2].transform.keep_domain = true;
  std::vector<std::vector<Cell>> input;
  for (int i = 0; i < 4000; ++i) {
    std::string value;
    for (std::size_t left = length(random); left > 0; --left) value += alphabet[pick(random)];
    input.push_back({value});
  }
  const Ran ran = RunOn(steps, input);
  for (std::size_t row = 0; row < input.size(); ++row) {
    ASSERT_EQ(ran.problems[row], RowProblem::kNone);
    const std::string& raw = *input[row][0];
    for (const Cell& cell : ran.rows[row]) ASSERT_NE(*cell, raw);
    // A digit or two are in a hash by chance.
    if (raw.size() < 8) continue;
    for (const Cell& cell : ran.rows[row]) ASSERT_EQ(cell->find(raw), std::string::npos) << raw;
  }
}

TEST_F(ProgramTest, TellsTheOutgoingTypes) {
  FieldStep constant;
  constant.from = FieldStep::From::kConstant;
  constant.constant_type = ColumnType::kBoolean;
  const Program program = Program::Compile(
      {Step(TransformKind::kUnchanged, ColumnType::kDate), Step(TransformKind::kMask, ColumnType::kInteger),
       Step(TransformKind::kHash, ColumnType::kInteger), Step(TransformKind::kRedact, ColumnType::kDate),
       Step(TransformKind::kBlank, ColumnType::kFloat), constant},
      keys_);
  const ColumnType expected[] = {ColumnType::kDate, ColumnType::kText,  ColumnType::kText,
                                 ColumnType::kText, ColumnType::kFloat, ColumnType::kBoolean};
  for (std::size_t i = 0; i < std::size(expected); ++i) EXPECT_EQ(program.OutputType(i), expected[i]) << i;
}

TEST_F(ProgramTest, DescribesWhatShapesOutgoingBytes) {
  FieldStep hash = HashStep("email@1");
  hash.field = "email";
  hash.column = 2;
  FieldStep mask = MaskStep(2);
  mask.field = "a b";
  FieldStep redact = Step(TransformKind::kRedact, ColumnType::kDate);
  FieldStep constant;
  constant.field = "source";
  constant.from = FieldStep::From::kConstant;
  constant.constant = "warehouse";
  EXPECT_EQ(Program::Compile({hash, mask, redact, constant}, keys_).Describe(),
            "5:email column 2 text hash 7:email@1 9:pii.email key 1\n"
            "3:a b column 0 text mask 2 0 -\n"
            "5:field column 0 date redact 10:[redacted] \n"
            "6:source constant text 9:warehouse \n");
}

// FIPS 180-4's examples, as NIST publishes them for SHA-256, and the empty message.
TEST_F(ProgramTest, Sha256HasNoKey) {
  const Ran ran = RunOn({Step(TransformKind::kSha256)},
                        {{"abc"}, {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"}, {""}, {std::nullopt}});
  EXPECT_EQ(ran.rows[0][0], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ran.rows[1][0], "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(ran.rows[2][0], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(ran.rows[3][0], std::nullopt);
  FieldStep email = Step(TransformKind::kSha256);
  email.transform.normalize = "email@1";
  const Ran normal = RunOn({email}, {{" Alice@Example.com "}, {"alice@example.com"}, {"alice"}});
  EXPECT_EQ(normal.rows[0][0], normal.rows[1][0]);
  EXPECT_EQ(normal.problems[2], RowProblem::kNotNormalizable);
}

TEST_F(ProgramTest, GeneralizesOrRefusesTheRow) {
  FieldStep zip = Step(TransformKind::kGeneralize);
  zip.transform.generalize.what = Generalization::What::kZip;
  const Ran ran = RunOn({zip}, {{"12345"}, {"03601"}, {"1234"}, {std::nullopt}});
  EXPECT_EQ(ran.rows[0][0], "123");
  EXPECT_EQ(ran.rows[1][0], "000");
  EXPECT_EQ(ran.problems[2], RowProblem::kNotGeneralizable);
  EXPECT_EQ(ran.rows[2][0], std::nullopt);
  EXPECT_EQ(ran.rows[3][0], std::nullopt);
  EXPECT_EQ(ran.problems[3], RowProblem::kNone);
}

TEST_F(ProgramTest, RefusesWhatCannotBeSent) {
  struct Bad {
    FieldStep step;
    ProgramKeys keys;
    std::string message;
  };
  const Bad cases[] = {
      {Step(TransformKind::kDrop), keys_, "field `field` cannot be sent: its transform is `drop`"},
      {Step(TransformKind::kDeny), keys_, "field `field` cannot be sent: its transform is `deny`"},
      {Step(TransformKind::kTokenize), keys_, "field `field` cannot be sent: its transform is `tokenize`"},
      {Step(TransformKind::kDateShift), keys_, "field `field` cannot be sent: its transform is `date_shift`"},
      {Step(TransformKind::kScrub), keys_, "field `field` cannot be sent: its transform is `scrub`"},
      {Step(TransformKind::kJson), keys_, "field `field` cannot be sent: its transform is `json`"},
      {HashStep("email@9"), keys_,
       "field `field`: unknown normalization profile `email@9`; there are `email@1`, `phone@1` and `text@1`"},
      {HashStep("email@1"), ProgramKeys{nullptr, 1, "acme", "crm"},
       "field `field` is hashed, and there is no token key; run `weir init` to make keys"},
      {HashStep("email@1", ""), keys_, "field `field` is hashed, and its class or its destination has no name"},
  };
  for (const Bad& bad : cases) {
    try {
      Program::Compile({bad.step}, bad.keys);
      ADD_FAILURE() << "no error: " << bad.message;
    } catch (const PolicyError& error) {
      EXPECT_EQ(error.what(), bad.message);
    }
  }
}

}  // namespace
}  // namespace weir::policies
