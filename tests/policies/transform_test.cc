#include "policies/transform.h"

#include <gtest/gtest.h>

#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

Transform Of(TransformKind kind) {
  Transform out;
  out.kind = kind;
  return out;
}
Transform MaskFirst(std::uint32_t n) {
  Transform out = Of(TransformKind::kMask);
  out.keep_first = n;
  return out;
}
Transform MaskLast(std::uint32_t n) {
  Transform out = Of(TransformKind::kMask);
  out.keep_last = n;
  return out;
}
Transform MaskDomain() {
  Transform out = Of(TransformKind::kMask);
  out.keep_domain = true;
  return out;
}
Transform Hash(const std::string& profile) {
  Transform out = Of(TransformKind::kHash);
  out.normalize = profile;
  return out;
}
Transform Redact(const std::string& constant) {
  Transform out = Of(TransformKind::kRedact);
  out.constant = constant;
  return out;
}

std::vector<Transform> Every() {
  return {Of(TransformKind::kUnchanged),
          Of(TransformKind::kSha256),
          Of(TransformKind::kGeneralize),
          Of(TransformKind::kMask),
          MaskFirst(1),
          MaskFirst(3),
          MaskLast(1),
          MaskLast(4),
          MaskDomain(),
          Of(TransformKind::kTokenize),
          Hash(""),
          Hash("email@1"),
          Hash("phone@1"),
          Of(TransformKind::kScrub),
          Of(TransformKind::kRedact),
          Redact("a"),
          Redact("b"),
          Redact(""),
          Of(TransformKind::kBlank),
          Of(TransformKind::kDrop),
          Of(TransformKind::kDeny)};
}

TEST(TransformTest, JoinIsASemilattice) {
  for (const Transform& a : Every()) {
    EXPECT_EQ(Join(a, a, nullptr), a) << a.ToText();
    for (const Transform& b : Every()) {
      bool one = false, other = false;
      EXPECT_EQ(Join(a, b, &one), Join(b, a, &other)) << a.ToText() << " " << b.ToText();
      EXPECT_EQ(one, other);
      const Transform ab = Join(a, b, nullptr);
      EXPECT_EQ(Join(a, ab, nullptr), ab) << "the join is above both: " << a.ToText() << " " << b.ToText();
      for (const Transform& c : Every()) {
        EXPECT_EQ(Join(ab, c, nullptr), Join(a, Join(b, c, nullptr), nullptr))
            << a.ToText() << " " << b.ToText() << " " << c.ToText();
      }
    }
  }
}

TEST(TransformTest, Joins) {
  const struct {
    Transform a, b, expected;
    bool conflict;
  } cases[] = {
      {Of(TransformKind::kUnchanged), MaskDomain(), MaskDomain(), false},
      {Of(TransformKind::kSha256), MaskDomain(), MaskDomain(), false},
      {MaskFirst(1), MaskFirst(3), MaskFirst(1), false},
      {MaskLast(4), MaskLast(2), MaskLast(2), false},
      {MaskFirst(3), MaskLast(3), Of(TransformKind::kRedact), true},
      {MaskFirst(3), MaskDomain(), Of(TransformKind::kRedact), true},
      {MaskDomain(), Hash(""), Of(TransformKind::kRedact), true},
      {Hash("email@1"), Hash(""), Of(TransformKind::kRedact), true},
      {Hash("email@1"), Redact("gone"), Redact("gone"), false},
      {Of(TransformKind::kRedact), Redact("gone"), Redact("gone"), false},
      {Redact("a"), Redact("b"), Redact("b"), false},
      {Of(TransformKind::kRedact), Of(TransformKind::kBlank), Of(TransformKind::kBlank), false},
      {Of(TransformKind::kBlank), Of(TransformKind::kDrop), Of(TransformKind::kDrop), false},
      {Of(TransformKind::kDrop), Of(TransformKind::kDeny), Of(TransformKind::kDeny), false},
  };
  for (const auto& one : cases) {
    bool conflict = false;
    EXPECT_EQ(Join(one.a, one.b, &conflict), one.expected) << one.a.ToText() << " with " << one.b.ToText();
    EXPECT_EQ(conflict, one.conflict) << one.a.ToText() << " with " << one.b.ToText();
  }
}

