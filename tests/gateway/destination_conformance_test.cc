// What every kind of destination does, whatever is behind it. A new kind gets a Recipient here and passes.

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "audit/file.h"
#include "gateway/config.h"
#include "gateway/destination.h"
#include "tests/gateway/request_rows.h"
#include "tests/gateway/scripted_server.h"
#include "tests/gateway/temporary_folder.h"

namespace weir::gateway {
namespace {

using policies::ColumnType;

constexpr Operation kOperations[] = {Operation::kUpsert, Operation::kInsert, Operation::kUpdate,
                                     Operation::kDelete, Operation::kBlank,  Operation::kSuppress};

class Recipient {
 public:
  virtual ~Recipient() = default;
  virtual DestinationConfig Config() const = 0;
  virtual std::string Received() = 0;  // everything so far, as bytes
  virtual void Break() = 0;            // from here on nothing can be delivered
};

class Folder final : public Recipient {
 public:
  explicit Folder(std::string format) : format_(std::move(format)) {}
  DestinationConfig Config() const override {
    DestinationConfig config;
    config.name = "lake";
    config.kind = "file";
    config.path = folder_ / "out";
    config.format = format_;
    return config;
  }
  std::string Received() override {
    std::string all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
      if (entry.is_regular_file()) all += ReadWhole(entry.path().string());
    }
    return all;
  }
  void Break() override {
    std::filesystem::remove_all(folder_ / "out");
    WriteWhole(folder_ / "out", "a file stands where the folder was");
  }

 private:
  const std::string format_;
  TemporaryFolder folder_;
};

class Endpoint final : public Recipient {
 public:
  DestinationConfig Config() const override {
    DestinationConfig config;
    config.name = "crm";
    config.kind = "http";
    config.url = server_->Url();
    config.connect_timeout = config.timeout = std::chrono::milliseconds(2000);
    return config;
  }
  std::string Received() override {
    std::string all;
    for (const std::string& request : server_->requests()) all += request;
    return all;
  }
  void Break() override { server_.reset(); }

 private:
  std::unique_ptr<ScriptedServer> server_ =
      std::make_unique<ScriptedServer>(std::vector<ScriptedServer::Answer>{{HttpAnswer(200, "{}")}});
};

class DestinationConformanceTest : public testing::TestWithParam<std::string> {
 protected:
  DestinationConformanceTest() {
    if (GetParam() == "http") {
      recipient_ = std::make_unique<Endpoint>();
    } else {
      recipient_ = std::make_unique<Folder>(GetParam());
    }
    destination_ = MakeDestination(recipient_->Config());
  }
  std::unique_ptr<Recipient> recipient_;
  std::unique_ptr<Destination> destination_;
  const RequestRows rows_{{{"id", ColumnType::kInteger, true}, {"email", ColumnType::kText, false}},
                          {{"17", "first@mail.example"}, {"18", std::nullopt}, {"19", ""}}};
};

TEST_P(DestinationConformanceTest, NothingLeavesBeforeTheFirstSubmit) {
  EXPECT_GE(destination_->limits().rows, 1u);
  EXPECT_GE(destination_->limits().bytes, 1u);
  destination_->Prepare();
  EXPECT_EQ(recipient_->Received(), "");
}

TEST_P(DestinationConformanceTest, EveryRowHasAnOutcomeOfEveryOperation) {
  destination_->Prepare();
  std::uint64_t sequence = 0;
  for (const Operation operation : kOperations) {
    if (!destination_->Supports(operation)) continue;
    const Reply reply = destination_->Submit(rows_.Make(operation, ++sequence));
    ASSERT_EQ(reply.rows.size(), 3u) << Name(operation);
    for (const RowOutcome& row : reply.rows) EXPECT_EQ(row.result, Result::kDelivered) << Name(operation);
    EXPECT_EQ(reply.code, "") << Name(operation);
    EXPECT_NE(recipient_->Received().find(Name(operation)), std::string::npos) << Name(operation);
  }
}

TEST_P(DestinationConformanceTest, ADeleteNamesRowsAndShowsNothingElse) {
  destination_->Prepare();
  destination_->Submit(rows_.Make(Operation::kDelete, 1));
  destination_->Submit(rows_.Make(Operation::kSuppress, 2));
  const std::string received = recipient_->Received();
  EXPECT_NE(received.find("17"), std::string::npos);
  EXPECT_EQ(received.find("email"), std::string::npos);
  EXPECT_EQ(received.find("first@"), std::string::npos);
}

TEST_P(DestinationConformanceTest, KeysGoWithTheRows) {
  destination_->Prepare();
  destination_->Submit(rows_.Make(Operation::kUpsert));
  for (const char* key : {"key0", "key1", "key2"}) EXPECT_NE(recipient_->Received().find(key), std::string::npos) << key;
}

TEST_P(DestinationConformanceTest, AnEmptyRequestHasNoOutcomes) {
  destination_->Prepare();
  const RequestRows none({{"id", ColumnType::kInteger, true}}, {});
  EXPECT_EQ(destination_->Submit(none.Make(Operation::kUpsert)).rows.size(), 0u);
}

TEST_P(DestinationConformanceTest, AFailureIsDataAndNotAnException) {
  destination_->Prepare();
  recipient_->Break();
  const Reply reply = destination_->Submit(rows_.Make(Operation::kUpsert));
  ASSERT_EQ(reply.rows.size(), 3u);
  for (const RowOutcome& row : reply.rows) {
    EXPECT_NE(row.result, Result::kDelivered);
    // Where a file stands in the folder's place another attempt would meet it again.
    EXPECT_EQ(row.retryable, GetParam() == "http" || row.result == Result::kUnknown);
  }
  EXPECT_NE(reply.code, "");
  for (const char c : reply.code) EXPECT_TRUE((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') << reply.code;
}

INSTANTIATE_TEST_SUITE_P(Kinds, DestinationConformanceTest, testing::Values("jsonl", "csv", "http"),
                         [](const auto& kind) { return kind.param; });

TEST(MakeDestinationTest, RefusesAnUnknownKind) {
  DestinationConfig config;
  config.name = "crm";
  config.kind = "fax";
  try {
    MakeDestination(config);
    ADD_FAILURE() << "no error";
  } catch (const DestinationError& error) {
    EXPECT_EQ(error.code() + " " + error.what(),
              "W-DST-001 destination `crm`: kind `fax` is not known; there are `file` and `http`");
  }
}

}  // namespace
}  // namespace weir::gateway
