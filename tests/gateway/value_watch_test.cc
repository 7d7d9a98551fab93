#include "gateway/value_watch.h"

#include <gtest/gtest.h>

namespace weir::gateway {
namespace {

// One text column, `subject`, that is sent as it is, and a class that its values could show.
class Watched : public ::testing::Test {
 protected:
  Watched() {
    model_.name = "fct_tickets";
    defined_.name = "pii.email";
    defined_.value.emplace();
    defined_.value->detector = policies::Detector::kEmail;
    plan_.decision.model = &model_;
    policies::ColumnDecision decision;
    decision.column = "subject";
    decision.field = "title";
    decision.transform.kind = policies::TransformKind::kUnchanged;
    plan_.decision.columns = {decision};
    plan_.input_columns = {"subject"};
    policies::FieldStep step;
    step.field = "title";
    step.transform = decision.transform;
    plan_.steps = {step};
    policies::ValueQuestion question;
    question.defined = &defined_;
    question.then = decision;
    question.then.transform.kind = policies::TransformKind::kDeny;
    question.then.reason = "`pii.email` (by value), no rule gives it";
    plan_.value_questions = {question};
  }

  // `rows` texts of which the first `found` are addresses; of those the first `changed` rows are to be sent.
  static void Look(ValueWatch* watch, std::size_t rows, std::size_t found, std::size_t changed = 0,
                   std::size_t withheld = 0) {
    policies::Batch batch;
    batch.columns.resize(1);
    batch.rows = rows;
    std::vector<OutgoingRows::Row> sent;
    std::vector<std::uint8_t> pass(rows, 1);
    for (std::size_t i = 0; i < rows; ++i) {
      batch.columns[0].AppendText(i < found ? "mail a@example.com" : "hello");
      if (i < changed) sent.emplace_back().row = static_cast<std::uint32_t>(i);
      if (i < withheld) pass[i] = 0;
    }
    watch->Look(batch, pass, sent);
  }

  manifest::Node model_;
  policies::ClassDefinition defined_;
  SyncPlan plan_;
};

TEST_F(Watched, SaysWhatItCountedAndWhatToDo) {
  ValueWatch watch(plan_);
  Look(&watch, 2000, 700);
  Look(&watch, 1000, 320);
  const auto findings = watch.Findings();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].code, "W-SYNC-011");
  EXPECT_EQ(findings[0].text,
            "column `subject` may be `pii.email`: by value, 34% of 3,000 values look like `email`. It would be sent as "
            "`unchanged`, and with that class denied: `pii.email` (by value), no rule gives it: nothing was sent; give "
            "the column the class in its dbt meta or under `columns` of the class, or list `fct_tickets.subject` under "
            "`except` of the class's `value` when a person has looked at it");
}

TEST_F(Watched, Shares) {
  const struct {
    std::string name;
    double share;
    std::size_t rows, found, changed, withheld;
    bool finds;
  } cases[] = {
      {"none", 0.2, 100, 0, 0, 0, false},
      {"at the share", 0.2, 100, 20, 0, 0, true},
      {"below the share", 0.2, 100, 19, 0, 0, false},
      {"at a share of one", 1, 100, 100, 0, 0, true},
      {"below a share of one", 1, 100, 99, 0, 0, false},
      {"few values, all of them", 0.2, 3, 3, 0, 0, true},
      {"few values, some of them", 0.2, 4, 3, 0, 0, false},
      {"five of nine", 0.2, 9, 5, 0, 0, true},
      {"four of nine", 0.2, 9, 4, 0, 0, false},
      {"today's rows are not diluted by the others", 0.2, 4000, 5, 5, 0, true},
      {"one row of today says nothing", 0.2, 4000, 1, 1, 0, false},
      {"today's rows dilute nothing either", 0.2, 4000, 900, 4000, 0, true},
      {"what a filter stops is not counted", 0.2, 100, 30, 0, 30, false},
      {"no row", 0.2, 0, 0, 0, 0, false},
  };
  for (const auto& one : cases) {
    defined_.value->share = one.share;
    ValueWatch watch(plan_);
    Look(&watch, one.rows, one.found, one.changed, one.withheld);
    EXPECT_EQ(!watch.Findings().empty(), one.finds) << one.name;
  }
}

TEST_F(Watched, NullIsNoValue) {
  ValueWatch watch(plan_);
  policies::Batch batch;
  batch.columns.resize(1);
  for (int i = 0; i < 20; ++i) batch.columns[0].AppendNull();
  batch.columns[0].AppendText("a@example.com");
  batch.rows = 21;
  watch.Look(batch, std::vector<std::uint8_t>(21, 1), {});
  ASSERT_EQ(watch.Findings().size(), 1u);
  EXPECT_NE(watch.Findings()[0].text.find("100% of 1 values"), std::string::npos);
}

TEST_F(Watched, LooksOnlyAtWhatLeaves) {
  plan_.steps[0].from = policies::FieldStep::From::kNull;
  ValueWatch blanked(plan_);
  Look(&blanked, 100, 100);
  EXPECT_TRUE(blanked.Findings().empty());
  plan_.steps[0].from = policies::FieldStep::From::kColumn;
  plan_.steps[0].type = policies::ColumnType::kDate;  // where no address can be
  ValueWatch dates(plan_);
  Look(&dates, 100, 100);
  EXPECT_TRUE(dates.Findings().empty());
}

}  // namespace
}  // namespace weir::gateway
