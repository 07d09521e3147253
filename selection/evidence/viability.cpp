#include "selection/evidence/viability.h"

#include <fmt/format.h>

#include <vector>

#include "base/statistics.h"
#include "selection/criteria/data_facts.h"
#include "selection/evidence/constraints.h"

namespace ganselect {
namespace {

constexpr double kFewestModes = 0.1;  // share of the data's

bool broke_down(const Record& record) {
  const TrialStatus outcome = outcome_of(record);
  return outcome == TrialStatus::kDiverged || outcome == TrialStatus::kCollapsed;
}

std::optional<std::string> breakdowns(const CandidateEvidence& candidate) {
  std::size_t count = 0;
  for (const auto& trial : candidate.trials) count += broke_down(*trial.record) ? 1 : 0;
  if (count == 0 || 2 * count < candidate.trials.size()) return std::nullopt;
  return fmt::format("collapsed or diverged in {} of {} trials", count, candidate.trials.size());
}

std::optional<std::string> no_better_than_noise(const CandidateEvidence& candidate,
                                                std::span<const Baseline> baselines) {
  std::vector<double> fids, noise;
  for (const auto& trial : candidate.trials) {
    const auto fid = trial.record->measure("fid");
    const auto* baseline = find_baseline(baselines, "noise", *trial.record, "fid");
    const auto of_noise = baseline == nullptr ? std::nullopt : baseline->measures.value("fid");
    if (!fid || !of_noise) continue;
    fids.push_back(*fid);
    noise.push_back(*of_noise);
  }
  if (fids.empty() || statistics::mean(fids) < statistics::mean(noise)) return std::nullopt;
  return fmt::format("no better than noise: fid {:.3g}, noise {:.3g}", statistics::mean(fids),
                     statistics::mean(noise));
}

std::optional<std::string> few_modes(const CandidateEvidence& candidate) {
  std::vector<double> shares;
  for (const auto& trial : candidate.trials) {
    const auto modes = counted_modes(*trial.record);
    const auto all = modes_of_data(*trial.record);
    if (modes && all && *all > 0) shares.push_back(*modes / *all);
  }
  // Three times a tenth have a mean above a tenth, but for rounding.
  constexpr double kRounding = 1e-9;
  if (shares.empty() || statistics::mean(shares) > kFewestModes + kRounding) return std::nullopt;
  return fmt::format("shows {:.0f}% of the modes", 100 * statistics::mean(shares));
}

}  // namespace

std::optional<std::string> does_not_work(const CandidateEvidence& candidate,
                                         std::span<const Baseline> baselines) {
  if (candidate.trials.empty()) return std::nullopt;
  if (auto why = breakdowns(candidate)) return why;
  if (auto why = no_better_than_noise(candidate, baselines)) return why;
  return few_modes(candidate);
}

std::optional<std::string> reason_to_exclude(const CandidateEvidence& candidate,
                                             const std::vector<Constraint>& constraints,
                                             std::span<const Baseline> baselines) {
  if (!candidate.beyond_budget.empty()) return candidate.beyond_budget;
  if (auto unmet = unmet_constraint(candidate, constraints)) return unmet;
  const auto why = does_not_work(candidate, baselines);
  return why ? std::optional(std::string(kDoesNotWork) + ": " + *why) : std::nullopt;
}

}  // namespace ganselect
