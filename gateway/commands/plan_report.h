#pragma once

#include <string>

#include "gateway/forecast.h"
#include "gateway/sync_plan.h"
#include "gateway/terminal.h"
#include "gateway/workspace.h"

namespace weir::gateway {

// A plan for a person: header, columns with transform and rule, row filters, guards, gate, what stands against it, what
// it does to rows that are there.
void PrintPlan(const SyncPlan& plan, const Forecast& forecast, const Workspace& workspace, Terminal& terminal);

// The same as a JSON object (gateway/README.md, "JSON documents"), as text.
std::string PlanJson(const SyncPlan& plan, const Forecast& forecast, const Workspace& workspace);

// `crm_contacts -> crm/contacts (campaign)`.
std::string SyncTitle(const policies::SyncSpec& sync);

// kExitConfig when the plan refuses the sync, kExitHeld when the gate holds it, else kExitGood.
int PlanStatus(const SyncPlan& plan);

}  // namespace weir::gateway
