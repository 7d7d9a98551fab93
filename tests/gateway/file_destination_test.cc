#include "gateway/file_destination.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/audit/temporary_folder.h"
#include "tests/gateway/request_rows.h"

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
  std::vector<std::string_view> keys_ = {"k1", "k2"};
};

TEST_F(FileDestinationTest, JsonLinesKeepTypesAndDigits) {
  FileDestination destination(config_, audit::RealFileSystem());
  destination.Prepare();
  const Reply reply = destination.Submit(Sample());
  ASSERT_EQ(reply.rows.size(), 2u);
  EXPECT_EQ(reply.rows[0].result, Result::kDelivered);
  EXPECT_EQ(Read("contacts/run-000007-upsert.jsonl"),
            "{\"_op\":\"upsert\",\"_key\":\"k1\",\"f0\":9223372036854775807,\"f1\":12.50,\"f2\":\"NaN\",\"f3\":true,"
            "\"f4\":\"=1+1, \\\"x\\\"\\n\u20ac\",\"f5\":{\"a\":[1,2]},\"f6\":\"2026-11-22\",\"f7\":\"\",\"f8\":-5}\n"
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
  EXPECT_EQ(reply.rows.at(0).result, Result::kDeferred);
  EXPECT_FALSE(reply.rows.at(0).retryable);
  EXPECT_EQ(reply.code, "not_a_folder");
}

// What another attempt would meet again is no unknown delivery, and is not tried again.
TEST_F(FileDestinationTest, APermanentFailureIsDefinite) {
  FileDestination destination(config_, audit::RealFileSystem());
  destination.Prepare();
  audit::RealFileSystem().WriteAtomically(config_.path + "/taken", "x");
  const struct {
    std::string object, run, code;
  } cases[] = {{std::string(256, 'o'), "run", "name_too_long"},
               {"contacts", std::string(250, 'r'), "name_too_long"},
               {"taken", "run", "not_a_folder"}};
  for (const auto& each : cases) {
    Request request = Sample();
    request.object = each.object;
    request.run_id = each.run;
    const Reply reply = destination.Submit(request);
    EXPECT_EQ(reply.code, each.code);
    ASSERT_FALSE(reply.rows.empty());
    for (const RowOutcome& row : reply.rows) {
      EXPECT_EQ(row.result, Result::kDeferred) << each.code;
      EXPECT_FALSE(row.retryable) << each.code;
    }
  }
}

TEST_F(FileDestinationTest, AnObjectThatNoFolderCanBeCalledAfterIsKnownBefore) {
  EXPECT_EQ(FileDestination::ProblemOf("/out", std::string(255, 'o')), "");
  EXPECT_EQ(FileDestination::ProblemOf("/out", std::string(256, 'o')),
            "names an object that no folder can be called after (256 bytes, and a name has at most 255); shorten `object`");
  EXPECT_EQ(FileDestination::ProblemOf("/out", std::string(86, '/')),  // three bytes each: `%2F`
            "names an object that no folder can be called after (258 bytes, and a name has at most 255); shorten `object`");
  EXPECT_NE(FileDestination::ProblemOf("/" + std::string(4000, 'p'), "o"), "");
}

TEST_F(FileDestinationTest, CsvDisarmsEveryFormula) {
  config_.format = "csv";
  const RequestRows rows({{"id", ColumnType::kInteger, true}, {"=name", ColumnType::kText, false}},
                         {{"-1", "plain"}, {"2", "a,\"b\"\r\nc"}, {"3", std::nullopt}, {"4", ""}, {"5", "=cmd|' /C calc'!A0"},
                          {"6", "+49 30"}, {"7", "-x"}, {"8", "@x"}, {"9", "\tx"}, {"10", "\rx"}, {"11", "a=b"}});
  FileDestination destination(config_, audit::RealFileSystem());
  destination.Prepare();
  destination.Submit(rows.Make(Operation::kUpsert));
  EXPECT_EQ(Read("contacts/run-000001-upsert.csv"),
            "_op,_key,id,\"'=name\"\r\n"
            "upsert,key0,-1,plain\r\n"
            "upsert,key1,2,\"a,\"\"b\"\"\r\nc\"\r\n"
            "upsert,key2,3,\r\n"
            "upsert,key3,4,\"\"\r\n"
            "upsert,key4,5,\"'=cmd|' /C calc'!A0\"\r\n"
            "upsert,key5,6,\"'+49 30\"\r\n"
            "upsert,key6,7,\"'-x\"\r\n"
            "upsert,key7,8,\"'@x\"\r\n"
            "upsert,key8,9,\"'\tx\"\r\n"
            "upsert,key9,10,\"'\rx\"\r\n"
            "upsert,key10,11,a=b\r\n");
}

TEST_F(FileDestinationTest, OneFileForEachRequestAndTheSameForTheSame) {
  const std::vector<Field> fields = {{"id", ColumnType::kInteger, true}};
  const RequestRows first(fields, {{"1"}}), again(fields, {{"2"}});
  FileDestination destination(config_, audit::RealFileSystem());
  destination.Prepare();
  destination.Submit(first.Make(Operation::kUpsert, 1));
  destination.Submit(first.Make(Operation::kDelete, 2));
  destination.Submit(again.Make(Operation::kUpsert, 1));
  EXPECT_EQ(audit::RealFileSystem().List(config_.path + "/contacts"),
            (std::vector<std::string>{"run-000001-upsert.jsonl", "run-000002-delete.jsonl"}));
  EXPECT_EQ(Read("contacts/run-000001-upsert.jsonl"), "{\"_op\":\"upsert\",\"_key\":\"key0\",\"id\":2}\n");
}

TEST_F(FileDestinationTest, RemovesWhatAKilledRunHadBegun) {
  const RequestRows rows({{"id", ColumnType::kInteger, true}}, {{"1"}});
  audit::FileSystem& files = audit::RealFileSystem();
  const std::string folder = config_.path + "/contacts";
  files.MakeFolders(folder);
  for (const char* name : {"dead-000003-upsert.jsonl.tmp", "dead-000004-delete.csv.tmp", "dead-000002-upsert.jsonl", "notes.tmp"}) {
    files.Write(folder + "/" + name, "x");
  }
  FileDestination destination(config_, files);
  destination.Prepare();
  destination.Submit(rows.Make(Operation::kUpsert));
  EXPECT_EQ(files.List(folder), (std::vector<std::string>{"dead-000002-upsert.jsonl", "notes.tmp", "run-000001-upsert.jsonl"}));
}

// The file cannot be written: the rows are not at fault, and a reader sees nothing.
TEST_F(FileDestinationTest, AFailingDiskRejectsForAnotherAttempt) {
  const RequestRows rows({{"id", ColumnType::kInteger, true}}, {{"1"}, {"2"}});
  FileDestination destination(config_, audit::RealFileSystem());
  destination.Prepare();
  // A folder stands where the temporary file goes, which stops root too.
  audit::RealFileSystem().MakeFolders(config_.path + "/contacts/run-000001-upsert.jsonl.tmp");
  const Reply reply = destination.Submit(rows.Make(Operation::kUpsert));
  EXPECT_EQ(reply.code, "io_error");
  ASSERT_EQ(reply.rows.size(), 2u);
  for (const RowOutcome& row : reply.rows) {
    EXPECT_EQ(row.result, Result::kDeferred);
    EXPECT_TRUE(row.retryable);
  }
  EXPECT_EQ(Read("contacts/run-000001-upsert.jsonl"), "absent");
}

}  // namespace
}  // namespace weir::gateway
