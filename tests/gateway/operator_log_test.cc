#include "gateway/operator_log.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include "audit/secret.h"

namespace weir::gateway {
namespace {

// What could hold a cell, a key or a secret does not convert: such a line does not compile.
static_assert(!std::is_constructible_v<LogValue, std::string>);
static_assert(!std::is_constructible_v<LogValue, std::string_view>);
static_assert(!std::is_constructible_v<LogValue, const char*>);
static_assert(!std::is_constructible_v<LogValue, audit::SecretKey>);
static_assert(!std::is_constructible_v<LogValue, double>);
static_assert(!std::is_constructible_v<LogValue, bool>);
static_assert(!std::is_convertible_v<std::string, LogId>);
static_assert(!std::is_convertible_v<std::string_view, LogId>);

TEST(OperatorLog, WritesLogfmt) {
  EXPECT_EQ(FormatLogFields(false, LogLevel::kInfo, "run ended",
                            {{"sync", LogId("exposure:crm")}, {"rows", std::uint64_t{12}}, {"delta", -3}}),
            "level=info msg=\"run ended\" sync=exposure:crm rows=12 delta=-3");
}

TEST(OperatorLog, WritesJson) {
  EXPECT_EQ(FormatLogFields(true, LogLevel::kWarning, "run ended", {{"sync", LogId("a\"b\n")}, {"rows", 0}}),
            "\"level\":\"warning\",\"msg\":\"run ended\",\"sync\":\"a\\\"b\\u000a\",\"rows\":0");
}

TEST(OperatorLog, QuotesWhatWouldReadAsAnotherField) {
  EXPECT_EQ(FormatLogFields(false, LogLevel::kError, "x", {{"id", LogId("a b=c")}, {"empty", LogId("")}}),
            "level=error msg=x id=\"a b=c\" empty=\"\"");
}

TEST(OperatorLog, SmallestNumber) {
  EXPECT_EQ(LogValue(std::numeric_limits<std::int64_t>::min()).number(), "-9223372036854775808");
}

}  // namespace
}  // namespace weir::gateway
