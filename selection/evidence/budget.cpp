#include "selection/evidence/budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/statistics.h"
#include "base/text.h"
#include "results/records/at_checkpoint.h"
#include "selection/evidence/evidence.h"

namespace ganselect {
namespace {

// The update from which on a trial is lost, whatever is trained further.
std::optional<std::int64_t> lost_at(const Record& record) {
  const bool lost =
      record.status == TrialStatus::kDiverged || record.status == TrialStatus::kCollapsed;
  return lost ? record.status_detail.step : std::nullopt;
}

bool is_known_at(const Record& record, std::int64_t step) {
  const auto lost = lost_at(record);
  if (lost && step >= *lost) return true;
  const auto steps = measured_steps(record);
  return std::find(steps.begin(), steps.end(), step) != steps.end();
}

// Updates at which every trial of the candidate was measured, or was lost already.
std::vector<std::int64_t> common_steps(const CandidateEvidence& candidate) {
  std::set<std::int64_t> all;
  for (const auto& trial : candidate.trials) {
    const auto steps = measured_steps(*trial.record);
    all.insert(steps.begin(), steps.end());
  }
  std::vector<std::int64_t> common;
  for (const auto step : all) {
    if (std::all_of(candidate.trials.begin(), candidate.trials.end(),
                    [&](const auto& trial) { return is_known_at(*trial.record, step); }))
      common.push_back(step);
  }
  return common;
}

std::optional<double> mean_seconds_at(const CandidateEvidence& candidate, std::int64_t step) {
  if (candidate.counts_alone)
    return static_cast<double>(step) / candidate.alone->updates_per_second;
  std::vector<double> seconds;
  for (const auto& trial : candidate.trials) {
    if (const auto known = seconds_at(*trial.record, step)) seconds.push_back(*known);
  }
  return seconds.empty() ? std::nullopt : std::optional(statistics::mean(seconds));
}

void take_checkpoint(std::int64_t step, CandidateEvidence& candidate, Evidence& evidence) {
  for (auto& trial : candidate.trials) {
    const auto steps = measured_steps(*trial.record);
    if (std::find(steps.begin(), steps.end(), step) == steps.end()) continue;
    if (step == trial.record->budget.steps) continue;
    evidence.made.push_back(std::make_shared<const Record>(record_at(*trial.record, step)));
    trial.record = evidence.made.back().get();
  }
}

void describe_budget(Evidence& evidence, std::int64_t end) {
  std::set<std::int64_t> steps;
  for (const auto& [name, step] : evidence.budget->steps) steps.insert(step);
  if (steps.empty() || *steps.begin() >= end) return;
  if (steps.size() == 1) {
    evidence.protocol["steps"] = *steps.begin();
    evidence.description += fmt::format(", at its checkpoint of {} updates", *steps.begin());
    return;
  }
  evidence.description +=
      fmt::format(", each at its last checkpoint within {} ({} to {} updates)",
                  evidence.budget->asked.seconds ? human_seconds(*evidence.budget->asked.seconds)
                                                 : "the updates asked for",
                  *steps.begin(), *steps.rbegin());
}

}  // namespace

std::optional<double> mean_train_seconds(const CandidateEvidence& candidate) {
  if (candidate.counts_alone && !candidate.trials.empty()) {
    std::vector<double> updates;
    for (const auto& trial : candidate.trials)
      updates.push_back(static_cast<double>(trial.record->budget.steps));
    return statistics::mean(updates) / candidate.alone->updates_per_second;
  }
  const auto values = candidate.values("train_seconds");
  return values.empty() ? std::nullopt : std::optional(statistics::mean(values));
}

void cut_to_budget(const AskedBudget& asked, Evidence& evidence) {
  if (asked.empty()) return;
  evidence.budget = BudgetUse{asked, {}};
  std::int64_t end = 0;
  for (auto& candidate : evidence.candidates) {
    const auto steps = common_steps(candidate);
    if (steps.empty()) continue;
    end = std::max(end, steps.back());
    std::optional<std::int64_t> within;
    for (const auto step : steps) {
      const auto seconds = mean_seconds_at(candidate, step);
      const bool in_time = !asked.seconds || (seconds && *seconds <= *asked.seconds);
      if (in_time && (!asked.updates || step <= *asked.updates)) within = step;
    }
    if (within) {
      evidence.budget->steps[candidate.name] = *within;
      take_checkpoint(*within, candidate, evidence);
      continue;
    }
    const auto seconds = mean_seconds_at(candidate, steps.front());
    candidate.beyond_budget = fmt::format("first measured after {} updates", steps.front());
    if (asked.seconds)
      candidate.beyond_budget +=
          seconds ? ", which take " + human_seconds(*seconds) : ", whose time was not measured";
  }
  describe_budget(evidence, end);
}

}  // namespace ganselect
