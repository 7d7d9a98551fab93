#include "gateway/run_sync.h"
#include "gateway/source.h"
#include "gateway/value_watch.h"

namespace weir::gateway {

Preview PreviewSync(const Workspace& workspace, const policies::SyncSpec& sync, const Keyring& keyring,
                    std::size_t rows, audit::Time now) {
  Preview preview;
  const std::unique_ptr<Source> source = MakeSource(workspace.config.source);
  const manifest::Node* model = workspace.artifacts.project.FindNode(sync.model_id);
  std::vector<policies::ColumnSchema> schema;
  const bool has_relation = model != nullptr && !model->relation_name.empty();
  if (has_relation) schema = source->Columns(model->relation_name);
  preview.plan = MakePlan(workspace, sync, has_relation ? &schema : nullptr, {}, &keyring, now);
  if (!preview.plan.refusals.empty()) return preview;

  policies::Program program =
      policies::Program::Compile(preview.plan.steps, KeysFor(preview.plan, keyring, workspace.config));
  std::vector<policies::RowFilter> filters;
  for (const policies::RowPredicate& predicate : preview.plan.decision.row_filters) {
    filters.push_back(policies::RowFilter::Compile(predicate, preview.plan.input_schema));
  }
  ValueWatch values(preview.plan);
  source->Start({preview.plan.relation, preview.plan.input_columns});
  policies::Batch batch, outgoing;
  std::vector<policies::RowProblem> problems;
  std::vector<std::uint8_t> pass;
  while (preview.rows.size() < rows && source->Next(&batch)) {
    std::vector<std::uint8_t> all_pass(batch.rows, 1);
    for (const policies::RowFilter& filter : filters) {
      filter.Apply(batch, &pass);
      for (std::size_t row = 0; row < batch.rows; ++row) all_pass[row] &= pass[row];
    }
    values.Look(batch, all_pass, {});
    for (std::uint32_t row = 0; row < batch.rows && preview.rows.size() < rows; ++row) {
      PreviewRow& out = preview.rows.emplace_back();
      out.withheld = all_pass[row] == 0;
      out.fields.resize(preview.plan.fields.size());
      if (out.withheld) continue;
      program.Run(batch, std::span(&row, 1), &outgoing, &problems);
      if (problems[0] != policies::RowProblem::kNone) {
        out.problem = policies::Name(problems[0]);
        continue;
      }
      for (std::size_t field = 0; field < out.fields.size(); ++field) {
        if (!outgoing.columns[field].IsNull(0)) out.fields[field] = std::string(outgoing.columns[field].Text(0));
      }
    }
  }
  // What a run would be held for is not shown either.
  preview.plan.refusals = values.Findings();
  if (!preview.plan.refusals.empty()) preview.rows.clear();
  return preview;
}

}  // namespace weir::gateway
