#include "selection/evidence/constraints.h"

#include <fmt/format.h>

#include <algorithm>

namespace ganselect {
namespace {

using Reason = std::optional<std::string>;

Reason bar_by_labels(const RecordCandidate& candidate, const Constraint& constraint) {
  const bool wanted = constraint.value.get<bool>();
  if (needs_labels(candidate) == wanted) return std::nullopt;
  return wanted ? "does not use labels" : "needs labels";
}

// Whether it fills in parts of given images, and so makes no whole ones.
bool fills_in(const RecordCandidate& candidate) {
  const auto told = candidate.json.find("conditioning");
  return told != candidate.json.end() && *told == "visible";
}

Reason bar_by_filling(const RecordCandidate& candidate, const Constraint& constraint) {
  if (fills_in(candidate) == constraint.value.get<bool>()) return std::nullopt;
  return fills_in(candidate) ? "fills in parts of given images"
                             : "does not fill in parts of images";
}

Reason bar_by_extension(const RecordCandidate& candidate, const Constraint& constraint) {
  if (constraint.value.get<bool>() || !candidate.extension) return std::nullopt;
  return "an extension";
}

Reason bar_by_name(const RecordCandidate& candidate, const Constraint& constraint) {
  const auto names = constraint.value.get<std::vector<std::string>>();
  const bool named = std::find(names.begin(), names.end(), candidate.name) != names.end();
  if (named == (constraint.op == "in")) return std::nullopt;
  return named ? "named out" : kNotNamed;
}

Reason check_seconds(const CandidateEvidence& candidate, const Constraint& constraint) {
  const auto mean = mean_train_seconds(candidate);
  if (!mean) return "train_seconds was not measured";
  if (*mean <= constraint.value.get<double>()) return std::nullopt;
  return fmt::format("{:.3g} s on average", *mean);
}

Reason check_memory(const CandidateEvidence& candidate, const Constraint& constraint) {
  const auto values = candidate.values("peak_memory_bytes");
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
    const auto modes = counted_modes(*trial.record);
    if (!modes && trial.record->measure("modes"))
      return fmt::format("modes of seed {} were counted by any near point, as chance reaches them",
                         trial.record->seed);
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

// A measure by its own name, in every trial.
Reason check_measure(const CandidateEvidence& candidate, const Constraint& constraint) {
  const double bound = constraint.value.get<double>();
  if (candidate.trials.empty()) return "no trial to judge by";
  for (const auto& trial : candidate.trials) {
    const Record& record = *trial.record;
    if (record.status == TrialStatus::kDiverged)
      return fmt::format("seed {} diverged", record.seed);
    const auto value = record.measure(constraint.key);
    if (!value)
      return fmt::format("{} of seed {} has no value: {}", constraint.key, record.seed,
                         record.missing_reason(constraint.key));
    if (constraint.op == "<=" ? *value > bound : *value < bound)
      return fmt::format("seed {} has {:.3g}", record.seed, *value);
  }
  return std::nullopt;
}

// One of the two: what a candidate is, or what was measured of it.
struct ConstraintCheck {
  std::string name;
  Reason (*bar)(const RecordCandidate&, const Constraint&) = nullptr;
  Reason (*check)(const CandidateEvidence&, const Constraint&) = nullptr;
};

const NamedTable<ConstraintCheck>& constraint_checks() {
  static const NamedTable<ConstraintCheck> table(
      "constraint", {{"labels", bar_by_labels},
                     {"fills", bar_by_filling},
                     {"train_seconds", nullptr, check_seconds},
                     {"memory_bytes", nullptr, check_memory},
                     {"modes", nullptr, check_modes},
                     {"diverged_share", nullptr, check_diverged},
                     {"image_size", nullptr, check_image_size},
                     {"extensions", bar_by_extension},
                     {"candidate", bar_by_name},
                     {"fid", nullptr, check_measure},
                     {"recall", nullptr, check_measure},
                     {"coverage", nullptr, check_measure},
                     {"precision", nullptr, check_measure},
                     {"kid_mean", nullptr, check_measure},
                     {"inception_score_mean", nullptr, check_measure}});
  return table;
}

// Half of an image given is no image made: such candidates answer where they are asked for alone.
bool fills_unasked(const RecordCandidate& candidate, const std::vector<Constraint>& constraints) {
  return fills_in(candidate) &&
         std::none_of(constraints.begin(), constraints.end(),
                      [](const Constraint& one) { return one.key == "fills"; });
}

}  // namespace

bool is_barred(const std::vector<const RecordCandidate*>& known_as,
               const std::vector<Constraint>& constraints) {
  if (!known_as.empty() && fills_unasked(*known_as.front(), constraints)) return true;
  return std::any_of(constraints.begin(), constraints.end(), [&](const Constraint& constraint) {
    const auto& row = constraint_checks().at(constraint.key);
    if (row.bar == nullptr) return false;
    const auto bars = [&](const RecordCandidate* one) {
      return row.bar(*one, constraint).has_value();
    };
    // To be named in, one name is enough.
    return constraint.op == "in" ? std::all_of(known_as.begin(), known_as.end(), bars)
                                 : std::any_of(known_as.begin(), known_as.end(), bars);
  });
}

std::optional<std::string> unmet_constraint(const CandidateEvidence& candidate,
                                            const std::vector<Constraint>& constraints) {
  if (fills_unasked(candidate.candidate(), constraints))
    return "fills in parts of given images, which was not asked for";
  for (const auto& constraint : constraints) {
    const auto& row = constraint_checks().at(constraint.key);
    if (auto reason = row.bar != nullptr ? row.bar(candidate.candidate(), constraint)
                                         : row.check(candidate, constraint)) {
      const bool list = constraint.key == "candidate";
      return fmt::format("constraint {} {}{}: {}", constraint.key, constraint.op,
                         list ? "" : " " + constraint.value.dump(), *reason);
    }
  }
  return std::nullopt;
}

}  // namespace ganselect
