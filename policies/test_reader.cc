#include "policies/policy_document.h"

namespace weir::policies {
namespace {

using manifest::Fields;
using manifest::Value;

constexpr std::string_view kShape = "W-POL-010";

bool ReadExpect(Fields* fields, const std::string& file, manifest::Diagnostics* diagnostics, TestCase* test) {
  const Value* expect = fields->Required("expect");
  if (expect == nullptr) return false;
  const auto word = expect->AsString();
  if (word == std::string("deny")) {
    test->expect_denied = true;
    return true;
  }
  if (word == std::string("filter")) {
    test->filter = true;
    return true;
  }
  if (test->filter) {
    fields->Error(*expect, "with `use: filter`, `expect` is `filter` or `deny`");
    return false;
  }
  if (word) {
    if (const std::string hint = manifest::DidYouMean(*word, {"deny", "filter"}); !hint.empty()) {
      fields->Error(*expect, "`expect` is `deny`, `filter` or a transform, not `" + *word + "`" + hint);
      return false;
    }
  }
  const auto transform = ReadTransform(*expect, file, diagnostics);
  if (transform) test->expect = *transform;
  return transform.has_value();
}

// Of a test about columns: `to`, `use`, `expect`, `by`.
bool ReadOutcome(Fields* fields, const std::string& what, const std::string& file,
                 manifest::Diagnostics* diagnostics, TestCase* test) {
  const auto use = fields->Choice("use", {"send", "filter"});
  test->filter = use == std::string("filter");
  bool good = use || fields->Any("use") == nullptr;
  good = ReadExpect(fields, file, diagnostics, test) && good;
  if (use == std::string("send") && test->filter) {
    fields->Error(*fields->Any("expect"), "`expect: filter` contradicts `use: send` in " + what);
    good = false;
  }
  test->by = fields->Strings("by");
  return good;
}

bool ReadForAll(const Value& value, const std::string& what, const std::string& file,
                manifest::Diagnostics* diagnostics, TestCase* test) {
  Fields fields(value, "`for_all` of " + what, file, std::string(kShape), diagnostics, "{class: pii.ssn, to: any}");
  if (value.kind() != Value::Kind::kMap) return false;
  test->of_class = fields.RequiredString("class").value_or("");
  const auto to = ReadAudience(&fields, "`for_all` of " + what, file, diagnostics);
  fields.Finish();
  if (to) test->to = *to;
  return to && !test->of_class.empty();
}

bool ReadOfSync(Fields* fields, const Value& value, const std::string& what, TestCase* test) {
  if (fields->Any("rows") != nullptr) test->rows = fields->Strings("rows");
  if (fields->Any("require") != nullptr) test->require = fields->Strings("require");
  test->refused = fields->Bool("refused");
  if (test->rows || test->require || fields->Any("refused") != nullptr) return true;
  fields->Error(value, what + " expects nothing of the sync; it takes `rows`, `require` or `refused`");
  return false;
}

}  // namespace

std::optional<TestCase> ReadTestCase(const Value& value, const std::string& file,
                                     manifest::Diagnostics* diagnostics) {
  TestCase out;
  out.at = {file, value.position()};
  const Value* written_name = value.Find("name");
  const bool named = written_name != nullptr && written_name->AsString().has_value();
  const std::string what = named ? "test `" + *written_name->AsString() + "`" : "a test";
  Fields fields(value, what, file, std::string(kShape), diagnostics,
                "{name: no SSN leaves, for_all: {class: pii.ssn, to: any}, expect: deny}");
  if (value.kind() != Value::Kind::kMap) return std::nullopt;
  out.name = fields.RequiredString("name").value_or("");
  bool good = !out.name.empty();
  int kinds = 0;
  for (const char* key : {"column", "for_all", "sync"}) kinds += fields.Any(key) != nullptr ? 1 : 0;
  if (kinds != 1) {
    fields.Error(value, what + " needs one of `column`, `for_all` and `sync`" + (kinds == 0 ? "" : ", not several"));
    return std::nullopt;
  }
  if (fields.Any("sync") != nullptr) {
    out.sync = fields.RequiredString("sync").value_or("");
    good = ReadOfSync(&fields, value, what, &out) && !out.sync.empty() && good;
  } else if (const Value* all = fields.Any("for_all")) {
    good = ReadForAll(*all, what, file, diagnostics, &out) && good;
    good = ReadOutcome(&fields, what, file, diagnostics, &out) && good;
  } else {
    out.column = fields.RequiredString("column").value_or("");
    const std::size_t dot = out.column.rfind('.');
    if (!out.column.empty() && (dot == std::string::npos || dot == 0 || dot + 1 == out.column.size())) {
      fields.Error(*fields.Any("column"), "`column` of " + what + " must be `model.column`, not `" + out.column + "`");
      good = false;
    }
    const auto to = ReadAudience(&fields, what, file, diagnostics);
    if (to) out.to = *to;
    good = ReadOutcome(&fields, what, file, diagnostics, &out) && to && !out.column.empty() && good;
  }
  fields.Finish();
  if (!good) return std::nullopt;
  return out;
}

}  // namespace weir::policies
