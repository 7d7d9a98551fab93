#include "policies/waiver.h"

#include <algorithm>
#include <chrono>

#include "policies/policy.h"
#include "policies/waiver_target.h"

namespace weir::policies {
namespace {

int NumberAt(std::string_view text, std::size_t at, std::size_t digits) {
  int out = 0;
  for (const char c : text.substr(at, digits)) out = out * 10 + (c - '0');
  return out;
}

std::chrono::sys_days DayOf(std::string_view date) {
  return std::chrono::year(NumberAt(date, 0, 4)) / NumberAt(date, 5, 2) / NumberAt(date, 8, 2);
}

}  // namespace

bool IsCalendarDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i != 4 && i != 7 && (text[i] < '0' || text[i] > '9')) return false;
  }
  const std::chrono::year_month_day day{std::chrono::year(NumberAt(text, 0, 4)),
                                        std::chrono::month(static_cast<unsigned>(NumberAt(text, 5, 2))),
                                        std::chrono::day(static_cast<unsigned>(NumberAt(text, 8, 2)))};
  return day.ok();
}

int DaysBetween(std::string_view from, std::string_view to) {
  return static_cast<int>((DayOf(to) - DayOf(from)).count());
}

std::string ToText(const Waiver& waiver) {
  return "waiver `" + waiver.id + "` of " + waiver.approver + " until " + waiver.expires + ": " + waiver.reason;
}

Waivers::Waivers(const Policy& policy, const manifest::Project& project, audit::Time now)
    : today_(audit::FormatTime(now).substr(0, 10)) {
  if (policy.approvals) never_ = policy.approvals->never_waivable;
  for (const Waiver& waiver : policy.waivers) resolved_.push_back({&waiver, FindWaiverTarget(waiver, project, nullptr).subject});
}

const Waiver* Waivers::Find(std::string_view requirement, const Subjects& subjects) const {
  const Waiver* out = nullptr;
  if (std::find(never_.begin(), never_.end(), requirement) != never_.end()) return out;
  for (const Resolved& one : resolved_) {
    if (one.waiver->rule != requirement || one.subject.empty() || IsExpired(*one.waiver)) continue;
    if (std::find(subjects.begin(), subjects.end(), one.subject) == subjects.end()) continue;
    if (out == nullptr || out->expires < one.waiver->expires) out = one.waiver;
  }
  return out;
}

std::vector<const Waiver*> Waivers::FindExpired(std::string_view requirement, const Subjects& subjects) const {
  std::vector<const Waiver*> out;
  for (const Resolved& one : resolved_) {
    if (one.waiver->rule != requirement || one.subject.empty() || !IsExpired(*one.waiver)) continue;
    if (std::find(subjects.begin(), subjects.end(), one.subject) != subjects.end()) out.push_back(one.waiver);
  }
  return out;
}

std::string_view Waivers::SubjectOf(const Waiver& waiver) const {
  for (const Resolved& one : resolved_) {
    if (one.waiver == &waiver) return one.subject;
  }
  return {};
}

int Waivers::DaysLeft(const Waiver& waiver) const { return DaysBetween(today_, waiver.expires); }

}  // namespace weir::policies
