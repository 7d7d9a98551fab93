#include "gateway/row_digests.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace weir::gateway {
namespace {

using Cells = std::vector<std::optional<std::string>>;

std::string Encode(const Cells& cells) {
  std::string out;
  for (const auto& cell : cells) AppendCell(&out, !cell, cell ? *cell : std::string_view());
  return out;
}

TEST(AppendCell, ComesBackAndIsUnambiguous) {
  std::mt19937_64 random(20261122);
  std::set<std::string> encodings;
  std::set<Cells> rows;
  for (int i = 0; i < 5000; ++i) {
    Cells cells(random() % 4);
    for (auto& cell : cells) {
      if (random() % 3 == 0) continue;
      cell.emplace(random() % 5, '\0');
      for (char& c : *cell) c = static_cast<char>(random() % 3);
    }
    const std::string encoded = Encode(cells);
    Cells decoded;
    ASSERT_TRUE(ParseCells(encoded, &decoded));
    EXPECT_EQ(decoded, cells);
    EXPECT_EQ(encodings.insert(encoded).second, rows.insert(cells).second);
  }
}

TEST(ParseCells, RefusesWhatAppendCellNeverWrites) {
  Cells cells;
  for (const std::string& bytes : {std::string("\x02"), std::string("\x01"), std::string("\x01\x05\0\0\0abc", 8),
                                   std::string("\x01\xff\xff\xff\xff", 5)}) {
    EXPECT_FALSE(ParseCells(bytes, &cells));
  }
}

class Digests : public ::testing::Test {
 protected:
  Digests() {
    for (audit::SecretKey* key : {&keyring_.token_root, &keyring_.state_root, &keyring_.tag_root, &keyring_.seal_root}) {
      *key = audit::SecretKey::Random();
    }
    keyring_.tenant = "shop";
    keyring_.environment = "default";
    for (auto [spec, name] : {std::pair{&crm_, "crm"}, {&helpdesk_, "helpdesk"}}) {
      spec->id = "exposure:contacts";
      spec->destination = name;
    }
  }
  SyncPlan Plan(const policies::SyncSpec& spec, std::string effect = "e1") const {
    SyncPlan plan;
    plan.spec = &spec;
    plan.effect_digest = std::move(effect);
    plan.fields = {{"id", policies::ColumnType::kInteger, true}, {"email", policies::ColumnType::kText, false}};
    plan.subject_columns = {{"customer", 0}};
    return plan;
  }
  Keyring keyring_;
  policies::SyncSpec crm_, helpdesk_;
};

std::string IdempotencyKey(RowDigests* digests, Operation operation, const RowKey& key,
                           const std::array<std::uint8_t, 12>& outgoing) {
  std::string out;
  digests->AppendIdempotencyKey(operation, key, outgoing, &out);
  return out;
}

TEST_F(Digests, NothingJoinsAcrossDestinations) {
  const SyncPlan a_plan = Plan(crm_), b_plan = Plan(helpdesk_);
  RowDigests a(a_plan, keyring_), b(b_plan, keyring_);
  const std::string cells = Encode({"42"});
  EXPECT_NE(a.Key(cells), b.Key(cells));
  EXPECT_NE(a.RecordTag(cells), b.RecordTag(cells));
  EXPECT_NE(a.SubjectTag(0, "42"), b.SubjectTag(0, "42"));
  EXPECT_NE(IdempotencyKey(&a, Operation::kUpsert, {}, {}), IdempotencyKey(&b, Operation::kUpsert, {}, {}));
}

TEST_F(Digests, TheInputFingerprintHangsOnTheEffectAndTheOutgoingOneOnTheFields) {
  const SyncPlan before = Plan(crm_), other_effect = Plan(crm_, "e2");
  SyncPlan renamed = Plan(crm_);
  renamed.fields[1].name = "mail";
  SyncPlan moved = Plan(crm_);
  moved.place = "`crm`, object `other`";
  RowDigests a(before, keyring_), b(other_effect, keyring_), c(renamed, keyring_), d(moved, keyring_);
  const std::string cells = Encode({"42", "x"});
  EXPECT_NE(a.Input(cells), b.Input(cells));
  EXPECT_EQ(a.Outgoing(cells), b.Outgoing(cells));  // a policy edit that changes no outgoing byte sends nothing
  EXPECT_NE(a.Outgoing(cells), c.Outgoing(cells));
  EXPECT_NE(a.Outgoing(cells), d.Outgoing(cells));  // another place does not have the row yet
}

TEST_F(Digests, TheIdempotencyKeyIsStableAndToldApartByOperationAndContent) {
  const SyncPlan plan = Plan(crm_);
  RowDigests first(plan, keyring_), again(plan, keyring_);
  const RowKey key = first.Key(Encode({"42"}));
  const auto outgoing = first.Outgoing(Encode({"42", "x"}));
  EXPECT_EQ(IdempotencyKey(&first, Operation::kUpsert, key, outgoing), IdempotencyKey(&again, Operation::kUpsert, key, outgoing));
  EXPECT_EQ(IdempotencyKey(&first, Operation::kUpsert, key, outgoing).size(), 32u);
  EXPECT_NE(IdempotencyKey(&first, Operation::kUpsert, key, outgoing), IdempotencyKey(&first, Operation::kDelete, key, outgoing));
  EXPECT_NE(IdempotencyKey(&first, Operation::kUpsert, key, outgoing),
            IdempotencyKey(&first, Operation::kUpsert, key, first.Outgoing(Encode({"42", "y"}))));
}

TEST_F(Digests, NullAndEmptyAreDifferentRows) {
  const SyncPlan plan = Plan(crm_);
  RowDigests digests(plan, keyring_);
  EXPECT_NE(digests.Input(Encode({"42", std::nullopt})), digests.Input(Encode({"42", ""})));
  EXPECT_NE(digests.Input(Encode({"4", "2"})), digests.Input(Encode({"", "42"})));
}

}  // namespace
}  // namespace weir::gateway
