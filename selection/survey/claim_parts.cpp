#include "selection/survey/claim_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "selection/evidence/bootstrap.h"

namespace ganselect::claim_tests {
namespace {

constexpr std::uint64_t kFlipSeed = 10;

void add_trials(ClaimTest& test, const Candidates& candidates) {
  std::set<std::string> ids(test.trials.begin(), test.trials.end());
  for (const auto* candidate : candidates) {
    for (const auto& trial : candidate->trials) ids.insert(trial.record->trial_id);
  }
  test.trials.assign(ids.begin(), ids.end());
}

}  // namespace

const CandidateEvidence* find_candidate(const Evidence& evidence, const std::string& name) {
  for (const auto& candidate : evidence.candidates) {
    if (candidate.name == name && !candidate.trials.empty()) return &candidate;
  }
  return nullptr;
}

TrialValue measure_value(const std::string& measure) {
  return [measure](const TrialEvidence& trial) { return trial.record->measure(measure); };
}

TrialValue criterion_value(const std::string& name) {
  const auto index = criterion_index(name);
  return [index](const TrialEvidence& trial) { return trial.criteria[index].score; };
}

ClaimTest not_tested(const std::string& reason) {
  ClaimTest test;
  test.reason = reason;
  return test;
}

ClaimTest test_differences(const BySeed& differences, const std::string& unit,
                           const Candidates& candidates) {
  ClaimTest test;
  test.unit = unit;
  add_trials(test, candidates);
  const auto values = plain_values(differences);
  const auto summary = summarize(values);
  test.effect = summary.mean;
  test.interval95 = summary.interval95;
  test.as_claimed = summary.mean && *summary.mean > 0.0;
  if (values.size() < 2) {
    test.reason = values.empty() ? "no seed has both sides" : "one seed: no interval";
    return test;
  }
  test.p_value = sign_flip_p_value(values, kFlipSeed);
  const double least = std::ldexp(2.0, -static_cast<int>(values.size()));
  if (least > 0.05)
    test.reason = fmt::format("{} seeds: p cannot fall below {:g}", values.size(), least);
  return test;
}

ClaimTest all_of(std::vector<ClaimTest> parts) {
  ClaimTest result = parts.front();
  std::set<std::string> ids;
  double worst_p = 0.0;
  const ClaimTest* untested = nullptr;
  for (const auto& part : parts) {
    ids.insert(part.trials.begin(), part.trials.end());
    if (!part.p_value && (untested == nullptr || part.effect < untested->effect)) untested = &part;
    if (part.effect < result.effect) result = part;
    worst_p = std::max(worst_p, part.p_value.value_or(1.0));
  }
  if (untested != nullptr) {
    result = *untested;
    result.trials.assign(ids.begin(), ids.end());
    return result;
  }
  result.p_value = worst_p;
  if (!result.as_claimed) {
    double best = 1.0;
    for (const auto& part : parts) {
      if (!part.as_claimed)
        best = std::min(best, *part.p_value * static_cast<double>(parts.size()));
    }
    result.p_value = best;
  }
  result.trials.assign(ids.begin(), ids.end());
  return result;
}

ClaimTest any_of(const std::vector<ClaimTest>& parts) {
  std::optional<ClaimTest> best;
  double worst_p = 0.0;
  for (const auto& part : parts) {
    if (!part.p_value) continue;
    worst_p = std::max(worst_p, *part.p_value);
    const bool better =
        !best || (part.as_claimed && (!best->as_claimed || *part.p_value < *best->p_value));
    if (better) best = part;
  }
  if (!best) return parts.front();
  best->p_value = best->as_claimed
                      ? std::min(1.0, *best->p_value * static_cast<double>(parts.size()))
                      : worst_p;
  return *best;
}

double one_sided_p(const std::vector<double>& values) {
  return sign_flip_p_value(values, kFlipSeed) / 2.0;
}

std::vector<double> shifted(const BySeed& values, double factor, double shift) {
  std::vector<double> all;
  for (const auto& [seed, value] : values) all.push_back(factor * value + shift);
  return all;
}

ClaimTest test_equivalence(const BySeed& differences, double margin, const std::string& unit,
                           const Candidates& candidates) {
  ClaimTest test = test_differences(differences, unit, candidates);
  if (!test.p_value) return test;
  test.as_claimed = std::abs(*test.effect) < margin;
  if (test.as_claimed) {
    test.p_value = std::max(one_sided_p(shifted(differences, 1.0, margin)),
                            one_sided_p(shifted(differences, -1.0, margin)));
  } else {
    const double sign = *test.effect > 0.0 ? 1.0 : -1.0;
    test.p_value = one_sided_p(shifted(differences, sign, -margin));
  }
  return test;
}

}  // namespace ganselect::claim_tests
