#include "selection/constraints.h"

#include <fmt/format.h>

#include <algorithm>

namespace ganselect {
namespace {

using Reason = std::optional<std::string>;

std::vector<double> measured_values(const CandidateEvidence& candidate,
                                    const std::string& measure) {
  std::vector<double> values;
  for (const auto& trial : candidate.trials) {
    if (const auto value = trial.record->measure(measure)) values.push_back(*value);
  }
  return values;
}

Reason check_labels(const CandidateEvidence& candidate, const Constraint& constraint) {
  const bool wanted = constraint.value.get<bool>();
  if (candidate.uses_labels() == wanted) return std::nullopt;
  return wanted ? "does not use labels" : "needs labels";
}

Reason check_seconds(const CandidateEvidence& candidate, const Constraint& constraint) {
  const auto values = measured_values(candidate, "train_seconds");
  if (values.empty()) return "train_seconds was not measured";
  double sum = 0.0;
  for (const double value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  if (mean <= constraint.value.get<double>()) return std::nullopt;
  return fmt::format("{:.3g} s on average", mean);
}

Reason check_memory(const CandidateEvidence& candidate, const Constraint& constraint) {
  const auto values = measured_values(candidate, "peak_memory_bytes");
  if (values.empty()) return "peak_memory_bytes was not measured";
  const double most = *std::max_element(values.begin(), values.end());
  if (most <= constraint.value.get<double>()) return std::nullopt;
  return human_bytes(most) + " at its peak";
}

Reason check_modes(const CandidateEvidence& candidate, const Constraint& constraint) {
  const double wanted = constraint.value.get<double>();
  for (const auto& trial : candidate.trials) {
    if (trial.record->status == TrialStatus::kDiverged)
      return fmt::format("seed {} diverged", trial.record->seed);
    const auto modes = trial.record->measure("modes");
    if (!modes) return fmt::format("modes were not measured for seed {}", trial.record->seed);
    if (*modes < wanted) return fmt::format("seed {} covers {:g}", trial.record->seed, *modes);
  }
  return std::nullopt;
}

Reason check_diverged(const CandidateEvidence& candidate, const Constraint& constraint) {
  const auto share = candidate.diverged_share();
  if (!share) return "no trial to judge by";
  if (*share <= constraint.value.get<double>()) return std::nullopt;
  return fmt::format("{:.0f}% of {} trials diverged or collapsed", 100.0 * *share,
                     candidate.trials.size());
}

Reason check_image_size(const CandidateEvidence& candidate, const Constraint& constraint) {
  const auto size = image_size_of_data(candidate.trials.empty() ? *candidate.failed.front()
                                                                : *candidate.trials.front().record);
  if (!size) return "the size of its images is not known";
  if (*size == constraint.value.get<double>()) return std::nullopt;
  return fmt::format("measured at {0:g}x{0:g}", *size);
}

Reason check_extensions(const CandidateEvidence& candidate, const Constraint& constraint) {
  if (constraint.value.get<bool>() || !candidate.candidate().extension) return std::nullopt;
  return "an extension";
}

Reason check_names(const CandidateEvidence& candidate, const Constraint& constraint) {
  const auto names = constraint.value.get<std::vector<std::string>>();
  const bool named = std::find(names.begin(), names.end(), candidate.name) != names.end();
  if (named == (constraint.op == "in")) return std::nullopt;
  return named ? "named out" : "not named";
}

struct ConstraintCheck {
  std::string name;
  Reason (*check)(const CandidateEvidence&, const Constraint&);
};

const NamedTable<ConstraintCheck>& constraint_checks() {
  static const NamedTable<ConstraintCheck> table("constraint", {{"labels", check_labels},
                                                                {"train_seconds", check_seconds},
                                                                {"memory_bytes", check_memory},
                                                                {"modes", check_modes},
                                                                {"diverged_share", check_diverged},
                                                                {"image_size", check_image_size},
                                                                {"extensions", check_extensions},
                                                                {"candidate", check_names}});
  return table;
}

}  // namespace

std::optional<std::string> unmet_constraint(const CandidateEvidence& candidate,
                                            const std::vector<Constraint>& constraints) {
  for (const auto& constraint : constraints) {
    if (auto reason = constraint_checks().at(constraint.key).check(candidate, constraint)) {
      const bool list = constraint.key == "candidate";
      return fmt::format("constraint {} {}{}: {}", constraint.key, constraint.op,
                         list ? "" : " " + constraint.value.dump(), *reason);
    }
  }
  return std::nullopt;
}

}  // namespace ganselect
