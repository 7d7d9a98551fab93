#include "policies/transform.h"

#include <gtest/gtest.h>

#include <random>

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

Transform Written(const std::string& text) {
  manifest::Diagnostics diagnostics;
  const auto transform = ReadTransform(Yaml(text), "p.yml", &diagnostics);
  EXPECT_TRUE(transform) << text << diagnostics.Render();
  return transform.value_or(Transform());
}

std::vector<Transform> Every() {
  return {Of(TransformKind::kUnchanged),
          Of(TransformKind::kSha256),
          Written("{sha256: {normalize: email@1}}"),
          Written("{sha256: {normalize: text@1}}"),
          Written("{generalize: {date: month}}"),
          Written("{generalize: {date: year}}"),
          Written("{generalize: {number: {bucket: 10}}}"),
          Written("{generalize: {number: {bucket: 15}}}"),
          Written("{generalize: {number: {bucket: 30}}}"),
          Written("{generalize: {number: {bucket: 999999999999989}}}"),
          Written("{generalize: {ip: {}}}"),
          Written("{generalize: {ip: {v4: 16}}}"),
          Written("{generalize: {ip: {v6: 32}}}"),
          Written("{generalize: {zip: {digits: 3}}}"),
          Written("{generalize: {age: {}}}"),
          Written("{generalize: {age: {cap: 80}}}"),
          Of(TransformKind::kMask),
          MaskFirst(1),
          MaskFirst(3),
          MaskLast(1),
          MaskLast(4),
          MaskDomain(),
          Written("{tokenize: {method: siv}}"),
          Written("{tokenize: {method: fpe, alphabet: digits}}"),
          Written("{tokenize: {method: fpe, alphabet: digits, least_values: 1000000}}"),
          Written("{tokenize: {method: fpe, alphabet: lower}}"),
          Hash(""),
          Hash("email@1"),
          Hash("phone@1"),
          Written("date_shift"),
          Written("{date_shift: {days: 30}}"),
          Written("{date_shift: {days: 30, subject: customer}}"),
          Written("scrub"),
          Written("{scrub: {detect: [email]}}"),
          Written("{scrub: {detect: [phone, email]}}"),
          Written("{scrub: {detect: iban}}"),
          Written("{json: {paths: {$.a: unchanged, $.b: hash}}}"),
          Written("{json: {paths: {$.a: unchanged}}}"),
          Written("{json: {paths: {$.a: {hash: {normalize: email@1}}, $.b: blank}}}"),
          Written("{json: {paths: {$.b: unchanged, $.c: {mask: {keep: domain}}}}}"),
          Written("{json: {paths: {$.a.b: unchanged}}}"),
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

// Parameters that no table thought of; a failure repeats by its seed.
TEST(TransformTest, JoinIsASemilatticeOverRandomParameters) {
  std::mt19937 random(7);
  const auto pick = [&random](std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
  };
  const auto some = [&pick](std::initializer_list<const char*> texts) {
    return std::string(texts.begin()[pick(texts.size())]);
  };
  const auto flat = [&]() -> std::string {
    const std::string number = std::to_string(1 + pick(6));
    switch (pick(12)) {
      case 0: return some({"unchanged", "redact", "blank", "hash", "sha256", "scrub"});
      case 1: return "{sha256: {normalize: " + some({"email@1", "phone@1", "text@1"}) + "}}";
      case 2: return "{hash: {normalize: " + some({"email@1", "phone@1", "text@1"}) + "}}";
      case 3: return "{mask: {keep: {" + some({"first", "last"}) + ": " + number + "}}}";
      case 4: return "{generalize: {date: " + some({"month", "year"}) + "}}";
      case 5: return "{generalize: {number: {bucket: " + std::to_string(2 + pick(40)) + "}}}";
      case 6:
        return "{generalize: {number: {bucket: " + std::to_string(999'999'999'999'000 + pick(1000)) + "}}}";
      case 7:
        return "{generalize: {ip: {v4: " + std::to_string(20 + pick(5)) + ", v6: " + std::to_string(44 + pick(5)) +
               "}}}";
      case 8: return "{generalize: {age: {cap: " + std::to_string(85 + pick(6)) + "}}}";
      case 9:
        return "{tokenize: {method: fpe, alphabet: " + some({"digits", "lower"}) +
               ", least_values: " + std::to_string(1'000'000 * (1 + pick(3))) + "}}";
      case 10: return "{scrub: {detect: [" + some({"email", "phone"}) + ", " + some({"iban", "email"}) + "]}}";
      default: return "{redact: {constant: " + some({"a", "b"}) + "}}";
    }
  };
  const auto any = [&]() {
    switch (pick(6)) {
      case 0:
        return Written("{date_shift: {days: " + std::to_string(1 + pick(3)) + some({"", ", subject: s"}) + "}}");
      case 1:
      case 2: {
        std::string paths;
        for (const char* path : {"$.a", "$.b", "$.c"}) {
          if (pick(2) == 0) paths += (paths.empty() ? "" : ", ") + std::string(path) + ": " + flat();
        }
        return Written("{json: {paths: {" + (paths.empty() ? "$.d: unchanged" : paths) + "}}}");
      }
      default: return Written(flat());
    }
  };
  for (int round = 0; round < 4'000; ++round) {
    const Transform a = any(), b = any(), c = any();
    bool one = false, other = false;
    const Transform ab = Join(a, b, &one);
    ASSERT_EQ(ab, Join(b, a, &other)) << round << ": " << a.ToText() << " " << b.ToText();
    ASSERT_EQ(one, other) << round;
    ASSERT_EQ(Join(a, a, nullptr), a) << round << ": " << a.ToText();
    ASSERT_EQ(Join(a, ab, nullptr), ab) << round << ": " << a.ToText() << " " << b.ToText();
    ASSERT_EQ(Join(ab, c, nullptr), Join(a, Join(b, c, nullptr), nullptr))
        << round << ": " << a.ToText() << " " << b.ToText() << " " << c.ToText();
  }
}

TEST(TransformTest, JoinsByWhatAPolicyWrites) {
  const struct {
    std::string a, b, expected;
    bool conflict;
  } cases[] = {
      {"unchanged", "sha256", "sha256", false},
      {"sha256", "{sha256: {normalize: email@1}}", "sha256: {normalize: email@1}", true},
      {"sha256", "{generalize: {date: year}}", "generalize: {date: year}", false},
      {"{generalize: {date: month}}", "{generalize: {date: year}}", "generalize: {date: year}", false},
      {"{generalize: {date: month}}", "{generalize: {age: {}}}", "redact", true},
      {"{generalize: {number: {bucket: 10}}}", "{generalize: {number: {bucket: 100}}}",
       "generalize: {number: {bucket: 100}}", false},
      {"{generalize: {number: {bucket: 10}}}", "{generalize: {number: {bucket: 15}}}",
       "generalize: {number: {bucket: 30}}", false},
      {"{generalize: {number: {bucket: 999999999999989}}}", "{generalize: {number: {bucket: 2}}}", "redact", true},
      {"{generalize: {ip: {v4: 16}}}", "{generalize: {ip: {v6: 32}}}", "generalize: {ip: {v4: 16, v6: 32}}", false},
      {"{generalize: {age: {}}}", "{generalize: {age: {cap: 80}}}", "generalize: {age: {cap: 80}}", false},
      {"{tokenize: {method: siv}}", "{tokenize: {method: fpe, alphabet: digits}}", "redact", true},
      {"{tokenize: {method: siv}}", "hash", "redact", true},
      {"{tokenize: {method: fpe, alphabet: digits, least_values: 1000000}}",
       "{tokenize: {method: fpe, alphabet: digits}}",
       "tokenize: {method: fpe, alphabet: digits, least_values: 10000000}", false},
      {"{date_shift: {days: 30}}", "date_shift", "date_shift: {days: 365}", false},
      {"date_shift", "{date_shift: {subject: customer}}", "redact", true},
      {"{scrub: {detect: [email]}}", "{scrub: {detect: [iban]}}", "scrub: {detect: [email, iban]}", false},
      {"scrub", "{scrub: {detect: [iban]}}", "scrub", false},
      {"{json: {paths: {$.a: unchanged, $.b: hash}}}", "{json: {paths: {$.b: unchanged, $.c: hash}}}",
       "json: {paths: {'$.b': hash}}", false},
      {"{json: {paths: {$.a: {hash: {normalize: email@1}}}}}", "{json: {paths: {$.a: hash}}}",
       "json: {paths: {'$.a': redact}}", true},
      {"{json: {paths: {$.a: hash}}}", "{json: {paths: {$.b: hash}}}", "redact", true},
      {"{json: {paths: {$.a: hash}}}", "unchanged", "json: {paths: {'$.a': hash}}", false},
      {"{json: {paths: {$.a: hash}}}", "sha256", "redact", true},
      {"{json: {paths: {$.a: hash}}}", "hash", "redact", true},
  };
  for (const auto& one : cases) {
    bool conflict = false;
    EXPECT_EQ(Join(Written(one.a), Written(one.b), &conflict).ToText(), one.expected) << one.a << " with " << one.b;
    EXPECT_EQ(conflict, one.conflict) << one.a << " with " << one.b;
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
      {ColumnType::kText, Of(TransformKind::kSha256), "sha256"},
      {ColumnType::kBoolean, Of(TransformKind::kSha256), "blank"},
      {ColumnType::kTimestampTz, Written("{generalize: {date: year}}"), "generalize: {date: year}"},
      {ColumnType::kText, Written("{generalize: {date: year}}"), "redact"},
      {ColumnType::kDecimal, Written("{generalize: {number: {bucket: 5}}}"), "generalize: {number: {bucket: 5}}"},
      {ColumnType::kFloat, Written("{generalize: {number: {bucket: 5}}}"), "blank"},
      {ColumnType::kInteger, Written("{generalize: {zip: {digits: 3}}}"), "blank"},
      {ColumnType::kText, Written("{generalize: {ip: {}}}"), "generalize: {ip: {v4: 24, v6: 48}}"},
      {ColumnType::kText, Written("{generalize: {age: {}}}"), "redact"},
      {ColumnType::kDate, Written("{tokenize: {method: siv}}"), "tokenize: {method: siv}"},
      {ColumnType::kInteger, Written("{tokenize: {method: fpe, alphabet: lower}}"), "blank"},
      {ColumnType::kDate, Written("date_shift"), "date_shift: {days: 365}"},
      {ColumnType::kText, Written("date_shift"), "redact"},
      {ColumnType::kText, Written("scrub"), "scrub"},
      {ColumnType::kJson, Written("scrub"), "redact"},
      {ColumnType::kJson, Written("{json: {paths: {$.a: hash}}}"), "json: {paths: {'$.a': hash}}"},
      {ColumnType::kOther, Written("{json: {paths: {$.a: hash}}}"), "redact"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(FitTo(one.type, one.transform, nullptr).ToText(), one.expected)
        << Name(one.type) << " " << one.transform.ToText();
  }
}

TEST(TransformTest, ReadsWhatItWrites) {
  for (const char* text :
       {"unchanged", "{mask: {keep: domain}}", "{mask: {keep: {first: 3}}}", "{mask: {keep: {last: 4}}}",
        "hash", "{hash: {normalize: phone@1}}", "redact", "{redact: {constant: 'it''s'}}", "blank", "drop",
        "sha256", "{sha256: {normalize: email@1}}", "{generalize: {date: month}}", "{generalize: {date: year}}",
        "{generalize: {number: {bucket: 1000}}}", "{generalize: {ip: {}}}", "{generalize: {ip: {v4: 16, v6: 32}}}",
        "{generalize: {zip: {digits: 3}}}", "{generalize: {age: {cap: 85}}}", "{tokenize: {method: siv}}",
        "{tokenize: {method: fpe, alphabet: alphanumeric, least_values: 1000000}}", "date_shift",
        "{date_shift: {days: 30, subject: customer}}", "scrub", "{scrub: {detect: [iban, email]}}",
        "{json: {paths: {'$[''a name''][*].b': {mask: {keep: {last: 4}}}, $.c: {redact: {constant: 'a: b'}}}}}"}) {
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
  EXPECT_TRUE(AtLeastAsStrict(TransformKind::kHash, TransformKind::kSha256));
  EXPECT_FALSE(AtLeastAsStrict(TransformKind::kJson, TransformKind::kSha256));
  EXPECT_FALSE(AtLeastAsStrict(TransformKind::kSha256, TransformKind::kUnchanged) &&
               AtLeastAsStrict(TransformKind::kUnchanged, TransformKind::kSha256));
  EXPECT_FALSE(AtLeastAsStrict(TransformKind::kDateShift, TransformKind::kGeneralize));
}

}  // namespace
}  // namespace weir::policies
