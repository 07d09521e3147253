// Trials of this project as one study among others (literature_network.h).
#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "selection/evidence/effect_scale.h"
#include "selection/evidence/literature_network.h"
#include "selection/evidence/seed_spread.h"

namespace ganselect {
namespace {

struct OwnArm {
  NetworkArm arm;
  SeedVariance spread;  // over its seeds
};

// What a record says of regularization holds batch norm too, which studies keep apart.
ArmParts parts_of(const RecordCandidate& candidate) {
  ArmParts parts{candidate.architecture, candidate.loss, {}, "none"};
  parts.labels = needs_labels(candidate);
  for (const auto& name : candidate.regularization) {
    if (name == "batch-norm-d") parts.critic_norm = "batch-norm";
    if (name.rfind("batch-norm", 0) != 0) parts.regularization.push_back(name);
  }
  const auto batch_norm = candidate.json.find("batch_norm_d");
  if (batch_norm != candidate.json.end() && batch_norm->is_boolean() && batch_norm->get<bool>())
    parts.critic_norm = "batch-norm";
  return parts;
}

std::optional<double> whole_of(const LiteratureMeasure& measure, const Record& record) {
  if (measure.scale != MeasureScale::kShare) return std::nullopt;
  // Records give shares from 0 to 1 where a study may print percentages.
  if (measure.whole > 0.0) return 1.0;
  if (!record.dataset.modes) return std::nullopt;
  return static_cast<double>(*record.dataset.modes);
}

std::optional<OwnArm> own_arm(const CandidateEvidence& candidate, const LiteratureMeasure& measure,
                              std::size_t& without) {
  std::vector<double> ys;
  for (const auto& trial : candidate.trials) {
    const auto value = trial.record->measure(measure.ours);
    const auto effect =
        value ? effect_of(measure, *value, whole_of(measure, *trial.record)) : std::nullopt;
    if (effect) {
      ys.push_back(effect->y);
    } else {
      ++without;
    }
  }
  if (ys.empty()) return std::nullopt;
  OwnArm out;
  const auto n = static_cast<double>(ys.size());
  for (const double y : ys) out.arm.y += y / n;
  double squares = 0.0;
  for (const double y : ys) squares += std::pow(y - out.arm.y, 2);
  if (ys.size() > 1) out.spread = {squares / (n - 1.0), n - 1.0};
  out.arm.treatment = candidate.name;
  out.arm.trainings = n;
  out.arm.parts = parts_of(candidate.candidate());
  return out;
}

}  // namespace

std::optional<NetworkStudy> study_from_group(const Evidence& evidence, const std::string& measure,
                                             std::vector<std::string>& notes) {
  const auto& row = poolable_measure(measure);
  if (row.ours.empty()) {
    notes.push_back("own trials have no measure like " + measure);
    return std::nullopt;
  }
  std::vector<OwnArm> arms;
  std::vector<SeedVariance> spreads;
  std::vector<std::string> none;
  std::size_t without = 0;
  for (const auto& candidate : evidence.candidates) {
    auto arm = own_arm(candidate, row, without);
    if (!arm) {
      none.push_back(candidate.name);
      continue;
    }
    if (arm->spread.degrees > 0.0) spreads.push_back(arm->spread);
    arms.push_back(std::move(*arm));
  }
  if (without > 0)
    notes.push_back(fmt::format("{} own trials have no {} and are left out", without, row.ours));
  if (!none.empty()) notes.push_back("without own trials that count: " + join(none));
  if (arms.size() < 2) return std::nullopt;
  const SeedVariance common = common_variance(spreads);
  NetworkStudy study{"own: " + evidence.description, "own", true, {}};
  for (auto& one : arms) {
    const SeedVariance spread = moderated(one.spread, common);
    if (spread.degrees > 0.0) one.arm.variance = spread.variance / one.arm.trainings;
    study.arms.push_back(std::move(one.arm));
  }
  return study;
}

std::optional<double> training_variance_of(const NetworkStudy& own) {
  double sum = 0.0, degrees = 0.0;
  for (const auto& arm : own.arms) {
    if (!arm.variance || arm.trainings < 2.0) continue;
    sum += (arm.trainings - 1.0) * *arm.variance * arm.trainings;
    degrees += arm.trainings - 1.0;
  }
  if (degrees <= 0.0) return std::nullopt;
  return sum / degrees;
}

}  // namespace ganselect
