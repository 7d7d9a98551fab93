#include "gateway/file_destination.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/audit/temporary_folder.h"

namespace weir::gateway {
namespace {

using policies::ColumnType;

class FileDestinationTest : public ::testing::Test {
 protected:
  FileDestinationTest() {
    config_.name = "lake";
    config_.kind = "file";
    config_.path = folder_.root() + "/out";
  }
  void Add(std::size_t column, std::optional<std::string> cell) {
    if (cell) rows_.columns[column].AppendText(*cell);
    else rows_.columns[column].AppendNull();
  }
  // One row of each type; the second row is null everywhere but in the key.
  Request Sample() {
    const std::vector<std::pair<ColumnType, std::string>> cells = {
        {ColumnType::kInteger, "9223372036854775807"}, {ColumnType::kDecimal, "12.50"}, {ColumnType::kFloat, "NaN"},
        {ColumnType::kBoolean, "true"}, {ColumnType::kText, "=1+1, \"x\"\n\u20ac"}, {ColumnType::kJson, "{\"a\": [1, 2]}"},
        {ColumnType::kDate, "2026-11-22"}, {ColumnType::kText, ""}, {ColumnType::kDecimal, "-5"}};
    fields_.clear();
    rows_ = {};
    rows_.columns.resize(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
      fields_.push_back({"f" + std::to_string(i), cells[i].first, i == 0});
      Add(i, cells[i].second);
      Add(i, i == 0 ? std::optional<std::string>("2") : std::nullopt);
    }
    rows_.rows = 2;
    Request request;
    request.sequence = 7;
    request.run_id = "run";
    request.object = "contacts";
    request.fields = fields_;
    request.rows = &rows_;
    request.idempotency_keys = keys_;
    return request;
  }
  std::string Read(const std::string& name) {
    return audit::RealFileSystem().ReadAll(config_.path + "/" + name, 1u << 20).value_or("absent");
  }

  audit::TemporaryFolder folder_;
  DestinationConfig config_;
  std::vector<Field> fields_;
  policies::Batch rows_;
  std::vector<std::string> keys_ = {"k1", "k2"};
};

TEST_F(FileDestinationTest, JsonLinesKeepTypesAndDigits) {
  FileDestination destination(config_, audit::RealFileSystem());
  destination.Prepare();
  const Reply reply = destination.Submit(Sample());
  ASSERT_EQ(reply.rows.size(), 2u);
  EXPECT_EQ(reply.rows[0].result, Result::kDelivered);
  EXPECT_EQ(Read("contacts/run-000007-upsert.jsonl"),
            "{\"_op\":\"upsert\",\"_key\":\"k1\",\"f0\":9223372036854775807,\"f1\":12.50,\"f2\":\"NaN\",\"f3\":true,"
            "\"f4\":\"=1+1, \\\"x\\\"\\n\u20ac\",\"f5\":{\"a\": [1, 2]},\"f6\":\"2026-11-22\",\"f7\":\"\",\"f8\":-5}\n"
            "{\"_op\":\"upsert\",\"_key\":\"k2\",\"f0\":2,\"f1\":null,\"f2\":null,\"f3\":null,\"f4\":null,\"f5\":null,"
            "\"f6\":null,\"f7\":null,\"f8\":null}\n");
}

TEST_F(FileDestinationTest, CsvTellsNullFromEmptyAndDisarmsFormulas) {
  config_.format = "csv";
  FileDestination destination(config_, audit::RealFileSystem());
  destination.Prepare();
  destination.Submit(Sample());
  EXPECT_EQ(Read("contacts/run-000007-upsert.csv"),
            "_op,_key,f0,f1,f2,f3,f4,f5,f6,f7,f8\r\n"
            "upsert,k1,9223372036854775807,12.50,NaN,true,\"'=1+1, \"\"x\"\"\n\u20ac\",\"{\"\"a\"\": [1, 2]}\",2026-11-22,\"\",-5\r\n"
            "upsert,k2,2,,,,,,,,\r\n");
}

TEST_F(FileDestinationTest, ADeleteCarriesTheMatchFieldsOnly) {
  FileDestination destination(config_, audit::RealFileSystem());
  destination.Prepare();
  Request request = Sample();
  request.operation = Operation::kDelete;
  destination.Submit(request);
  EXPECT_EQ(Read("contacts/run-000007-delete.jsonl"),
            "{\"_op\":\"delete\",\"_key\":\"k1\",\"f0\":9223372036854775807}\n{\"_op\":\"delete\",\"_key\":\"k2\",\"f0\":2}\n");
}

TEST_F(FileDestinationTest, NoObjectNamesAPlaceOutside) {
  FileDestination destination(config_, audit::RealFileSystem());
  destination.Prepare();
  for (const char* object : {"../../outside", "/etc/passwd", ".", "..", "a/b", ""}) {
    Request request = Sample();
    request.object = object;
    EXPECT_EQ(destination.Submit(request).rows.at(0).result, Result::kDelivered) << object;
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.root())) {
    if (!entry.is_regular_file()) continue;
    ++files;
    EXPECT_EQ(entry.path().parent_path().parent_path(), std::filesystem::path(config_.path)) << entry.path();
  }
  EXPECT_EQ(files, 6u);
}

TEST_F(FileDestinationTest, AFolderThatCannotBeIsAnErrorBeforeTheFirstRow) {
  audit::RealFileSystem().WriteAtomically(folder_.root() + "/file", "x");
  config_.path = folder_.root() + "/file/out";
  FileDestination destination(config_, audit::RealFileSystem());
  EXPECT_THROW(destination.Prepare(), DestinationError);
  const Reply reply = destination.Submit(Sample());
  EXPECT_EQ(reply.rows.at(0).result, Result::kRejected);
  EXPECT_EQ(reply.code, "io_error");
}

}  // namespace
}  // namespace weir::gateway
