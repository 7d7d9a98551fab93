#include "manifest/value.h"

#include <gtest/gtest.h>

namespace weir::manifest {
namespace {

struct Typed {
  Value value;
  std::optional<bool> boolean;
  std::optional<std::int64_t> integer;
  std::optional<double> number;
};

TEST(Value, IsTypedByItsReader) {
  using V = Value;
  const std::vector<Typed> table = {
      {V::String("true", {}, true), true, {}, {}},
      {V::String("True", {}, true), {}, {}, {}},
      {V::String("true"), {}, {}, {}},
      {V::Bool(false), false, {}, {}},
      {V::String("12", {}, true), {}, 12, 12.0},
      {V::String("12"), {}, {}, {}},
      {V::String("012", {}, true), {}, {}, {}},
      {V::String("0x1f", {}, true), {}, {}, {}},
      {V::String("1_000", {}, true), {}, {}, {}},
      {V::String("-0.5e2", {}, true), {}, {}, -50.0},
      {V::Number("9223372036854775807"), {}, 9223372036854775807, 9223372036854775807.0},
      {V::Number("9223372036854775808"), {}, {}, 9223372036854775808.0},
      {V::Number("1.0"), {}, {}, 1.0},
      {V::Number("1e999"), {}, {}, {}},
      {V::String("1.", {}, true), {}, {}, {}},
      {V::String("-", {}, true), {}, {}, {}},
      {V::Null(), {}, {}, {}},
  };
  for (const Typed& row : table) {
    EXPECT_EQ(row.value.AsBool(), row.boolean) << row.value.text();
    EXPECT_EQ(row.value.AsInteger(), row.integer) << row.value.text();
    EXPECT_EQ(row.value.AsNumber(), row.number) << row.value.text();
  }
}

TEST(Value, CanonicalJsonSortsKeysAndEscapes) {
  std::vector<Value::Member> members;
  members.push_back({"b", {}, Value::List({Value::Number("1.50"), Value::Bool(true), Value::Null()})});
  members.push_back({"a\"", {}, Value::String("x\n\x01\xc3\xa9")});
  EXPECT_EQ(Value::Map(std::move(members)).CanonicalJson(),
            "{\"a\\\"\":\"x\\u000a\\u0001\xc3\xa9\",\"b\":[1.50,true,null]}");
}

}  // namespace
}  // namespace weir::manifest