TEST(TransformTest, FitsOnlyTowardsTheStricter) {
  const ColumnType types[] = {ColumnType::kText,  ColumnType::kInteger,   ColumnType::kDecimal,
                              ColumnType::kFloat, ColumnType::kBoolean,   ColumnType::kDate,
                              ColumnType::kTime,  ColumnType::kTimestamp, ColumnType::kTimestampTz,
                              ColumnType::kUuid,  ColumnType::kJson,      ColumnType::kBinary,
                              ColumnType::kOther};
  for (const ColumnType type : types) {
    for (const Transform& transform : Every()) {
      bool changed = false, again = false;
      const Transform fitted = FitTo(type, transform, &changed);
      EXPECT_EQ(Join(transform, fitted, nullptr), fitted) << Name(type) << " " << transform.ToText();
      EXPECT_EQ(changed, !(fitted == transform));
      EXPECT_EQ(FitTo(type, fitted, &again), fitted);
      EXPECT_FALSE(again);
    }
  }
  const struct {
    ColumnType type;
    Transform transform;
    std::string expected;
  } cases[] = {
      {ColumnType::kText, MaskDomain(), "mask: {keep: domain}"},
      {ColumnType::kInteger, MaskLast(4), "mask: {keep: {last: 4}}"},
      {ColumnType::kInteger, MaskDomain(), "blank"},
      {ColumnType::kDate, MaskFirst(4), "blank"},
      {ColumnType::kUuid, MaskFirst(4), "mask: {keep: {first: 4}}"},
      {ColumnType::kInteger, Hash(""), "hash"},
      {ColumnType::kInteger, Hash("email@1"), "blank"},
      {ColumnType::kBoolean, Hash(""), "blank"},
      {ColumnType::kDecimal, Hash(""), "blank"},
      {ColumnType::kTimestampTz, Hash(""), "hash"},
      {ColumnType::kJson, Hash(""), "redact"},
      {ColumnType::kJson, Redact("x"), "redact: {constant: 'x'}"},
      {ColumnType::kBoolean, Of(TransformKind::kUnchanged), "unchanged"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(FitTo(one.type, one.transform, nullptr).ToText(), one.expected)
        << Name(one.type) << " " << one.transform.ToText();
  }
}

TEST(TransformTest, ReadsWhatItWrites) {
  for (const char* text :
       {"unchanged", "{mask: {keep: domain}}", "{mask: {keep: {first: 3}}}", "{mask: {keep: {last: 4}}}",
        "hash", "{hash: {normalize: phone@1}}", "redact", "{redact: {constant: 'it''s'}}", "blank", "drop"}) {
    manifest::Diagnostics diagnostics;
    const auto transform = ReadTransform(Yaml(text), "p.yml", &diagnostics);
    ASSERT_TRUE(transform) << text << diagnostics.Render();
    const std::string written = transform->ToText();
    const auto again = ReadTransform(
        Yaml(written.find(':') == std::string::npos ? written : "{" + written + "}"), "p.yml", &diagnostics);
    ASSERT_TRUE(again) << written;
    EXPECT_EQ(*again, *transform);
    EXPECT_FALSE(diagnostics.HasErrors());
  }
}

TEST(TransformTest, ExceptLetsStricterThrough) {
  EXPECT_TRUE(AtLeastAsStrict(TransformKind::kRedact, TransformKind::kRedact));
  EXPECT_TRUE(AtLeastAsStrict(TransformKind::kBlank, TransformKind::kRedact));
  EXPECT_FALSE(AtLeastAsStrict(TransformKind::kHash, TransformKind::kRedact));
  EXPECT_FALSE(AtLeastAsStrict(TransformKind::kHash, TransformKind::kMask));
}

}  // namespace
}  // namespace weir::policies
