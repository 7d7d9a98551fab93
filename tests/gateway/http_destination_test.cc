#include "gateway/http_destination.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/gateway/scripted_server.h"

namespace weir::gateway {
namespace {

using namespace std::chrono_literals;

class HttpDestinationTest : public ::testing::Test {
 protected:
  HttpDestinationTest() {
    config_.name = "crm";
    config_.kind = "http";
    config_.timeout = 400ms;
    config_.connect_timeout = 400ms;
    rows_.columns.resize(3);
    for (const char* id : {"1", "2"}) rows_.columns[0].AppendText(id);
    rows_.columns[1].AppendText("quote \" and \n newline");
    rows_.columns[1].AppendNull();
    for (const char* flag : {"true", "false"}) rows_.columns[2].AppendText(flag);
    rows_.rows = 2;
    request_.id = "00ff";
    request_.object = "contacts";
    request_.fields = fields_;
    request_.rows = &rows_;
    request_.idempotency_keys = keys_;
  }
  Reply Send(const std::string& url) {
    config_.url = url;
    HttpDestination destination(config_);
    destination.Prepare();
    return destination.Submit(request_);
  }

  DestinationConfig config_;
  policies::Batch rows_;
  std::vector<Field> fields_ = {{"external_id", policies::ColumnType::kInteger, true},
                                {"note", policies::ColumnType::kText, false},
                                {"active", policies::ColumnType::kBoolean, false}};
  std::vector<std::string_view> keys_ = {"k1", "k2"};
  Request request_;
};

TEST_F(HttpDestinationTest, SendsTypedRecordsWithTheirKeys) {
  ScriptedServer server({{HttpAnswer(200, "{\"accepted\": 2}")}});
  setenv("WEIR_TEST_CRM_TOKEN", "Bearer s3cret", 1);
  config_.headers = {{"Authorization", *SecretReference::Parse("env:WEIR_TEST_CRM_TOKEN"), ""}};
  const Reply reply = Send(server.Url("/v1/contacts?x=1"));
  ASSERT_EQ(reply.rows.size(), 2u);
  EXPECT_EQ(reply.rows[0].result, Result::kDelivered);
  const std::string request = server.requests().at(0);
  EXPECT_EQ(request.rfind("POST /v1/contacts?x=1 HTTP/1.1\r\n", 0), 0u) << request;
  EXPECT_NE(request.find("Idempotency-Key: 00ff\r\n"), std::string::npos);
  EXPECT_NE(request.find("Authorization: Bearer s3cret\r\n"), std::string::npos);
  const auto body = nlohmann::json::parse(request.substr(request.find("\r\n\r\n") + 4));
  EXPECT_EQ(body, nlohmann::json::parse(R"({"object":"contacts","operation":"upsert","records":[
      {"external_id":1,"note":"quote \" and \n newline","active":true},{"external_id":2,"note":null,"active":false}],
      "idempotency_keys":["k1","k2"]})"));
}

TEST_F(HttpDestinationTest, ADeleteCarriesTheMatchFieldsOnly) {
  ScriptedServer server({{HttpAnswer(204, "")}});
  request_.operation = Operation::kDelete;
  EXPECT_EQ(Send(server.Url()).rows.at(1).result, Result::kDelivered);
  const std::string request = server.requests().at(0);
  const auto body = nlohmann::json::parse(request.substr(request.find("\r\n\r\n") + 4));
  EXPECT_EQ(body["records"], nlohmann::json::parse(R"([{"external_id":1},{"external_id":2}])"));
}

TEST_F(HttpDestinationTest, TellsWhatArrivedFromWhatDidNotAndFromWhatNobodyKnows) {
  struct Case {
    const char* name;
    ScriptedServer::Answer answer;
    Result result;
    bool retryable;
    const char* code;
  };
  const Case cases[] = {
      {"204", {HttpAnswer(204, "")}, Result::kDelivered, false, ""},
      {"any json", {HttpAnswer(200, "[]")}, Result::kDelivered, false, ""},
      {"bad request", {HttpAnswer(400, "no")}, Result::kRejected, false, "http_400"},
      {"credentials", {HttpAnswer(401, "")}, Result::kDeferred, false, "http_401"},
      {"too many", {HttpAnswer(429, "")}, Result::kDeferred, true, "http_429"},
      {"unavailable", {HttpAnswer(503, "")}, Result::kDeferred, true, "http_503"},
      {"broken", {HttpAnswer(500, "")}, Result::kUnknown, true, "http_500"},
      {"bad gateway", {HttpAnswer(502, "")}, Result::kUnknown, true, "http_502"},
      {"redirect", {HttpAnswer(302, "", "Location: http://127.0.0.1:1/\r\n")}, Result::kDeferred, false, "redirect_refused"},
      {"a login page", {HttpAnswer(200, "<html>hello</html>")}, Result::kUnknown, true, "answer_not_json"},
      {"fewer accepted", {HttpAnswer(200, "{\"accepted\": 1}")}, Result::kUnknown, true, "answer_mismatch"},
      {"accepted is text", {HttpAnswer(200, "{\"accepted\": \"2\"}")}, Result::kUnknown, true, "answer_mismatch"},
      {"breaks off", {"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"acc"}, Result::kUnknown, true, "connection_lost"},
      {"closes at once", {""}, Result::kUnknown, true, "connection_lost"},
      {"no http", {"SSH-2.0-x\r\n\r\n"}, Result::kUnknown, true, "connection_lost"},
      {"hangs", {"", true}, Result::kUnknown, true, "timeout"},
      {"hangs in the body", {"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", true}, Result::kUnknown, true, "timeout"},
      {"endless", {HttpAnswer(200, std::string(2u << 20, ' '))}, Result::kUnknown, true, "answer_too_long"},
  };
  for (const Case& c : cases) {
    ScriptedServer server({c.answer});
    const Reply reply = Send(server.Url());
    ASSERT_EQ(reply.rows.size(), 2u) << c.name;
    EXPECT_EQ(Name(reply.rows[0].result), Name(c.result)) << c.name;
    EXPECT_EQ(reply.rows[0].retryable, c.retryable) << c.name;
    EXPECT_EQ(reply.code, c.code) << c.name;
  }
}

TEST_F(HttpDestinationTest, NobodyListens) {
  std::string url;
  {
    const ScriptedServer server({{""}});
    url = server.Url();
  }
  const Reply reply = Send(url);
  EXPECT_EQ(reply.rows.at(0).result, Result::kDeferred);
  EXPECT_TRUE(reply.rows.at(0).retryable);
  EXPECT_EQ(reply.code, "connect_failed");
}

TEST_F(HttpDestinationTest, ObeysRetryAfter) {
  ScriptedServer server({{HttpAnswer(429, "", "Retry-After: 7\r\n")}});
  EXPECT_EQ(Send(server.Url()).retry_after, 7s);
}

TEST(ParseRetryAfter, ReadsSecondsAndDates) {
  using std::chrono::system_clock;
  const auto now = system_clock::from_time_t(1'792'000'000);  // Wed, 14 Oct 2026 17:46:40 GMT
  EXPECT_EQ(ParseRetryAfter("120", now), 120s);
  EXPECT_EQ(ParseRetryAfter("Wed, 14 Oct 2026 17:47:40 GMT", now), 60s);
  EXPECT_EQ(ParseRetryAfter("Wed, 14 Oct 2026 17:00:00 GMT", now), 0s);
  for (const char* text : {"", "-1", "soon", "12 apples", "Wed, 14 Oct 2026"}) EXPECT_EQ(ParseRetryAfter(text, now), std::nullopt) << text;
}

TEST_F(HttpDestinationTest, RefusesPlacesThatNothingIsSentTo) {
  const std::pair<const char*, const char*> cases[] = {
      {"http://crm.example/contacts", "W-DST-005"},
      {"http://169.254.169.254/latest", "W-DST-004"},
      {"ftp://crm.example/", "W-DST-004"},
      {"https://user:hunter2@crm.example/", "W-DST-004"},
  };
  for (const auto& [url, code] : cases) {
    config_.url = url;
    try {
      HttpDestination destination(config_);
      ADD_FAILURE() << url << " was taken";
    } catch (const DestinationError& error) {
      EXPECT_EQ(error.code(), code) << url;
      EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace weir::gateway
