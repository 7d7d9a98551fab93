#include "policies/gate_lifting.h"

#include "policies/gate_codes.h"

namespace weir::policies {
namespace {

Subjects With(Subjects subjects, const std::string& one) {
  if (!one.empty()) subjects.push_back(one);
  return subjects;
}

}  // namespace

void Lift(const Requirement& requirement, const Waivers& waivers, const Subjects& sync, std::size_t from,
          std::vector<GateReason>* reasons) {
  for (std::size_t i = from; i < reasons->size(); ++i) {
    GateReason& reason = (*reasons)[i];
    reason.waiver = waivers.Find(requirement.id, With(sync, reason.subject));
    reason.would_hold = reason.holds;
    reason.observed = requirement.observe && reason.holds;
    reason.holds = reason.holds && reason.waiver == nullptr && !requirement.observe;
  }
}

std::vector<GateReason> ExpiredWaivers(const Requirement& requirement, const Waivers& waivers, const Subjects& subjects) {
  std::vector<GateReason> out;
  for (const Waiver* waiver : waivers.FindExpired(requirement.id, subjects)) {
    GateReason reason;
    reason.code = kGateExpired;
    reason.text = "waiver `" + waiver->id + "` of requirement `" + requirement.id + "` expired on " + waiver->expires +
                  "; meet the requirement, or have the waiver approved anew";
    reason.holds = false;
    reason.requirement = requirement.id;
    out.push_back(std::move(reason));
  }
  return out;
}

std::string LiftedText(const Waiver* waiver, bool observed) {
  if (waiver != nullptr) return "; waived by `" + waiver->id + "` until " + waiver->expires;
  return observed ? "; observed: it would hold the sync without `mode: observe`" : "";
}

}  // namespace weir::policies
